// Answers over HTTP: their headers, failures, and bodies that wait for the client.

import { STATUS_CODES } from 'node:http';

import { failedResponse, statusOf } from '../failures.js';

/** What every answer has: no page of another site may use it, and no cache may keep it. */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** Sets the headers that every answer has. */
export function setCommonHeaders(response) {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
}

/** Answers with a value as JSON. */
export function answerJson(response, status, value, headers = {}) {
  answer(response, status, 'application/json', JSON.stringify(value), headers);
}

/** Answers with a text, or with its bytes. */
export function answer(response, status, type, text, headers = {}) {
  const body = Buffer.isBuffer(text) ? text : Buffer.from(text);
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': body.length, ...headers });
  response.end(body);
}

/** Answers with a failure. */
export function answerFailure(response, type, failure) {
  answerJson(response, statusOf(failure), failedResponse(type, failure), failure.headers);
}

/** Answers with a failure what is no request yet: an upgrade that is refused, or what cannot be parsed. Then it closes. */
export function refuseSocket(socket, failure, status = statusOf(failure)) {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(failedResponse('error', failure));
  const headers = {
    ...HEADERS,
    ...failure.headers,
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`, () =>
    socket.destroy(),
  );
}

/**
 * Tells when nobody takes an answer any more. An answer that waits for an earlier one on its connection is not told
 * itself that this is closed, so the connection is listened to as well.
 *
 * @param {import('node:http').ServerResponse} response - The answer.
 * @returns {AbortSignal} Aborted once the answer is over, or its connection is closed.
 */
export function goneOf(response) {
  const { socket } = response.req;
  const controller = new AbortController();
  const gone = () => {
    socket.off('close', gone);
    response.off('close', gone);
    controller.abort();
  };
  socket.on('close', gone);
  response.on('close', gone);
  if (socket.destroyed || response.destroyed) gone();
  return controller.signal;
}

/**
 * Has an answer given up if the client takes nothing of it for a time. However slowly it takes something, it goes on.
 *
 * @param {import('node:http').ServerResponse} response - The answer.
 * @param {object} server - `options` and `progress` of the server.
 */
export function giveUpUnread(response, { options: { stallTimeoutMs }, progress }) {
  // Node.js starts the timer of a socket anew while parts of a long write are taken.
  response.setTimeout(stallTimeoutMs, (socket) => {
    if (socket.writableLength === 0) return;
    if (progress.hasGoneOn(socket)) socket.setTimeout(stallTimeoutMs);
    else response.destroy();
  });
}

/**
 * Writes a part of a body, and waits until the client has room for more.
 *
 * @param {import('node:http').ServerResponse} response - The answer.
 * @param {string | Uint8Array} text - The part, or its bytes.
 * @param {AbortSignal} gone - Aborted when nobody takes the answer any more.
 * @returns {Promise<boolean>} Whether the client is still there.
 */
export async function write(response, text, gone) {
  if (response.destroyed || gone.aborted) return false;
  if (response.write(text)) return true;
  return new Promise((resolve) => {
    const over = () => {
      response.off('drain', over);
      gone.removeEventListener('abort', over);
      resolve(!response.destroyed && !gone.aborted);
    };
    response.on('drain', over);
    gone.addEventListener('abort', over);
  });
}
