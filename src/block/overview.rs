//! What is known of a block's events without reading its columns, whichever way the block is kept.

use uuid::Uuid;

use super::content::Content;
use super::{ColumnKey, Directory, Finding, sealed};
use crate::json::Kind;

/// What is known of a block's events: by a summary of events that are kept beside it, or by the block that has
/// them.
#[derive(Clone, Copy, Debug)]
pub enum Overview<'a> {
    /// The directory of a summary.
    Summary(&'a Directory),
    /// That of a sealed block, which has no summary in it.
    Sealed(&'a sealed::Directory),
}

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

impl<'a> Overview<'a> {
    /// The lowest and the highest timestamp, in milliseconds since the epoch.
    #[must_use]
    pub const fn times(self) -> (i64, i64) {
        match self {
            Self::Summary(directory) => (directory.min_time(), directory.max_time()),
            Self::Sealed(directory) => directory.times(),
        }
    }

    /// The lowest and the highest event id.
    #[must_use]
    pub const fn ids(self) -> (Uuid, Uuid) {
        match self {
            Self::Summary(directory) => (directory.min_id(), directory.max_id()),
            Self::Sealed(directory) => directory.ids(),
        }
    }

    /// The event types, and how many events are of each, in the order of their first events.
    #[must_use]
    pub fn types(self) -> &'a [(Box<str>, u32)] {
        match self {
            Self::Summary(directory) => directory.types(),
            Self::Sealed(directory) => directory.types(),
        }
    }

    /// Whether there are rows of which no path's column says anything.
    #[must_use]
    pub fn has_opaque_rows(self) -> bool {
        match self {
            Self::Summary(directory) => directory.has_opaque_rows(),
            Self::Sealed(directory) => directory.kept_rows() > 0,
        }
    }

    /// What is known of a column.
    #[must_use]
    pub fn find(self, key: &ColumnKey<'_>) -> ColumnFacts {
        match self {
            Self::Summary(directory) => directory.facts(key),
            Self::Sealed(directory) => directory.facts(key),
        }
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
