// What is to be reached, as ratios of figures of the same run.

import { checkTarget } from './report/summary.mjs';
import { systems } from './systems/index.mjs';
import { grown } from './workloads/index.mjs';

const own = 'eventlog';
const exclusive = 'eventlog-exclusive';

/** All that promise as much, apart from the floors. */
const rivals = systems
  .filter((system) => system.package && !system.promisesLess)
  .map(({ name }) => name);

/**
 * The targets. Each has a title; a goal in words; `value`, which gives the figure from a summary, or
 * `undefined` where the run has none; and either `atLeast` or `atMost`.
 */
export const targets = [
  rate('1 in flight, exclusive', 'in-flight-1', exclusive, 'better-sqlite3', 0.9),
  rate('1 in flight, exclusive', 'in-flight-1', exclusive, 'floor-1', 0.8),
  rate('1 in flight, shared', 'in-flight-1', own, 'better-sqlite3', 0.5),
  rate('64 in flight', 'in-flight-64', own, 'lmdb', 2),
  rate('1024 in flight, 1000 streams', 'in-flight-1024', own, 'lmdb', 2.5),
  rate('1024 in flight, 1000 streams', 'in-flight-1024', own, 'floor-1024', 130 / 300),
  rate('batches of 1000', 'batch-1000', own, 'better-sqlite3', 3),
  rate('batches of 1000', 'batch-1000', own, 'floor-1024', 0.8),
  {
    title: 'a million streams, 1024 in flight',
    goal: '× the best rival',
    atLeast: 1.5,
    value(summary) {
      const best = Math.max(
        ...rivals.map((rival) => speed(summary, 'streams-1000000', rival) ?? 0),
      );
      return best > 0 ? ratio(speed(summary, 'streams-1000000', own), best) : undefined;
    },
  },
  {
    title: 'cost of an append, 10⁷ events against 10⁴',
    goal: '×',
    atMost: 1.2,
    value: (summary) =>
      ratio(speed(summary, 'growth-10000', own), speed(summary, 'growth-10000000', own)),
  },
  {
    title: 'resident memory at 10⁷ events',
    goal: "MiB above Node's own",
    atMost: 150,
    value: (summary) => ratio(summary.median('growth-10000000', own, 'residentBytes'), 2 ** 20),
  },
  {
    title: 'bytes on disk per event',
    goal: "× better-sqlite3's",
    atMost: 1,
    value(summary) {
      const bytes = (events, system) =>
        summary.median(`growth-${events}`, system, 'diskBytesPerEvent');
      const rival = grown.find((name) => name.startsWith('better-sqlite3'));
      const sizes = [10_000_000, 1_000_000, 100_000, 10_000];
      const largest = sizes.find((events) => bytes(events, rival) && bytes(events, own));
      return largest && ratio(bytes(largest, own), bytes(largest, rival));
    },
  },
  {
    title: 'event-loop delay at 1024 in flight, p99',
    goal: 'ms',
    atMost: 5,
    value: (summary) => summary.median('in-flight-1024', own, 'loopDelayP99Ms'),
  },
];

function rate(title, workload, system, rival, atLeast) {
  return {
    title,
    goal: `× ${rival}`,
    atLeast,
    value: (summary) => ratio(speed(summary, workload, system), speed(summary, workload, rival)),
  };
}

function speed(summary, workload, system) {
  return summary.median(workload, system, 'eventsPerSecond');
}

function ratio(a, b) {
  return a === undefined || b === undefined ? undefined : a / b;
}

/**
 * @param {import('./report/summary.mjs').Summary} summary - The figures of a run.
 * @returns {object[]} Each target with its figure, and whether it is met (`undefined`: not measured).
 */
export function checkTargets(summary) {
  return targets.map((target) => checkTarget(target, summary));
}
