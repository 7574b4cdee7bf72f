// Which fields the events of an instance have, as far as some of them show.

import { query } from './call.js';

/** How many events are looked at: half of them the newest, the others from all over the instance. */
const SAMPLE = 200;

/** How many keys deep fields are suggested, and how many of them. */
const KEYS_MAX = 4;
const FIELDS_MAX = 400;

/** The event's own keys come first. */
const OWN = [
  ['event_type', 'string'],
  ['stream_id', 'string'],
  ['timestamp', 'string'],
  ['sequence_number', 'number'],
  ['position', 'number'],
  ['id', 'string'],
];

/**
 * Looks at some events of an instance.
 *
 * @param {string} instance - The instance.
 * @param {number} lastPosition - The position of its last event.
 * @param {AbortSignal} [signal] - Aborts it.
 * @returns {Promise<Map<string, { types: Set<string>, examples: unknown[] }>>} The fields by their names, as a query
 *   writes them.
 */
export async function sampleFields(instance, lastPosition, signal) {
  const fields = new Map(
    OWN.map(([name, type]) => [name, { types: new Set([type]), examples: [] }]),
  );
  const where = [{ field: 'position', operator: 'in', value: samplePositions(lastPosition) }];
  const select = ['event_type', 'stream_id', 'payload', 'metadata'];
  const newest = { field: 'position', direction: 'desc' };
  const asked = { from: { instance }, where, select, orderBy: newest, limit: SAMPLE };
  const { events } = await query(asked, signal);
  for (const { event_type: type, stream_id: stream, payload, metadata } of events) {
    note(fields, 'event_type', type);
    note(fields, 'stream_id', stream);
    walk(fields, 'payload', [], payload);
    walk(fields, 'metadata', [], metadata);
  }
  return fields;
}

/** The name of the field at some keys, as a query writes it. */
export function fieldName(root, keys) {
  const isPlain = keys.every((key) => key !== '' && !/[.]/.test(key)) && keys.length > 0;
  if (keys.length === 0) return root;
  if (isPlain) return `${root}.${keys.join('.')}`;
  const escaped = keys.map((key) => key.replaceAll('~', '~0').replaceAll('/', '~1'));
  return `/${[root, ...escaped].join('/')}`;
}

function samplePositions(last) {
  const newest = Array.from({ length: Math.min(SAMPLE / 2, last) }, (_, n) => last - n);
  const spread = Array.from({ length: SAMPLE / 2 }, (_, n) =>
    Math.max(1, Math.floor((last * n) / (SAMPLE / 2))),
  );
  return [...new Set([...newest, ...(last > 0 ? spread : [])])];
}

function walk(fields, root, keys, value) {
  if (keys.length > 0) note(fields, fieldName(root, keys), value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  if (keys.length === KEYS_MAX) return;
  for (const [key, each] of Object.entries(value)) walk(fields, root, [...keys, key], each);
}

function note(fields, name, value) {
  let field = fields.get(name);
  if (field === undefined) {
    if (fields.size >= FIELDS_MAX) return;
    field = { types: new Set(), examples: [] };
    fields.set(name, field);
  }
  if (value !== null) field.types.add(Array.isArray(value) ? 'array' : typeof value);
  const isScalar = typeof value !== 'object' && String(value).length <= 80;
  if (isScalar && field.examples.length < 20 && !field.examples.includes(value)) {
    field.examples.push(value);
  }
}
