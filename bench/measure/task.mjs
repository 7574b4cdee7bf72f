// What one child process does: a task is a system, a workload, and a folder of its own.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { EventSource } from '../events.mjs';
import { systemNamed } from '../systems/index.mjs';
import { workloadNamed } from '../workloads/index.mjs';
import { DeviceWrites } from './device.mjs';
import { Latencies, percentiles } from './latency.mjs';
import { Answers, appendBatch, appendBatches, keepInFlight, writeBatches } from './load.mjs';
import { openLog } from './open-log.mjs';
import { runParties } from './parties.mjs';
import { diskBytes, Usage } from './usage.mjs';
import { verify } from './verify.mjs';
import { warmUpMilliseconds } from './warm-up.mjs';

/** How many events one call appends where a file is filled. */
const fillBatch = 10_000;

/**
 * What the parent process asks for.
 *
 * @typedef {object} Task
 * @property {'idle' | 'fill' | 'measure'} action - What to do.
 * @property {string} system - The name of the system.
 * @property {string} product - The folder of the build, where the system is this project.
 * @property {string} [workload] - The name of the workload.
 * @property {string} [folder] - Where the database is.
 * @property {number} [seconds] - How long the timed part is to be.
 * @property {number} [seed] - Where the random numbers begin.
 * @property {number} [eventsBefore] - How many events the database has, where it was filled before.
 * @property {{ from: number, to: number, streams: number }} [fill] - What to fill it with.
 */

/**
 * Does a task.
 *
 * @param {Task} task - The task.
 * @returns {Promise<object>} The metrics.
 */
export async function carryOut(task) {
  const system = systemNamed(task.system);
  const module = await import(`../systems/${system.module}`);
  if (task.action === 'idle') return idle(module, system, task);
  if (task.action === 'fill') return fill(module, system, task);
  const workload = workloadNamed(task.workload);
  return workload.kind === 'parties'
    ? runParties(module, system, workload, task)
    : measure(module, system, workload, task);
}

/** The memory of a process that has loaded the system, and done nothing. */
function idle(module, system, { product }) {
  module.load({ product, variant: system.variant });
  return { residentBytes: process.memoryUsage.rss() };
}

/** Fills a log with events, one stream after the other in turn. */
async function fill(module, system, task) {
  const { from, to, streams } = task.fill;
  const source = new EventSource({ size: '300 B', streams });
  const answers = new Answers(streams, source);
  const log = await openLog(module, system, task, streams);
  const started = performance.now();
  for (let count = from; count < to; count += fillBatch) {
    const size = Math.min(fillBatch, to - count);
    const events = Array.from({ length: size }, () => source.nextInTurn());
    await appendBatch(log, events, answers);
  }
  await log.close();
  return { seconds: (performance.now() - started) / 1000 };
}

async function measure(module, system, workload, task) {
  const source = new EventSource({ ...workload, seed: task.seed });
  const isFilled = task.eventsBefore !== undefined;
  if (isFilled) await warmUpElsewhere(module, system, workload, task);

  const opened = performance.now();
  const log = await openLog(module, system, task, workload.streams);
  const openMs = performance.now() - opened;

  const answers = new Answers(workload.streams, source);
  const work = workOf(system, workload);
  const milliseconds = task.seconds * 1000;
  if (!isFilled) await work(log, { milliseconds: warmUpMilliseconds(task) }, answers);

  const latencies = new Latencies();
  const writes = new DeviceWrites(task.folder);
  const usage = new Usage();
  const limit = { milliseconds, events: workload.eventsMax };
  const { events, seconds } = await work(log, limit, answers, latencies);
  const { cpuMicroseconds, residentBytes, loopDelay } = await usage.end();
  await log.close();
  const written = writes.end();

  const metrics = {
    events,
    seconds,
    openMs,
    eventsPerSecond: events / seconds,
    cpuMicrosecondsPerEvent: cpuMicroseconds / events,
    residentBytes: residentBytes - latencies.residentBytes,
    writtenBytesPerEvent: written === undefined ? undefined : written / events,
    diskBytesPerEvent: diskBytes(task.folder) / ((task.eventsBefore ?? 0) + answers.count),
    ...loopDelay,
    ...percentiles(latencies.sorted()),
  };
  if (system.floor !== undefined) return metrics;
  const again = await openLog(module, system, task, workload.streams);
  metrics.verified = await verify(again, answers.heads, source);
  await again.close();
  return metrics;
}

/** A function that does a workload's work on a log. */
function workOf(system, workload) {
  if (system.floor !== undefined) {
    return (log, limit, answers) => writeBatches(log, system.floor, limit, answers);
  }
  if (workload.kind === 'batch') {
    return (log, limit, answers) => appendBatches(log, workload.batch, limit, answers);
  }
  const { inFlight } = workload;
  const { isBlocking } = system;
  return (log, limit, answers, latencies) =>
    keepInFlight(log, { inFlight, isBlocking }, limit, answers, latencies);
}

/**
 * Has the code compiled that is going to be measured, by a small log of its own: the file that is
 * there keeps the size that it was filled to.
 */
async function warmUpElsewhere(module, system, workload, task) {
  const folder = join(task.folder, 'warm-up');
  mkdirSync(folder);
  const streams = 1000;
  const source = new EventSource({ ...workload, streams });
  const log = await openLog(module, system, { ...task, folder }, streams);
  const answers = new Answers(streams, source);
  await workOf(system, workload)(log, { milliseconds: 500, events: 50_000 }, answers);
  await log.close();
  rmSync(folder, { recursive: true });
}
