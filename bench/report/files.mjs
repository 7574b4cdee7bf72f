// The files that results are written to.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

import { format, resolveConfig } from 'prettier';

import { productFolder } from '../command-line.mjs';

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
export async function putInDocs(name, text) {
  const page = readFileSync(docsPath, 'utf8');
  const markers = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const [start, end] = markers.map((marker) => page.indexOf(marker));
  if (start === -1 || end < start) {
    throw new Error(`${docsPath}: expected ${markers.join(' and ')}, found no such pair`);
  }
  const changed = `${page.slice(0, start + markers[0].length)}\n\n${text}\n\n${page.slice(end)}`;
  return writeFormatted(docsPath, changed, 'markdown');
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
    if (chart === undefined) rmSync(path, { force: true });
    else written.push(write(path, chart.svg));
  }
  return written;
}

/** Writes a text as the repository's formatter writes it, and returns its path. */
export async function writeFormatted(path, text, parser) {
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

function write(path, text) {
  writeFileSync(path, text);
  return path;
}
