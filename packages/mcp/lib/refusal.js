/** A call that cannot be answered. Its text tells an agent what was expected, so that it can mend the call. */
export class Refusal extends Error {
  /**
   * @param {string} code - A code of the log, such as `INVALID_ARGUMENT`.
   * @param {string} text - What was wrong, what was expected, what was found.
   */
  constructor(code, text) {
    super(text);
    this.name = 'Refusal';
    this.code = code;
  }
}

/** @param {string} text - What was wrong with an argument. */
export function invalid(text) {
  return new Refusal('INVALID_ARGUMENT', text);
}

/**
 * What a method of the log has answered.
 *
 * @param {Promise<{ success: boolean, data?: any, error?: string, code?: string }>} call - The call.
 * @returns {Promise<any>} The answer's `data`. A failure is thrown as a {@link Refusal}.
 */
export async function dataOf(call) {
  const response = await call;
  if (response.success) return response.data;
  throw new Refusal(response.code, response.error);
}
