// What writers store: each event says which call it is of, and how many events that call has, and its
// text follows from that. So whoever reads it can tell whether it is whole and what it was.

/** The instance that all writers append to. */
export const instance = 'shared';

/** How many streams they append to. */
export const streamCount = 5;

/**
 * @param {{ writer: string, call: number, of: number, at: number, size: number }} place - Which event of
 *   which call it is, and how long its text is.
 * @returns {object} The event's payload.
 */
export function payloadOf({ writer, call, of, at, size }) {
  return { writer, call, of, at, size, text: textOf(call, at, size) };
}

/**
 * @param {object} payload - A payload that was read.
 * @returns {boolean} Whether it is one that {@link payloadOf} has made.
 */
export function isWhole({ call, at, size, text }) {
  return text === textOf(call, at, size);
}

function textOf(call, at, size) {
  const word = `${call}.${at} `;
  return word.repeat(Math.ceil(size / word.length)).slice(0, size);
}
