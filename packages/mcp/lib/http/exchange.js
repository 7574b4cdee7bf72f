// One request and its response, between Node.js and the web's forms of them, which the SDK takes and gives.

/** The methods of the protocol. */
const METHODS = ['GET', 'POST', 'DELETE'];

/** How long a client may take nothing of what it was sent, in milliseconds. However slowly it reads, it stays. */
const UNREAD_MS_MAX = 60_000;

/** How much a client may leave unread of a stream without an end before more comes, in bytes. */
const UNREAD_BYTES_MAX = 1024 * 1024;

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
 * @param {number} [how.unreadMsMax] - How long the client may take nothing of what it was sent, in milliseconds.
 * @param {(request: Request, options: { parsedBody?: unknown }) => Promise<Response>} how.fetch - Answers it.
 */
export async function answerExchange(incoming, outgoing, how) {
  const { bodyBytesMax, fetch, unreadMsMax = UNREAD_MS_MAX } = how;
  const signal = ended(incoming, outgoing);
  const { response, isEndless } = await respond(incoming, { bodyBytesMax, fetch, signal });
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
  await write(response.body, outgoing, { signal, unreadMsMax, isEndless });
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

/**
 * Writes a body, until it ends or the exchange does. The SDK does not wait for who reads a stream without an end. So
 * whatever that has is taken at once: what waits is then seen here.
 */
async function write(body, outgoing, { signal, unreadMsMax, isEndless }) {
  const reader = body.getReader();
  const cancel = () => reader.cancel().catch(() => {});
  signal.addEventListener('abort', cancel);
  // Node.js starts the timer of a socket anew while parts of a long write are taken.
  outgoing.setTimeout(unreadMsMax, ({ writableLength }) => {
    if (writableLength > 0) outgoing.destroy();
  });
  while (!signal.aborted && !outgoing.destroyed) {
    const { done, value } = await reader.read();
    if (signal.aborted || outgoing.destroyed) break;
    if (done) {
      outgoing.end();
      return;
    }
    if (isEndless && outgoing.writableLength > UNREAD_BYTES_MAX) break;
    if (!outgoing.write(value) && !isEndless) await room(outgoing, signal);
  }
  outgoing.destroy();
  await cancel();
}

/** Resolves once the client has taken what was written, or the exchange has ended. */
function room(outgoing, signal) {
  return new Promise((resolve) => {
    const over = () => {
      outgoing.off('drain', over);
      signal.removeEventListener('abort', over);
      resolve();
    };
    outgoing.on('drain', over);
    signal.addEventListener('abort', over);
  });
}

/** The response to a request, and whether it is a stream that has no end of its own. */
async function respond(incoming, { bodyBytesMax, fetch, signal }) {
  const { method, url, headers } = incoming;
  if (!METHODS.includes(method)) {
    const allow = METHODS.join(', ');
    return { response: refused(405, -32000, 'Method not allowed', { allow }) };
  }
  let body;
  if (method === 'POST') {
    body = await readBody(incoming, bodyBytesMax);
    if (body === undefined) {
      const text = `Expected a body of at most ${bodyBytesMax} bytes, found a larger one`;
      return { response: refused(413, -32000, text, { connection: 'close' }) };
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
  const response = await fetch(request, parsedBody === undefined ? {} : { parsedBody });
  const isEndless = method === 'GET' || parsedBody?.method === 'subscriptions/listen';
  return { response, isEndless };
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
