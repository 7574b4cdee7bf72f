'use strict';

// Events that match, or what is computed from them: flags for the usual, JSON for all of the query language.

const { columnsOf, eventColumns, selectedColumns } = require('../columns.js');
const { parseJson } = require('../exact-json.js');
const { dataOf, invalid } = require('../failure.js');
const { conditionsOf } = require('../filters.js');
const { textOf } = require('../input.js');
const { FILTERS, RELATIONS, wholeNumber } = require('../options.js');
const { canStream, matching } = require('../matching.js');

const REDUCTIONS = ['sum', 'avg', 'min', 'max', 'collect'];

/** The keys of an event, with its position. */
const WHOLE = [
  'id',
  'instanceId',
  'stream_id',
  'event_type',
  'payload',
  'metadata',
  'timestamp',
  'sequence_number',
  'position',
];

const list = (texts) => texts?.flatMap((text) => text.split(',').map((name) => name.trim()));

/** What others call a direction, too. A field whose name ends so is written with a direction after it. */
const DIRECTION = /:(asc|desc|ascending|descending|up|down)$/i;

/** The order that `--order FIELD[:DIRECTION]` asks for. */
function orderOf(text) {
  if (text === undefined) return undefined;
  const [suffix, direction] = DIRECTION.exec(text) ?? [];
  if (suffix === undefined) return { field: text, direction: 'asc' };
  if (direction !== 'asc' && direction !== 'desc') {
    throw invalid(`--order: expected :asc or :desc after the field, found "${suffix}"`);
  }
  return { field: text.slice(0, -suffix.length), direction };
}

/** What is to be computed, if something is. */
function reductionOf(values) {
  const asked = REDUCTIONS.filter((type) => values[type] !== undefined);
  if (values.count) asked.push('count');
  if (asked.length > 1) throw invalid(`expected one of --${asked.join(' and --')}, found both`);
  const groupBy = list(values['group-by']);
  if (asked.length === 0 && groupBy === undefined) return undefined;
  const [type = 'count'] = asked;
  const field = type === 'count' ? undefined : values[type];
  return { type, ...(field && { field }), ...(groupBy && { groupBy }) };
}

/** The query that the flags ask for. */
function queryOfFlags(values, instance) {
  const where = conditionsOf(values);
  const query = {
    from: { instance, stream: values.stream },
    where: where.length === 0 ? undefined : where,
    select: list(values.select),
    orderBy: orderOf(values.order),
    limit: wholeNumber(values, 'limit'),
    offset: wholeNumber(values, 'offset'),
    reduce: reductionOf(values),
    explain: values.explain,
  };
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
}

/** The query that is written as JSON. */
async function queryOfJson(values, instance) {
  const flags = Object.keys(values).filter((name) => name !== 'json' && name in OWN_OPTIONS);
  if (flags.length > 0) throw invalid(`--json: expected no --${flags[0]} beside it`);
  const query = parseJson(await textOf('--json', values.json), '--json');
  if (typeof query !== 'object' || query === null || Array.isArray(query)) {
    throw invalid('--json: expected an object');
  }
  if (instance === undefined) return query;
  if (query.from === undefined) return { ...query, from: { instance } };
  if (query.from?.instance !== instance) {
    const found = JSON.stringify(query.from?.instance);
    throw invalid(`--json: expected from.instance to be "${instance}" as well, found ${found}`);
  }
  return query;
}

/** Prints what was computed. */
async function printAggregation(aggregation, { reduce }, output) {
  const groupBy = [reduce.groupBy ?? []].flat().map((group) => group?.field ?? group);
  const names = Object.keys(reduce.aggregates ?? { [reduce.type]: {} });
  if (groupBy.length > 0) {
    await output.all(aggregation, columnsOf([...groupBy, ...names], aggregation));
  } else if (output.format === 'csv' || output.format === 'table') {
    if (reduce.aggregates !== undefined && reduce.aggregates !== null) {
      await output.all([aggregation], columnsOf(names, [aggregation]));
      return;
    }
    const values = Array.isArray(aggregation) ? aggregation : [aggregation];
    const rows = values.map((value) => ({ value }));
    await output.all(rows, [{ key: 'value', title: reduce.type.toUpperCase() }]);
  } else {
    await output.value(aggregation);
  }
}

