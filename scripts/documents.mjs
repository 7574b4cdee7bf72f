// What runs write, formatted as the rest of the repository is.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { format, resolveConfig } from 'prettier';

import { root } from './command.mjs';

/**
 * Puts results into a document in the place of earlier ones.
 *
 * @param {string} path - The path of the document.
 * @param {string} name - What the markers around them are named.
 * @param {string} text - The results, in Markdown.
 * @returns {Promise<string>} The path of the document.
 */
export async function putInDocument(path, name, text) {
  const page = readFileSync(path, 'utf8');
  const markers = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const [start, end] = markers.map((marker) => page.indexOf(marker));
  if (start === -1 || end < start) {
    throw new Error(`${path}: expected ${markers.join(' and ')}, found no such pair`);
  }
  const changed = `${page.slice(0, start + markers[0].length)}\n\n${text}\n\n${page.slice(end)}`;
  return writeFormatted(path, changed, 'markdown');
}

/** Writes a text as the repository's formatter writes it, and returns its path. */
export async function writeFormatted(path, text, parser) {
  writeFileSync(path, await formatted(text, parser));
  return path;
}

/**
 * @param {string} text - A text.
 * @param {'json' | 'markdown'} parser - What it is.
 * @returns {Promise<string>} The text as the repository's formatter writes it.
 */
export async function formatted(text, parser) {
  const config = await resolveConfig(join(root, 'index.js'));
  return format(text, { ...config, parser });
}
