// Answers of different systems to the same query, compared.

/** What tells numbers apart that were added in another order. */
const relativeDifferenceMax = 1e-9;

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/**
 * @param {string} kind - The kind of the answer.
 * @param {unknown} answer - An answer.
 * @returns {unknown} The answer without what the systems make up themselves: the ids of the events.
 */
export function comparable(kind, answer) {
  if (kind === 'events') return answer.map(withoutIds);
  if (kind === 'page') return { ...answer, events: answer.events.map(withoutIds) };
  return answer;
}

function withoutIds(given) {
  const { id, instanceId: _, ...event } = given;
  if (!uuid.test(id)) throw new Error(`an event: expected a UUID as its id, found ${id}`);
  return event;
}

/**
 * @param {string} kind - The kind of an answer.
 * @param {unknown} answer - An answer.
 * @returns {string} What it consists of, in words.
 */
export function describeAnswer(kind, answer) {
  const counted = (list, one, many) =>
    list.length === 1 ? `1 ${one}` : `${list.length.toLocaleString('en')} ${many}`;
  const descriptions = {
    events: () => counted(answer, 'event', 'events'),
    page: () =>
      `total ${answer.total.toLocaleString('en')}, ${counted(answer.events, 'event', 'events')}`,
    rows: () => counted(answer, 'group', 'groups'),
    list: () => counted(answer, 'number', 'numbers'),
    value: () => 'a number',
  };
  return descriptions[kind]();
}

/**
 * @param {unknown} answer - An answer.
 * @param {unknown} expected - The answer of another system.
 * @param {string} [path] - Where it stands.
 * @returns {string | undefined} The first difference in words, or `undefined` where there is none.
 */
export function difference(answer, expected, path = 'answer') {
  if (Object.is(answer, expected)) return undefined;
  if (typeof answer === 'number' && typeof expected === 'number') {
    const scale = Math.max(Math.abs(answer), Math.abs(expected));
    if (Math.abs(answer - expected) <= scale * relativeDifferenceMax) return undefined;
  }
  if (!isContainer(answer) || !isContainer(expected)) return found(path, answer, expected);
  if (Array.isArray(answer) !== Array.isArray(expected)) return found(path, answer, expected);
  const keys = Object.keys(expected);
  if (Object.keys(answer).length !== keys.length) {
    return found(path, Object.keys(answer).length, keys.length, 'values');
  }
  for (const key of keys) {
    if (!Object.hasOwn(answer, key)) return found(`${path}.${key}`, undefined, expected[key]);
    const inner = difference(answer[key], expected[key], `${path}.${key}`);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function isContainer(value) {
  return typeof value === 'object' && value !== null;
}

function found(path, answer, expected, unit) {
  const text = (value) => [JSON.stringify(value), unit].filter(Boolean).join(' ').slice(0, 200);
  return `${path}: expected ${text(expected)}, found ${text(answer)}`;
}
