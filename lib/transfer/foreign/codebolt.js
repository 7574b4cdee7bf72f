'use strict';

// The events of an instance of another `codebolt.eventLog`, by its own methods.

const { describe, invalid } = require('../../failure.js');
const { refuseMap } = require('./mapping.js');

/** How many events are asked for at a time. */
const PAGE = 1000;

/** A client that events are asked of. */
class Client {
  #client;
  #isOver = false;

  constructor(client) {
    if (typeof client?.queryEvents !== 'function') {
      throw invalid(
        `source: expected an object with queryEvents, such as codebolt.eventLog, found ${describe(client)}`,
      );
    }
    this.#client = client;
  }

  /** The events of an instance from an offset on, in the order in which they were appended. */
  async page(instance, offset) {
    if (this.#isOver) return [];
    const query = { from: { instance }, limit: PAGE, offset };
    const { success, data, result, error } = await this.#client.queryEvents(query);
    const events = data?.result?.events ?? data?.events ?? result?.events;
    if (success !== false && Array.isArray(events)) return events;
    throw invalid(`source: it answered ${error ?? 'without events'}`);
  }

  interrupt() {
    this.#isOver = true;
  }

  release() {
    this.#isOver = true;
  }
}

/**
 * The events as records of an import. Both spellings of keys are known.
 *
 * Only an empty page is the end: a client may give fewer events at a time than it is asked for.
 */
async function* records(client, { instance, map }) {
  refuseMap(map, 'codebolt');
  let count = 0;
  let firstBefore;
  for (;;) {
    const events = await client.page(instance, count);
    if (events.length === 0) return;
    const first = JSON.stringify(events[0]);
    // Such a client would never come to an end.
    if (first === firstBefore) {
      throw invalid(
        `source: expected the events after the first ${count}, found earlier ones again; queryEvents has to know offset`,
      );
    }
    firstBefore = first;
    for (const event of events) {
      count += 1;
      yield recordOf(event, `event ${count}`);
    }
  }
}

function recordOf(event, place) {
  const time = new Date(event?.timestamp);
  if (Number.isNaN(time.getTime())) {
    throw invalid(
      `${place}: expected a timestamp, found ${JSON.stringify(event?.timestamp) ?? 'nothing'}`,
    );
  }
  return {
    place,
    streamId: event.stream_id ?? event.streamId,
    eventType: event.event_type ?? event.eventType,
    timestamp: time.toISOString(),
    payloadText: JSON.stringify(event.payload ?? {}),
    metadataText: JSON.stringify(event.metadata ?? {}),
    id: event.id,
  };
}

module.exports = { codebolt: { open: (source) => new Client(source), records } };
