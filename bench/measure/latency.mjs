/** How many times are kept: the last ones of a measurement that has more. */
const kept = 1 << 20;

/** The times of appends, in milliseconds. */
export class Latencies {
  #times = new Float64Array(kept);
  #count = 0;

  /** @param {number} milliseconds - How long an append took. */
  take(milliseconds) {
    this.#times[this.#count % kept] = milliseconds;
    this.#count += 1;
  }

  /** How much memory the times take. Pages that nothing was written to are not resident. */
  get residentBytes() {
    return Math.min(this.#count, kept) * Float64Array.BYTES_PER_ELEMENT;
  }

  /** @returns {Float64Array} The times, in order of size. */
  sorted() {
    return this.#times.slice(0, Math.min(this.#count, kept)).sort();
  }
}

/**
 * @param {Float64Array} sorted - Times in order of size.
 * @returns {object} Percentiles, under the names of the metrics.
 */
export function percentiles(sorted) {
  if (sorted.length === 0) return {};
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return { latencyP50Ms: at(0.5), latencyP99Ms: at(0.99), latencyP999Ms: at(0.999) };
}
