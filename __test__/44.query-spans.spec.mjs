// Groups by spans of time, against the calendar of the platform, and bins, fill and having.

import test from 'ava';
import fc from 'fast-check';

import { created, failed, queried, succeeded } from './support/response.mjs';
import { openLog } from './support/temporary.mjs';

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'America/Sao_Paulo',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Chatham',
  'Africa/Casablanca',
];

const formats = new Map();

/** What the platform says that a clock in a zone shows. */
function wallOf(ms, timeZone) {
  if (!formats.has(timeZone)) {
    formats.set(
      timeZone,
      new Intl.DateTimeFormat('en-CA', {
        timeZone,
        hourCycle: 'h23',
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
      }),
    );
  }
  const parts = formats.get(timeZone).formatToParts(ms);
  return Object.fromEntries(parts.map(({ type, value }) => [type, value]));
}

/** What the clock shows at the beginning of the span that a time is in. */
function beginningOf(ms, every, timeZone) {
  const { year, month, day, hour, minute } = wallOf(ms, timeZone);
  const date = `${year}-${month}-${day}`;
  switch (every) {
    case '1y':
      return `${year}-01-01T00:00`;
    case '1q':
      return `${year}-${String(Math.floor((month - 1) / 3) * 3 + 1).padStart(2, '0')}-01T00:00`;
    case '1mo':
      return `${year}-${month}-01T00:00`;
    case '1w': {
      const midnight = new Date(`${date}T00:00Z`);
      midnight.setUTCDate(midnight.getUTCDate() - ((midnight.getUTCDay() + 6) % 7));
      return `${midnight.toISOString().slice(0, 10)}T00:00`;
    }
    case '1d':
      return `${date}T00:00`;
    case '6h':
      return `${date}T${String(Math.floor(hour / 6) * 6).padStart(2, '0')}:00`;
    case '1h':
      return `${date}T${hour}:00`;
    default:
      return `${date}T${hour}:${String(Math.floor(minute / 15) * 15).padStart(2, '0')}`;
  }
}

const time = fc.oneof(
  fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2025, 0) }),
  // Around the nights in which clocks are put forward or back.
  ...[
    '2024-03-31T01:00Z',
    '2024-10-27T01:00Z',
    '2018-11-04T03:00Z',
    '2011-12-30T10:00Z',
    '2024-04-06T15:00Z',
  ].map((text) =>
    fc.integer({ min: -90, max: 90 }).map((minutes) => Date.parse(text) + minutes * 60_000),
  ),
);

async function logOf(t, events) {
  const log = await openLog(t);
  await created(t, log, 'i');
  if (events.length > 0) {
    succeeded(t, await log.appendEvents({ instanceId: 'i', events }), 'appendEvents');
  }
  return log;
}

const called = (timestamp, payload = {}) => ({ eventType: 'called', timestamp, payload });

async function rows(t, log, reduce, rest) {
  return (await queried(t, log, { from: { instance: 'i' }, reduce, ...rest })).aggregation;
}

test("spans begin where the platform's calendar says", async (t) => {
  const times = fc.sample(time, { numRuns: 1_000, seed: 7 });
  const log = await logOf(
    t,
    times.map((ms) => called(ms, { ms })),
  );
  for (const timeZone of ZONES) {
    for (const every of ['15m', '1h', '6h', '1d', '1w', '1mo', '1q', '1y']) {
      const groupBy = { field: 'timestamp', every, timeZone };
      const found = await rows(t, log, { type: 'collect', field: 'payload.ms', groupBy });
      let seen = 0;
      let before = -Infinity;
      for (const { timestamp, collect } of found) {
        const start = Date.parse(timestamp);
        t.true(start > before, `${timestamp} ${every} ${timeZone}`);
        before = start;
        for (const ms of collect) {
          const beginning = beginningOf(ms, every, timeZone);
          // Where the clock never shows the beginning, the span begins later.
          const shown = beginningOf(start, every, timeZone);
          t.is(shown, beginning, `${new Date(ms).toISOString()} ${every} ${timeZone}`);
          t.true(start <= ms);
        }
        seen += collect.length;
      }
      t.is(seen, times.length);
    }
  }
});

