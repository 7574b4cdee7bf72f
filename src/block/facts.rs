//! What is known of a column before it is read.

use super::content::Content;
use super::{ColumnKey, Directory, Finding};
use crate::json::Kind;

/// What is known of a column before it is read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ColumnFacts {
    /// No event has anything there, but for opaque rows.
    Absent,
    /// The events have to be read.
    Unknown,
    /// There is a column, with these values.
    Column(Traits),
}

/// What the values of a column are. There may be less in it than this says, but never more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Traits(Content);

impl Traits {
    pub(super) const fn of(content: Content) -> Self {
        Self(content)
    }

    /// Whether the column may have values of that kind, beside those that it does not hold.
    #[must_use]
    pub const fn has(&self, kind: Kind) -> bool {
        self.0.has(kind)
    }

    /// Whether the column may have rows with nothing at the path.
    #[must_use]
    pub const fn has_absent(&self) -> bool {
        self.0.has_absent()
    }

    /// Whether the column may have rows for which the event has to be read. What the other methods
    /// say is nothing about those.
    #[must_use]
    pub const fn has_unread(&self) -> bool {
        self.0.has_unread()
    }

    /// The lowest and the highest that a number in the column can be; `None` where it has none.
    #[must_use]
    pub const fn numbers(&self) -> Option<(f64, f64)> {
        self.0.numbers()
    }
}

impl Directory {
    /// What is known of a column before it is read.
    #[must_use]
    pub fn facts(&self, key: &ColumnKey<'_>) -> ColumnFacts {
        match self.find(key) {
            Finding::Unknown => ColumnFacts::Unknown,
            Finding::Absent => ColumnFacts::Absent,
            Finding::Stored(place) => ColumnFacts::Column(Traits::of(place.content())),
        }
    }
}
