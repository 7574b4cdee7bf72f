//! What an open file has done since it was opened, for those who watch it.
//!
//! Each count is an atomic of its own that is added to without a lock and without an order: a commit adds to some ten of
//! them, and an event to none. So what is read of them at one time may be of slightly different times.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use serde::Serialize;

/// The upper bounds of times, in microseconds.
const MICROS: [u64; 15] = [
    50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
    1_000_000, 10_000_000,
];

/// The upper bounds of how many calls a commit has.
const CALLS: [u64; 12] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 4_096];

/// How many commits and checkpoints are kept for those who watch each. If nobody takes them, no more are kept.
const WATCHED_MAX: usize = 1_024;

/// What is counted of an open file.
#[derive(Debug, Default)]
pub struct Counters {
    commits: AtomicU64,
    failed_commits: AtomicU64,
    calls: AtomicU64,
    refused_calls: AtomicU64,
    events: AtomicU64,
    journal_bytes: AtomicU64,
    summary_hits: AtomicU64,
    summary_misses: AtomicU64,
    commit_times: Histogram<{ MICROS.len() }>,
    sync_times: Histogram<{ MICROS.len() }>,
    checkpoint_times: Histogram<{ MICROS.len() }>,
    calls_per_commit: Histogram<{ CALLS.len() }>,
    /// Whether each commit and checkpoint is kept until it is taken.
    watched: AtomicBool,
    kept: Mutex<Vec<Timed>>,
}

/// A commit that was made.
#[derive(Clone, Copy, Debug)]
pub struct CountedCommit {
    /// Its number.
    pub commit: u64,
    /// The bytes of its frame.
    pub bytes: usize,
    /// How many events it has appended.
    pub events: usize,
    /// How many calls it has stored the changes of, or found that they change nothing.
    pub calls: usize,
    /// How long it took, from when the right to write was asked for.
    pub time: Duration,
}

impl Counters {
    /// Notes a commit that was made.
    pub fn add_commit(&self, commit: CountedCommit) {
        add(&self.commits, 1);
        add(&self.events, commit.events as u64);
        add(&self.calls, commit.calls as u64);
        self.calls_per_commit.add(&CALLS, commit.calls as u64);
        self.commit_times.add(&MICROS, micros(commit.time));
        self.keep(|| Timed {
            kind: "commit",
            commit: commit.commit,
            seconds: commit.time.as_secs_f64(),
            events: commit.events as u64,
            calls: commit.calls as u64,
            bytes: commit.bytes as u64,
        });
    }

    /// Notes a commit that has failed, or whose outcome is not known.
    pub fn add_failed_commit(&self) {
        add(&self.failed_commits, 1);
    }

    /// Notes calls that were answered with a failure.
    pub fn add_refused_calls(&self, count: usize) {
        add(&self.refused_calls, count as u64);
    }

    /// Notes what was written to the journal, and how long it took until it was on disk.
    pub(super) fn add_sync(&self, bytes: usize, time: Duration) {
        add(&self.journal_bytes, bytes as u64);
        self.sync_times.add(&MICROS, micros(time));
    }

    /// Notes how long it took to bring a segment into the tables, up to that commit.
    pub(super) fn add_checkpoint(&self, commit: u64, time: Duration) {
        self.checkpoint_times.add(&MICROS, micros(time));
        self.keep(|| Timed {
            kind: "checkpoint",
            commit,
            seconds: time.as_secs_f64(),
            ..Timed::default()
        });
    }

    fn keep(&self, timed: impl FnOnce() -> Timed) {
        if !self.watched.load(Ordering::Relaxed) {
            return;
        }
        let mut kept = self.kept.lock();
        if kept.len() < WATCHED_MAX {
            kept.push(timed());
        } else {
            self.watched.store(false, Ordering::Relaxed);
            *kept = Vec::new();
        }
    }

