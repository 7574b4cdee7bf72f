// A condition while it is written: texts and choices, and what they mean.

import { comparesFields, ignoresCase, isComplete, numberOf, OPERATORS } from './operators.js';
import { isTextField, parseValue, valueText } from './value.js';

/** A condition that is not complete: it holds what is written so far, and does not count. */
export function emptyCondition() {
  const written = { field: '', number: 0, text: '', isField: false, ignoreCase: false };
  return { isNew: true, written };
}

/**
 * What a person sees of a condition.
 *
 * @param {object} condition - The condition.
 * @param {Map<string, object>} fields - The fields that are known.
 * @returns {{ field: string, number: number, text: string, isField: boolean, ignoreCase: boolean }} Its field, the number
 *   of its operator, the text of its value or the name of the other field, whether it is such a name, and whether case is
 *   ignored.
 */
export function writtenOf(condition, fields) {
  if (condition.isNew) return condition.written;
  const { field, operator, value, valueField, ignoreCase = false } = condition;
  const isField = valueField !== undefined;
  const text = isField ? valueField : textOf(condition, isTextField(field, fields.get(field)));
  return { field, number: numberOf({ operator, value }), text, isField, ignoreCase };
}

function textOf({ operator, value }, isText) {
  return operator === 'exists' ? '' : valueText(value, operator, isText);
}

/**
 * The condition that is written.
 *
 * @param {object} written - As `writtenOf` returns it.
 * @param {Map<string, object>} fields - The fields that are known.
 * @param {boolean} isNew - Whether it did not count before. An empty text is then none.
 * @returns {object} The condition, which is still new if something is missing.
 */
export function conditionOf(written, fields, isNew) {
  const { number, text, isField, ignoreCase } = written;
  const field = written.field.trim();
  const { operator, value: known } = OPERATORS[number];
  const condition = { field, operator };
  if (known !== undefined) condition.value = known;
  else if (isField && comparesFields(operator)) condition.valueField = text.trim();
  else condition.value = parseValue(text, operator, isTextField(field, fields.get(field)));
  if (ignoreCase && ignoresCase(operator)) condition.ignoreCase = true;
  const lacksText = isNew && text === '' && known === undefined;
  return field === '' || lacksText || !isComplete(condition) ? { isNew: true, written } : condition;
}
