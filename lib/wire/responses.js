'use strict';

// How the values of responses, and of pieces of results, become objects: `src/request/response.rs` and `piece.rs` lay them
// out.

const { JSON } = require('../intrinsics.js');
const {
  DATA,
  DUPLICATE_EVENT,
  DUPLICATE_EVENTS,
  DUPLICATE_KEPT_EVENT,
  DUPLICATE_LIST_OF_EVENTS,
  EVENT,
  EVENTS,
  FAILURE,
  JSON: JSON_TEXT,
  KEPT_EVENT,
  LIST,
  LIST_OF_EVENTS,
  PIECE_OF_EVENTS,
  PIECE_OF_PLACED_EVENTS,
  PIECE_OF_VALUES,
  RESULT,
} = require('./kinds.js');

const DUPLICATES = [
  DUPLICATE_EVENT,
  DUPLICATE_EVENTS,
  DUPLICATE_KEPT_EVENT,
  DUPLICATE_LIST_OF_EVENTS,
];

/** The stream of an appended event that names none. */
const DEFAULT_STREAM = 'default';

function isPiece(kind) {
  return kind === PIECE_OF_EVENTS || kind === PIECE_OF_VALUES || kind === PIECE_OF_PLACED_EVENTS;
}

/** How many values an event has beside its instance, payload and metadata. */
const EVENT_VALUES = 5;

/** The response that begins at `at`, and where the next one begins. `json` has those that come as JSON text. */
function responseAt(values, at, { type, timestamp, given, list = [], json }) {
  const kind = values[at + 1];
  if (kind === JSON_TEXT) return { response: jsonAt(values, at + 2, json), end: at + 7 };
  const requestId = values[at + 2];
  if (kind === FAILURE) {
    const response = failed(type, values[at + 3], values[at + 4], timestamp, requestId);
    const conflict = values[at + 5];
    if (conflict !== null) response.conflict = conflict;
    return { response, end: at + 6 };
  }
  const message = values[at + 3];
  let data;
  let end;
  if (kind === KEPT_EVENT || kind === DUPLICATE_KEPT_EVENT) {
    data = { event: keptEventAt(values, at + 4, given) };
    end = at + 8;
  } else if (kind === EVENT || kind === DUPLICATE_EVENT) {
    end = at + 4 + EVENT_VALUES;
    data = { event: eventAt(values, at + 4, values[end], values[end + 1], values[end + 2]) };
    end += 3;
  } else if (kind === EVENTS || kind === DUPLICATE_EVENTS) {
    const count = values[at + 4];
    data = { events: eventsAt(values, at + 6, count, values[at + 5], given), count };
    end = at + 6 + EVENT_VALUES * count;
  } else if (kind === LIST_OF_EVENTS || kind === DUPLICATE_LIST_OF_EVENTS) {
    end = collect(values, at + 4, list);
    data = { events: list, count: list.length };
  } else if (kind === RESULT || kind === LIST) {
    end = collect(values, at + 6, list);
    const listed = { [values[at + 4]]: list, ...values[at + 5] };
    data = kind === LIST ? listed : { result: listed };
  } else if (kind === DATA) {
    data = values[at + 4];
    end = at + 5;
  } else {
    throw new Error(`expected a kind of response, found ${kind}`);
  }
  if (DUPLICATES.includes(kind)) data.duplicate = true;
  const response =
    message === null
      ? { type, success: true, data, timestamp, requestId }
      : { type, success: true, data, message, timestamp, requestId };
  return { response, end };
}

/** A response as JSON text, and where its `data` stands in that. */
function jsonAt(values, at, json) {
  const start = values[at + 1];
  const own = json.subarray(start, values[at + 2]);
  // Whoever keeps it for long, such as a socket, is not to keep those of others.
  const text = own.length < json.length / 2 ? Buffer.from(own) : own;
  const code = values[at];
  if (code !== null) return { success: false, code, json: text };
  return { success: true, json: text, place: [values[at + 3] - start, values[at + 4] - start] };
}

/** An event of which the call that has appended it has `given` what its values do not say. */
function keptEventAt(values, at, given) {
  const { streamId, stream_id: stream, eventType, event_type: type, payload, metadata } = given;
  return {
    id: values[at],
    instanceId: values[at + 3] ?? given.instanceId,
    stream_id: streamId ?? stream ?? DEFAULT_STREAM,
    event_type: eventType ?? type,
    payload: payload ?? {},
    metadata: metadata ?? {},
    timestamp: values[at + 1],
    sequence_number: values[at + 2],
  };
}

