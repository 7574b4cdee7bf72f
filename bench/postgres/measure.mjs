// What is measured, and in which order: each measurement in a process and a database of its own, all of them in turns.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { createDatabase, dropDatabase } from './server.mjs';

const program = fileURLToPath(new URL('../measure/child.mjs', import.meta.url));
const taskModule = new URL('task.mjs', import.meta.url).href;

const ALL = ['eventlog', 'emmett', 'message-db'];
const TWO = ['eventlog', 'emmett'];

/** A measurement of each of some systems. */
const of = (name, systems, task) =>
  systems.map((system) => ({ name: `${name} ${system}`, task: { ...task, system } }));

/**
 * @param {object} options - The options of a run.
 * @returns {{ name: string, task: object }[]} What is measured in each round on one server.
 */
export function onOneServer({ seconds, raceSeconds, events }) {
  const append = (inFlight) => ({ kind: 'append', inFlight, seconds });
  return [
    ...of('1', ALL, append(1)),
    ...of('64', ALL, append(64)),
    ...of('1024', TWO, append(1024)),
    ...of('batches', TWO, { kind: 'batches', seconds }),
    ...[1, 4].flatMap((count) =>
      of(`processes ${count}`, ['eventlog'], { kind: 'processes', count, inFlight: 64, seconds }),
    ),
    ...of('bytes', ALL, { kind: 'bytes', events, once: true }),
    ...of('held', ['eventlog'], { kind: 'held', seconds: raceSeconds, once: true }),
    ...of('race', TWO, { kind: 'race', writers: 8, seconds: raceSeconds, once: true }),
  ];
}

/**
 * @param {object} options - The options of a run.
 * @returns {{ name: string, task: object }[]} What is measured in each round where a standby has each commit too.
 */
export function onThreeNodes({ seconds }) {
  return [1, 64, 1024].flatMap((inFlight) =>
    of(`${inFlight}`, TWO, { kind: 'append', inFlight, seconds }),
  );
}

/**
 * @param {object} options - The options of a run.
 * @returns {{ name: string, task: object }[]} How soon a follower in another process has what was appended.
 */
export function ofFollowers({ followed }) {
  return of('following', TWO, { kind: 'following', events: followed });
}

/** @returns {Promise<object[]>} The figures of each round, by the names of the measurements. */
export async function measureAll(measurements, { rounds, server, product }, progress) {
  const figures = [];
  let count = 0;
  for (let round = 0; round < rounds; round += 1) {
    const found = {};
    for (let i = 0; i < measurements.length; i += 1) {
      const { name, task } = measurements[(i + round) % measurements.length];
      if (task.once && round > 0) continue;
      progress.begin(name);
      count += 1;
      const database = `bench_${count}`;
      await createDatabase(server, database);
      found[name] = await run({ ...task, server, database, product });
      await dropDatabase(server, database);
      progress.end(JSON.stringify(found[name]).slice(0, 90));
    }
    figures.push(found);
  }
  return figures;
}

/** Has a process make a measurement. */
async function run(task) {
  const child = fork(program, [taskModule], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.send(task);
  const [answer] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => [{ error: `the process ended with ${code}` }]),
  ]);
  if (answer.error !== undefined) throw new Error(`${task.kind} ${task.system}: ${answer.error}`);
  return answer.metrics;
}
