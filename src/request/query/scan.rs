//! Going through the blocks of an instance.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use parking_lot::{Condvar, Mutex};

use super::block_chunk::BlockChunk;
use super::blocks::Step;
use super::plan::{Path, Plan};
use super::{Blocks, EventsOf, Run};
use crate::engine::{Fault, Pace};
use crate::panic::caught;
use crate::query::{Chunk as _, Examined, Execution};

/// How many blocks must be left for a thread to be worth it.
const BLOCKS_PER_THREAD: usize = 4;

/// How many threads help with queries at this moment, in the whole process.
static HELPERS: AtomicUsize = AtomicUsize::new(0);

/// The right to start threads that help.
struct Helpers(usize);

impl Helpers {
    /// As many as are free, up to `wanted`: all queries together have no more than there are cores
    /// beside the one that each of them runs on.
    fn hire(wanted: usize) -> Self {
        let most = thread::available_parallelism().map_or(1, |cores| cores.get() - 1);
        let mut hired = 0;
        // The count guards nothing but itself.
        let _ = HELPERS.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |busy| {
            hired = wanted.min(most.saturating_sub(busy));
            Some(busy + hired)
        });
        Self(hired)
    }
}

impl Drop for Helpers {
    fn drop(&mut self) {
        HELPERS.fetch_sub(self.0, Ordering::Relaxed);
    }
}

/// What was found in one block.
struct FoundInBlock {
    examined: Examined,
    is_sealed: bool,
}

/// Blocks being gone through by several threads. Each takes the next one that nobody has, and what
/// it finds there is taken in order: for that it waits its turn.
struct SharedScan<'run, 'query> {
    blocks: &'run Blocks,
    /// The number among these of the next one.
    next: AtomicUsize,
    taking: Mutex<Taking<'run, 'query>>,
    taken: Condvar,
    /// Whether blocks that are not taken yet need only be counted in. Once they do, all that follow do too.
    counts: AtomicBool,
    failed: AtomicBool,
}

struct Taking<'run, 'query> {
    turn: usize,
    execution: &'run mut Execution<'query>,
    plan: &'run mut Plan,
    failure: Option<Fault>,
}

impl<'a> Run<'a> {
    /// Goes through all blocks, in the order of the log.
    pub(super) fn scan(&mut self) -> Result<(), Fault> {
        self.plan.path = Path::Blocks;
        let started = Instant::now();
        let (begin, end) = self.range()?;
        let blocks = Blocks::with_spans(self.query, self.chunks, begin..end, self.instance_id)?;
        self.plan.blocks_ruled_out += blocks.ruled_out;
        for at in 0..blocks.len() {
            let left = blocks.len() - at;
            if left > BLOCKS_PER_THREAD && started.elapsed() >= self.bounds.alone {
                let helpers = Helpers::hire(left / BLOCKS_PER_THREAD);
                if helpers.0 > 0 {
                    return self.scan_together(&blocks, at, &helpers);
                }
            }
            self.pace.give_way();
            let counts = self.execution.needs_count_only();
            let found = self.examine_at(&blocks, at, counts)?;
            self.take_block(&found)?;
        }
        Ok(())
    }

    /// The first of the blocks that can have what the query asks for, and the one after the last: events of a range of
    /// positions stand together, and where they are in the order of their times, those of a range of time.
    fn range(&self) -> Result<(usize, usize), Fault> {
        let (mut begin, mut end) = (0, self.chunks.len());
        let (low, high) = self.query.position_bounds();
        if (low, high) != (0, u64::MAX) {
            begin = self.first_where(begin, end, |block| block.end() > low)?;
            end = self.first_where(begin, end, |block| block.place(0) > high)?;
        }
        let (low, high) = self.query.time_bounds();
        if self.late_position > 0 || (low, high) == (i64::MIN, i64::MAX) {
            return Ok((begin, end));
        }
        // What has no summary is neither passed over nor taken for the end.
        begin = self.first_where(begin, end, |block| {
            let overview = block.overview();
            overview.is_none_or(|overview| overview.times().1 >= low)
        })?;
        end = self.first_where(begin, end, |block| {
            let overview = block.overview();
            overview.is_some_and(|overview| overview.times().0 > high)
        })?;
        Ok((begin, end))
    }

