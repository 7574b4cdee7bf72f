// Writes the results of a run to where they are read.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../scripts/command.mjs';
import { formatted, putInDocument, writeFormatted } from '../scripts/documents.mjs';
import { suites } from './suites/index.mjs';

const docsPath = join(root, 'docs', 'reliability.md');

/**
 * Writes `latest.json` and `latest.md` to a folder, and where it is asked for the same table into
 * `docs/reliability.md`.
 *
 * @param {object} run - A run.
 * @param {string} folder - Where the results go.
 * @param {boolean} inDocs - Whether they go into the document.
 * @returns {Promise<{ text: string, written: string[] }>} The results in words, and the paths of what was
 *   written.
 */
export async function writeResults(run, folder, inDocs) {
  mkdirSync(folder, { recursive: true });
  const text = await formatted(render(run), 'markdown');
  const results = run.results.map((result) => ({
    ...result,
    // Where the repository lies on this machine is nobody's business.
    error: result.error?.replaceAll(join(root, '/'), ''),
  }));
  const written = [
    await writeFormatted(join(folder, 'latest.json'), JSON.stringify({ ...run, results }), 'json'),
    await writeFormatted(join(folder, 'latest.md'), `# Results\n\n${text}`, 'markdown'),
  ];
  if (inDocs) written.push(await putInDocument(docsPath, 'torture', text));
  return { text, written };
}

function render({ results, date, minutes, machine, commit, quick }) {
  const { cpu, cores, memoryGiB, os, kernel, arch, fileSystem, node } = machine;
  const dirty = commit.isDirty ? ', with changes that are in no commit' : '';
  const length = quick ? 'a quick run' : 'a run';
  const rows = results.map((result) => {
    const { name, title, seconds, error } = result;
    const { describe } = suites.find((suite) => suite.name === name);
    const outcome = error === undefined ? 'nothing' : `**${error.split('\n')[0]}**`;
    const figures = error === undefined ? describe(result.figures).join('<br>') : '';
    return `| \`${name}\`: ${title} | ${figures} | ${seconds} s | ${outcome} |`;
  });
  return [
    `- **When**: ${date}, ${length} of ${minutes} minutes`,
    `- **What**: commit ${commit.commit}${dirty}`,
    `- **Where**: ${cpu}, ${cores} cores, ${memoryGiB} GiB; ${os}, kernel ${kernel}, ${arch}; ${fileSystem}; Node.js ${node}`,
    '',
    '| suite | what was done | time | found |',
    '| --- | --- | ---: | --- |',
    ...rows,
    '',
  ].join('\n');
}
