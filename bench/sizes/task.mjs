// One measurement, in a process of its own: parameters come as JSON, and figures go to the parent.
//
//     node task.mjs '{"kind":"fill",…}'        with a channel for messages

import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';

import { Usage, diskBytes } from '../measure/usage.mjs';
import { spread } from '../report/summary.mjs';
import { reports, serialOf, streamNamed } from './events.mjs';

/** How many events a call of the filling has. */
const batchSize = 1000;

/** How many look-ups are timed of each kind, and how many are made before. */
const lookUps = { timed: 300, before: 30 };

const appends = { inFlight: 1024, before: 10_000, timed: 100_000 };

const task = JSON.parse(process.argv[2]);
const instance = 'sensors';
const { EventLog } = await import(pathToFileURL(join(task.product, 'index.mjs')));
process.send(await { fill, ask, append }[task.kind](task));
process.disconnect();

/** Fills a log with so many events. */
async function fill({ folder, events }) {
  const { strict: log } = await EventLog.open(join(folder, 'log.redb'));
  const source = reports(0);
  const began = performance.now();
  for (let done = 0; done < events; done += batchSize) {
    const batch = Array.from({ length: batchSize }, () => source.next().value);
    await log.appendEvents({ instanceId: instance, autoCreateInstance: true, events: batch });
  }
  await log.close();
  const seconds = (performance.now() - began) / 1000;
  return { eventsPerSecond: events / seconds, bytes: diskBytes(folder) / events };
}

/** Opens a log and looks for events by values. */
async function ask({ folder, events }) {
  const before = process.memoryUsage.rss();
  const usage = new Usage();
  const began = performance.now();
  const { strict: log } = await EventLog.open(join(folder, 'log.redb'));
  const openMs = performance.now() - began;
  const find = async (serial, expected) => {
    const where = [{ field: 'payload.serial', operator: 'eq', value: serial }];
    const { result } = await log.queryEvents({ from: { instance }, where, limit: 20 });
    expect(result.events.length, expected);
  };
  const firstMs = await timeOf(() => find(serialOf(events >> 1), 1));
  const random = (n) => (n * 7_919_777) % events;
  const figures = {
    presentMs: await medianOf((n) => find(serialOf(random(n)), 1)),
    // Places beyond those of all events, this and what other rounds have appended.
    absentMs: await medianOf((n) => find(serialOf(2 ** 31 + n), 0)),
    newestMs: await medianOf(async (n) => {
      const orderBy = { field: 'sequence_number', direction: 'desc' };
      const from = { instance, stream: streamNamed(n * 7) };
      const { result } = await log.queryEvents({ from, orderBy, limit: 50 });
      expect(result.events.length, 50);
    }),
  };
  await log.close();
  const { residentBytes } = await usage.end();
  return { openMs, firstMs, ...figures, residentBytes: residentBytes - before };
}

/** Appends to a log of that size, many at once. */
async function append({ folder, events, round }) {
  const before = process.memoryUsage.rss();
  const { strict: log } = await EventLog.open(join(folder, 'log.redb'));
  const source = reports(events + round * (appends.before + appends.timed));
  const keepInFlight = async (count) => {
    let begun = 0;
    const caller = async () => {
      while (begun < count) {
        begun += 1;
        await log.appendEvent({ instanceId: instance, ...source.next().value });
      }
    };
    await Promise.all(Array.from({ length: appends.inFlight }, caller));
  };
  await keepInFlight(appends.before);
  const usage = new Usage();
  const seconds = (await timeOf(() => keepInFlight(appends.timed))) / 1000;
  const { cpuMicroseconds, residentBytes } = await usage.end();
  await log.close();
  return {
    appendsPerSecond: appends.timed / seconds,
    appendMicroseconds: (seconds * 1e6) / appends.timed,
    appendCpuMicroseconds: cpuMicroseconds / appends.timed,
    appendResidentBytes: residentBytes - before,
  };
}

async function medianOf(work) {
  const times = [];
  for (let n = 0; n < lookUps.before + lookUps.timed; n += 1) {
    const time = await timeOf(() => work(n));
    if (n >= lookUps.before) times.push(time);
  }
  return spread(times).median;
}

async function timeOf(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function expect(found, expected) {
  if (found !== expected) throw new Error(`expected ${expected}, found ${found}`);
}
