// Writes the results of a run to where they are read.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { writeFormatted } from '../../../scripts/documents.mjs';
import { fromDocs, putInDocs, recordRounds, writeCharts } from '../../report/files.mjs';
import { describe } from '../../report/machine.mjs';
import { checkTargets } from '../targets.mjs';
import { chartNames, renderCharts } from './charts.mjs';
import { renderTables } from './tables.mjs';

/**
 * Writes `queries.json`, `queries.md` and the charts to a folder, and where it is asked for the same
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
  written.push(await writeFormatted(join(folder, 'queries.json'), json, 'json'));
  const text = `# Results\n\n${renderRun(run, charts, '.')}\n`;
  written.push(await writeFormatted(join(folder, 'queries.md'), text, 'markdown'));
  if (inDocs) written.push(await putInDocs('queries', renderRun(run, charts, fromDocs(folder))));
  return written;
}

/** Everything that was measured, for programs. */
function record(run) {
  const { commit, machine, versions, options, events, date, minutes } = run;
  const { rounds, idle, loads, answers } = run;
  return {
    date,
    ...commit,
    machine,
    versions,
    options,
    events,
    minutes,
    targets: checkTargets(run),
    answers,
    idle,
    loads: recordRounds(loads),
    rounds: recordRounds(rounds),
  };
}

/** What a run was, its charts and its tables. */
function renderRun(run, charts, chartFolder) {
  const images = charts.map(({ name, title }) => `![${title}](${chartFolder}/${name}.svg)`);
  return [describe(run), ...images, renderTables(run)].join('\n\n');
}
