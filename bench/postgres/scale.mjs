// What follows from the figures of a run for logs of a billion and of a trillion events: docs/scale.md.

import { few, table, whole } from '../report/markdown.mjs';
import { spread } from '../report/summary.mjs';

const SIZES = [
  ['10⁹', 1e9],
  ['10¹²', 1e12],
];

const DAY_S = 86_400;

/** Round trips between regions, in milliseconds. */
const ROUND_TRIPS_MS = [1, 30, 80, 150];

const IN_FLIGHT = [1, 64, 1024];

/** @param {object} run - A run. @returns {string} The tables of docs/scale.md, in Markdown. */
export function renderScale(run) {
  return [
    '### One instance, and time',
    instance(run),
    '### Room, and the network to a standby',
    room(run),
    '### A synchronous standby in another region',
    regions(run),
    '### An old snapshot',
    snapshot(run),
  ].join('\n\n');
}

const medianOf = ({ rounds }, name, key = 'perSecond') =>
  spread(rounds.map((round) => round[name]?.[key]).filter((value) => value !== undefined)).median;

/** A time in the unit that fits. */
function duration(seconds) {
  const units = [
    [DAY_S * 365, 'years'],
    [DAY_S, 'days'],
    [3600, 'hours'],
    [60, 'minutes'],
  ];
  const [size, unit] = units.find(([least]) => seconds >= 2 * least) ?? [1, 'seconds'];
  return `${few(seconds / size)} ${unit}`;
}

/** Bytes in the unit that fits. */
function amount(bytes) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  const index = Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${few(bytes / 2 ** (10 * index))} ${units[index]}`;
}

function instance(run) {
  const rates = [
    ['1 append in flight', medianOf(run, '1 eventlog')],
    ['64 in flight', medianOf(run, '64 eventlog')],
    ['1024 in flight', medianOf(run, '1024 eventlog')],
    ['batches of 1000', medianOf(run, 'batches eventlog')],
    ['64 in flight, of four processes', medianOf(run, 'processes 4 eventlog')],
  ];
  const rows = rates.map(([title, rate]) => [
    title,
    whole(rate),
    `${few((rate * DAY_S) / 1e6)} million`,
    ...SIZES.map(([, count]) => duration(count / rate)),
    whole(Math.ceil(1e6 / rate)),
  ]);
  return table(
    ['', 'events/s', 'a day', ...SIZES.map(([name]) => `${name} take`), 'instances for 10⁶/s'],
    rows,
  );
}

function room(run) {
  const stored = medianOf(run, 'bytes eventlog', 'perEvent');
  const sent = medianOf(run, 'bytes eventlog', 'walPerEvent');
  const rate = medianOf(run, '1024 eventlog');
  const row = (title, bytes) => [
    title,
    whole(bytes),
    ...SIZES.map(([, count]) => amount(bytes * count)),
    `${amount(bytes * rate)}/s`,
  ];
  return table(
    [
      '',
      'bytes of an event',
      ...SIZES.map(([name]) => `${name} events`),
      'at the rate of 1024 in flight',
    ],
    [row('tables and indexes', stored), row('write-ahead log, to each standby', sent)],
  );
}

function regions(run) {
  const rows = ROUND_TRIPS_MS.map((trip) => [
    `${trip} ms`,
    ...IN_FLIGHT.map((count) => {
      const rate = medianOf(run, `${count} eventlog`);
      // One frame is under way at a time, and has all that waits.
      const frame = count / rate + trip / 1000;
      return whole(Math.min(rate, count / frame));
    }),
  ]);
  return table(
    ['round trip to the standby', ...IN_FLIGHT.map((count) => `events/s, ${count} in flight`)],
    rows,
  );
}

function snapshot(run) {
  const [found] = run.rounds.map((round) => round['held eventlog']).filter(Boolean);
  return table(
    ['1 append in flight', 'events/s'],
    [
      ['before', whole(found.before)],
      [`while a snapshot was held, after ${run.options.raceSeconds} s of it`, whole(found.during)],
      ['after it was let go of, and VACUUM', whole(found.after)],
    ],
  );
}
