// Servers of PostgreSQL, standbys, connections and processes are lost, and what was acknowledged is looked for.

import { randomInt, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { nativeFolder } from '../../scripts/postgres-server.mjs';
import { Gaps, loseOften, underLoad } from '../postgres/load.mjs';
import { Proxy } from '../postgres/proxy.mjs';
import { Trio } from '../postgres/trio.mjs';

/** One in so many pieces of what is said is lost. */
const oneInPieces = 60;

/** How long nothing is answered where nothing may be, in milliseconds. */
const watching = 1_000;

/** How long answers may be on their way that were confirmed before, in milliseconds. */
const patience = 30_000;

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
    const gaps = new Gaps();
    const run = { trio, figures, gaps, own, tell, urlOf: () => trio.urlOf(randomUUID()) };
    await loseOften(run, kills, 'failovers', failOver);
    figures.gaps = gaps.figures();
    await loseOften(run, Math.ceil(kills / 5), 'restarts', restart);
    await loseOften(run, Math.ceil(kills / 5), 'standbys', loseStandbys);
    await loseOften(run, kills, 'processes', killProcess);
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
  gaps: new Gaps().figures(),
});

/** Kills the primary, and has a standby take its place. */
async function failOver({ trio, ledger, answered, gaps, isSteady }) {
  ledger.longestMs = 0;
  const { killed, ready, lost } = await trio.failOver();
  await answered();
  if (isSteady) gaps.add({ gapMs: ledger.longestMs, readyMs: ready - killed });
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
  await fallSilent(ledger);
  const [back, later] = randomInt(2) === 0 ? [first, second] : [second, first];
  await back.start();
  await answered();
  await later.start();
  await trio.caughtUp();
}

/** Waits until nothing is acknowledged any more. What was confirmed before comes late where the machine is busy. */
async function fallSilent(ledger) {
  const began = performance.now();
  for (let before = -1; ledger.acknowledged !== before; await setTimeout(watching)) {
    if (performance.now() - began > patience) {
      throw new Error('events are acknowledged all the time, though no standby is there');
    }
    before = ledger.acknowledged;
  }
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
      const schema = randomUUID();
      // What takes hundreds of pieces would never come through: batches of many megabytes, and the whole log.
      const log = { url: proxy.urlOf(schema), checked: trio.urlOf(schema), isSteady: true };
      await underLoad(log, figures, async ({ answered }) => {
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
