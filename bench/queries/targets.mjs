// What is to be reached, as ratios of figures of the same run.

import { checkTarget } from '../report/summary.mjs';
import { whole } from '../report/markdown.mjs';
import { datasetNamed, datasets } from './data/index.mjs';

const own = 'eventlog';
const rival = 'better-sqlite3';
const columns = 'duckdb';

/**
 * @param {object} run - A run.
 * @returns {object[]} Each target with its figure, and whether it is met (`undefined`: not measured).
 */
export function checkTargets({ queries, events, summary, loads }) {
  const targets = [
    ...queries.filter(({ atLeast }) => atLeast !== undefined).map(speed),
    ...queries.filter(({ atLeastColumns }) => atLeastColumns !== undefined).map(besideColumns),
    ...datasets.flatMap((dataset) => size(dataset, loads)),
    least(queries),
    ...queries.filter(({ isScan }) => isScan).flatMap(scan),
    loopDelay(queries, events),
  ];
  return targets.map((target) => checkTarget(target, summary));
}

function speed({ name, title, dataset, atLeast }) {
  return {
    title: `${datasetNamed(dataset).title}: ${title}`,
    goal: `× ${rival}`,
    atLeast,
    value: (summary) => ratio(summary, name),
  };
}

/** What an event takes of the disk. */
function size({ name, title, sizeAtMost, bytesAtMost }, loads) {
  const bytesWith = (system) =>
    loads.find((load) => load.dataset === name && load.system === system)?.metrics
      .diskBytesPerEvent;
  const targets = [];
  if (sizeAtMost !== undefined) {
    targets.push({
      title: `${title}: bytes on disk`,
      goal: `× ${rival}`,
      atMost: sizeAtMost,
      value() {
        const [ours, theirs] = [own, rival].map(bytesWith);
        return ours === undefined || theirs === undefined ? undefined : ours / theirs;
      },
    });
  }
  if (bytesAtMost !== undefined) {
    targets.push({
      title: `${title}: bytes on disk`,
      goal: 'an event',
      atMost: bytesAtMost,
      value: () => bytesWith(own),
    });
  }
  return targets;
}

/** What the columns of DuckDB can answer. */
function besideColumns({ name, title, dataset, atLeastColumns }) {
  return {
    title: `${datasetNamed(dataset).title}: ${title}`,
    goal: '× DuckDB, columns',
    atLeast: atLeastColumns,
    value: (summary) => ratio(summary, name, columns),
  };
}

function least(queries) {
  return {
    title: 'the least of all queries',
    goal: `× ${rival}`,
    atLeast: 1,
    value: (summary) => extreme(Math.min, queries, ({ name }) => ratio(summary, name)),
  };
}

function scan({ name, title }) {
  return [
    {
      title: `${title}: speed`,
      goal: 'events/s',
      atLeast: 2_000_000,
      value: (summary) => summary.median(name, own, 'eventsPerSecond'),
    },
    {
      title: `${title}: resident memory`,
      goal: "MiB above Node's own",
      atMost: 64,
      value(summary) {
        const bytes = summary.median(name, own, 'residentBytes');
        return bytes === undefined ? undefined : bytes / 2 ** 20;
      },
    },
  ];
}

function loopDelay(queries, { readings }) {
  const asked = queries.filter(({ dataset }) => dataset === 'readings');
  return {
    title: `event-loop delay while ${whole(readings)} events are asked about, p99`,
    goal: 'ms',
    atMost: 20,
    value: (summary) =>
      extreme(Math.max, asked, ({ name }) => summary.median(name, own, 'loopDelayP99Ms')),
  };
}

/** How many times as fast as another system a query is. */
function ratio(summary, query, other = rival) {
  const [ours, theirs] = [own, other].map((name) => summary.median(query, name, 'milliseconds'));
  return ours === undefined || theirs === undefined ? undefined : theirs / ours;
}

/** The least or the most of the figures that there are. */
function extreme(choose, queries, figure) {
  const figures = queries.map(figure).filter((value) => value !== undefined);
  return figures.length === 0 ? undefined : choose(...figures);
}
