// Which parts of the package's JavaScript an input has reached, as V8 counts them.

import { Session } from 'node:inspector';

/** What is counted: the code of the package. */
const COUNTED = /\/lib\/[^?]*\.js$/;

/** The counts of blocks since they were last taken. */
export class Coverage {
  #session = new Session();
  /** The blocks that were reached before. */
  #reached = new Set();

  constructor() {
    this.#session.connect();
    this.#post('Profiler.enable');
    this.#post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** How many blocks were ever reached. */
  get blocks() {
    return this.#reached.size;
  }

  /** How many blocks were reached since this was last called that were never reached before. */
  take() {
    const before = this.#reached.size;
    for (const { scriptId, url, functions } of this.#post('Profiler.takePreciseCoverage').result) {
      if (!COUNTED.test(url)) continue;
      for (const { ranges } of functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          if (count > 0) this.#reached.add(`${scriptId}:${startOffset}:${endOffset}`);
        }
      }
    }
    return this.#reached.size - before;
  }

  /** Asks the inspector of this thread, which answers before `post` returns. */
  #post(method, parameters) {
    let answer;
    this.#session.post(method, parameters, (error, result) => {
      if (error) throw error;
      answer = result;
    });
    return answer;
  }
}
