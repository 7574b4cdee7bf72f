// What a server of a log holds: many clients at a steady rate, and as many appends as it can, beside the same calls in one
// process and beside a server of `ws` and better-sqlite3. `node bench/run-server.mjs --help`

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { OptionError, numberOption, readOptions } from '../scripts/command-line.mjs';
import { benchFolder } from './folders.mjs';

const HELP = `Usage: npm run bench:server [-- options]

What a server of a log holds. Clients and server share this machine.

  --clients N      connected clients at a steady rate (1000)
  --rate N         requests of each, a second (50)
  --seconds N      for how long, after 2 seconds of warm-up (30)
  --sockets N      clients that append as fast as they are answered (64)
  --rounds N       rounds of these, of 8 seconds each, in turns with what it is compared with (3)
  --without-sqlite leaves out the server with better-sqlite3, which has to be installed
  --write-docs     puts the results into docs/benchmarks.md
  --data FOLDER    where the logs are made (bench/.data)
  --help           print this
`;

/** Where the results go. */
const SECTION = `
## Over a server

\`npm run bench:server\` measures [the server](server.md): appends over WebSockets beside the same calls in the process of
the log, and beside servers of \`ws\` and better-sqlite3 that keep the same promise; and many clients at a steady rate. At
the end it kills the server, and looks for each event that was acknowledged.

<!-- server:start -->
<!-- server:end -->
`;

const WARM_UP = 2;
const ROUND_SECONDS = 8;

