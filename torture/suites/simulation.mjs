// The engine on disks in memory, and its answers against those of looking at each event, from seeds.

import { runCargo } from './cargo.mjs';

/** So many parts of a run say that they have come to their end. */
const parts = 20;

/**
 * Loses power, kills processes and has disks fail, in memory.
 *
 * @param {object} run - How.
 * @param {number} run.seeds - How many simulations there are.
 * @param {number} run.first - The seed of the first one.
 * @param {(done: number) => void} [run.tell] - Hears how many were done by now.
 * @returns {Promise<object>} What was done, in figures.
 */
export async function simulate({ seeds, first, tell = () => {} }) {
  const filters = ['each_call_gets_the_truth_whatever_happens'];
  const found = await inParts({ variable: 'SIMULATION_SEEDS', filters, seeds, first, tell });
  return found.simulation;
}

/**
 * Makes calls of all kinds, in several processes, while that happens.
 *
 * @param {object} run - How; see {@link simulate}.
 * @returns {Promise<object>} What was done, in figures.
 */
export async function simulateCalls({ seeds, first, tell = () => {} }) {
  const filters = ['what_was_told_stays_true_whatever_happens'];
  const found = await inParts({ variable: 'SIMULATION_SEEDS', filters, seeds, first, tell });
  return found.requests;
}

/**
 * Compares answers to random queries about random logs.
 *
 * @param {object} run - How; see {@link simulate}.
 * @returns {Promise<object>} What was done, in figures.
 */
export async function compareAnswers({ seeds, first, tell = () => {} }) {
  const filters = ['equivalence'];
  const found = await inParts({ variable: 'EQUIVALENCE_SEEDS', filters, seeds, first, tell });
  return found.equivalence;
}

async function inParts({ variable, filters, seeds, first, tell }) {
  const found = {};
  const size = Math.ceil(seeds / parts);
  const end = first + seeds;
  for (let from = first; from < end; from += size) {
    const to = Math.min(from + size, end);
    const lines = await runCargo({ filters, variables: { [variable]: `${from}..${to}` } });
    for (const { kind, figures } of lines) add((found[kind.toLowerCase()] ??= {}), figures);
    tell(to - first);
  }
  if (Object.keys(found).length === 0) {
    throw new Error(
      `${filters.join(', ')}: expected tests that say what they have done, found none`,
    );
  }
  for (const figures of Object.values(found)) figures.seeds = `${first}..${end}`;
  return found;
}

/** Adds figures to `sums`. */
function add(sums, figures) {
  for (const [name, value] of Object.entries(figures)) {
    if (typeof value === 'number') sums[name] = (sums[name] ?? 0) + value;
    else if (typeof value === 'object') add((sums[name] ??= {}), value);
  }
}
