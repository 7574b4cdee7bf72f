// What one child process does: a task is a system, a set of events, and for most a query.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { deserialize, serialize } from 'node:v8';

import { diskBytes, Usage } from '../../measure/usage.mjs';
import { datasetNamed } from '../data/index.mjs';
import { systemNamed } from '../systems/index.mjs';
import { queriesAbout } from '../workloads/index.mjs';
import { comparable, describeAnswer, difference } from './answers.mjs';
import { parsingOf } from './parsing.mjs';
import { repeat } from './repeat.mjs';

/** A query that takes longer than the timed part is to last is run so often all the same. */
const runsMin = 2;

/** By then the timer that measures the event loop's delay has ticked. */
const firstTickMilliseconds = 10;

/**
 * What the parent process asks for.
 *
 * @typedef {object} Task
 * @property {'idle' | 'fill' | 'answer' | 'measure'} action - What to do.
 * @property {string} system - The name of the system.
 * @property {string} product - The folder of the build, where the system is this project.
 * @property {object} [events] - How many events each set has.
 * @property {string} [dataset] - The name of the set of events.
 * @property {string} [folder] - Where the database is.
 * @property {string[]} [queries] - The names of the queries that are answered.
 * @property {string} [answers] - The file of the answers: the first system to answer makes it.
 * @property {string} [query] - The name of the query that is measured.
 * @property {number} [seconds] - How long the timed part is to be.
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
  return actions[task.action](module, system, task);
}

const actions = { idle, fill, answer, measure };

/** The memory of a process that has loaded the system, and done nothing. */
function idle(module, _system, task) {
  module.load(task);
  return { residentBytes: process.memoryUsage.rss() };
}

async function fill(module, { variant }, { product, folder, dataset, events }) {
  const started = performance.now();
  const set = datasetNamed(dataset);
  await module.fill(folder, { product, variant, dataset: set, events: events[dataset] });
  const seconds = (performance.now() - started) / 1000;
  return { seconds, diskBytesPerEvent: diskBytes(folder) / events[dataset] };
}

/** Asks every query once, and compares the answers with those of the system that came first. */
async function answer(module, { variant }, task) {
  const store = await module.open(task.folder, { product: task.product, variant });
  const expected = existsSync(task.answers) ? deserialize(readFileSync(task.answers)) : undefined;
  const answers = {};
  const described = {};
  for (const query of queriesNamed(task.queries, task.events)) {
    const ask = await store.prepare(query);
    const given = await ask(query.given(0));
    const one = comparable(query.answer, given);
    described[query.name] = describeAnswer(query.answer, given);
    if (expected === undefined) answers[query.name] = one;
    else {
      const differs = difference(one, expected[query.name]);
      if (differs !== undefined) throw new Error(`${query.name}: ${differs}`);
    }
  }
  await store.close();
  if (expected === undefined) writeFileSync(task.answers, serialize(answers));
  return { described };
}

function queriesNamed(names, events) {
  return queriesAbout(events).filter(({ name }) => names.includes(name));
}

async function measure(module, { variant }, task) {
  const [query] = queriesNamed([task.query], task.events);
  const opened = performance.now();
  const store = await module.open(task.folder, { product: task.product, variant });
  const openMs = performance.now() - opened;
  const ask = await store.prepare(query);
  let run = 0;
  const timedRun = async () => {
    const given = query.given((run += 1));
    const asked = performance.now();
    await ask(given);
    return performance.now() - asked;
  };

  const extra = { milliseconds: task.seconds * 250, runsMin: 1 };
  const firstMs = await timedRun();
  if (firstMs < extra.milliseconds) await repeat(timedRun, extra);
  const usage = new Usage();
  // The delay of the event loop is counted from the first tick on: what blocks the loop before it
  // would not be seen.
  await setTimeout(firstTickMilliseconds);
  const times = await repeat(timedRun, { milliseconds: task.seconds * 1000, runsMin });
  const { cpuMicroseconds, residentBytes, loopDelay } = await usage.end();
  const hasEvents = query.answer === 'events' || query.answer === 'page';
  const parsing = hasEvents ? await parsingOf(timedRun, extra) : {};
  await store.close();

  times.sort((a, b) => a - b);
  const milliseconds = times[Math.floor(times.length / 2)];
  return {
    milliseconds,
    fastestMs: times[0],
    slowestMs: times.at(-1),
    runs: times.length,
    openMs,
    firstMs,
    eventsPerSecond: (task.events[query.dataset] / milliseconds) * 1000,
    cpuMsPerRun: cpuMicroseconds / 1000 / times.length,
    residentBytes,
    ...loopDelay,
    ...parsing,
  };
}
