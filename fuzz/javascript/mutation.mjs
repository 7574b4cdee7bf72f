// Inputs that are made of others.

/** Random numbers that are the same for the same seed. */
export class Random {
  #state;

  /** @param {number} seed - A whole number. */
  constructor(seed) {
    this.#state = (seed ^ 0x9e37_79b9) >>> 0 || 1;
  }

  /** A whole number from 0 to before `end`. */
  below(end) {
    // Marsaglia's xorshift.
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % end;
  }

  oneOf(values) {
    return values[this.below(values.length)];
  }
}

/** Texts that lead further than random bytes, in all targets. */
const WORDS = [
  '\n',
  '\n\n',
  '0',
  '-1',
  '9007199254740993',
  '1e400',
  'null',
  '{}',
  '[]',
  '""',
  '\\u0000',
  '__proto__',
  '\ud83d\ude00',
  '\u00e9',
  '=',
  '==',
  '+',
  ' ',
].map((word) => Buffer.from(word));

const INPUT_BYTES_MAX = 64 << 10;

/** Ways to alter bytes, each with the bytes, a place among them, and where to find others. */
const WAYS = [
  (bytes, at, random) => {
    const altered = Buffer.from(bytes);
    if (altered.length > 0) altered[Math.min(at, altered.length - 1)] ^= 1 << random.below(8);
    return altered;
  },
  (bytes, at, random) => replaced(bytes, at, 1, Buffer.of(random.below(256))),
  (bytes, at, random) => replaced(bytes, at, 1 + random.below(16), Buffer.alloc(0)),
  (bytes, at, random) => replaced(bytes, at, 0, random.oneOf(WORDS)),
  (bytes, at, random) => replaced(bytes, at, 1 + random.below(8), random.oneOf(WORDS)),
  // A part once more, right there or elsewhere.
  (bytes, at, random) => {
    const end = Math.min(bytes.length, at + 1 + random.below(64));
    const to = random.oneOf([at, random.below(bytes.length + 1)]);
    return replaced(bytes, to, 0, bytes.subarray(at, end));
  },
  (bytes, at) => bytes.subarray(0, at),
  // The rest of another input.
  (bytes, at, random, other) =>
    Buffer.concat([bytes.subarray(0, at), other.subarray(random.below(other.length + 1))]),
  // A line of another input in the place of a line.
  (bytes, at, random, other) => {
    const [lines, others] = [bytes, other].map((it) => it.toString('latin1').split('\n'));
    lines[random.below(lines.length)] = random.oneOf(others);
    return Buffer.from(lines.join('\n'), 'latin1');
  },
];

function replaced(bytes, at, count, by) {
  return Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(at + count)]);
}

/**
 * Alters an input in up to four ways.
 *
 * @param {Buffer} bytes - The input.
 * @param {Buffer} other - Another one.
 * @param {Random} random - What chooses.
 * @returns {Buffer} A new one.
 */
export function mutated(bytes, other, random) {
  let altered = bytes;
  for (let count = 1 + random.below(4); count > 0; count -= 1) {
    const at = random.below(altered.length + 1);
    altered = random.oneOf(WAYS)(altered, at, random, other);
  }
  return altered.subarray(0, INPUT_BYTES_MAX);
}
