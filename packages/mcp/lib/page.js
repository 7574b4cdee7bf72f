// One page of a list: as many entries as an agent's context has room for.

import { shorten } from './shorten.js';

/**
 * Takes entries until the page is full. An entry that would take more than half of a page is shortened.
 *
 * @param {AsyncIterable<any> | Iterable<any>} entries - The list, from the page's first entry on.
 * @param {number} entriesMax - How many entries a page has at most.
 * @param {number} charactersMax - How long their JSON texts are together at most.
 * @returns {Promise<{ entries: any[], lines: string[], cut: number, isFull: boolean, last: any }>} The entries, their
 *   JSON texts, how many of them are shortened, whether there are more, and the last one as the list has it.
 */
export async function fillPage(entries, entriesMax, charactersMax) {
  const page = { entries: [], lines: [], cut: 0, isFull: false, last: undefined };
  let room = charactersMax;
  for await (const entry of entries) {
    if (page.entries.length === entriesMax) return { ...page, isFull: true };
    const { value, text, isCut } = shorten(entry, Math.floor(charactersMax / 2));
    if (text.length > room) return { ...page, isFull: true };
    room -= text.length;
    page.entries.push(value);
    page.lines.push(text);
    page.cut += isCut ? 1 : 0;
    page.last = entry;
  }
  return page;
}

/**
 * What the agent should know of a page.
 *
 * @param {{ cut: number }} page - The page.
 * @param {string | undefined} nextCursor - Where the next one begins.
 * @returns {string[]} Lines of text.
 */
export function pageRemarks(page, nextCursor) {
  const remarks = [];
  if (page.cut > 0) {
    remarks.push(
      `Shortened for length: ${page.cut}, each with "[cut" where something is left out. eventlog_get_event reads a long event in full.`,
    );
  }
  if (nextCursor !== undefined) {
    remarks.push(
      `There is more: call again with the same arguments and "cursor": "${nextCursor}".`,
    );
  }
  return remarks;
}
