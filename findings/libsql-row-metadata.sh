#!/usr/bin/env bash
# libsql 0.5.29, SQLite for Node.js with the API of better-sqlite3
#
# Expected: `get` gives a row with the columns that were asked for, and after `pluck` the value alone, as with better-sqlite3.
# Instead: the object that `get` gives has a member `_metadata` more, with the time that it took, and `pluck` does not concern `get`.
# `all` has neither: no member more, and the value alone after `pluck`.
# Seen: `get` has the keys a and _metadata, with and without `pluck`; `all` gives { a: 1 } and 1.
# Here: a program that appends a row of libsql as the payload of an event stores a time that differs each time, so that a call which is
# repeated with the same idempotency key is another call. It should name the columns that it stores.
. "$(dirname "$0")/seen.sh"

install libsql@0.5.29
cat > rows.cjs << 'END_OF_PROGRAM'
const Database = require('libsql');

const prepare = () => new Database(':memory:').prepare('SELECT 1 AS a');
console.log('get:', Object.keys(prepare().get()).join(', '));
console.log('pluck, get:', Object.keys(prepare().pluck().get()).join(', '));
console.log('all:', JSON.stringify(prepare().all()));
console.log('pluck, all:', JSON.stringify(prepare().pluck().all()));
END_OF_PROGRAM
compare 'get: a, _metadata
pluck, get: a, _metadata
all: [{"a":1}]
pluck, all: [1]' "$(node rows.cjs)"
