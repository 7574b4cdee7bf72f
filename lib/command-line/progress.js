'use strict';

// How far something has come, as a bar on a terminal.

const { grouped } = require('./output/cells.js');

const BAR_WIDTH = 24;

/** The line that says how far it is. */
function line(what, { done, total }) {
  if (total === undefined) return `${what}  ${grouped(done)} events`;
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const filled = Math.round(share * BAR_WIDTH);
  const bar = '#'.repeat(filled) + '-'.repeat(BAR_WIDTH - filled);
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  return `${what} ${percent} [${bar}] ${grouped(done)} of ${grouped(total)} events`;
}

/** A bar on standard error, if that is a terminal and nobody has asked for quiet. */
class ProgressBar {
  #what;
  #stream;
  #isShown;

  constructor(what, { quiet, stream = process.stderr }) {
    this.#what = what;
    this.#stream = stream;
    this.#isShown = stream.isTTY === true && !quiet;
  }

  /** Takes what the log reports; `undefined` where nobody would see it. */
  get onProgress() {
    return this.#isShown ? (progress) => this.#draw(progress) : undefined;
  }

  /** Takes the bar away. */
  clear() {
    if (this.#isShown) this.#stream.write('\r\u001b[K');
  }

  #draw(progress) {
    const width = Math.max(20, this.#stream.columns || 80) - 1;
    this.#stream.write(`\r${line(this.#what, progress).slice(0, width)}\u001b[K`);
  }
}

/** Runs what takes long, with a bar. */
async function withProgress(what, { quiet }, run) {
  const bar = new ProgressBar(what, { quiet });
  try {
    return await run(bar.onProgress);
  } finally {
    bar.clear();
  }
}

module.exports = { withProgress };
