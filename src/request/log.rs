//! One opened log as a caller holds it: calls may be made at once, and run when the file is open.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use parking_lot::{Condvar, Mutex};

use super::caller::Caller;
use super::encryption::Keys;
use super::flight::Flight;
use super::log_thread::{guarded, on_a_thread};
use super::remembered::Remembered;
use super::work::Follows;
use super::{Call, LogOptions};
use crate::cancellation::Cancellation;
use crate::engine::{Counts, Shared, Timed, closed, overloaded, read_only};
use crate::error::Error;
use crate::panic::caught;
use crate::seam::LogShare;

/// Takes the outcome of an opening or a closing. It is called once, on any thread.
pub type Done = Box<dyn FnOnce(Result<(), Error>) + Send>;

/// Opens a log, unless it is called off before that is done.
pub type LogOpener = Box<dyn FnOnce(&Cancellation) -> Result<Box<dyn LogShare>, Error> + Send>;

/// A log that is being opened, open, or closed. Nothing here does disk I/O on the caller's thread.
pub struct Log {
    held: Mutex<HeldLog>,
    changed: Condvar,
    flight: Arc<Flight>,
    /// Those who wait for a commit, or have waited.
    followers: Mutex<Remembered>,
    waiting_bytes_max: usize,
    /// Calls off the waiting for other processes by an opening.
    opening: Cancellation,
    /// See [`Caller::creates_instances`].
    creates_instances: bool,
    /// See [`Log::set_time`].
    now_ms: AtomicI64,
    /// See [`Caller::keys`].
    keys: Keys,
}

/// What stands for no time of the log's own.
const NO_TIME: i64 = i64::MIN;

struct HeldLog {
    state: LogState,
    /// Whether the caller has closed the log, so that no more calls are taken.
    closed: bool,
}

enum LogState {
    /// Calls wait for the file, in order.
    Opening {
        waiting: Vec<Call>,
        bytes: usize,
    },
    Open(Box<dyn LogShare>),
    /// It never opened; calls are answered with the reason.
    Failed(Error),
    /// The share is being given back.
    Closing,
    Closed,
}

