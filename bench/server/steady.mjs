// Many clients at a steady rate: over the server, and over one without a log.

import { join } from 'node:path';

import { loadServer, startServer } from './children.mjs';
import { inFolder } from './folder.mjs';

/** A client sends no more once it waits for the answers to so many seconds of its requests. */
const UNANSWERED_SECONDS = 5;

/**
 * Loads a server and a bare one with the same. Then the server is killed, and what it has acknowledged is looked for.
 *
 * @param {string} data - Where folders are made.
 * @param {{ clients: number, rate: number, seconds: number, warmUp: number }} task - How many clients send how many
 *   requests a second each, and for how long.
 * @returns {Promise<object[]>} What each server has shown. `lost` is how many acknowledged events are gone.
 */
export async function measureSteadily(data, task) {
  const bounded = { ...task, unansweredMax: Math.ceil(task.rate * UNANSWERED_SECONDS) };
  const run = (program) => (folder) => loadAndKill(program, folder, bounded);
  const own = await inFolder(data, async (folder) => {
    const result = await run('served.mjs')(folder);
    return { ...result, lost: await countLost(folder, result.acknowledged) };
  });
  const bare = await inFolder(data, run('echo.mjs'));
  return [
    { name: 'codebolt-eventlog-server', clients: task.clients, ...own },
    { name: 'without a log', clients: task.clients, ...bare },
  ];
}

async function loadAndKill(program, folder, task) {
  const server = await startServer(program, { folder });
  const result = await loadServer(server, task);
  server.child.kill('SIGKILL');
  await server.ended;
  return result;
}

/** How many acknowledged events are not in the log. */
async function countLost(folder, acknowledged) {
  const { EventLog } = await import('codebolt-eventlog');
  const log = await EventLog.open(join(folder, 'log.redb'));
  try {
    const ends = new Map();
    for (let after; ;) {
      const { data } = await log.listStreams({ instance: 'bench', limit: 10_000, after });
      for (const stream of data.streams) ends.set(stream.stream_id, stream.sequence_number);
      if (!data.hasMore) break;
      after = data.streams.at(-1).stream_id;
    }
    const missing = acknowledged.map((count, n) => count - (ends.get(`client-${n}`) ?? 0));
    return missing.reduce((sum, count) => sum + Math.max(0, count), 0);
  } finally {
    await log.close();
  }
}
