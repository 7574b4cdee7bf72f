// Writes the results of a run to where they are read.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

import { format, resolveConfig } from 'prettier';

import { productFolder } from '../options.mjs';
import { checkTargets } from '../targets.mjs';
import { renderCharts } from './charts.mjs';
import { renderTables } from './tables.mjs';

const docsPath = join(productFolder, 'docs', 'benchmarks.md');
const markers = ['<!-- results:start -->', '<!-- results:end -->'];
const chartNames = ['throughput', 'latency', 'batches', 'growth'];

/**
 * Writes `latest.json`, `latest.md` and the charts to a folder, and where it is asked for the same
 * tables into `docs/benchmarks.md`.
 *
 * @param {object} run - A run.
 * @param {string} folder - Where the results go.
 * @param {boolean} inDocs - Whether the document is updated as well.
 * @returns {Promise<string[]>} The paths of what was written.
 */
export async function writeResults(run, folder, inDocs) {
  mkdirSync(folder, { recursive: true });
  const charts = renderCharts(run);
  const written = [];
  for (const name of chartNames) {
    const path = join(folder, `${name}.svg`);
    const chart = charts.find((one) => one.name === name);
    // A chart of an earlier run would stand beside tables that it does not belong to.
    if (chart === undefined) rmSync(path, { force: true });
    else written.push(write(path, chart.svg));
  }
  const json = JSON.stringify(record(run));
  written.push(await writeFormatted(join(folder, 'latest.json'), json, 'json'));
  const text = `# Results\n\n${renderRun(run, charts, '.')}\n`;
  written.push(await writeFormatted(join(folder, 'latest.md'), text, 'markdown'));
  if (inDocs) {
    const target = relative(dirname(docsPath), folder).replaceAll('\\', '/');
    const page = withResults(readFileSync(docsPath, 'utf8'), renderRun(run, charts, target));
    written.push(await writeFormatted(docsPath, page, 'markdown'));
  }
  return written;
}

/** Everything that was measured, for programs. */
function record({
  machine,
  versions,
  commit,
  options,
  date,
  minutes,
  rounds,
  idle,
  summary,
  without,
}) {
  const targets = checkTargets(summary);
  const measured = rounds.map((round) => ({
    ...round,
    metrics: rounded(round.metrics),
    // Where the repository lies on this machine is nobody's business.
    error: round.error?.replaceAll(join(productFolder, '/'), ''),
  }));
  return {
    date,
    ...commit,
    machine,
    versions,
    options,
    minutes,
    targets,
    without,
    idle,
    rounds: measured,
  };
}

/** No measurement is good to more digits. */
function rounded(metrics = {}) {
  const digits = ([name, value]) => [
    name,
    value === undefined ? null : Number(value.toPrecision(6)),
  ];
  return Object.fromEntries(Object.entries(metrics).map(digits));
}

/** What a run was, its charts and its tables. */
function renderRun(run, charts, chartFolder) {
  const images = charts.map(({ name, title }) => `![${title}](${chartFolder}/${name}.svg)`);
  return [describe(run), ...images, renderTables(run)].join('\n\n');
}

/** The machine and the sources of a run, in words. */
export function describe({ machine, commit, date, roundCount, options, versions, minutes }) {
  const { cpu, cores, memoryGiB, os, kernel, arch, fileSystem, node } = machine;
  const dirty = commit.isDirty ? ', with changes that are in no commit' : '';
  const build = options.isOtherBuild ? ' (a build of another folder was measured)' : '';
  const rounds = roundCount === 1 ? 'one round' : `${roundCount} rounds`;
  return [
    `- **When**: ${date}, ${rounds} of ${options.seconds} s, ${minutes} minutes in all`,
    `- **What**: codebolt-eventlog ${versions['codebolt-eventlog']}, commit ${commit.commit}${dirty}${build}`,
    `- **Where**: ${cpu}, ${cores} cores, ${memoryGiB} GiB; ${os}, kernel ${kernel}, ${arch}; ${fileSystem}; Node.js ${node}`,
  ].join('\n');
}

function withResults(page, text) {
  const [start, end] = markers.map((marker) => page.indexOf(marker));
  if (start === -1 || end < start) {
    throw new Error(`${docsPath}: expected ${markers.join(' and ')}, found no such pair`);
  }
  return `${page.slice(0, start + markers[0].length)}\n\n${text}\n\n${page.slice(end)}`;
}

async function writeFormatted(path, text, parser) {
  return write(path, await formatted(text, parser));
}

/**
 * @param {string} text - A text.
 * @param {'json' | 'markdown'} parser - What it is.
 * @returns {Promise<string>} The text as the repository's formatter writes it.
 */
export async function formatted(text, parser) {
  const config = await resolveConfig(join(productFolder, 'index.js'));
  return format(text, { ...config, parser });
}

function write(path, text) {
  writeFileSync(path, text);
  return path;
}
