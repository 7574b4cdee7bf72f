// Carries out a plan.

import { PreparedFiles } from './prepared.mjs';
import { rotated } from './plan.mjs';

/**
 * Measures everything in a plan.
 *
 * @param {object} plan - The plan; see plan.mjs.
 * @param {object} options - The options of the run.
 * @param {import('./session.mjs').Session} session - What runs the child processes.
 * @param {object} progress - Is told what is being done.
 * @returns {Promise<object>} `rounds`, each measurement; `idle`, the memory of an idle process.
 */
export async function measureAll(plan, options, session, progress) {
  const productOf = ({ isBaseline }) => (isBaseline ? options.baseline : options.product);
  const idle = {};
  for (const system of plan.systems) {
    progress.tell(`loading ${system.title}`);
    const task = { action: 'idle', system: system.name, product: productOf(system) };
    const { metrics, error } = await session.run(task);
    if (error !== undefined) throw new Error(`${system.name}: ${error}`);
    idle[system.name] = metrics.residentBytes;
  }
  const rounds = [];
  const prepared = new PreparedFiles(session);
  for (const block of plan.blocks) {
    await prepared.fill(block, productOf, progress.tell);
    for (let round = 0; round < options.rounds; round += 1) {
      for (const { workload, system } of rotated(block.pairs, round)) {
        progress.begin(`${workload.title}: ${system.title}`);
        const job = { workload, system, round, product: productOf(system) };
        const { metrics, error } = await measureOne(job, options, session, prepared);
        if (metrics) metrics.residentBytes -= idle[system.name];
        rounds.push({
          workload: workload.name,
          system: system.name,
          round: round + 1,
          metrics,
          error,
        });
        progress.end(outcome(metrics, error));
      }
    }
    prepared.clear();
  }
  return { rounds, idle };
}

async function measureOne({ workload, system, round, product }, options, session, prepared) {
  const file = prepared.of(workload, system);
  if (file?.error !== undefined) return { error: file.error };
  const folder = file ? prepared.folderFor(file) : session.makeFolder();
  const answer = await session.run({
    action: 'measure',
    system: system.name,
    workload: workload.name,
    product,
    folder,
    seconds: options.seconds,
    seed: round + 1,
    eventsBefore: file?.events,
  });
  if (file) prepared.release(file, folder, answer.metrics?.events ?? 0);
  else session.removeFolder(folder);
  return answer;
}

function outcome(metrics, error) {
  if (error !== undefined) return `failed: ${error}`;
  return `${Math.round(metrics.eventsPerSecond).toLocaleString('en')} events/s`;
}
