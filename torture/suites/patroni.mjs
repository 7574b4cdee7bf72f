// Nodes of Patroni are lost, which fails over by itself, and what was acknowledged is looked for.

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { PatroniCluster } from '../patroni/cluster.mjs';
import { installPatroni } from '../patroni/programs.mjs';
import { Gaps, loseOften } from '../postgres/load.mjs';

/** How long a log waits for a server that takes changes, in milliseconds: longer than Patroni takes. */
const serverWaitMs = 120_000;

/**
 * Loses nodes that lead, and servers of them.
 *
 * @param {object} run - How.
 * @param {number} run.kills - How many nodes are lost, and how many servers.
 * @param {string} [run.folder] - Where all of it is made. The path is short: it is that of sockets.
 * @param {(done: string) => void} [run.tell] - Hears how much was done by now.
 * @returns {Promise<object>} What was done, in figures.
 */
export async function losePatroni({ kills, folder = tmpdir(), tell = () => {} }) {
  const figures = { nodes: 0, servers: 0, logs: 0, acknowledged: 0 };
  // Whole machines are lost by what Linux has for that.
  const programs = process.platform === 'linux' ? await installPatroni() : undefined;
  if (programs === undefined) return { ...figures, leftOut: 'there is no Linux with Python' };
  const own = mkdtempSync(join(folder, 'pa-'));
  let cluster;
  try {
    cluster = await PatroniCluster.start(own, programs);
    const options = { serverWaitMs };
    const urlOf = () => cluster.urlOf(randomUUID());
    const run = { cluster, figures, options, onlySteady: true, tell, urlOf };
    for (const [counted, lose] of Object.entries({ nodes: loseNode, servers: loseServer })) {
      const gaps = new Gaps();
      await loseOften({ ...run, gaps }, kills, counted, lose);
      figures[`${counted}Gaps`] = gaps.figures();
    }
  } finally {
    await cluster?.stop();
    rmSync(own, { recursive: true, force: true });
  }
  return figures;
}

/** Loses the node that leads, and begins it again once another one does. */
async function loseNode({ cluster, ...run }) {
  const lost = await cluster.leader();
  await failOver({ cluster, ...run }, lost, () => lost.lose());
  lost.start();
  await cluster.healed();
}

/** Kills the server of the node that leads. Patroni begins it again. */
async function loseServer({ cluster, ...run }) {
  const lost = await cluster.leader();
  await failOver({ cluster, ...run }, lost, () => lost.killServer());
  await cluster.healed();
}

async function failOver({ cluster, ledger, answered, gaps }, lost, lose) {
  ledger.longestMs = 0;
  const killed = performance.now();
  await lose();
  await cluster.replaced(lost);
  const readyMs = performance.now() - killed;
  await answered();
  gaps.add({ gapMs: ledger.longestMs, readyMs });
}