/** What a person calls a member of a plan, such as `blocks.total` or `eventsRead`. */
function titleOf(key) {
  return key.replaceAll('.', ' ').replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Adds the members of a plan to a row, those of objects in it by their path. */
function addMembers(row, members, prefix = '') {
  for (const [key, value] of Object.entries(members)) {
    if (Array.isArray(value)) row[prefix + key] = JSON.stringify(value);
    else if (typeof value === 'object' && value !== null)
      addMembers(row, value, `${prefix + key}.`);
    else row[prefix + key] = value;
  }
}

/** Prints how a result was found. */
async function printPlan({ plan, total }, output) {
  if (output.format === 'json' || output.format === 'jsonl') {
    await output.value({ total, plan });
    return;
  }
  const { blocks, reduce, ...rest } = plan;
  const row = { total, ...rest };
  addMembers(row, { blocks, ...(reduce === undefined ? {} : { reduce }) });
  const columns = Object.keys(row).map((key) => ({ key, title: titleOf(key) }));
  await output.one(row, columns);
}

/** Asks the log for the whole result at once, and prints it. */
async function ask(log, query, { output, signal, columns }) {
  const isWhole = query.select === undefined && query.reduce === undefined;
  const asked = isWhole ? { ...query, select: WHOLE } : query;
  const response = await log.queryEvents(asked, { signal });
  const { result } = dataOf(response);
  if (response.message !== undefined) output.note(response.message);
  if (query.explain) {
    await printPlan(result, output);
  } else if (query.reduce !== undefined && query.reduce !== null) {
    await printAggregation(result.aggregation, query, output);
  } else {
    await output.all(result.events, columns);
    const { events, total } = result;
    if (output.format === 'table' && events.length < total) {
      output.note(`${events.length} of ${total} events`);
    }
  }
}

const OWN_OPTIONS = {
  ...FILTERS,
  ...RELATIONS,
  select: { value: 'FIELDS', isMultiple: true, about: 'only these fields, separated by commas' },
  order: { value: 'FIELD[:desc]', about: 'by this field, and not in the order of appends' },
  limit: { short: 'n', value: 'N', about: 'at most so many' },
  offset: { value: 'N', about: 'leave out so many first' },
  count: { about: 'count the events' },
  sum: { value: 'FIELD', about: 'add up the numbers of a field' },
  avg: { value: 'FIELD', about: 'their mean' },
  min: { value: 'FIELD', about: 'the lowest value of a field' },
  max: { value: 'FIELD', about: 'the highest' },
  collect: { value: 'FIELD', about: 'all values of a field' },
  'group-by': {
    value: 'FIELDS',
    isMultiple: true,
    about: 'for each value of these fields; counts, if nothing else is asked for',
  },
  explain: { about: 'how the result was found, in its place' },
};

module.exports = {
  summary: 'finds events of an instance, or computes a value from them',
  details: [
    'Fields are those of the query language: event_type, payload.total, metadata.source. OP is one of',
    '= != > >= < <= ~ (contains), or eq neq gt gte lt lte contains startsWith endsWith matches in notIn between exists.',
    'A value is JSON, or else a text.',
    'With --json, the query is an object of the query language; INSTANCE may then be left out.',
  ],
  words: ['[INSTANCE]'],
  options: {
    ...OWN_OPTIONS,
    json: { value: 'QUERY', about: 'the query as JSON; @FILE reads a file, - standard input' },
  },
  examples: [
    ["query orders --where 'payload.total > 100' --since 7d", 'large orders of the last week'],
    ['query orders --group-by event_type --order count:desc', 'how many events of each type'],
    [
      'query orders --sum payload.total --group-by payload.country -o csv',
      'sums, for a spreadsheet',
    ],
    [
      'query orders --where \'stream_id in ["a","b"]\' --select timestamp,payload.total',
      'some fields',
    ],
    ['query orders --json @query.json -o jsonl', 'a query from a file'],
  ],

  async run({ open, output, values, words: [instance], signal }) {
    if (values.json === undefined && instance === undefined) {
      throw invalid('expected INSTANCE or --json, found neither');
    }
    const query =
      values.json === undefined
        ? queryOfFlags(values, instance)
        : await queryOfJson(values, instance);
    const { select } = query;
    const columns = Array.isArray(select) ? selectedColumns(select) : eventColumns(output.format);
    const log = await open();
    if (canStream(query)) await output.all(matching(log, query, signal), columns);
    else await ask(log, query, { output, signal, columns });
  },
};
