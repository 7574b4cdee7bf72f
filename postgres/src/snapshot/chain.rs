//! The events of one stream, by their sequence numbers.

use std::ops::{ControlFlow, RangeInclusive};

use codebolt_eventlog::engine::{Fault, Record};
use codebolt_eventlog::seam::{EventChain, LinkVisitor, Visitor};

use super::Snapshot;
use crate::rows::{PageSize, STREAM_EVENTS, record_of};

const END: &str = "SELECT sequence, position FROM events WHERE instance = $1 AND stream = $2 \
     ORDER BY sequence DESC LIMIT 1";

/// The events of a stream as a snapshot has them.
pub(super) struct Chain<'snapshot> {
    snapshot: &'snapshot Snapshot,
    number: u32,
    stream_id: String,
    len: u64,
    last_position: u64,
}

impl<'snapshot> Chain<'snapshot> {
    pub(super) fn new(
        snapshot: &'snapshot Snapshot,
        number: u32,
        stream_id: &str,
    ) -> Result<Self, Fault> {
        let rows = snapshot.rows(END, &[&(number as i32), &stream_id.as_bytes()])?;
        let end = rows
            .first()
            .map_or((0, 0), |row| (row.get::<_, i64>(0), row.get::<_, i64>(1)));
        Ok(Self {
            snapshot,
            number,
            stream_id: stream_id.to_owned(),
            len: end.0 as u64,
            last_position: end.1 as u64,
        })
    }

    /// Calls `visit` with the events from one number to another one, backwards if so.
    fn visit(
        &self,
        sequences: RangeInclusive<u64>,
        backwards: bool,
        visit: Visitor<'_>,
    ) -> Result<(), Fault> {
        let (mut low, mut high) = (*sequences.start().max(&1), *sequences.end().min(&self.len));
        let mut size = PageSize::default();
        while low <= high {
            let (from, to) = if backwards {
                (low.max((high + 1).saturating_sub(size.events())), high)
            } else {
                (low, high.min(low + size.events() - 1))
            };
            let stream_id = self.stream_id.as_bytes();
            let rows = self.snapshot.rows(
                STREAM_EVENTS,
                &[
                    &(self.number as i32),
                    &stream_id,
                    &(from as i64),
                    &(to as i64),
                ],
            )?;
            let mut ascending = rows.iter();
            for step in 0..=to - from {
                let (sequence, row) = if backwards {
                    (to - step, ascending.next_back())
                } else {
                    (from + step, ascending.next())
                };
                let found = row.map(record_of).transpose()?;
                let Some((position, record)) =
                    found.filter(|(_, record)| record.sequence == sequence)
                else {
                    let text = format!(
                        "event {sequence} of the stream {:?} is missing",
                        self.stream_id
                    );
                    return Err(Fault::Corrupted(text));
                };
                if visit(position, &record)?.is_break() {
                    return Ok(());
                }
            }
            size.learn(&rows);
            if backwards {
                high = from - 1;
            } else {
                low = to + 1;
            }
        }
        Ok(())
    }
}

impl EventChain for Chain<'_> {
    fn len(&self) -> u64 {
        self.len
    }

    fn last_position(&self) -> u64 {
        self.last_position
    }

    fn cut(&mut self, sequence: u64, position: u64) {
        (self.len, self.last_position) = (sequence, position);
    }

    fn each_back(&self, visit: Visitor<'_>) -> Result<(), Fault> {
        self.visit(1..=self.len, true, visit)
    }

    fn links_back(&self, visit: LinkVisitor<'_>) -> Result<(), Fault> {
        self.visit(1..=self.len, true, &mut |position, record| {
            visit(position, record.sequence, record.back)
        })
    }

    fn each_forward(
        &self,
        sequences: RangeInclusive<u64>,
        visit: &mut dyn FnMut(u64, &Record<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.visit(sequences, false, &mut |position, record| {
            visit(position, record)?;
            Ok(ControlFlow::Continue(()))
        })
    }
}
