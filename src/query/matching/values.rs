//! What the rows of a chunk hold in a field.

use super::chunk::{Chunk, Events, Known};
use super::places::Places;
use crate::block::{ABSENT, Cell, Column, ColumnBuilder, FIRST_VALUE, NUMBER, Stored, UNREAD};
use crate::error::Error;
use crate::event::Event;
use crate::json::{self, Kind};
use crate::query::grammar::event_key::EventKey;
use crate::query::grammar::field::Field;
use crate::query::grammar::fold::Fold;
use crate::query::grammar::reduction::Reduction;
use crate::query::value::found::Found;

/// The longest text that is kept of a value, in bytes. A longer one is read again from its event
/// when it is needed, so that a chunk of large values needs no memory for all of them at once.
const TEXT_BYTES_MAX: usize = 4_096;

/// A field, and what is to be known of it.
#[derive(Clone, Copy, Debug)]
pub(in crate::query) struct Need<'q> {
    pub(in crate::query) field: &'q Field,
    pub(in crate::query) purpose: Purpose,
}

/// What the values of a field are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::query) enum Purpose {
    /// To be told apart, or written.
    Whole,
    /// To be sorted. Arrays tie among themselves, as objects do.
    Order,
    /// To be added up. What is no number does not matter.
    Number,
    /// To be counted: is there a value that is not null?
    Presence,
}

/// What the rows of a chunk hold in a field. Rows that were not asked for may hold anything.
#[derive(Debug)]
pub(in crate::query) enum RowValues {
    Column(Column),
    /// Milliseconds since the epoch.
    Times(Vec<i64>),
    /// Where the events stand.
    Positions(Places),
}

impl RowValues {
    /// What the rows of a chunk hold in a field, as far as its summary knows; `None` where the events have to be read.
    pub(in crate::query) fn of_chunk<C: Chunk>(
        field: &Field,
        chunk: &C,
    ) -> Result<Option<Self>, C::Fault> {
        match field.key() {
            EventKey::Timestamp => return Ok(chunk.times()?.map(Self::Times)),
            EventKey::Position => return Ok(Some(Self::Positions(Places::of_chunk(chunk)))),
            _ => {}
        }
        Ok(match field.column_of(chunk)? {
            Known::Stored(Stored::Column(column)) => Some(Self::Column(column)),
            _ => None,
        })
    }

    /// How much memory they take beside their own place, in bytes, or nearly so.
    pub(super) fn memory_bytes(&self) -> usize {
        match self {
            Self::Column(column) => column.memory_bytes(),
            Self::Times(times) => times.capacity() * size_of::<i64>(),
            Self::Positions(_) => 0,
        }
    }

    /// What `row` holds, or `None` where its event has to be read.
    pub(in crate::query) fn found(&self, row: usize) -> Option<Found<'_>> {
        match self {
            Self::Column(column) => match column.cell(row) {
                Cell::Absent => Some(Found::Absent),
                Cell::Unread => None,
                Cell::Number(number) => Some(Found::Number(number)),
                Cell::Json(raw) => Some(Found::Json(raw)),
            },
            Self::Times(times) => times.get(row).map(|ms| Found::Time(*ms)),
            Self::Positions(places) => Some(Found::Whole(places.of(row))),
        }
    }
}

/// Gathers values from events.
#[derive(Debug)]
pub(in crate::query) struct Gathering<'q> {
    need: Need<'q>,
    held: HeldValues,
    text: String,
}

#[derive(Debug)]
enum HeldValues {
    Column(ColumnBuilder),
    Times(Vec<i64>),
}

impl<'q> Gathering<'q> {
    pub(in crate::query) fn new(need: Need<'q>, rows: usize) -> Self {
        let held = if need.field.key() == EventKey::Timestamp {
            HeldValues::Times(vec![0; rows])
        } else {
            HeldValues::Column(ColumnBuilder::new())
        };
        Self {
            need,
            held,
            text: String::new(),
        }
    }

    /// Takes what `event`, which is that of `row`, holds. Rows come in ascending order.
    pub(in crate::query) fn push(&mut self, row: usize, event: &Event<'_>) {
        match (&mut self.held, self.need.field.find(event)) {
            (HeldValues::Times(times), Found::Time(ms)) => {
                if let Some(time) = times.get_mut(row) {
                    *time = ms;
                }
            }
            (HeldValues::Column(column), Found::Json(raw)) => {
                push_json(column, row, raw, self.need.purpose);
            }
            (HeldValues::Times(_), _) | (HeldValues::Column(_), Found::Absent) => {}
            (HeldValues::Column(column), found) => {
                self.text.clear();
                found.write_json(&mut self.text);
                column.push(row, &self.text);
            }
        }
    }

    pub(in crate::query) fn finish(self, rows: usize) -> RowValues {
        match self.held {
            HeldValues::Column(column) => RowValues::Column(column.finish(rows)),
            HeldValues::Times(times) => RowValues::Times(times),
        }
    }
}

