// Parts of a range of time that people read easily, and what is in each of them.

import { query } from '../log/call.js';
import { inTurns } from '../log/turns.js';
import { timesBetween } from './measure.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

const lengths = (unit, name, ms, numbers) =>
  numbers.map((number) => ({
    ms: number * ms,
    name: `${number} ${name}`,
    ...(unit === undefined ? {} : { every: `${number}${unit}` }),
  }));

/**
 * How long a part can be. `ms` is the least that it is long: days, months and years differ. A query knows it as `every`,
 * if it is a second or more.
 */
const LENGTHS = [
  ...lengths(undefined, 'ms', 1, [1, 2, 5, 10, 20, 50, 100, 200, 500]),
  ...lengths('s', 's', SECOND, [1, 2, 5, 10, 15, 30]),
  ...lengths('m', 'min', MINUTE, [1, 2, 5, 10, 15, 30]),
  ...lengths('h', 'h', HOUR, [1, 2, 3, 6, 12]),
  ...lengths('d', 'd', DAY, [1, 2]),
  ...lengths('w', 'wk', 7 * DAY, [1, 2]),
  ...lengths('mo', 'mo', 28 * DAY, [1, 3, 6]),
  ...lengths('y', 'yr', YEAR, [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000]),
];

/** The zone in which the person reads times; UTC if the browser does not know it. */
export function ownTimeZone() {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return timeZone === undefined || timeZone === 'Etc/Unknown' ? 'UTC' : timeZone;
}

/**
 * How long the parts of a range are: the least of `LENGTHS` that does not make too many of them.
 *
 * @param {{ from: number, until: number }} range - The range, in milliseconds since 1970, without its end.
 * @param {number} most - About how many parts there may be.
 */
export function lengthOfParts({ from, until }, most) {
  const fits = ({ ms }) => Math.ceil(until / ms) - Math.floor(from / ms) <= most;
  return LENGTHS.find(fits) ?? LENGTHS.at(-1);
}

/**
 * Takes the events of each part of a range together, in one query if the log can part the range by itself.
 *
 * @param {import('./measure.js').Scope} scope - What is looked at.
 * @param {{ from: number, until: number }} range - The range, in milliseconds since 1970, without its end.
 * @param {object} asked - What is computed of each part.
 * @param {Record<string, object>} asked.aggregates - As in `reduce`.
 * @param {string} [asked.field] - The events of each part are grouped by it besides.
 * @param {number} most - About how many parts there may be.
 * @param {string} [timeZone] - Whose hours and days they are.
 * @param {AbortSignal} [signal] - Aborts it.
 * @returns {Promise<{ length: { ms: number, name: string }, starts: number[], rows: object[][] }>} How long the parts are,
 *   where each starts, and its rows.
 */
export async function partOverTime(scope, range, asked, most, timeZone, signal) {
  const length = lengthOfParts(range, most);
  if (length.every === undefined)
    return { length, ...(await byParts(scope, range, asked, length, signal)) };
  const span = { field: 'timestamp', every: length.every, timeZone };
  const ask = async (aggregates, groupBy) => {
    const where = [...scope.where, ...timesBetween(range.from, range.until)];
    const { aggregation } = await query(
      { from: scope.from, where, reduce: { aggregates, groupBy } },
      signal,
    );
    return aggregation;
  };
  const { aggregates, field } = asked;
  const filled = [{ ...span, fill: true }];
  // Filled rows of groups would be as many as there are groups, in each part.
  const [parts, groups] = await Promise.all([
    ask(field === undefined ? aggregates : { n: { type: 'count' } }, filled),
    field === undefined ? undefined : ask(aggregates, [span, field]),
  ]);
  const byStart = new Map(parts.map(({ timestamp }) => [timestamp, []]));
  for (const row of groups ?? parts) byStart.get(row.timestamp)?.push(row);
  const starts = parts.map(({ timestamp }) => Date.parse(timestamp));
  return { length, starts, rows: [...byStart.values()] };
}

/** For parts that are shorter than any that the log knows: a query for each. */
async function byParts({ from, where }, range, { aggregates, field }, { ms }, signal) {
  const starts = [];
  for (let start = Math.floor(range.from / ms) * ms; start < range.until; start += ms) {
    starts.push(start);
  }
  const rows = await inTurns(starts, async (start) => {
    const times = timesBetween(Math.max(range.from, start), Math.min(range.until, start + ms));
    const groupBy = field === undefined ? [] : [field];
    const { aggregation } = await query(
      { from, where: [...where, ...times], reduce: { aggregates, groupBy } },
      signal,
    );
    return Array.isArray(aggregation) ? aggregation : [aggregation];
  });
  return { starts, rows };
}
