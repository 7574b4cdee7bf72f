// The processes of this benchmark, and what the system tells of them.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

/** How often the memory of a process is looked at. */
const LOOK_MS = 1000;

/** What Linux counts processor time in, for programs. */
const TICKS_A_SECOND = 100;

/**
 * Starts a program of this folder. Its messages can be waited for one by one.
 *
 * @param {string} program - The name of its file.
 * @param {object} given - What it is told in its first parameter.
 */
export function startChild(program, given) {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const child = fork(path, [JSON.stringify(given)]);
  const ended = once(child, 'exit');
  const message = async () => {
    const early = ended.then(([code]) => {
      throw new Error(`${program} ended with ${code}`);
    });
    const [first] = await Promise.race([once(child, 'message'), early]);
    early.catch(() => {});
    return first;
  };
  return { child, ended, message };
}

/** Starts a server, and waits until it listens. `url` is where. */
export async function startServer(program, given) {
  const server = startChild(program, given);
  const { url } = await server.message();
  return { ...server, url };
}

/**
 * Has clients load a server.
 *
 * @param {object} server - The server.
 * @param {object} task - What `load.mjs` is told, but for where the server is.
 * @returns {Promise<object>} What it has measured, with what was seen of the server meanwhile: its `memory`, and how many
 *   cores it has kept at work, `serverCores`.
 */
export async function loadServer(server, task) {
  const load = startChild('load.mjs', { ...task, url: server.url });
  await load.message();
  const watch = watchProcess(server.child.pid);
  load.child.send('begin');
  const result = await load.message();
  const watched = watch.end();
  await load.ended;
  return { ...result, ...watched };
}

/**
 * Looks at a process, where the system tells of it, until `end`. That gives its memory from second to second, in MiB, and
 * how many cores it has kept at work.
 */
function watchProcess(pid) {
  const memory = [];
  const began = performance.now();
  const before = cpuSecondsOf(pid);
  const timer = setInterval(() => {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(told(pid, 'status')) ?? [];
    if (kilobytes !== undefined) memory.push(Math.round(Number(kilobytes) / 1024));
  }, LOOK_MS);
  return {
    end() {
      clearInterval(timer);
      const seconds = (performance.now() - began) / 1000;
      return { memory, serverCores: (cpuSecondsOf(pid) - before) / seconds };
    },
  };
}

/** The processor time of a process: that of its own, and of the system for it. The kernel counts it in ticks. */
function cpuSecondsOf(pid) {
  const [, user, system] = /\) \S(?: \S+){10} (\d+) (\d+)/.exec(told(pid, 'stat')) ?? [];
  return (Number(user) + Number(system)) / TICKS_A_SECOND;
}

/** What the system tells of a process; nothing where it does not. */
function told(pid, what) {
  const path = `/proc/${pid}/${what}`;
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
