// The figures of a run as tables.

import { few, section, short, table } from '../report/markdown.mjs';
import { spread } from '../report/summary.mjs';
import { measurements } from './measurements.mjs';

const modules = Object.fromEntries(
  await Promise.all(measurements.map(async ({ name, module }) => [name, await import(module)])),
);

/**
 * @param {object} run - A run.
 * @returns {{ costs?: string, steps?: string }} The tables of what it has measured, in Markdown.
 */
export function renderGroups(run) {
  const titled = (title, text) => (text === undefined ? undefined : section(title, text));
  return {
    costs: titled('Costs that grew wrongly', costs(run)),
    steps: titled('What a step costs, at two sizes', steps(run)),
  };
}

/** @param {object} run - A run. @returns {string} Its tables, in Markdown. */
export function renderTables(run) {
  const { costs: first, steps: second } = renderGroups(run);
  return [first, second].filter(Boolean).join('\n\n');
}

/** The figures of a measurement in all rounds, or what went wrong. */
function found(run, name, build, size) {
  const all = run.figures.filter(
    (one) => one.name === name && one.build === build && one.size === size,
  );
  const failed = all.find(({ error }) => error !== undefined);
  return {
    error: failed?.error,
    rounds: all.map(({ figures }) => figures),
    isMeasured: all.length > 0,
  };
}

function costs(run) {
  const builds = buildsOf(run);
  const rows = [];
  for (const { name, group } of measurements) {
    if (group !== 'costs' || !found(run, name, 'now').isMeasured) continue;
    const cost = modules[name];
    const cells = builds.map((build) => costCell(found(run, name, build), cost));
    rows.push([cost.title, ...cells, `${bound(cost)} ${cost.unit}`]);
  }
  if (rows.length === 0) return undefined;
  return table(['', ...builds.map((build) => titles[build]), 'wanted'], rows);
}

const titles = { before: 'before', now: 'now' };

const buildsOf = ({ hasBefore }) => (hasBefore ? ['before', 'now'] : ['now']);

const bound = ({ atMost, atLeast }) =>
  atMost === undefined ? `≥ ${few(atLeast)}` : `≤ ${few(atMost)}`;

/** The figure of the round in the middle, what it was made of, and whether it is what is wanted. */
function costCell({ error, rounds }, cost) {
  if (error !== undefined) return error;
  const sorted = rounds.toSorted((a, b) => cost.figure(a) - cost.figure(b));
  const middle = sorted[Math.floor(sorted.length / 2)];
  const value = cost.figure(middle);
  const isMet = cost.atMost === undefined ? value >= cost.atLeast : value <= cost.atMost;
  const seen = cost.seen === undefined ? '' : ` (${cost.seen(middle)})`;
  return `${isMet ? few(value) : `**${few(value)}**`}${seen}`;
}

function steps(run) {
  const builds = buildsOf(run);
  const rows = [];
  for (const { name, group } of measurements) {
    if (group !== 'steps') continue;
    const sizes = [
      ...new Set(run.figures.filter((one) => one.name === name).map(({ size }) => size)),
    ];
    if (sizes.length < 2) continue;
    const [small, large] = sizes.map((size) => found(run, name, 'now', size));
    const title = `${short(sizes[0])} and ${short(sizes[1])} ${modules[name].title}`;
    if (small.error ?? large.error) {
      rows.push([title, small.error ?? large.error, '', ...builds.map(() => '')]);
      continue;
    }
    for (const method of Object.keys(small.rounds[0])) {
      const ratios = builds.map((build) => ratio(run, name, build, sizes, method));
      const [a, b] = [small, large].map(({ rounds }) => median(rounds, method));
      rows.push([`${title}: ${method}`, few(a), few(b), ...ratios]);
    }
  }
  if (rows.length === 0) return undefined;
  const header = [
    'µs for a step',
    'few',
    'many',
    ...builds.map((build) => `ratio, ${titles[build]}`),
  ];
  return table(header, rows);
}

const median = (rounds, method) => spread(rounds.map((figures) => figures[method])).median;

/** How much more a step costs where there is more. */
function ratio(run, name, build, sizes, method) {
  const [small, large] = sizes.map((size) => found(run, name, build, size));
  const error = small.error ?? large.error;
  if (error !== undefined) return error;
  return `${few(median(large.rounds, method) / median(small.rounds, method))}×`;
}
