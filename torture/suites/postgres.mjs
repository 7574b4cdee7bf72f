// Servers of PostgreSQL, standbys, connections and processes are lost, and what was acknowledged is looked for.

import { randomInt, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { nativeFolder } from '../../scripts/postgres-server.mjs';
import { Ledger } from '../ledger.mjs';
import { Proxy } from '../postgres/proxy.mjs';
import { Trio } from '../postgres/trio.mjs';
import { Writer } from '../processes/spawn.mjs';

/** Who appends. */
const cast = { processes: 2, threads: 0, lanes: 32 };

/** After so many losses a new log is begun, so that looking through it stays quick. */
const lossesPerLog = 5;

/** One in so many pieces of what is said is lost. */
const oneInPieces = 60;

/** How long it is looked whether an append is answered that must not be, in milliseconds. */
const watching = 500;

/** A ledger that notes when something was acknowledged. */
class TimedLedger extends Ledger {
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
 * Loses what logs in PostgreSQL depend on.
 *
 * @param {object} run - How.
 * @param {number} run.kills - How often the primary is killed, and how many processes are.
 * @param {string} [run.folder] - Where the servers are made. The path is short: it is that of sockets.
 * @param {(done: string) => void} [run.tell] - Hears how much was done by now.
 * @returns {Promise<object>} What was done, in figures.
 */
export async function losePostgres({ kills, folder = tmpdir(), tell = () => {} }) {
  const figures = noFigures();
  // All processes of a server are found by what Linux says of them.
  if (nativeFolder() === undefined || process.platform !== 'linux') {
    return { ...figures, leftOut: 'there is no PostgreSQL for tests on this platform' };
  }
  const own = mkdtempSync(join(folder, 'pg-'));
  let trio;
  try {
    trio = await Trio.start(own);
    const run = { trio, figures, own, tell };
    await inLogs(run, kills, 'failovers', failOver);
    await inLogs(run, Math.ceil(kills / 5), 'restarts', restart);
    await inLogs(run, Math.ceil(kills / 5), 'standbys', loseStandbys);
    await inLogs(run, kills, 'processes', killProcess);
    await cutConnections(run, kills * 10);
  } finally {
    await trio?.stop();
    rmSync(own, { recursive: true, force: true });
  }
  return figures;
}

const noFigures = () => ({
  failovers: 0,
  restarts: 0,
  standbys: 0,
  processes: 0,
  cuts: {},
  logs: 0,
  acknowledged: 0,
  longestGapMs: 0,
  longestPromotionMs: 0,
  longestBeyondMs: 0,
});

/** Has something lost so many times, under load, and looks for what was acknowledged. */
async function inLogs(run, times, counted, lose) {
  const { figures, trio, tell } = run;
  while (figures[counted] < times) {
    const url = trio.urlOf(randomUUID());
    await underLoad(url, figures, async (load) => {
      const until = Math.min(times, figures[counted] + lossesPerLog);
      while (figures[counted] < until) {
        await setTimeout(randomInt(400));
        await lose({ ...run, ...load, url });
        figures[counted] += 1;
        tell(`${figures[counted]} of ${times} ${counted}`);
      }
    });
  }
}

/** Has processes append to a log meanwhile, and then looks through it. */
async function underLoad(url, figures, work) {
  const ledger = new TimedLedger();
  let fail;
  const failed = new Promise((_, reject) => (fail = reject));
  // One that ends in its turn has failed nothing.
  failed.catch(() => {});
  const load = { ledger, writers: [], answered: () => Promise.race([ledger.next(), failed]) };
  load.begin = () => {
    const writer = new Writer({ path: url, name: `${load.writers.length}`, ...cast }, ledger);
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
  await ledger.check(url);
  figures.logs += 1;
  figures.acknowledged += ledger.acknowledged;
}

/** Kills the primary, and has a standby take its place. */
async function failOver({ trio, ledger, answered, figures }) {
  ledger.longestMs = 0;
  const { killed, promoted, lost } = await trio.failOver();
  await answered();
  const promotion = promoted - killed;
  const gap = ledger.longestMs;
  figures.longestGapMs = Math.max(figures.longestGapMs, gap);
  figures.longestPromotionMs = Math.max(figures.longestPromotionMs, promotion);
  figures.longestBeyondMs = Math.max(figures.longestBeyondMs, gap - promotion);
  await trio.replace(lost);
  await trio.caughtUp();
}

/** Ends the primary at once, and starts it again. */
async function restart({ trio, answered }) {
  await trio.primary.stop();
  await trio.primary.start();
  await answered();
  await trio.caughtUp();
}

/** Loses one standby, which nobody notices, and both, so that nothing may be answered until one is back. */
async function loseStandbys({ trio, ledger, answered }) {
  const [first, second] = trio.standbys;
  await first.kill();
  await setTimeout(watching);
  await answered();
  await second.kill();
  // What was confirmed before has been heard of.
  await setTimeout(watching);
  const before = ledger.acknowledged;
  await setTimeout(watching);
  if (ledger.acknowledged !== before) {
    const count = ledger.acknowledged - before;
    throw new Error(`${count} events were acknowledged, though no standby was there`);
  }
  const [back, later] = randomInt(2) === 0 ? [first, second] : [second, first];
  await back.start();
  await answered();
  await later.start();
  await trio.caughtUp();
}

/** Kills a process that appends, and begins another one. */
async function killProcess({ writers, begin }) {
  const running = writers.filter((writer) => !writer.wasKilled);
  const killed = running[randomInt(running.length)];
  const next = begin();
  killed.kill();
  await killed.end();
  await next.acknowledged;
}

/** Cuts connections at each step of what is said. */
async function cutConnections({ trio, figures, own, tell }, times) {
  while (Object.values(figures.cuts).reduce((sum, it) => sum + it, 0) < times) {
    const folder = join(own, `p${figures.logs}`);
    mkdirSync(folder);
    const proxy = await Proxy.start(folder, trio.primary.host, oneInPieces);
    try {
      await underLoad(proxy.urlOf(randomUUID()), figures, async ({ answered }) => {
        const until = Math.min(times, 200);
        while (proxy.count < until) {
          await answered();
          tell(`${proxy.count} of ${until} connections`);
        }
      });
    } finally {
      await proxy.stop();
    }
    for (const [cut, lost] of Object.entries(proxy.lost)) {
      figures.cuts[cut] = (figures.cuts[cut] ?? 0) + lost;
    }
  }
}
