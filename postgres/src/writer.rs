//! The one thread per open log that writes: it takes all that is queued, makes one commit of it, and only then answers. While
//! the server is at work on one, the next may be on its way.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use codebolt_eventlog::engine::Fault;
use codebolt_eventlog::engine::workings::{CountedCommit, Counters, Queue, Queued};
use codebolt_eventlog::error::{Code, Error};
use codebolt_eventlog::panic::{Panic, caught};
use codebolt_eventlog::seam::{Preview, QueuedChange, ReadSnapshot};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::blocks::Wanted;
use crate::commit::{Committed, Committer, FRAMES_MAX, Stages};
use crate::followers::Followers;
use crate::hints::Hints;
use crate::observed::Observed;
use crate::reads::{Lent, Reads};
use crate::snapshot::Snapshot;
use crate::staging::Staging;

/// How much goes into one commit, in bytes of its changes, unless one alone has more.
const COMMIT_BYTES: usize = 4 << 20;

/// A change that waits for its turn.
pub(crate) struct Change(pub(crate) Box<dyn QueuedChange>);

impl Queued for Change {
    fn bytes(&self) -> usize {
        self.0.bytes()
    }
}

/// What the writer works with.
#[derive(Clone)]
pub(crate) struct Writer {
    pub(crate) queue: Arc<Queue<Change>>,
    pub(crate) committer: Arc<Mutex<Committer>>,
    pub(crate) reads: Arc<Reads>,
    pub(crate) followers: Arc<Followers>,
    pub(crate) hints: Arc<Hints>,
    pub(crate) observed: Arc<Observed>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) stirred: Arc<Stirred>,
}

/// Tells the writer, which waits for an answer of the server, that there is enough to be sent meanwhile.
#[derive(Default)]
pub(crate) struct Stirred {
    /// How many calls have to be queued; 0 if it is not waited for any.
    wanted: AtomicUsize,
    enough: Notify,
}

impl Stirred {
    /// Waits for so many calls from now on.
    fn want(&self, calls: usize) {
        self.wanted.store(calls, Ordering::SeqCst);
    }

    const fn heard(&self) -> &Notify {
        &self.enough
    }

    /// Looks whether so many calls are queued as are waited for.
    pub(crate) fn look(&self, queue: &Queue<Change>) {
        let wanted = self.wanted.load(Ordering::SeqCst);
        if wanted > 0 && queue.counts().calls as usize >= wanted {
            self.wanted.store(0, Ordering::SeqCst);
            self.enough.notify_one();
        }
    }
}

/// The log before the changes that are prepared together, begun when one asks for it, with nothing under way.
struct Before<'a> {
    writer: &'a Writer,
    under_way: Mutex<(&'a mut Committer, &'a mut Flights)>,
    snapshot: std::cell::OnceCell<Result<Snapshot, Error>>,
}

impl Preview for Before<'_> {
    fn snapshot(&self) -> Result<&dyn ReadSnapshot, Error> {
        let snapshot = self.snapshot.get_or_init(|| {
            let (committer, flights) = &mut *self.under_way.lock();
            self.writer.land_all(committer, flights);
            committer.preview()
        });
        let snapshot = snapshot.as_ref().map_err(Error::clone)?;
        Ok(snapshot)
    }
}

/// Changes that are committed together.
struct Flight {
    changes: Vec<Change>,
    /// What was refused of them when they were last staged.
    refusals: Vec<Option<Error>>,
    /// The blocks that were met whose summaries are to be kept.
    wanted: Vec<Wanted>,
    began: Instant,
}

impl Flight {
    /// Both in one.
    fn with(mut self, behind: Self) -> Self {
        self.changes.extend(behind.changes);
        self.refusals.extend(behind.refusals);
        self.wanted.extend(behind.wanted);
        self
    }
}

/// A flight that takes more changes on if it has to wait for others.
struct Boarding<'a> {
    writer: &'a Writer,
    flight: &'a mut Flight,
}

