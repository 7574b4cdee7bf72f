'use strict';

// The oldest events of an instance, or the first ones of a stream, which go.

const { dataOf, invalid } = require('../failure.js');
const { wholeNumberAt } = require('../options.js');

const columns = (first) => [
  { key: first, title: 'first' },
  { key: 'events', title: 'events', kind: 'count' },
  { key: 'bytes', title: 'bytes', kind: 'bytes' },
];

module.exports = {
  summary: 'trims the oldest events of an instance or a stream: they are gone for all readers',
  details: [
    'This cannot be undone. Events that a consumer has not acknowledged stay, and the command fails, unless --force is',
    'given. Ctrl-C ends it as long as nothing is gone.',
  ],
  words: ['INSTANCE'],
  options: {
    before: {
      value: 'POSITION',
      about:
        'the position of the first event that is to be left; with --stream, its sequence number',
    },
    stream: { value: 'STREAM', about: 'trim the events of this stream, and no others' },
    force: { about: 'also trim what a consumer has not acknowledged' },
  },
  examples: [
    ['trim orders --before 100001', 'what is before position 100001'],
    ['trim data/orders.redb orders --before 500 --force', 'also what a consumer needs'],
    ['trim orders --stream order-1 --before 12', 'the first 11 events of a stream'],
  ],

  async run({ open, output, values, words: [instance], signal }) {
    const { before, force, stream } = values;
    if (before === undefined) {
      throw invalid(`expected --before with a ${stream === undefined ? 'position' : 'number'}`);
    }
    const first = wholeNumberAt('--before', before);
    const log = await open({ changes: true });
    if (stream === undefined) {
      const response = await log.trimEvents({ instance, beforePosition: first, force, signal });
      await output.one(dataOf(response), columns('firstPosition'));
      return;
    }
    const asked = { instance, stream, beforeSequence: first, force, signal };
    await output.one(dataOf(await log.trimStream(asked)), columns('firstSequence'));
  },
};
