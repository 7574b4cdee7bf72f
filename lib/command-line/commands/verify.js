'use strict';

// Whether a log is whole.

const { CommandFailure, dataOf } = require('../failure.js');
const { withProgress } = require('../progress.js');

const REPORT = [
  { key: 'intact', title: 'intact' },
  { key: 'instances', title: 'instances', kind: 'count' },
  { key: 'streams', title: 'streams', kind: 'count' },
  { key: 'events', title: 'events', kind: 'count' },
  { key: 'bytes', title: 'bytes', kind: 'bytes' },
  { key: 'problemCount', title: 'problems', kind: 'count' },
];

const PROBLEM = [
  { key: 'instanceId', title: 'INSTANCE' },
  { key: 'position', title: 'POSITION', align: 'right' },
  { key: 'what', title: 'PROBLEM' },
];

module.exports = {
  summary: 'checks a whole log: that all can be read, and that its parts agree',
  details: ['A log with problems is a failure with the exit code of CORRUPTED.'],
  words: [],
  options: {},
  examples: [
    ['verify', 'the default log'],
    ['verify data/orders.redb -o json', 'the log in a file, as JSON'],
  ],

  async run({ open, output, settings, signal }) {
    const log = await open();
    const response = await withProgress('verify', settings, (onProgress) =>
      log.verify({ signal, onProgress }),
    );
    const report = dataOf(response);
    const { problems, problemCount, intact } = report;
    await output.one(report, REPORT);
    if (intact) return;
    if (output.format === 'table') {
      await output.text('\n');
      await output.all(problems, PROBLEM);
    }
    const text = `the log has ${problemCount} problems, of which ${problems.length} are listed`;
    throw new CommandFailure('CORRUPTED', text);
  },
};
