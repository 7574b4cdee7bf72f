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
  reduce: { group_by: 'groupBy' },
};

/** The keys of a query in the log's language. */
const OWN_KEYS = ['from', 'where', 'select', 'orderBy', 'limit', 'offset', 'reduce', 'explain'];

/** What other languages call operators and reductions. */
const SYNONYMS = {
  operator: {
    '=': 'eq',
    '==': 'eq',
    '===': 'eq',
    equals: 'eq',
    equal: 'eq',
    is: 'eq',
    '!=': 'neq',
    '<>': 'neq',
    ne: 'neq',
    not: 'neq',
    not_equals: 'neq',
    '>': 'gt',
    '>=': 'gte',
    ge: 'gte',
    '<': 'lt',
    '<=': 'lte',
    le: 'lte',
    like: 'contains',
    includes: 'contains',
    any: 'in',
    range: 'between',
  },
  type: {
    average: 'avg',
    mean: 'avg',
    total: 'sum',
    minimum: 'min',
    maximum: 'max',
    list: 'collect',
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
      put(query, name, value, key);
      if (name !== key) words.push([name, key]);
    }
  }
  return { query, inWordsOfCaller: (error) => translated(error, words) };
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
  return text + meantInstead(text);
}

/** What a misnamed operator or reduction may have meant: the log lists those that there are. */
function meantInstead(error) {
  const named = /\b(operator|type): expected one of (.+), found ("(?:[^"\\]|\\.)*")$/.exec(error);
  if (named === null) return '';
  const [, key, there, found] = named;
  const name = JSON.parse(found);
  const synonym = own(SYNONYMS[key], name.toLowerCase());
  if (synonym !== undefined) return `; did you mean ${quoted(synonym)}?`;
  return didYouMean(name, there.split(/, | and /));
}
