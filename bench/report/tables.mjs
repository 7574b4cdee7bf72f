// The tables, in Markdown.

import { checkTargets } from '../targets.mjs';
import { groups, workloads } from '../workloads/index.mjs';
import { few, mebibytes, section, short, table, targetRows, whole } from './markdown.mjs';

/** What the ratios are of. */
const own = 'eventlog';

/** Tables beside those of the speed: one row for each system, one column for each workload. */
const details = [
  {
    title: 'Latency of an append (ms): p50 / p99 / p99.9',
    workloads: ['in-flight-1', 'in-flight-64', 'in-flight-1024'],
    cell: (get) => [get('latencyP50Ms'), get('latencyP99Ms'), get('latencyP999Ms')],
  },
  {
    title: 'Event-loop delay (ms): p50 / p99 / max',
    workloads: ['in-flight-64', 'in-flight-1024'],
    cell: (get) => [get('loopDelayP50Ms'), get('loopDelayP99Ms'), get('loopDelayMaxMs')],
  },
  {
    title: 'CPU time per event (µs)',
    workloads: ['in-flight-1', 'in-flight-64', 'in-flight-1024', 'batch-1000'],
    cell: (get) => [get('cpuMicrosecondsPerEvent')],
  },
  {
    title: 'Resident memory above that of an idle process (MiB)',
    workloads: ['in-flight-1', 'in-flight-1024', 'batch-1000', 'streams-1000000'],
    cell: (get) => [get('residentBytes')],
    format: mebibytes,
  },
  {
    title: 'Bytes that the disk was told to write, per event',
    workloads: ['in-flight-1', 'in-flight-64', 'in-flight-1024', 'batch-1000'],
    cell: (get) => [get('writtenBytesPerEvent')],
    format: whole,
  },
];

/** What the growth tables show. */
const growth = [
  {
    title: 'µs per append, 1024 in flight',
    metric: 'eventsPerSecond',
    format: (v) => short(1e6 / v),
  },
  { title: 'open (ms)', metric: 'openMs', format: short },
  { title: 'memory (MiB)', metric: 'residentBytes', format: mebibytes },
  { title: 'bytes on disk per event', metric: 'diskBytesPerEvent', format: whole },
];

/**
 * @param {object} run - A run.
 * @returns {string} Its tables.
 */
export function renderTables(run) {
  const sections = [
    renderTargets(run),
    ...groups.filter((group) => group !== 'growth').map((group) => renderSpeed(run, group)),
    ...details.map((detail) => renderDetail(run, detail)),
    renderGrowth(run),
    renderSystems(run),
  ];
  return sections.filter(Boolean).join('\n\n');
}

/** The targets, each with what was measured. */
export function renderTargets({ summary }) {
  return section('Targets', targetRows(checkTargets(summary)));
}

const groupTitles = {
  'in-flight': 'Appends per second, by appends in flight',
  batch: 'Events per second, by the size of a batch',
  streams: 'Appends per second, by streams, 1024 in flight',
  size: 'Appends per second, by the size of an event, 1024 in flight',
  several: 'Appends per second, four on one file, 256 in flight each',
};

/** The speed of every system: the median, the range of the rounds, and the ratio to ours. */
function renderSpeed(run, group) {
  const columns = measuredWorkloads(run, group);
  if (columns.length === 0) return undefined;
  const rows = run.systems
    .filter((system) => columns.some(({ name }) => hasCell(run, name, system)))
    .map((system) => [titleOf(system), ...columns.map(({ name }) => speedCell(run, name, system))]);
  const header = ['', ...columns.map(({ title }) => title)];
  const parts = [table(header, rows), renderReasons(run, columns)];
  return section(groupTitles[group], parts.filter(Boolean).join('\n\n'));
}

/** Why some systems have no figure. */
function renderReasons({ without, systems }, columns) {
  const titles = new Map(systems.map((system) => [system.name, system.title]));
  const items = columns.flatMap(({ name, title }) =>
    without
      .filter(({ workload, system }) => workload === name && titles.has(system))
      .map(({ system, reason }) => `- ${titles.get(system)} cannot, ${title}: ${reason}.`),
  );
  return items.join('\n');
}

function speedCell(run, workload, system) {
  const figure = run.summary.figure(workload, system.name, 'eventsPerSecond');
  if (figure === undefined) return absent(run, workload, system);
  const range = run.roundCount > 1 ? ` (${whole(figure.min)}–${whole(figure.max)})` : '';
  const ours = run.summary.median(workload, own, 'eventsPerSecond');
  const ratio = ours === undefined || system.name === own ? '' : ` · ${few(figure.median / ours)}×`;
  return `${whole(figure.median)}${range}${ratio}`;
}

function renderDetail(run, { title, workloads: names, cell, format = short }) {
  const columns = names.filter((name) => isMeasured(run, name));
  const rows = [];
  for (const system of run.systems) {
    const cells = columns.map((workload) => {
      const get = (metric) => run.summary.median(workload, system.name, metric);
      const values = cell(get);
      if (values.every((value) => value === undefined)) return '–';
      return values.map((value) => (value === undefined ? 'n/a' : format(value))).join(' / ');
    });
    if (cells.some((text) => text !== '–')) rows.push([titleOf(system), ...cells]);
  }
  if (rows.length === 0) return undefined;
  const titles = columns.map((name) => workloads.find((one) => one.name === name).title);
  return section(title, table(['', ...titles], rows));
}

function renderGrowth(run) {
  const columns = measuredWorkloads(run, 'growth');
  const rows = [];
  for (const system of run.systems) {
    for (const { title, metric, format } of growth) {
      const cells = columns.map(({ name }) => run.summary.median(name, system.name, metric));
      if (cells.every((value) => value === undefined)) continue;
      const texts = cells.map((value) => (value === undefined ? '–' : format(value)));
      rows.push([titleOf(system), title, ...texts]);
    }
  }
  if (rows.length === 0) return undefined;
  const header = ['', '', ...columns.map(({ title }) => title)];
  return section('Growth: one file, by how many events it has', table(header, rows));
}

/** What each system is, and what it does not promise. */
function renderSystems({ systems, versions }) {
  const items = systems.map((system) => {
    const { package: name = 'codebolt-eventlog', floor, setUp, promisesLess } = system;
    const version = floor === undefined ? ` (${name} ${versions[name]})` : '';
    const less = promisesLess ? ` † Promises less: ${promisesLess}.` : '';
    return `- **${system.title}**${version}: ${setUp}${less}`;
  });
  return section('The systems', items.join('\n'));
}

/** A system that promises less than the others is marked wherever it stands. */
function titleOf({ title, promisesLess }) {
  return promisesLess ? `${title} †` : title;
}

function measuredWorkloads(run, group) {
  return workloads.filter((workload) => workload.group === group && isMeasured(run, workload.name));
}

function isMeasured({ rounds }, name) {
  return rounds.some(({ workload }) => workload === name);
}

function hasCell(run, workload, system) {
  return absent(run, workload, system) !== '–' || hasSpeed(run, workload, system);
}

function hasSpeed({ summary }, workload, { name }) {
  return summary.figure(workload, name, 'eventsPerSecond') !== undefined;
}

function absent({ summary, without }, workload, { name }) {
  if (summary.hasFailed(workload, name)) return 'failed';
  const reason = without.find((one) => one.workload === workload && one.system === name);
  return reason === undefined ? '–' : 'cannot';
}
