// From the rounds to what is reported: the median, and between what the rounds were.

/**
 * @typedef {{ median: number, min: number, max: number }} Spread
 */

/**
 * @param {number[]} values - Some numbers.
 * @returns {Spread} Their median and range.
 */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median =
    sorted.length % 2 === 1
      ? sorted[Math.floor(middle)]
      : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted.at(-1) };
}

/** The figures of a run, by workload, system and metric. */
export class Summary {
  #figures = new Map();
  #failed = new Set();

  /** @param {object[]} rounds - Each measurement. */
  constructor(rounds) {
    const values = new Map();
    for (const { workload, system, metrics, error } of rounds) {
      if (error !== undefined) this.#failed.add(`${workload} ${system}`);
      for (const [metric, value] of Object.entries(metrics ?? {})) {
        if (typeof value !== 'number') continue;
        const key = `${workload} ${system} ${metric}`;
        if (!values.has(key)) values.set(key, []);
        values.get(key).push(value);
      }
    }
    for (const [key, list] of values) this.#figures.set(key, spread(list));
  }

  /**
   * @param {string} workload - The name of a workload.
   * @param {string} system - The name of a system.
   * @param {string} metric - The name of a metric.
   * @returns {Spread | undefined} The figure, or `undefined` where there is none.
   */
  figure(workload, system, metric) {
    return this.#figures.get(`${workload} ${system} ${metric}`);
  }

  /** Whether a measurement of a pair has failed. */
  hasFailed(workload, system) {
    return this.#failed.has(`${workload} ${system}`);
  }

  /** As {@link Summary.figure}, the median alone. */
  median(workload, system, metric) {
    return this.figure(workload, system, metric)?.median;
  }
}

/**
 * @param {object} target - A target: a title; a goal in words; `value`, which gives the figure from a
 *   summary, or `undefined` where the run has none; and either `atLeast` or `atMost`.
 * @param {Summary} summary - The figures of a run.
 * @returns {object} The target with its figure, and whether it is met (`undefined`: not measured).
 */
export function checkTarget({ title, goal, atLeast, atMost, value }, summary) {
  const found = value(summary);
  const isMet =
    found === undefined ? undefined : atLeast === undefined ? found <= atMost : found >= atLeast;
  return { title, goal, atLeast, atMost, value: found, isMet };
}
