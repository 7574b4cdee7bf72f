// Measurements in processes of their own: the task is a parameter, as JSON, and the figures come as a message.

import { fork } from 'node:child_process';
import { once } from 'node:events';

/**
 * @param {string} program - The path of a module that carries out tasks.
 * @param {object} task - What it is to do.
 * @returns {Promise<object>} What it has measured.
 */
export async function runForked(program, task) {
  const child = fork(program, [JSON.stringify(task)]);
  const ended = once(child, 'close');
  let figures;
  child.on('message', (message) => (figures = message));
  const [code, signal] = await ended;
  if (code === 0 && figures !== undefined) return figures;
  throw new Error(`${JSON.stringify(task)} has ended with ${signal ?? code}`);
}
