// What the command line takes beside Node.js alone: from its start to the first row of `tail`, and the memory of one that
// prints everything. `node bench/run-command-line.mjs --help`

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

import { EventLog } from '../index.mjs';
import { OptionError, numberOption, readOptions } from '../scripts/command-line.mjs';
import { productFolder } from './folders.mjs';

const HELP = `What the command line takes, beside Node.js alone.

  --megabytes N   how long the log is at least (1000)
  --rounds N      how often each is measured, in turns (15)
  --data FOLDER   where the log is kept between runs (bench/.data/command-line)
  --help          print this
`;

const program = join(productFolder, 'bin', 'codebolt-eventlog.js');
const library = join(productFolder, 'index.js');

/** The most that an appended batch has. */
const BATCH = 10_000;

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof OptionError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

async function main(args) {
  const given = readOptions(args, {
    megabytes: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '15' },
    data: { type: 'string', default: join(productFolder, 'bench', '.data', 'command-line') },
    help: { type: 'boolean' },
  });
  if (given.help) {
    process.stdout.write(HELP);
    return;
  }
  const megabytes = numberOption('megabytes', given.megabytes, { max: 1_000_000, step: 1 });
  const rounds = numberOption('rounds', given.rounds, { max: 1000, step: 1 });
  const path = await logOf(given.data, megabytes);
  console.log(`the log has ${Math.round(statSync(path).size / 1e6)} MB`);
  await reportStart(path, rounds);
  for (const count of [100_000, 'all']) reportMemory(path, count);
}

/** A log of that length, which is made if it is not there. */
async function logOf(folder, megabytes) {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${megabytes}.redb`);
  if (existsSync(path) && statSync(path).size >= megabytes * 1e6) return path;
  const log = await EventLog.open(path, { autoCreateInstances: true });
  await log.strict.createInstance('api', undefined, { ifExists: 'get' });
  for (;;) {
    // The file is longer than its content while it is open.
    const { eventCount: at, storedBytes } = await log.strict.getInstanceStats('api');
    if (storedBytes >= megabytes * 1e6) break;
    const events = Array.from({ length: BATCH }, (_, n) => ({
      streamId: `user-${(at + n) % 1000}`,
      eventType: n % 10 === 0 ? 'login' : 'request',
      payload: { endpoint: '/api/users', n: at + n, statusCode: 200, text: 'x'.repeat(200) },
    }));
    await log.strict.appendEvents({ instanceId: 'api', events });
  }
  await log.close();
  return path;
}

/** Milliseconds from the start of a process until it has printed something, or else has ended. */
async function untilFirstByte(args) {
  const started = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  await Promise.race([once(child.stdout, 'data'), ended]);
  const ms = performance.now() - started;
  child.stdout.resume();
  const [code] = await ended;
  if (code !== 0) throw new Error(`${args.join(' ')}: expected exit code 0, found ${code}`);
  return ms;
}

/** Milliseconds that a process takes to load the package and to open the log. */
function opening(path) {
  const source = `
    const { performance } = require('node:perf_hooks');
    const started = performance.now();
    require(${JSON.stringify(library)})
      .EventLog.open(${JSON.stringify(path)}, { readOnly: true })
      .then(() => console.log(performance.now() - started));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', source], { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return Number(stdout);
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

async function reportStart(path, rounds) {
  const empty = [];
  const opened = [];
  const first = [];
  for (let round = 0; round < rounds; round += 1) {
    empty.push(await untilFirstByte(['-e', '0']));
    opened.push(opening(path));
    first.push(await untilFirstByte([program, 'tail', path, 'api', '-o', 'jsonl']));
  }
  const [node, open, tail] = [empty, opened, first].map(median);
  console.log(`node -e 0: ${node.toFixed(1)} ms; loading and opening: ${open.toFixed(1)} ms`);
  console.log(`tail to its first row: ${tail.toFixed(1)} ms`);
  console.log(`(tail - opening) / (node -e 0): ${((tail - open) / node).toFixed(2)}, at most 1.5`);
}

/** The most memory that a process had, and how long it took, to print so many events. */
function reportMemory(path, count) {
  const hook = join(productFolder, 'bench', '.data', 'command-line', 'hook.cjs');
  mkdirSync(join(hook, '..'), { recursive: true });
  writeFileSync(
    hook,
    `process.on('exit', () => process.stderr.write(String(process.resourceUsage().maxRSS)));`,
  );
  const args = [
    '--require',
    hook,
    program,
    'tail',
    path,
    'api',
    '-o',
    'jsonl',
    '-n',
    String(count),
  ];
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  const seconds = (performance.now() - started) / 1000;
  const megabytes = (Number(stderr) / 1024).toFixed(0);
  console.log(`tail -n ${count}: ${seconds.toFixed(1)} s, at most ${megabytes} MiB of memory`);
}
