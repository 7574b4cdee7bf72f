'use strict';

// Which events are asked for: conditions of the query language, from what is written on a command line.

const { invalid } = require('./failure.js');
const { parseJson } = require('./exact-json.js');
const { timeOf } = require('./times.js');

/** The operators as they are written, and as the query language has them. */
const SYMBOLS = {
  '=': 'eq',
  '==': 'eq',
  '!=': 'neq',
  '>': 'gt',
  '>=': 'gte',
  '<': 'lt',
  '<=': 'lte',
  '~': 'contains',
};

const WORDS = [
  'eq',
  'neq',
  'gt',
  'gte',
  'lt',
  'lte',
  'contains',
  'startsWith',
  'endsWith',
  'matches',
  'in',
  'notIn',
  'between',
  'exists',
];

const FIELD = String.raw`("(?:[^"\\]|\\.)*"|[^\s=!<>~"]+)`;

const WITH_SYMBOL = new RegExp(String.raw`^\s*${FIELD}\s*([=!<>~]+)\s*(.*?)\s*$`, 's');

const WITH_WORD = new RegExp(String.raw`^\s*${FIELD}\s+(${WORDS.join('|')})\s+(.*?)\s*$`, 's');

const EXPECTED =
  'expected FIELD OP VALUE, where OP is one of = != > >= < <= ~ (contains), or of ' +
  `${WORDS.join(', ')}`;

/** A value as it is written: JSON, or else a text. */
function valueOf(text, place) {
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  return parseJson(text, place);
}

/** The value of an operator. */
function valueFor(operator, text, place) {
  const value = valueOf(text, place);
  return OF_TEXTS.includes(operator) && typeof value !== 'string' ? text : value;
}

/** Operators whose value is a text, also where it looks like another value. */
const OF_TEXTS = ['startsWith', 'endsWith', 'matches'];

/** The condition that a text such as `payload.price >= 5` is. */
function condition(text) {
  const place = `--where '${text}'`;
  const found = WITH_WORD.exec(text) ?? WITH_SYMBOL.exec(text);
  if (found === null) throw invalid(`${place}: ${EXPECTED}`);
  const [, written, operator, value] = found;
  if (!WORDS.includes(operator) && !Object.hasOwn(SYMBOLS, operator)) {
    const advice = 'a text that begins so is written in double quotes';
    throw invalid(`${place}: ${EXPECTED}, found ${operator} (${advice})`);
  }
  if (value === '') {
    throw invalid(
      `${place}: expected a value after ${operator}, found nothing ("" is an empty text)`,
    );
  }
  const field = written.startsWith('"') ? JSON.parse(written) : written;
  return {
    field,
    operator: SYMBOLS[operator] ?? operator,
    value: valueFor(operator, value, place),
  };
}

/** A text that an option was given. An empty one is most often a variable of the shell that is not set. */
function checkText(name, text) {
  if (text === '') throw invalid(`--${name}: expected a text, found an empty one`);
}

/** The conditions that options ask for, without that on the stream. */
function conditionsOf({ type = [], where = [], since, until, correlation, causation }) {
  for (const each of type) checkText('type', each);
  checkText('correlation', correlation);
  checkText('causation', causation);
  const conditions = where.map(condition);
  if (type.length === 1) conditions.push({ field: 'event_type', operator: 'eq', value: type[0] });
  if (type.length > 1) conditions.push({ field: 'event_type', operator: 'in', value: type });
  const at = { gte: timeOf('--since', since), lt: timeOf('--until', until) };
  for (const [operator, value] of Object.entries(at)) {
    if (value !== undefined) conditions.push({ field: 'timestamp', operator, value });
  }
  const related = { correlationId: correlation, causationId: causation };
  for (const [key, value] of Object.entries(related)) {
    if (value === undefined) continue;
    conditions.push({ field: `metadata.${key}`, operator: 'eq', value });
  }
  return conditions;
}

/**
 * The condition that an event is of a stream; none without one.
 *
 * @param {string} [stream] - Which stream.
 * @returns {import('../../index.js').EventLogCondition[]} The conditions.
 */
function streamCondition(stream) {
  return stream === undefined ? [] : [{ field: 'stream_id', operator: 'eq', value: stream }];
}

module.exports = { conditionsOf, streamCondition };
