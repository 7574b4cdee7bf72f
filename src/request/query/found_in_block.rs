//! What was found in one block.

use super::EventsOf;
use super::plan::Plan;
use crate::engine::Fault;
use crate::query::{Examined, Execution, KnownGroups};

/// What was found in one block.
pub(super) struct FoundInBlock {
    pub(super) examined: Examined,
    pub(super) is_sealed: bool,
}

impl FoundInBlock {
    /// Looks up the groups of the events that were found.
    pub(super) fn look_up_groups(&mut self, known: &KnownGroups) {
        self.examined.look_up_groups(known);
    }

    /// How much memory it takes, in bytes, or nearly so.
    pub(super) fn memory_bytes(&self) -> usize {
        self.examined.memory_bytes()
    }

    pub(super) fn take(
        &self,
        execution: &mut Execution<'_>,
        plan: &mut Plan,
        events: &EventsOf<'_>,
    ) -> Result<(), Fault> {
        plan.add_block(self.examined.effort, self.is_sealed);
        execution.take(&self.examined, events)
    }
}
