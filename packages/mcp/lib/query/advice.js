// What may be wrong with a query that is a right one: a stream, a type or a field that no event has. The log cannot call
// that an error, and an agent would take "nothing found" for an answer.

import { dataOf } from '../refusal.js';
import { didYouMean, listed, nearest } from '../names.js';
import { conditionsIn } from './conditions.js';
import { SAMPLED_EVENTS, sampleFields } from './sample.js';

/** How many streams a misspelt one is compared with. */
const COMPARED_STREAMS = 2000;

/** The keys of an event itself, in each of their spellings. */
const OWN_KEYS =
  /^(id|instanceId|instance_id|stream_id|streamId|event_type|eventType|timestamp|sequence_number|sequenceNumber|position|payload|metadata)$/;

/**
 * @param {object} context - Of the call.
 * @param {Record<string, any>} query - A query that the log has answered.
 * @param {number} total - How many events it has matched.
 * @returns {Promise<string[]>} Remarks for the agent.
 */
export async function adviseOn(context, query, total) {
  const { instance, stream } = query.from;
  const remarks = [];
  if (total === 0) {
    for (const name of namedStreams(query))
      remarks.push(...(await adviseOnStream(context, instance, name)));
    remarks.push(...(await adviseOnTypes(context, query)));
  }
  const fields = usedFields(query).filter((field) => !OWN_KEYS.test(field));
  if (fields.length > 0) {
    const known = remarks.length > 0 ? undefined : stream;
    remarks.push(...(await adviseOnFields(context, { instance, stream: known, fields, total })));
  }
  return remarks;
}

function namedStreams({ from, where }) {
  return [
    ...(from.stream === undefined ? [] : [from.stream]),
    ...valuesAskedFor(where, /^stream_?id$/i),
  ];
}

/** The texts that a field has to be equal to. */
function valuesAskedFor(where, field) {
  return conditionsIn(where)
    .filter((condition) => field.test(condition.field))
    .flatMap(({ operator, value }) => {
      if (operator === 'eq') return [value];
      return operator === 'in' ? value : [];
    })
    .filter((value) => typeof value === 'string');
}

/**
 * @param {object} context - Of the call.
 * @param {string} instance - Its id or its name.
 * @param {string} stream - A stream that should be there.
 * @returns {Promise<string[]>} That it is not, and what may have been meant.
 */
export async function adviseOnStream({ log }, instance, stream) {
  const listing = { instance, prefix: stream, limit: 1 };
  const { streams: alike } = await dataOf(log.listStreams(listing));
  if (alike[0]?.stream_id === stream) return [];
  const { streams } = await dataOf(log.listStreams({ instance, limit: COMPARED_STREAMS }));
  const names = [...alike, ...streams].map(({ stream_id }) => stream_id);
  const near = didYouMean(stream, names) || '; eventlog_list_streams has those that there are';
  return [`The stream ${JSON.stringify(stream)} has no events${near}`];
}

async function adviseOnTypes({ log, signal }, { from, where }) {
  const asked = valuesAskedFor(where, /^event_?type$/i);
  if (asked.length === 0) return [];
  const reduce = { type: 'count', groupBy: 'event_type' };
  const query = { from: { instance: from.instance }, reduce };
  const { result } = await dataOf(log.queryEvents(query, { signal }));
  const types = result.aggregation.map(({ event_type }) => event_type);
  return asked
    .filter((type) => !types.includes(type))
    .map((type) => `No event has the type ${JSON.stringify(type)}${didYouMean(type, types)}`);
}

function usedFields({ where, select = [], orderBy, reduce }) {
  const groups = [reduce?.groupBy ?? []].flat().map((group) => group?.field ?? group);
  const aggregates = Object.values(reduce?.aggregates ?? {}).map((aggregate) => aggregate?.field);
  const fields = [
    ...conditionsIn(where).flatMap(({ field, valueField }) => [field, valueField]),
    ...select,
    orderBy?.field,
    reduce?.field,
    ...aggregates,
    ...groups,
  ];
  return [...new Set(fields.filter((field) => typeof field === 'string'))];
}

async function adviseOnFields(context, { instance, stream, fields, total }) {
  const sample = await sampleFields(context, instance, stream, SAMPLED_EVENTS);
  if (sample.events === 0) return [];
  const names = sample.fields.map(({ field }) => field);
  const present = new Set(names.flatMap((name) => [name, name.replace(/^payload\./, '')]));
  return fields
    .filter((field) => !present.has(field) && !isElement(field, present))
    .flatMap((field) => {
      const near = nearest(bare(field), names.map(bare));
      if (near.length === 0 && total > 0) return [];
      const meant = near.flatMap((name) => names.filter((known) => bare(known) === name));
      const hint =
        meant.length > 0
          ? `; did you mean ${listed(meant.slice(0, 5), 'or')}?`
          : '; eventlog_list_fields has those that there are';
      return [
        `None of the newest ${sample.events} event(s) has the field ${JSON.stringify(field)}${hint}`,
      ];
    });
}

/** Whether a field is an element of an array that the sample has: it names only the first one. */
function isElement(field, present) {
  return present.has(field.replace(/\.\d+(?=\.|$)/g, '.0')) || field.startsWith('/');
}

function bare(field) {
  return field.replace(/^(payload|metadata)\./, '');
}
