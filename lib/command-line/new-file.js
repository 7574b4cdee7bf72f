'use strict';

// The file of `--to`.

const { existsSync } = require('node:fs');
const { rename, rm, open: openFile } = require('node:fs/promises');

const { CommandFailure, invalid } = require('./failure.js');

/** Refuses a file that is there. */
function checkIsNew(path) {
  if (path !== undefined && existsSync(path)) throw invalid(`--to: ${path} exists`);
}

/** Writes pieces of text or bytes to a new file, which is there as a whole or not at all, for its owner alone. */
async function toNewFile(pieces, path) {
  const partial = `${path}.partial`;
  let file;
  try {
    file = await openFile(partial, 'wx', 0o600);
    for await (const piece of pieces) await file.appendFile(piece);
    await file.sync();
    await file.close();
    checkIsNew(path);
    await rename(partial, path);
  } catch (error) {
    if (file !== undefined) {
      await file.close();
      await rm(partial, { force: true });
    }
    throw error.syscall === undefined ? error : cannotWrite(path, error);
  }
}

function cannotWrite(path, { code, path: found }) {
  const advice = code === 'EEXIST' ? ', which another command may be writing' : '';
  return new CommandFailure(
    'OUTPUT_FAILED',
    `--to: cannot write ${found ?? path}: ${code}${advice}`,
  );
}

module.exports = { checkIsNew, toNewFile };
