import { createRequire } from 'node:module';

import { repeat } from './repeat.mjs';

/** What the package reads JSON by: its own, whatever stands in the place of the global one. */
const { JSON: own } = createRequire(import.meta.url)('../../../lib/intrinsics.js');

/**
 * Finds out how much of a query's time goes by in `JSON.parse`, which is the same for all systems
 * that answer with the same events.
 *
 * @param {() => Promise<number>} run - Asks the query once, and says how long that took.
 * @param {{ milliseconds: number, runsMin: number }} limit - How long to go on, and how often at least.
 * @returns {Promise<{ parseMs: number, parseShare: number }>} What one run of the query spends in it,
 *   and what part of its time that is.
 */
export async function parsingOf(run, limit) {
  const { parse } = JSON;
  let parsing = 0;
  const timed = (text) => {
    const started = performance.now();
    const value = parse(text);
    parsing += performance.now() - started;
    return value;
  };
  JSON.parse = timed;
  own.parse = timed;
  try {
    const times = await repeat(run, limit);
    const total = times.reduce((sum, time) => sum + time, 0);
    return { parseMs: parsing / times.length, parseShare: parsing / total };
  } finally {
    JSON.parse = parse;
    own.parse = parse;
  }
}
