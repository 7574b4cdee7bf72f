//! Reading, off the callers' threads.
//!
//! Each read begins a snapshot as soon as it can, and goes on in a lane of its own if it is long. Before the writer
//! commits anything, it has those reads begin that were called before: what it has in its hands was called later, and they
//! must not see it.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use codebolt_eventlog::engine::workings::{IDLE, Lane, PaceTurns};
use codebolt_eventlog::engine::{Pace, closed, no_thread};
use codebolt_eventlog::error::Error;
use codebolt_eventlog::panic::caught;
use codebolt_eventlog::progress::Progress;
use codebolt_eventlog::seam::{QueuedRead, ReadSnapshot as _};
use parking_lot::{Condvar, Mutex};

use crate::blocks::{KnownBlocks, Making, Wanted};
use crate::failure::Failure;
use crate::observed::Observed;
use crate::server::Server;
use crate::session::Session;
use crate::snapshot::Snapshot;

/// How many connections there are for reading, at the most. Reads that find none wait for one.
const SESSIONS_MAX: usize = 10;

/// How many of them are kept while nobody reads.
const SESSIONS_KEPT: usize = 4;

/// How many threads begin reads.
const SMALL_MAX: usize = 4;

/// How many long reads have begun at the most, of which so many as there are turns go on.
const LONG_MAX: usize = 6;

/// How many long reads go on at the same time.
const TURNS: usize = 4;

/// How long it takes until a standby is asked again that is behind.
const BEHIND_PAUSE: Duration = Duration::from_millis(20);

/// How many operations go on at the same time. Those that wait for their turn have not begun, and what is changed after
/// they were called waits for that.
const OPERATIONS_MAX: usize = 4;

/// The threads that read, and their connections.
pub(crate) struct Reads {
    server: Arc<Server>,
    observed: Arc<Observed>,
    known_blocks: Arc<KnownBlocks>,
    small: Lane,
    long: Lane,
    operations: Lane,
    making: Making,
    turns: Arc<PaceTurns>,
    pool: Mutex<Pool>,
    returned: Condvar,
    order: Mutex<Order>,
    begun: Condvar,
}

/// Whether a server is not waited for any more, if a connection was lost for which one is.
fn is_over(until: Option<Instant>) -> bool {
    until.is_some_and(|until| Instant::now() >= until)
}

/// The connections for reading.
#[derive(Default)]
struct Pool {
    idle: Vec<Session>,
    /// How many are in use.
    used: usize,
}

/// The reads that were called and have not begun, by the order of their calls.
#[derive(Debug, Default)]
struct Order {
    next: u64,
    waiting: BTreeSet<u64>,
}

/// The place of a read among those that have not begun, which is given up when this is dropped.
struct Place {
    reads: Arc<Reads>,
    number: u64,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.reads.order.lock().waiting.remove(&self.number);
        self.reads.begun.notify_all();
    }
}

/// A snapshot that gives its connection back when it is dropped.
pub(crate) struct Lent {
    reads: Arc<Reads>,
    snapshot: Option<Snapshot>,
}

impl Drop for Lent {
    fn drop(&mut self) {
        let ended = self.snapshot.take().map(Snapshot::end);
        let (session, wanted) = ended.unwrap_or_default();
        self.reads.give_back(session);
        self.reads.want(wanted);
    }
}

impl Lent {
    pub(crate) fn snapshot(&self) -> Result<&Snapshot, Error> {
        let gone = || Failure::Lost("the snapshot has ended".to_owned()).error();
        self.snapshot.as_ref().ok_or_else(gone)
    }
}

impl Reads {
    /// `session` is the first of the connections.
    pub(crate) fn new(
        server: Arc<Server>,
        (observed, known_blocks): (Arc<Observed>, Arc<KnownBlocks>),
        session: Session,
    ) -> Arc<Self> {
        Arc::new(Self {
            server,
            observed,
            known_blocks,
            small: Lane::new("eventlog-reader", SMALL_MAX, IDLE),
            long: Lane::new("eventlog-search", LONG_MAX, IDLE),
            operations: Lane::new("eventlog-operation", OPERATIONS_MAX, IDLE),
            making: Making::new(),
            turns: PaceTurns::new(TURNS),
            pool: Mutex::new(Pool {
                idle: vec![session],
                used: 0,
            }),
            returned: Condvar::new(),
            order: Mutex::default(),
            begun: Condvar::new(),
        })
    }

