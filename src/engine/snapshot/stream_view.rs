//! The events of one stream.

use std::ops::{ControlFlow, RangeInclusive};

use redb::TableDefinition;

use super::Snapshot;
use super::events::InstanceEvents;
use super::page::RecordPage;
use crate::engine::Fault;
use crate::engine::journal::StreamHead;
use crate::engine::summary::{Direction, Walk};
use crate::engine::tables::record::{Link, Record};
use crate::engine::tables::schema::{self, StreamValue};

/// How much of a stream is kept on the way back, in bytes of records, so as to be read only once.
const KEPT_BYTES_MAX: usize = 8 << 20;

/// The events of a stream as a snapshot has them. Each record says where its stream's previous
/// event stands, so only the stream's own events are touched.
pub struct StreamView<'snapshot> {
    events: InstanceEvents<'snapshot>,
    stream_id: String,
    head: StreamHead,
}

impl<'snapshot> StreamView<'snapshot> {
    pub(super) fn new(
        snapshot: &'snapshot Snapshot,
        number: u32,
        stream_id: &str,
    ) -> Result<Self, Fault> {
        let mut view = Self {
            events: InstanceEvents::new(snapshot, number)?,
            stream_id: stream_id.to_owned(),
            head: head(snapshot, number, stream_id)?.unwrap_or_default(),
        };
        // The journal may know of events that were appended since.
        while view.head.last_position > view.events.last {
            snapshot.check_wanted()?;
            let StreamHead {
                last_sequence: sequence,
                last_position: position,
            } = view.head;
            let bytes = view.events.copy_one(position)?;
            let record = Record::decode(&bytes, position)?;
            let back = view.checked(position, sequence, &record.link())?;
            view.head = if sequence > 1 {
                StreamHead {
                    last_sequence: sequence - 1,
                    last_position: position - back,
                }
            } else {
                StreamHead::default()
            };
        }
        Ok(view)
    }

    /// Has it end, from now on, with the event of this number, which is at this position.
    pub const fn cut(&mut self, sequence: u64, position: u64) {
        self.head = StreamHead {
            last_sequence: sequence,
            last_position: position,
        };
    }

    /// The position of the last event; 0 if there is none.
    #[must_use]
    pub const fn last_position(&self) -> u64 {
        self.head.last_position
    }

