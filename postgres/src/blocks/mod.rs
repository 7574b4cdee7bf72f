//! What is known of whole blocks of events, so that a query need not read the events.
//!
//! The events of an instance, by position, are cut into blocks of the same size. Of one that is whole a summary is kept in
//! a table: columns, as in a log in a file. Whoever completes a block has that made, behind the answers to his callers
//! (`making`). Whoever meets a whole block without one makes it for himself, and has it kept.
//!
//! A summary is never the truth: the events are, which stay rows. One that is not what was written, or not of these
//! events, is as if there were none (`stored`). What was read is kept in memory (`known`), since blocks do not change. It
//! is used by those alone who see the same events.

mod known;
mod making;
mod stored;

pub(crate) use self::known::{Columns, Known, KnownBlocks, View};
pub(crate) use self::making::{Making, Wanted};
pub(crate) use self::stored::{BlockId, Made, Maker, StoredHead};
