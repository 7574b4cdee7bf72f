//! What is handed over to an engine, to be done in its turn.

use std::time::Instant;

use super::{ReadSnapshot, Transaction};
use crate::engine::{Fault, Pace};
use crate::error::Error;

/// A change that waits for its turn. It is stored whole or not at all.
///
/// One that is dropped without [`QueuedChange::finish`] (after a panic) answers its caller by itself.
pub trait QueuedChange: Send {
    /// The bytes that it holds while it waits.
    fn bytes(&self) -> usize;

    /// When it was asked for.
    fn since(&self) -> Instant;

    /// Does what can be done before its turn. What fails here is kept for [`QueuedChange::apply`] to tell.
    fn prepare(&mut self, before: &dyn Preview);

    /// Stages the change. It may be called again, for another transaction, if the first one could not be stored, or was
    /// only begun to find out what has to be read for it. What it notes elsewhere is then as if only the last one had been.
    ///
    /// # Errors
    ///
    /// [`Fault::Refused`] if it cannot be granted: the transaction is as it was before. Any other fault undoes the
    /// whole transaction.
    fn apply(&mut self, transaction: &mut dyn Transaction) -> Result<(), Fault>;

    /// Learns what became of it. `Ok` means that the change is durable.
    fn finish(self: Box<Self>, outcome: Result<(), Error>);
}

/// The log before the changes are made whose turn comes next.
pub trait Preview {
    /// A snapshot, which is taken when one first asks for it.
    ///
    /// # Errors
    ///
    /// As a read that gets none.
    fn snapshot(&self) -> Result<&dyn ReadSnapshot, Error>;
}

/// Something to be read.
pub trait QueuedRead: Send {
    /// Fails if whoever asked has called it off. An engine that has to go far for a snapshot then runs it with this failure in
    /// the place of one. What does not say so is always wanted.
    ///
    /// # Errors
    ///
    /// `ABORTED`.
    fn check_wanted(&self) -> Result<(), Error> {
        Ok(())
    }

    /// Whether it may take longer than about a millisecond, which is found out without doing it.
    fn is_long(&self, snapshot: &dyn ReadSnapshot) -> bool;

    /// Reads it from the snapshot, unless there is none, and answers. If it is long, it
    /// [gives way](Pace::give_way) every few milliseconds.
    fn run(self: Box<Self>, snapshot: Result<&dyn ReadSnapshot, Error>, pace: &Pace);

    /// As [`QueuedRead::run`], unless the snapshot [is lost](ReadSnapshot::is_lost) before the caller was told anything. Then
    /// it gives itself back, to be run with another snapshot. What does not say how is run.
    fn run_unless_lost(
        self: Box<Self>,
        snapshot: &dyn ReadSnapshot,
        pace: &Pace,
    ) -> Option<Box<dyn QueuedRead>> {
        self.run(Ok(snapshot), pace);
        None
    }
}
