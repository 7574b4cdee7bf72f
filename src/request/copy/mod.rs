//! `copyTo`: the instances of a log, with all that is kept of them, in another log, whichever engines keep the two.
//!
//! JavaScript asks one log for a page and gives it to the other one, until both have the same. A page has events, and the
//! states that differ: consumers, what these have parked, snapshots, and trees. Records and states are copied as they are
//! stored, so that what is encrypted stays so. Nothing is held open between two steps, and each page is stored whole or not
//! at all, together with a [mark](mark) that says how far the copy has come.

mod digest;
mod instances;
mod mark;
mod page;
mod place;
mod source;
mod stand;
mod states;
mod target;
#[cfg(test)]
mod test;

pub(super) use self::digest::digest;
pub(super) use self::instances::{extent as instances_extent, list as list_instances};
pub use self::source::CopyPage;
pub(super) use self::stand::stand;
pub use self::target::CopiedPage;
