// Appends as fast as they are answered: in one process, and over each of the servers.

import { loadServer, startChild, startServer } from './children.mjs';
import { inFolder } from './folder.mjs';

/**
 * Each way to append, in turns.
 *
 * @param {string} data - Where folders are made.
 * @param {{ clients: number, seconds: number, warmUp: number }} task - How many append, and for how long.
 * @param {number} rounds - How often each way has its turn.
 * @param {boolean} withSqlite - Whether there are servers with better-sqlite3 among them.
 * @returns {Promise<Map<string, object[]>>} What each round of each way has measured, the calls in the process first.
 */
export async function measureThroughputs(data, task, rounds, withSqlite) {
  const ways = [
    ['in the process', (folder) => runInProcess(folder, task)],
    ['over WebSockets', (folder) => runServed('served.mjs', { folder }, task)],
    ['over WebSockets, without a log', (folder) => runServed('echo.mjs', { folder }, task)],
  ];
  if (withSqlite) {
    for (const [variant, transactions] of [
      ['call', 'a transaction each'],
      ['queue', 'a transaction for all of a turn'],
    ]) {
      const run = (folder) => runServed('rival.mjs', { folder, variant }, task);
      ways.push([`ws + better-sqlite3, ${transactions}`, run]);
    }
  }
  const found = new Map(ways.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, run] of ways) {
      found.get(name).push(await inFolder(data, run));
      console.error(`${name}: ${found.get(name).at(-1).perSecond} appends/s`);
    }
  }
  return found;
}

async function runServed(program, given, task) {
  const server = await startServer(program, given);
  const result = await loadServer(server, task);
  server.child.disconnect();
  await server.ended;
  return result;
}

async function runInProcess(folder, task) {
  const child = startChild('in-process.mjs', { ...task, folder });
  const result = await child.message();
  await child.ended;
  return result;
}