impl Log {
    /// Starts to open the file at `path`, and tells `done` how that went.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the thread that opens has it"
    )]
    pub fn open(path: PathBuf, options: LogOptions, done: Done) -> Arc<Self> {
        let engine = options.engine.clone();
        let opened = path.clone();
        let opener = move |unwanted: &Cancellation| -> Result<Box<dyn LogShare>, Error> {
            Ok(Box::new(Shared::open_unless(unwanted, &opened, &engine)?))
        };
        Self::open_with(Box::new(opener), &options, Some(path), done)
    }

    /// Starts to open a log that any engine keeps, and tells `done` how that went. Without the option `keyring`, nothing in it is
    /// encrypted.
    #[must_use]
    pub fn open_by(opener: LogOpener, options: &LogOptions, done: Done) -> Arc<Self> {
        Self::open_with(opener, options, None, done)
    }

    /// As [`Log::open_by`], with the path of the log, by which its keyring is found.
    fn open_with(
        opener: LogOpener,
        options: &LogOptions,
        path: Option<PathBuf>,
        done: Done,
    ) -> Arc<Self> {
        let opening = LogState::Opening {
            waiting: Vec::new(),
            bytes: 0,
        };
        let log = Arc::new(Self {
            creates_instances: options.auto_create_instances,
            ..Self::new(opening, options.engine.queued_bytes_max)
        });
        let own = Arc::clone(&log);
        let options = options.clone();
        on_a_thread("eventlog-open", move |started| {
            let open = || {
                started?;
                let share = opener(&own.opening)?;
                match own.keys.open(&options, path.as_deref()) {
                    Ok(()) => Ok(share),
                    Err(error) => {
                        // Why it cannot be used is told, rather than what is wrong with giving it back.
                        drop(share.release(true));
                        Err(error)
                    }
                }
            };
            own.opened(guarded("opening the log", open), done);
        });
        log
    }

    /// A log that cannot be opened, because of what it was asked to open.
    #[must_use]
    pub fn failed(error: Error) -> Arc<Self> {
        Arc::new(Self::new(LogState::Failed(error), 0))
    }

    fn new(state: LogState, waiting_bytes_max: usize) -> Self {
        Self {
            held: Mutex::new(HeldLog {
                state,
                closed: false,
            }),
            changed: Condvar::new(),
            flight: Arc::default(),
            followers: Mutex::default(),
            waiting_bytes_max,
            opening: Cancellation::default(),
            creates_instances: false,
            now_ms: AtomicI64::new(NO_TIME),
            keys: Keys::default(),
        }
    }

    /// Sets the time of the calls that come next, in milliseconds since the epoch, in the place of the system's.
    pub fn set_time(&self, now_ms: i64) {
        self.now_ms.store(now_ms, Ordering::Relaxed);
    }

    fn caller(&self) -> Caller {
        let now_ms = self.now_ms.load(Ordering::Relaxed);
        Caller {
            creates_instances: self.creates_instances,
            now_ms: (now_ms != NO_TIME).then_some(now_ms),
            keys: self.keys.clone(),
        }
    }

    /// Runs a call, or keeps it until the file is open. The response comes in any case.
    pub fn call(&self, mut call: Call) {
        call.made_by(self.caller());
        let mut held = self.held.lock();
        let HeldLog {
            state,
            closed: taking_no_more,
        } = &mut *held;
        let refusal = match state {
            _ if *taking_no_more => closed(),
            LogState::Opening { waiting, bytes } => {
                if *bytes + call.bytes() <= self.waiting_bytes_max {
                    if let Some(follower) = call.follower() {
                        self.remember(follower);
                    }
                    *bytes += call.bytes();
                    call.board(&self.flight);
                    return waiting.push(call);
                }
                overloaded(*bytes, call.bytes(), self.waiting_bytes_max)
            }
            LogState::Open(shared) => {
                if let Some(follower) = call.follower() {
                    self.remember(follower);
                }
                call.board(&self.flight);
                // Under the lock, so that calls reach the engine in the order they were made in.
                return run(call, &**shared);
            }
            LogState::Failed(error) => error.clone(),
            LogState::Closing | LogState::Closed => closed(),
        };
        drop(held);
        call.refuse(refusal);
    }

    /// Runs calls as [`Log::call`] does, one behind the other. Changes that follow each other reach the engine together.
    pub fn call_all(&self, mut calls: Vec<Call>) {
        let held = self.held.lock();
        if let (LogState::Open(shared), false) = (&held.state, held.closed) {
            for call in &mut calls {
                call.made_by(self.caller());
                if let Some(follower) = call.follower() {
                    self.remember(follower);
                }
                call.board(&self.flight);
            }
            return run_all(calls, &**shared);
        }
        drop(held);
        for call in calls {
            self.call(call);
        }
    }

    /// Has one who waits woken when the log is closed.
    fn remember(&self, follower: &Arc<dyn Follows>) {
        self.followers.lock().add(follower);
    }

    /// What the engine has done since it was opened, and what waits; `None` if the log is not open.
    pub fn counts(&self) -> Option<Counts> {
        match &self.held.lock().state {
            LogState::Open(shared) => Some(shared.engine().counts()),
            _ => None,
        }
    }

    /// The commits and checkpoints that the engine has made since somebody last asked; none if the log is not open.
    pub fn take_timed(&self) -> Vec<Timed> {
        match &self.held.lock().state {
            LogState::Open(shared) => shared.engine().take_timed(),
            _ => Vec::new(),
        }
    }

    /// Whether the log is open, or being opened or closed.
    pub fn is_in_use(&self) -> bool {
        !matches!(
            self.held.lock().state,
            LogState::Failed(_) | LogState::Closed
        )
    }

    /// Takes no more calls, and tells `done` once all earlier ones are answered and this share in
    /// the file is given back.
    pub fn close(self: &Arc<Self>, done: Done) {
        let mut held = self.held.lock();
        held.closed = true;
        let is_done = matches!(held.state, LogState::Closed);
        drop(held);
        if is_done {
            return done(Ok(()));
        }
        let log = Arc::clone(self);
        on_a_thread("eventlog-close", move |started| {
            done(started.and_then(|()| log.close_and_wait()));
        });
    }

    /// Closes as [`Log::close`] does, and waits for it.
    ///
    /// # Errors
    ///
    /// What closing the file fails with. All that was acknowledged is on disk all the same.
    pub fn close_and_wait(&self) -> Result<(), Error> {
        let mut held = self.held.lock();
        held.closed = true;
        while matches!(held.state, LogState::Opening { .. } | LogState::Closing) {
            self.changed.wait(&mut held);
        }
        let state = std::mem::replace(&mut held.state, LogState::Closing);
        drop(held);
        let followers = self.followers.lock().take();
        followers.for_each(|follower| follower.interrupt());
        self.flight.wait_for_all();
        let released = match state {
            LogState::Open(shared) => guarded("closing the log", || {
                shared.release(self.flight.reads_given_up())
            }),
            _ => Ok(()),
        };
        self.held.lock().state = LogState::Closed;
        self.changed.notify_all();
        released
    }

    /// Closes as [`Log::close_and_wait`] does, for the end of a thread: reads are given up, since
    /// nobody is left to hear of them.
    ///
    /// # Errors
    ///
    /// As [`Log::close_and_wait`].
    pub fn close_at_exit(&self) -> Result<(), Error> {
        self.flight.give_up_reads();
        if !self.flight.has_writes() {
            // It would be opened only to be closed.
            self.opening.cancel();
        }
        self.close_and_wait()
    }

    /// Waits until every change that was called for is committed and answered, and nothing of an operation is left.
    pub fn drain(&self) {
        self.flight.wait_for_writes();
    }

    /// Runs the calls that have waited, in order, and lets new ones through.
    fn opened(&self, outcome: Result<Box<dyn LogShare>, Error>, done: Done) {
        let mut held = self.held.lock();
        let waiting = match &mut held.state {
            LogState::Opening { waiting, .. } => std::mem::take(waiting),
            _ => Vec::new(),
        };
        match outcome {
            Ok(shared) => {
                for call in waiting {
                    run(call, &*shared);
                }
                held.state = LogState::Open(shared);
                drop(held);
                done(Ok(()));
            }
            Err(error) => {
                held.state = LogState::Failed(error.clone());
                drop(held);
                // First, so that whoever hears of a refused call can already try again.
                done(Err(error.clone()));
                for call in waiting {
                    call.refuse(error.clone());
                }
            }
        }
        self.changed.notify_all();
    }
}

fn run(call: Call, shared: &dyn LogShare) {
    if shared.read_only() && call.writes() {
        call.refuse(read_only());
    } else {
        // It answers by itself if that panics.
        let _ = caught(|| call.run(shared.engine()));
    }
}

fn run_all(calls: Vec<Call>, shared: &dyn LogShare) {
    let engine = shared.engine();
    let mut changes = Vec::new();
    // Those that are lost in a panic answer by themselves.
    let hand_over = |changes| {
        let _ = caught(|| engine.change_all(changes));
    };
    for call in calls {
        if shared.read_only() && call.writes() {
            call.refuse(read_only());
            continue;
        }
        match call.into_change(engine.event_bytes_max()) {
            Ok(change) => changes.push(change),
            Err(call) => {
                hand_over(std::mem::take(&mut changes));
                run(*call, shared);
            }
        }
    }
    hand_over(changes);
}
