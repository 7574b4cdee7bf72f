//! A block being made, event by event.

use super::body::{Body, Candidate};
use super::column::FIRST_VALUE;
use super::column_builder::ColumnBuilder;
use super::directory::Directory;
use super::encoded::Encoded;
use super::key::ColumnKey;
use super::path_column::PathColumn;
use super::shredder::Shredder;
use super::{BODY_SHARE, EVENTS, NARROW_SHARE};
use crate::event::Event;
use crate::json;

/// Makes a block of events.
#[derive(Debug)]
pub struct Builder {
    directory: Directory,
    /// Bytes of all texts of all events.
    bytes: usize,
    times: Vec<i64>,
    event_types: ColumnBuilder,
    last_type: String,
    stream_ids: ColumnBuilder,
    sequences: ColumnBuilder,
    shredder: Shredder,
    /// A string as JSON, for as long as it takes to push it.
    quoted: String,
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}

impl Builder {
    /// Makes a block without events.
    #[must_use]
    pub fn new() -> Self {
        Self {
            directory: Directory {
                is_time_sorted: true,
                ..Directory::default()
            },
            bytes: 0,
            times: Vec::new(),
            event_types: ColumnBuilder::new(),
            last_type: String::new(),
            stream_ids: ColumnBuilder::new(),
            sequences: ColumnBuilder::new(),
            shredder: Shredder::new(),
            quoted: String::new(),
        }
    }

    /// Makes a block without events, which is to have [narrow columns](Self::finish_narrow) alone.
    pub(super) fn narrow() -> Self {
        Self {
            shredder: Shredder::narrow(),
            ..Self::new()
        }
    }

    /// How many events have been pushed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Whether no events have been pushed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// How many bytes the texts of all events have.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds the next event. A block has at most [`EVENTS`] of them: a further one is not taken in.
    pub fn push(&mut self, event: &Event<'_>) {
        let row = self.times.len();
        if row >= EVENTS {
            return;
        }
        self.push_bounds(event);
        self.times.push(event.timestamp_ms);
        if self.last_type == event.event_type && row > 0 {
            self.event_types.push_again(row);
        } else {
            self.last_type.clear();
            self.last_type.push_str(event.event_type);
            self.quoted.clear();
            json::write_string(&mut self.quoted, event.event_type);
            self.event_types.push_text(row, &self.quoted);
        }
        self.quoted.clear();
        json::write_string(&mut self.quoted, event.stream_id);
        self.stream_ids.push_text(row, &self.quoted);
        self.push_sequence(row, event.sequence_number);
        // EVENTS is less than 65,536.
        let row = row as u16;
        let (payload, metadata) = (event.payload, event.metadata);
        if self.shredder.push(row, payload, metadata).is_err() {
            self.directory.opaque.push(row);
        }
        let header = event.event_type.len() + event.stream_id.len();
        self.bytes += header + payload.len() + metadata.len();
    }

    fn push_bounds(&mut self, event: &Event<'_>) {
        let directory = &mut self.directory;
        let time = event.timestamp_ms;
        let Some(last) = self.times.last() else {
            (directory.min_time, directory.max_time) = (time, time);
            (directory.min_id, directory.max_id) = (event.id, event.id);
            return;
        };
        directory.is_time_sorted &= *last <= time;
        directory.min_time = directory.min_time.min(time);
        directory.max_time = directory.max_time.max(time);
        directory.min_id = directory.min_id.min(event.id);
        directory.max_id = directory.max_id.max(event.id);
    }

    #[expect(clippy::cast_precision_loss, reason = "larger ones are kept as text")]
    fn push_sequence(&mut self, row: usize, sequence: u64) {
        if sequence < 1 << f64::MANTISSA_DIGITS {
            self.sequences.push_number(row, sequence as f64);
        } else {
            self.sequences.push_text(row, &sequence.to_string());
        }
    }

    /// The block as bytes.
    #[must_use]
    pub fn finish(self) -> Encoded {
        let room = self.bytes / BODY_SHARE;
        self.finish_within(room)
    }

    /// The block as bytes, with as many columns as there is room for.
    pub(super) fn finish_within(self, room: usize) -> Encoded {
        let body = Body::new(self.times.len(), room);
        self.finish_in(body)
    }

    /// The block as bytes, with narrow columns alone: of what it does not have, there are columns elsewhere.
    pub(super) fn finish_narrow(self) -> Encoded {
        let body = Body::new(self.times.len(), self.bytes / NARROW_SHARE);
        self.finish_in(body.narrow())
    }

    fn finish_in(mut self, mut body: Body) -> Encoded {
        let mut directory = self.directory;
        let rows = self.times.len();
        directory.rows = rows;
        directory.types = types_of(&self.event_types);
        body.put_times(&self.times);
        for (key, column) in [
            (ColumnKey::EventType, self.event_types),
            (ColumnKey::Sequence, self.sequences),
        ] {
            body.put(&Candidate::new(
                key.name(),
                PathColumn::Values(column),
                rows,
            ));
        }
        let stream_ids = PathColumn::Values(self.stream_ids);
        let mut candidates = vec![Candidate::new(ColumnKey::StreamId.name(), stream_ids, rows)];
        for (path, column) in self.shredder.columns.iter_mut().enumerate() {
            let Some(name) = self.shredder.paths.name(path as u32) else {
                continue;
            };
            if matches!(column, PathColumn::Wide) {
                body.leave_out(name);
                continue;
            }
            candidates.push(Candidate::new(name, std::mem::take(column), rows));
        }
        body.put_cheapest(candidates);
        body.finish(directory, self.shredder.paths.is_complete())
    }
}

/// The event types and how many events are of each.
fn types_of(column: &ColumnBuilder) -> Vec<(Box<str>, u32)> {
    let text = |raw| json::Text::decode(raw).to_string_lossy().into();
    let mut types: Vec<(Box<str>, u32)> =
        column.values().iter().map(|raw| (text(raw), 0)).collect();
    for (_, code) in column.entries() {
        if let Some((_, count)) = types.get_mut(usize::from(code - FIRST_VALUE)) {
            *count += 1;
        }
    }
    types
}
