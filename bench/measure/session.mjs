// Starts the child processes, one at a time, and makes and removes what they work in.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  cpSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('child.mjs', import.meta.url));

/** What a child process does, where nothing else is named. */
const appendTask = new URL('task.mjs', import.meta.url);

/** A child process that has said nothing for so long hangs. */
const silenceMillisecondsMax = 15 * 60 * 1000;

const removing = { recursive: true, force: true, maxRetries: 20, retryDelay: 50 };

/** A folder for the databases of one run, and the child processes that use it. */
export class Session {
  #folder;
  #task;
  #child;
  #isEnded = false;

  /**
   * @param {string} data - Where the folder is made.
   * @param {URL} [task] - The module whose `carryOut` the child processes call.
   */
  constructor(data, task = appendTask) {
    this.#task = task.href;
    mkdirSync(data, { recursive: true });
    removeLeftOver(data);
    this.#folder = mkdtempSync(join(data, `run-${process.pid}-`));
  }

  /** @returns {string} A new, empty folder. */
  makeFolder() {
    return mkdtempSync(join(this.#folder, 'log-'));
  }

  /**
   * Copies a database, and waits until the copy is on disk: otherwise the first sync of the
   * measurement would wait for it.
   *
   * @param {string} from - Its folder.
   * @returns {string} The folder of the copy.
   */
  copyFolder(from) {
    const to = this.makeFolder();
    cpSync(from, to, { recursive: true });
    for (const entry of readdirSync(to, { withFileTypes: true, recursive: true })) {
      if (!entry.isFile()) continue;
      const file = openSync(join(entry.parentPath ?? entry.path, entry.name), 'r+');
      fsyncSync(file);
      closeSync(file);
    }
    return to;
  }

  /** @param {string} folder - A folder that is not needed any more. */
  removeFolder(folder) {
    rmSync(folder, removing);
  }

  /**
   * Has a child process do something.
   *
   * @param {object} task - What to do, as the module of the task takes it.
   * @returns {Promise<{ metrics?: object, error?: string }>} What came of it.
   */
  async run(task) {
    const child = fork(program, [this.#task], {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    const printed = [];
    child.stdout.on('data', (data) => printed.push(data));
    child.stderr.on('data', (data) => printed.push(data));
    let answer;
    child.on('message', (message) => {
      answer = message;
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), silenceMillisecondsMax);
    const ended = once(child, 'close');
    child.send(task);
    const [code, signal] = await ended;
    clearTimeout(timer);
    this.#child = undefined;
    // The run goes no further: whoever ended it ends the process.
    if (this.#isEnded) return new Promise(() => {});
    if (answer !== undefined && code === 0) return answer;
    const text = Buffer.concat(printed).toString();
    return { error: `the process ended with ${signal ?? `code ${code}`}\n${text}`.trim() };
  }

  /**
   * Ctrl-C, and being told to end, leave no database behind.
   *
   * @param {{ stop: () => void }} progress - What shows how far the run is.
   */
  endOnSignal(progress) {
    for (const [signal, number] of [
      ['SIGINT', 2],
      ['SIGTERM', 15],
      ['SIGHUP', 1],
    ]) {
      process.once(signal, async () => {
        progress.stop();
        await this.end();
        console.error(`ended by ${signal}; nothing was written`);
        process.exit(128 + number);
      });
    }
  }

  /** Ends what is running, and removes every database. */
  async end() {
    this.#isEnded = true;
    const child = this.#child;
    if (child !== undefined) {
      const closed = once(child, 'close');
      child.kill('SIGKILL');
      await closed;
    }
    rmSync(this.#folder, removing);
  }
}

/** Removes what a run has left that was itself killed. */
function removeLeftOver(data) {
  for (const name of readdirSync(data)) {
    const id = /^run-(\d+)-/.exec(name)?.[1];
    if (id !== undefined && !isRunning(Number(id))) rmSync(join(data, name), removing);
  }
}

function isRunning(id) {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
