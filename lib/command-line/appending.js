'use strict';

// Events from JSON Lines, appended in batches: everything before a line that is wrong is stored, and nothing from it on.

const { parseJson } = require('./exact-json.js');
const { CommandFailure, dataOf, invalid } = require('./failure.js');
const { decoded } = require('./input.js');
const { linesOf } = require('./lines.js');

/** The most events in a batch by default, and the text after which one is full. */
const BATCH_EVENTS = 1000;
const BATCH_BYTES = 8 * 1024 * 1024;

/** The keys of an event that the log makes, so that what was printed can be appended again. */
const MADE_BY_THE_LOG = ['id', 'instanceId', 'instance_id', 'sequence_number', 'position'];

/** The event of a line; `undefined` for an empty one. */
function eventOf({ number, bytes, isWhole }, defaults) {
  const place = `line ${number}`;
  const text = decoded(bytes, place).trim();
  if (text === '') return undefined;
  const event = parsed(text, place, isWhole);
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    throw invalid(`${place}: expected an object`);
  }
  for (const key of MADE_BY_THE_LOG) delete event[key];
  const hasStream = (event.streamId ?? event.stream_id ?? undefined) !== undefined;
  if (!hasStream && defaults.stream !== undefined) event.streamId = defaults.stream;
  if (defaults.encrypt !== undefined) event.encrypt ??= defaults.encrypt;
  return event;
}

function parsed(text, place, isWhole) {
  try {
    return parseJson(text, place);
  } catch (error) {
    if (isWhole) throw error;
    throw invalid(`${error.message}; the input ends in the middle of this line`);
  }
}

function calledOff(signal) {
  return new CommandFailure('ABORTED', `called off: ${signal.reason.message}`);
}

/** Appends events to an instance, and knows what was stored of them. */
class Appending {
  #log;
  #params;
  #key;
  #batchEvents;
  #defaults;
  #note;
  #onProgress;
  /** The events that wait, each with the number of its line. */
  #waiting = [];
  #waitingBytes = 0;
  /** What is stored: up to which line, and how many events. */
  #storedLine = 0;
  #counts = { events: 0, duplicates: 0 };

  /** `params` is what each call has: the instance. `key` begins the idempotency key of each batch. */
  constructor(log, params, { key, batchEvents = BATCH_EVENTS, defaults, note, onProgress }) {
    this.#log = log;
    this.#params = params;
    this.#key = key;
    this.#batchEvents = batchEvents;
    this.#defaults = defaults;
    this.#note = note;
    this.#onProgress = onProgress;
  }

  /** Appends the events of all lines of a source. Returns how many were stored, and how many had been before. */
  async run(source, signal) {
    try {
      for await (const { lines, isLast } of linesOf(source)) {
        for (const line of lines) await this.#take(line, signal);
        // With a key, batches have to be the same ones the next time, however the input comes.
        if (isLast || this.#key === undefined) await this.#store(signal);
      }
    } catch (error) {
      if (error instanceof CommandFailure) throw this.#told(error);
      // The source was taken away because of the signal, or cannot be read.
      if (signal.aborted) throw this.#told(calledOff(signal));
      throw this.#told(invalid(`the input cannot be read: ${error.code ?? error.message}`));
    }
    return this.#counts;
  }

  async #take(line, signal) {
    let event;
    try {
      event = eventOf(line, this.#defaults);
    } catch (error) {
      await this.#fail(error, signal);
    }
    if (event === undefined) return;
    this.#waiting.push({ number: line.number, event });
    this.#waitingBytes += line.bytes.length;
    const isFull = this.#waiting.length >= this.#batchEvents || this.#waitingBytes >= BATCH_BYTES;
    if (isFull) await this.#store(signal);
  }

  /** Stores the events that wait. If one of them is refused, it stores those before it. */
  async #store(signal) {
    const batch = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (batch.length === 0) return;
    if (signal.aborted) throw calledOff(signal);
    const response = await this.#append(batch);
    if (response.success) {
      this.#stored(batch, response);
      return;
    }
    const [place, index] = /^events\[(\d+)\]\.?/.exec(response.error) ?? [];
    if (place === undefined) {
      const lines = `lines ${batch[0].number} to ${batch.at(-1).number}`;
      throw new CommandFailure(response.code, `${lines}: ${response.error}`);
    }
    const { number } = batch[index];
    const text = `line ${number}: ${response.error.slice(place.length)}`;
    this.#waiting = batch.slice(0, Number(index));
    await this.#fail(new CommandFailure(response.code, text), signal);
  }

  /** Fails after what waits is stored. A batch with a key waits for its other lines. */
  async #fail(error, signal) {
    if (this.#key === undefined) await this.#store(signal);
    throw error;
  }

  #append(batch) {
    const params = { ...this.#params, events: batch.map(({ event }) => event) };
    if (this.#key !== undefined) params.idempotencyKey = `${this.#key}/${batch[0].number}`;
    return this.#log.appendEvents(params);
  }

  #stored(batch, response) {
    const { count, duplicate } = dataOf(response);
    if (duplicate) this.#counts.duplicates += count;
    else this.#counts.events += count;
    this.#storedLine = batch.at(-1).number;
    this.#onProgress?.({ done: this.#counts.events + this.#counts.duplicates });
    if (response.message !== undefined) {
      this.#note(`lines ${batch[0].number} to ${batch.at(-1).number}: ${response.message}`);
    }
  }

  /** A failure, with what is stored. */
  #told(error) {
    const { events, duplicates } = this.#counts;
    const before = duplicates > 0 ? `, and ${duplicates} had been before` : '';
    const stored =
      this.#storedLine === 0
        ? 'nothing is stored'
        : `lines 1 to ${this.#storedLine} are stored (${events} events${before})`;
    const unknown = error.code === 'OUTCOME_UNKNOWN' ? '; these may be stored or not' : '';
    return new CommandFailure(error.code, `${error.message}${unknown}; ${stored}`);
  }
}

module.exports = { Appending };
