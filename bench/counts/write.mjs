// Where the figures of a run go.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { writeFormatted } from '../../scripts/documents.mjs';
import { putInDocs } from '../report/files.mjs';
import { describe } from '../report/machine.mjs';
import { renderTables } from './tables.mjs';

/**
 * @param {object} run - A run.
 * @param {string} folder - Where its results go.
 * @param {boolean} inDocs - Whether the document shows them.
 * @returns {Promise<string[]>} The paths of what was written.
 */
export async function writeResults(run, folder, inDocs) {
  mkdirSync(folder, { recursive: true });
  const text = `${describe(run)}\n\n${renderTables(run)}`;
  const written = [
    await writeFormatted(join(folder, 'counts.json'), JSON.stringify(run), 'json'),
    await writeFormatted(join(folder, 'counts.md'), `# Counts\n\n${text}\n`, 'markdown'),
  ];
  if (inDocs) written.push(await putInDocs('counts', text));
  return written;
}
