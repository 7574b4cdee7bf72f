'use strict';

// Ctrl-C and its like: they call off what is under way, which then leaves nothing half done.

const { CommandFailure } = require('./failure.js');

/** The exit code of a process that a signal has ended, as shells tell it. */
const SIGNAL_EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/** What calls a command off: a signal of the system, or an output that nobody reads any more. */
class Interrupt {
  #controller = new AbortController();
  /** The name of the signal of the system that came, if one did. */
  #came;
  /** Whether that is how the command ends. */
  #isEnd = false;
  /** Whether the process has to be ended when the command is. */
  endsProcess = false;

  constructor() {
    for (const name of Object.keys(SIGNAL_EXIT_CODES)) {
      process.on(name, () => this.#heard(name));
    }
  }

  /** The signal for what is called off. */
  get signal() {
    return this.#controller.signal;
  }

  /** What the process ends with if it was called off from outside; else `undefined`. */
  get exitCode() {
    return this.#isEnd && this.#came !== undefined ? 0 : SIGNAL_EXIT_CODES[this.#came];
  }

  /** Says that the command has no other end than a signal, which is then no failure. */
  isEnd() {
    this.#isEnd = true;
  }

  /** What `promise` comes to, unless the command is called off before. */
  async race(promise) {
    const { signal } = this;
    let stop;
    const aborted = new Promise((_, reject) => {
      stop = () => reject(new CommandFailure('ABORTED', `called off: ${signal.reason.message}`));
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    });
    try {
      return await Promise.race([promise, aborted]);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** Calls it off for a reason of this program's own. */
  abort(reason) {
    this.#controller.abort(reason);
  }

  #heard(name) {
    // Who asks twice does not want to wait for what is being ended.
    if (this.#came !== undefined) process.exit(SIGNAL_EXIT_CODES[name]);
    this.#came = name;
    this.#controller.abort(new Error(name));
  }
}

module.exports = { Interrupt };
