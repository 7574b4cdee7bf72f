// One request and its response, between Node.js and the web's forms of them, which the SDK takes and gives.

import { once } from 'node:events';

/** The methods of the protocol. */
const METHODS = ['GET', 'POST', 'DELETE'];

/** How long a client may leave unread what it was sent, in milliseconds. */
const UNREAD_MS_MAX = 60_000;

/**
 * Requests whose responses have not ended. Their signals follow others only as long as something holds the request, and
 * who answers one may hold no more than its signal.
 */
const unfinished = new Set();

/**
 * Answers a request. The headers of the response are sent at once, and its body is ended when the client goes away: an
 * event stream may have nothing to say for long. A client that does not read is left: a stream may have much to say.
 *
 * @param {import('node:http').IncomingMessage} incoming - The request, with a path of this server.
 * @param {import('node:http').ServerResponse} outgoing - The response.
 * @param {object} how - How it is answered.
 * @param {number} how.bodyBytesMax - The largest body. A larger one is answered with 413.
 * @param {number} [how.unreadMsMax] - How long the client may leave unread what it was sent, in milliseconds.
 * @param {(request: Request, options: { parsedBody?: unknown }) => Promise<Response>} how.fetch - Answers it.
 */
export async function answerExchange(incoming, outgoing, how) {
  const { bodyBytesMax, fetch, unreadMsMax = UNREAD_MS_MAX } = how;
  const signal = ended(incoming, outgoing);
  const response = await respond(incoming, { bodyBytesMax, fetch, signal });
  if (signal.aborted || outgoing.destroyed) {
    await response.body?.cancel();
    return;
  }
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null) {
    outgoing.end();
    return;
  }
  outgoing.flushHeaders();
  await write(response.body, outgoing, { signal, unreadMsMax });
}

/** A signal of the end of an exchange. A response that waits behind another does not hear that its client goes away. */
function ended({ socket }, outgoing) {
  const abort = new AbortController();
  const end = () => {
    socket.off('close', end);
    abort.abort();
  };
  // A client may send many requests before it reads the first response.
  socket.setMaxListeners(0);
  socket.on('close', end);
  outgoing.on('close', end);
  outgoing.on('error', end);
  return abort.signal;
}

/** Writes a body, until it ends or the exchange does. */
async function write(body, outgoing, { signal, unreadMsMax }) {
  const reader = body.getReader();
  const cancel = () => reader.cancel().catch(() => {});
  signal.addEventListener('abort', cancel);
  while (!signal.aborted && !outgoing.destroyed) {
    const { done, value } = await reader.read();
    if (signal.aborted || outgoing.destroyed) break;
    if (done) {
      outgoing.end();
      return;
    }
    if (!outgoing.write(value) && !(await isRead(outgoing, signal, unreadMsMax))) break;
  }
  outgoing.destroy();
  await cancel();
}

/** Whether what was written is read in time. */
async function isRead(outgoing, signal, unreadMsMax) {
  const stop = new AbortController();
  const abort = () => stop.abort();
  const timer = setTimeout(abort, unreadMsMax);
  signal.addEventListener('abort', abort);
  try {
    await once(outgoing, 'drain', { signal: stop.signal });
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

async function respond(incoming, { bodyBytesMax, fetch, signal }) {
  const { method, url, headers } = incoming;
  if (!METHODS.includes(method)) {
    return refused(405, -32000, 'Method not allowed', { allow: METHODS.join(', ') });
  }
  let body;
  if (method === 'POST') {
    body = await readBody(incoming, bodyBytesMax);
    if (body === undefined) {
      const text = `Expected a body of at most ${bodyBytesMax} bytes, found a larger one`;
      return refused(413, -32000, text, { connection: 'close' });
    }
  }
  const request = new Request(`http://localhost${url}`, {
    method,
    headers: Object.entries(headers).map(([name, value]) => [name, String(value)]),
    body,
    signal,
  });
  unfinished.add(request);
  const forget = () => unfinished.delete(request);
  if (signal.aborted) forget();
  else signal.addEventListener('abort', forget);
  const parsedBody = parsed(body);
  return fetch(request, parsedBody === undefined ? {} : { parsedBody });
}

/** The bytes of a body; `undefined` if there are too many. */
async function readBody(incoming, bytesMax) {
  if (Number(incoming.headers['content-length'] ?? 0) > bytesMax) return undefined;
  const chunks = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    bytes += chunk.length;
    if (bytes > bytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The JSON value of a body; `undefined` if there is none, which the SDK says better. */
function parsed(body) {
  if (body === undefined) return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/**
 * A response that says, in the protocol's form, why a request is not answered.
 *
 * @param {number} status - The HTTP status.
 * @param {number} code - The code of JSON-RPC.
 * @param {string} message - What was expected, and what was found.
 * @param {Record<string, string>} [headers] - More headers.
 */
export function refused(status, code, message, headers) {
  return Response.json({ jsonrpc: '2.0', error: { code, message }, id: null }, { status, headers });
}
