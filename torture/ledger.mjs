// What was acknowledged, and whether a log has all of it and nothing that cannot be.

import { EventLog } from '../index.mjs';
import { instance, isWhole, streamCount } from './processes/payload.mjs';

/** What writers of one log have acknowledged. */
export class Ledger {
  /** The stream and the number of each event, by its id. */
  #stored = new Map();
  /** What has become of each instance of a writer's own, and whether its writer was to keep it. */
  #instances = new Map();
  #acknowledged = 0;
  #refused = 0;
  /** The calls that were refused: their writers and numbers. */
  #refusals = new Set();

  /** How many events were acknowledged. */
  get acknowledged() {
    return this.#acknowledged;
  }

  /** How many calls were refused. */
  get refused() {
    return this.#refused;
  }

  /** Takes in a line of a writer. */
  take(message) {
    for (const [id, stream, sequence] of message.stored ?? []) {
      this.#stored.set(id, { stream, sequence });
      this.#acknowledged += 1;
    }
    if ('refused' in message) {
      this.#refused += 1;
      if (message.refused !== null) this.#refusals.add(nameOf(message.refused));
    }
    for (const state of ['made', 'filled', 'deleted']) {
      if (state in message) this.#instances.set(message[state], { state, isKept: message.isKept });
    }
  }

  /**
   * Opens the log and compares it with what was acknowledged.
   *
   * @param {string} path - The log's file.
   * @param {object} [options] - How to open it.
   * @returns {Promise<{ openMilliseconds: number, events: number }>} How long opening took, and how
   *   many events there are.
   * @throws {Error} That names the first thing that is not as it must be.
   */
  async check(path, options) {
    const began = performance.now();
    const log = await EventLog.open(path, options);
    const openMilliseconds = performance.now() - began;
    try {
      const events = await this.#checkShared(log);
      await this.#checkInstances(log);
      await this.#appendOne(log);
      return { openMilliseconds, events };
    } finally {
      await log.close();
    }
  }

  async #checkShared(log) {
    const events = await allEvents(log);
    if (events === undefined) {
      expect(this.#stored.size === 0, `${this.#stored.size} events are lost with their instance`);
      return 0;
    }
    this.#checkStored(events);
    checkStreams(events);
    checkCalls(events);
    await checkQueries(log, events);
    return events.length;
  }

  #checkStored(events) {
    const byId = new Map(events.map((event) => [event.id, event]));
    expect(byId.size === events.length, 'an id is there twice');
    for (const [id, { stream, sequence }] of this.#stored) {
      const event = byId.get(id);
      expect(event !== undefined, `event ${id}, number ${sequence} of ${stream}, is lost`);
      const isSame = event.stream_id === stream && event.sequence_number === sequence;
      expect(isSame, `event ${id} is not where it was acknowledged to be`);
    }
    for (const { id, payload } of events) {
      expect(isWhole(payload), `event ${id} has a payload that nobody has given it`);
      const isRefused = this.#refusals.has(nameOf(payload));
      expect(!isRefused, `event ${id} is of a call that was refused`);
    }
  }

  async #checkInstances(log) {
    const { instances } = succeeded(await log.listInstances());
    const names = new Set(instances.map(({ name }) => name));
    for (const [name, { state, isKept }] of this.#instances) {
      const isThere = names.has(name);
      if (state === 'deleted') expect(!isThere, `the instance ${name} was deleted and is there`);
      else if (isKept) expect(isThere, `the instance ${name} is lost`);
      if (!isThere) continue;
      const { eventCount } = succeeded(await log.getInstanceStats(name));
      const isPossible = eventCount === 2 || (state === 'made' && eventCount === 0);
      expect(isPossible, `the instance ${name} was ${state} and has ${eventCount} events`);
    }
  }

  /** The log takes another event, with the next number. */
  async #appendOne(log) {
    const before = await log.getInstanceStats(instance);
    const streamId = 'checks';
    const payload = { writer: 'check', call: this.#acknowledged, of: 1, at: 0, size: 0, text: '' };
    const event = { instanceId: instance, streamId, eventType: 'check', payload };
    const stored = succeeded(await log.appendEvent({ ...event, autoCreateInstance: true })).event;
    this.take({ stored: [[stored.id, streamId, stored.sequence_number]] });
    const after = succeeded(await log.getInstanceStats(instance)).eventCount;
    const expected = (before.success ? before.data.eventCount : 0) + 1;
    expect(after === expected, `there are ${after} events where ${expected} were expected`);
  }
}

