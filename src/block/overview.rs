//! What is known of a block's events without reading its columns, whichever way the block is kept.

use uuid::Uuid;

use super::{ColumnFacts, ColumnKey, Directory, lookup, sealed};

/// What is known of events: by a summary of a block's events that are kept beside it, by the block that has
/// them, or of many blocks together.
#[derive(Clone, Copy, Debug)]
pub enum Overview<'a> {
    /// The directory of a summary.
    Summary(&'a Directory),
    /// That of a sealed block.
    Sealed(&'a sealed::Directory),
    /// That of the summary in a sealed block, and that of the block, which knows paths that the summary has no room for.
    Both(&'a Directory, &'a sealed::Directory),
    /// What the events of many blocks have in common, with all of their types.
    Span(&'a lookup::Span),
}

impl<'a> Overview<'a> {
    /// The lowest and the highest timestamp, in milliseconds since the epoch.
    #[must_use]
    pub const fn times(self) -> (i64, i64) {
        match self {
            Self::Summary(directory) | Self::Both(directory, _) => {
                (directory.min_time(), directory.max_time())
            }
            Self::Sealed(directory) => directory.times(),
            Self::Span(span) => span.times(),
        }
    }

    /// Whether no event is known to have a lower timestamp than the one before it.
    #[must_use]
    pub const fn is_time_sorted(self) -> bool {
        match self {
            Self::Summary(directory) | Self::Both(directory, _) => directory.is_time_sorted(),
            Self::Sealed(directory) => directory.is_time_sorted(),
            Self::Span(_) => false,
        }
    }

    /// The lowest and the highest event id.
    #[must_use]
    pub const fn ids(self) -> (Uuid, Uuid) {
        match self {
            Self::Summary(directory) | Self::Both(directory, _) => {
                (directory.min_id(), directory.max_id())
            }
            Self::Sealed(directory) => directory.ids(),
            Self::Span(span) => span.ids(),
        }
    }

    /// The event types, and how many events are of each, in the order of their first events.
    #[must_use]
    pub fn types(self) -> &'a [(Box<str>, u32)] {
        match self {
            Self::Summary(directory) | Self::Both(directory, _) => directory.types(),
            Self::Sealed(directory) => directory.types(),
            Self::Span(span) => span.types().unwrap_or_default(),
        }
    }

    /// Whether there are rows of which no path's column says anything.
    #[must_use]
    pub fn has_opaque_rows(self) -> bool {
        match self {
            Self::Summary(directory) => directory.has_opaque_rows(),
            Self::Sealed(directory) => directory.kept_rows() > 0,
            Self::Both(summary, directory) => {
                summary.has_opaque_rows() || directory.kept_rows() > 0 && !directory.is_kept_whole()
            }
            Self::Span(_) => true,
        }
    }

    /// What is known of a column.
    #[must_use]
    pub fn find(self, key: &ColumnKey<'_>) -> ColumnFacts {
        match self {
            Self::Summary(directory) => directory.facts(key),
            Self::Sealed(directory) => directory.facts(key),
            Self::Both(summary, directory) => match summary.facts(key) {
                // `verify` compares what is said of these with the events.
                ColumnFacts::Unknown if key.can_be_stored() => directory.facts(key),
                known => known,
            },
            Self::Span(_) => ColumnFacts::Unknown,
        }
    }
}

impl sealed::Loaded {
    /// What is known of the events, by the summary as well once that has been read.
    #[must_use]
    pub fn overview(&self) -> Overview<'_> {
        match self.summary() {
            Some(summary) => Overview::Both(summary, self.directory()),
            None => Overview::Sealed(self.directory()),
        }
    }
}

impl<S: sealed::Source> sealed::Block<S> {
    /// What is known of the events, for which a summary is read if there is one.
    ///
    /// # Errors
    ///
    /// A fault in reading; [`Damaged`](sealed::Damaged).
    pub fn overview(&self) -> Result<Overview<'_>, S::Fault> {
        self.summary()?;
        Ok(self.loaded().overview())
    }
}
