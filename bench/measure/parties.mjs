// Several processes, or several worker threads of one process, on one file.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

import { EventSource } from '../events.mjs';
import { percentiles } from './latency.mjs';
import { openLog } from './open-log.mjs';
import { DeviceWrites } from './device.mjs';
import { diskBytes, Usage } from './usage.mjs';
import { verify } from './verify.mjs';

const program = fileURLToPath(new URL('party.mjs', import.meta.url));

/**
 * Has several parties append at once.
 *
 * @param {object} module - The system's module.
 * @param {object} system - The system.
 * @param {object} workload - The workload.
 * @param {import('./task.mjs').Task} task - The task.
 * @returns {Promise<object>} The metrics.
 */
export async function runParties(module, system, workload, task) {
  // The file is made before, so that the parties do not race for making it.
  const made = await openLog(module, system, task, workload.streams, true);
  await made.close();

  const isThread = workload.party === 'thread';
  const parties = Array.from({ length: workload.parties }, (_, i) =>
    startParty(isThread, { ...task, seed: task.seed * workload.parties + i }),
  );
  try {
    return await measure(parties, { module, system, workload, task });
  } catch (error) {
    // One that a rival's library keeps from ending would be waited for without an end.
    for (const party of parties) party.kill();
    throw error;
  }
}

async function measure(parties, { module, system, workload, task }) {
  const isThread = workload.party === 'thread';
  await Promise.all(parties.map((party) => party.next('ready')));
  const writes = new DeviceWrites(task.folder);
  const usage = new Usage();
  for (const party of parties) party.send('start');
  const done = await Promise.all(parties.map((party) => party.next('done')));
  const own = await usage.end();
  for (const party of parties) party.send('close');
  await Promise.all(parties.map((party) => party.next('closed')));
  await Promise.all(parties.map((party) => party.ended));

  const sum = (name) => done.reduce((total, result) => total + result[name], 0);
  const events = sum('events');
  const seconds = Math.max(...done.map((result) => result.seconds));
  const written = writes.end();
  const verified = await verifyParties(module, system, workload, task, done);
  return {
    events,
    seconds,
    eventsPerSecond: events / seconds,
    cpuMicrosecondsPerEvent: (isThread ? own.cpuMicroseconds : sum('cpuMicroseconds')) / events,
    residentBytes: isThread ? own.residentBytes : sum('residentBytes'),
    writtenBytesPerEvent: written === undefined ? undefined : written / events,
    diskBytesPerEvent: diskBytes(task.folder) / (events + sum('warmUpEvents')),
    ...percentiles(merged(done.map(({ latencies }) => latencies))),
    verified,
  };
}

/** Starts a party, and gives what is needed to talk with it. */
function startParty(isThread, task) {
  const party = isThread
    ? new Worker(program, { workerData: task })
    : fork(program, { serialization: 'advanced' });
  const ended = once(party, 'exit');
  const failed = Promise.race([
    once(party, 'error').then(([error]) => Promise.reject(error)),
    ended.then(([code]) => Promise.reject(new Error(`a party ended early, with code ${code}`))),
  ]);
  // A party that has done everything ends as well, and then nobody waits for this any more.
  failed.catch(() => {});
  const send = (message) => (isThread ? party.postMessage(message) : party.send(message));
  if (!isThread) send(task);
  return {
    send,
    ended,
    kill: () => (isThread ? party.terminate() : party.kill('SIGKILL')),
    async next(type) {
      const [message] = await Promise.race([once(party, 'message'), failed]);
      if (message.type !== type) throw new Error(`a party: ${message.error}`);
      return message;
    },
  };
}

/** The parties append to the same streams, so the last number is the highest that any was given. */
async function verifyParties(module, system, workload, task, done) {
  const heads = new Uint32Array(workload.streams);
  for (const result of done) {
    result.heads.forEach((head, i) => {
      heads[i] = Math.max(heads[i], head);
    });
  }
  const log = await openLog(module, system, task, workload.streams);
  const verified = await verify(log, heads, new EventSource(workload));
  await log.close();
  return verified;
}

function merged(lists) {
  const all = new Float64Array(lists.reduce((length, list) => length + list.length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all.sort();
}
