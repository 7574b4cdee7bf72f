// Carries out a plan.

import { join } from 'node:path';

import { rotated } from '../../measure/plan.mjs';
import { short } from '../../report/markdown.mjs';
import { LoadedDatabases } from './loaded.mjs';
import { isAsked } from './plan.mjs';

/**
 * Measures everything in a plan.
 *
 * @param {object} plan - The plan; see plan.mjs.
 * @param {object} options - The options of the run.
 * @param {import('../../measure/session.mjs').Session} session - What runs the child processes.
 * @param {object} progress - Is told what is being done.
 * @returns {Promise<object>} `rounds`, each measurement; `idle`, the memory of an idle process;
 *   `loads`, what loading took; `answers`, what each query is answered with, in words.
 */
export async function measureAll(plan, options, session, progress) {
  const run = { options, session, progress, rounds: [], idle: {}, loads: [], answers: {} };
  for (const system of plan.systems) {
    const task = { action: 'idle', system: system.name, product: productOf(system, options) };
    run.idle[system.name] = expectMetrics(await session.run(task), system).residentBytes;
  }
  const databases = new LoadedDatabases(session, options);
  for (const part of plan.parts) {
    const loaded = new Map();
    for (const system of part.systems) {
      progress.tell(`loading ${part.dataset.name}: ${system.title}`);
      const database = await databases.load(part.dataset, system, productOf(system, options));
      loaded.set(system, database);
      run.loads.push({
        dataset: part.dataset.name,
        system: system.name,
        metrics: database.metrics,
      });
    }
    await compareAnswers(part, loaded, run);
    for (const query of part.queries) await measureQuery(query, loaded, run);
    for (const database of loaded.values()) databases.release(database);
  }
  const { rounds, idle, loads, answers } = run;
  return { rounds, idle, loads, answers };
}

/** Every system answers every query once, before any of them is measured. */
async function compareAnswers({ dataset, systems, queries }, loaded, run) {
  const file = join(run.session.makeFolder(), 'answers');
  for (const system of systems) {
    run.progress.tell(`comparing answers about ${dataset.name}: ${system.title}`);
    const answer = await run.session.run({
      ...taskOf(system, loaded, run),
      action: 'answer',
      queries: queries.filter((query) => isAsked(system, query)).map(({ name }) => name),
      answers: file,
    });
    Object.assign(run.answers, expectMetrics(answer, system).described);
  }
}

async function measureQuery(query, loaded, run) {
  const asked = [...loaded.keys()].filter((system) => isAsked(system, query));
  for (let round = 0; round < run.options.rounds; round += 1) {
    for (const system of rotated(asked, round)) {
      run.progress.begin(`${query.title}: ${system.title}`);
      const { metrics, error } = await run.session.run({
        ...taskOf(system, loaded, run),
        action: 'measure',
        query: query.name,
        seconds: run.options.seconds,
      });
      if (metrics) metrics.residentBytes -= run.idle[system.name];
      run.rounds.push({
        workload: query.name,
        system: system.name,
        round: round + 1,
        metrics,
        error,
      });
      run.progress.end(error ? `failed: ${error}` : `${short(metrics.milliseconds)} ms`);
    }
  }
}

function taskOf(system, loaded, { options }) {
  return {
    system: system.name,
    product: productOf(system, options),
    folder: loaded.get(system).folder,
    events: options.events,
  };
}

function productOf({ isBaseline }, options) {
  return isBaseline ? options.baseline : options.product;
}

function expectMetrics({ metrics, error }, { name }) {
  if (error !== undefined) throw new Error(`${name}: ${error}`);
  return metrics;
}
