// One request and its response, between Node.js and the web's forms of them, which the SDK takes and gives.

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** The methods of the protocol. */
const METHODS = ['GET', 'POST', 'DELETE'];

/**
 * Answers a request. The headers of the response are sent at once, and its body is ended when the client goes away: an
 * event stream may have nothing to say for long.
 *
 * @param {import('node:http').IncomingMessage} incoming - The request, with a path of this server.
 * @param {import('node:http').ServerResponse} outgoing - The response.
 * @param {object} how - How it is answered.
 * @param {number} how.bodyBytesMax - The largest body. A larger one is answered with 413.
 * @param {(request: Request, options: { parsedBody?: unknown }) => Promise<Response>} how.fetch - Answers it.
 */
export async function answerExchange(incoming, outgoing, { bodyBytesMax, fetch }) {
  const abort = new AbortController();
  outgoing.on('close', () => abort.abort());
  const response = await respond(incoming, { bodyBytesMax, fetch, signal: abort.signal });
  if (outgoing.destroyed) {
    await response.body?.cancel();
    return;
  }
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null) {
    outgoing.end();
    return;
  }
  outgoing.flushHeaders();
  try {
    await pipeline(Readable.fromWeb(response.body), outgoing);
  } catch (error) {
    // The client went away, and that is its right.
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
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
