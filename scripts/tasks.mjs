// Runs tasks side by side, one more than there are cores, as they wait for the disk and for each other's programs too. Each
// begins after those that it needs. What a task writes is kept until it ends: shown whole if it fails, and left out
// otherwise.

import { spawn } from 'node:child_process';
import { availableParallelism, constants } from 'node:os';
import { performance } from 'node:perf_hooks';

import { root } from './command.mjs';

/**
 * @typedef {object} Task A program that has to succeed.
 * @property {string} name - What it is called here.
 * @property {string[]} command - The program, and what it is given.
 * @property {string[]} [needs] - The tasks that have to have succeeded before.
 */

/**
 * Runs tasks, those that come first before the others. The first that fails ends those that run beside it.
 *
 * @param {Task[]} tasks - In the order in which they begin where there is a choice.
 * @returns {Promise<number>} 0 if all have succeeded, or else the exit code of the first that failed.
 */
export async function runTasks(tasks) {
  const slots = availableParallelism() + 1;
  const waiting = [...tasks];
  const running = new Map();
  const done = new Set();
  const stopAll = () => running.forEach(({ stop }) => stop());
  // What has a group of its own hears nothing of the terminal's.
  const forward = (signal) => {
    stopAll();
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, forward);
  const began = performance.now();
  let exitCode = 0;
  while (exitCode === 0 && (waiting.length > 0 || running.size > 0)) {
    const ready = waiting.filter(({ needs = [] }) => needs.every((name) => done.has(name)));
    for (const task of ready.slice(0, slots - running.size)) {
      waiting.splice(waiting.indexOf(task), 1);
      running.set(task.name, start(task));
    }
    if (running.size === 0) throw new Error(`nothing leads to ${waiting[0].name}`);
    const ended = await Promise.race([...running.values()].map(({ end }) => end));
    running.delete(ended.name);
    done.add(ended.name);
    exitCode = ended.exitCode;
  }
  stopAll();
  if (exitCode === 0) console.log(`All passed, ${seconds(began)}`);
  return exitCode;
}

/** Begins a task. Its `end` tells its exit code, once what there is to say of it was written. */
function start({ name, command: [program, ...given] }) {
  console.log(`begins  ${name}`);
  const began = performance.now();
  // A group of its own, so that what it has started ends with it. Windows ends one process alone.
  const isGroup = process.platform !== 'win32';
  const options = { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], detached: isGroup };
  const child = spawn(program, given, options);
  const written = [];
  let isStopped = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => written.push(chunk));
  }
  const end = new Promise((resolve) => {
    child.on('error', (error) => {
      written.push(Buffer.from(`${program}: expected to run, found ${error.message}\n`));
    });
    child.on('close', (code, signal) => {
      const exitCode = code === null || code < 0 ? 1 : code;
      if (isStopped) console.log(`ended   ${name}, ${seconds(began)}`);
      else if (exitCode === 0) console.log(`passed  ${name}, ${seconds(began)}`);
      else {
        process.stdout.write(`\n##### ${name}\n`);
        process.stdout.write(Buffer.concat(written));
        const how = signal ?? `exit code ${exitCode}`;
        console.log(`\nFAILED  ${name}, ${seconds(began)}: expected success, found ${how}`);
      }
      resolve({ name, exitCode });
    });
  });
  const stop = () => {
    isStopped = true;
    endGroup(child, isGroup);
  };
  return { end, stop };
}

/** Ends a task, and what it has started. */
function endGroup(child, isGroup) {
  if (child.pid === undefined) return;
  try {
    if (isGroup) process.kill(-child.pid, 'SIGTERM');
    else child.kill();
  } catch (error) {
    // It has just ended by itself.
    if (error.code !== 'ESRCH') throw error;
  }
}

function seconds(began) {
  return `${((performance.now() - began) / 1000).toFixed(0)} s`;
}
