//! Bugs that tests put into the engine, to see that the simulation notices them.

use std::cell::Cell;

/// A bug that is not there but in a test that asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bug {
    /// A call is answered before the journal's writes are on disk.
    AnswerBeforeSync,
    /// What is known of the journal is not brought up to date after another process' commit.
    StaleCache,
    /// Where streams stand is kept in memory, and not written with the events.
    CounterOutsideTransaction,
    /// The summary of a block is written before it is whole.
    SealedTooEarly,
    /// The frame of a commit that failed is left at the journal's tail, as if it were void.
    WrongTail,
}

thread_local! {
    static SEEDED: Cell<Option<Bug>> = const { Cell::new(None) };
}

/// The bug of the logs that this thread opens from now on, or of the log that it works for.
pub(super) fn seeded() -> Option<Bug> {
    SEEDED.get()
}

/// Has the logs that this thread opens from now on, or works for, have a bug, or none.
pub(super) fn seed(bug: Option<Bug>) {
    SEEDED.set(bug);
}
