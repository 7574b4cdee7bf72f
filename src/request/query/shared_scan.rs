//! Going through the blocks of an instance by several threads.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use parking_lot::{Condvar, Mutex, MutexGuard};

use super::found_in_block::FoundInBlock;
use super::plan::Plan;
use super::{Blocks, Run};
use crate::engine::{Fault, Pace};
use crate::panic::caught;
use crate::query::{Execution, KnownGroups};

/// So many events of the result are handed over at least, while others are still looked for: JavaScript reads them meanwhile.
pub(super) const GIVEN_AT_ONCE: usize = 64;

/// In how many blocks for each thread something is found before its turn comes.
const BLOCKS_AHEAD: usize = 4;

/// What was found in a block waits for its turn without the thread that found it, if it takes no more memory than that, in
/// bytes.
const WAITING_BYTES_MAX: usize = 128 << 10;

/// Blocks being gone through by several threads. Each takes the next one that nobody has, and hands in what it finds there.
/// That is taken in order, by one thread at a time, while the others go on.
pub(super) struct SharedScan<'run, 'query> {
    blocks: &'run Blocks,
    /// The number among these of the next one.
    next: AtomicUsize,
    /// How many blocks from the one whose turn it is can be found something in.
    ahead: usize,
    handed: Mutex<Handed>,
    /// Told when it is another block's turn.
    turned: Condvar,
    taking: Mutex<Taking<'run, 'query>>,
    /// The groups that there are so far, where looking them up is worth it.
    groups: Option<Arc<KnownGroups>>,
    /// Whether blocks that are not taken yet need only be counted in. Once they do, all that follow do too.
    counts: AtomicBool,
    failed: AtomicBool,
}

/// What was handed in.
struct Handed {
    /// The block whose turn it is.
    turn: usize,
    /// What was found in it and in those that follow, as far as that is there.
    found: VecDeque<Option<Result<FoundInBlock, Fault>>>,
    /// Whether some thread takes it.
    is_taken: bool,
    failure: Option<Fault>,
}

struct Taking<'run, 'query> {
    execution: &'run mut Execution<'query>,
    plan: &'run mut Plan,
}

/// Hands over events at these places, which are the next ones of the result.
pub(super) type Give<'g> = dyn FnMut(&[u64]) -> Result<(), Fault> + 'g;

impl<'run, 'query> SharedScan<'run, 'query> {
    /// Blocks from the number `from` on, for so many threads.
    pub(super) fn new(
        blocks: &'run Blocks,
        from: usize,
        threads: usize,
        (execution, plan): (&'run mut Execution<'query>, &'run mut Plan),
    ) -> Self {
        Self {
            blocks,
            next: AtomicUsize::new(from),
            ahead: BLOCKS_AHEAD * threads,
            handed: Mutex::new(Handed {
                turn: from,
                found: VecDeque::new(),
                is_taken: false,
                failure: None,
            }),
            turned: Condvar::new(),
            groups: execution.known_groups(),
            taking: Mutex::new(Taking { execution, plan }),
            counts: AtomicBool::new(false),
            failed: AtomicBool::new(false),
        }
    }

    /// Why nothing more was found, after the last thread.
    pub(super) fn into_failure(self) -> Option<Fault> {
        self.handed.into_inner().failure
    }

    /// Examines blocks until none is left or something has failed. The one of the threads that has `give` hands over the
    /// events that are found meanwhile.
    pub(super) fn work(&self, run: &Run<'_>, pace: &Pace, mut give: Option<&mut Give<'_>>) {
        loop {
            pace.give_way();
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            if at >= self.blocks.len() || self.failed.load(Ordering::Relaxed) {
                return;
            }
            let counts = self.counts.load(Ordering::Relaxed);
            let found = unless_it_panics(|| {
                let mut found = run.examine_at(self.blocks, at, counts)?;
                if let Some(groups) = &self.groups {
                    found.look_up_groups(groups);
                }
                Ok(found)
            });
            self.hand_in(run, at, found);
            if let Some(give) = &mut give {
                self.give_found(give);
            }
        }
    }

    /// Hands over the events that were found, if there are enough of them. Others take what they find meanwhile.
    fn give_found(&self, give: &mut Give<'_>) {
        let found = self.taking.lock().execution.take_found(GIVEN_AT_ONCE);
        let given = found.map_or(Ok(()), |places| unless_it_panics(|| give(&places)));
        if let Err(fault) = given {
            let mut handed = self.handed.lock();
            handed.failure.get_or_insert(fault);
            handed.found.clear();
            self.failed.store(true, Ordering::Relaxed);
            self.turned.notify_all();
        }
    }

    /// Takes what was found in a block once it is its turn: this thread, or another one that takes something meanwhile.
    fn hand_in(&self, run: &Run<'_>, at: usize, found: Result<FoundInBlock, Fault>) {
        let bytes = found.as_ref().map_or(0, FoundInBlock::memory_bytes);
        let ahead = if bytes > WAITING_BYTES_MAX {
            1
        } else {
            self.ahead
        };
        let mut handed = self.handed.lock();
        // The turn comes to no block before it was handed in.
        while at - handed.turn >= ahead && handed.failure.is_none() {
            self.turned.wait(&mut handed);
        }
        if handed.failure.is_some() {
            return;
        }
        let place = at - handed.turn;
        if handed.found.len() <= place {
            handed.found.resize_with(place + 1, || None);
        }
        handed.found[place] = Some(found);
        if handed.is_taken {
            return;
        }
        handed.is_taken = true;
        while let Some(found) = handed.found.front_mut().and_then(Option::take) {
            let taken = MutexGuard::unlocked(&mut handed, || self.take(run, found));
            handed.found.pop_front();
            handed.turn += 1;
            if let Err(fault) = taken {
                handed.failure = Some(fault);
                self.failed.store(true, Ordering::Relaxed);
                handed.found.clear();
            }
            self.turned.notify_all();
        }
        handed.is_taken = false;
    }

    fn take(&self, run: &Run<'_>, found: Result<FoundInBlock, Fault>) -> Result<(), Fault> {
        let found = found?;
        let Taking { execution, plan } = &mut *self.taking.lock();
        let taken = unless_it_panics(|| found.take(execution, plan, &run.events()));
        let counts = execution.needs_count_only();
        self.counts.store(counts, Ordering::Relaxed);
        taken
    }
}

/// Does `work`, whose panic becomes a failure: redb panics where pages were altered behind its back,
/// and nobody may wait for a thread that is gone.
pub(in crate::request) fn unless_it_panics<T>(
    work: impl FnOnce() -> Result<T, Fault>,
) -> Result<T, Fault> {
    caught(work).unwrap_or_else(|panic| Err(Fault::of_panic("reading", &panic)))
}

#[cfg(test)]
mod test;
