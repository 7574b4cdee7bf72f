// Processes that append to a log in PostgreSQL while something is lost, and what they were answered.

import { randomInt } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';

import { Ledger } from '../ledger.mjs';
import { Writer } from '../processes/spawn.mjs';

/** Who appends. */
const cast = { processes: 2, threads: 0, lanes: 32 };

/** After so many losses a new log is begun, so that looking through it stays quick. */
const lossesPerLog = 5;

/** How long something is waited for at the most before it is lost, in milliseconds. */
const untilLoss = 400;

/** A ledger that notes when something was acknowledged. */
export class TimedLedger extends Ledger {
  /** When the last one was, and the longest time between two of them since that was last set to 0. */
  last = performance.now();
  longestMs = 0;
  #heard = () => {};

  take(message) {
    super.take(message);
    if (message.stored === undefined) return;
    const now = performance.now();
    this.longestMs = Math.max(this.longestMs, now - this.last);
    this.last = now;
    this.#heard();
  }

  /** Resolves once something is acknowledged that was not before this was called. */
  next() {
    return new Promise((resolve) => (this.#heard = resolve));
  }
}

/**
 * Has something lost so many times, under load, and looks for what was acknowledged.
 *
 * @param {object} run - `figures`, whose `logs` and `acknowledged` grow; `urlOf`, which makes the address of a log; and
 *   `tell`. `options` are those of opening it. With `onlySteady`, there is the steady load alone that times are taken under,
 *   and else in every second log. The rest is for `lose`, which is told with `isSteady` which load there is.
 * @param {number} times - How often.
 * @param {string} counted - The figure that counts it.
 * @param {(run: object) => Promise<void>} lose - Has it lost, and waits until all is as it was before.
 */
export async function loseOften(run, times, counted, lose) {
  const { figures, urlOf, options, onlySteady = false, tell } = run;
  while (figures[counted] < times) {
    const isSteady = onlySteady || figures.logs % 2 === 0;
    await underLoad({ url: urlOf(), options, isSteady }, figures, async (load) => {
      const until = Math.min(times, figures[counted] + lossesPerLog);
      while (figures[counted] < until) {
        await setTimeout(randomInt(untilLoss));
        await lose({ ...run, ...load, isSteady });
        figures[counted] += 1;
        tell(`${figures[counted]} of ${times} ${counted}`);
      }
    });
  }
}

/**
 * Has processes append to a log meanwhile, and then looks through it. A steady load has no batches of many megabytes, which
 * take seconds by themselves, and no instances that are made and deleted. `checked` is the address that the log is looked
 * through at, where that is another one.
 */
export async function underLoad({ url, checked = url, options, isSteady }, figures, work) {
  const ledger = new TimedLedger();
  let fail;
  const failed = new Promise((_, reject) => (fail = reject));
  // One that ends in its turn has failed nothing.
  failed.catch(() => {});
  const load = { ledger, writers: [], answered: () => Promise.race([ledger.next(), failed]) };
  load.begin = () => {
    const name = `${load.writers.length}`;
    const writer = new Writer({ path: url, name, options, changes: !isSteady, ...cast }, ledger);
    load.writers.push(writer);
    writer.end().catch(fail);
    return writer;
  };
  for (let at = 0; at < cast.processes; at += 1) load.begin();
  try {
    await Promise.all(load.writers.map((writer) => writer.acknowledged));
    await load.answered();
    await work(load);
    const running = load.writers.filter((writer) => !writer.wasKilled);
    for (const writer of running) writer.close();
    await Promise.all(running.map((writer) => writer.end({ code: 0 })));
  } finally {
    for (const writer of load.writers) writer.kill();
  }
  await ledger.check(checked, options);
  figures.logs += 1;
  figures.acknowledged += ledger.acknowledged;
}

/** How long nothing was answered around failovers, and how much of that the servers took. */
export class Gaps {
  #all = [];

  /**
   * @param {object} one - Of one failover, in milliseconds.
   * @param {number} one.gapMs - The longest time between two answers.
   * @param {number} one.readyMs - From the loss until a commit of somebody else was answered.
   */
  add({ gapMs, readyMs }) {
    this.#all.push({ gapMs, readyMs, beyondMs: gapMs - readyMs });
  }

  /** Of each, and of what a gap was longer than the servers took, the one in the middle and the longest. */
  figures() {
    return Object.fromEntries(
      ['gapMs', 'readyMs', 'beyondMs'].map((name) => {
        const sorted = this.#all.map((one) => one[name]).toSorted((a, b) => a - b);
        return [name, { median: sorted[sorted.length >> 1] ?? 0, longest: sorted.at(-1) ?? 0 }];
      }),
    );
  }
}
