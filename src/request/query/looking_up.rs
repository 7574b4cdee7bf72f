//! Asking look-ups which blocks can have what a query asks for, on several threads where there are many.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use parking_lot::Mutex;

use super::Run;
use super::scan::Helpers;
use super::shared_scan::unless_it_panics;
use crate::block::lookup::{Candidates, Wanted};
use crate::engine::{Fault, Pace};

/// How many parts of the blocks must be left for a thread to be worth it.
const PARTS_PER_THREAD: usize = 2;

/// What is found in chunks that follow each other.
type Found = Result<Candidates, Fault>;

/// Chunks that several threads look up, a part at a time.
struct SharedLookUp<'l> {
    chunks: Range<usize>,
    at_once: usize,
    ask: &'l (dyn Fn(Range<usize>) -> Found + Sync),
    /// The number of the next part that nobody has, see [`part`].
    next: AtomicUsize,
    failed: AtomicBool,
    found: Mutex<Vec<Option<Found>>>,
}

impl Run<'_> {
    /// Those chunks of a range that can have what is wanted.
    ///
    /// # Errors
    ///
    /// Of all failures, the first one in the order of the log: a storage fault, corruption; that nobody wants the result.
    pub(super) fn look_up(&mut self, wanted: &Wanted, chunks: Range<usize>) -> Found {
        let (started, bounds) = (Instant::now(), self.bounds);
        let mut hired = None;
        let hire = |wanted| {
            if started.elapsed() < bounds.alone {
                return 0;
            }
            hired.insert(Helpers::hire(wanted)).0
        };
        let run = &*self;
        let ask = |chunks| run.look_up_part(wanted, chunks);
        let found = look_up_by(chunks, bounds.looked_up_at_once, &ask, run.pace, hire);
        if let Some(Helpers(helpers @ 1..)) = hired {
            self.plan.threads = helpers + 1;
        }
        found
    }

    /// Those of a part of the chunks, as long as anybody wants the result.
    fn look_up_part(&self, wanted: &Wanted, chunks: Range<usize>) -> Found {
        self.check()?;
        let chunks = chunks.start as u64..chunks.end as u64;
        self.chunks.look_up(wanted, chunks)
    }
}

/// What `ask` finds in some chunks. This thread asks about a part at a time, until `hire` gives it some of the threads that
/// are wanted: then they ask about all that is left.
fn look_up_by(
    chunks: Range<usize>,
    at_once: usize,
    ask: &(dyn Fn(Range<usize>) -> Found + Sync),
    pace: &Pace,
    mut hire: impl FnMut(usize) -> usize,
) -> Found {
    let mut found = Candidates::default();
    let mut left = chunks;
    while !left.is_empty() {
        let parts = parts_of(&left, at_once).len();
        if parts >= PARTS_PER_THREAD {
            let helpers = hire(parts / PARTS_PER_THREAD);
            if helpers > 0 {
                found.extend(SharedLookUp::new(left, at_once, ask).by(helpers, pace)?);
                break;
            }
        }
        pace.give_way();
        let first = part(left.start / at_once, &left, at_once);
        left.start = first.end;
        found.extend(ask(first)?);
    }
    Ok(found)
}

/// The numbers of the parts of some chunks. They end where lists do, so that a list is asked about one of them.
const fn parts_of(chunks: &Range<usize>, at_once: usize) -> Range<usize> {
    chunks.start / at_once..chunks.end.div_ceil(at_once)
}

/// Those of the chunks that are of the part with that number.
fn part(number: usize, chunks: &Range<usize>, at_once: usize) -> Range<usize> {
    let first = number * at_once;
    chunks.start.max(first)..chunks.end.min(first + at_once)
}

impl<'l> SharedLookUp<'l> {
    fn new(
        chunks: Range<usize>,
        at_once: usize,
        ask: &'l (dyn Fn(Range<usize>) -> Found + Sync),
    ) -> Self {
        let parts = parts_of(&chunks, at_once);
        Self {
            next: AtomicUsize::new(parts.start),
            failed: AtomicBool::new(false),
            found: Mutex::new(parts.map(|_| None).collect()),
            chunks,
            at_once,
            ask,
        }
    }

    /// What is found by this thread and others that help.
    fn by(self, helpers: usize, pace: &Pace) -> Found {
        thread::scope(|scope| {
            for _ in 0..helpers {
                // Without the thread, the others do the work.
                let _ = thread::Builder::new()
                    .name("eventlog-scan".into())
                    .spawn_scoped(scope, || self.work(&Pace::at_once()));
            }
            self.work(pace);
        });
        let mut all = Candidates::default();
        // Parts are begun in their order, and ended: where there is none, one before it has failed.
        for found in self.found.into_inner().into_iter().flatten() {
            all.extend(found?);
        }
        Ok(all)
    }

