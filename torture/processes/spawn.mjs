// Starting writers, and ending them.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const writer = fileURLToPath(new URL('writer.mjs', import.meta.url));

/** A writer that runs. */
export class Writer {
  #child;
  #stderr = '';
  #lines;
  #killed = false;
  #answer = () => {};
  /** Resolves once it has acknowledged something, or has ended. */
  acknowledged;

  /**
   * @param {object} shape - What the writer is told; see writer.mjs.
   * @param {object} ledger - Takes in what it acknowledges.
   */
  constructor(shape, ledger) {
    this.#child = spawn(process.execPath, [writer, JSON.stringify(shape)]);
    this.#child.stdin.on('error', () => {
      // It was killed while it was told something.
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text) => (this.#stderr += text));
    let heard;
    this.acknowledged = new Promise((resolve) => (heard = resolve));
    this.#lines = (async () => {
      for await (const line of createInterface({ input: this.#child.stdout })) {
        const message = parse(line);
        if (message === undefined) continue;
        ledger.take(message);
        if (message.stored !== undefined) heard();
        this.#answer();
      }
      heard();
      this.#answer();
    })();
  }

  /** Whether it was told to be killed. */
  get wasKilled() {
    return this.#killed;
  }

  /** Has it close its log, and end. */
  close() {
    this.#child.stdin.write('close\n');
  }

  /** Resolves with the next thing that it tells, or once it has ended. */
  answered() {
    return new Promise((resolve) => (this.#answer = resolve));
  }

  /** Stops it. It holds what it holds, and tells nothing. */
  pause() {
    this.#child.kill('SIGSTOP');
  }

  /** Has it go on. */
  resume() {
    this.#child.kill('SIGCONT');
  }

  /** @param {NodeJS.Signals} signal - What it is killed with. */
  kill(signal = 'SIGKILL') {
    this.#killed = true;
    this.#child.kill(signal);
  }

  /**
   * Waits until it has ended and all its lines were read.
   *
   * @param {object} [expected] - How it may end beside being killed.
   * @param {number} [expected.code] - With that exit code.
   * @throws {Error} Where it has ended otherwise.
   */
  async end({ code } = {}) {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      await once(this.#child, 'close');
    }
    await this.#lines;
    const { exitCode, signalCode } = this.#child;
    const wasKilled = this.#killed && signalCode !== null;
    if (wasKilled || (code !== undefined && exitCode === code)) return;
    const how = `with ${signalCode ?? `the exit code ${exitCode}`}`;
    throw new Error(`a writer has ended ${how}: ${this.#stderr}`);
  }
}

/** A line; the last one of a process that was killed need not be whole. */
function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
