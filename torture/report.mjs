// Writes the results of a run to where they are read.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../scripts/command.mjs';
import { formatted, putInDocument, writeFormatted } from '../scripts/documents.mjs';
import { suites } from './suites/index.mjs';

const docsPath = join(root, 'docs', 'reliability.md');

const suiteOf = ({ name }) => suites.find((suite) => suite.name === name);

/**
 * Writes `latest.json` and `latest.md` to a folder, and where it is asked for the same table into
 * `docs/reliability.md`. A suite that has results of its own has its own files and its own table, so that
 * each can be made by itself.
 *
 * @param {object} run - A run.
 * @param {string} folder - Where the results go.
 * @param {boolean} inDocs - Whether they go into the document.
 * @returns {Promise<{ text: string, written: string[] }>} The results in words, and the paths of what was
 *   written.
 */
export async function writeResults(run, folder, inDocs) {
  mkdirSync(folder, { recursive: true });
  const texts = [];
  const written = [];
  for (const [name, results] of partsOf(run.results)) {
    const text = await formatted(render({ ...run, results }), 'markdown');
    texts.push(text);
    const file = join(folder, name ?? 'latest');
    const recorded = { ...run, results: results.map(withoutPlace) };
    written.push(
      await writeFormatted(`${file}.json`, JSON.stringify(recorded), 'json'),
      await writeFormatted(`${file}.md`, `# Results\n\n${text}`, 'markdown'),
    );
    const marker = name === undefined ? 'torture' : `torture-${name}`;
    if (inDocs) written.push(await putInDocument(docsPath, marker, text));
  }
  return { text: texts.join('\n'), written };
}

/** The results by what they are called; those that have no name of their own are together. */
function partsOf(results) {
  const parts = new Map();
  for (const result of results) {
    const name = suiteOf(result).results;
    parts.set(name, [...(parts.get(name) ?? []), result]);
  }
  return parts;
}

/** Where the repository lies on this machine is nobody's business. */
const withoutPlace = (result) => ({
  ...result,
  error: result.error?.replaceAll(join(root, '/'), ''),
});

function render({ results, date, machine, commit, quick }) {
  const { cpu, cores, memoryGiB, os, kernel, arch, fileSystem, node } = machine;
  const dirty = commit.isDirty ? ', with changes that are in no commit' : '';
  const length = quick ? 'a quick run' : 'a run';
  const minutes = results.reduce((sum, { seconds }) => sum + seconds, 0) / 60;
  const rows = results.map((result) => {
    const { name, title, seconds, error } = result;
    const { describe } = suiteOf(result);
    const outcome = error === undefined ? 'nothing' : `**${error.split('\n')[0]}**`;
    const figures = error === undefined ? describe(result.figures).join('<br>') : '';
    return `| \`${name}\`: ${title} | ${figures} | ${seconds} s | ${outcome} |`;
  });
  return [
    `- **When**: ${date}, ${length} of ${minutes.toFixed(1)} minutes`,
    `- **What**: commit ${commit.commit}${dirty}`,
    `- **Where**: ${cpu}, ${cores} cores, ${memoryGiB} GiB; ${os}, kernel ${kernel}, ${arch}; ${fileSystem}; Node.js ${node}`,
    '',
    '| suite | what was done | time | found |',
    '| --- | --- | ---: | --- |',
    ...rows,
    '',
  ].join('\n');
}
