//! Going through the blocks of an instance.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use super::block_chunk::BlockChunk;
use super::blocks::Step;
use super::found_in_block::FoundInBlock;
use super::plan::Path;
use super::shared_scan::{GIVEN_AT_ONCE, SharedScan};
use super::{Blocks, EventsOf, Run};
use crate::engine::{Fault, Pace};
use crate::query::{Chunk as _, Events as _, Examined, Execution, Sink};

/// How many blocks must be left for a thread to be worth it.
const BLOCKS_PER_THREAD: usize = 4;

/// How many threads help with queries at this moment, in the whole process.
static HELPERS: AtomicUsize = AtomicUsize::new(0);

/// The right to start threads that help.
pub(in crate::request) struct Helpers(pub(in crate::request) usize);

impl Helpers {
    /// As many as are free, up to `wanted`: all queries together have no more than there are cores
    /// beside the one that each of them runs on.
    pub(in crate::request) fn hire(wanted: usize) -> Self {
        let most = thread::available_parallelism().map_or(1, |cores| cores.get() - 1);
        let mut hired = 0;
        // The count guards nothing but itself.
        let _ = HELPERS.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |busy| {
            hired = wanted.min(most.saturating_sub(busy));
            Some(busy + hired)
        });
        Self(hired)
    }

    /// As many as are wanted, whether or not they are free.
    #[cfg(test)]
    pub(in crate::request) fn hire_all(wanted: usize) -> Self {
        HELPERS.fetch_add(wanted, Ordering::Relaxed);
        Self(wanted)
    }
}

impl Drop for Helpers {
    fn drop(&mut self) {
        HELPERS.fetch_sub(self.0, Ordering::Relaxed);
    }
}

impl<'a> Run<'a> {
    /// Goes through all blocks, in the order of the log.
    pub(super) fn scan(&mut self, sink: &mut dyn Sink) -> Result<(), Fault> {
        self.plan.path = Path::Blocks;
        let started = Instant::now();
        let (begin, end) = self.range()?;
        let all = begin..end;
        let wanted = self.query.wanted().filter(|_| !all.is_empty());
        let blocks = match wanted {
            Some(wanted) => Blocks::found(&all, self.look_up(&wanted, all.clone())?),
            None => Blocks::with_spans(self.query, self.chunks, all, self.instance_id)?,
        };
        self.plan.blocks_ruled_out += blocks.ruled_out;
        for at in 0..blocks.len() {
            let left = blocks.len() - at;
            if left > BLOCKS_PER_THREAD && started.elapsed() >= self.bounds.alone {
                let helpers = Helpers::hire(left / BLOCKS_PER_THREAD);
                if helpers.0 > 0 {
                    return self.scan_together((&blocks, at), &helpers, sink);
                }
            }
            self.pace.give_way();
            let counts = self.execution.needs_count_only();
            let found = self.examine_at(&blocks, at, counts)?;
            self.take_block(&found)?;
            if let Some(places) = self.execution.take_found(GIVEN_AT_ONCE) {
                let events = self.shown_events();
                events.read(&places, &mut |event| sink.event(event))?;
            }
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
    pub(super) fn examine_at(
        &self,
        blocks: &Blocks,
        at: usize,
        counts: bool,
    ) -> Result<FoundInBlock, Fault> {
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

    /// The events of the result, as they are shown.
    pub(super) fn shown_events(&self) -> EventsOf<'a> {
        EventsOf {
            revealing: self.revealing,
            ..self.events()
        }
    }

    fn take_block(&mut self, found: &FoundInBlock) -> Result<(), Fault> {
        let events = self.events();
        found.take(&mut self.execution, &mut self.plan, &events)
    }

    /// Goes through some blocks from one of them on, with the help of other threads.
    fn scan_together(
        &mut self,
        (blocks, from): (&Blocks, usize),
        helpers: &Helpers,
        sink: &mut dyn Sink,
    ) -> Result<(), Fault> {
        let mut execution = std::mem::replace(&mut self.execution, Execution::new(self.query));
        let mut plan = std::mem::take(&mut self.plan);
        plan.threads = helpers.0 + 1;
        let taking = (&mut execution, &mut plan);
        let shared = SharedScan::new(blocks, from, helpers.0 + 1, taking);
        let run = &*self;
        let mut give = |places: &[u64]| {
            let events = run.shown_events();
            events.read(places, &mut |event| sink.event(event))
        };
        thread::scope(|scope| {
            for _ in 0..helpers.0 {
                // Without the thread, the others do the work.
                let _ = thread::Builder::new()
                    .name("eventlog-scan".into())
                    .spawn_scoped(scope, || shared.work(run, &Pace::at_once(), None));
            }
            shared.work(run, run.pace, Some(&mut give));
        });
        let failure = shared.into_failure();
        self.execution = execution;
        self.plan = plan;
        failure.map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod test;
