//! Making a summary.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::block::{Builder, Directory, Encoded};
use crate::engine::tables::record::Record;

/// What is known of the events of a block.
#[derive(Debug)]
pub struct Summary {
    /// What they have in common, and where the columns are in the body.
    pub directory: Directory,
    /// The same as bytes, and the columns.
    pub encoded: Encoded,
}

impl Summary {
    /// How much memory it takes, or nearly so.
    pub(super) const fn bytes(&self) -> usize {
        // The directory is there twice: as bytes and as what they say.
        2 * self.encoded.directory.len() + self.encoded.body.len()
    }
}

/// A summary in the making.
///
/// Every record can be summarised. Should that fail all the same, the block goes without: its events
/// are read one by one then, which is slow, but neither is a checkpoint lost for it, without which
/// nothing could be appended any more, nor an answer.
pub struct Summing {
    /// Gone once it has failed.
    builder: Option<Builder>,
}

impl std::fmt::Debug for Summing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Summing({})",
            self.builder.as_ref().map_or(0, Builder::len)
        )
    }
}

impl Default for Summing {
    fn default() -> Self {
        Self {
            builder: Some(Builder::new()),
        }
    }
}

impl Summing {
    /// Adds the event that follows.
    pub fn push(&mut self, record: &Record<'_>) {
        // A summary says nothing of the instance, nor of positions, which follow from the rows.
        self.attempt(|builder| builder.push(&record.event("", 0)));
    }

    /// The summary, unless making it has failed.
    #[must_use]
    pub fn finish(self) -> Option<Summary> {
        let builder = self.builder?;
        let encoded = catch_unwind(AssertUnwindSafe(|| builder.finish())).ok()?;
        let directory = Directory::decode(&encoded.directory)?;
        Some(Summary { directory, encoded })
    }

    fn attempt(&mut self, step: impl FnOnce(&mut Builder)) {
        if let Some(builder) = &mut self.builder
            && catch_unwind(AssertUnwindSafe(|| step(builder))).is_err()
        {
            self.builder = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_that_cannot_be_made_is_none_and_fails_nothing() {
        let record = Record {
            id: uuid::Uuid::nil(),
            timestamp_ms: 0,
            sequence: 1,
            back: 0,
            stream_id: "s",
            event_type: "t",
            call: None,
            payload: "{}",
            metadata: "{}",
        };
        let mut whole = Summing::default();
        whole.push(&record);
        assert!(whole.finish().is_some());

        let mut failed = Summing::default();
        failed.push(&record);
        failed.attempt(|_| panic!("the test's panic"));
        failed.push(&record);
        assert!(failed.finish().is_none());
    }
}
