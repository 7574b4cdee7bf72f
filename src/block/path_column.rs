//! What the events of a block have at one path.

use super::column_builder::ColumnBuilder;
use super::content::Content;
use super::print::{PRINT_UNREAD, print_of};

/// A column being made, of values or of prints.
#[derive(Debug)]
pub(super) enum PathColumn {
    Values(ColumnBuilder),
    /// Row and print of each row that has something.
    Prints {
        entries: Vec<(u16, u16)>,
        content: Content,
    },
    /// Nothing but that some row has something: the column was going to take more room than it can have.
    Wide,
}

impl Default for PathColumn {
    fn default() -> Self {
        Self::Values(ColumnBuilder::new())
    }
}

impl PathColumn {
    /// Says that `row` has the JSON value `raw`, which is no number.
    pub(super) fn push_text(&mut self, row: u16, raw: &str) {
        match self {
            Self::Values(column) => column.push_text(usize::from(row), raw),
            Self::Prints { .. } | Self::Wide => self.push_print(row, raw),
        }
    }

    /// Says that `row` has the JSON value `raw`.
    pub(super) fn push(&mut self, row: u16, raw: &str) {
        match self {
            Self::Values(column) => column.push(usize::from(row), raw),
            Self::Prints { .. } | Self::Wide => self.push_print(row, raw),
        }
    }

    fn push_print(&mut self, row: u16, raw: &str) {
        if let Self::Prints { entries, content } = self {
            content.add(raw);
            entries.push((row, print_of(raw).unwrap_or(PRINT_UNREAD)));
        }
    }

    /// Says that the event has to be read for `row`.
    pub(super) fn push_unread(&mut self, row: u16) {
        match self {
            Self::Values(column) => column.push_unread(usize::from(row)),
            Self::Prints { entries, .. } => entries.push((row, PRINT_UNREAD)),
            Self::Wide => {}
        }
    }

    /// As [`ColumnBuilder::push_string_again`].
    pub(super) fn push_string_again(&mut self, row: u16, rest: &[u8]) -> Option<usize> {
        match self {
            Self::Values(column) => column.push_string_again(usize::from(row), rest),
            Self::Prints { .. } | Self::Wide => None,
        }
    }

    /// How many bytes of values there are.
    pub(super) fn held_bytes(&self) -> usize {
        match self {
            Self::Values(column) => column.held_bytes(),
            Self::Prints { .. } | Self::Wide => 0,
        }
    }

    /// Keeps prints in the place of values.
    pub(super) fn forget_values(&mut self) {
        if let Self::Values(column) = self {
            *self = Self::Prints {
                entries: column.prints(),
                content: column.content(),
            };
        }
    }

    /// Keeps nothing of a column that is going to take more than so many bytes, as far as that is seen by now: see
    /// [`ColumnBuilder::takes_more_than`].
    pub(super) fn give_up_beyond(&mut self, bytes: usize, looked_at: &mut usize) {
        if let Self::Values(column) = self
            && column.takes_more_than(bytes, looked_at)
        {
            *self = Self::Wide;
        }
    }

    /// As [`ColumnBuilder::settle`].
    pub(super) fn settle(&mut self) {
        if let Self::Values(column) = self {
            column.settle();
        }
    }

    /// Row and code, or print, of each row that has something, ascending.
    pub(super) fn entries(&self) -> &[(u16, u16)] {
        match self {
            Self::Values(column) => column.entries(),
            Self::Prints { entries, .. } => entries,
            Self::Wide => &[],
        }
    }

    /// What values there are.
    pub(super) fn content(&self) -> Content {
        match self {
            Self::Values(column) => column.content(),
            Self::Prints { content, .. } => *content,
            Self::Wide => Content::default(),
        }
    }
}