try {
  const given = readOptions(process.argv.slice(2), {
    clients: { type: 'string', default: '1000' },
    rate: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '30' },
    sockets: { type: 'string', default: '64' },
    rounds: { type: 'string', default: '3' },
    'without-sqlite': { type: 'boolean' },
    'write-docs': { type: 'boolean' },
    data: { type: 'string', default: join(benchFolder, '.data') },
    help: { type: 'boolean' },
  });
  if (given.help) process.stdout.write(HELP);
  else await measure(given);
} catch (error) {
  if (!(error instanceof OptionError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

async function measure(given) {
  const number = (name, max) => numberOption(name, given[name], { max, step: 1 });
  const steady = {
    clients: number('clients', 20_000),
    rate: number('rate', 10_000),
    seconds: number('seconds', 86_400) + WARM_UP,
    warmUp: WARM_UP,
  };
  const sockets = number('sockets', 10_000);
  const rounds = number('rounds', 100);
  const withSqlite = !given['without-sqlite'];
  if (withSqlite && !isInstalled('better-sqlite3')) {
    const { setUp } = await import('./setup.mjs');
    setUp({ isBuilt: true });
  }
  const data = resolve(given.data);
  mkdirSync(data, { recursive: true });
  const throughputs = await measureThroughputs(data, sockets, rounds, withSqlite);
  const load = await measureSteadily(data, steady);
  await report({ throughputs, load, steady, sockets, rounds }, given['write-docs'], data);
}

/** Whether a package is there, as this one finds it. */
function isInstalled(name) {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** Each way to append, in turns. */
async function measureThroughputs(data, clients, rounds, withSqlite) {
  const task = { clients, seconds: ROUND_SECONDS, warmUp: WARM_UP };
  const ways = [
    ['in the process', (folder) => runInProcess(folder, task)],
    ['over WebSockets', (folder) => runServed('served.mjs', { folder }, task)],
    ['over WebSockets, without a log', (folder) => runServed('echo.mjs', { folder }, task)],
  ];
  if (withSqlite) {
    for (const variant of ['call', 'queue']) {
      const name = `ws + better-sqlite3, ${variant === 'queue' ? 'a transaction for all of a turn' : 'a transaction each'}`;
      ways.push([name, (folder) => runServed('rival.mjs', { folder, variant }, task)]);
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

/** Many clients at a steady rate. Then the server is killed, and what it has acknowledged is looked for. */
function measureSteadily(data, task) {
  return inFolder(data, async (folder) => {
    const server = await startServer('served.mjs', { folder });
    const load = startChild('load.mjs', { ...task, url: server.url });
    await load.message();
    const memory = watchMemory(server.child.pid);
    load.child.send('begin');
    const result = await load.message();
    server.child.kill('SIGKILL');
    await server.ended;
    await load.ended;
    return { ...result, ...memory.end(), lost: await countLost(folder, result.acknowledged) };
  });
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

async function runServed(program, given, task) {
  const server = await startServer(program, given);
  const load = startChild('load.mjs', { ...task, url: server.url });
  await load.message();
  load.child.send('begin');
  const result = await load.message();
  await load.ended;
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

async function startServer(program, given) {
  const server = startChild(program, given);
  const { url } = await server.message();
  return { ...server, url };
}

/** Starts a program of this folder. Its messages can be waited for one by one. */
function startChild(program, given) {
  const path = fileURLToPath(new URL(`server/${program}`, import.meta.url));
  const child = fork(path, [JSON.stringify(given)]);
  const ended = once(child, 'exit');
  const message = async () => {
    const early = ended.then(([code]) => {
      throw new Error(`${program} ended with ${code}`);
    });
    const [first] = await Promise.race([once(child, 'message'), early]);
    early.catch(() => {});
    return first;
  };
  return { child, ended, message };
}

/** Looks at the memory of a process once a second, where the system tells it. */
function watchMemory(pid) {
  const path = `/proc/${pid}/status`;
  const found = [];
  const timer = setInterval(() => {
    if (!existsSync(path)) return;
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(path, 'utf8')) ?? [];
    if (kilobytes !== undefined) found.push(Math.round(Number(kilobytes) / 1024));
  }, 1000);
  return {
    end() {
      clearInterval(timer);
      const quarter = found.slice(Math.floor(found.length / 4));
      return { memoryFirst: quarter[0], memoryLast: found.at(-1), memoryMax: Math.max(...found) };
    },
  };
}

async function inFolder(data, run) {
  const folder = mkdtempSync(join(data, 'server-'));
  try {
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function report({ throughputs, load, steady, sockets, rounds }, inDocs, data) {
  const { describeCommit, describeMachine } = await import('../scripts/machine.mjs');
  const { formatted, putInDocument } = await import('../scripts/documents.mjs');
  const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const rowsOf = [...throughputs].map(([name, results]) => {
    const middle = (key) => median(results.map((result) => result[key]));
    return { name, perSecond: middle('perSecond'), p50: middle('p50'), p99: middle('p99') };
  });
  const [{ perSecond: own }] = rowsOf;
  const row = ({ name, perSecond, p50, p99 }) =>
    `| ${name} | ${perSecond.toLocaleString('en')} | ${(perSecond / own).toFixed(2)} | ${p50.toFixed(1)} | ${p99.toFixed(1)} |`;
  const { cpu, cores, node } = describeMachine(data);
  const { commit, isDirty } = describeCommit();
  const { clients, rate, seconds } = steady;
  const text = `Commit \`${commit.slice(0, 7)}\`${isDirty ? ' with changes' : ''}, ${cpu}, ${cores} cores, Node.js ${node}. Clients and server share the machine.

${sockets} callers, each of which appends an event of 300 bytes when its last one was answered (median of ${rounds} rounds of ${ROUND_SECONDS} seconds). "Without a log" is a server that parses and stores nothing: what the sockets cost by themselves.

| | appends/s | of those in the process | p50, ms | p99, ms |
| --- | --- | --- | --- | --- |
${rowsOf.map(row).join('\n')}

${clients.toLocaleString('en')} connected clients, each of which sends ${rate} appends a second, for ${seconds - WARM_UP} seconds:

| sent/s | answered/s | refused | p50, ms | p99, ms | memory after a quarter, MiB | at the end | acknowledged and lost when it was killed |
| --- | --- | --- | --- | --- | --- | --- | --- |
| ${Math.round(load.sent / seconds).toLocaleString('en')} | ${load.perSecond.toLocaleString('en')} | ${load.refused.toLocaleString('en')} | ${load.p50.toFixed(1)} | ${load.p99.toFixed(1)} | ${load.memoryFirst ?? '–'} | ${load.memoryLast ?? '–'} | ${load.lost} |
`;
  console.log(await formatted(text, 'markdown'));
  if (inDocs) {
    const page = join(benchFolder, '..', 'docs', 'benchmarks.md');
    if (!readFileSync(page, 'utf8').includes('<!-- server:start -->'))
      appendFileSync(page, SECTION);
    await putInDocument(page, 'server', text);
  }
  if (load.lost > 0) process.exitCode = 1;
}
