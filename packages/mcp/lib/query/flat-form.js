// The SDK's admin tools write a query flat and in snake case: instance_id, conditions, order_by. Both forms, and mixtures of
// them, become the query language of the log.

import { invalid } from '../refusal.js';
import { typeOf } from '../arguments.js';
import { didYouMean } from '../names.js';
import { quoted } from '../visible.js';

/** What a key of a query, or of its parts, means in the log's language. */
const KEYS = {
  instance_id: 'from.instance',
  instanceId: 'from.instance',
  stream_id: 'from.stream',
  streamId: 'from.stream',
  conditions: 'where',
  order_by: 'orderBy',
};

const PARTS = {
  from: {
    instance_id: 'instance',
    instanceId: 'instance',
    stream_id: 'stream',
    streamId: 'stream',
  },
};

/** The keys of a query in the log's language. */
const OWN_KEYS = ['from', 'where', 'select', 'orderBy', 'limit', 'offset', 'reduce', 'explain'];

/** The names of the log's language that are of several words: they may be written in snake case. */
const NAMES = {
  keys: ['groupBy', 'timeZone', 'valueField', 'ignoreCase'],
  operators: ['startsWith', 'endsWith', 'notIn'],
  types: ['countDistinct', 'topK'],
};

/** By their names in snake case. */
const SNAKE = Object.fromEntries(
  Object.entries(NAMES).map(([kind, names]) => [
    kind,
    Object.fromEntries(
      names.map((name) => [name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`), name]),
    ),
  ]),
);

/** More levels than a query may have. What is deeper is left as it is. */
const LEVELS_MAX = 70;

/** What other languages call reductions. The log itself knows what they call operators. */
const SYNONYMS = {
  type: {
    average: 'avg',
    mean: 'avg',
    total: 'sum',
    minimum: 'min',
    maximum: 'max',
    list: 'collect',
    distinct: 'countDistinct',
    unique: 'countDistinct',
    quantile: 'percentile',
    top: 'topK',
  },
};

/** @param {string} key - A key of a call. */
export function isQueryKey(key) {
  return OWN_KEYS.includes(key) || Object.hasOwn(KEYS, key);
}

/**
 * @param {Record<string, any>} given - A query in either form.
 * @returns {{ query: Record<string, any>, inWordsOfCaller: (error: string) => string }} The query in the log's language,
 *   and what turns the place that an error names back into the caller's words.
 */
export function toQuery(given) {
  const query = {};
  const words = [];
  for (const [key, value] of Object.entries(given)) {
    if (value === null || value === undefined) continue;
    const [name, part] = (own(KEYS, key) ?? key).split('.');
    if (part !== undefined) {
      query.from = put(query.from ?? {}, part, value, key);
      words.push([`${name}.${part}`, key]);
    } else if (own(PARTS, name) && typeOf(value) === 'object') {
      for (const [inner, innerValue] of Object.entries(value)) {
        const meant = own(PARTS[name], inner) ?? inner;
        query[name] = put(query[name] ?? {}, meant, innerValue, `${key}.${inner}`);
        if (meant !== inner) words.push([`${name}.${meant}`, `${key}.${inner}`]);
      }
      query[name] ??= {};
    } else {
      put(query, name, inCamelCase(value, name, LEVELS_MAX, words), key);
      if (name !== key) words.push([name, key]);
    }
  }
  return { query, inWordsOfCaller: (error) => translated(error, words) };
}

/** The parts of a query in which names are of several words. */
const WITH_NAMES = ['where', 'reduce'];

/**
 * A part of a query with its names as the log has them.
 *
 * @param {unknown} value - What stands there.
 * @param {string} name - The part, `where` or `reduce`; others stay as they are.
 * @param {number} levels - How much deeper it may be.
 * @param {[string, string][]} words - Names of the log, and as they were written.
 * @returns {unknown} The same, or a copy with other names.
 */
function inCamelCase(value, name, levels, words) {
  if (!WITH_NAMES.includes(name) || levels === 0) return value;
  const inner = (part) => inCamelCase(part, name, levels - 1, words);
  if (Array.isArray(value)) return value.map(inner);
  if (typeOf(value) !== 'object') return value;
  const renamed = {};
  for (const [key, part] of Object.entries(value)) {
    const meant = own(SNAKE.keys, key) ?? key;
    if (meant !== key) words.push([`.${meant}`, `.${key}`]);
    const of = { operator: SNAKE.operators, type: SNAKE.types }[key];
    // What a condition compares with is no part of the language. Names of aggregates are the caller's.
    if (key === 'value') put(renamed, key, part, key);
    else if (key === 'aggregates' && typeOf(part) === 'object') {
      const named = Object.entries(part).map(([title, aggregate]) => [title, inner(aggregate)]);
      put(renamed, key, Object.fromEntries(named), key);
    } else if (of !== undefined && typeof part === 'string') {
      put(renamed, key, own(of, part) ?? part, key);
    } else put(renamed, meant, inner(part), key);
  }
  return renamed;
}

/** What an object has itself under a key, which may be a name such as `constructor`. */
function own(object, key) {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Sets a key that may have been given before, in its other spelling. */
function put(target, key, value, found) {
  if (Object.hasOwn(target, key) && JSON.stringify(target[key]) !== JSON.stringify(value)) {
    throw invalid(`${found}: expected the value of its other spelling, or only one of the two`);
  }
  // An assignment would give __proto__ another meaning.
  Object.defineProperty(target, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
  return target;
}

function translated(error, words) {
  const found = words.find(
    ([place]) => error.startsWith(place) && /^[.:[]/.test(error.slice(place.length)),
  );
  const text = found ? found[1] + error.slice(found[0].length) : error;
  // Only the place, which ends with the colon, is in words of the query.
  const end = text.indexOf(': ');
  const names = words.filter(([name]) => name.startsWith('.'));
  const place = names.reduce(
    (path, [name, written]) => path.replaceAll(name, written),
    text.slice(0, end),
  );
  return `${place}${text.slice(end)}${meantInstead(text)}`;
}

/** What a misnamed operator or reduction may have meant: the log lists those that there are. */
function meantInstead(error) {
  const named = /\b(operator|type): expected one of (.+), found ("(?:[^"\\]|\\.)*")$/.exec(error);
  if (named === null) return '';
  const [, key, there, found] = named;
  const name = JSON.parse(found);
  const synonym = own(own(SYNONYMS, key) ?? {}, name.toLowerCase());
  if (synonym !== undefined) return `; did you mean ${quoted(synonym)}?`;
  return didYouMean(name, there.split(/, | and /));
}
