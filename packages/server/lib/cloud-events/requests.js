// CloudEvents over HTTP: what comes is appended, in binary, structured and batched mode, and events are given out so.

import { createHash } from 'node:crypto';

import { fromCloudEvent, toCloudEvent } from 'codebolt-eventlog';

import { eachEvent } from '../event-lines.js';
import { Failure, asFailure, describe, statusOf } from '../failures.js';
import { answer, answerJson, goneOf } from '../http/answers.js';
import { parseJson, readBytes } from '../http/body.js';
import { methodNamed } from '../methods.js';
import { Reading } from '../reading.js';
import { fromBinary, toBinary } from './headers.js';
import { BATCHED, CLOUD_EVENTS_PATH, STRUCTURED } from './modes.js';

/** How many events a batch has, if nobody says how many, and how many it has at most. */
const BATCH_EVENTS = 100;
const BATCH_EVENTS_MAX = 1000;

/** A batch ends with the event that makes it larger than that, in characters. */
const BATCH_CHARACTERS_MAX = 8 * 1024 * 1024;

/** What headers may have, in characters: Node.js reads no more than twice of it. */
const HEADERS_CHARACTERS_MAX = 8 * 1024;

/** Data of any type comes from those who may append: a browser runs none of it as a page of this server. */
const INERT = {
  'Content-Disposition': 'attachment',
  'Content-Security-Policy': "default-src 'none'; sandbox",
};

/** The longest idempotency key, in bytes. */
const KEY_BYTES_MAX = 256;

const READ_ALL = methodNamed('readAll');

const POSTED = ['instance', 'stream', 'create'];
const ASKED = ['instance', 'stream', 'id', 'mode', 'afterPosition', 'limit'];

/** The values of a query string, each of which is known and there once. */
function valuesOf(query, known) {
  const values = {};
  for (const [name, value] of query) {
    if (!known.includes(name)) {
      const text = `query: unknown option ${JSON.stringify(name)}: expected one of ${known.join(', ')}`;
      throw new Failure('INVALID_ARGUMENT', text);
    }
    if (Object.hasOwn(values, name)) {
      throw new Failure('INVALID_ARGUMENT', `${name}: expected it once`);
    }
    values[name] = value;
  }
  if ((values.instance ?? '') === '') {
    throw new Failure(
      'INVALID_ARGUMENT',
      'instance: expected it in the query string, found nothing',
    );
  }
  if (values.stream === '') {
    throw new Failure('INVALID_ARGUMENT', 'stream: expected a string that is not empty');
  }
  return values;
}

function wholeNumber(values, name, otherwise, max) {
  const text = values[name];
  if (text === undefined) return otherwise;
  const number = /^\d+$/.test(text) ? Number(text) : NaN;
  if (number <= max) return number;
  throw new Failure(
    'INVALID_ARGUMENT',
    `${name}: expected a whole number from 0 to ${max}, found ${JSON.stringify(text)}`,
  );
}

function choice(values, name, choices) {
  const found = values[name];
  if (found === undefined || choices.includes(found)) return found;
  throw new Failure(
    'INVALID_ARGUMENT',
    `${name}: expected one of ${choices.join(', ')}, found ${JSON.stringify(found)}`,
  );
}

/** What an append has of a CloudEvent. */
function eventOf(cloudEvent, options, place, attribute = `${place}.`) {
  try {
    return fromCloudEvent(cloudEvent, options);
  } catch (error) {
    const failure = asFailure(error);
    const text = failure.message.replace(/^cloudEvent(\.?)/, (_, dot) =>
      dot === '' ? place : attribute,
    );
    throw new Failure(failure.code, text);
  }
}

/** The key under which a CloudEvent that is delivered again is stored once: its source and its id are its alone. */
function keyOf(cloudEvents) {
  const key = cloudEvents.map(({ source, id }) => `${source} ${id}`).join('\n');
  return Buffer.byteLength(key) <= KEY_BYTES_MAX
    ? key
    : createHash('sha256').update(key).digest('base64url');
}

/** The mode of a request, by its media type. */
function modeOf({ headers }) {
  const [type] = (headers['content-type'] ?? '').toLowerCase().split(';');
  const trimmed = type.trim();
  if (trimmed === STRUCTURED) return 'structured';
  if (trimmed === BATCHED) return 'batched';
  if (trimmed.startsWith('application/cloudevents')) {
    const text = `Content-Type: expected ${STRUCTURED}, ${BATCHED}, or the type of the data`;
    throw new Failure('UNSUPPORTED_MEDIA_TYPE', text);
  }
  return 'binary';
}

/** The method and the parameters of a request that brings CloudEvents. */
function appendOf(request, bytes, { instance, stream, create }) {
  const params = { instanceId: instance };
  if (create === 'true') params.autoCreateInstance = true;
  const options = stream === undefined ? {} : { stream };
  const mode = modeOf(request);
  if (mode === 'batched') {
    const batch = parseJson(bytes);
    if (!Array.isArray(batch)) {
      throw new Failure('INVALID_ARGUMENT', `body: expected an array, found ${describe(batch)}`);
    }
    const events = batch.map((given, n) => eventOf(given, options, `body[${n}]`));
    const keyed = events.length === 0 ? {} : { idempotencyKey: keyOf(batch) };
    return ['appendEvents', { ...params, events, ...keyed }];
  }
  const isBinary = mode === 'binary';
  const given = isBinary ? fromBinary(request, bytes) : parseJson(bytes);
  const event = isBinary
    ? eventOf(given, options, 'headers', 'ce-')
    : eventOf(given, options, 'body');
  return ['appendEvent', { ...params, ...event, idempotencyKey: keyOf([given]) }];
}

