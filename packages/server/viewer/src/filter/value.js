// What a person types as a value, and what it means.

import { takesList, takesText } from './operators.js';

/** Fields that are texts in every event: what is typed for them is a text, also if it looks like a number. */
const TEXT_FIELDS = new Set([
  'id',
  'instanceId',
  'stream_id',
  'streamId',
  'event_type',
  'eventType',
]);

/**
 * The value of a text.
 *
 * @param {string} text - What was typed. JSON is taken as JSON, unless the field or the operator has only texts.
 * @param {string} operator - The operator. Some take a list, with commas between its values.
 * @param {boolean} isText - Whether the field has only texts, as far as is known.
 * @returns {unknown} The value.
 */
export function parseValue(text, operator, isText) {
  if (!takesList(operator)) return single(text, isText || takesText(operator));
  const whole = asJson(text);
  if (Array.isArray(whole)) return whole;
  return pieces(text).map((piece) => single(piece.trim(), isText));
}

/** The text of a value, which `parseValue` takes for the same value. */
export function valueText(value, operator, isText) {
  if (!takesList(operator)) return singleText(value, isText || takesText(operator));
  if (!Array.isArray(value)) return JSON.stringify(value);
  const text = value.map((each) => singleText(each, isText)).join(', ');
  const back = JSON.stringify(parseValue(text, operator, isText));
  return back === JSON.stringify(value) ? text : JSON.stringify(value);
}

/** Whether a field has only texts: by its name, or by the values that were seen of it. */
export function isTextField(name, known) {
  if (TEXT_FIELDS.has(name)) return true;
  // A query compares it with texts and with milliseconds.
  if (name === 'timestamp') return false;
  const types = known?.types;
  return types !== undefined && types.size === 1 && types.has('string');
}

/** What a value is, for people. */
export function typeName(value) {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  return { string: 'text', number: 'number', boolean: 'boolean', object: 'object' }[typeof value];
}

function single(text, isText) {
  const value = asJson(text);
  if (value === undefined) return text;
  // Quotes say that it is a text, in any field.
  return isText && typeof value !== 'string' ? text : value;
}

function singleText(value, isText) {
  if (typeof value !== 'string') return JSON.stringify(value);
  return single(value, isText) === value && value === value.trim() && value !== ''
    ? value
    : JSON.stringify(value);
}

/** Texts between commas, where those within quotes do not count. */
function pieces(text) {
  return text.trim() === '' ? [] : (text.match(/(?:"(?:[^"\\]|\\.)*"|[^,])+/g) ?? []);
}

function asJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
