'use strict';

// A log, or an instance of it, as JSON Lines that can be imported.

const { existsSync } = require('node:fs');
const { rename, rm, open: openFile } = require('node:fs/promises');

const { CommandFailure, invalid } = require('../failure.js');
const { withProgress } = require('../progress.js');
const { shownJson } = require('../text.js');

/** Writes the lines to a file, which is there as a whole or not at all. */
async function toFile(lines, path) {
  const partial = `${path}.partial`;
  let file;
  try {
    file = await openFile(partial, 'wx', 0o600);
    for await (const chunk of lines) await file.appendFile(chunk);
    await file.sync();
    await file.close();
    if (existsSync(path)) throw invalid(`--to: ${path} exists`);
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
  const advice = code === 'EEXIST' ? ', which another export may be writing' : '';
  return new CommandFailure(
    'OUTPUT_FAILED',
    `--to: cannot write ${found ?? path}: ${code}${advice}`,
  );
}

/** Writes the lines to standard output. On a terminal, nothing in them has an effect. */
async function toOutput(lines, output) {
  const { terminal } = output.settings;
  const decoder = new TextDecoder();
  for await (const chunk of lines) {
    if (terminal.isTTY) {
      await output.text(shownJson(decoder.decode(chunk, { stream: true }), terminal));
    } else {
      await output.bytes(chunk);
    }
  }
}

module.exports = {
  summary: 'writes a log, or one instance, as JSON Lines in the export format',
  details: ['It writes one state of the log: the one of its start.'],
  words: ['[INSTANCE]'],
  options: { to: { value: 'FILE', about: 'write a new file, and not standard output' } },
  examples: [
    ['export > all.jsonl', 'the default log'],
    ['export orders --to orders.jsonl', 'one instance, into a file that is whole or not there'],
    ['export --log data/orders.redb | gzip > orders.jsonl.gz', 'the log in a file, compressed'],
  ],

  async run({ open, output, values, words: [instance], settings, signal }) {
    const { to } = values;
    if (to !== undefined && existsSync(to)) throw invalid(`--to: ${to} exists`);
    const log = await open();
    // The lines themselves show how far it is where they go to a terminal.
    const quiet = settings.quiet || (to === undefined && output.isTTY);
    await withProgress('export', { quiet }, (onProgress) => {
      const lines = log.exportEvents({ instance, signal, onProgress });
      return to === undefined ? toOutput(lines, output) : toFile(lines, to);
    });
  },
};
