// The files that results are written to.

import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

import { putInDocument } from '../../scripts/documents.mjs';
import { productFolder } from '../folders.mjs';

const docsPath = join(productFolder, 'docs', 'benchmarks.md');

/**
 * @param {string} folder - A folder.
 * @returns {string} How the document that shows results links to it.
 */
export function fromDocs(folder) {
  return relative(dirname(docsPath), folder).replaceAll('\\', '/');
}

/**
 * Puts results into the document in the place of earlier ones.
 *
 * @param {string} name - What the markers around them are named.
 * @param {string} text - The results, in Markdown.
 * @returns {Promise<string>} The path of the document.
 */
export function putInDocs(name, text) {
  return putInDocument(docsPath, name, text);
}

/**
 * @param {{ name: string, svg: string }[]} charts - The charts of a run.
 * @param {string[]} names - The names of all charts that there may be.
 * @param {string} folder - Where they go.
 * @returns {string[]} The paths of what was written.
 */
export function writeCharts(charts, names, folder) {
  const written = [];
  for (const name of names) {
    const path = join(folder, `${name}.svg`);
    const chart = charts.find((one) => one.name === name);
    // A chart of an earlier run would stand beside tables that it does not belong to.
    if (chart === undefined) {
      rmSync(path, { force: true });
    } else {
      writeFileSync(path, chart.svg);
      written.push(path);
    }
  }
  return written;
}

/**
 * @param {object[]} rounds - Measurements.
 * @returns {object[]} What is kept of them for programs.
 */
export function recordRounds(rounds) {
  return rounds.map((round) => ({
    ...round,
    metrics: rounded(round.metrics),
    // Where the repository lies on this machine is nobody's business.
    error: round.error?.replaceAll(join(productFolder, '/'), ''),
  }));
}

/** No measurement is good to more digits. */
function rounded(metrics = {}) {
  const digits = ([name, value]) => [
    name,
    value === undefined ? null : Number(value.toPrecision(6)),
  ];
  return Object.fromEntries(Object.entries(metrics).map(digits));
}
