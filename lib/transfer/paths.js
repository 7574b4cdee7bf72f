'use strict';

// Where values are in a JSON text: several paths in one walk, so that nothing else of the text becomes a value.

const { afterBlanks, afterString, afterValue, stringOf } = require('../json-text.js');

/** What is looked for at a place: the numbers of the paths that end there, and what is looked for below. */
class Place {
  /** @type {number[]} */
  ends = [];
  /** The numbers of all paths that lead through here. @type {number[]} */
  all = [];
  /** @type {Map<string, Place>} */
  below = new Map();

  add(keys, number) {
    this.all.push(number);
    const [key, ...rest] = keys;
    if (key === undefined) {
      this.ends.push(number);
      return;
    }
    let next = this.below.get(key);
    if (next === undefined) {
      next = new Place();
      this.below.set(key, next);
    }
    next.add(rest, number);
  }
}

/** Paths that lead to values of a JSON text. */
class Paths {
  #top = new Place();

  /** @param {(string[] | undefined)[]} paths - The keys and indexes of each; `undefined` for none. */
  constructor(paths) {
    for (const [number, keys] of paths.entries()) {
      if (keys !== undefined) this.#top.add(keys, number);
    }
  }

  /** Whether there are any. */
  get areSome() {
    return this.#top.all.length > 0;
  }

  /**
   * Finds the values.
   *
   * @param {string} text - Valid JSON without blanks around it.
   * @param {(string | undefined)[]} found - Gets the text of each value that is there, at the number of its path.
   */
  find(text, found) {
    if (this.areSome) walk(text, 0, this.#top, found);
  }
}

/** Looks at the value that begins at `start`. Returns where it ends. */
function walk(text, start, place, found) {
  const first = text.charCodeAt(start);
  let end;
  if (place.below.size > 0 && first === 0x7b) end = walkObject(text, start, place.below, found);
  else if (place.below.size > 0 && first === 0x5b) end = walkArray(text, start, place.below, found);
  else end = afterValue(text, start);
  for (const number of place.ends) found[number] = text.slice(start, end);
  return end;
}

function walkObject(text, start, below, found) {
  let at = afterBlanks(text, start + 1);
  while (text.charCodeAt(at) === 0x22) {
    const keyEnd = afterString(text, at);
    const next = below.get(stringOf(text.slice(at, keyEnd)));
    const valueStart = afterBlanks(text, afterBlanks(text, keyEnd) + 1);
    at = afterBlanks(text, valueOrPlace(text, valueStart, next, found));
    if (text.charCodeAt(at) !== 0x2c) break;
    at = afterBlanks(text, at + 1);
  }
  return at + 1;
}

function walkArray(text, start, below, found) {
  let at = afterBlanks(text, start + 1);
  for (let index = 0; text.charCodeAt(at) !== 0x5d; index += 1) {
    const end = valueOrPlace(text, at, below.get(String(index)), found);
    at = afterBlanks(text, end);
    if (text.charCodeAt(at) !== 0x2c) break;
    at = afterBlanks(text, at + 1);
  }
  return at + 1;
}

function valueOrPlace(text, start, place, found) {
  if (place === undefined) return afterValue(text, start);
  // Of a key that stands there twice, the last one counts, as for `JSON.parse`.
  for (const number of place.all) found[number] = undefined;
  return walk(text, start, place, found);
}

module.exports = { Paths };
