//! Making the look-up of a block.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::block::lookup::{Builder, Lookup};
use crate::engine::seeded_bug::{Bug, OfThisThread, Seeded};
use crate::engine::tables::record::Record;

/// A look-up in the making. Should that fail, the block goes without: neither it nor a checkpoint is lost for that.
pub(in crate::engine) struct LookingUp {
    /// Gone once it has failed, or if none is wanted.
    builder: Option<Builder>,
}

impl LookingUp {
    /// Begins one, if it `is_wanted`.
    pub(in crate::engine) fn new(is_wanted: bool) -> Self {
        Self {
            builder: is_wanted.then(Builder::new),
        }
    }

    /// Adds the next event of the block.
    pub(in crate::engine) fn push(&mut self, record: &Record<'_>) {
        let mut record = *record;
        if OfThisThread.has(Bug::LookupMissesEvents) && record.sequence.is_multiple_of(2) {
            record.payload = "{}";
        }
        self.attempt(|builder| builder.push(&record.row()));
    }

    /// The look-up, if there is one.
    pub(in crate::engine) fn finish(self) -> Option<Lookup> {
        let builder = self.builder?;
        catch_unwind(AssertUnwindSafe(|| builder.finish())).ok()
    }

    fn attempt(&mut self, step: impl FnOnce(&mut Builder)) {
        if let Some(builder) = &mut self.builder
            && catch_unwind(AssertUnwindSafe(|| step(builder))).is_err()
        {
            self.builder = None;
        }
    }
}
