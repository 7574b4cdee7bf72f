import cliProgress from 'cli-progress';

/**
 * Shows how far a run is: a bar on a terminal, and lines elsewhere.
 *
 * @param {number} total - How many measurements there are.
 * @returns {object} What is to be told: `tell` what is done beside measuring, `begin` and `end` of a
 *   measurement, and `stop` at the end of all.
 */
export function showProgress(total) {
  return process.stderr.isTTY ? showBar(total) : showLines(total);
}

function showBar(total) {
  const bar = new cliProgress.SingleBar({
    format: '{bar} {percentage}% | {value}/{total} | {eta_formatted} left | {now}',
    stream: process.stderr,
    hideCursor: true,
    etaBuffer: 30,
  });
  bar.start(total, 0, { now: '' });
  return {
    tell: (text) => bar.update({ now: text }),
    begin: (text) => bar.update({ now: text }),
    end: () => bar.increment(),
    stop: () => bar.stop(),
  };
}

function showLines(total) {
  let done = 0;
  let now = '';
  return {
    tell: (text) => console.error(text),
    begin(text) {
      now = text;
    },
    end(result) {
      done += 1;
      console.error(`[${done}/${total}] ${now}: ${result}`);
    },
    stop() {},
  };
}
