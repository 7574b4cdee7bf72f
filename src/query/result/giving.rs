//! Handing over events before all of the result is found.

use super::execution::{Execution, ExecutionState};
use crate::query::grammar::query::Output;

impl Execution<'_> {
    /// Takes out the places of the next events of the result, if these are so many at least, and the result is of whole
    /// events in the order of the log: nothing that is found later can stand before one of them. Whoever takes them hands
    /// them over, and [`Execution::finish`] what is found after them.
    pub fn take_found(&mut self, least: usize) -> Option<Vec<u64>> {
        let is_whole = matches!(
            self.query.output,
            Output::Events {
                selection: None,
                ..
            }
        );
        match &mut self.state {
            ExecutionState::Events(page) if is_whole => page.take_items(least),
            _ => None,
        }
    }
}