/** Appends the CloudEvents of a request. */
export async function takeCloudEvents(server, request, response, query) {
  const values = valuesOf(query, POSTED);
  choice(values, 'create', ['true', 'false']);
  const bytes = await readBytes(request, server.options.bodyBytesMax);
  const [name, params] = appendOf(request, bytes, values);
  const row = methodNamed(name);
  const refusal = await server.calls.refusal(row, params);
  if (refusal !== undefined) throw refusal;
  if (server.calls.isFull) throw server.calls.overload();
  const gone = goneOf(response);
  const answered = await server.calls.make(row, params, gone);
  if (gone.aborted) return;
  answerJson(response, answered.success ? 200 : statusOf(answered), answered);
}

/** Gives out one event, by its id, or a batch of them. */
export async function giveCloudEvents(server, request, response, query) {
  const values = valuesOf(query, ASKED);
  if (values.id === undefined) await giveBatch(server, response, values);
  else await giveOne(server, request, response, values);
}

/** The mode that was asked for one event: in the query string, or by the types that are accepted. */
function modeFor(values, { headers }) {
  const mode = choice(values, 'mode', ['binary', 'structured']);
  if (mode !== undefined) return mode;
  const accepted = headers.accept ?? '*/*';
  return /\*\/\*|application\/(?:\*|cloudevents\+json)/i.test(accepted) ? 'structured' : 'binary';
}

async function giveOne(server, request, response, values) {
  const other = ['stream', 'afterPosition', 'limit'].find((name) => values[name] !== undefined);
  if (other !== undefined) {
    throw new Failure('INVALID_ARGUMENT', `${other}: expected it without an id`);
  }
  const mode = modeFor(values, request);
  const { instance, id } = values;
  const where = [{ field: 'id', operator: 'eq', value: id }];
  const event = await firstOf(server, response, { from: { instance }, where, limit: 1 });
  if (event === undefined) return;
  const cloudEvent = toCloudEvent(event);
  if (mode === 'structured') {
    answer(response, 200, STRUCTURED, JSON.stringify(cloudEvent));
    return;
  }
  const { headers, body } = binaryOf(cloudEvent);
  response.writeHead(200, { ...headers, ...INERT, 'Content-Length': body.length });
  response.end(body);
}

/** The event that a query finds; `undefined` if nobody waits for it. */
async function firstOf(server, response, query) {
  const row = methodNamed('queryEvents');
  const refusal = await server.calls.refusal(row, { query });
  if (refusal !== undefined) throw refusal;
  if (server.calls.isFull) throw server.calls.overload();
  const gone = goneOf(response);
  const { success, data, code, error } = await server.calls.make(row, { query }, gone);
  if (gone.aborted) return undefined;
  if (!success) throw new Failure(code, error);
  if (data.result.events.length > 0) return data.result.events[0];
  throw new Failure('NOT_FOUND', 'id: the instance has no such event');
}

function binaryOf(cloudEvent) {
  const binary = toBinary(cloudEvent);
  if (binary === undefined) {
    const text = 'mode: expected structured for data that is neither text nor JSON by its type';
    throw new Failure('INVALID_ARGUMENT', text);
  }
  const characters = Object.entries(binary.headers).flat().join('').length;
  if (characters <= HEADERS_CHARACTERS_MAX) return binary;
  const text = `mode: expected structured for attributes of more than ${HEADERS_CHARACTERS_MAX} characters`;
  throw new Failure('LIMIT_EXCEEDED', text);
}

async function giveBatch(server, response, values) {
  if (values.mode !== undefined) {
    throw new Failure('INVALID_ARGUMENT', 'mode: expected it with an id');
  }
  const { instance, stream, afterPosition: after } = values;
  const options = {
    instance,
    afterPosition: wholeNumber(values, 'afterPosition', 0, Number.MAX_SAFE_INTEGER),
    limit: wholeNumber(values, 'limit', BATCH_EVENTS, BATCH_EVENTS_MAX),
  };
  if (stream !== undefined) options.where = [{ field: 'stream_id', operator: 'eq', value: stream }];
  const refusal = await server.calls.refusal(READ_ALL, options);
  if (refusal !== undefined) throw refusal;
  const gone = goneOf(response);
  const { texts, last } = await readBatch(server, options, gone);
  if (gone.aborted) return;
  const next = new URLSearchParams({ ...values, afterPosition: String(last ?? after ?? 0) });
  const headers = texts.length === 0 ? {} : { Link: `<${CLOUD_EVENTS_PATH}?${next}>; rel="next"` };
  answer(response, 200, BATCHED, `[${texts.join(',')}]`, headers);
}

/** The CloudEvents of a batch as texts, and the position of the last one. */
async function readBatch(server, options, gone) {
  const reading = await Reading.begin(server, READ_ALL, options);
  const stop = () => reading.end();
  gone.addEventListener('abort', stop);
  if (gone.aborted) stop();
  const texts = [];
  let last;
  let characters = 0;
  try {
    for (;;) {
      const { lines, count, done } = await reading.page();
      server.metrics.handedOut(count);
      for (const { text: event, position } of eachEvent(lines)) {
        const text = JSON.stringify(toCloudEvent(JSON.parse(event.toString())));
        texts.push(text);
        last = position;
        characters += text.length;
        if (characters >= BATCH_CHARACTERS_MAX) return { texts, last };
      }
      if (done) return { texts, last };
    }
  } finally {
    gone.removeEventListener('abort', stop);
    stop();
  }
}
