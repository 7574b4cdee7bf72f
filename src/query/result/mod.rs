//! What a query makes of the events that match: pages, folds and groups of them.

mod aggregate;
mod aggregates;
mod budget;
mod deviation;
mod distinct;
mod execution;
mod frequency;
mod group;
mod page;
mod percentile;
mod row;

pub use budget::too_large as result_too_large;
pub use execution::{Execution, Outcome, Sink};
