//! Which events of a chunk match, and what they hold: by its summary, by its columns, and by its events at last.

pub(in crate::query) mod chunk;
mod columns;
mod examine;
pub(in crate::query) mod examined;
mod holds;
pub(in crate::query) mod known_groups;
pub(in crate::query) mod places;
pub(in crate::query) mod row_groups;
pub(in crate::query) mod rows;
mod sift;
mod sift_tree;
mod span;
pub(in crate::query) mod values;
mod verdict;

pub use chunk::{Chunk, EventVisitor, Events, Known, RowVisitor};
pub use examined::{Effort, Examined};
pub use known_groups::KnownGroups;
pub use rows::Rows;
