//! The directory of a block: what its events have in common, and where its columns are.

use uuid::Uuid;

use super::codec;
use super::column::{Column, Stored};
use super::column_builder::ColumnBuilder;
use super::column_index::ColumnIndex;
use super::key::ColumnKey;
use super::place::{ColumnForm, ColumnPlace, Finding};
use super::print::PRINT_UNREAD;
use crate::timestamp;

/// What is known of a block without reading its columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Directory {
    pub(super) rows: usize,
    pub(super) min_time: i64,
    pub(super) max_time: i64,
    pub(super) is_time_sorted: bool,
    pub(super) min_id: Uuid,
    pub(super) max_id: Uuid,
    pub(super) types: Vec<(Box<str>, u32)>,
    /// Ascending.
    pub(super) opaque: Vec<u16>,
    pub(super) columns: ColumnIndex,
}

impl Directory {
    /// How many events the block has.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rows
    }

    /// Whether the block has no events.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The lowest timestamp, in milliseconds since the epoch.
    #[must_use]
    pub const fn min_time(&self) -> i64 {
        self.min_time
    }

    /// The highest timestamp, in milliseconds since the epoch.
    #[must_use]
    pub const fn max_time(&self) -> i64 {
        self.max_time
    }

    /// Whether no event has a lower timestamp than the one before it.
    #[must_use]
    pub const fn is_time_sorted(&self) -> bool {
        self.is_time_sorted
    }

    /// The lowest event id.
    #[must_use]
    pub const fn min_id(&self) -> Uuid {
        self.min_id
    }

    /// The highest event id.
    #[must_use]
    pub const fn max_id(&self) -> Uuid {
        self.max_id
    }

    /// The event types, and how many events are of each, in the order of their first events.
    #[must_use]
    pub fn types(&self) -> &[(Box<str>, u32)] {
        &self.types
    }

    /// How much memory it takes, in bytes, or nearly so.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let of_type = |(name, _): &(Box<str>, u32)| size_of::<(Box<str>, u32)>() + name.len();
        size_of::<Self>()
            + self.types.iter().map(of_type).sum::<usize>()
            + size_of_val(&*self.opaque)
            + self.columns.memory_bytes()
    }

    /// Whether there are opaque rows, of which no path's column says anything.
    #[must_use]
    pub const fn has_opaque_rows(&self) -> bool {
        !self.opaque.is_empty()
    }

    /// What the block knows of `key`.
    #[must_use]
    pub fn find(&self, key: &ColumnKey<'_>) -> Finding {
        if key.can_be_stored() {
            return self.find_stored(key);
        }
        // Where there is nothing, there is nothing inside it either.
        let around = key.around().map(|around| self.find_stored(&around));
        match around {
            Some(Finding::Absent) => Finding::Absent,
            _ => Finding::Unknown,
        }
    }

    fn find_stored(&self, key: &ColumnKey<'_>) -> Finding {
        let mut finding = self.columns.find(&key.name());
        if let Finding::Stored(place) = &mut finding
            && place.is_path()
            && self.has_opaque_rows()
        {
            place.add_unread();
        }
        finding
    }

    /// The column of a path that is [`Finding::Absent`].
    #[must_use]
    pub fn absent_column(&self) -> Column {
        let mut column = Column::absent(self.rows);
        self.hide_opaque(&mut column);
        column
    }

    fn hide_opaque(&self, column: &mut Column) {
        for row in &self.opaque {
            column.set_unread(usize::from(*row));
        }
    }

    /// Reads a column of this block, `bytes` being what the body has in the place's range. `None`
    /// where they are not what was stored.
    #[must_use]
    pub fn read(&self, place: &ColumnPlace, bytes: &[u8]) -> Option<Stored> {
        let plain = place.expand(bytes)?;
        Some(match place.form() {
            ColumnForm::Values => {
                let mut column = codec::unpack_column(&plain, self.rows)?;
                if place.is_path() {
                    self.hide_opaque(&mut column);
                }
                Stored::Column(column)
            }
            ColumnForm::Prints => {
                let mut prints = codec::unpack_prints(&plain, self.rows)?;
                let opaque = if place.is_path() { &*self.opaque } else { &[] };
                for row in opaque {
                    *prints.get_mut(usize::from(*row))? = PRINT_UNREAD;
                }
                Stored::Prints(prints)
            }
            ColumnForm::Times => Stored::Column(texts_of(&codec::unpack_times(&plain, self.rows)?)),
        })
    }

    /// Reads the timestamps, `bytes` being what the body has in the range of the place of
    /// [`ColumnKey::Time`]. `None` where they are not what was stored.
    #[must_use]
    pub fn times(&self, bytes: &[u8]) -> Option<Vec<i64>> {
        let Finding::Stored(place) = self.find_stored(&ColumnKey::Time) else {
            return None;
        };
        self.times_at(&place, bytes)
    }

    /// As [`Directory::times`], of a place that was found.
    pub(super) fn times_at(&self, place: &ColumnPlace, bytes: &[u8]) -> Option<Vec<i64>> {
        codec::unpack_times(&place.expand(bytes)?, self.rows)
    }
}

/// The timestamps as events have them in JSON.
fn texts_of(times: &[i64]) -> Column {
    let mut column = ColumnBuilder::new();
    for (row, time) in times.iter().enumerate() {
        column.push_text(row, &format!("\"{}\"", timestamp::format(*time)));
    }
    column.finish(times.len())
}
