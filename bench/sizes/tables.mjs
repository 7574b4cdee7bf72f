// The figures of a run as tables.

import { few, mebibytes, section, short, table, targetRows, whole } from '../report/markdown.mjs';
import { checkTarget, spread } from '../report/summary.mjs';

/** What is shown of the rounds, by the names of the figures: what it is, how it is written, and the most it may grow. */
const figures = {
  openMs: ['opening (ms)', few, { atMost: 1.5 }],
  firstMs: ['the first look-up after opening, of one event by a value (ms)', few],
  presentMs: ['look-up of one event by a value (ms)', few, { atMost: 2 }],
  absentMs: ['look-up of a value that no event has (ms)', few, { atMost: 2 }],
  newestMs: ['newest 50 of a stream (ms)', few],
  appendMicroseconds: ['append, 1024 in flight (µs)', few, { atMost: 1.3 }],
  appendCpuMicroseconds: ['the same, CPU time of all threads (µs)', few],
  residentBytes: ['resident memory above Node.js, look-ups (MiB)', mebibytes],
  appendResidentBytes: ['resident memory above Node.js, appends (MiB)', mebibytes],
};

const memoryMax = 150;

/** What a look-up may take in milliseconds in a log of so many events, if there is one of as many in the run. */
const lookUpGoals = [
  { name: 'absentMs', events: 1_000_000, atMost: 0.2 },
  { name: 'presentMs', events: 10_000_000, atMost: 1 },
];

/** @param {object} run - A run. @returns {string} Its tables, in Markdown. */
export function renderTables({ logs }) {
  const medians = logs.map(
    ({ rounds }) =>
      (name) =>
        spread(rounds.map((round) => round[name])).median,
  );
  const [ofSmallest, ofLargest] = [medians[0], medians.at(-1)];
  const ratioOf = (name) => ofLargest(name) / ofSmallest(name);
  const lookUps = lookUpGoals.flatMap(({ name, events, atMost }) => {
    const at = logs.findIndex((log) => log.events === events);
    const title = `${figures[name][0].replace(' (ms)', '')}, ${whole(events)} events`;
    return at < 0 ? [] : [{ title, goal: 'ms', atMost, value: () => medians[at](name) }];
  });
  const rows = Object.entries(figures).map(([name, [title, write]]) => [
    title,
    ...medians.map((medianOf) => write(medianOf(name))),
    few(ratioOf(name)),
  ]);
  const filling = [
    ['filling, batches of 1000 (events/s)', ({ filled }) => short(filled.eventsPerSecond)],
    ['bytes on disk per event', ({ filled }) => few(filled.bytes)],
  ].map(([title, of]) => [title, ...logs.map(of), '']);
  const header = ['', ...logs.map(({ events }) => `${whole(events)} events`), 'largest / smallest'];
  return [
    section('Goals of size', targetRows(checkTargets(ratioOf, lookUps, ofLargest))),
    section('One log, by how many events it has', table(header, [...filling, ...rows])),
  ].join('\n\n');
}

function checkTargets(ratioOf, lookUps, ofLargest) {
  const grown = Object.entries(figures).flatMap(([name, [title, , goal]]) =>
    goal === undefined
      ? []
      : [{ title, goal: '× the smallest log', ...goal, value: () => ratioOf(name) }],
  );
  const most = Math.max(ofLargest('residentBytes'), ofLargest('appendResidentBytes')) / 2 ** 20;
  const memory = { title: 'resident memory', goal: 'MiB above Node.js', atMost: memoryMax };
  return [...grown, ...lookUps, { ...memory, value: () => most }].map((target) =>
    checkTarget(target),
  );
}
