// The conditions of a `where`, those in its trees included.

import { typeOf } from '../arguments.js';

/** More levels than a query may have. Deeper trees are left to the log, which refuses them. */
const LEVELS_MAX = 64;

/** Whether a part of a `where` is a tree. */
export function isTree(part) {
  return typeOf(part) === 'object' && ['any', 'all', 'not'].some((key) => Object.hasOwn(part, key));
}

/**
 * @param {unknown} where - That of a query, which may be wrong.
 * @returns {Record<string, any>[]} Its conditions, whatever they are joined by.
 */
export function conditionsIn(where, levels = LEVELS_MAX) {
  if (Array.isArray(where)) return where.flatMap((part) => conditionsIn(part, levels));
  if (typeOf(where) !== 'object') return [];
  if (!isTree(where)) return [where];
  if (levels === 0) return [];
  return [where.any, where.all, where.not].flatMap((part) => conditionsIn(part, levels - 1));
}
