//! What has been found in a chunk.

use super::known_groups::KnownGroups;
use super::places::Places;
use super::row_groups::RowGroups;
use super::rows::Rows;
use super::values::RowValues;

/// What has been found in a chunk.
#[derive(Debug)]
pub struct Examined {
    pub(in crate::query) found: Matches,
    /// How the chunk was gone through.
    pub effort: Effort,
}

/// The rows that match.
#[derive(Debug)]
pub(in crate::query) enum Matches {
    /// Each row's place, and one set of values for each of the query's needs.
    Rows {
        rows: Rows,
        places: Places,
        values: Vec<RowValues>,
        /// Of each need, whether the events were read for it.
        read: Vec<bool>,
        /// What the rows are grouped by.
        groups: RowGroups,
    },
    /// As many as that, of which nothing needs to be known.
    Count(u64),
    /// The number of each type.
    Types(Vec<(Box<str>, u32)>),
}

/// How much of a chunk was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    /// Whether its summary was enough.
    pub skipped: bool,
    /// Rows that were examined: by their columns, or by their events.
    pub examined: u64,
    /// Events that were read.
    pub read: u64,
}

impl Examined {
    /// As many events that match, of which nothing needs to be known: they cannot be part of the
    /// result.
    #[must_use]
    pub const fn counted(events: u64) -> Self {
        Self::by_summary(Matches::Count(events))
    }

    /// What a summary alone has to say.
    pub(super) const fn by_summary(found: Matches) -> Self {
        Self {
            found,
            effort: Effort {
                skipped: true,
                examined: 0,
                read: 0,
            },
        }
    }

    /// How many events match.
    #[must_use]
    pub fn count(&self) -> u64 {
        match &self.found {
            Matches::Rows { rows, .. } => rows.count() as u64,
            Matches::Count(count) => *count,
            Matches::Types(types) => types.iter().map(|(_, count)| u64::from(*count)).sum(),
        }
    }

    /// Looks up the groups of the events that match, if the query has such, so that whoever takes them needs not.
    pub fn look_up_groups(&mut self, known: &KnownGroups) {
        if let Matches::Rows { groups, values, .. } = &mut self.found
            && let Some(values) = values.first()
        {
            groups.look_up(known, values);
        }
    }

    /// How much memory it takes, in bytes, or nearly so. What others have as well counts too.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let apart = match &self.found {
            Matches::Rows { values, groups, .. } => {
                values.iter().map(RowValues::memory_bytes).sum::<usize>() + groups.memory_bytes()
            }
            Matches::Count(_) | Matches::Types(_) => 0,
        };
        size_of::<Self>() + apart
    }

    /// The places of the events that match, in ascending order, if the query is for whole events.
    pub fn places(&self) -> impl Iterator<Item = u64> {
        let (rows, places) = match &self.found {
            Matches::Rows { rows, places, .. } => (Some(rows), Some(places)),
            Matches::Count(_) | Matches::Types(_) => (None, None),
        };
        let rows = rows.into_iter().flat_map(Rows::iter);
        rows.filter_map(move |row| places.map(|places| places.of(row)))
    }
}
