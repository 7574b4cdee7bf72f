#!/usr/bin/env bash
# ava 7.0.0
#
# Expected: `--serial` runs the tests within a file one after the other, since "Run tests serially" is what the help says, and files side by
# side as far as `--concurrency` allows.
# Instead: with `--serial`, one file runs at a time, whatever `--concurrency` says, and nothing tells so.
# Seen: of two files, each of which waits a while for the other to be there, both meet with `--concurrency 2`; with `--serial` beside it, the
# first one waits in vain.
# Here: scripts/test-postgres.mjs starts several processes of ava, each with `--serial` and a part of the files.
. "$(dirname "$0")/seen.sh"

install ava@7.0.0
echo '{ "private": true, "type": "module" }' > package.json
for name in a b; do
  cat > $name.test.js << 'END_OF_PROGRAM'
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import test from 'ava';

const isFirst = import.meta.url.endsWith('/a.test.js');
const [own, other] = isFirst ? ['a', 'b'] : ['b', 'a'];

test('meets the other file', async (t) => {
  writeFileSync(`${own}.there`, '');
  for (let n = 0; n < 150 && !existsSync(`${other}.there`); n += 1) await pause(100);
  appendFileSync('met', existsSync(`${other}.there`) ? 'yes ' : 'no ');
  t.pass();
});
END_OF_PROGRAM
done
met() {
  rm -f met ./*.there
  node_modules/.bin/ava --timeout 2m "$@" > /dev/null
  echo "$*: $(cat met)"
}
compare '--concurrency 2: yes yes 
--concurrency 2 --serial: no yes ' "$(met --concurrency 2; met --concurrency 2 --serial)"
