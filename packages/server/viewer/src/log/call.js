// Calls of the server that this page comes from. The cookie of the sign-in link goes with them by itself.

const SIGNED_OUT = 'this page is not signed in any more: open the link that the server prints';

/** Why a call failed: `code` is one of the log's, or `UNREACHABLE`. */
export class CallFailure extends Error {
  constructor(code, message) {
    super(message);
    this.name = 'CallFailure';
    this.code = code;
  }
}

/**
 * Calls a method of the log.
 *
 * @param {string} method - Its name, such as `listInstances`.
 * @param {object} params - Its parameters.
 * @param {AbortSignal} [signal] - Aborts it, in the server too.
 * @returns {Promise<object>} The `data` of the response.
 * @throws {CallFailure} If the server answers with a failure, or not at all. If `signal` is aborted, an `AbortError`.
 */
export async function call(method, params, signal) {
  let response;
  let text;
  try {
    response = await fetch(`/eventlog/${method}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(params),
      signal,
    });
    text = await response.text();
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new CallFailure('UNREACHABLE', 'the server does not answer: is it still running?');
  }
  const { success, data, code, error } = parsed(text, response.status);
  if (success) return data;
  throw new CallFailure(code, code === 'UNAUTHORIZED' ? SIGNED_OUT : error);
}

/** Asks a query, and returns its result. */
export async function query(asked, signal) {
  const { result } = await call('queryEvents', { query: asked }, signal);
  return result;
}

/** Whether an error only says that nobody waits for the answer any more. */
export function isAborted(error) {
  return error.name === 'AbortError';
}

function parsed(text, status) {
  try {
    return JSON.parse(text);
  } catch {
    throw new CallFailure('INTERNAL', `expected JSON from the server, found status ${status}`);
  }
}