    /// Asks about parts until none is left or something has failed.
    fn work(&self, pace: &Pace) {
        let parts = parts_of(&self.chunks, self.at_once);
        while !self.failed.load(Ordering::Relaxed) {
            pace.give_way();
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= parts.end {
                return;
            }
            let found = unless_it_panics(|| (self.ask)(part(number, &self.chunks, self.at_once)));
            if found.is_err() {
                self.failed.store(true, Ordering::Relaxed);
            }
            self.found.lock()[number - parts.start] = Some(found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::lookup::CandidateRows;

    fn by_all(
        chunks: Range<usize>,
        at_once: usize,
        helpers: usize,
        ask: &(dyn Fn(Range<usize>) -> Found + Sync),
    ) -> Found {
        SharedLookUp::new(chunks, at_once, ask).by(helpers, &Pace::at_once())
    }

    #[test]
    fn however_many_ask_all_parts_are_asked_about_once() {
        for helpers in 0..4 {
            for (chunks, at_once) in [(0..0, 3), (5..6, 1), (5..6, 3), (2..101, 7), (0..64, 8)] {
                let asked = Mutex::new(Vec::new());
                let ask = |part: Range<usize>| {
                    assert!(!part.is_empty());
                    assert_eq!(part.start / at_once, (part.end - 1) / at_once);
                    asked.lock().extend(part.clone());
                    let thirds = part.filter(|chunk| chunk.is_multiple_of(3));
                    let all = |chunk| (chunk as u64, CandidateRows::All);
                    Ok(thirds.map(all).collect())
                };
                let found = by_all(chunks.clone(), at_once, helpers, &ask).unwrap();
                let all: Vec<usize> = chunks.collect();
                let mut asked = asked.into_inner();
                asked.sort_unstable();
                assert_eq!(asked, all);
                let found = found.into_blocks().map(|(chunk, _)| chunk as usize);
                let found: Vec<usize> = found.collect();
                let expected = all.into_iter().filter(|chunk| chunk.is_multiple_of(3));
                assert_eq!(found, expected.collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn what_one_thread_has_found_stays_where_others_come_to_help() {
        let chunks = 2..101;
        for alone in 0..15 {
            let asked = Mutex::new(Vec::new());
            let ask = |part: Range<usize>| {
                asked.lock().extend(part.clone());
                Ok(Candidates::all(part.start as u64..part.end as u64))
            };
            let mut hired = Vec::new();
            let hire = |wanted| {
                hired.push(wanted);
                if hired.len() > alone { 2 } else { 0 }
            };
            let found = look_up_by(chunks.clone(), 7, &ask, &Pace::at_once(), hire).unwrap();
            let found = found.into_blocks().map(|(chunk, _)| chunk as usize);
            assert!(found.eq(chunks.clone()), "{alone}");
            let mut asked = asked.into_inner();
            asked.sort_unstable();
            assert!(asked.into_iter().eq(chunks.clone()), "{alone}");
            // There are 15 parts, and nobody helps with the last one.
            let all = [7, 7, 6, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1];
            assert_eq!(hired, all[..all.len().min(alone + 1)]);
        }
    }

    #[test]
    fn the_first_failure_in_the_order_of_the_log_is_told() {
        // The first part that fails waits until a later one has, if there is one who can ask about that.
        for helpers in 0..4 {
            let later = AtomicBool::new(helpers == 0);
            let ask = |part: Range<usize>| match part.start {
                20 => {
                    while !later.load(Ordering::Relaxed) {
                        thread::yield_now();
                    }
                    Err(Fault::Corrupted("the first".into()))
                }
                30 => {
                    later.store(true, Ordering::Relaxed);
                    Err(Fault::Corrupted("the second".into()))
                }
                _ => Ok(Candidates::default()),
            };
            match by_all(0..90, 10, helpers, &ask) {
                Err(Fault::Corrupted(text)) => assert_eq!(text, "the first"),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_panic_is_a_failure() {
        let ask = |part: Range<usize>| match part.start {
            4 => panic!("a page that was altered"),
            _ => Ok(Candidates::all(part.start as u64..part.end as u64)),
        };
        assert!(by_all(0..9, 2, 2, &ask).is_err());
        assert_eq!(by_all(0..4, 2, 2, &ask).unwrap().into_blocks().count(), 4);
    }
}
