'use strict';

// The oldest events of an instance, which go.

const { dataOf, invalid } = require('../failure.js');
const { wholeNumberAt } = require('../options.js');

const TRIMMED = [
  { key: 'firstPosition', title: 'first' },
  { key: 'events', title: 'events', kind: 'count' },
  { key: 'bytes', title: 'bytes', kind: 'bytes' },
];

module.exports = {
  summary: 'trims the oldest events of an instance: they are gone for all readers',
  details: [
    'This cannot be undone. Events that a consumer has not acknowledged stay, and the command fails, unless --force is',
    'given. Ctrl-C ends it as long as nothing is gone.',
  ],
  words: ['INSTANCE'],
  options: {
    before: { value: 'POSITION', about: 'the position of the first event that is to be left' },
    force: { about: 'also trim what a consumer has not acknowledged' },
  },
  examples: [
    ['trim orders --before 100001', 'what is before position 100001'],
    ['trim data/orders.redb orders --before 500 --force', 'also what a consumer needs'],
  ],

  async run({ open, output, values, words: [instance], signal }) {
    if (values.before === undefined) throw invalid('expected --before with a position');
    const beforePosition = wholeNumberAt('--before', values.before);
    const log = await open({ changes: true });
    const { force } = values;
    const response = await log.trimEvents({ instance, beforePosition, force, signal });
    await output.one(dataOf(response), TRIMMED);
  },
};
