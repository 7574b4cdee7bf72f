// What the newest events of an instance look like: their fields, with the types and some values of each. Reading them all
// would take long, so it is a sample, and says so.

import { shorten } from '../shorten.js';
import { typeOf } from '../arguments.js';
import { explained } from '../instances.js';

/** How many events a query's fields are compared with. */
export const SAMPLED_EVENTS = 200;

/** After so many characters of JSON the sample ends: events may be large. */
const SAMPLED_CHARACTERS_MAX = 2_000_000;

const EXAMPLES_MAX = 3;
const EXAMPLE_CHARACTERS_MAX = 60;
const DEPTH_MAX = 8;
const FIELDS_MAX = 2000;

/**
 * @typedef {object} Field A field, as events of the sample have it.
 * @property {string} field - As a query names it.
 * @property {string[]} types - The JSON types of its values.
 * @property {number} events - How many events of the sample have it.
 * @property {any[]} examples - A few of its values, shortened.
 */

/**
 * @param {{ log: import('codebolt-eventlog').EventLog, signal: AbortSignal }} context - Of the call.
 * @param {string} instance - Its id or its name.
 * @param {string | undefined} stream - Only this stream.
 * @param {number} eventsMax - How many of the newest events to look at.
 * @returns {Promise<{ fields: Field[], events: number }>} The fields, and how many events were looked at.
 */
export async function sampleFields({ log, signal }, instance, stream, eventsMax) {
  const options = { instance, direction: 'backward', limit: eventsMax, signal };
  const reader =
    stream === undefined ? log.readAll(options) : log.readStream({ ...options, stream });
  const fields = new Map();
  let events = 0;
  let characters = 0;
  try {
    for await (const event of reader) {
      events += 1;
      const seen = new Set();
      for (const root of ['payload', 'metadata']) walk(event[root], [root], { fields, seen });
      characters += roughLength(event.payload) + roughLength(event.metadata);
      if (characters > SAMPLED_CHARACTERS_MAX) break;
    }
  } catch (error) {
    throw await explained({ log }, instance, error);
  }
  return { fields: [...fields.values()], events };
}

/** How long a JSON text is, up to where that matters: what is nested too deep for JSON counts as long. */
function roughLength(value) {
  return shorten(value, SAMPLED_CHARACTERS_MAX).text.length;
}

function walk(value, path, found) {
  const type = typeOf(value);
  if (path.length > 1) note(path, value, type, found);
  if (path.length > DEPTH_MAX) return;
  if (type === 'object') {
    for (const [key, item] of Object.entries(value)) walk(item, [...path, key], found);
  } else if (type === 'array' && value.length > 0) {
    // Elements of one array are alike, as a rule. A query names them by their index.
    walk(value[0], [...path, '0'], found);
  }
}

function note(path, value, type, { fields, seen }) {
  const field = fieldName(path);
  if (!fields.has(field)) {
    if (fields.size === FIELDS_MAX) return;
    fields.set(field, { field, types: [], events: 0, examples: [] });
  }
  const entry = fields.get(field);
  if (!seen.has(field)) entry.events += 1;
  seen.add(field);
  if (!entry.types.includes(type)) entry.types.push(type);
  if (type === 'object' || type === 'array' || entry.examples.length === EXAMPLES_MAX) return;
  const example = shortened(value);
  if (!entry.examples.includes(example)) entry.examples.push(example);
}

function shortened(value) {
  if (typeof value !== 'string' || value.length <= EXAMPLE_CHARACTERS_MAX) return value;
  return `${value.slice(0, EXAMPLE_CHARACTERS_MAX)}…`;
}

/** How a query names a path: with dots, or as a JSON Pointer if a key has a dot in it or is empty. */
function fieldName(path) {
  if (path.every((key) => key !== '' && !/[./]/.test(key))) return path.join('.');
  return `/${path.map((key) => key.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`;
}