/**
 * All events of the instance, in order; `undefined` if there is no instance. They are read page by page: a load without
 * pauses on a fast machine stores more than one result may hold.
 */
async function allEvents(log) {
  const events = [];
  try {
    for await (const event of log.readAll({ instance })) events.push(event);
  } catch (error) {
    if (error.code === 'INSTANCE_NOT_FOUND') return undefined;
    throw error;
  }
  return events;
}

function nameOf({ writer, call }) {
  return `${call} of ${writer}`;
}

/** Numbers of a stream are 1, 2, 3 … in the order of the log. */
function checkStreams(events) {
  const last = new Map();
  for (const { stream_id: stream, sequence_number: sequence } of events) {
    const expected = (last.get(stream) ?? 0) + 1;
    expect(sequence === expected, `${stream}: number ${sequence} follows ${expected - 1}`);
    last.set(stream, sequence);
  }
}

/** Calls are stored whole or not at all, in one piece. */
function checkCalls(events) {
  for (let at = 0; at < events.length;) {
    const { writer, call, of } = events[at].payload;
    const stored = events.slice(at, at + of).map(({ payload }) => payload);
    const isWholeCall =
      stored.length === of &&
      stored.every(
        (payload, i) => payload.writer === writer && payload.call === call && payload.at === i,
      );
    expect(isWholeCall, `call ${call} of ${writer} is there in part`);
    at += of;
  }
}

/** Counts and answers by every way say what the events say. */
async function checkQueries(log, events) {
  const ask = async (query) =>
    succeeded(await log.queryEvents({ ...query, from: { instance, ...query.from } })).result;
  const { eventCount, streamCount: streams } = succeeded(await log.getInstanceStats(instance));
  expect(
    eventCount === events.length,
    `${eventCount} events are counted, ${events.length} are there`,
  );
  const names = new Set(events.map((event) => event.stream_id));
  expect(streams === names.size, `${streams} streams are counted, ${names.size} are there`);

  const counted = await ask({ reduce: { type: 'count', groupBy: 'event_type' } });
  for (const { event_type: type, count } of counted.aggregation) {
    const there = events.filter((event) => event.event_type === type).length;
    expect(count === there, `${count} events of the type ${type} are counted, ${there} are there`);
  }
  const where = [{ field: 'payload.size', operator: 'gte', value: 150 }];
  const { total } = await ask({ where, limit: 0 });
  const there = events.filter(({ payload }) => payload.size >= 150).length;
  expect(total === there, `${total} large events are found, ${there} are there`);

  const orderBy = { field: 'sequence_number', direction: 'desc' };
  for (let number = 0; number < streamCount; number += 1) {
    const stream = `stream ${number}`;
    const newest = await ask({ from: { stream }, orderBy, limit: 5 });
    const expected = events
      .filter((event) => event.stream_id === stream)
      .slice(-5)
      .toReversed();
    const isSame = expected.every(({ id }, at) => newest.events[at]?.id === id);
    expect(isSame && newest.events.length === expected.length, `${stream}: the newest are others`);
  }
}

function succeeded({ success, code, error, data }) {
  expect(success, `${code}: ${error}`);
  return data;
}

function expect(holds, text) {
  if (!holds) throw new Error(text);
}
