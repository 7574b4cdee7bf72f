// What the viewer has to know of the operators of queries, to offer them.

/** Those that compare as text, in which case can be ignored. */
const OF_CASE = ['eq', 'neq', 'in', 'notIn', 'contains', 'startsWith', 'endsWith', 'matches'];

/** Those that compare two fields of an event. */
const OF_FIELDS = ['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'contains', 'startsWith', 'endsWith'];

/** Those whose value is a text, whatever the field has. */
const OF_TEXT = ['startsWith', 'endsWith', 'matches'];

/** Those that take several values, and how many. */
const OF_LISTS = { in: undefined, notIn: undefined, between: 2 };

/** The operators of the query language, with what a person reads. `exists` is two, by its value. */
export const OPERATORS = [
  { operator: 'eq', name: '=' },
  { operator: 'neq', name: '≠' },
  { operator: 'gt', name: '>' },
  { operator: 'gte', name: '≥' },
  { operator: 'lt', name: '<' },
  { operator: 'lte', name: '≤' },
  { operator: 'contains', name: 'contains' },
  { operator: 'startsWith', name: 'starts with' },
  { operator: 'endsWith', name: 'ends with' },
  { operator: 'matches', name: 'matches', hint: 'regular expression' },
  { operator: 'in', name: 'is one of', hint: 'a, b, c' },
  { operator: 'notIn', name: 'is none of', hint: 'a, b, c' },
  { operator: 'between', name: 'between', hint: 'from, to' },
  { operator: 'exists', name: 'exists', value: true },
  { operator: 'exists', name: 'does not exist', value: false },
];

export const isOperator = (name) => OPERATORS.some(({ operator }) => operator === name);

/** The place in `OPERATORS` of a condition's operator. */
export function numberOf({ operator, value }) {
  const wanted = operator === 'exists' ? value !== false : undefined;
  return OPERATORS.findIndex((each) => each.operator === operator && each.value === wanted);
}

export const ignoresCase = (operator) => OF_CASE.includes(operator);
export const comparesFields = (operator) => OF_FIELDS.includes(operator);
export const takesText = (operator) => OF_TEXT.includes(operator);
export const takesList = (operator) => Object.hasOwn(OF_LISTS, operator);

/** Whether a condition has all the values that its operator asks for. */
export function isComplete({ operator, value, valueField }) {
  if (valueField !== undefined) return valueField !== '';
  const length = OF_LISTS[operator];
  return length === undefined || (Array.isArray(value) && value.length === length);
}
