#!/usr/bin/env bash
# fflate 0.8.3, compression in JavaScript; pako 3.0.3 and Node's zlib for comparison
#
# Expected: a gzip file of several members, which RFC 1952 (section 2.2) allows and which comes about where each part of a log is
# compressed and added to a file, is the text of all of them; or an error.
# Instead: `gunzipSync`, `gunzip` and `decompressSync` give the first member and say nothing of the rest. Only the class `Gunzip` reads on.
# Seen: of two members 'one' and 'two', 'one'. pako and zlib give both.
# Here: archives of this project are compressed as one stream each. A program that puts several together, as `cat` does, should not read
# them with fflate's functions.
. "$(dirname "$0")/seen.sh"

install fflate@0.8.3 pako@3.0.3
cat > members.cjs << 'END_OF_PROGRAM'
const zlib = require('node:zlib');
const fflate = require('fflate');
const pako = require('pako');

const members = Buffer.concat([zlib.gzipSync('one '), zlib.gzipSync('two')]);
const show = (name, bytes) => console.log(`${name}: ${Buffer.from(bytes).toString()}`);
show('zlib', zlib.gunzipSync(members));
show('pako', pako.ungzip(members));
show('fflate.gunzipSync', fflate.gunzipSync(members));
show('fflate.decompressSync', fflate.decompressSync(members));
const parts = [];
new fflate.Gunzip((part) => parts.push(part)).push(members, true);
show('fflate.Gunzip', Buffer.concat(parts));
fflate.gunzip(members, (error, bytes) => show('fflate.gunzip', error ? String(error) : bytes));
END_OF_PROGRAM
compare 'zlib: one two
pako: one two
fflate.gunzipSync: one 
fflate.decompressSync: one 
fflate.Gunzip: one two
fflate.gunzip: one ' "$(node members.cjs)"