    /// What was kept since this was last called. From now on it is kept, unless nobody takes it.
    pub fn take_timed(&self) -> Vec<Timed> {
        self.watched.store(true, Ordering::Relaxed);
        std::mem::take(&mut *self.kept.lock())
    }

    /// Notes that a summary was wanted, and whether it was in memory.
    pub(super) fn add_summary(&self, was_known: bool) {
        let count = if was_known {
            &self.summary_hits
        } else {
            &self.summary_misses
        };
        add(count, 1);
    }

    /// What was counted by now.
    pub fn counts(&self) -> Counts {
        Counts {
            commits: read(&self.commits),
            failed_commits: read(&self.failed_commits),
            calls: read(&self.calls),
            refused_calls: read(&self.refused_calls),
            events: read(&self.events),
            journal_bytes: read(&self.journal_bytes),
            summaries: CacheCounts {
                hits: read(&self.summary_hits),
                misses: read(&self.summary_misses),
            },
            commit_seconds: self.commit_times.distribution(&MICROS, 1e6),
            sync_seconds: self.sync_times.distribution(&MICROS, 1e6),
            checkpoint_seconds: self.checkpoint_times.distribution(&MICROS, 1e6),
            calls_per_commit: self.calls_per_commit.distribution(&CALLS, 1.0),
            ..Counts::default()
        }
    }
}

/// How many values were up to each of `N` bounds.
#[derive(Debug)]
struct Histogram<const N: usize> {
    counts: [AtomicU64; N],
    /// Those that were above all bounds.
    above: AtomicU64,
    sum: AtomicU64,
}

impl<const N: usize> Default for Histogram<N> {
    fn default() -> Self {
        Self {
            counts: [const { AtomicU64::new(0) }; N],
            above: AtomicU64::new(0),
            sum: AtomicU64::new(0),
        }
    }
}

impl<const N: usize> Histogram<N> {
    fn add(&self, bounds: &[u64; N], value: u64) {
        let place = bounds.partition_point(|bound| *bound < value);
        add(self.counts.get(place).unwrap_or(&self.above), 1);
        add(&self.sum, value);
    }

    /// What was counted, with values of which `unit` are 1.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a sum of more than 2^53 is none of a log's life"
    )]
    fn distribution(&self, bounds: &[u64; N], unit: f64) -> Distribution {
        let counts: Vec<u64> = (self.counts.iter().chain([&self.above]))
            .map(read)
            .collect();
        Distribution {
            bounds: bounds.iter().map(|bound| *bound as f64 / unit).collect(),
            count: counts.iter().sum(),
            counts,
            sum: read(&self.sum) as f64 / unit,
        }
    }
}

/// What an open file has done since it was opened in this process, and what waits.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Commits of this process.
    pub commits: u64,
    /// Commits that have failed, or whose outcome is not known.
    pub failed_commits: u64,
    /// Calls that these commits have answered with success.
    pub calls: u64,
    /// Calls for a change that were answered with a failure by the writer.
    pub refused_calls: u64,
    /// Events that were appended.
    pub events: u64,
    /// Bytes that were written to the journal.
    pub journal_bytes: u64,
    /// What waits to be committed.
    pub queue: QueueCounts,
    /// Summaries of blocks that the tables do not hold.
    pub summaries: CacheCounts,
    /// How many wait for a commit: subscriptions that have come to the end.
    pub waiting: u64,
    /// How long commits took, until they were on disk, the wait for other processes included.
    pub commit_seconds: Distribution,
    /// How long it took to write to the journal, until it was on disk.
    pub sync_seconds: Distribution,
    /// How long it took to bring segments of the journal into the tables.
    pub checkpoint_seconds: Distribution,
    /// How many calls a commit has had.
    pub calls_per_commit: Distribution,
}

