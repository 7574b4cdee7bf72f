//! Where the log as a whole stands.

use redb::ReadableTable;

use super::schema::{HeadValue, LOG_HEAD};
use crate::engine::Fault;

/// What every commit changes. It has a row beside the heads of the instances, since each table
/// that a commit touches costs it a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) struct LogHead {
    /// How many commits the log has seen. A process whose cache is of another commit drops it.
    pub(in crate::engine) commits: u64,
    /// A random number of the last commit, by which a writer knows its own commit again.
    pub(in crate::engine) token: u64,
    /// The number that the next new instance gets.
    pub(in crate::engine) next_instance: u64,
}

impl LogHead {
    /// The head of a log that has seen no commit.
    pub(in crate::engine) const NEW: Self = Self {
        commits: 0,
        token: 0,
        next_instance: LOG_HEAD as u64 + 1,
    };

    pub(in crate::engine) fn read(
        heads: &impl ReadableTable<u32, HeadValue>,
    ) -> Result<Self, Fault> {
        let (commits, token, next_instance, ..) = heads
            .get(LOG_HEAD)?
            .ok_or_else(|| Fault::Corrupted("heads: the row of the log is missing".to_owned()))?
            .value();
        Ok(Self {
            commits,
            token,
            next_instance,
        })
    }

    pub(in crate::engine) const fn to_value(self) -> HeadValue {
        (self.commits, self.token, self.next_instance, 0, 0, 0)
    }

    /// Whether both are of one and the same commit.
    pub(in crate::engine) const fn is_commit_of(&self, other: &Self) -> bool {
        self.commits == other.commits && self.token == other.token
    }
}
