// What is measured, in which order.

import { datasets } from '../data/index.mjs';
import { systems } from '../systems/index.mjs';
import { queriesAbout } from '../workloads/index.mjs';

/** The set of events that is asked about only where that is wanted. */
const large = 'readings';

/**
 * The queries about one set of events, which is loaded for them.
 *
 * @typedef {object} Part
 * @property {object} dataset - The set of events.
 * @property {object[]} systems - The systems that have it.
 * @property {object[]} queries - What they are asked.
 */

/**
 * @param {object} options - The options of the run.
 * @returns {{ parts: Part[], systems: object[], queries: object[], total: number }} What is measured;
 *   all systems that take part; all queries; how many measurements that makes.
 */
export function makePlan(options) {
  const chosen = systems.filter((system) => isChosenSystem(system, options));
  const queries = queriesAbout(options.events).filter((query) => isChosenQuery(query, options));
  const parts = datasets
    .map((dataset) => {
      const about = queries.filter((query) => query.dataset === dataset.name);
      const asked = chosen.filter((system) => about.some((query) => isAsked(system, query)));
      return { dataset, systems: asked, queries: about };
    })
    .filter((part) => part.systems.length > 0);
  const measured = parts.flatMap((part) => part.queries);
  const pairs = measured.map((query) => chosen.filter((system) => isAsked(system, query)).length);
  return {
    parts,
    systems: chosen.filter((system) => parts.some((part) => part.systems.includes(system))),
    queries: measured,
    total: options.rounds * pairs.reduce((sum, count) => sum + count, 0),
  };
}

/** Whether a system is asked a query. */
export function isAsked({ name }, { only }) {
  return only === undefined || only.includes(name);
}

function isChosenSystem(system, options) {
  if (system.isBaseline && options.baseline === undefined) return false;
  return options.systems === undefined || options.systems.includes(system.name);
}

function isChosenQuery({ name, dataset, isQuick }, { only, quick, large: isLargeWanted }) {
  if (only?.includes(name)) return true;
  if (only !== undefined && !only.includes(dataset)) return false;
  if (dataset === large) return isLargeWanted || only !== undefined;
  return !quick || isQuick === true;
}
