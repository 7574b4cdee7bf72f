//! Bugs that tests put in, to see that the simulations notice them.
//!
//! What can have one is [`Seeded`], and asks there. Outside of tests the answer is always no, which the compiler
//! knows.

#[cfg(test)]
use std::cell::Cell;

use super::journal::{Frame, FrameGroup};
#[cfg(test)]
use super::summary::WholeBlock;
use super::tables::instance::Head;
use super::tables::log_head::LogHead;
use super::tables::record::Record;

/// A bug that is not there but in a test that asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    /// A call is answered before the journal's writes are on disk.
    #[cfg_attr(not(test), expect(dead_code, reason = "the tests' disk has it"))]
    AnswerBeforeSync,
    /// What is known of the journal is not brought up to date after another process' commit.
    StaleCache,
    /// Where streams stand is kept in memory, and not written with the events.
    CounterOutsideTransaction,
    /// The summary of a block is written before it is whole.
    SealedTooEarly,
    /// The rows of a block are dropped in a commit before the one that has the sealed block.
    #[cfg_attr(not(test), expect(dead_code, reason = "only tests have what it does"))]
    RowsDroppedFirst,
    /// A sealed block is not what its records are. That is noticed, and they stay rows.
    WrongBlock,
    /// A sealed block is not what its records are, and nobody looks.
    UncheckedBlock,
    /// The look-up of a block does not have all of its events.
    LookupMissesEvents,
    /// The frame of a commit that failed is left at the journal's tail, as if it were void.
    WrongTail,
    /// A batch is stored as two commits.
    SplitBatch,
    /// Readers of other processes see a frame before it is on disk.
    SeenBeforeSync,
    /// With `exclusive`, readers see a frame that the writer has left after a fault, and has yet to make sure of.
    SeenUnconfirmed,
    /// A frame is told to be on disk before it is.
    MarkedBeforeSync,
    /// What a killed process has left is taken to be on disk.
    TrustedLeftover,
    /// The room of the journal is given back before the tables have what is in it.
    GivenBackTooEarly,
    /// Whether a call's conditions hold is decided before its turn.
    GuardNotRepeated,
    /// A consumer can be moved past the end of the log.
    AckPastTheEnd,
    /// A subscription does not look at what was appended since it began.
    FollowerLooksOnce,
    /// A consumer is moved over an event that it parks, and the event is not parked.
    ParkedNowhere,
    /// What is kept of a projection is replaced by what is older.
    SnapshotGoesBack,
    /// The blocks whose events are to be out are dropped before that is on disk.
    #[cfg_attr(not(test), expect(dead_code, reason = "only tests have what it does"))]
    DroppedFirst,
    /// The tree of an instance is made, though another caller has made it meanwhile.
    TreeMadeAnew,
    /// A proof leads to the root of an older tree than the one that was asked for.
    ProofOfOldRoot,
    /// What has had what was erased stays in the file.
    LeftBehind,
}

/// What can have a bug put into it.
pub(crate) trait Seeded {
    /// The bug that a test has put into it.
    #[cfg(test)]
    fn seeded(&self) -> Option<Bug>;

    /// Whether a test has put that bug into it.
    #[cfg(test)]
    fn has(&self, bug: Bug) -> bool {
        self.seeded() == Some(bug)
    }

    /// Whether a test has put that bug into it.
    #[cfg(not(test))]
    fn has(&self, _: Bug) -> bool {
        false
    }
}

/// The logs that a thread opens from now on, or the one that it works for.
pub(crate) struct OfThisThread;

#[cfg(test)]
thread_local! {
    static SEEDED: Cell<Option<Bug>> = const { Cell::new(None) };
}

impl Seeded for OfThisThread {
    #[cfg(test)]
    fn seeded(&self) -> Option<Bug> {
        SEEDED.get()
    }
}

/// Has the logs that this thread opens from now on, or works for, have a bug, or none.
#[cfg(test)]
pub(crate) fn seed(bug: Option<Bug>) {
    SEEDED.set(bug);
    drop(postponed());
}

/// Has this thread work for a log, with its bug if it has one.
#[cfg_attr(not(test), expect(unused_variables, reason = "there is no bug"))]
pub(crate) fn work_for(log: &impl Seeded) {
    #[cfg(test)]
    seed(log.seeded());
}

#[cfg(test)]
thread_local! {
    static POSTPONED: Cell<Vec<(u32, Vec<WholeBlock>)>> = const { Cell::new(Vec::new()) };
}

/// Has blocks of an instance written in a commit of their own, after the one that is being made.
#[cfg(test)]
pub(super) fn postpone(number: u32, blocks: Vec<WholeBlock>) {
    let mut postponed = postponed();
    postponed.push((number, blocks));
    POSTPONED.set(postponed);
}

/// The blocks that this thread has postponed.
#[cfg(test)]
pub(super) fn postponed() -> Vec<(u32, Vec<WholeBlock>)> {
    POSTPONED.take()
}

/// The frames of two commits that store together what this one does: all but the last event, and that one.
/// `None` if it has events of more than one instance, or one event only.
pub(super) fn split(frame: &Frame) -> Option<[Frame; 2]> {
    let mut groups = frame.groups();
    let group = groups.next().filter(|group| group.count > 1)?;
    if groups.next().is_some() {
        return None;
    }
    let events = frame.events().map(|event| (event.record, false));
    let states = frame.states().map(|state| (state.record, true));
    let mut entries: Vec<_> = events.chain(states).collect();
    entries.sort_unstable_by_key(|(range, _)| range.start);
    let last = entries.iter().rposition(|(_, is_state)| !is_state)?;
    // With the states that were staged for it.
    let before = entries[..last]
        .iter()
        .rposition(|(_, is_state)| !is_state)?;

    let bytes = frame.entry_bytes();
    let position = group.head.last_position;
    let record = Record::decode(&bytes[entries[last].0.clone()], position).ok()?;
    let head = Head {
        last_position: position - 1,
        stream_count: group.head.stream_count - u64::from(record.sequence == 1),
        stored_bytes: group.head.stored_bytes - entries[last].0.len() as u64,
        ..group.head
    };
    let commit = frame.header().commit;
    let made = |entries: &[(std::ops::Range<usize>, bool)], commits, count, head| {
        let mut made = Frame::default();
        for (range, is_state) in entries {
            let copy = |out: &mut Vec<u8>| out.extend_from_slice(&bytes[range.clone()]);
            if *is_state {
                made.push_state(group.number, copy);
            } else {
                made.push(group.number, copy);
            }
        }
        let log = LogHead {
            commits,
            token: frame.header().token,
            ..LogHead::NEW
        };
        let number = group.number;
        let group = FrameGroup {
            number,
            count,
            head,
        };
        made.seal(&log, std::iter::once(group));
        made
    };
    let (first, second) = entries.split_at(before + 1);
    Some([
        made(first, commit, group.count - 1, head),
        made(second, commit + 1, 1, group.head),
    ])
}
