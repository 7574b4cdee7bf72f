// The tables, in Markdown.

import {
  few,
  mebibytes,
  section,
  short,
  table,
  targetRows,
  whole,
} from '../../report/markdown.mjs';
import { datasets } from '../data/index.mjs';
import { isAsked } from '../measure/plan.mjs';
import { checkTargets } from '../targets.mjs';

/** What the ratios are of. */
const own = 'eventlog';

/** Tables beside those of the time: a row for each query, a column for each system. */
const details = [
  {
    title: 'Event-loop delay while a query runs (ms): p99 / max',
    metrics: ['loopDelayP99Ms', 'loopDelayMaxMs'],
  },
  {
    title: 'Resident memory above that of an idle process (MiB)',
    metrics: ['residentBytes'],
    format: mebibytes,
  },
  { title: 'CPU time per query (ms)', metrics: ['cpuMsPerRun'] },
];

/**
 * @param {object} run - A run.
 * @returns {string} Its tables.
 */
export function renderTables(run) {
  const sections = [
    section('Targets', targetRows(checkTargets(run))),
    ...datasets.map((dataset) => renderTimes(run, dataset)),
    renderParsing(run),
    ...details.map((detail) => renderDetail(run, detail)),
    renderLoads(run),
    renderSystems(run),
  ];
  return sections.filter(Boolean).join('\n\n');
}

/** The time of every query: the median, the range of the rounds, and the ratio to ours. */
function renderTimes(run, { name, title }) {
  const queries = run.queries.filter(({ dataset }) => dataset === name);
  if (queries.length === 0) return undefined;
  const systems = run.systems.filter((system) => queries.some((query) => isAsked(system, query)));
  const rows = queries.map((query) => [
    query.title,
    run.answers[query.name],
    ...systems.map((system) => timeCell(run, query, system)),
  ]);
  const header = ['', 'returns', ...systems.map((system) => system.title)];
  const count = `${whole(run.events[name])} ${title}`;
  return section(`Time of a query (ms), ${count}`, table(header, rows));
}

function timeCell(run, query, system) {
  const figure = run.summary.figure(query.name, system.name, 'milliseconds');
  if (figure === undefined) return run.summary.hasFailed(query.name, system.name) ? 'failed' : '–';
  const range = run.roundCount > 1 ? ` (${short(figure.min)}–${short(figure.max)})` : '';
  const ours = run.summary.median(query.name, own, 'milliseconds');
  const ratio = ours === undefined || system.name === own ? '' : ` · ${few(figure.median / ours)}×`;
  return `${short(figure.median)}${range}${ratio}`;
}

/** How much of the time of queries that answer with events is JavaScript's own. */
function renderParsing(run) {
  const queries = run.queries.filter(({ answer }) => answer === 'events' || answer === 'page');
  return renderQueries(run, queries, {
    title: 'Part of the time that goes by in `JSON.parse` (%)',
    metrics: ['parseShare'],
    format: (share) => whole(share * 100),
  });
}

function renderDetail(run, detail) {
  return renderQueries(run, run.queries, detail);
}

function renderQueries(run, queries, { title, metrics, format = short }) {
  const rows = [];
  for (const query of queries) {
    const cells = run.systems.map((system) => {
      const values = metrics.map((metric) => run.summary.median(query.name, system.name, metric));
      if (values.every((value) => value === undefined)) return '–';
      return values.map((value) => (value === undefined ? 'n/a' : format(value))).join(' / ');
    });
    if (cells.some((text) => text !== '–')) rows.push([titleOf(query), ...cells]);
  }
  if (rows.length === 0) return undefined;
  return section(title, table(['', ...run.systems.map((system) => system.title)], rows));
}

/** A query's title where those of all sets of events stand in one table. */
export function titleOf({ dataset, title }) {
  return `${datasets.find(({ name }) => name === dataset).title}: ${title}`;
}

/** What the events take of the disk, and how long it took to load them. */
function renderLoads({ loads, systems }) {
  const shown = datasets.filter(({ name }) => loads.some(({ dataset }) => dataset === name));
  const rows = systems.map((system) => [
    system.title,
    ...shown.flatMap(({ name }) => {
      const load = loads.find((one) => one.dataset === name && one.system === system.name);
      if (load === undefined) return ['–', '–'];
      return [whole(load.metrics.diskBytesPerEvent), short(load.metrics.seconds)];
    }),
  ]);
  const header = shown.flatMap(({ title }) => [`${title}: bytes on disk per event`, 'loading (s)']);
  return section('Loading', table(['', ...header], rows));
}

/** What each system is. */
function renderSystems({ systems, versions }) {
  const items = systems.map(({ title, package: name = 'codebolt-eventlog', setUp }) => {
    return `- **${title}** (${name} ${versions[name]}): ${setUp}`;
  });
  return section('The systems that are asked', items.join('\n'));
}
