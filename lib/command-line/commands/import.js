'use strict';

// Lines of the export format, into a log.

const { createReadStream } = require('node:fs');
const { once } = require('node:events');

const { dataOf, invalid } = require('../failure.js');
const { isTyped } = require('../input.js');
const { withProgress } = require('../progress.js');

const COUNTS = [
  { key: 'instances', title: 'instances', kind: 'count' },
  { key: 'events', title: 'events', kind: 'count' },
  { key: 'skippedInstances', title: 'instances that were there', kind: 'count' },
  { key: 'skippedEvents', title: 'events that were there', kind: 'count' },
];

async function sourceOf(path, output) {
  if (path === undefined || path === '-') {
    if (isTyped(process.stdin)) output.note('reading from the terminal, until Ctrl-D');
    return process.stdin;
  }
  const source = createReadStream(path);
  try {
    await once(source, 'ready');
  } catch (error) {
    throw invalid(`cannot read ${path}: ${error.code}`);
  }
  return source;
}

module.exports = {
  summary: 'stores what export has written, with its ids, numbers and times',
  details: [
    'What is there already is skipped, so an import that was cut off can be run again. It creates the log if that',
    'is not there. Without FILE, or with -, it reads standard input.',
  ],
  words: ['[FILE]'],
  options: {},
  examples: [
    ['import all.jsonl', 'into the default log'],
    ['import copy.redb all.jsonl', 'into the log in a file'],
    ['export orders | codebolt-eventlog import --log copy.redb', 'from one log into another'],
  ],

  async run({ open, output, words: [path], settings, signal }) {
    const source = await sourceOf(path, output);
    const log = await open({ changes: true, creates: true });
    // What somebody types is not overwritten.
    const quiet = settings.quiet || isTyped(source);
    const response = await withProgress('import', { quiet }, (onProgress) =>
      log.importEvents(source, { signal, onProgress }),
    );
    await output.one(dataOf(response), COUNTS);
  },
};