/// A commit or a checkpoint that was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Timed {
    /// Which of the two.
    pub kind: &'static str,
    /// The number of the commit, or of the last one that the checkpoint has brought into the tables.
    pub commit: u64,
    /// How long it took.
    pub seconds: f64,
    /// How many events a commit has appended.
    pub events: u64,
    /// How many calls it has answered.
    pub calls: u64,
    /// The bytes of its frame.
    pub bytes: u64,
}

/// What waits to be committed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct QueueCounts {
    /// How many calls.
    pub calls: u64,
    /// The bytes of calls that were not answered yet.
    pub bytes: u64,
}

/// How often something was found in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CacheCounts {
    /// How often it was.
    pub hits: u64,
    /// How often it was not.
    pub misses: u64,
}

/// How values are distributed.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Distribution {
    /// Upper bounds, in order, which count as below.
    pub bounds: Vec<f64>,
    /// How many values were up to each of the bounds and above the one before; at the end those above all.
    pub counts: Vec<u64>,
    /// How many there were.
    pub count: u64,
    /// All of them together.
    pub sum: f64,
}

fn add(count: &AtomicU64, value: u64) {
    count.fetch_add(value, Ordering::Relaxed);
}

fn read(count: &AtomicU64) -> u64 {
    count.load(Ordering::Relaxed)
}

const fn micros(time: Duration) -> u64 {
    time.as_micros() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_is_counted_up_to_the_first_bound_that_it_does_not_pass() {
        let counters = Counters::default();
        for micros in [0, 50, 51, 1_000, 1_001, 99_000_000] {
            counters.add_sync(10, Duration::from_micros(micros));
        }
        let counts = counters.counts();
        let sync = counts.sync_seconds;
        assert_eq!((counts.journal_bytes, sync.count), (60, 6));
        assert_eq!(sync.counts.len(), sync.bounds.len() + 1);
        let some: Vec<u64> = sync
            .counts
            .iter()
            .copied()
            .filter(|count| *count > 0)
            .collect();
        assert_eq!(some, [2, 1, 1, 1, 1]);
        assert_eq!((sync.counts[0], sync.bounds[0]), (2, 0.000_05));
        assert_eq!((sync.counts[4], sync.bounds[4]), (1, 0.001));
        assert_eq!(sync.counts.last(), Some(&1));
        assert!((sync.sum - 99.002_102).abs() < 1e-9, "{}", sync.sum);
    }

    #[test]
    fn a_commit_is_counted_with_its_events_and_calls() {
        let counters = Counters::default();
        for calls in [1, 3, 5_000] {
            let time = Duration::from_millis(2);
            counters.add_commit(CountedCommit {
                commit: calls as u64,
                bytes: 100,
                events: 7,
                calls,
                time,
            });
        }
        let counts = counters.counts();
        assert_eq!(
            (counts.commits, counts.events, counts.calls),
            (3, 21, 5_004)
        );
        let calls = counts.calls_per_commit;
        assert_eq!(
            (calls.counts[0], calls.counts[2], calls.counts[12]),
            (1, 1, 1)
        );
        assert_eq!(counts.commit_seconds.counts[5], 3);
    }

    #[test]
    fn what_was_timed_is_kept_for_those_who_take_it_and_for_nobody_else() {
        let counters = Counters::default();
        let finish = |commit| counters.add_checkpoint(commit, Duration::from_millis(1));
        finish(1);
        assert_eq!(counters.take_timed(), []);
        finish(2);
        finish(3);
        let taken = counters.take_timed();
        let commits: Vec<u64> = taken.iter().map(|timed| timed.commit).collect();
        assert_eq!((commits, taken[0].kind), (vec![2, 3], "checkpoint"));
        for commit in 0..=WATCHED_MAX as u64 {
            finish(commit);
        }
        assert!(!counters.watched.load(Ordering::Relaxed));
        finish(7);
        assert_eq!(counters.take_timed(), []);
        finish(8);
        assert_eq!(counters.take_timed().len(), 1);
    }
}
