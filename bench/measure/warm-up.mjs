/**
 * How long a log is used before it is measured: until what is measured has been compiled.
 *
 * @param {{ seconds: number }} task - A task.
 * @returns {number} Milliseconds.
 */
export function warmUpMilliseconds({ seconds }) {
  return Math.max(250, (seconds * 1000) / 4);
}
