//! What a query makes of the events that match: pages, folds and groups of them.

mod aggregate;
mod aggregates;
mod bounded_sink;
mod budget;
mod deviation;
mod distinct;
mod execution;
mod explanation;
mod fill;
mod folding;
mod frequency;
mod giving;
mod group;
mod group_value;
mod having;
mod listed_value;
mod marked_numbers;
mod number_bar;
mod outcome;
mod page;
mod percentile;
mod row;
mod slots;

pub use budget::too_large as result_too_large;
pub use execution::Execution;
pub use outcome::{Outcome, Sink};
