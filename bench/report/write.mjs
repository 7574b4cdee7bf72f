// Writes the results of a run to where they are read.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { writeFormatted } from '../../scripts/documents.mjs';
import { checkTargets } from '../targets.mjs';
import { renderCharts } from './charts.mjs';
import { fromDocs, putInDocs, recordRounds, writeCharts } from './files.mjs';
import { describe } from './machine.mjs';
import { renderTables } from './tables.mjs';

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
  const written = writeCharts(charts, chartNames, folder);
  const json = JSON.stringify(record(run));
  written.push(await writeFormatted(join(folder, 'latest.json'), json, 'json'));
  const text = `# Results\n\n${renderRun(run, charts, '.')}\n`;
  written.push(await writeFormatted(join(folder, 'latest.md'), text, 'markdown'));
  if (inDocs) written.push(await putInDocs('results', renderRun(run, charts, fromDocs(folder))));
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
    rounds: recordRounds(rounds),
  };
}

/** What a run was, its charts and its tables. */
function renderRun(run, charts, chartFolder) {
  const images = charts.map(({ name, title }) => `![${title}](${chartFolder}/${name}.svg)`);
  return [describe(run), ...images, renderTables(run)].join('\n\n');
}
