// Where the figures of a run go.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { writeFormatted } from '../../scripts/documents.mjs';
import { putInDocs } from '../report/files.mjs';
import { describe } from '../report/machine.mjs';
import { renderGroups } from './tables.mjs';

/**
 * @param {object} run - A run.
 * @param {string} folder - Where its results go.
 * @param {boolean} inDocs - Whether the document shows them.
 * @returns {Promise<string[]>} The paths of what was written.
 */
export async function writeResults(run, folder, inDocs) {
  mkdirSync(folder, { recursive: true });
  const written = [];
  for (const [group, tables] of Object.entries(renderGroups(run))) {
    // What was not measured stays as an earlier run has left it.
    if (tables === undefined) continue;
    const text = `${describe(run)}\n\n${tables}`;
    const figures = run.figures.filter((one) => one.group === group);
    const record = JSON.stringify({ ...run, figures });
    written.push(
      await writeFormatted(join(folder, `counts-${group}.json`), record, 'json'),
      await writeFormatted(join(folder, `counts-${group}.md`), `# Counts\n\n${text}\n`, 'markdown'),
    );
    if (inDocs) written.push(await putInDocs(`counts-${group}`, text));
  }
  return written;
}
