// What a process uses of the machine.

import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** How often the resident memory is looked at. */
const samplingMilliseconds = 20;

/** The histogram is of the times between two ticks of a timer that ticks as often as this. */
const resolutionMilliseconds = 1;

/** Measures this process from its making to its end. */
export class Usage {
  #cpu = process.cpuUsage();
  #delay = monitorEventLoopDelay({ resolution: resolutionMilliseconds });
  #residentBytes = 0;
  #sampling = setInterval(() => this.#sample(), samplingMilliseconds);

  constructor() {
    this.#delay.enable();
  }

  /**
   * Ends the part that is timed.
   *
   * @returns {Promise<object>} What was measured in it.
   */
  async end() {
    const { user, system } = process.cpuUsage(this.#cpu);
    clearInterval(this.#sampling);
    this.#sample();
    // The tick that what ran last has held up is counted when the event loop comes to it.
    await nextTurn();
    await nextTurn();
    this.#delay.disable();
    return {
      cpuMicroseconds: user + system,
      residentBytes: this.#residentBytes,
      loopDelay: this.#delay.count === 0 ? {} : delays(this.#delay),
    };
  }

  #sample() {
    this.#residentBytes = Math.max(this.#residentBytes, process.memoryUsage.rss());
  }
}

/** An idle event loop has a delay of 0: the time that the timer was to wait is taken off. */
function delays(histogram) {
  const late = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - resolutionMilliseconds);
  return {
    loopDelayP50Ms: late(histogram.percentile(50)),
    loopDelayP99Ms: late(histogram.percentile(99)),
    loopDelayMaxMs: late(histogram.max),
  };
}

/**
 * @param {string} folder - A folder.
 * @returns {number} How much of the disk the files in it take.
 */
export function diskBytes(folder) {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    // Node.js 20.1 has the folder in `path`, which later ones call `parentPath`.
    const path = join(entry.parentPath ?? entry.path, entry.name);
    // Some systems remove files after they have answered that they are closed.
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined) continue;
    bytes += process.platform === 'win32' ? stats.size : stats.blocks * 512;
  }
  return bytes;
}