    /// How many events there are.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.head.last_sequence
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.head.last_sequence == 0
    }

    /// Calls `visit` with each event and its position, newest first, until it breaks off or fails.
    ///
    /// # Errors
    ///
    /// What `visit` fails with; a storage fault, or corruption if the chain is broken.
    pub fn each_back<E: From<Fault>>(
        &self,
        mut visit: impl FnMut(u64, &Record<'_>) -> Result<ControlFlow<()>, E>,
    ) -> Result<(), E> {
        self.walk_back(|walk, position, sequence| {
            let mut take = |record: &Record<'_>| {
                let back = self.checked(position, sequence, &record.link())?;
                Ok((visit(position, record)?, back))
            };
            if position <= self.events.in_tables() {
                walk.visit(position, None, &mut take)?
            } else {
                let copied = self.events.copy_one(position)?;
                take(&Record::decode(&copied, position)?)
            }
        })
    }

    /// Calls `visit` with the position of each event, its number in the stream, and how many positions back the one
    /// before it stands, newest first, until it breaks off or fails. What else an event has is not read.
    ///
    /// # Errors
    ///
    /// As [`StreamView::each_back`].
    pub fn links_back<E: From<Fault>>(
        &self,
        mut visit: impl FnMut(u64, u64, u64) -> Result<ControlFlow<()>, E>,
    ) -> Result<(), E> {
        self.walk_back(|walk, position, sequence| {
            let take = |link: &Link<'_>| self.checked(position, sequence, link);
            let back = if position <= self.events.in_tables() {
                walk.visit_link(position, take)??
            } else {
                let copied = self.events.copy_one(position)?;
                take(&Record::decode(&copied, position)?.link())?
            };
            Ok((visit(position, sequence, back)?, back))
        })
    }

    /// Calls `visit` with each event and its position, oldest first, until it fails.
    ///
    /// Where they stand is learned on a walk back. What that walk has met last, up to a bound, has
    /// to be read twice only if the stream is larger than that.
    ///
    /// # Errors
    ///
    /// What `visit` fails with; a storage fault, or corruption if the chain is broken.
    pub fn each_forward<E: From<Fault>>(
        &self,
        visit: impl FnMut(u64, &Record<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.each_forward_in(1..=u64::MAX, visit)
    }

    /// As [`StreamView::each_forward`], with the events alone whose numbers are those: the walk back ends at the first
    /// of them.
    ///
    /// # Errors
    ///
    /// As [`StreamView::each_forward`].
    pub fn each_forward_in<E: From<Fault>>(
        &self,
        sequences: RangeInclusive<u64>,
        mut visit: impl FnMut(u64, &Record<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut kept = RecordPage::default();
        let mut older = Vec::new();
        self.each_back(|position, record| {
            if record.sequence > *sequences.end() {
                return Ok(ControlFlow::Continue(()));
            }
            if older.is_empty() && kept.bytes() + record.bytes() <= KEPT_BYTES_MAX {
                kept.push_record(position, record);
            } else {
                older.push(position);
            }
            Ok::<_, Fault>(if record.sequence > *sequences.start() {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            })
        })?;
        self.events.each(older.into_iter().rev(), &mut visit)?;
        for (position, bytes) in kept.records().rev() {
            self.events.snapshot.check_wanted()?;
            visit(position, &Record::decode(bytes, position)?)?;
        }
        Ok(())
    }

    /// Walks from the newest event to the oldest. `step`, told the position and the number of one, says whether to go on,
    /// and how many positions back.
    fn walk_back<E: From<Fault>>(
        &self,
        mut step: impl FnMut(&mut Walk<'_>, u64, u64) -> Result<(ControlFlow<()>, u64), E>,
    ) -> Result<(), E> {
        let mut walk = self.events.walk(Direction::Down);
        let mut position = self.head.last_position;
        for sequence in (1..=self.head.last_sequence).rev() {
            #[cfg(test)]
            crate::engine::effort::step();
            self.events.snapshot.check_wanted()?;
            let (flow, back) = step(&mut walk, position, sequence)?;
            if flow.is_break() {
                break;
            }
            position -= back;
        }
        Ok(())
    }

    /// How far back the event before this one stands, which is number `sequence` of the stream.
    fn checked(&self, position: u64, sequence: u64, link: &Link<'_>) -> Result<u64, Fault> {
        let is_next = link.stream_id == self.stream_id && link.sequence == sequence;
        let leads_on = match sequence {
            1 => link.back == 0,
            _ => (1..position).contains(&link.back),
        };
        if !is_next || !leads_on {
            let stream_id = &self.stream_id;
            return Err(Fault::Corrupted(format!(
                "the event at position {position} is not number {sequence} of the stream \
                 {stream_id:?}"
            )));
        }
        Ok(link.back)
    }
}

/// Where a stream stands, perhaps after events that the view does not have.
fn head(snapshot: &Snapshot, number: u32, stream_id: &str) -> Result<Option<StreamHead>, Fault> {
    for generation in &snapshot.generations {
        if let Some((_, head)) = generation.segment.records().stream(number, stream_id) {
            return Ok(Some(head));
        }
    }
    let name = schema::streams_table(number);
    let streams = snapshot
        .transaction
        .open_table(TableDefinition::<&str, StreamValue>::new(&name))?;
    let found = streams.get(stream_id)?.map(|guard| guard.value());
    Ok(found.map(|(last_sequence, last_position)| StreamHead {
        last_sequence,
        last_position,
    }))
}
