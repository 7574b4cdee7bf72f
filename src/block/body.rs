//! The columns of a block, as many as there is room for.

use super::codec::{self, Packed};
use super::column::UNREAD;
use super::column_index::ColumnIndex;
use super::content::Content;
use super::directory::Directory;
use super::encoded::Encoded;
use super::key::{ColumnKey, is_path};
use super::path_column::PathColumn;
use super::place::{ColumnForm, ColumnPlace};
use super::print::PRINT_UNREAD;

/// What a column takes in the directory beside its name, about.
const ENTRY_BYTES: usize = 24;

/// How many bytes a column takes at most for each row where wider ones are elsewhere.
pub(super) const NARROW_ROW_BYTES: usize = 4;

/// The body being filled, and what the directory will say of it.
#[derive(Debug)]
pub(super) struct Body {
    rows: usize,
    /// Whether it has narrow columns alone, because what other columns would have is elsewhere.
    is_narrow: bool,
    /// How many bytes more there is room for, in the body and in the directory.
    room: usize,
    bytes: Vec<u8>,
    columns: Vec<(Vec<u8>, ColumnPlace)>,
    /// The names of paths that are there, but have no column.
    dropped: Vec<Vec<u8>>,
}

/// A column that may get a place.
#[derive(Debug)]
pub(super) struct Candidate {
    name: Vec<u8>,
    column: PathColumn,
    packed: Packed,
    content: Content,
    /// How many rows it would answer for that have something.
    read_rows: usize,
}

impl Candidate {
    pub(super) fn new(name: Vec<u8>, mut column: PathColumn, rows: usize) -> Self {
        column.settle();
        let (packed, unread) = match &column {
            PathColumn::Values(column) => (codec::pack_column(column, rows), UNREAD),
            PathColumn::Prints { entries, .. } => (codec::pack_prints(entries, rows), PRINT_UNREAD),
            PathColumn::Wide => (codec::pack_prints(&[], rows), PRINT_UNREAD),
        };
        let entries = column.entries();
        let unread_rows = entries.iter().filter(|(_, code)| *code == unread).count();
        let mut content = column.content();
        if entries.len() < rows {
            content.add_absent();
        }
        if unread_rows > 0 {
            content.add_unread();
        }
        Self {
            name,
            content,
            packed,
            read_rows: entries.len() - unread_rows,
            column,
        }
    }

    const fn form(&self) -> ColumnForm {
        match self.column {
            PathColumn::Values(_) => ColumnForm::Values,
            PathColumn::Prints { .. } | PathColumn::Wide => ColumnForm::Prints,
        }
    }

    fn cost(&self) -> usize {
        self.packed.bytes.len() + self.name.len() + ENTRY_BYTES
    }

    /// The same column with prints in the place of values.
    fn into_prints(mut self, rows: usize) -> Self {
        self.column.forget_values();
        Self::new(self.name, self.column, rows)
    }
}

impl Body {
    /// Makes a body for a block of `rows` events that should take `room` bytes.
    pub(super) const fn new(rows: usize, room: usize) -> Self {
        Self {
            rows,
            is_narrow: false,
            room,
            bytes: Vec::new(),
            columns: Vec::new(),
            dropped: Vec::new(),
        }
    }

    /// The same, with narrow columns alone.
    pub(super) fn narrow(self) -> Self {
        Self {
            is_narrow: true,
            ..self
        }
    }

    /// Puts in the timestamps, whatever room there is.
    pub(super) fn put_times(&mut self, times: &[i64]) {
        let packed = codec::pack_times(times);
        self.put_packed(
            &ColumnKey::Time.name(),
            &packed,
            ColumnForm::Times,
            Content::default(),
        );
    }

    /// Puts in a column, whatever room there is.
    pub(super) fn put(&mut self, candidate: &Candidate) {
        let form = candidate.form();
        self.put_packed(&candidate.name, &candidate.packed, form, candidate.content);
    }

    fn put_packed(&mut self, name: &[u8], packed: &Packed, form: ColumnForm, content: Content) {
        let place = ColumnPlace::of(&mut self.bytes, packed, form, is_path(name), content);
        self.columns.push((name.to_vec(), place));
        let cost = packed.bytes.len() + name.len() + ENTRY_BYTES;
        self.room = self.room.saturating_sub(cost);
    }

    /// Puts in the columns that take the least for each row that they answer for, as long as there is
    /// room. One that does not fit is put in as prints, or dropped; where narrow ones are wanted, it is dropped.
    pub(super) fn put_cheapest(&mut self, mut candidates: Vec<Candidate>) {
        candidates.retain(|candidate| !candidate.column.entries().is_empty());
        candidates.sort_by_cached_key(|candidate| {
            let per_row = (candidate.cost() * self.rows).checked_div(candidate.read_rows);
            per_row.unwrap_or(usize::MAX)
        });
        for candidate in candidates {
            self.put_if_room(candidate);
        }
    }

    /// Says that a path is there, but has no column.
    pub(super) fn leave_out(&mut self, name: Vec<u8>) {
        self.dropped.push(name);
    }

    fn put_if_room(&mut self, candidate: Candidate) {
        let has_room = candidate.read_rows > 0 && candidate.cost() <= self.room;
        if has_room && (!self.is_narrow || self.is_narrow_column(&candidate)) {
            return self.put(&candidate);
        }
        if self.is_narrow {
            return self.dropped.push(candidate.name);
        }
        let prints = candidate.into_prints(self.rows);
        if prints.read_rows > 0 && prints.cost() <= self.room {
            return self.put(&prints);
        }
        self.dropped.push(prints.name);
    }

    /// Whether a column has values, which take little room. Prints would stand before values that are elsewhere.
    fn is_narrow_column(&self, candidate: &Candidate) -> bool {
        candidate.form() == ColumnForm::Values
            && candidate.packed.bytes.len() <= NARROW_ROW_BYTES * self.rows
    }

    /// The block. Its directory says of the columns what they are and, if the block `is_complete`,
    /// that other paths are nowhere but in opaque rows.
    pub(super) fn finish(self, directory: Directory, is_complete: bool) -> Encoded {
        let directory = Directory {
            columns: ColumnIndex::new(is_complete, &self.columns, &self.dropped),
            ..directory
        };
        Encoded {
            directory: directory.encode(),
            body: self.bytes,
        }
    }
}