impl Stages for Boarding<'_> {
    fn stage(&mut self, staging: &mut Staging<'_>) -> Result<(), Fault> {
        self.flight.stage(staging)
    }

    fn add_more(&mut self) {
        // Reads that were called before a change are to begin before it is made, and nobody is to wait for that meanwhile.
        if !self.writer.reads.is_settled() {
            return;
        }
        let held: usize = self.flight.changes.iter().map(Queued::bytes).sum();
        let room = COMMIT_BYTES.saturating_sub(held);
        if room == 0 {
            return;
        }
        let before = Elsewhere {
            reads: &self.writer.reads,
            snapshot: std::cell::OnceCell::new(),
        };
        let more = self.writer.queue.take_waiting(room);
        if !more.is_empty() {
            // One may have been called since it was looked.
            self.writer.reads.settle();
        }
        for mut change in more {
            // As those that were there before.
            let _ = caught(|| change.0.prepare(&before));
            self.flight.changes.push(change);
            self.flight.refusals.push(None);
        }
    }
}

/// The log before changes that are added to a commit which has begun: on another connection.
struct Elsewhere<'a> {
    reads: &'a Arc<Reads>,
    snapshot: std::cell::OnceCell<Result<Lent, Error>>,
}

impl Preview for Elsewhere<'_> {
    fn snapshot(&self) -> Result<&dyn ReadSnapshot, Error> {
        let lent = self.snapshot.get_or_init(|| self.reads.lend());
        Ok(lent.as_ref().map_err(Error::clone)?.snapshot()?)
    }
}

impl Stages for Flight {
    fn stage(&mut self, staging: &mut Staging<'_>) -> Result<(), Fault> {
        for (change, refusal) in self.changes.iter_mut().zip(&mut self.refusals) {
            *refusal = match change.0.apply(staging) {
                Ok(()) => None,
                Err(Fault::Refused(error)) => Some(error),
                Err(fault) => return Err(fault),
            };
        }
        Ok(())
    }
}

/// What is under way, the first of it first.
type Flights = VecDeque<Flight>;

impl Writer {
    /// Works until nothing is queued for long, or the queue is closed and empty.
    pub(crate) fn run(self) {
        let mut flights = Flights::new();
        // How many calls are made at the same time, about.
        let mut crowd = 0;
        loop {
            let changes = if flights.is_empty() {
                match self.queue.take(COMMIT_BYTES) {
                    Some(changes) => changes,
                    None => return,
                }
            } else {
                self.enough(&flights, crowd)
            };
            let committer = &mut *self.committer.lock();
            if !changes.is_empty() {
                self.work_off(committer, changes, &mut flights);
                let under_way: usize = flights.iter().map(|flight| flight.changes.len()).sum();
                let calls = under_way + self.queue.counts().calls as usize;
                crowd = calls.max(crowd - crowd / 8);
            } else if committer.hear(self.stirred.heard()) {
                self.land(committer, &mut flights);
            }
        }
    }

    /// What is queued, if it is enough to be sent behind what is under way: of those who call at the same time, as large a part
    /// as there may be frames. Then the parts take turns, and none of them becomes so small that its commit costs more than it
    /// is worth.
    fn enough(&self, flights: &Flights, crowd: usize) -> Vec<Change> {
        if flights.len() >= FRAMES_MAX {
            return Vec::new();
        }
        let wanted = (crowd / FRAMES_MAX).max(1);
        self.stirred.want(wanted);
        if (self.queue.counts().calls as usize) < wanted {
            return Vec::new();
        }
        self.queue.take_waiting(COMMIT_BYTES)
    }

    /// Begins to commit changes, and goes on with those that are under way if that has to be waited for.
    fn work_off(&self, committer: &mut Committer, changes: Vec<Change>, flights: &mut Flights) {
        if !self.reads.is_settled() {
            // Reads may take long to begin. What is under way was called before them.
            self.land_all(committer, flights);
            self.reads.settle();
        }
        let mut flight = Flight {
            refusals: vec![None; changes.len()],
            changes,
            wanted: Vec::new(),
            began: Instant::now(),
        };
        self.prepare(committer, &mut flight, flights);
        let sent = caught(|| committer.send_ahead(&mut flight));
        if sent.unwrap_or_else(|_| committer.flying() > flights.len()) {
            flights.push_back(flight);
            return;
        }
        self.land_all(committer, flights);
        self.commit(committer, flight);
    }

    /// Waits for what becomes of all that is under way, and answers.
    fn land_all(&self, committer: &mut Committer, flights: &mut Flights) {
        while !flights.is_empty() {
            self.land(committer, flights);
        }
    }

