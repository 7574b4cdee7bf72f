// Filters in a simpler form that holds for the same events: with fewer NOTs and ORs. What the query language can ask by
// itself then goes into one query.

import { isGroup } from './tree.js';

/**
 * Fields that every event has, with the type of their values. An order, among values of that type, holds for them, or its
 * opposite does.
 */
const ORDERED_FIELDS = {
  timestamp: ['string', 'number'],
  position: ['number'],
  sequence_number: ['number'],
  sequenceNumber: ['number'],
  stream_id: ['string'],
  streamId: ['string'],
  event_type: ['string'],
  eventType: ['string'],
  id: ['string'],
};

const OPPOSITES = { gt: 'lte', gte: 'lt', lt: 'gte', lte: 'gt' };

/** How many values an `in` may list, and how many conditions a query may have for that. */
const NOT_IN_MAX = 50;
const IN_MAX = 10_000;

/**
 * Simplifies a filter.
 *
 * @param {object} node - A group or a condition.
 * @returns {object} `{ and: [] }`, `{ or: [] }`, `{ not }` with such nodes within, or a condition. An empty `and` holds
 *   for every event, an empty `or` for none.
 */
export function simplify(node) {
  if (!isGroup(node)) return node;
  if (node.items.length === 0) return { and: [] };
  const items = node.items.map(simplify);
  if (node.mode === 'all') return allOf(items);
  return node.mode === 'any' ? anyOf(items) : notOf(anyOf(items));
}

function allOf(nodes) {
  const flat = nodes.flatMap((node) => node.and ?? [node]);
  if (flat.some((node) => node.or?.length === 0)) return { or: [] };
  return flat.length === 1 ? flat[0] : { and: unique(flat) };
}

function anyOf(nodes) {
  const flat = nodes.flatMap((node) => node.or ?? [node]);
  if (flat.some((node) => node.and?.length === 0)) return { and: [] };
  const joined = joinEqual(unique(flat));
  return joined.length === 1 ? joined[0] : { or: joined };
}

function notOf(node) {
  if (node.not !== undefined) return node.not;
  if (node.and !== undefined) return anyOf(node.and.map(notOf));
  if (node.or !== undefined) return allOf(node.or.map(notOf));
  return opposite(node) ?? { not: node };
}

/** What holds exactly where a condition does not; `undefined` if the query language cannot say it. */
function opposite({ field, operator, value }) {
  if (operator === 'eq') return { field, operator: 'neq', value };
  if (operator === 'neq') return { field, operator: 'eq', value };
  if (operator === 'in' && Array.isArray(value) && value.length <= NOT_IN_MAX) {
    return allOf(value.map((each) => ({ field, operator: 'neq', value: each })));
  }
  // A field of the payload may be missing, or of another type: then neither an order nor its opposite holds.
  const types = Object.hasOwn(ORDERED_FIELDS, field) ? ORDERED_FIELDS[field] : [];
  const values = Array.isArray(value) ? value : [value];
  if (!values.every((each) => types.includes(typeof each))) return undefined;
  if (OPPOSITES[operator] !== undefined) return { field, operator: OPPOSITES[operator], value };
  if (operator === 'between' && Array.isArray(value) && value.length === 2) {
    const [from, to] = value;
    return {
      or: [
        { field, operator: 'lt', value: from },
        { field, operator: 'gt', value: to },
      ],
    };
  }
  return undefined;
}

/** Several values of one field, one of which it has to equal, are one `in`. */
function joinEqual(nodes) {
  const byField = new Map();
  const others = [];
  for (const node of nodes) {
    const values = equalValues(node);
    if (values === undefined) others.push(node);
    else byField.set(node.field, [...(byField.get(node.field) ?? []), ...values]);
  }
  const joined = [...byField].map(([field, values]) => {
    if (values.length === 1) return { field, operator: 'eq', value: values[0] };
    return { field, operator: 'in', value: unique(values) };
  });
  return [...joined, ...others];
}

function equalValues({ field, operator, value }) {
  // The log takes an `eq` on the time in more forms than an `in` compares.
  if (field === undefined || field === 'timestamp') return undefined;
  if (operator === 'eq') return [value];
  const isList = operator === 'in' && Array.isArray(value) && value.length <= IN_MAX / 10;
  return isList ? value : undefined;
}

function unique(nodes) {
  return [...new Map(nodes.map((node) => [JSON.stringify(node), node])).values()];
}