    /// Until when a server is waited for from now on.
    pub(crate) fn patience(&self) -> Instant {
        self.server.patience()
    }

    /// Has something read.
    pub(crate) fn read(self: &Arc<Self>, read: Box<dyn QueuedRead>) {
        let (own, place) = (Arc::clone(self), self.place());
        self.small
            .run(Box::new(move |started: io::Result<()>| match started {
                Ok(()) => own.begin(read, place),
                Err(error) => read.run(Err(no_thread(&error)), &Pace::at_once()),
            }));
    }

    /// Has something done that takes long, with a snapshot, unless it is called off before. If the snapshot is lost, it is
    /// done anew with another one, as long as a server is waited for.
    pub(crate) fn operate<T>(
        self: &Arc<Self>,
        progress: Progress,
        mut work: impl FnMut(&Snapshot, &Progress) -> Result<T, Error> + Send + 'static,
        done: impl FnOnce(Result<T, Error>) + Send + 'static,
    ) {
        let (own, place) = (Arc::clone(self), self.place());
        self.operations
            .run(Box::new(move |started: io::Result<()>| {
                let started = started.map_err(|error| no_thread(&error));
                let started = started.and_then(|()| progress.check());
                let mut work = |snapshot: &Snapshot| work(snapshot, &progress);
                done(started.and_then(|()| own.operated(&mut work, place)));
            }));
    }

    fn operated<T>(
        self: &Arc<Self>,
        work: &mut impl FnMut(&Snapshot) -> Result<T, Error>,
        place: Place,
    ) -> Result<T, Error> {
        let mut until = None;
        let mut lent = self.lend();
        drop(place);
        loop {
            let current = lent?;
            let snapshot = current.snapshot()?;
            let outcome = caught(|| work(snapshot));
            let outcome = outcome.unwrap_or_else(|panic| Err(panic.error("the call")));
            if outcome.is_ok() || !snapshot.is_lost() || is_over(until) {
                return outcome;
            }
            until.get_or_insert_with(|| self.server.patience());
            drop(current);
            lent = self.lend();
        }
    }

    fn begin(self: &Arc<Self>, read: Box<dyn QueuedRead>, place: Place) {
        // What nobody hears needs no connection, and holds up no change that was called after it.
        let lent = match self.server.unwanted.is_cancelled() {
            true => Err(closed()),
            false => read.check_wanted().and_then(|()| self.lend()),
        };
        drop(place);
        let lent = match lent {
            Ok(lent) => lent,
            Err(error) => return read.run(Err(error), &Pace::at_once()),
        };
        let is_long = lent.snapshot().is_ok_and(|snapshot| read.is_long(snapshot));
        if !is_long {
            return self.run(read, lent, &Pace::at_once());
        }
        let (own, turns) = (Arc::clone(self), Arc::clone(&self.turns));
        self.long
            .run(Box::new(move |started: io::Result<()>| match started {
                Ok(()) => own.run(read, lent, &turns.wait()),
                Err(error) => read.run(Err(no_thread(&error)), &Pace::at_once()),
            }));
    }

    /// Runs a read. If its connection is lost, it begins anew on another one, as long as a server is waited for.
    fn run(self: &Arc<Self>, mut read: Box<dyn QueuedRead>, mut lent: Lent, pace: &Pace) {
        let mut until = None;
        loop {
            let snapshot = match lent.snapshot() {
                Ok(snapshot) if !is_over(until) => snapshot,
                last => return read.run(last.map(|snapshot| snapshot as _), pace),
            };
            match read.run_unless_lost(snapshot, pace) {
                None => return,
                Some(again) => read = again,
            }
            until.get_or_insert_with(|| self.server.patience());
            // Its connection is given up first: others may have taken all that there may be.
            drop(lent);
            lent = match self.lend() {
                Ok(lent) => lent,
                Err(error) => return read.run(Err(error), pace),
            };
        }
    }

