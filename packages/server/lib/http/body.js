// The body of a request, as bytes and as JSON.

import { Failure } from '../failures.js';

/** What a request without a body has. */
const NOTHING = Buffer.from('{}');

/**
 * Reads the body of a request.
 *
 * @param {import('node:http').IncomingMessage} request - The request.
 * @param {number} bytesMax - How many bytes it may have.
 * @returns {Promise<unknown>} The value; `{}` without a body.
 * @throws {Failure} `UNSUPPORTED_MEDIA_TYPE`, `BODY_TOO_LARGE` or `INVALID_ARGUMENT`.
 */
export async function readJson(request, bytesMax) {
  return parseJson(await readJsonText(request, bytesMax));
}

/**
 * Reads the body of a request as the text that it is.
 *
 * @param {import('node:http').IncomingMessage} request - The request.
 * @param {number} bytesMax - How many bytes it may have.
 * @returns {Promise<Buffer>} The text, which need not be JSON; `{}` without a body.
 * @throws {Failure} `UNSUPPORTED_MEDIA_TYPE` or `BODY_TOO_LARGE`.
 */
export async function readJsonText(request, bytesMax) {
  const bytes = await readBytes(request, bytesMax);
  if (bytes.length === 0) return NOTHING;
  const { 'content-type': type } = request.headers;
  if (!/^application\/json\s*(?:;|$)/i.test(type ?? '')) {
    throw new Failure('UNSUPPORTED_MEDIA_TYPE', 'Content-Type: expected application/json');
  }
  return bytes;
}

/** The value of a body that is JSON. */
export function parseJson(bytes) {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new Failure('INVALID_ARGUMENT', `body: expected JSON in UTF-8: ${error.message}`);
  }
}

/**
 * Reads the bytes of a body.
 *
 * @param {import('node:http').IncomingMessage} request - The request.
 * @param {number} bytesMax - How many bytes it may have.
 * @throws {Failure} `UNSUPPORTED_MEDIA_TYPE` for bytes that are encoded, `BODY_TOO_LARGE`, or `ABORTED` if the client goes away.
 */
export async function readBytes(request, bytesMax) {
  const { 'content-encoding': encoding = 'identity' } = request.headers;
  if (encoding.toLowerCase() !== 'identity') {
    throw new Failure('UNSUPPORTED_MEDIA_TYPE', 'Content-Encoding: expected none');
  }
  const tooLarge = () =>
    // The rest of the body is not read, so that nothing else can come on this connection.
    new Failure('BODY_TOO_LARGE', `body: expected at most ${bytesMax} bytes`, {
      Connection: 'close',
    });
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) throw tooLarge();
  const pieces = [];
  let length = 0;
  // Breaking out of a `for await` would destroy the socket before the answer.
  await new Promise((resolve, reject) => {
    request.on('data', (piece) => {
      length += piece.length;
      if (length > bytesMax) {
        request.pause();
        reject(tooLarge());
      } else pieces.push(piece);
    });
    request.on('end', resolve);
    request.on('error', reject);
    request.on('close', () => reject(new Failure('ABORTED', 'the client has gone')));
  });
  return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
}
