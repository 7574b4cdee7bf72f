// Keeps a log busy for a while, and checks every answer.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';

import { streamNumber } from '../events.mjs';

/** One of as many answers is compared in full, so that comparing does not become the work. */
const comparedEvery = 256;

/** What was answered: how many events, and the last number of each stream. */
export class Answers {
  count = 0;

  /**
   * @param {number} streams - How many streams there are.
   * @param {import('../events.mjs').EventSource} source - Where the events are from.
   */
  constructor(streams, source) {
    this.heads = new Uint32Array(streams);
    this.source = source;
  }

  /** Checks the answer to one event, and counts it. */
  take(stored, event) {
    const { sequence_number: sequence, metadata, payload } = stored;
    if (
      !(sequence >= 1) ||
      metadata.n !== event.metadata.n ||
      stored.stream_id !== event.streamId
    ) {
      throw new Error(
        `answer: expected event ${event.metadata.n}, found ${JSON.stringify(stored)}`,
      );
    }
    if (payload === event.payload) throw new Error("answer: expected an object of the log's own");
    if (metadata.n % comparedEvery === 0 && !isDeepStrictEqual(payload, event.payload)) {
      throw new Error(`answer: expected the payload of event ${metadata.n}, found another`);
    }
    const stream = streamNumber(event.streamId);
    if (sequence > this.heads[stream]) this.heads[stream] = sequence;
    this.count += 1;
  }
}

/**
 * When to end: after some time, or some events.
 *
 * @typedef {{ milliseconds: number, events?: number }} Limit
 */

/**
 * Keeps a number of appends in flight.
 *
 * @param {object} log - An open log.
 * @param {object} work - What to do.
 * @param {number} work.inFlight - How many appends are waited for at any time.
 * @param {boolean} [work.isBlocking] - Whether an append is a synchronous call.
 * @param {Limit} limit - When to end.
 * @param {Answers} answers - Takes the answers.
 * @param {import('./latency.mjs').Latencies} [latencies] - Takes the time of each append.
 * @returns {Promise<{ events: number, seconds: number }>} What was done.
 */
export async function keepInFlight(log, { inFlight, isBlocking }, limit, answers, latencies) {
  const callers = isBlocking ? callInTurns : callAtOnce;
  return timed(limit, answers, (isOver) => callers(log, inFlight, isOver, answers, latencies));
}

async function callAtOnce(log, inFlight, isOver, answers, latencies) {
  async function caller() {
    let now = performance.now();
    while (!isOver(now)) {
      const event = answers.source.next();
      const called = now;
      const stored = await log.append(event);
      now = performance.now();
      latencies?.take(now - called);
      answers.take(stored, event);
    }
  }
  await Promise.all(Array.from({ length: inFlight }, caller));
}

/**
 * Calls that come at once and block the event loop wait for each other: the last of them is as late
 * as all of them together. The event loop turns between one such crowd and the next.
 */
async function callInTurns(log, inFlight, isOver, answers, latencies) {
  for (;;) {
    const called = performance.now();
    for (let i = 0; i < inFlight; i += 1) {
      const event = answers.source.next();
      const stored = log.append(event);
      const now = performance.now();
      latencies?.take(now - called);
      answers.take(stored, event);
      if (isOver(now)) return;
    }
    await nextTurn();
  }
}

/**
 * Appends batches, one after the other.
 *
 * @param {object} log - An open log.
 * @param {number} size - How many events a batch has.
 * @param {Limit} limit - When to end.
 * @param {Answers} answers - Takes the answers.
 * @returns {Promise<{ events: number, seconds: number }>} What was done.
 */
export async function appendBatches(log, size, limit, answers) {
  return timed(limit, answers, async (isOver) => {
    do {
      const events = Array.from({ length: size }, () => answers.source.next());
      await appendBatch(log, events, answers);
      await nextTurn();
    } while (!isOver(performance.now()));
  });
}

/** Writes batches to a floor, which answers nothing. */
export async function writeBatches(log, size, limit, answers) {
  return timed(limit, answers, async (isOver) => {
    do {
      const events = Array.from({ length: size }, () => answers.source.next());
      log.appendBatch(events);
      answers.count += size;
      await nextTurn();
    } while (!isOver(performance.now()));
  });
}

/** Appends one batch, and checks its answer. */
export async function appendBatch(log, events, answers) {
  const stored = await log.appendBatch(events);
  if (stored.length !== events.length) {
    throw new Error(`answer: expected ${events.length} events, found ${stored.length}`);
  }
  const given = new Map(events.map((event) => [event.metadata.n, event]));
  for (const event of stored) answers.take(event, given.get(event.metadata.n));
}

async function timed(limit, answers, work) {
  const countBefore = answers.count;
  const started = performance.now();
  const end = started + limit.milliseconds;
  const countMax = limit.events === undefined ? Infinity : countBefore + limit.events;
  await work((now) => now >= end || answers.count >= countMax);
  const seconds = (performance.now() - started) / 1000;
  return { events: answers.count - countBefore, seconds };
}
