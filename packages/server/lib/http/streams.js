// Events over HTTP: JSON Lines of a reader, server-sent events of a subscription.

import { eachEvent } from '../event-lines.js';
import { Failure, asFailure } from '../failures.js';
import { Reading } from '../reading.js';
import { goneOf, write } from './answers.js';

/** How often an idle subscription sends a comment, so that nobody on the way takes it for dead. */
const HEARTBEAT_MS = 15_000;

/**
 * Answers with the events of a reader, one a line. If the reading fails after it has begun, the last line has
 * `success: false`.
 *
 * @throws {Failure} What the first page is refused with.
 */
export async function answerLines(server, row, params, response) {
  const gone = goneOf(response);
  const reading = await Reading.begin(server, row, params);
  const stop = () => reading.end();
  gone.addEventListener('abort', stop);
  if (gone.aborted) stop();
  try {
    await sendLines(server, reading, response, gone);
  } finally {
    stop();
  }
}

async function sendLines(server, reading, response, gone) {
  let page = await reading.page();
  if (gone.aborted) return;
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
  for (;;) {
    server.metrics.handedOut(page.count);
    if (page.count > 0 && !(await write(response, page.lines, gone))) return;
    if (page.done) break;
    try {
      page = await reading.page();
    } catch (error) {
      await write(response, `${failureText(error)}\n`, gone);
      break;
    }
  }
  response.end();
}

/**
 * Answers with the events of a subscription. Each has its position as its id. An id without data comes first, so that a
 * client that is cut off before the first event goes on at the right place.
 *
 * @throws {Failure} What the subscription is refused with.
 */
export async function answerEvents(server, row, params, response) {
  const gone = goneOf(response);
  const reading = await Reading.begin(server, row, params);
  const stop = () => reading.end();
  gone.addEventListener('abort', stop);
  server.stopping.addEventListener('abort', stop);
  if (gone.aborted || server.stopping.aborted) stop();
  const heartbeat = setInterval(() => {
    const isOver = response.writableEnded || gone.aborted;
    if (!isOver && !response.writableNeedDrain) response.write(':\n\n');
  }, HEARTBEAT_MS);
  heartbeat.unref();
  try {
    await sendEvents(server, reading, response, gone);
  } finally {
    clearInterval(heartbeat);
    server.stopping.removeEventListener('abort', stop);
    stop();
  }
  response.end();
}

async function sendEvents(server, reading, response, gone) {
  const send = (text) => write(response, text, gone);
  if (gone.aborted) return;
  // It is UTF-8 in any case, but a client was seen to take it for Latin-1 where that is not said.
  response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
  await send(`retry: 1000\nid: ${reading.afterPosition}\n\n`);
  try {
    for (;;) {
      const { lines, count, done } = await reading.page();
      server.metrics.handedOut(count);
      if (count > 0 && !(await send(blocksOf(lines)))) return;
      if (done) break;
    }
  } catch (error) {
    await send(`event: failure\ndata: ${failureText(error)}\n\n`);
  }
}

/** Events as server-sent ones. */
function blocksOf(lines) {
  const parts = [];
  for (const { text, position } of eachEvent(lines)) {
    parts.push(`id: ${position}\ndata: ${text.toString()}\n\n`);
  }
  return parts.join('');
}

/** What a client is told that has got events already. */
export function failureText(error) {
  const { code, message } = asFailure(error);
  return JSON.stringify({ success: false, code, error: message });
}

/**
 * The options of a subscription that a query string has.
 *
 * @param {URLSearchParams} query - The query string, without tokens.
 * @param {readonly string[]} known - The names of the options.
 * @param {string} [lastEventId] - The position of the last event that the client has, which comes first.
 * @returns {object} The options.
 * @throws {Failure} `INVALID_ARGUMENT`
 */
export function subscriptionOptions(query, known, lastEventId) {
  const options = {};
  for (const [name, value] of query) {
    if (!known.includes(name)) {
      throw new Failure(
        'INVALID_ARGUMENT',
        `query: unknown option ${JSON.stringify(name)}: expected one of ${known.join(', ')}`,
      );
    }
    if (Object.hasOwn(options, name))
      throw new Failure('INVALID_ARGUMENT', `${name}: expected it once`);
    options[name] = optionOf(name, value);
  }
  if (lastEventId !== undefined && lastEventId !== '') {
    options.afterPosition = positionOf('Last-Event-ID', lastEventId);
  }
  if (options.stream === '') {
    throw new Failure('INVALID_ARGUMENT', 'stream: expected a string that is not empty');
  }
  return options;
}

function optionOf(name, value) {
  switch (name) {
    case 'afterPosition':
      return value === 'end' ? value : positionOf(name, value);
    case 'awaitInstance':
      if (value === 'true' || value === 'false') return value === 'true';
      throw new Failure('INVALID_ARGUMENT', `${name}: expected true or false`);
    case 'where':
      try {
        return JSON.parse(value);
      } catch (error) {
        throw new Failure(
          'INVALID_ARGUMENT',
          `${name}: expected conditions as JSON: ${error.message}`,
        );
      }
    default:
      return value;
  }
}

function positionOf(name, value) {
  const position = /^\d+$/.test(value) ? Number(value) : NaN;
  if (Number.isSafeInteger(position)) return position;
  throw new Failure(
    'INVALID_ARGUMENT',
    `${name}: expected a whole number from 0, found ${JSON.stringify(value)}`,
  );
}
