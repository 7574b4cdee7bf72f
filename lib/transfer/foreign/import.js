'use strict';

// Imports of what another program has written: its records become lines of the log's own format, which are imported as
// those of an export are. So they can be imported again, and are stored once.

const { Refusal, describe, invalid } = require('../../failure.js');
const { IMPORTED } = require('../format-names.js');
const { FORMATS } = require('./formats.js');
const { Restoration } = require('./restoration.js');

/** How many events a dry run shows. */
const SHOWN_EVENTS = 3;

/** What is answered where the name cannot be that of an instance. */
const NAME_REFUSED = ['INVALID_ARGUMENT', 'LIMIT_EXCEEDED'];

/** How many types a dry run counts. */
const TYPES_MAX = 1000;

/** The instance that an import goes to: as it is there, or a new one. */
async function instanceFor(getInstance, name) {
  if (typeof name !== 'string') {
    throw invalid(`options.instance: expected the name of an instance, found ${describe(name)}`);
  }
  const { success, data, code, error } = await getInstance(name);
  if (success) return { instance: data.instance, exists: true };
  if (NAME_REFUSED.includes(code)) throw new Refusal(code, `options.instance: ${error}`);
  if (code !== 'INSTANCE_NOT_FOUND') throw new Refusal(code, error);
  const createdAt = new Date().toISOString();
  return { instance: { id: name, name, createdAt }, exists: false };
}

/** What reads a source in a format. */
function readerOf(format) {
  if (typeof format === 'string' && Object.hasOwn(FORMATS, format)) return FORMATS[format];
  const found = typeof format === 'string' ? JSON.stringify(format) : describe(format);
  throw invalid(`options.format: expected one of ${IMPORTED.join(', ')}, found ${found}`);
}

/** A source of lines for an import, made of records. */
class ForeignLines {
  #input;
  #records;
  #restoration;

  constructor(source, { reader, ...options }, instance) {
    this.#input = reader.open(source);
    this.#records = reader.records(this.#input, options);
    this.#restoration = new Restoration(instance);
  }

  async *[Symbol.asyncIterator]() {
    try {
      yield* this.#restoration.lines(this.#records);
    } finally {
      this.#input.release();
    }
  }

  /** Lets the source go. Whoever waits for it does not wait any more. */
  destroy() {
    this.#input.interrupt();
    this.#input.release();
  }

  /** What a person has to know of what was read; `undefined` if there is nothing. */
  get remark() {
    return this.#input.remark;
  }

  /** What the source calls a line. */
  placeOf(line) {
    return this.#restoration.placeOf(line);
  }

  /**
   * What would be stored.
   *
   * @param {AsyncIterable<any>} stored - The events that the instance has: those of the same import, and others after them.
   */
  async report(stored) {
    const types = new Map();
    const first = [];
    const there = stored[Symbol.asyncIterator]();
    let events = 0;
    let skippedEvents = 0;
    for await (const record of this.#records) {
      const { payload, metadata, ...event } = this.#restoration.event(record);
      events += 1;
      const { done, value } = skippedEvents === events - 1 ? await there.next() : { done: true };
      if (!done) {
        checkSame(event, value, record.place);
        skippedEvents += 1;
      }
      const { event_type: type } = event;
      if (types.has(type) || types.size < TYPES_MAX) types.set(type, (types.get(type) ?? 0) + 1);
      if (first.length < SHOWN_EVENTS) {
        first.push({ ...event, payload: JSON.parse(payload), metadata: JSON.parse(metadata) });
      }
    }
    await there.return?.();
    const { streams } = this.#restoration;
    return { events, skippedEvents, streams, types: Object.fromEntries(types), first };
  }
}

/** Refuses an event in whose place the instance has another one. */
function checkSame(event, stored, place) {
  const key = ['id', 'stream_id', 'event_type', 'timestamp'].find(
    (name) => event[name] !== stored[name],
  );
  if (key === undefined) return;
  throw new Refusal(
    'IMPORT_CONFLICT',
    `${place}: expected the event that the log has in this place, found one whose ${key} differs`,
  );
}

module.exports = { ForeignLines, instanceFor, readerOf };