test('a fill has each span once, by days and by hours of a zone', async (t) => {
  const log = await logOf(t, [called('2024-10-25T22:30:00Z'), called('2024-10-28T12:00:00Z')]);
  const group = (every) => ({ field: 'timestamp', every, timeZone: 'Europe/Berlin', fill: true });
  const days = await rows(t, log, { type: 'count', groupBy: group('1d') });
  t.deepEqual(days, [
    { timestamp: '2024-10-26T00:00:00.000+02:00', count: 1 },
    { timestamp: '2024-10-27T00:00:00.000+02:00', count: 0 },
    { timestamp: '2024-10-28T00:00:00.000+01:00', count: 1 },
  ]);
  const hours = await rows(t, log, { type: 'count', groupBy: group('1h') });
  t.is(hours.length, 24 + 25 + 14);
  const starts = hours.map((row) => Date.parse(row.timestamp));
  t.true(starts.every((start, at) => at === 0 || start - starts[at - 1] === 3_600_000));
});

const between = (from, to) => [
  { field: 'timestamp', operator: 'gte', value: from },
  { field: 'timestamp', operator: 'lt', value: to },
];

test('a fill goes over the range that is asked for, also without events', async (t) => {
  const log = await logOf(t, [called('2026-01-01T00:30:00Z')]);
  const aggregates = { n: { type: 'count' }, top: { type: 'topK', field: 'a' } };
  const reduce = { aggregates, groupBy: { field: 'timestamp', every: '1d', fill: true } };
  const where = between('2026-02-01', '2026-02-04');
  const empty = { n: 0, top: [] };
  t.deepEqual(await rows(t, log, reduce, { where }), [
    { timestamp: '2026-02-01T00:00:00.000Z', ...empty },
    { timestamp: '2026-02-02T00:00:00.000Z', ...empty },
    { timestamp: '2026-02-03T00:00:00.000Z', ...empty },
  ]);
  const page = await rows(t, log, reduce, { where, limit: 1, offset: 2 });
  t.deepEqual(page, [{ timestamp: '2026-02-03T00:00:00.000Z', ...empty }]);
  t.deepEqual(await rows(t, log, reduce, { where: between('2026-02-04', '2026-02-01') }), []);
  const having = [{ field: 'n', operator: 'gt', value: 0 }];
  t.deepEqual(await rows(t, log, { ...reduce, having }, { where }), []);
});

test('bins, having and orders by aggregates', async (t) => {
  const log = await logOf(
    t,
    [5, 15, 12, 250, null, 'x', -1].map((ms) => called(0, { ms })),
  );
  const groupBy = { field: 'payload.ms', bins: [0, 10, 100] };
  t.deepEqual(await rows(t, log, { type: 'count', groupBy }), [
    { 'payload.ms': null, count: 3 },
    { 'payload.ms': 0, count: 1 },
    { 'payload.ms': 10, count: 2 },
    { 'payload.ms': 100, count: 1 },
  ]);
  const aggregates = { n: { type: 'count' }, total: { type: 'sum', field: 'payload.ms' } };
  const having = { not: { field: 'payload.ms', operator: 'eq', value: null } };
  const orderBy = { field: 'total', direction: 'desc' };
  t.deepEqual(await rows(t, log, { aggregates, groupBy, having }, { orderBy, limit: 2 }), [
    { 'payload.ms': 100, n: 1, total: 250 },
    { 'payload.ms': 10, n: 2, total: 27 },
  ]);
});

test('what is wrong is named with its place', async (t) => {
  const log = await logOf(t, []);
  const refused = async (reduce, words) => {
    const query = { from: { instance: 'i' }, reduce: { type: 'count', ...reduce } };
    failed(t, await log.queryEvents(query), 'queryEvents', 'INVALID_ARGUMENT', words);
  };
  const every = (rest) => ({ groupBy: [{ field: 'timestamp', every: '1h', ...rest }] });
  await refused(
    every({ every: 'hourly' }),
    /^reduce\.groupBy\[0\]\.every: expected a number and a unit/,
  );
  await refused(every({ timeZone: 'Europe/Berln' }), /did you mean "Europe\/Berlin"\?$/);
  await refused(
    { groupBy: { field: 'a', bins: [1, 3, 2] } },
    /bins\[2\]: .* the one before, 3, found 2$/,
  );
  const having = [{ field: 'sum', operator: 'gt', value: 1 }];
  await refused(
    { groupBy: 'a', having },
    /^reduce\.having\[0\]\.field: expected a column of the rows, a or count/,
  );
  await refused({ having }, /^reduce\.having: expected groupBy/);
});
