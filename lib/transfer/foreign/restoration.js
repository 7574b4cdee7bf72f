'use strict';

// Records of elsewhere, as lines of the log's own format: an instance of their own, its events, and the end.

const { crypto } = require('../../builtins.js');
const { invalid } = require('../../failure.js');

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** The most bytes of the name of a stream and of a type. */
const NAME_BYTES_MAX = 1024;

/** How many places are remembered: more events than a batch of an import can have. */
const PLACES_MAX = 50_000;

/**
 * The id of an event: its own, if that is a UUID, or one that the same event of the same import has each time. It is a UUID of
 * version 8, which is for such.
 */
function idOf({ id, payloadText, eventType }, instance, number) {
  if (id !== undefined && UUID.test(id)) return id.toLowerCase();
  const hash = crypto
    .createHash('sha256')
    .update(JSON.stringify([instance, number, id ?? null, id === undefined ? eventType : null]))
    .update(id === undefined ? payloadText : '')
    .digest();
  hash[6] = (hash[6] % 16) + 0x80;
  hash[8] = (hash[8] % 64) + 0x80;
  return hash.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Refuses a name that no stream and no type can have. */
function checkName(name, what, place) {
  if (typeof name !== 'string' || name === '' || !name.isWellFormed()) {
    throw invalid(
      `${place}: expected the ${what} to be a text of well-formed Unicode, found another value`,
    );
  }
  const bytes = Buffer.byteLength(name);
  if (bytes > NAME_BYTES_MAX) {
    throw invalid(
      `${place}: expected a ${what} of at most ${NAME_BYTES_MAX} bytes, found ${bytes}`,
    );
  }
}

/** Makes lines of records, and remembers which record each of the last lines is of. */
class Restoration {
  #instance;
  #createdAt;
  #description;
  #sequences = new Map();
  #count = 0;
  /** The places of the last lines, and how many lines there were before them. */
  #places = [];
  #before = 0;

  /** `instance` is its name, or the instance as it is there. */
  constructor({ id, name, description, createdAt }) {
    this.#instance = { id, name };
    this.#description = description;
    this.#createdAt = createdAt;
  }

  /** The event of a record. */
  event(record) {
    const { place, streamId, eventType, timestamp = this.#createdAt } = record;
    checkName(streamId, 'stream', place);
    checkName(eventType, 'type', place);
    this.#count += 1;
    const sequence = (this.#sequences.get(streamId) ?? 0) + 1;
    this.#sequences.set(streamId, sequence);
    return {
      id: idOf(record, this.#instance.id, this.#count),
      instanceId: this.#instance.id,
      stream_id: streamId,
      event_type: eventType,
      payload: record.payloadText,
      metadata: record.metadataText,
      timestamp,
      sequence_number: sequence,
    };
  }

  /** The lines of all records. */
  async *lines(records) {
    yield this.#line('the beginning', { format: 'codebolt-eventlog', version: 1 });
    const { id, name } = this.#instance;
    const description = this.#description;
    const instance = { id, name, ...(description !== undefined && { description }) };
    yield this.#line('the instance', { instance: { ...instance, createdAt: this.#createdAt } });
    for await (const record of records) {
      const { payload, metadata, ...event } = this.event(record);
      const head = JSON.stringify(event).slice(0, -1);
      yield this.#text(record.place, `${head},"payload":${payload},"metadata":${metadata}}`);
    }
    yield this.#line('the end', { end: { instances: 1, events: this.#count } });
  }

  /** How many streams there are. */
  get streams() {
    return this.#sequences.size;
  }

  /** What the source calls the line of that number. */
  placeOf(line) {
    return this.#places[line - 1 - this.#before] ?? `line ${line} of what was made of the source`;
  }

  #line(place, value) {
    return this.#text(place, JSON.stringify(value));
  }

  #text(place, text) {
    if (text.includes('\n')) throw new Error(`${place}: expected one line, found several`);
    this.#places.push(place);
    if (this.#places.length > 2 * PLACES_MAX) {
      this.#before += PLACES_MAX;
      this.#places.splice(0, PLACES_MAX);
    }
    return `${text}\n`;
  }
}

module.exports = { Restoration };
