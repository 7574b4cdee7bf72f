// The arguments of a tool, by a table of its inputs: which there are, of what type, and which are required.

import { invalid } from './refusal.js';
import { didYouMean, listed } from './names.js';

/**
 * @typedef {object} Input One argument of a tool.
 * @property {'string' | 'integer' | 'boolean' | 'object' | 'array'} type - Its JSON type.
 * @property {string} description - What it is, for the agent.
 * @property {boolean} [required] - Whether a call needs it.
 * @property {boolean} [both] - Whether the agent is told of both spellings, as it is told of `stream_id` and `streamId`.
 * @property {string[]} [enum] - The strings that it may be.
 * @property {number} [minimum] - The smallest number.
 * @property {number} [maximum] - The largest number.
 * @property {object} [schema] - More of its JSON Schema, which only the agent sees: the log tests it.
 */

/** @param {string} name - A name in camel case. */
export function snake(name) {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** @param {string} name - A name in snake case. */
function camel(name) {
  return name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
}

/**
 * The JSON Schema of a tool's arguments. It names what `readArguments` takes, without the second spelling of each.
 *
 * @param {Record<string, Input>} inputs - The tool's inputs.
 */
export function inputSchema(inputs) {
  const properties = {};
  const required = [];
  for (const [name, input] of Object.entries(inputs)) {
    const { type, description, minimum, maximum } = input;
    const property = { type, description, enum: input.enum, minimum, maximum, ...input.schema };
    const present = Object.entries(property).filter(([, value]) => value !== undefined);
    properties[name] = Object.fromEntries(present);
    if (input.both) {
      properties[snake(name)] = { ...properties[name], description: `Another spelling of ${name}` };
    }
    if (input.required) required.push(name);
  }
  return { type: 'object', properties, required };
}

/**
 * Reads the arguments of a call. Keys may be in camel or in snake case. `null` counts as not given. An object or an
 * array may also be given as its JSON text, as language models sometimes do.
 *
 * @param {Record<string, Input>} inputs - The tool's inputs.
 * @param {unknown} given - What the client has sent.
 * @returns {Record<string, any>} The arguments by their names in `inputs`.
 */
export function readArguments(inputs, given) {
  const read = {};
  for (const [key, value] of Object.entries(given ?? {})) {
    if (value === null || value === undefined) continue;
    const name = nameOf(inputs, key);
    const found = readValue(inputs[name], key, value);
    if (name in read && JSON.stringify(read[name]) !== JSON.stringify(found)) {
      throw invalid(`${key}: expected the value of its other spelling, or only one of the two`);
    }
    read[name] = found;
  }
  for (const [name, input] of Object.entries(inputs)) {
    if (input.required && !(name in read)) {
      throw invalid(`${name}: expected ${article(input.type)}, found nothing`);
    }
  }
  return read;
}

/** The name of the input that a key of a call means. */
function nameOf(inputs, key) {
  for (const name of [key, camel(key), snake(key)]) {
    if (Object.hasOwn(inputs, name)) return name;
  }
  const names = Object.keys(inputs);
  if (names.length === 0) throw invalid(`${key}: unknown key, expected no arguments`);
  throw invalid(`${key}: unknown key, expected ${listed(names, 'or')}${didYouMean(key, names)}`);
}

function readValue(input, key, value) {
  const read = isJsonText(input.type, value) ? parsed(value) : value;
  if (typeOf(read) !== input.type && !(input.type === 'integer' && Number.isSafeInteger(read))) {
    throw invalid(`${key}: expected ${article(input.type)}, found ${article(typeOf(read))}`);
  }
  const { minimum = -Infinity, maximum = Infinity } = input;
  if (input.type === 'integer' && (read < minimum || read > maximum)) {
    const range = `a whole number from ${minimum}${maximum < Infinity ? ` to ${maximum}` : ''}`;
    throw invalid(`${key}: expected ${range}, found ${read}`);
  }
  if (input.enum && !input.enum.includes(read)) {
    const names = listed(input.enum, 'or');
    throw invalid(
      `${key}: expected ${names}, found ${JSON.stringify(read)}${didYouMean(read, input.enum)}`,
    );
  }
  return read;
}

function isJsonText(type, value) {
  const opening = { object: '{', array: '[' }[type];
  return opening !== undefined && typeof value === 'string' && value.trim().startsWith(opening);
}

/** The value of a JSON text, or the text itself if it is none. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** @param {unknown} value - A JSON value. */
export function typeOf(value) {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function article(type) {
  if (type === 'null') return type;
  return type === 'integer' ? 'a whole number' : `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
}