    /// Waits for what becomes of the first flight, and answers. If it has come to nothing, all are over: what is not stored
    /// of them is committed anew.
    fn land(&self, committer: &mut Committer, flights: &mut Flights) {
        if let Some(committed) = committer.land() {
            if let Some(flight) = flights.pop_front() {
                self.finish(flight, Ok(committed));
            }
            return;
        }
        let mut fallen = std::mem::take(flights);
        match committer.fall() {
            Err(error) => fallen
                .into_iter()
                .for_each(|flight| self.finish(flight, Err(error.clone()))),
            Ok(stored) => {
                for (flight, committed) in fallen.drain(..stored.len()).zip(stored) {
                    self.finish(flight, Ok(committed));
                }
                // Together: while one of them waits for others to commit, it takes on what was called after all of them.
                if let Some(all) = fallen.into_iter().reduce(Flight::with) {
                    self.commit(committer, all);
                }
            }
        }
    }

    /// Commits changes and answers each. Whatever panics, the thread goes on and nothing waits for ever.
    fn commit(&self, committer: &mut Committer, mut flight: Flight) {
        let mut boarding = Boarding {
            writer: self,
            flight: &mut flight,
        };
        let committed = caught(|| committer.commit(&mut boarding));
        let committed = committed.unwrap_or_else(|panic| {
            let is_unknown = committer.is_pending();
            committer.reset();
            Err(unexpected(&panic, is_unknown))
        });
        self.finish(flight, committed);
    }

    /// Answers changes of which it is known what has become of them.
    fn finish(&self, flight: Flight, committed: Result<Committed, Error>) {
        let Flight {
            changes,
            refusals,
            mut wanted,
            began,
        } = flight;
        let is_stored = committed
            .as_ref()
            .is_ok_and(|committed| committed.is_stored);
        match &committed {
            Ok(committed) if committed.is_stored => {
                let calls = refusals.iter().filter(|refusal| refusal.is_none()).count();
                self.counters.add_commit(CountedCommit {
                    commit: self.observed.number(),
                    bytes: committed.bytes,
                    events: committed.events,
                    calls,
                    time: began.elapsed(),
                });
            }
            Ok(_) => {}
            Err(_) => self.counters.add_failed_commit(),
        }
        let mut changed = Vec::new();
        // A refusal may rest on a neighbour's change, so it falls with it.
        let failure = match committed {
            Ok(committed) => {
                changed = committed.instances;
                wanted.extend(committed.blocks);
                None
            }
            Err(failure) => Some(failure),
        };
        let outcomes = refusals
            .into_iter()
            .map(|refusal| failure.clone().or(refusal).map_or(Ok(()), Err));
        if is_stored {
            self.hints.give(changed);
        }
        self.answer(changes, outcomes.collect());
        if failure.is_some() {
            self.followers.wake_all();
        } else {
            self.followers.wake_changed();
        }
        self.reads.want(wanted);
    }

    /// Prepares changes: once more if the connection is lost meanwhile, as long as a server is waited for.
    fn prepare(&self, committer: &mut Committer, flight: &mut Flight, flights: &mut Flights) {
        let until = self.reads.patience();
        loop {
            let before = Before {
                writer: self,
                under_way: Mutex::new((&mut *committer, &mut *flights)),
                snapshot: std::cell::OnceCell::new(),
            };
            for change in &mut flight.changes {
                // One that panics here panics again, or refuses, when it is applied.
                let _ = caught(|| change.0.prepare(&before));
            }
            let Some(Ok(snapshot)) = before.snapshot.into_inner() else {
                return;
            };
            let is_lost = snapshot.is_lost();
            flight.wanted = committer.end_preview(snapshot);
            if !is_lost || Instant::now() > until {
                return;
            }
        }
    }

    fn answer(&self, changes: Vec<Change>, outcomes: Vec<Result<(), Error>>) {
        let refused = outcomes.iter().filter(|outcome| outcome.is_err()).count();
        self.counters.add_refused_calls(refused);
        // Before the answers, so that whoever hears one finds room for the next call.
        self.queue.release(changes.iter().map(Queued::bytes).sum());
        for (change, outcome) in changes.into_iter().zip(outcomes) {
            let _ = caught(|| change.0.finish(outcome));
        }
    }
}

fn unexpected(panic: &Panic, is_unknown: bool) -> Error {
    let fault = panic.fault("writing");
    if is_unknown {
        let text = format!(
            "whether the change was stored is not known: {}",
            fault.text()
        );
        return Error::new(Code::OutcomeUnknown, text);
    }
    fault
}
