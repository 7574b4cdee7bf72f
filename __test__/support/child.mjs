// Child processes: a script in, what it printed and how it ended out.

import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** The address to import the package from, in a script given to `run` or `start`. */
export const addon = new URL('../../index.mjs', import.meta.url).href;

function environment(own) {
  const inherited = { ...process.env };
  delete inherited.CODEBOLT_EVENTLOG_PATH;
  delete inherited.CODEBOLT_EVENTLOG_AUTO_CREATE;
  return { ...inherited, ...own };
}

/**
 * A guard, so that a child that never ends is a failure and no hang: a little less than the runner waits for a test. How
 * long a child takes where the machine is busy is no matter.
 */
const CHILD_MS_MAX = 170_000;

function launch(t, argv, { cwd, env, ipc = false, stdin = 'ignore' }) {
  const stdio = [stdin, 'pipe', 'pipe'];
  if (ipc) stdio.push('ipc');
  const child = spawn(process.execPath, argv, { cwd, env: environment(env), stdio });
  t.teardown(() => child.kill('SIGKILL'));

  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  let overdue = false;
  const guard = setTimeout(() => {
    overdue = true;
    child.kill('SIGKILL');
  }, CHILD_MS_MAX);
  const ended = once(child, 'close').then(([code, signal]) => {
    clearTimeout(guard);
    if (overdue) {
      throw new Error(
        `expected a child that ends within ${CHILD_MS_MAX} ms, found one that had to be killed; ` +
          `stdout: ${stdout}; stderr: ${stderr}`,
      );
    }
    return { code, signal, stdout, stderr };
  });
  return { child, ended, printed: () => stdout };
}

/**
 * Runs the source text of a module to its end. One that does not end is killed, and the promise
 * rejects.
 *
 * @returns {Promise<{ code: number | null, signal: string | null, stdout: string, stderr: string }>}
 */
export function run(t, source, { args = [], flags = [], type = 'module', ...options } = {}) {
  const argv = [...flags, `--input-type=${type}`, '--eval', source, '--', ...args];
  return launch(t, argv, options).ended;
}

/**
 * Starts a script file. `printed()` is what it has printed so far; `ended` tells how it ends.
 */
export function startFile(t, file, { args = [], ...options } = {}) {
  return launch(t, [file, ...args], options);
}

/** Runs a script file to its end, with Node's own `flags` before it. */
export function runFile(t, file, { flags = [], args = [], ...options } = {}) {
  return launch(t, [...flags, file, ...args], options).ended;
}

/** Runs a module that must end well, and returns what it printed, as JSON. */
export async function runForJson(t, source, options) {
  const ended = await run(t, source, options);
  t.is(ended.code, 0, ended.stderr);
  return JSON.parse(ended.stdout);
}

/**
 * Ends a child whose parent is gone, such as a runner that was killed: nobody else ends those that work for ever. It asks
 * once a second, and keeps nothing alive.
 */
const END_OF_ORPHANS = `data:text/javascript,${encodeURIComponent(`
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
  }, 1000).unref();
`)}`;

/**
 * Starts the source text of a module with a channel for messages.
 *
 * `message()` waits for the next one, and fails with what the child wrote to stderr when it ends
 * before. `received` holds those that came and were not waited for.
 */
export function start(t, source, { args = [], ...options } = {}) {
  const script = ['--input-type=module', '--eval', source, '--', ...args];
  const argv = ['--import', END_OF_ORPHANS, ...script];
  const { child, ended } = launch(t, argv, { ...options, ipc: true });
  const received = [];
  const waiting = [];
  child.on('message', (message) => {
    const next = waiting.shift();
    if (next) next(message);
    else received.push(message);
  });
  const message = () => {
    if (received.length > 0) return Promise.resolve(received.shift());
    const next = new Promise((resolve) => waiting.push(resolve));
    const early = ended.then(({ code, signal, stderr }) => {
      throw new Error(`the child ended (${code ?? signal}) before its message: ${stderr}`);
    });
    return Promise.race([next, early]);
  };
  return { child, ended, message, received };
}
