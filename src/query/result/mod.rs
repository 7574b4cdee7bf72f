//! What a query makes of the events that match: pages, folds and groups of them.

mod aggregate;
mod budget;
mod execution;
mod group;
mod page;
mod row;

pub use budget::too_large as result_too_large;
pub use execution::{Execution, Outcome, Sink};
