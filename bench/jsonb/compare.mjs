// A question, asked of the log and in SQL. Both have to answer the same.

import { EventLog } from '../../index.mjs';
import { statement } from '../queries/systems/sql.mjs';
import { instance } from './load.mjs';

/** By how much of it a sum of floating-point numbers may differ from the exact one. */
const ROUNDING = 1e-9;

const steps = (path) => `'{${path.replaceAll('.', ',')}}'`;

/** How fields of the payload are written. */
const dialect = {
  text: (path) => `(payload #>> ${steps(path)})`,
  number: (path) => `(payload #>> ${steps(path)})::numeric`,
  contains: (path, needle) => `${dialect.text(path)} LIKE '%${needle}%'`,
  startsWith: (path, prefix) => `${dialect.text(path)} LIKE '${prefix}%'`,
  matches: (path, pattern) => `${dialect.text(path)} ~ '${pattern}'`,
  timestamp: (milliseconds) => String(milliseconds),
  percentileByHour(by, of, part, [from, to]) {
    return {
      select: `${dialect.text(by)} AS a, timestamp / 3600000 AS b, percentile_cont(${part}) WITHIN GROUP (ORDER BY ${dialect.number(of)}::float8)`,
      where: `timestamp >= ${from} AND timestamp < ${to}`,
      group: '1, 2',
      order: '1, 2',
    };
  },
};

/**
 * @param {object} query - The question.
 * @param {{ path: string, rounds: number }} asked - The path of the log, and how often it is asked.
 * @param {(sql: string) => Promise<object[]>} rows - Runs a statement.
 * @returns {Promise<{ first: number[], then: number[], sql: number[] }>} Milliseconds: of the first query of a log that was
 *   just opened, of the same query once more, and of SQL.
 */
export async function compare(query, { path, rounds }, rows) {
  const times = { first: [], then: [], sql: [] };
  for (let round = 0; round < rounds; round += 1) {
    // One that has read nothing yet, but is connected.
    const log = await EventLog.open(path);
    await log.strict.getInstanceStats(instance);
    const ask = async () => {
      const { from, ...rest } = query.eventlog({});
      const asked = { from: { instance, ...from }, ...rest };
      return sizeOf(query, (await log.strict.queryEvents(asked)).result);
    };
    const first = await timed(ask);
    const then = await timed(ask);
    await log.close();
    const sql = await timed(() => inSql(query, rows));
    for (const { answer } of [first, then]) expectSame(query, answer, sql.answer);
    times.first.push(first.ms);
    times.then.push(then.ms);
    times.sql.push(sql.ms);
  }
  return times;
}

async function timed(work) {
  const began = performance.now();
  const answer = await work();
  return { ms: performance.now() - began, answer };
}

function expectSame({ name }, own, other) {
  if (Math.abs(own - other) <= Math.abs(other) * ROUNDING) return;
  throw new Error(`${name}: the log answers ${own}, and SQL ${other}`);
}

/** Asks the same in SQL. Returns the size of the answer, or the answer itself where that is a number. */
async function inSql({ answer, sql }, rows) {
  const parts = sql(dialect);
  if (answer === 'page') {
    const counted = statement({ select: 'count(*)::int AS total', where: parts.where });
    const [{ total }] = await rows(counted);
    await rows(statement({ order: 'position', ...parts, select: '*' }));
    return total;
  }
  if (answer === 'value') return Number(Object.values((await rows(statement(parts)))[0])[0]);
  const select = answer === 'events' ? '*' : parts.select;
  return (await rows(statement({ ...parts, select }))).length;
}

/** The same of an answer of the log. */
function sizeOf({ answer }, { events, total, aggregation }) {
  if (answer === 'page') return total;
  if (answer === 'events') return events.length;
  return answer === 'value' ? aggregation : aggregation.length;
}
