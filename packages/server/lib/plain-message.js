// Messages that are written as `JSON.stringify` writes `{ type, requestId, params }`, which those of the SDK and of this
// package's client are. What is in their parameters is handed on as text.

import { isStringified } from 'codebolt-eventlog';

import { methodNamed } from './methods.js';

/** The longest beginning of such a message, in bytes. */
const HEAD_BYTES_MAX = 256;

/** What it begins with. The id of the request has no escapes, and stands for itself. */
const HEAD =
  /^\{"type":"(eventLog\.(\w+))","requestId":(?:"([ !#-[\]-~]*)"|(0|[1-9]\d{0,14})),"params":(?=\{)/;

/** What the parameters of a query begin with, which have nothing else. */
const QUERY = '{"query":';

const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/**
 * What a message says of itself, if it begins as such a message does and ends with a brace. Whether it is one is not known
 * before `written` is looked at, which stands between that: one JSON value, as `JSON.stringify` writes it.
 *
 * @param {Buffer} data - The message.
 * @returns {{ type: string, requestId: string | number, row: object, written: Buffer } | undefined} `undefined` if it is
 *   none, or its method takes no text.
 */
export function headOf(data) {
  if (data[data.length - 1] !== CLOSING_BRACE) return undefined;
  const head = HEAD.exec(data.toString('latin1', 0, HEAD_BYTES_MAX));
  if (head === null) return undefined;
  const [{ length }, type, name, text, number] = head;
  const row = methodNamed(name);
  if (row?.isJson !== true) return undefined;
  const written = data.subarray(length, data.length - 1);
  return { type, requestId: text ?? Number(number), row, written };
}

/**
 * A message whose parameters need not be parsed to be known. All of it is looked at: between its beginning and its last
 * brace stands one JSON value. So no key is there twice, and nobody can read it otherwise.
 *
 * @param {{ type: string, requestId: string | number, row: object, written: Buffer }} head - What it says of itself.
 * @returns {{ type: string, requestId: string | number, row: object, json: Buffer, params: () => object } | undefined} What
 *   it says: `json` is the argument of the method, and `params()` gives the parameters. `undefined` for any other message.
 */
export function plainMessage({ type, requestId, row, written }) {
  const json = plainArgument(row, written);
  const params = () => JSON.parse(written.toString());
  return json && { type, requestId, row, json, params };
}

/**
 * The argument of a method in parameters that are written so.
 *
 * @param {object} row - Its row in the table of methods.
 * @param {Buffer} params - The text of the parameters.
 * @returns {Buffer | undefined} The text of the argument; `undefined` if the parameters are not written so.
 */
export function plainArgument(row, params) {
  if (row.name !== 'queryEvents') {
    return params[0] === OPENING_BRACE && isStringified(params) ? params : undefined;
  }
  const { length } = QUERY;
  if (params.toString('latin1', 0, length) !== QUERY) return undefined;
  if (params[params.length - 1] !== CLOSING_BRACE) return undefined;
  const query = params.subarray(length, params.length - 1);
  return isStringified(query) ? query : undefined;
}
