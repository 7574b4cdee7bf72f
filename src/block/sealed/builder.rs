//! A sealed block being made, event by event.

use uuid::Uuid;

use super::kept::Kept;
use super::row::Row;
use super::shredder::{KEPT, PAYLOADS, Shredder};
use super::texts::Texts;
use super::{GROUP_ROWS, SHREDDED_BYTES_MAX};
use crate::block::{self, EVENTS};
use crate::event::Event;

/// After so many rows it is settled whether rows are taken apart.
const PROBED_ROWS: usize = 128;

/// Rows with more values, on average, are read more quickly as texts.
const VALUES_MAX: usize = 96;

/// Rows whose values are in more columns are read more quickly as texts.
const LEAVES_MAX: usize = 128;

/// Makes a sealed block of events.
pub struct Builder {
    pub(super) ids: Vec<Uuid>,
    pub(super) times: Vec<i64>,
    pub(super) sequences: Vec<i64>,
    pub(super) backs: Vec<i64>,
    pub(super) streams: Texts,
    pub(super) types: Texts,
    pub(super) has_call: Vec<i64>,
    pub(super) call_events: Vec<i64>,
    pub(super) call_keys: Texts,
    pub(super) way: BuildingWay,
    /// The narrow columns that queries are to have of events that are taken apart, if they are to have such.
    pub(super) columns: Option<Box<block::Builder>>,
    pub(super) shredder: Shredder,
    pub(super) kept: Kept,
    /// How much there was of each thing where a group began.
    pub(super) groups: Vec<Mark>,
}

/// What is done with the texts of rows.
pub(super) enum BuildingWay {
    /// They are taken apart on trial. These are all of them until now.
    Probing(Vec<(String, String)>),
    /// They are taken apart, but for those that are odd.
    Shredding,
    /// They are kept, and summarised.
    Keeping(Box<block::Builder>),
}

/// How much there was where a group began.
#[derive(Debug, Default)]
pub(super) struct Mark {
    pub(super) calls: usize,
    pub(super) kept: usize,
    pub(super) leaves: Vec<usize>,
    pub(super) records: Vec<usize>,
    pub(super) ends: Vec<usize>,
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Builder({} rows)", self.len())
    }
}

impl Builder {
    /// Makes a block without events, which has narrow columns beside the parts of events: codes, numbers and times. A query
    /// that reads one of them reads no part of events.
    #[must_use]
    pub fn with_narrow_columns() -> Self {
        Self {
            columns: Some(Box::new(block::Builder::narrow())),
            ..Self::new()
        }
    }

