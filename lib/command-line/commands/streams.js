'use strict';

// The streams of an instance, with where each ends.

const { STREAM } = require('../columns.js');
const { dataOf } = require('../failure.js');
const { wholeNumber } = require('../options.js');

/** As many as one call gives. */
const PAGE = 10_000;

async function* streamsOf(log, { instance, prefix, after, limit = Infinity }, signal) {
  let left = limit;
  let last = after;
  while (left > 0 && !signal.aborted) {
    const options = { instance, prefix, after: last, limit: Math.min(PAGE, left) };
    const { streams, hasMore } = dataOf(await log.listStreams(options));
    yield* streams;
    if (!hasMore || streams.length === 0) return;
    left -= streams.length;
    last = streams.at(-1).stream_id;
  }
}

module.exports = {
  summary: 'lists the streams of an instance, by name, with the last event of each',
  words: ['INSTANCE'],
  options: {
    prefix: { value: 'TEXT', about: 'only streams whose ids begin so' },
    after: { value: 'STREAM', about: 'only streams whose ids come after this one' },
    limit: { short: 'n', value: 'N', about: 'at most so many' },
  },
  examples: [
    ['streams orders', 'all streams of an instance'],
    ['streams orders --prefix order-2026 -n 20', 'some of them'],
    ['streams data/orders.redb orders -o csv', 'those in a file, for a spreadsheet'],
  ],

  async run({ open, output, values, words: [instance], signal }) {
    const { prefix, after } = values;
    const limit = wholeNumber(values, 'limit');
    const log = await open();
    await output.all(streamsOf(log, { instance, prefix, after, limit }, signal), STREAM);
  },
};
