// Lists of operators and aggregates that are kept beside the log's own have all of them, and no others.

import { createRequire } from 'node:module';

import test from 'ava';

import { listTools } from '../packages/mcp/lib/tools/index.js';
import { queryComponents } from '../packages/server/lib/query-schema.js';
import { openLog } from './support/temporary.mjs';

const require = createRequire(import.meta.url);
const { conditionsOf } = require('../lib/command-line/filters.js');

/** The names that an error lists, as in `expected one of a, b and c, found …`. */
function listedIn(error) {
  const [, first, last] = /expected one of (.*) and (\w+), found/.exec(error);
  return [...first.split(', '), last];
}

/** The names that a schema has for that property, wherever it stands. */
function namesIn(schema, property) {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) =>
    key === property && Array.isArray(value?.enum) ? value.enum : namesIn(value, property),
  );
}

async function known(t) {
  const log = await openLog(t);
  const from = { instance: 'log' };
  const where = [{ field: 'a', operator: 'none', value: 1 }];
  const { error: ofOperator } = await log.queryEvents({ from, where });
  const { error: ofType } = await log.queryEvents({ from, reduce: { type: 'none' } });
  return { operators: listedIn(ofOperator), types: listedIn(ofType) };
}

const sorted = (names) => [...new Set(names)].sort();

test('the command line knows each operator', async (t) => {
  const { operators } = await known(t);
  const error = t.throws(() => conditionsOf({ where: ['nothing'] }));
  t.deepEqual(/or of (.*)$/.exec(error.message)[1].split(', '), operators);
  for (const operator of operators) {
    const [condition] = conditionsOf({ where: [`payload.a ${operator} x`] });
    t.is(condition.operator, operator);
  }
});

test('the tool of agents knows each operator and aggregate', async (t) => {
  const { operators, types } = await known(t);
  const { inputSchema } = listTools(false).find(({ name }) => name === 'eventlog_query_events');
  t.deepEqual(sorted(namesIn(inputSchema, 'operator')), sorted(operators));
  const { reduce } = inputSchema.properties.query.properties;
  t.deepEqual(sorted(namesIn(reduce, 'type')), sorted(types));
});

test('the schema of the server knows each operator and aggregate', async (t) => {
  const { operators, types } = await known(t);
  const { Condition, RowCondition, Query } = queryComponents;
  t.deepEqual(sorted(namesIn(Condition, 'operator')), sorted(operators));
  // Every row has each column.
  const ofRows = operators.filter((operator) => operator !== 'exists');
  t.deepEqual(sorted(namesIn(RowCondition, 'operator')), sorted(ofRows));
  t.deepEqual(sorted(namesIn(Query, 'type')), sorted(types));
});