    /// Makes a block without events.
    #[must_use]
    pub fn new() -> Self {
        Self {
            ids: Vec::new(),
            times: Vec::new(),
            sequences: Vec::new(),
            backs: Vec::new(),
            streams: Texts::default(),
            types: Texts::default(),
            has_call: Vec::new(),
            call_events: Vec::new(),
            call_keys: Texts::default(),
            way: BuildingWay::Probing(Vec::new()),
            columns: None,
            shredder: Shredder::new(),
            kept: Kept::default(),
            groups: Vec::new(),
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

    /// Adds the next event. A block has at most [`EVENTS`] of them: a further one is not taken in.
    pub fn push(&mut self, row: &Row<'_>) {
        if self.len() >= EVENTS {
            return;
        }
        if self.len() == PROBED_ROWS {
            self.settle();
        }
        if self.len().is_multiple_of(GROUP_ROWS) {
            self.groups.push(self.mark());
        }
        self.push_texts(row);
        if let Some(columns) = &mut self.columns {
            columns.push(&event(row.event_type, row, row.payload, row.metadata));
        }
        self.ids.push(row.id);
        self.times.push(row.timestamp_ms);
        self.sequences.push(row.sequence as i64);
        self.backs.push(row.back as i64);
        self.streams.push(row.stream_id.as_bytes());
        self.types.push(row.event_type.as_bytes());
        self.has_call.push(i64::from(row.call.is_some()));
        if let Some((key, events)) = row.call {
            self.call_events.push(events as i64);
            self.call_keys.push(key.as_bytes());
        }
    }

    fn mark(&self) -> Mark {
        let tables = &self.shredder.tables;
        Mark {
            calls: self.call_events.len(),
            kept: self.kept.len(),
            leaves: self
                .shredder
                .leaves
                .iter()
                .map(|it| it.texts.len())
                .collect(),
            records: tables.iter().map(|table| table.records.len()).collect(),
            ends: tables.iter().map(|table| table.ends.len()).collect(),
        }
    }

    fn push_texts(&mut self, row: &Row<'_>) {
        let (payload, metadata) = (row.payload, row.metadata);
        match &mut self.way {
            BuildingWay::Keeping(summary) => {
                self.shredder.push_kept();
                self.kept.push(row.event_type, payload, metadata);
                summary.push(&event(row.event_type, row, payload, metadata));
                return;
            }
            BuildingWay::Probing(texts) => texts.push((payload.to_owned(), metadata.to_owned())),
            BuildingWay::Shredding => {}
        }
        let is_short = payload.len().max(metadata.len()) <= SHREDDED_BYTES_MAX;
        if !is_short {
            self.shredder.push_kept();
        } else if self.shredder.push(payload, metadata).is_ok() {
            return;
        }
        if matches!(self.way, BuildingWay::Shredding) {
            self.kept.push(row.event_type, payload, metadata);
        }
    }

    /// Decides by the rows that there are whether rows are taken apart.
    pub(super) fn settle(&mut self) {
        let BuildingWay::Probing(texts) = &mut self.way else {
            return;
        };
        let texts = std::mem::take(texts);
        self.way = BuildingWay::Shredding;
        let rows = texts.len();
        let leaves = &self.shredder.leaves;
        let values: usize = leaves.iter().map(|leaf| leaf.texts.len()).sum();
        let payloads = &self.shredder.tables[PAYLOADS as usize].records;
        let odd = payloads
            .iter()
            .filter(|shape| u32::from(**shape) == KEPT)
            .count();
        let types: Vec<String> = (0..rows)
            .map(|row| String::from_utf8_lossy(self.types.get(row)).into_owned())
            .collect();
        let is_wide = leaves.len() > LEAVES_MAX || values > rows * VALUES_MAX || odd * 4 > rows;
        if !is_wide {
            let odd: Vec<bool> = payloads
                .iter()
                .map(|shape| u32::from(*shape) == KEPT)
                .collect();
            let odd = texts.iter().zip(&types).zip(odd).filter(|(_, odd)| *odd);
            for (((payload, metadata), event_type), _) in odd {
                self.kept.push(event_type, payload, metadata);
            }
            return;
        }
        let mut summary = Box::new(block::Builder::new());
        self.shredder = Shredder::new();
        for (row, ((payload, metadata), event_type)) in texts.iter().zip(&types).enumerate() {
            self.shredder.push_kept();
            self.kept.push(event_type, payload, metadata);
            let stream_id = String::from_utf8_lossy(self.streams.get(row));
            summary.push(&Event {
                id: self.ids[row],
                instance_id: "",
                stream_id: &stream_id,
                event_type,
                payload,
                metadata,
                timestamp_ms: self.times[row],
                sequence_number: self.sequences[row] as u64,
                position: 0,
            });
        }
        self.groups = vec![Mark::default()];
        self.way = BuildingWay::Keeping(summary);
        self.columns = None;
    }
}

fn event<'a>(event_type: &'a str, row: &Row<'a>, payload: &'a str, metadata: &'a str) -> Event<'a> {
    Event {
        id: row.id,
        instance_id: "",
        stream_id: row.stream_id,
        event_type,
        payload,
        metadata,
        timestamp_ms: row.timestamp_ms,
        sequence_number: row.sequence,
        position: 0,
    }
}
