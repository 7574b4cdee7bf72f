// The numbers of a log itself, in the text format of Prometheus.

import { counter, gauge, header, PREFIX } from './prometheus.js';

const COUNTERS = {
  commits: ['commits_total', 'Commits of this process that are on disk.'],
  failedCommits: ['failed_commits_total', 'Commits that failed, or whose outcome is not known.'],
  calls: ['committed_calls_total', 'Calls that commits have answered with success.'],
  refusedCalls: ['refused_calls_total', 'Calls for a change that the writer has refused.'],
  events: ['events_appended_total', 'Events appended by this process.'],
  journalBytes: ['journal_bytes_total', 'Bytes written to the journal.'],
};

const OF_RETENTION = {
  events: ['retention_events_total', 'Events that have gone by rules of retention.'],
  failures: ['retention_failures_total', 'How often a rule of retention could not be applied.'],
};

const HISTOGRAMS = {
  commitSeconds: ['commit_duration_seconds', 'How long commits took, until they were on disk.'],
  syncSeconds: ['sync_duration_seconds', 'How long writes to the journal took, until on disk.'],
  checkpointSeconds: [
    'checkpoint_duration_seconds',
    'How long it took to bring segments of the journal into the tables.',
  ],
  callsPerCommit: ['calls_per_commit', 'How many calls a commit has answered.'],
};

/**
 * What `log.metrics()` tells, as lines.
 *
 * @param {object} response - Its response.
 * @returns {string[]} The lines.
 */
export function logLines({ success, data }) {
  const lines = gauge('log_open', 'Whether the log tells of itself.', success ? 1 : 0);
  if (!success) return lines;
  for (const [key, [name, help]] of Object.entries(COUNTERS)) {
    lines.push(...header(name, 'counter', help), `${PREFIX}_${name} ${data[key]}`);
  }
  for (const [key, [name, help]] of Object.entries(HISTOGRAMS)) {
    lines.push(...histogramLines(name, help, data[key]));
  }
  for (const [key, [name, help]] of Object.entries(OF_RETENTION)) {
    lines.push(...header(name, 'counter', help), `${PREFIX}_${name} ${data.retention[key]}`);
  }
  const { hits, misses } = data.summaries;
  const looked = new Map([
    ['result="hit"', hits],
    ['result="miss"', misses],
  ]);
  const { queue, followers } = data;
  lines.push(
    ...counter('summary_lookups_total', 'Summaries looked for in memory.', looked),
    ...gauge('queued_calls', 'Calls that wait to be committed.', queue.calls),
    ...gauge('queued_bytes', 'Bytes of calls that were not answered yet.', queue.bytes),
    ...gauge('followers', 'Open subscriptions to the log.', followers.open),
    ...gauge('followers_caught_up', 'Those that are at the end.', followers.caughtUp),
    ...gauge('followers_behind', 'Events that all of them have ahead.', followers.behind),
    ...gauge(
      'followers_behind_max',
      'Events that the last of them has ahead.',
      followers.behindMax,
    ),
  );
  return lines;
}

function histogramLines(name, help, { bounds, counts, count, sum }) {
  const lines = header(name, 'histogram', help);
  let below = 0;
  for (const [place, bound] of bounds.entries()) {
    below += counts[place];
    lines.push(`${PREFIX}_${name}_bucket{le="${bound}"} ${below}`);
  }
  lines.push(`${PREFIX}_${name}_bucket{le="+Inf"} ${count}`);
  lines.push(`${PREFIX}_${name}_sum ${sum}`, `${PREFIX}_${name}_count ${count}`);
  return lines;
}