    /// The first of the blocks `begin..end` that `is` says yes to, as it does to all that follow it.
    fn first_where(
        &self,
        mut begin: usize,
        mut end: usize,
        is: impl Fn(&BlockChunk<'_>) -> bool,
    ) -> Result<usize, Fault> {
        while begin < end {
            let middle = begin + (end - begin) / 2;
            if is(&self.block(middle)?) {
                end = middle;
            } else {
                begin = middle + 1;
            }
        }
        Ok(begin)
    }

    /// Finds the events at one end of time, newest or oldest blocks first, until none of those that
    /// are left can have another one.
    pub(super) fn end(&mut self, descending: bool) -> Result<(), Fault> {
        self.plan.path = Path::Blocks;
        let end = self.chunks.len();
        for step in 0..end {
            let index = if descending { end - 1 - step } else { step };
            let block = self.block(index)?;
            // What is yet to come stands earlier in the log if the order is descending, and later if it
            // is ascending, so that an equal time does not suffice.
            let excluded = match (self.execution.time_to_beat(), block.overview()) {
                (Some(ms), Some(overview)) if descending => overview.times().1 <= ms,
                (Some(ms), Some(overview)) => overview.times().0 >= ms,
                _ => false,
            };
            if excluded {
                self.take(&Examined::counted(block.count()))?;
            } else {
                self.pace.give_way();
                let found = self.examine(&block, false)?;
                self.take_block(&found)?;
            }
        }
        Ok(())
    }

    /// The block of that index, as long as anybody wants the result.
    fn block(&self, index: usize) -> Result<BlockChunk<'a>, Fault> {
        self.check()?;
        Ok(BlockChunk::new(self.chunks.chunk(index)?, self.instance_id))
    }

    /// What the one of some with that number has for the result, as long as anybody wants it.
    fn examine_at(&self, blocks: &Blocks, at: usize, counts: bool) -> Result<FoundInBlock, Fault> {
        self.check()?;
        let asked = (self.query, counts);
        match blocks.step(at, asked, self.chunks, self.instance_id)? {
            Step::Chunk(block) => self.examine(&block, counts),
            Step::Known(examined) => Ok(FoundInBlock {
                examined,
                is_sealed: true,
            }),
        }
    }

    /// What a block has for the result, or how many events match if it `counts` them.
    fn examine(&self, block: &BlockChunk<'_>, counts: bool) -> Result<FoundInBlock, Fault> {
        Ok(FoundInBlock {
            examined: if counts {
                self.query.count_in(self.instance_id, block)?
            } else {
                self.query.examine(self.instance_id, block)?
            },
            is_sealed: block.chunk.is_sealed(),
        })
    }

    fn take_block(&mut self, found: &FoundInBlock) -> Result<(), Fault> {
        let events = self.events();
        found.take(&mut self.execution, &mut self.plan, &events)
    }

    /// Goes through some blocks from one of them on, with the help of other threads.
    fn scan_together(
        &mut self,
        blocks: &Blocks,
        from: usize,
        helpers: &Helpers,
    ) -> Result<(), Fault> {
        let mut execution = std::mem::replace(&mut self.execution, Execution::new(self.query));
        let mut plan = std::mem::take(&mut self.plan);
        plan.threads = helpers.0 + 1;
        let shared = SharedScan {
            blocks,
            next: AtomicUsize::new(from),
            taking: Mutex::new(Taking {
                turn: from,
                execution: &mut execution,
                plan: &mut plan,
                failure: None,
            }),
            taken: Condvar::new(),
            counts: AtomicBool::new(false),
            failed: AtomicBool::new(false),
        };
        let run = &*self;
        thread::scope(|scope| {
            for _ in 0..helpers.0 {
                // Without the thread, the others do the work.
                let _ = thread::Builder::new()
                    .name("eventlog-scan".into())
                    .spawn_scoped(scope, || shared.work(run, &Pace::at_once()));
            }
            // Those that help wait for what this thread takes.
            shared.work(run, self.pace);
        });
        let failure = shared.taking.into_inner().failure;
        self.execution = execution;
        self.plan = plan;
        failure.map_or(Ok(()), Err)
    }
}

impl SharedScan<'_, '_> {
    /// Examines blocks until none is left or something has failed.
    fn work(&self, run: &Run<'_>, pace: &Pace) {
        loop {
            pace.give_way();
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            if at >= self.blocks.len() || self.failed.load(Ordering::Relaxed) {
                return;
            }
            let counts = self.counts.load(Ordering::Relaxed);
            let examine = || run.examine_at(self.blocks, at, counts);
            let found = unless_it_panics(examine);
            let mut taking = self.taking.lock();
            while taking.turn != at && taking.failure.is_none() {
                self.taken.wait(&mut taking);
            }
            if taking.failure.is_none() {
                let Taking {
                    execution, plan, ..
                } = &mut *taking;
                let take = |found: FoundInBlock| {
                    unless_it_panics(|| found.take(execution, plan, &run.events()))
                };
                let taken = found.and_then(take);
                let counts = execution.needs_count_only();
                self.counts.store(counts, Ordering::Relaxed);
                taking.turn += 1;
                if let Err(fault) = taken {
                    taking.failure = Some(fault);
                    self.failed.store(true, Ordering::Relaxed);
                }
            }
            self.taken.notify_all();
        }
    }
}

impl FoundInBlock {
    fn take(
        &self,
        execution: &mut Execution<'_>,
        plan: &mut Plan,
        events: &EventsOf<'_>,
    ) -> Result<(), Fault> {
        plan.add_block(self.examined.effort, self.is_sealed);
        execution.take(&self.examined, events)
    }
}

/// Does `work`, whose panic becomes a failure: redb panics where pages were altered behind its back,
/// and nobody may wait for a thread that is gone.
fn unless_it_panics<T>(work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    caught(work).unwrap_or_else(|panic| Err(Fault::of_panic("reading", &panic)))
}
