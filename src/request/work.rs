//! What calls do, in each of the ways in which something is done with a log.
//!
//! Each method is in a module of its own, which gives its calls as one of these. Who runs them knows no
//! method by its name.

use std::sync::Arc;

use super::caller::Caller;
use super::encryption::Revealing;
use super::extent::Extent;
use super::response::Answer;
use super::result::ResultWriter;
use crate::arguments::Arguments;
use crate::engine::Fault;
use crate::error::Error;
use crate::progress::Progress;
use crate::seam::{LogEngine, Operation, Preview, ReadSnapshot, Transaction};

/// What a call does.
pub enum Work {
    /// It reads.
    Read(Box<dyn Reads>),
    /// It changes the log, in the writer's turn.
    Change(Box<dyn Changes>),
    /// It is about the whole log, on a thread of its own, unless something is wrong with its arguments. The progress
    /// tells how far it is, and calls it off.
    Operation(Result<Operation, Error>, Progress),
    /// It waits for a commit.
    Wait(Arc<dyn Follows>),
}

/// Reading from one state of the log.
pub trait Reads: Send {
    /// The bytes that it holds while it waits, towards the limit on them.
    fn bytes(&self) -> usize {
        0
    }

    /// Whether it is to have events that were trimmed as well, as far as there are any.
    fn sees_trimmed(&self) -> bool {
        false
    }

    /// How much it has to look at.
    ///
    /// # Errors
    ///
    /// What [`Reads::read`] then fails with as well.
    fn extent(&self, snapshot: &dyn ReadSnapshot) -> Result<Extent, Fault>;

    /// Reads what is asked for. The list of a result goes ahead through the `writer`. Events that are shown, or looked into, are
    /// to be decrypted by `revealing`.
    ///
    /// It is called again, with another snapshot, if the first one [is lost](ReadSnapshot::is_lost) before anything went ahead.
    /// So a step of something longer that fails has moved nothing on.
    ///
    /// # Errors
    ///
    /// What is wrong with the arguments; a storage fault.
    fn read(
        &mut self,
        snapshot: &dyn ReadSnapshot,
        writer: ResultWriter<'_>,
        revealing: &Revealing<'_>,
    ) -> Result<Answer, Fault>;
}

/// A change of the log.
pub trait Changes: Send {
    /// The bytes that it holds while it waits, towards the limit on them.
    fn bytes(&self) -> usize;

    /// Does what can be done before its turn. No event may be larger than `event_bytes_max`. What fails here
    /// is kept for [`Changes::apply`] to tell.
    fn prepare(&mut self, _latest: &dyn Preview, _caller: &Caller, _event_bytes_max: usize) {}

    /// Stages the change.
    ///
    /// # Errors
    ///
    /// What is wrong with the arguments, and what stands in the way: then nothing is staged. A storage fault.
    fn apply(&mut self, batch: &mut dyn Transaction) -> Result<Answer, Fault>;
}

/// Who reads what is committed as it comes.
pub trait Follows: Send + Sync {
    /// Has `woken` called once there is a commit that was not seen yet, or the waiting was [ended](Follows::interrupt).
    fn wait(&self, engine: &dyn LogEngine, woken: Woken);

    /// Ends the waiting for commits, for good.
    fn interrupt(&self);
}

/// Hears how a wait for a commit has ended. It is called once.
pub(super) type Woken = Box<dyn FnOnce(Result<(), Error>) + Send>;

impl Work {
    /// Whether it changes the log.
    pub(super) const fn writes(&self) -> bool {
        match self {
            Self::Change(_) => true,
            Self::Operation(operation, _) => {
                matches!(operation, Ok(Operation::Compact | Operation::Erase(_)))
            }
            Self::Read(_) | Self::Wait(_) => false,
        }
    }

    /// Whether the end of the process waits for it. An operation may have files that are to be removed.
    pub(super) const fn is_waited_for(&self) -> bool {
        match self {
            Self::Change(_) | Self::Operation(..) => true,
            Self::Read(_) | Self::Wait(_) => false,
        }
    }

    /// The bytes that it holds while it waits, towards the limit on them.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Read(work) => work.bytes(),
            Self::Change(change) => change.bytes(),
            Self::Operation(..) | Self::Wait(_) => 0,
        }
    }
}

/// A function of a method that reads and takes no more than its arguments.
type OfArguments<T> = fn(&Arguments<'_>, &dyn ReadSnapshot) -> Result<T, Fault>;

/// The same, of one that shows events, or looks into them.
type OfEvents = fn(&Arguments<'_>, &dyn ReadSnapshot, &Revealing<'_>) -> Result<Answer, Fault>;

/// How a method reads that takes no more than its arguments.
#[derive(Clone, Copy)]
pub(super) struct ReadFunction {
    extent: OfArguments<Extent>,
    read: ReadKind,
}

#[derive(Clone, Copy)]
enum ReadKind {
    /// It reads no events, or as they are stored.
    Stored(OfArguments<Answer>),
    Revealed(OfEvents),
}

impl ReadFunction {
    /// A method that looks at a few rows, whatever its arguments.
    pub(super) const fn small(read: OfArguments<Answer>) -> Self {
        Self::of(|_, _| Ok(Extent::Small), read)
    }

    /// A method that may look at many rows, whatever its arguments.
    pub(super) const fn long(read: OfArguments<Answer>) -> Self {
        Self::of(|_, _| Ok(Extent::Long), read)
    }

    /// A method that looks at as much as `extent` says.
    pub(super) const fn of(extent: OfArguments<Extent>, read: OfArguments<Answer>) -> Self {
        Self {
            extent,
            read: ReadKind::Stored(read),
        }
    }

    /// A method that shows events, or looks into them.
    pub(super) const fn of_events(extent: OfArguments<Extent>, read: OfEvents) -> Self {
        Self {
            extent,
            read: ReadKind::Revealed(read),
        }
    }
}

/// How a method changes the log that takes no more than its arguments.
pub(super) type ChangeFunction = fn(&Arguments<'_>, &mut dyn Transaction) -> Result<Answer, Fault>;

/// A function, and the JSON text of the arguments that it is called with.
pub(super) struct Called<F> {
    pub(super) function: F,
    pub(super) arguments: String,
}

impl Reads for Called<ReadFunction> {
    fn bytes(&self) -> usize {
        self.arguments.len()
    }

    fn extent(&self, snapshot: &dyn ReadSnapshot) -> Result<Extent, Fault> {
        if Extent::of_text(&self.arguments) == Extent::Long {
            return Ok(Extent::Long);
        }
        (self.function.extent)(&Arguments::parse(&self.arguments)?, snapshot)
    }

    fn read(
        &mut self,
        snapshot: &dyn ReadSnapshot,
        _: ResultWriter<'_>,
        revealing: &Revealing<'_>,
    ) -> Result<Answer, Fault> {
        let arguments = Arguments::parse(&self.arguments)?;
        match self.function.read {
            ReadKind::Stored(read) => read(&arguments, snapshot),
            ReadKind::Revealed(read) => read(&arguments, snapshot, revealing),
        }
    }
}

impl Changes for Called<ChangeFunction> {
    fn bytes(&self) -> usize {
        self.arguments.len()
    }

    fn apply(&mut self, batch: &mut dyn Transaction) -> Result<Answer, Fault> {
        (self.function)(&Arguments::parse(&self.arguments)?, batch)
    }
}

/// The fault of a change that could not be prepared, for a reason that its turn does not know.
pub(super) fn unprepared() -> Fault {
    Error::internal("the call", "it was not prepared before its turn").into()
}
