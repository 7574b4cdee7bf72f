// A filter: conditions in groups, which can be in groups again.
//
// A condition is `{ field, operator, value }`, as in a query. A group is `{ mode, items }`, where `mode` is `all` (AND),
// `any` (OR) or `none` (NOT any of them). An empty group holds for every event.

/** What a group can ask of its items. */
export const MODES = ['all', 'any', 'none'];

/** The operators of the query language. */
export const OPERATORS = ['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'contains', 'in', 'between'];

/** The filter that holds for every event. */
export const EVERYTHING = Object.freeze({ mode: 'all', items: [] });

/** How deep groups may be within each other. */
const DEPTH_MAX = 8;

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
  const same = JSON.stringify(condition);
  if (filter.mode === 'all') {
    if (filter.items.some((item) => JSON.stringify(item) === same)) return filter;
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

/** A filter as a short JSON text: `["payload.n","gt",1]` is a condition, `["any",[…],[…]]` a group. */
export function filterText(filter) {
  const short = (node) =>
    isGroup(node) ? [node.mode, ...node.items.map(short)] : [node.field, node.operator, node.value];
  return JSON.stringify(short(filter));
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
  const [first, ...rest] = value;
  const isCondition = rest.length === 2 && OPERATORS.includes(rest[0]);
  if (isCondition && typeof first === 'string') {
    return { field: first, operator: rest[0], value: rest[1] };
  }
  if (MODES.includes(first)) {
    return { mode: first, items: rest.map((item) => nodeOf(item, depth + 1)) };
  }
  throw expected('a group such as ["all"] or a condition such as ["payload.n","gt",1]', value);
}

function expected(what, found) {
  return new Error(`filter: expected ${what}, found ${JSON.stringify(found)}`);
}
