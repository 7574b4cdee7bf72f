//! Checking a whole log: that what stands beside the events is what they say.

use std::collections::HashMap;
use std::ops::ControlFlow;

use codebolt_eventlog::engine::{Fault, Head, Horizon, Problem, Record, Report, Sieve};
use codebolt_eventlog::error::Error;
use codebolt_eventlog::progress::Progress;
use codebolt_eventlog::seam::ReadSnapshot;

use crate::blocks::Maker;
use crate::memory::StreamEnd;
use crate::snapshot::Snapshot;

/// How many problems a report tells.
const PROBLEMS_MAX: usize = 100;

/// How an instance stands by what its events say.
struct Tally {
    streams: HashMap<String, StreamEnd>,
    head: Head,
    /// How many events are left, and of how many streams one is.
    events_left: u64,
    streams_left: u64,
    /// How many events are out between those that are left.
    between: u64,
    /// The bytes of the records that are left.
    bytes_left: u64,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            streams: HashMap::new(),
            events_left: 0,
            streams_left: 0,
            between: 0,
            bytes_left: 0,
            head: Head {
                last_position: 0,
                stream_count: 0,
                stored_bytes: 0,
                updated_at_ms: 0,
                latest_ms: i64::MIN,
                late_position: 0,
            },
        }
    }
}

/// Checks everything that a snapshot has.
pub(crate) fn verify(snapshot: &Snapshot, progress: &Progress) -> Result<Report, Error> {
    let mut report = Report::default();
    let block_events = snapshot.block_size().0;
    let instances = snapshot.instances()?;
    progress.expect(
        instances
            .iter()
            .map(|instance| instance.head.last_position)
            .sum(),
    );
    for instance in instances {
        report.instances += 1;
        let number = snapshot.find(&instance.id)?;
        let mut tally = Tally::default();
        let out = Out::of(snapshot, number)?;
        let chunks = snapshot.chunks(number)?;
        let mut positions = 1..=instance.head.last_position;
        let mut maker = Maker::default();
        let visited = chunks.each(&mut positions, &mut |position, record| {
            progress.check()?;
            progress.advance(1);
            if let Some(text) = tally.add(position, record, &out)? {
                add(&mut report, (&instance.id, Some(position)), text);
            }
            maker.push(record);
            if position % block_events == 0 {
                let block = (position / block_events - 1) as u32;
                let maker = std::mem::take(&mut maker);
                if !is_summary_right(snapshot, (number, block), maker)? {
                    let text = format!("the summary of block {block} is not what was written");
                    add(&mut report, (&instance.id, None), text);
                }
            }
            Ok(ControlFlow::Continue(()))
        });
        match visited {
            Ok(()) => {}
            Err(Fault::Corrupted(text)) => add(&mut report, (&instance.id, None), text),
            Err(fault) => return Err(fault.into()),
        }
        tally.head.updated_at_ms = instance.head.updated_at_ms;
        if tally.head != instance.head {
            let text = format!(
                "expected the head {:?}, found {:?}",
                tally.head, instance.head
            );
            add(&mut report, (&instance.id, None), text);
        }
        if tally.between != out.horizon.between {
            let text = format!(
                "expected {} trimmed events between those that are left, found {}",
                tally.between, out.horizon.between
            );
            add(&mut report, (&instance.id, None), text);
        }
        report.streams += tally.streams_left;
        report.events += tally.events_left;
        report.bytes += tally.bytes_left;
    }
    Ok(report)
}

/// Whether what the table has of a block, if it has anything, is what is made of its events.
fn is_summary_right(
    snapshot: &Snapshot,
    (number, block): (u32, u32),
    maker: Maker,
) -> Result<bool, Fault> {
    match maker.finish(snapshot.log(), (number, block), snapshot.block_size()) {
        Some((made, _)) => snapshot.has_no_other_summary(number, block, &made),
        None => Ok(true),
    }
}

/// The events of an instance that are out.
struct Out<'a> {
    snapshot: &'a Snapshot,
    number: u32,
    horizon: Horizon,
    sieve: Sieve,
}

impl<'a> Out<'a> {
    fn of(snapshot: &'a Snapshot, number: u32) -> Result<Self, Fault> {
        let horizon = Horizon::of_state(snapshot.state(number, Horizon::STATE)?)?;
        let sieve = match horizon.between {
            0 => Sieve::default(),
            _ => Sieve::read(&mut |name| snapshot.state(number, name))?,
        };
        Ok(Self {
            snapshot,
            number,
            horizon,
            sieve,
        })
    }

    /// Whether the event at a position is one.
    fn has(&self, position: u64) -> Result<bool, Fault> {
        let mut state = |name: &str| self.snapshot.state(self.number, name);
        Ok(position <= self.horizon.position || self.sieve.is_out(position, &mut state)?)
    }
}

impl Tally {
    /// Adds an event, which counts if it is not out. Returns what is wrong with it.
    fn add(
        &mut self,
        position: u64,
        record: &Record<'_>,
        out: &Out<'_>,
    ) -> Result<Option<String>, Fault> {
        let bytes = record.bytes() as u64;
        self.head.stored_bytes += bytes;
        if out.has(position)? {
            self.between += u64::from(position > out.horizon.position);
        } else {
            let is_first = record.back == 0 || out.has(position.saturating_sub(record.back))?;
            self.events_left += 1;
            self.streams_left += u64::from(is_first);
            self.bytes_left += bytes;
        }
        let end = self.streams.entry(record.stream_id.to_owned()).or_default();
        self.head.add_event(record.timestamp_ms, end.sequence == 0);
        let previous = if record.back == 0 {
            0
        } else {
            position - record.back
        };
        let found = (record.sequence, previous);
        let expected = (end.sequence + 1, end.position);
        *end = StreamEnd {
            sequence: record.sequence,
            position,
        };
        Ok((found != expected).then(|| {
            format!(
                "expected event {} of its stream, after position {}, found {} after {}",
                expected.0, expected.1, found.0, found.1
            )
        }))
    }
}

fn add(report: &mut Report, (instance_id, position): (&str, Option<u64>), text: String) {
    report.problem_count += 1;
    if report.problems.len() < PROBLEMS_MAX {
        report.problems.push(Problem {
            instance_id: Some(instance_id.to_owned()),
            position,
            text,
        });
    }
}
