// One of several processes or worker threads that append to one file; see parties.mjs.

import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';

import { EventSource } from '../events.mjs';
import { systemNamed } from '../systems/index.mjs';
import { workloadNamed } from '../workloads/index.mjs';
import { Latencies } from './latency.mjs';
import { Answers, keepInFlight } from './load.mjs';
import { openLog } from './open-log.mjs';
import { warmUpMilliseconds } from './warm-up.mjs';
import { Usage } from './usage.mjs';

const port = parentPort ?? process;
const send = (message) => (parentPort ? port.postMessage(message) : port.send(message));
// Without its parent a process has nobody to work for.
const giveUp = () => process.exit(1);
if (!parentPort) process.on('disconnect', giveUp);

const task = workerData ?? (await once(port, 'message'))[0];
try {
  await takePart();
} catch (error) {
  send({ type: 'failed', error: error.stack });
}
if (!parentPort) {
  process.off('disconnect', giveUp);
  process.disconnect();
}

async function takePart() {
  const system = systemNamed(task.system);
  const workload = workloadNamed(task.workload);
  const module = await import(`../systems/${system.module}`);
  const source = new EventSource({ ...workload, seed: task.seed });
  const answers = new Answers(workload.streams, source);
  const log = await openLog(module, system, task, workload.streams, true);
  const { inFlight } = workload;
  const { isBlocking } = system;
  const milliseconds = task.seconds * 1000;
  const work = (limit, latencies) =>
    keepInFlight(log, { inFlight, isBlocking }, limit, answers, latencies);

  const { events: warmUpEvents } = await work({ milliseconds: warmUpMilliseconds(task) });
  send({ type: 'ready' });
  await once(port, 'message');
  const latencies = new Latencies();
  const usage = new Usage();
  const done = await work({ milliseconds }, latencies);
  const { cpuMicroseconds, residentBytes } = await usage.end();
  send({
    type: 'done',
    ...done,
    warmUpEvents,
    cpuMicroseconds,
    residentBytes: residentBytes - latencies.residentBytes,
    latencies: latencies.sorted(),
    heads: answers.heads,
  });
  await once(port, 'message');
  await log.close();
  send({ type: 'closed' });
}
