// Names that an agent has misspelt, and those that it may have meant.

import { distance } from 'fastest-levenshtein';
import { quoted } from './visible.js';

/** How many names a text offers at most. */
const NAMES_MAX = 5;

/** Names longer than this are not compared: the comparison takes time with the square of the length. */
const COMPARED_LENGTH_MAX = 128;

/**
 * The names that a misspelt one may have meant, the nearest first.
 *
 * @param {string} name - What was found.
 * @param {Iterable<string>} names - What there is.
 * @returns {string[]} At most five.
 */
export function nearest(name, names) {
  const wanted = plain(name);
  if (wanted.length > COMPARED_LENGTH_MAX) return [];
  const farthest = Math.max(1, Math.floor(wanted.length / 3));
  return [...new Set(names)]
    .filter((candidate) => candidate.length <= COMPARED_LENGTH_MAX)
    .map((candidate) => ({ candidate, is: plain(candidate) }))
    .map(({ candidate, is }) => ({ candidate, is, away: distance(wanted, is) }))
    .filter(({ is, away }) => away <= farthest || isPart(wanted, is) || isMixedUp(wanted, is))
    .toSorted((left, right) => left.away - right.away)
    .slice(0, NAMES_MAX)
    .map(({ candidate }) => candidate);
}

/** Whether one name has the other in it. */
function isPart(left, right) {
  const [short, long] = left.length < right.length ? [left, right] : [right, left];
  return short.length >= 3 && long.includes(short);
}

/** Whether two names have the same letters in another order. */
function isMixedUp(left, right) {
  return left.length === right.length && [...left].sort().join('') === [...right].sort().join('');
}

/** A name without what is easily mistaken: case, and what stands between words. */
function plain(name) {
  return name.toLowerCase().replace(/[\s_\-.]/g, '');
}

/**
 * @param {string} name - What was found.
 * @param {Iterable<string>} names - What there is.
 * @returns {string} A question such as `; did you mean "orders"?`, or nothing.
 */
export function didYouMean(name, names) {
  const near = nearest(name, names);
  return near.length === 0 ? '' : `; did you mean ${listed(near, 'or')}?`;
}

/**
 * @param {string[]} names - Some names.
 * @param {'and' | 'or'} word - What stands before the last one.
 * @returns {string} The names in quotes: `"a", "b" or "c"`.
 */
export function listed(names, word) {
  const texts = names.map(quoted);
  if (texts.length < 2) return texts.join('');
  return `${texts.slice(0, -1).join(', ')} ${word} ${texts.at(-1)}`;
}
