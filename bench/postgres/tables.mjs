// The figures of a run as tables.

import { few, section, table, targetRows, whole } from '../report/markdown.mjs';
import { spread } from '../report/summary.mjs';
import { systems } from './systems/index.mjs';

const WORKLOADS = [
  ['1', '1 in flight'],
  ['64', '64 in flight'],
  ['1024', '1024 in flight'],
  ['batches', 'batches of 1000'],
];

/** What is to be reached: the least ratio to each system, by workload. */
const TARGETS = [
  ['1', 'emmett', 3],
  ['1', 'message-db', 1.5],
  ['64', 'emmett', 15],
  ['64', 'message-db', 25],
  ['1024', 'emmett', 30],
  ['batches', 'emmett', 4],
];

const titleOf = (name) => systems.find((system) => system.name === name).title;

/** The figures of all rounds under a key; none where it was not measured. */
function valuesOf({ rounds }, name, key) {
  return rounds.map((round) => round[name]?.[key]).filter((value) => value !== undefined);
}

const medianOf = (run, name, key = 'perSecond') => {
  const values = valuesOf(run, name, key);
  return values.length === 0 ? undefined : spread(values).median;
};

/** The ratios of the rounds, each of figures of the same round. */
function ratiosOf({ rounds }, name, own, other) {
  const ratios = rounds.map(
    (round) => round[`${name} ${own}`]?.perSecond / round[`${name} ${other}`]?.perSecond,
  );
  return ratios.filter((ratio) => !Number.isNaN(ratio));
}

/** What is to be reached where a standby has each commit too. */
const REPLICATED_TARGETS = [['64', 'emmett', 12]];

/** @param {object} run - A run on one server. @returns {string} Its tables, in Markdown. */
export function renderOneServer(run) {
  return [
    section('Goals', targetRows(checked(run))),
    section('Appends, events/s', appends(run)),
    section('Writing processes', processes(run)),
    section('Bytes', sizes(run)),
    section('A follower beside eight writers', race(run)),
  ].join('\n\n');
}

/** @param {object} run - A run on three nodes. @returns {string} Its tables, in Markdown. */
export function renderThreeNodes(run) {
  const targets = ratesOf(run, REPLICATED_TARGETS).map(withOutcome);
  return [
    section('Goals with three nodes', targetRows(targets)),
    section('Appends with three nodes, events/s', appends(run)),
  ].join('\n\n');
}

/** How soon a follower in another process is to have an event, in milliseconds. */
const FOLLOWING_MS_MAX = 0.5;

/** @param {object} run - A run of followers. @returns {string} Its tables, in Markdown. */
export function renderFollowers(run) {
  const value = medianOf(run, 'following eventlog', 'p50Ms');
  const target = { title: 'p50 of a follower', goal: 'ms', atMost: FOLLOWING_MS_MAX, value };
  const rows = ['eventlog', 'emmett'].map((name) => [
    titleOf(name),
    ...['p50Ms', 'p99Ms'].map((key) => few(medianOf(run, `following ${name}`, key))),
  ]);
  const title = 'ms from the answer of an append to the event at a follower in another process';
  return [
    section('Goal of followers', targetRows([withOutcome(target)])),
    section('Following', table([title, 'p50', 'p99'], rows)),
  ].join('\n\n');
}

/** How rates compare to those of others, and how they are to. */
function ratesOf(run, targets) {
  return targets.map(([workload, system, atLeast]) => {
    const ratios = ratiosOf(run, workload, 'eventlog', system);
    const value = ratios.length === 0 ? undefined : spread(ratios).median;
    const [, title] = WORKLOADS.find(([name]) => name === workload);
    return { title, goal: `× ${titleOf(system)}`, atLeast, value };
  });
}

function withOutcome(target) {
  const { value, atLeast, atMost } = target;
  const isMet = atLeast === undefined ? value <= atMost : value >= atLeast;
  return { ...target, isMet: value === undefined ? undefined : isMet };
}

function checked(run) {
  const [bytes, rival] = ['eventlog', 'emmett'].map((name) =>
    medianOf(run, `bytes ${name}`, 'perEvent'),
  );
  const [one, four] = [1, 4].map((count) => medianOf(run, `processes ${count} eventlog`));
  const targets = [
    ...ratesOf(run, TARGETS),
    { title: 'bytes of an event', goal: '× emmett-postgresql', atMost: 0.6, value: bytes / rival },
    { title: 'four processes', goal: '× one process', atLeast: 0.5, value: four / one },
  ];
  return targets.map(withOutcome);
}

/** A median, with the lowest and the highest. */
function range(values) {
  const { median, min, max } = spread(values);
  return `${whole(median)} (${whole(min)}–${whole(max)})`;
}

/** The rates of the systems and the workloads that were measured. */
function appends(run) {
  const isThere = (workload, name) => valuesOf(run, `${workload} ${name}`, 'perSecond').length > 0;
  const workloads = WORKLOADS.filter(([workload]) => isThere(workload, 'eventlog'));
  const measured = systems.filter(({ name }) =>
    workloads.some(([workload]) => isThere(workload, name)),
  );
  const rows = measured.map(({ name, title }) => [
    title,
    ...workloads.map(([workload]) => {
      const values = valuesOf(run, `${workload} ${name}`, 'perSecond');
      if (values.length === 0) return '–';
      if (name === 'eventlog') return range(values);
      const { median } = spread(ratiosOf(run, workload, 'eventlog', name));
      return `${range(values)} · ÷ ${few(median)}`;
    }),
  ]);
  return table(['', ...workloads.map(([, title]) => title)], rows);
}

function processes(run) {
  const rows = [1, 4].map((count) => [
    count === 1 ? 'one process' : `${count} processes, in all`,
    range(valuesOf(run, `processes ${count} eventlog`, 'perSecond')),
  ]);
  return table(['64 appends in flight, on one instance', 'events/s'], rows);
}

function sizes(run) {
  const rows = systems.map(({ name, title }) => [
    title,
    whole(medianOf(run, `bytes ${name}`, 'perEvent')),
  ]);
  return table(['tables and indexes, after VACUUM', 'bytes of an event'], rows);
}

function race(run) {
  const rows = ['eventlog', 'emmett'].map((name) => {
    const [found] = run.rounds.map((round) => round[`race ${name}`]).filter(Boolean);
    return [titleOf(name), whole(found.appended), whole(found.missed), whole(found.repeated)];
  });
  return table(['', 'appended', 'never handled', 'handled twice'], rows);
}
