// What an agent is shown of a value that is too long for it. What was left out is said in its place.

/** How much of a value is kept, from generous to next to nothing: the first that fits is taken. */
const MEASURES = [
  { text: 1000, items: 50, keys: 100, depth: 10 },
  { text: 300, items: 20, keys: 50, depth: 8 },
  { text: 100, items: 10, keys: 20, depth: 6 },
  { text: 50, items: 5, keys: 10, depth: 4 },
  { text: 30, items: 2, keys: 5, depth: 3 },
  { text: 30, items: 0, keys: 0, depth: 2 },
];

/**
 * @param {unknown} value - A JSON value.
 * @param {number} charactersMax - The longest JSON text that it may have.
 * @returns {{ value: any, text: string, isCut: boolean }} The value, or a shorter one, and its JSON text.
 */
export function shorten(value, charactersMax) {
  const whole = jsonText(value);
  if (whole !== undefined && whole.length <= charactersMax) {
    return { value, text: whole, isCut: false };
  }
  for (const measure of MEASURES) {
    const kept = keep(value, measure, 0);
    const text = JSON.stringify(kept);
    if (text.length <= charactersMax) return { value: kept, text, isCut: true };
  }
  const gone = '[cut]';
  return { value: gone, text: JSON.stringify(gone), isCut: true };
}

/** The JSON text of a value; `undefined` if it is nested too deep for that. */
function jsonText(value) {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function keep(value, measure, depth) {
  if (typeof value === 'string') return keepText(value, measure.text);
  if (value === null || typeof value !== 'object') return value;
  if (depth === measure.depth) return '[cut: what is nested deeper]';
  if (Array.isArray(value)) {
    const kept = value.slice(0, measure.items).map((item) => keep(item, measure, depth + 1));
    const rest = value.length - kept.length;
    return rest === 0 ? kept : [...kept, `[cut: ${rest} more elements]`];
  }
  // The keys of an event itself are few, and stay.
  const keysMax = depth === 0 ? Math.max(measure.keys, 10) : measure.keys;
  const entries = Object.entries(value);
  const kept = entries
    .slice(0, keysMax)
    .map(([key, item]) => [keepText(key, measure.text), keep(item, measure, depth + 1)]);
  if (entries.length > keysMax) {
    kept.push(['[cut]', `${entries.length - keysMax} more keys`]);
  }
  return Object.fromEntries(kept);
}

function keepText(text, charactersMax) {
  if (text.length <= charactersMax) return text;
  // Not between the halves of a surrogate pair.
  const kept = text.slice(0, charactersMax).replace(/[\uD800-\uDBFF]$/, '');
  return `${kept}… [cut: ${text.length - kept.length} more characters]`;
}
