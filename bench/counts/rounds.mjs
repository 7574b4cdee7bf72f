// The measurements in their order: each in a process of its own, the builds by turns.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./task.mjs', import.meta.url));

/**
 * @param {object} options - The options of a run.
 * @returns {Promise<object[]>} Each measurement that was made: `name`, `build`, `size` of a step, and `figures` or
 *   `error`.
 */
export async function measureAll(options) {
  const tasks = [];
  for (const { name, group, module } of options.measurements) {
    const { sizes, quickSizes } = await import(module);
    const asked = group === 'costs' ? [undefined] : options.quick ? quickSizes : sizes;
    tasks.push(...asked.map((size) => ({ group, name, module, size })));
  }
  const builds = [
    ...(options.before === undefined ? [] : [{ build: 'before', product: options.before }]),
    { build: 'now', product: options.product },
  ];
  const measured = [];
  for (let round = 0; round < options.rounds; round += 1) {
    for (const [n, task] of tasks.entries()) {
      for (const { build, product } of builds) {
        // One that took too long takes as long in the next round.
        const isGivenUp = measured.some(
          (one) =>
            one.isGivenUp &&
            one.name === task.name &&
            one.build === build &&
            one.size === task.size,
        );
        if (isGivenUp) continue;
        const what = [task.name, task.size, build].filter(Boolean).join(' ');
        const outcome = await run({ ...task, product, quick: options.quick }, options);
        measured.push({
          group: task.group,
          name: task.name,
          build,
          size: task.size,
          round,
          ...outcome,
        });
        const told = outcome.error ?? JSON.stringify(outcome.figures);
        console.error(`[${round + 1}/${options.rounds} ${n + 1}/${tasks.length}] ${what}: ${told}`);
      }
    }
  }
  return measured;
}

/** @returns {Promise<object>} The figures, or an error in words. */
async function run(task, { data, secondsMax }) {
  const folder = mkdtempSync(join(data, 'counts-'));
  const child = fork(program, [JSON.stringify({ ...task, folder })], { execArgv: ['--expose-gc'] });
  let answer;
  let isGivenUp = false;
  child.on('message', (message) => (answer = message));
  const timer = setTimeout(() => {
    isGivenUp = true;
    child.kill('SIGKILL');
  }, secondsMax * 1000);
  const [code, signal] = await once(child, 'close');
  clearTimeout(timer);
  rmSync(folder, { recursive: true, force: true });
  if (isGivenUp) return { error: `not done within ${secondsMax} s`, isGivenUp };
  if (answer === undefined || code !== 0) return { error: `ended with ${signal ?? code}` };
  return answer;
}
