// Where the next page of a list begins. A cursor holds everything that is needed, so that the server remembers nothing,
// and it belongs to one list: with other arguments it is refused.

import { createHash } from 'node:crypto';
import { invalid } from './refusal.js';

/**
 * @param {unknown} list - The arguments that say which list it is.
 * @param {(string | number)[]} place - Where its next page begins.
 * @returns {string} A text for the agent to give back.
 */
export function writeCursor(list, place) {
  return Buffer.from(JSON.stringify([print(list), ...place])).toString('base64url');
}

/**
 * @param {unknown} list - The arguments of this call, without its cursor.
 * @param {string | undefined} cursor - Its cursor.
 * @param {('string' | 'number')[]} types - What a place in this list is made of.
 * @returns {any[] | undefined} The place; `undefined` without a cursor.
 */
export function readCursor(list, cursor, types) {
  if (cursor === undefined) return undefined;
  const place = decoded(cursor);
  const fits =
    Array.isArray(place) &&
    place.length === types.length + 1 &&
    types.every((type, index) => isOf(type, place[index + 1]));
  if (!fits) {
    throw invalid(
      'cursor: expected the nextCursor of an earlier answer, unchanged, found another text',
    );
  }
  if (place[0] !== print(list)) {
    throw invalid(
      'cursor: expected the other arguments of the call whose answer had this nextCursor, found others: repeat them, or leave the cursor out',
    );
  }
  return place.slice(1);
}

function isOf(type, value) {
  return type === 'number' ? Number.isSafeInteger(value) && value >= 0 : typeof value === type;
}

function decoded(cursor) {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
}

/** A short text that is the same for equal arguments, whatever the order of their keys. */
function print(list) {
  const text = JSON.stringify(list, (_, value) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)),
        )
      : value,
  );
  return createHash('sha256').update(text).digest('base64url').slice(0, 8);
}
