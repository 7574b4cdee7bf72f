//! What the events of an instance add up to.

use crate::engine::tables::record::Record;
use crate::engine::{Head, Horizon};

/// What was counted of an instance's events.
#[derive(Debug)]
pub(super) struct EventTally {
    pub(super) last_position: u64,
    pub(super) stream_count: u64,
    /// How many of the first events were dropped, of which nothing is counted.
    pub(super) dropped: u64,
    /// The bytes of the records that are left.
    pub(super) bytes_left: u64,
    /// Of how many streams an event is left.
    pub(super) streams_left: u64,
    /// How many events are out after the horizon.
    pub(super) between: u64,
    /// Keys of the events that the table has.
    pub(super) key_count: u64,
    stored_bytes: u64,
    latest_ms: i64,
    late_position: u64,
    /// Whether an event is missing or damaged, of which is not known what it would add.
    pub(super) is_incomplete: bool,
}

impl EventTally {
    pub(super) const fn new() -> Self {
        Self {
            last_position: 0,
            stream_count: 0,
            dropped: 0,
            bytes_left: 0,
            streams_left: 0,
            between: 0,
            key_count: 0,
            stored_bytes: 0,
            latest_ms: i64::MIN,
            late_position: 0,
            is_incomplete: false,
        }
    }

    /// Adds an event, which comes after all that were added.
    pub(super) fn add(&mut self, position: u64, bytes: usize, record: &Record<'_>) {
        self.last_position = position;
        self.stream_count += u64::from(record.sequence == 1);
        self.stored_bytes += bytes as u64;
        if record.timestamp_ms < self.latest_ms {
            self.late_position = position;
        }
        self.latest_ms = self.latest_ms.max(record.timestamp_ms);
    }

    /// Has the first events be dropped, which those that are added follow.
    pub(super) const fn drop_first(&mut self, count: u64) {
        self.dropped = count;
        self.last_position = count;
    }

    /// In what an instance's head differs from that, for a person, if events were trimmed up to the horizon.
    pub(super) fn differences(&self, head: &Head, horizon: Horizon) -> Vec<String> {
        let mut texts = Vec::new();
        let mut compare = |what: &str, counted: i128, said: i128| {
            if counted != said {
                texts.push(format!(
                    "its head: expected {counted} as the {what}, found {said}"
                ));
            }
        };
        compare(
            "last position",
            self.last_position.into(),
            head.last_position.into(),
        );
        if !self.is_incomplete && self.dropped > 0 {
            let all = self.bytes_left.saturating_add(horizon.bytes);
            let what = "bytes of its records, with those that were trimmed";
            compare(what, all.into(), head.stored_bytes.into());
        }
        if !self.is_incomplete && self.dropped == 0 {
            compare(
                "number of streams",
                self.stream_count.into(),
                head.stream_count.into(),
            );
            compare(
                "bytes of its records",
                self.stored_bytes.into(),
                head.stored_bytes.into(),
            );
            compare(
                "latest timestamp",
                self.latest_ms.into(),
                head.latest_ms.into(),
            );
            compare(
                "late position",
                self.late_position.into(),
                head.late_position.into(),
            );
        }
        texts
    }
}
