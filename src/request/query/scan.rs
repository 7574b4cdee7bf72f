//! Going through the blocks of an instance.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use parking_lot::{Condvar, Mutex};

use super::Run;
use super::block_chunk::BlockChunk;
use super::plan::{Path, Plan};
use crate::block::Directory;
use crate::engine::Fault;
use crate::error::panic_text;
use crate::query::{Chunk as _, Effort, Examined, Execution};

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
struct Found {
    examined: Examined,
    is_sealed: bool,
}

/// Blocks being gone through by several threads. Each takes the next one that nobody has, and what
/// it finds there is taken in order: for that it waits its turn.
struct Shared<'run, 'query> {
    next: AtomicUsize,
    end: usize,
    taking: Mutex<Taking<'run, 'query>>,
    taken: Condvar,
    failed: AtomicBool,
}

struct Taking<'run, 'query> {
    turn: usize,
    execution: &'run mut Execution<'query>,
    plan: &'run mut Plan,
    failure: Option<Fault>,
}

impl Run<'_> {
    /// Goes through all blocks, in the order of the log.
    pub(super) fn scan(&mut self) -> Result<(), Fault> {
        self.plan.path = Path::Blocks;
        let started = Instant::now();
        let (begin, end) = self.range()?;
        for index in begin..end {
            let left = end - index;
            if left > BLOCKS_PER_THREAD && started.elapsed() >= self.bounds.alone {
                let helpers = Helpers::hire(left / BLOCKS_PER_THREAD);
                if helpers.0 > 0 {
                    return self.scan_together(index, end, &helpers);
                }
            }
            let found = self.examine(index)?;
            self.plan.add_block(found.examined.effort, found.is_sealed);
            self.take_found(&found.examined)?;
        }
        Ok(())
    }

    /// The first of the blocks that can have what the query asks for, and the one after the last:
    /// where events are in the order of their times, those of a range of time stand together.
    fn range(&self) -> Result<(usize, usize), Fault> {
        let len = self.chunks.len();
        let (low, high) = self.query.time_bounds();
        if self.late_position > 0 || (low, high) == (i64::MIN, i64::MAX) {
            return Ok((0, len));
        }
        // What has no summary is neither passed over nor taken for the end.
        let begin = self.first_where(0, len, |directory| {
            directory.is_none_or(|directory| directory.max_time() >= low)
        })?;
        let end = self.first_where(begin, len, |directory| {
            directory.is_some_and(|directory| directory.min_time() > high)
        })?;
        Ok((begin, end))
    }

    /// The first of the blocks `begin..end` that `is` says yes to, as it does to all that follow it.
    fn first_where(
        &self,
        mut begin: usize,
        mut end: usize,
        is: impl Fn(Option<&Directory>) -> bool,
    ) -> Result<usize, Fault> {
        while begin < end {
            self.check()?;
            let middle = begin + (end - begin) / 2;
            if is(self.chunks.chunk(middle)?.directory()) {
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
            self.check()?;
            let index = if descending { end - 1 - step } else { step };
            let chunk = BlockChunk {
                chunk: self.chunks.chunk(index)?,
                instance_id: self.instance_id,
            };
            let len = chunk.len() as u64;
            let time_to_beat = self.execution.time_to_beat();
            let excluded =
                time_to_beat
                    .zip(chunk.chunk.directory())
                    .is_some_and(|(ms, directory)| {
                        // Those that are yet to come stand earlier in the log if the order is descending,
                        // and later if it is ascending, so that equal times do not suffice.
                        if descending {
                            directory.max_time() <= ms
                        } else {
                            directory.min_time() >= ms
                        }
                    });
            if excluded {
                self.take(&Examined::counted(len))?;
            } else {
                let examined = self.query.examine(self.instance_id, &chunk)?;
                self.plan
                    .add_block(examined.effort, chunk.chunk.is_sealed());
                self.take_found(&examined)?;
            }
        }
        Ok(())
    }

    fn examine(&self, index: usize) -> Result<Found, Fault> {
        self.check()?;
        let chunk = BlockChunk {
            chunk: self.chunks.chunk(index)?,
            instance_id: self.instance_id,
        };
        Ok(Found {
            examined: self.query.examine(self.instance_id, &chunk)?,
            is_sealed: chunk.chunk.is_sealed(),
        })
    }

    /// Goes through the blocks from one on, with the help of other threads.
    fn scan_together(&mut self, from: usize, end: usize, helpers: &Helpers) -> Result<(), Fault> {
        let mut execution = std::mem::replace(&mut self.execution, Execution::new(self.query));
        let mut plan = std::mem::take(&mut self.plan);
        plan.threads = helpers.0 + 1;
        let shared = Shared {
            next: AtomicUsize::new(from),
            end,
            taking: Mutex::new(Taking {
                turn: from,
                execution: &mut execution,
                plan: &mut plan,
                failure: None,
            }),
            taken: Condvar::new(),
            failed: AtomicBool::new(false),
        };
        let run = &*self;
        thread::scope(|scope| {
            for _ in 0..helpers.0 {
                // Without the thread, the others do the work.
                let _ = thread::Builder::new()
                    .name("eventlog-scan".into())
                    .spawn_scoped(scope, || shared.work(run));
            }
            shared.work(run);
        });
        let failure = shared.taking.into_inner().failure;
        self.execution = execution;
        self.plan = plan;
        failure.map_or(Ok(()), Err)
    }
}

impl Shared<'_, '_> {
    /// Examines blocks until none is left or something has failed.
    fn work(&self, run: &Run<'_>) {
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            if index >= self.end || self.failed.load(Ordering::Relaxed) {
                return;
            }
            let found = caught(|| run.examine(index));
            let mut taking = self.taking.lock();
            while taking.turn != index && taking.failure.is_none() {
                self.taken.wait(&mut taking);
            }
            if taking.failure.is_none() {
                let taken = found.and_then(|found| caught(|| taking.take(&found, run)));
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

impl Taking<'_, '_> {
    fn take(&mut self, found: &Found, run: &Run<'_>) -> Result<(), Fault> {
        let effort: Effort = found.examined.effort;
        self.plan.add_block(effort, found.is_sealed);
        self.execution.take(&found.examined, &run.events())
    }
}

/// Does `work`, whose panic becomes a failure: redb panics where pages were altered behind its back,
/// and nobody may wait for a thread that is gone.
fn caught<T>(work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        Err(Fault::Corrupted(format!(
            "reading failed unexpectedly, as it does where the file is damaged: {}",
            panic_text(&*panic)
        )))
    })
}
