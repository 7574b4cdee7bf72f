// A filter as the `where` of a query, and what the log says about it as a remark on one of the filter's conditions.

import { isGroup } from './tree.js';

/**
 * The `where` of a filter.
 *
 * @param {object} filter - The filter.
 * @returns {object[]} Conditions and trees, all of which hold where the filter does. More can be added at the end.
 */
export function whereOf(filter) {
  if (filter.items.length === 0) return [];
  return filter.mode === 'all' ? filter.items.map(treeOf) : [treeOf(filter)];
}

function treeOf(node) {
  if (!isGroup(node)) return node;
  const parts = node.items.map(treeOf);
  if (parts.length === 0) return { all: [] };
  if (node.mode === 'none') return { not: { any: parts } };
  return { [node.mode]: parts };
}

/** A place in a `where`, such as `where[1].any[0].value`, and what is said about it. */
const REMARK = /^where\[(\d+)\]((?:\.not|\.(?:all|any)\[\d+\])*)((?:\.\w+)?(?:\[\d+\])?): (.*)$/s;

/**
 * The condition that a failure of the log is about.
 *
 * @param {object} filter - The filter that was asked for.
 * @param {string} message - What the log said of the query that `whereOf(filter)` was part of.
 * @returns {{ condition: object, part: string, text: string } | undefined} The condition, its part such as `value`, and
 *   what is wrong with it; `undefined` if the message is not about one of them.
 */
export function remarkOn(filter, message) {
  const [, first, path, part, text] = REMARK.exec(message) ?? [];
  if (first === undefined || filter.items.length === 0) return undefined;
  const numbers = [...path.matchAll(/\[(\d+)\]/g)].map(([, number]) => Number(number));
  if (filter.mode === 'all') numbers.unshift(Number(first));
  const condition = numbers.reduce((node, number) => node?.items?.[number], filter);
  if (condition === undefined || isGroup(condition)) return undefined;
  return { condition, part: /\w+/.exec(part)?.[0], text };
}