function eventsAt(values, start, count, instanceId, given) {
  const events = [];
  for (let i = 0; i < count; i += 1) {
    const { payload, metadata } = given[i];
    const at = start + EVENT_VALUES * i;
    events.push(eventAt(values, at, instanceId, payload ?? {}, metadata ?? {}));
  }
  return events;
}

/** Adds the elements of the piece that begins at `at` to `list`. Returns where the piece ends. */
function collect(values, at, list) {
  const count = values[at + 1];
  if (values[at] === PIECE_OF_VALUES) {
    const end = at + 2 + count;
    for (let i = at + 2; i < end; i += 1) list.push(values[i]);
    return end;
  }
  const instanceId = values[at + 2];
  const isPlaced = values[at] === PIECE_OF_PLACED_EVENTS;
  if (!isPlaced && values[at] !== PIECE_OF_EVENTS) {
    throw new Error(`expected a kind of piece, found ${values[at]}`);
  }
  const headValues = isPlaced ? EVENT_VALUES + 1 : EVENT_VALUES;
  const makeEvent = isPlaced ? placedEventAt : eventAt;
  // After the heads of all events are all payloads, and then all metadata.
  const payloads = at + 3 + headValues * count;
  const end = payloads + 2 * count;
  let head = at + 3;
  for (let payload = payloads; payload < payloads + count; payload += 1) {
    list.push(makeEvent(values, head, instanceId, values[payload], values[payload + count]));
    head += headValues;
  }
  return end;
}

function eventAt(values, at, instanceId, payload, metadata) {
  // Payloads are objects or arrays: this one was erased, and in the place of the metadata is when and why; if fields of it
  // were, there is also what is left.
  if (payload === null) {
    const [erased, ...left] = Array.isArray(metadata) ? metadata : [metadata, {}, {}];
    return { ...eventAt(values, at, instanceId, left[0], left[1]), erased };
  }
  // Metadata are an object or an array: this is the subject that was forgotten.
  if (typeof metadata === 'string') {
    return { ...eventAt(values, at, instanceId, payload, {}), forgotten: { subject: metadata } };
  }
  return {
    id: values[at],
    instanceId,
    stream_id: values[at + 1],
    event_type: values[at + 2],
    payload,
    metadata,
    timestamp: values[at + 3],
    sequence_number: values[at + 4],
  };
}

/** An event with its position. It is made at once: a key that is added costs more. */
function placedEventAt(values, at, instanceId, payload, metadata) {
  if (typeof metadata === 'string' || payload === null) {
    const event = eventAt(values, at, instanceId, payload, metadata);
    return { ...event, position: values[at + EVENT_VALUES] };
  }
  return {
    id: values[at],
    instanceId,
    stream_id: values[at + 1],
    event_type: values[at + 2],
    payload,
    metadata,
    timestamp: values[at + 3],
    sequence_number: values[at + 4],
    position: values[at + EVENT_VALUES],
  };
}

function failed(type, error, code, timestamp, requestId) {
  return { type, success: false, error, code, timestamp, requestId };
}

/** A response with a remark, after those that it has. A failure says what is wrong, and nothing else. */
function remarked(response, remark) {
  if (!response.success) return response;
  const { type, success, data, message, timestamp, requestId } = response;
  const remarks = message === undefined ? remark : `${message}; ${remark}`;
  return { type, success, data, message: remarks, timestamp, requestId };
}

/** What is known of texts that were given to programs: where `data` stands, or the code of a failure. */
const texts = new WeakMap();

/** The text of a response, for a program. */
function textOf(response) {
  texts.set(response.json, response);
  return response.json;
}

/** A response of which a program has the text, but for its data: that is text as well. `undefined` for any other bytes. */
function responseOf(text) {
  const response = texts.get(text);
  if (response === undefined) return undefined;
  if (!response.success) return JSON.parse(text.toString());
  return { success: true, data: text.subarray(...response.place) };
}

module.exports = { collect, failed, isPiece, remarked, responseAt, responseOf, textOf };
