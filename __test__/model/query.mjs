// Queries over an array of events, in append order. Slow and plain.

const TYPES = ['null', 'boolean', 'number', 'string', 'array', 'object'];

const HEADERS = new Map([
  ['id', 'id'],
  ['instanceId', 'instanceId'],
  ['stream_id', 'stream_id'],
  ['streamId', 'stream_id'],
  ['event_type', 'event_type'],
  ['eventType', 'event_type'],
  ['timestamp', 'timestamp'],
  ['sequence_number', 'sequence_number'],
  ['sequenceNumber', 'sequence_number'],
]);

export function typeOf(value) {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** The keys that lead from an event to a field. */
export function stepsOf(field) {
  if (field.startsWith('/')) {
    const steps = field.slice(1).split('/');
    return steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  if (HEADERS.has(field)) return [HEADERS.get(field)];
  const steps = field.split('.');
  return steps[0] === 'payload' || steps[0] === 'metadata' ? steps : ['payload', ...steps];
}

function child(value, step) {
  const type = typeOf(value);
  if (type === 'array') return /^(0|[1-9]\d*)$/.test(step) ? value[step] : undefined;
  return type === 'object' && Object.hasOwn(value, step) ? value[step] : undefined;
}

/** The value of a field; undefined if it is not there. */
function find(event, field) {
  return stepsOf(field).reduce(child, event);
}

/** The value of a field; what is not there is null. */
export function read(event, field) {
  return find(event, field) ?? null;
}

/** The order of any two values: by type, then within it. Arrays and objects of a kind tie. */
function compare(a, b) {
  const types = TYPES.indexOf(typeOf(a)) - TYPES.indexOf(typeOf(b));
  if (types !== 0) return types;
  if (typeof a === 'object') return 0;
  return a < b ? -1 : a > b ? 1 : 0;
}

function equal(a, b) {
  return typeOf(a) === typeOf(b) && (a === b || JSON.stringify(a) === JSON.stringify(b));
}

function ordered(value, bound, holds) {
  const type = typeOf(value);
  const comparable = ['boolean', 'number', 'string'].includes(type);
  return comparable && type === typeOf(bound) && holds(compare(value, bound));
}

function contains(value, part) {
  if (typeof value === 'string') return typeof part === 'string' && value.includes(part);
  return Array.isArray(value) && value.some((element) => equal(element, part));
}

const OPERATORS = {
  eq: (value, bound) => equal(value, bound),
  neq: (value, bound) => !equal(value, bound),
  gt: (value, bound) => ordered(value, bound, (order) => order > 0),
  gte: (value, bound) => ordered(value, bound, (order) => order >= 0),
  lt: (value, bound) => ordered(value, bound, (order) => order < 0),
  lte: (value, bound) => ordered(value, bound, (order) => order <= 0),
  contains,
  startsWith: (value, part) =>
    typeof value === 'string' && typeof part === 'string' && value.startsWith(part),
  endsWith: (value, part) =>
    typeof value === 'string' && typeof part === 'string' && value.endsWith(part),
  matches: (value, pattern) => typeof value === 'string' && new RegExp(pattern, 'u').test(value),
  in: (value, bounds) => bounds.some((bound) => equal(value, bound)),
  notIn: (value, bounds) => !bounds.some((bound) => equal(value, bound)),
  between: (value, [low, high]) =>
    ordered(value, low, (order) => order >= 0) && ordered(value, high, (order) => order <= 0),
};

/** A time in whatever form, as the ISO string that events have. */
function asTime(value) {
  return Array.isArray(value) ? value.map(asTime) : new Date(value).toISOString();
}

/** A value without the case of its texts. */
function folded(value) {
  if (typeof value === 'string') return value.toLowerCase();
  return Array.isArray(value)
    ? value.map((one) => (typeof one === 'string' ? one.toLowerCase() : one))
    : value;
}

/** Whether a condition or a tree of them holds. */
function matches(event, part) {
  if (part.any) return part.any.some((inner) => matches(event, inner));
  if (part.all) return part.all.every((inner) => matches(event, inner));
  if (part.not) return !matches(event, part.not);
  const { field, operator, value, valueField, ignoreCase } = part;
  if (operator === 'exists') return (find(event, field) !== undefined) === value;
  if (valueField !== undefined) {
    return OPERATORS[operator](read(event, field), read(event, valueField));
  }
  if (ignoreCase) return OPERATORS[operator](folded(read(event, field)), folded(value));
  const bound = field === 'timestamp' ? asTime(value) : JSON.parse(JSON.stringify(value));
  return OPERATORS[operator](read(event, field), bound);
}

/** Sorts events; ties keep append order upwards, and reverse it downwards. */
function sorted(items, { direction = 'asc' }, valueOf) {
  const up = [...items].sort((a, b) => compare(valueOf(a), valueOf(b)));
  return direction === 'asc' ? up : up.reverse();
}

/** Sorts rows; those that tie stay in the order of their groups, whatever the direction. */
function sortedRows(rows, { field, direction = 'asc' }) {
  const sign = direction === 'asc' ? 1 : -1;
  return [...rows].sort((a, b) => sign * compare(a[field], b[field]));
}

function paged(items, { limit, offset = 0 }) {
  return items.slice(offset, limit === undefined ? undefined : offset + limit);
}

/** Sets an own key, whatever its name. */
function define(object, key, value) {
  Object.defineProperty(object, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

/** Copies the value under `steps`, with its nesting. What is not there is left out. */
function keep(from, into, [step, ...rest]) {
  const value = child(from, step);
  if (rest.length === 0) {
    define(into, step, value);
    return;
  }
  const kept = Object.hasOwn(into, step) ? into[step] : {};
  // A field that is kept whole holds all its parts already.
  if (kept === value) return;
  define(into, step, kept);
  keep(value, kept, rest);
}

function selected(event, fields) {
  const kept = {};
  for (const steps of fields.map(stepsOf)) {
    if (steps.reduce(child, event) !== undefined) keep(event, kept, steps);
  }
  return kept;
}

/** Folds the values of a field, in append order. */
const FOLDS = {
  sum: (values) => values.filter(isNumber).reduce((sum, value) => sum + value, 0),
  avg: (values) => {
    const numbers = values.filter(isNumber);
    return numbers.length === 0 ? null : FOLDS.sum(numbers) / numbers.length;
  },
  min: (values) => values.filter(isScalar).sort(compare)[0] ?? null,
  max: (values) => values.filter(isScalar).sort(compare).at(-1) ?? null,
  collect: (values) => values.filter((value) => value !== null),
};

function isNumber(value) {
  return typeof value === 'number';
}

function isScalar(value) {
  return ['boolean', 'number', 'string'].includes(typeof value);
}

function fold(events, { type, field }) {
  if (type !== 'count') return FOLDS[type](events.map((event) => read(event, field)));
  if (field === undefined) return events.length;
  return events.filter((event) => read(event, field) !== null).length;
}

function rowsOf(events, { type, field, groupBy }) {
  const names = [groupBy].flat();
  const groups = new Map();
  for (const event of events) {
    const values = names.map((name) => read(event, name));
    const key = JSON.stringify(values);
    if (!groups.has(key)) groups.set(key, { values, events: [] });
    groups.get(key).events.push(event);
  }
  const byValues = (a, b) =>
    a.values.reduce((order, value, index) => order || compare(value, b.values[index]), 0);
  return [...groups.values()].sort(byValues).map((group) => {
    const row = {};
    names.forEach((name, index) => define(row, name, group.values[index]));
    define(row, type, fold(group.events, { type, field }));
    return row;
  });
}

function aggregationOf(events, { reduce, orderBy, limit, offset }) {
  if (reduce.groupBy !== undefined) {
    const rows = rowsOf(events, reduce);
    return paged(orderBy ? sortedRows(rows, orderBy) : rows, { limit, offset });
  }
  if (reduce.type !== 'collect') return fold(events, reduce);
  const inOrder = orderBy ? sorted(events, orderBy, (event) => read(event, orderBy.field)) : events;
  return paged(fold(inOrder, reduce), { limit, offset });
}

/** The `result` of a query that is valid. */
export function evaluate(events, query) {
  const { from, where = [], select, orderBy, limit, offset, reduce } = query;
  const found = events.filter(
    (event) =>
      (from.stream === undefined || event.stream_id === from.stream) &&
      [where].flat().every((part) => matches(event, part)),
  );
  const page = { total: found.length };
  if (limit !== undefined) page.limit = limit;
  if (offset !== undefined) page.offset = offset;
  if (reduce) return { aggregation: aggregationOf(found, query), ...page };

  const inOrder = orderBy ? sorted(found, orderBy, (event) => read(event, orderBy.field)) : found;
  const kept = paged(inOrder, { limit, offset });
  return { events: select ? kept.map((event) => selected(event, select)) : kept, ...page };
}
