// What is measured, in which order: the rounds of a workload follow each other, in each round all
// systems take their turn, and each round begins with another of them.

import { reasonAgainst, systems } from '../systems/index.mjs';
import { grown, rivalEventsMax, workloads } from '../workloads/index.mjs';

/**
 * Workloads that are measured in turns.
 *
 * @typedef {object} Block
 * @property {{ workload: object, system: object }[]} pairs - What is measured in each round.
 */

/**
 * @param {object} options - The options of the run.
 * @returns {{ blocks: Block[], systems: object[], without: object[] }} What is measured; which
 *   systems take part; which pairs have no figure, each with the reason.
 */
export function makePlan(options) {
  const chosen = systems.filter((system) => isChosenSystem(system, options));
  const without = [];
  const blocks = [];
  for (const workload of workloads.filter((one) => isChosenWorkload(one, options))) {
    const pairs = [];
    for (const system of chosen) {
      if (workload.group === 'growth' && !isGrown(system, workload, options)) continue;
      const reason = reasonAgainst(system, workload);
      if (reason === undefined) pairs.push({ workload, system });
      else if (system.floor === undefined) {
        without.push({ workload: workload.name, system: system.name, reason });
      }
    }
    const last = blocks.at(-1);
    // The sizes of a file are compared with each other, so they are measured in turns as well.
    if (workload.group === 'growth' && last?.pairs[0].workload.group === 'growth') {
      last.pairs.push(...pairs);
    } else if (pairs.length > 0) blocks.push({ pairs });
  }
  const isMeasured = (system) =>
    blocks.some(({ pairs }) => pairs.some((pair) => pair.system === system));
  return { blocks, systems: chosen.filter(isMeasured), without };
}

function isChosenSystem(system, options) {
  if (system.isBaseline && options.baseline === undefined) return false;
  return options.systems === undefined || options.systems.includes(system.name);
}

function isChosenWorkload({ name, group, isQuick }, { only, quick }) {
  if (only === undefined) return !quick || isQuick === true;
  // A group by its name is cut by --quick, a workload by its name is what was asked for.
  return only.includes(name) || (only.includes(group) && (!quick || isQuick === true));
}

function isGrown(system, { prepared }, { growthRivals }) {
  if (!grown.includes(system.name)) return false;
  return !system.package || growthRivals || prepared.events <= rivalEventsMax;
}

/**
 * @param {object[]} list - A list.
 * @param {number} by - How many places to move it.
 * @returns {object[]} The list, beginning elsewhere.
 */
export function rotated(list, by) {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}
