//! What a sealed block tells queries of its events, compared with what they say.

use crate::block::{Builder, Cell, Column, ColumnFacts, ColumnKey, Stored};
use crate::engine::Fault;
use crate::engine::summary::SealedBlock;
use crate::engine::tables::record::Record;
use crate::json::{self, Key, Kind, Text};

/// The columns of a block, to be compared row by row.
pub(super) struct ColumnCheck {
    paths: Vec<PathColumn>,
    types: Column,
    streams: Column,
    sequences: Column,
    times: Vec<i64>,
    /// Makes the summary that a block has of events that are kept as texts, if it has one.
    summary: Option<Builder>,
    differs: bool,
}

struct PathColumn {
    metadata: bool,
    path: Vec<Key>,
    facts: ColumnFacts,
    column: Column,
    seen: Seen,
}

/// What the events have at a path.
#[derive(Default)]
struct Seen {
    kinds: Vec<Kind>,
    numbers: Option<(f64, f64)>,
}

impl Seen {
    fn add(&mut self, kind: Kind, raw: &str) {
        if !self.kinds.contains(&kind) {
            self.kinds.push(kind);
        }
        if kind == Kind::Number {
            let number = json::number(raw);
            let (low, high) = self.numbers.unwrap_or((number, number));
            self.numbers = Some((low.min(number), high.max(number)));
        }
    }
}

impl ColumnCheck {
    /// Reads all columns of a block.
    pub(super) fn of(sealed: &SealedBlock<'_>) -> Result<Self, Fault> {
        let column = |key: &ColumnKey<'_>| {
            Ok::<_, Fault>(match sealed.column(key)? {
                Some(Stored::Column(column)) => column,
                Some(Stored::Prints(_)) | None => Column::default(),
            })
        };
        let mut paths = Vec::new();
        for (metadata, keys) in sealed.column_keys() {
            let keys: Vec<&str> = keys.iter().map(|key| &**key).collect();
            let key = ColumnKey::Path {
                metadata,
                keys: &keys,
            };
            let step = |key: &&str| Key::new(Text::from((*key).to_owned()));
            paths.push(PathColumn {
                metadata,
                path: keys.iter().map(step).collect(),
                facts: sealed.overview().find(&key),
                column: column(&key)?,
                seen: Seen::default(),
            });
        }
        Ok(Self {
            paths,
            types: column(&ColumnKey::EventType)?,
            streams: column(&ColumnKey::StreamId)?,
            sequences: column(&ColumnKey::Sequence)?,
            times: sealed.times()?,
            summary: sealed.has_summary().then(Builder::new),
            differs: false,
        })
    }

    /// Compares what is told of a row with its event.
    pub(super) fn compare(&mut self, row: usize, record: &Record<'_>) {
        let quoted = |text: &str| {
            let mut quoted = String::new();
            json::write_string(&mut quoted, text);
            quoted
        };
        let is_same = self.times.get(row) == Some(&record.timestamp_ms)
            && says(&self.types, row, Some(&quoted(record.event_type)))
            && says(&self.streams, row, Some(&quoted(record.stream_id)))
            && says(&self.sequences, row, Some(&record.sequence.to_string()))
            && self.paths.iter_mut().all(|path| path.is_of(row, record));
        self.differs |= !is_same;
        if let Some(summary) = &mut self.summary {
            summary.push(&record.event("", 0));
        }
    }

    /// Whether the block tells of all its events, each of which was compared, what they say.
    pub(super) fn finish(self, sealed: &SealedBlock<'_>) -> Result<bool, Fault> {
        let is_summarised = match self.summary {
            Some(summary) => sealed.is_summarised_by(summary)?,
            None => true,
        };
        let are_exact = self.paths.iter().all(PathColumn::is_exact);
        Ok(!self.differs && are_exact && is_summarised)
    }
}

impl PathColumn {
    /// Whether the facts say no more than there is. Nothing would be answered wrongly for it, but that is not what was
    /// written.
    fn is_exact(&self) -> bool {
        match self.facts {
            ColumnFacts::Column(traits) if !traits.has_unread() => {
                traits.numbers() == self.seen.numbers
                    && Kind::ALL
                        .iter()
                        .all(|kind| !traits.has(*kind) || self.seen.kinds.contains(kind))
            }
            _ => true,
        }
    }

    fn is_of(&mut self, row: usize, record: &Record<'_>) -> bool {
        let text = if self.metadata {
            record.metadata
        } else {
            record.payload
        };
        let found = json::lookup(text, &self.path);
        if self.column.cell(row) == Cell::Unread {
            return match self.facts {
                ColumnFacts::Column(traits) => traits.has_unread(),
                ColumnFacts::Absent | ColumnFacts::Unknown => true,
            };
        }
        let fits = match (self.facts, found) {
            (ColumnFacts::Unknown, _) | (ColumnFacts::Absent, None) => true,
            (ColumnFacts::Absent, Some(_)) => false,
            (ColumnFacts::Column(traits), None) => traits.has_absent(),
            (ColumnFacts::Column(traits), Some(raw)) => {
                let kind = Kind::of(raw);
                self.seen.add(kind, raw);
                let is_within = |(low, high)| (low..=high).contains(&json::number(raw));
                traits.has(kind)
                    && (kind != Kind::Number || traits.numbers().is_some_and(is_within))
            }
        };
        fits && says(&self.column, row, found)
    }
}

/// Whether a column says that of a row, or that the event has to be read.
fn says(column: &Column, row: usize, expected: Option<&str>) -> bool {
    match column.cell(row) {
        Cell::Unread => true,
        Cell::Absent => expected.is_none(),
        Cell::Json(raw) => expected == Some(raw),
        Cell::Number(number) => {
            let mut raw = String::new();
            json::write_number(&mut raw, number);
            expected == Some(&*raw)
        }
    }
}
