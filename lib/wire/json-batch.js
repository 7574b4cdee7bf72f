'use strict';

// Many calls at once whose arguments are JSON text: those that a server has got in one turn of the event loop. The addon is
// called once for all of them, and looks at each text once.

const { bytesOf, jsonMethod, requestIdText } = require('./json-calls.js');

/** How many numbers of a call the addon takes: see `call_json_batch` there. */
const CALL_NUMBERS = 6;

/** The texts of a batch have so many bytes together at most. */
const BATCH_BYTES_MAX = 16 * 1024 * 1024;

/**
 * A call as it is given, read; `undefined` if something is wrong with it, or it can be called off: `callJson` says what.
 */
function readCall(call) {
  try {
    const { method: name, json, requestId } = call;
    const method = jsonMethod(name);
    if (method === undefined || method.isAbortable) return undefined;
    const id = (requestId ?? undefined) === undefined ? '' : requestIdText(requestId);
    return { method, bytes: bytesOf(json), id };
  } catch {
    return undefined;
  }
}

/** The calls up to the first that cannot be made so, read, and the bytes of their texts together. */
function readCalls(calls) {
  const given = [];
  let length = 0;
  for (const call of calls) {
    const read = readCall(call);
    if (read === undefined) break;
    length += read.bytes.length + Buffer.byteLength(read.id);
    if (length > BATCH_BYTES_MAX) break;
    given.push(read);
  }
  return { given, length };
}

/**
 * Makes calls, one after the other, up to the first that cannot be made so.
 *
 * @param {{ isDirect: boolean, handOver(make: (opened: any) => void): void }} connection - The open log.
 * @param {Pick<typeof import('./calls.js'), 'expect' | 'settle' | 'withdraw'>} wire - The calls in flight of the load of the
 *   package that has opened it, which need not be the one that this module is of.
 * @param {Iterable<object>} calls - The calls: each has the name of its method, the JSON text of its argument, and the id
 *   that its response is to have.
 * @param {(response: object, at: number) => void} answered - Takes the response to each, and the place of its call.
 * @returns {number} How many were made.
 */
function callBatch(connection, { expect, settle, withdraw }, calls, answered) {
  const { given, length } = readCalls(calls);
  // Getters of the program may have closed the log.
  if (given.length === 0 || !connection.isDirect) return 0;
  // Its own copy: nobody can alter what the addon looks at.
  const texts = Buffer.allocUnsafe(length);
  const numbers = new Uint32Array(given.length * CALL_NUMBERS);
  let end = 0;
  for (const [at, { method, bytes, id }] of given.entries()) {
    const number = expect(method.type, (response) => answered(response, at));
    const start = end;
    texts.set(bytes, start);
    const idStart = start + bytes.length;
    end = idStart + texts.write(id, idStart);
    numbers.set([number, method.number, start, idStart, idStart, end], at * CALL_NUMBERS);
  }
  let made = 0;
  connection.handOver((opened) => {
    made = opened.callJsonBatch(settle, texts, numbers);
  });
  for (let at = made; at < given.length; at += 1) withdraw(numbers[at * CALL_NUMBERS]);
  return made;
}

module.exports = { callBatch };
