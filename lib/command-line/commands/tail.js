'use strict';

// The last events of an instance, and those that follow.

const { eventColumns } = require('../columns.js');
const { dataOf } = require('../failure.js');
const { conditionsOf, streamCondition } = require('../filters.js');
const { FILTERS, RELATIONS, wholeNumberAt } = require('../options.js');

const LIMIT = 10;

/** So many events are held in memory; of more, only where they begin: events can be large. */
const HELD = LIMIT;

/** What `-n` was given. */
function limitOf(text) {
  if (text === undefined) return LIMIT;
  return text === 'all' ? Infinity : wholeNumberAt('--limit', text);
}

/**
 * A reader of what is asked for. Of a stream without conditions it goes along that stream.
 *
 * @param {import('../../../index.js').EventLog} log - An open log.
 * @param {{ instance: string, stream?: string, where: import('../../../index.js').EventLogCondition[] }} asked - Which events.
 * @param {{ direction?: 'forward' | 'backward', afterPosition?: number, limit?: number, signal: AbortSignal }} how - From where, and
 *   how many.
 */
function reader(log, { instance, stream, where }, { direction, afterPosition, limit, signal }) {
  if (stream !== undefined && where.length === 0 && afterPosition === undefined) {
    return log.readStream({ instance, stream, direction, limit, signal });
  }
  const conditions = [...streamCondition(stream), ...where];
  return log.readAll({ instance, where: conditions, direction, afterPosition, limit, signal });
}

/**
 * The last events, oldest first: themselves, or where they begin if they are too many to hold. `last` is the position of
 * the last one, 0 without any.
 */
async function lastEvents(log, asked, limit, signal) {
  if (limit === Infinity) return { held: [], begin: 0, count: Infinity };
  const held = [];
  let count = 0;
  let begin;
  let last;
  const backward = { direction: /** @type {const} */ ('backward'), limit, signal };
  for await (const event of reader(log, asked, backward)) {
    last ??= event.position;
    begin = event.position - 1;
    if (count < HELD) held.push(event);
    count += 1;
  }
  return count > HELD ? { held: [], begin, count, last } : { held: held.reverse(), last };
}

/** The events that are there. Returns the position after which new ones come. */
async function* existing(log, asked, limit, signal) {
  // What is appended from here on is after this, whether it is found below or not.
  const { eventCount } = dataOf(await log.getInstanceStats(asked.instance));
  if (limit === 0) return eventCount;
  const { held, begin, count, last } = await lastEvents(log, asked, limit, signal);
  yield* held;
  if (begin === undefined) return last ?? eventCount;
  let seen = 0;
  let position = last ?? 0;
  const forward = { afterPosition: begin, signal };
  if (count !== Infinity) forward.limit = count;
  for await (const event of reader(log, asked, forward)) {
    seen += 1;
    ({ position } = event);
    yield event;
  }
  return seen === 0 ? eventCount : position;
}

/** Prints events as they come, at once. */
async function follow(log, { instance, stream, where }, afterPosition, { printed, signal }) {
  const subscription = log.subscribe({ instance, stream, where, afterPosition, signal });
  for await (const event of subscription) {
    await printed.row(event);
    if (subscription.caughtUp) await printed.pause();
  }
}

module.exports = {
  summary: 'prints the last events of an instance, and with -f those that follow',
  details: [
    'The oldest of them comes first. With -f it goes on with each new event once that is on disk, from any',
    'process, until Ctrl-C.',
  ],
  words: ['INSTANCE'],
  options: {
    follow: { short: 'f', about: 'go on with new events' },
    limit: { short: 'n', value: 'N', about: `so many of the last events, or all (${LIMIT})` },
    ...FILTERS,
    ...RELATIONS,
  },
  examples: [
    ['tail orders', 'the last ten events'],
    ['tail -f orders --type OrderPaid', 'payments as they happen'],
    [
      "tail -n all orders --where 'payload.total >= 100' -o jsonl",
      'every large order, as JSON Lines',
    ],
    ['tail -f -n 0 data/orders.redb orders', 'only what happens from now on, in a file'],
  ],

  async run({ open, output, values, words: [instance], interrupt, signal }) {
    const limit = limitOf(values.limit);
    const asked = { instance, stream: values.stream, where: conditionsOf(values) };
    if (values.follow) interrupt.isEnd();
    const log = await open();
    const printed = output.rows(eventColumns(output.format));
    await printed.start();
    const events = existing(log, asked, limit, signal);
    for (;;) {
      const { done, value } = await events.next();
      if (!done) {
        const waiting = printed.row(value);
        if (waiting !== undefined) await waiting;
        continue;
      }
      if (values.follow) await followed(log, asked, value, { printed, signal });
      break;
    }
    await printed.end();
  },
};

/** Follows until it is called off, which is how it ends. */
async function followed(log, asked, position, { printed, signal }) {
  await printed.pause();
  try {
    await follow(log, asked, position, { printed, signal });
  } catch (error) {
    if (error.code !== 'ABORTED') throw error;
  }
}
