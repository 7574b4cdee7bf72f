/**
 * Says which measurements have failed.
 *
 * @param {object[]} rounds - Measurements.
 * @returns {number} The exit code: 1 where one has failed.
 */
export function reportFailures(rounds) {
  const failed = rounds.filter(({ error }) => error !== undefined);
  for (const { workload, system, round, error } of failed) {
    console.error(`\n${workload}, ${system}, round ${round}: ${error}`);
  }
  return failed.length === 0 ? 0 : 1;
}