/// Keeps of a value what its purpose needs.
fn push_json(column: &mut ColumnBuilder, row: usize, raw: &str, purpose: Purpose) {
    let kind = Kind::of(raw);
    let kept = match (purpose, kind) {
        (Purpose::Number, Kind::Number) => raw,
        (Purpose::Number, _) => return,
        (Purpose::Presence, Kind::Null) => "null",
        (Purpose::Presence, _) => "true",
        (Purpose::Order, Kind::Array) => "[]",
        (Purpose::Order, Kind::Object) => "{}",
        (Purpose::Order | Purpose::Whole, _) => raw,
    };
    if kept.len() > TEXT_BYTES_MAX {
        column.push_unread(row);
    } else {
        column.push(row, kept);
    }
}

impl<'q> Need<'q> {
    pub(in crate::query) const fn new(field: &'q Field, purpose: Purpose) -> Self {
        Self { field, purpose }
    }

    /// Makes what is known enough for another purpose as well.
    fn widen(&mut self, purpose: Purpose) {
        if self.purpose != purpose {
            self.purpose = Purpose::Whole;
        }
    }
}

impl Reduction {
    /// What has to be known of the fields of the aggregates, each field once, and which of these needs each aggregate
    /// has, if it has one.
    pub(in crate::query) fn needs(&self) -> (Vec<Need<'_>>, Vec<Option<usize>>) {
        let mut needs: Vec<Need<'_>> = Vec::new();
        let of_each = self.aggregates.iter().map(|named| {
            let field = named.field.as_ref()?;
            let purpose = match named.fold {
                Fold::Count => Purpose::Presence,
                fold if fold.is_of_numbers() => Purpose::Number,
                _ => Purpose::Whole,
            };
            if let Some(at) = needs.iter().position(|need| need.field == field) {
                needs[at].widen(purpose);
                return Some(at);
            }
            needs.push(Need::new(field, purpose));
            Some(needs.len() - 1)
        });
        let of_each = of_each.collect();
        (needs, of_each)
    }
}

/// What the matching rows of a chunk hold, one field for each of a query's needs.
#[derive(Debug)]
pub(in crate::query) struct Table<'a> {
    pub(in crate::query) needs: &'a [Need<'a>],
    pub(in crate::query) values: &'a [RowValues],
}

impl Table<'_> {
    /// Calls `then` with what `row` holds for the need of that number. Its event is at `place`.
    pub(in crate::query) fn one<E: Events>(
        &self,
        need: usize,
        row: usize,
        place: u64,
        events: &E,
        mut then: impl FnMut(Found<'_>) -> Result<(), Error>,
    ) -> Result<(), E::Fault> {
        if let Some(found) = self.values.get(need).and_then(|values| values.found(row)) {
            return Ok(then(found)?);
        }
        events.read(&[place], &mut |event| {
            let need = self.needs.get(need);
            then(need.map_or(Found::Absent, |need| need.field.find(event)))
        })
    }

    /// Calls `then` with what `row` holds, need by need. Its event is at `place`.
    pub(in crate::query) fn at<E: Events>(
        &self,
        row: usize,
        place: u64,
        events: &E,
        mut then: impl for<'f> FnMut(&dyn Fn(usize) -> Found<'f>) -> Result<(), Error>,
    ) -> Result<(), E::Fault> {
        let known = |at: usize| self.values.get(at).and_then(|values| values.found(row));
        if (0..self.values.len()).all(|at| known(at).is_some()) {
            return Ok(then(&|at| known(at).unwrap_or(Found::Absent))?);
        }
        events.read(&[place], &mut |event| {
            then(&|at| {
                let read = || self.needs.get(at).map(|need| need.field.find(event));
                known(at).or_else(read).unwrap_or(Found::Absent)
            })
        })
    }
}

/// The numbers of a column, each text read once.
#[derive(Debug)]
pub(in crate::query) struct Numbers<'v> {
    column: &'v Column,
    by_value: Vec<Option<f64>>,
    /// The number of each row, where no row has anything else, and no text is read for it.
    plain: Option<&'v [f64]>,
}

impl<'v> Numbers<'v> {
    pub(in crate::query) fn of(values: &'v RowValues) -> Option<Self> {
        let RowValues::Column(column) = values else {
            return None;
        };
        let number = |raw: &str| (Kind::of(raw) == Kind::Number).then(|| json::number(raw));
        let by_value = column.values().iter().map(number).collect();
        // Without a way out of the loop, it looks at several codes at once.
        let codes = column.codes().iter();
        let is_plain = codes.fold(true, |all, code| all & (*code == NUMBER));
        Some(Self {
            column,
            by_value,
            plain: is_plain.then(|| column.numbers()),
        })
    }

    /// The number of each row, where no row has anything else, and no text is read for it.
    pub(in crate::query) const fn plain(&self) -> Option<&'v [f64]> {
        self.plain
    }

    /// The row's number, or that it has none; `None` where its event has to be read.
    pub(in crate::query) fn at(&self, row: usize) -> Option<Option<f64>> {
        if let Some(plain) = self.plain {
            return plain.get(row).map(|number| Some(*number));
        }
        match self.column.codes().get(row).copied()? {
            ABSENT => Some(None),
            UNREAD => None,
            NUMBER => self.column.numbers().get(row).map(|number| Some(*number)),
            code => self.by_value.get(usize::from(code - FIRST_VALUE)).copied(),
        }
    }
}
