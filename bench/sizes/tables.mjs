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

/** @param {object} run - A run. @returns {string} Its tables, in Markdown. */
export function renderTables({ logs }) {
  const [small, large] = logs;
  const medians = logs.map(
    ({ rounds }) =>
      (name) =>
        spread(rounds.map((round) => round[name])).median,
  );
  const ratioOf = (name) => medians[1](name) / medians[0](name);
  const rows = Object.entries(figures).map(([name, [title, write]]) => [
    title,
    ...medians.map((medianOf) => write(medianOf(name))),
    few(ratioOf(name)),
  ]);
  const filling = [
    ['filling, batches of 1000 (events/s)', ({ filled }) => short(filled.eventsPerSecond)],
    ['bytes on disk per event', ({ filled }) => few(filled.bytes)],
  ].map(([title, of]) => [title, of(small), of(large), '']);
  const header = ['', ...logs.map(({ events }) => `${whole(events)} events`), 'ratio'];
  return [
    section('Goals of size', targetRows(checkTargets(ratioOf, medians[1]))),
    section('One log, by how many events it has', table(header, [...filling, ...rows])),
  ].join('\n\n');
}

function checkTargets(ratioOf, ofLarge) {
  const grown = Object.entries(figures).flatMap(([name, [title, , goal]]) =>
    goal === undefined
      ? []
      : [{ title, goal: '× the smaller log', ...goal, value: () => ratioOf(name) }],
  );
  const most = Math.max(ofLarge('residentBytes'), ofLarge('appendResidentBytes')) / 2 ** 20;
  const memory = { title: 'resident memory', goal: 'MiB above Node.js', atMost: memoryMax };
  return [...grown, { ...memory, value: () => most }].map((target) => checkTarget(target));
}
