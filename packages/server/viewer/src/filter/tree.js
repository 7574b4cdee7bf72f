// A filter: conditions in groups, which can be in groups again.
//
// A condition is as in a query: `{ field, operator, value, ignoreCase }`, or `valueField` in the place of `value`. A group
// is `{ mode, items }`, where `mode` is `all` (AND), `any` (OR) or `none` (NOT any of them). An empty group holds for every
// event.

import { isOperator } from './operators.js';

/** What a group can ask of its items. */
export const MODES = ['all', 'any', 'none'];

/** The filter that holds for every event. */
export const EVERYTHING = Object.freeze({ mode: 'all', items: [] });

/** How deep groups may be within each other. */
const DEPTH_MAX = 8;

/** What a short condition has after its value. */
const OF_FIELD = 'field';
const IGNORING_CASE = 'ignoreCase';

export function isGroup(node) {
  return node.mode !== undefined;
}

/** How many conditions a filter has. */
export function countConditions(node) {
  if (!isGroup(node)) return 1;
  return node.items.reduce((sum, item) => sum + countConditions(item), 0);
}

/** A filter that asks for one condition more. */
export function withCondition(filter, condition) {
  const same = JSON.stringify(short(condition));
  if (filter.mode === 'all') {
    if (filter.items.some((item) => JSON.stringify(short(item)) === same)) return filter;
    return { ...filter, items: [...filter.items, condition] };
  }
  if (filter.items.length === 0) return { mode: 'all', items: [condition] };
  return { mode: 'all', items: [filter, condition] };
}

/** A filter with another item in the place of one. Without one, the item is taken out. */
export function withItem(group, place, item) {
  const items = [...group.items];
  items.splice(place, 1, ...(item === undefined ? [] : [item]));
  return { ...group, items };
}

/**
 * A filter as a short JSON text: `["payload.n","gt",1]` is a condition, `["any",[…],[…]]` a group. After the value of a
 * condition come `"field"`, if it is another field, and `"ignoreCase"`.
 */
export function filterText(filter) {
  return JSON.stringify(short(filter));
}

function short(node) {
  if (isGroup(node)) return [node.mode, ...node.items.map(short)];
  const { field, operator, value, valueField, ignoreCase } = node;
  const compared = valueField === undefined ? [value] : [valueField, OF_FIELD];
  return [field, operator, ...compared, ...(ignoreCase ? [IGNORING_CASE] : [])];
}

/**
 * The filter of a text that `filterText` has made, or a person.
 *
 * @throws {Error} If it is none. The message says why.
 */
export function parseFilter(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`the filter of the address is not JSON: ${error.message}`, { cause: error });
  }
  const node = nodeOf(value, 1);
  return isGroup(node) ? node : { mode: 'all', items: [node] };
}

function nodeOf(value, depth) {
  if (!Array.isArray(value)) throw expected('an array', value);
  if (depth > DEPTH_MAX) throw new Error(`a filter has at most ${DEPTH_MAX} levels of groups`);
  const condition = conditionOf(value);
  if (condition !== undefined) return condition;
  const [mode, ...items] = value;
  if (MODES.includes(mode)) {
    return { mode, items: items.map((item) => nodeOf(item, depth + 1)) };
  }
  throw expected('a group such as ["all"] or a condition such as ["payload.n","gt",1]', value);
}

function conditionOf([field, operator, compared, ...words]) {
  if (typeof field !== 'string' || !isOperator(operator) || compared === undefined)
    return undefined;
  const isField = words[0] === OF_FIELD;
  const [ignoring, ...more] = isField ? words.slice(1) : words;
  const isKnown = more.length === 0 && (ignoring === undefined || ignoring === IGNORING_CASE);
  if (!isKnown || (isField && typeof compared !== 'string')) return undefined;
  return {
    field,
    operator,
    ...(isField ? { valueField: compared } : { value: compared }),
    ...(ignoring === undefined ? {} : { ignoreCase: true }),
  };
}

function expected(what, found) {
  return new Error(`filter: expected ${what}, found ${JSON.stringify(found)}`);
}
