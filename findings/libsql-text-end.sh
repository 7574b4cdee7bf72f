#!/usr/bin/env bash
# libsql 0.5.29, SQLite for Node.js with the API of better-sqlite3
#
# Expected: a text that is given as a parameter comes back as it was; U+0000 is a character as others are, and better-sqlite3 12.11.1 keeps it.
# Instead: the text ends before its first U+0000, without an error.
# Seen: 'id\0name' is read as 'id'. The database has the bytes of the whole text: it is cut when it is read.
# Here: a program that keeps JSON as text is safe, since JSON.stringify escapes the character; one that keeps names of streams or keys in
# columns of their own is not.
. "$(dirname "$0")/seen.sh"

install libsql@0.5.29
cat > text.cjs << 'END_OF_PROGRAM'
const Database = require('libsql');

const database = new Database(':memory:');
const row = database.prepare('SELECT ? AS text, hex(?) AS bytes').get('id\0name', 'id\0name');
console.log(JSON.stringify(row.text), row.bytes);
END_OF_PROGRAM
compare '"id" 6964006E616D65' "$(node text.cjs)"
