// Spans of a clock where it is put forward or back, against the clock that the platform shows.

import test from 'ava';

import { created, queried, succeeded } from './support/response.mjs';
import { openLog } from './support/temporary.mjs';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Zones, and when their clocks were put forward or back. */
const CHANGES = [
  ['Europe/Berlin', '2026-10-25T01:00Z'],
  ['Europe/Berlin', '2026-03-29T01:00Z'],
  // From 00:01 to 23:01, and to 01:01.
  ['America/St_Johns', '2010-11-07T02:31Z'],
  ['America/St_Johns', '1991-10-27T02:31Z'],
  ['America/St_Johns', '2010-03-14T03:31Z'],
  // By half an hour.
  ['Australia/Lord_Howe', '2024-04-06T15:00Z'],
  ['Australia/Lord_Howe', '2024-10-05T15:30Z'],
  // From 03:45 to 02:45.
  ['Pacific/Chatham', '2024-04-06T14:00Z'],
  // From 01:00 to 00:00, and from midnight to 23:00.
  ['America/Havana', '2023-11-05T05:00Z'],
  ['America/Sao_Paulo', '2018-02-18T02:00Z'],
  // From midnight to 01:00.
  ['America/Sao_Paulo', '2018-11-04T03:00Z'],
  // Over a whole day.
  ['Pacific/Apia', '2011-12-30T10:00Z'],
];

/** A function that says what a clock in the zone shows, as milliseconds since 1970 by that clock. */
function clockOf(timeZone) {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  return (ms) => {
    const parts = format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]);
    const { year, month, day, hour, minute } = Object.fromEntries(parts);
    return Date.UTC(year, month - 1, day, hour, minute);
  };
}

/**
 * When spans begin for one who looks at the clock each minute: when it shows a beginning, or a time
 * of another span than the minute before.
 */
function beginnings(shownAt, step, from, to) {
  const found = [];
  let before;
  for (let ms = from; ms < to; ms += MINUTE) {
    const shown = shownAt(ms);
    const number = Math.floor(shown / step);
    if (shown % step === 0 || (before !== undefined && number !== before)) found.push(ms);
    before = number;
  }
  return found;
}

test('a clock that is put forward or back begins the spans that it is seen to begin', async (t) => {
  const log = await openLog(t);
  const called = (ms) => ({ eventType: 'called', timestamp: ms, payload: { ms } });
  for (const [number, [timeZone, change]] of CHANGES.entries()) {
    const instance = `change ${number}`;
    await created(t, log, instance);
    const changed = Date.parse(change);
    const [from, to] = [changed - 26 * HOUR, changed + 26 * HOUR];
    const times = Array.from({ length: 200 }, (_, n) => from + ((n * 7919 * MINUTE) % (to - from)));
    // What is nearest to the change, on both sides.
    times.push(changed - 1, changed, changed + 59_999, changed + 60_000);
    const events = times.map(called);
    succeeded(t, await log.appendEvents({ instanceId: instance, events }), 'appendEvents');
    const shownAt = clockOf(timeZone);
    t.not(shownAt(changed) - shownAt(changed - MINUTE), MINUTE, `${timeZone} ${change}`);
    for (const minutes of [20, 30, 40, 60, 120, 360, 720]) {
      const starts = beginnings(shownAt, minutes * MINUTE, from, to);
      const range = [starts[0], to - 1];
      const result = await queried(t, log, {
        from: { instance },
        where: [{ field: 'timestamp', operator: 'between', value: range }],
        reduce: {
          type: 'collect',
          field: 'payload.ms',
          groupBy: { field: 'timestamp', every: `${minutes}m`, timeZone, fill: true },
        },
      });
      const rows = result.aggregation.map(({ timestamp, collect }) => [
        Date.parse(timestamp),
        collect,
      ]);
      const expected = starts.map((start, at) => {
        const next = starts[at + 1] ?? to;
        return [start, times.filter((ms) => ms >= start && ms < next)];
      });
      t.deepEqual(rows, expected, `${timeZone} ${change} ${minutes}m`);
    }
  }
});

test('a day has the times that the clock shows with its date', async (t) => {
  const log = await openLog(t);
  await created(t, log, 'i');
  const timeZone = 'America/St_Johns';
  const date = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
  const from = Date.parse('2010-11-06T00:00Z');
  const times = Array.from({ length: 48 * 6 }, (_, n) => from + n * 10 * MINUTE);
  const events = times.map((ms) => ({ eventType: 'called', timestamp: ms, payload: { ms } }));
  succeeded(t, await log.appendEvents({ instanceId: 'i', events }), 'appendEvents');
  const groupBy = { field: 'timestamp', every: '1d', timeZone };
  const reduce = { type: 'collect', field: 'payload.ms', groupBy };
  const { aggregation } = await queried(t, log, { from: { instance: 'i' }, reduce });
  t.deepEqual(
    aggregation.map(({ timestamp }) => timestamp.slice(0, 16)),
    ['2010-11-05T00:00', '2010-11-06T00:00', '2010-11-07T00:00'],
  );
  for (const { timestamp, collect } of aggregation) {
    t.deepEqual(
      collect,
      times.filter((ms) => date.format(ms) === timestamp.slice(0, 10)),
    );
  }
});