    fn place(self: &Arc<Self>) -> Place {
        let mut order = self.order.lock();
        let number = order.next;
        order.next += 1;
        order.waiting.insert(number);
        drop(order);
        Place {
            reads: Arc::clone(self),
            number,
        }
    }

    /// Whether all reads have begun that were called before.
    pub(crate) fn is_settled(&self) -> bool {
        self.order.lock().waiting.is_empty()
    }

    /// Waits until all reads have begun that were called before.
    pub(crate) fn settle(&self) {
        let mut order = self.order.lock();
        let end = order.next;
        while order.waiting.first().is_some_and(|first| *first < end) {
            self.begun.wait(&mut order);
        }
    }

    /// Begins a snapshot, of a connection that has not been lost meanwhile.
    pub(crate) fn lend(self: &Arc<Self>) -> Result<Lent, Error> {
        let until = self.server.patience();
        let mut kept = self.take();
        loop {
            let was_kept = kept.is_some();
            match self.begin_with(kept.take(), until) {
                Ok(snapshot) => {
                    return Ok(Lent {
                        reads: Arc::clone(self),
                        snapshot: Some(snapshot),
                    });
                }
                // One that was lost while nobody used it says nothing of the servers that there are.
                Err(failure) if failure.is_lost() && (was_kept || Instant::now() < until) => {
                    if matches!(failure, Failure::Behind) {
                        std::thread::sleep(BEHIND_PAUSE);
                    }
                }
                Err(failure) => {
                    self.give_back(None);
                    return Err(failure.error());
                }
            }
        }
    }

    fn begin_with(&self, kept: Option<Session>, until: Instant) -> Result<Snapshot, Failure> {
        let session = match kept {
            Some(session) => session,
            None => self.server.connect_until(until, &self.server.unwanted)?,
        };
        let unwanted = self.server.unwanted.clone();
        Snapshot::begin(session, (&self.observed, &self.known_blocks), unwanted)
    }

    /// Has the summaries of blocks kept, one after the other, with a connection that nobody else wants.
    pub(crate) fn want(self: &Arc<Self>, wanted: Vec<Wanted>) {
        if self.server.options.read_only {
            return;
        }
        for block in wanted {
            let own = Arc::clone(self);
            let name = block.name();
            let store = move |started: io::Result<()>| {
                if own.making.take(name) && started.is_ok() {
                    own.store(block);
                }
            };
            self.making.push(name, Box::new(store));
        }
    }

    /// Keeps the summary of a block. If that fails, whoever meets the block next has it tried again.
    fn store(&self, block: Wanted) {
        let kept = self.take();
        let mut session = None;
        let _ = caught(|| {
            let found = kept.map_or_else(|| self.server.connect(), Ok);
            if let Ok(mut found) = found
                && block.store(&mut found).is_ok()
            {
                session = Some(found);
            }
        });
        self.give_back(session);
    }

    /// Takes the right to a connection, and a connection if there is one.
    fn take(&self) -> Option<Session> {
        let mut pool = self.pool.lock();
        while pool.used == SESSIONS_MAX {
            self.returned.wait(&mut pool);
        }
        pool.used += 1;
        pool.idle.retain(|session| !session.is_closed());
        pool.idle.pop()
    }

    /// Gives the right to a connection back, and the connection if there is one.
    fn give_back(&self, session: Option<Session>) {
        let mut pool = self.pool.lock();
        pool.used -= 1;
        if pool.idle.len() < SESSIONS_KEPT {
            pool.idle.extend(session);
        }
        drop(pool);
        self.returned.notify_one();
    }

    /// Finishes the reads, and takes leave of the database.
    pub(crate) fn close(&self) {
        self.making.close();
        for lane in [&self.operations, &self.small, &self.long] {
            lane.close();
        }
        let idle = std::mem::take(&mut self.pool.lock().idle);
        idle.into_iter().for_each(Session::close);
    }
}
