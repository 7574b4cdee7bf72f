'use strict';

// The lines of a source of text, and the elements of one JSON array, in bounded memory.

const { invalid } = require('../../failure.js');

/** The longest line or element, in bytes: an event of the largest size that a log can take, with what JSON adds to it. */
const BYTES_MAX = 136 * 1024 * 1024;

const LINE_FEED = 10;

/** The bytes of a source, as they come. They are there until the next step. */
async function* bytesOf(source) {
  for (;;) {
    const batch = await source.next();
    if (batch === undefined) return;
    yield batch.bytes;
    if (batch.last) return;
  }
}

/** Decodes text, which has to be UTF-8. Whoever is told of something else hears its place. */
function decoded(bytes, place) {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalid(`${place}: expected UTF-8, found other bytes`);
  }
}

function checkLength(bytes, place) {
  if (bytes > BYTES_MAX) {
    throw invalid(`${place}: expected at most ${BYTES_MAX} bytes, found more`);
  }
}

/**
 * The lines of a source that are not blank, each as `{ place, text }`.
 *
 * @param {{ next: () => Promise<{ bytes: Buffer, last: boolean } | undefined> }} source - The source.
 */
async function* linesOf(source) {
  let number = 0;
  let parts = [];
  let held = 0;
  const take = () => {
    number += 1;
    const text = decoded(Buffer.concat(parts), `line ${number}`).trim();
    parts = [];
    held = 0;
    return text === '' ? undefined : { place: `line ${number}`, text };
  };
  for await (const bytes of bytesOf(source)) {
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(LINE_FEED, start);
      // Copied: the source uses its memory again.
      parts.push(Buffer.from(bytes.subarray(start, end === -1 ? bytes.length : end)));
      held += parts.at(-1).length;
      checkLength(held, `line ${number + 1}`);
      if (end === -1) break;
      const line = take();
      if (line !== undefined) yield line;
      start = end + 1;
    }
  }
  const line = held > 0 ? take() : undefined;
  if (line !== undefined) yield line;
}

/** Finds the elements of one array in text that comes in pieces. It looks for their ends alone, and not whether they are JSON. */
class Elements {
  #text = '';
  #depth = 0;
  #isString = false;
  #isEscaped = false;
  #count = 0;
  #ended = false;

  /** The elements that end in the next text. */
  take(text) {
    const found = [];
    let start = 0;
    for (let at = 0; at < text.length; at += 1) {
      const character = text[at];
      if (this.#isString) this.#inString(character);
      else if (this.#ended || this.#depth === 0) start = this.#outside(character, at);
      else if (character === '"') this.#isString = true;
      else if (character === '{' || character === '[') this.#depth += 1;
      else if (character === '}' || character === ']') this.#close(character);
      const isEnd = this.#depth === 0 || (character === ',' && this.#depth === 1);
      if (this.#isString || this.#ended || !isEnd) continue;
      if (this.#depth === 0 && character !== ']') continue;
      const element = this.#element(`${this.#text}${text.slice(start, at)}`, this.#depth === 0);
      if (element !== undefined) found.push(element);
      this.#text = '';
      start = at + 1;
      this.#ended = this.#depth === 0;
    }
    if (!this.#ended && this.#depth > 0) this.#text += text.slice(start);
    checkLength(this.#text.length, `element ${this.#count + 1}`);
    return found;
  }

  /** Says what is wrong if the text ends here. */
  end() {
    if (this.#ended) return;
    if (this.#depth === 0) throw invalid('expected an array of CloudEvents, found nothing');
    throw invalid(`element ${this.#count + 1}: the array ends in the middle of it`);
  }

  #close(character) {
    if (this.#depth === 1 && character === '}') {
      throw invalid(`element ${this.#count + 1}: expected JSON, found "}" without its beginning`);
    }
    this.#depth -= 1;
  }

  #inString(character) {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (character === '\\') this.#isEscaped = true;
    else if (character === '"') this.#isString = false;
  }

  /** Before the array, or behind it, are blanks alone. Returns where the first element begins. */
  #outside(character, at) {
    if (!this.#ended && character === '[') {
      this.#depth = 1;
      return at + 1;
    }
    if (/\s|\ufeff/.test(character)) return at;
    const where = this.#ended ? 'nothing behind the array' : 'an array of CloudEvents';
    throw invalid(`expected ${where}, found ${JSON.stringify(character)}`);
  }

  #element(text, isLast) {
    const trimmed = text.trim();
    if (trimmed === '' && isLast && this.#count === 0) return undefined;
    this.#count += 1;
    const place = `element ${this.#count}`;
    if (trimmed === '') throw invalid(`${place}: expected a value, found nothing`);
    return { place, text: trimmed };
  }
}

/** The elements of the one array that a source is, each as `{ place, text }`. */
async function* elementsOf(source) {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const elements = new Elements();
  const text = (bytes, more) => {
    try {
      return decoder.decode(bytes, { stream: more });
    } catch {
      throw invalid('expected UTF-8, found other bytes');
    }
  };
  for await (const bytes of bytesOf(source)) yield* elements.take(text(bytes, true));
  yield* elements.take(text(Buffer.alloc(0), false));
  elements.end();
}

module.exports = { bytesOf, decoded, elementsOf, linesOf };
