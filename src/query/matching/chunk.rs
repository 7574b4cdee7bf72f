//! What a query is run over: the events of a log, some thousands at a time.

use super::rows::Rows;
use crate::block::{ColumnKey, Overview, Stored};
use crate::error::Error;
use crate::event::Event;

/// Events that follow each other, as rows from 0 on, with what is known of them without reading
/// them.
pub trait Chunk {
    /// Why reading can fail.
    type Fault: From<Error>;

    /// How many rows there are.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The place of a row's event in the log. Later rows have higher places.
    fn place(&self, row: usize) -> u64;

    /// Whether each row's event stands one place after that of the row before.
    fn is_in_a_row(&self) -> bool {
        false
    }

    /// Whether all events are known to be of the stream that is asked for, if one is.
    fn is_of_stream(&self) -> bool {
        false
    }

    /// The rows that can match, if others are known not to.
    fn candidates(&self) -> Option<&Rows> {
        None
    }

    /// Whether some of the other rows count for nothing, although they may match by what is known of all rows.
    fn has_rows_out(&self) -> bool {
        false
    }

    /// What is known of all rows, if anything is.
    fn overview(&self) -> Option<Overview<'_>>;

    /// The column, as far as there is one.
    ///
    /// # Errors
    ///
    /// A fault in reading it.
    fn column(&self, key: &ColumnKey<'_>) -> Result<Known, Self::Fault>;

    /// As [`Chunk::column`]. Values that have none of these parts in their JSON text may be left out of it: their rows are as
    /// if they had nothing.
    ///
    /// # Errors
    ///
    /// As [`Chunk::column`].
    fn column_seeking(&self, key: &ColumnKey<'_>, _parts: &[&str]) -> Result<Known, Self::Fault> {
        self.column(key)
    }

    /// The time of each row in milliseconds since the epoch, if there is a column of them.
    ///
    /// # Errors
    ///
    /// A fault in reading them.
    fn times(&self) -> Result<Option<Vec<i64>>, Self::Fault>;

    /// Calls `visit` with each of the rows and its event, in ascending order, until it fails.
    ///
    /// # Errors
    ///
    /// What `visit` fails with; a fault in reading.
    fn visit(&self, rows: &Rows, visit: RowVisitor<'_, Self::Fault>) -> Result<(), Self::Fault>;
}

/// The events of the log, by their places.
pub trait Events {
    /// Why reading can fail.
    type Fault: From<Error>;

    /// Calls `visit` with the events at these places, in that order, until it fails.
    ///
    /// # Errors
    ///
    /// What `visit` fails with; a fault in reading.
    fn read(&self, places: &[u64], visit: EventVisitor<'_>) -> Result<(), Self::Fault>;
}

/// What is called with events.
pub type EventVisitor<'v> = &'v mut dyn FnMut(&Event<'_>) -> Result<(), Error>;

/// What is called with rows and their events.
pub type RowVisitor<'v, F> = &'v mut dyn FnMut(usize, &Event<'_>) -> Result<(), F>;

/// What is known of a column.
#[derive(Debug)]
pub enum Known {
    /// What it has stored.
    Stored(Stored),
    /// Nothing: the events have to be read.
    Nothing,
}
