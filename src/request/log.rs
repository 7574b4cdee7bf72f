//! One opened log as a caller holds it: calls may be made at once, and run when the file is open.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use parking_lot::{Condvar, Mutex};

use super::Call;
use crate::engine::{Options, Shared, closed};
use crate::error::{Code, Error};

/// Takes the outcome of an opening or a closing. It is called once, on any thread.
pub type Done = Box<dyn FnOnce(Result<(), Error>) + Send>;

/// A log that is being opened, open, or closed. Nothing here does disk I/O on the caller's thread.
pub struct Log {
    held: Mutex<Held>,
    changed: Condvar,
}

struct Held {
    state: State,
    /// Whether the caller has closed the log, so that no more calls are taken.
    closed: bool,
}

enum State {
    /// Calls wait for the file, in order.
    Opening(Vec<Call>),
    Open(Shared),
    /// It never opened; calls are answered with the reason.
    Failed(Error),
    /// The share is being given back.
    Closing,
    Closed,
}

impl Log {
    /// Starts to open the file at `path`, and tells `done` how that went.
    #[must_use]
    pub fn open(path: PathBuf, options: Options, done: Done) -> Arc<Self> {
        let log = Arc::new(Self {
            held: Mutex::new(Held {
                state: State::Opening(Vec::new()),
                closed: false,
            }),
            changed: Condvar::new(),
        });
        let opening = Arc::clone(&log);
        on_a_thread("eventlog-open", move |started| {
            opening.opened(started.and_then(|()| Shared::open(&path, &options)), done);
        });
        log
    }

    /// A log that cannot be opened, because of what it was asked to open.
    #[must_use]
    pub fn failed(error: Error) -> Arc<Self> {
        Arc::new(Self {
            held: Mutex::new(Held {
                state: State::Failed(error),
                closed: false,
            }),
            changed: Condvar::new(),
        })
    }

    /// Runs a call, or keeps it until the file is open. The response comes in any case.
    pub fn call(&self, call: Call) {
        let mut held = self.held.lock();
        let Held {
            state,
            closed: taking_no_more,
        } = &mut *held;
        let refusal = match state {
            _ if *taking_no_more => closed(),
            State::Opening(waiting) => return waiting.push(call),
            // Under the lock, so that calls reach the engine in the order they were made in.
            State::Open(shared) => return call.run(shared.engine()),
            State::Failed(error) => error.clone(),
            State::Closing | State::Closed => closed(),
        };
        drop(held);
        call.refuse(refusal);
    }

    /// Takes no more calls, and tells `done` once all earlier ones are answered and this share in
    /// the file is given back.
    pub fn close(self: &Arc<Self>, done: Done) {
        let mut held = self.held.lock();
        held.closed = true;
        if matches!(held.state, State::Failed(_) | State::Closed) {
            drop(held);
            return done(Ok(()));
        }
        drop(held);
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
        self.give_back(Shared::release)
    }

    /// Closes as [`Log::close_and_wait`] does, for the end of the process or of its thread: reads
    /// are given up, since nobody is left to hear of them.
    ///
    /// # Errors
    ///
    /// As [`Log::close_and_wait`].
    pub fn close_at_exit(&self) -> Result<(), Error> {
        self.give_back(Shared::release_at_exit)
    }

    fn give_back(&self, release: fn(Shared) -> Result<(), Error>) -> Result<(), Error> {
        let mut held = self.held.lock();
        held.closed = true;
        while matches!(held.state, State::Opening(_) | State::Closing) {
            self.changed.wait(&mut held);
        }
        let State::Open(shared) = std::mem::replace(&mut held.state, State::Closing) else {
            held.state = State::Closed;
            return Ok(());
        };
        drop(held);
        let released = release(shared);
        self.held.lock().state = State::Closed;
        self.changed.notify_all();
        released
    }

    /// Runs the calls that have waited, in order, and lets new ones through.
    fn opened(&self, outcome: Result<Shared, Error>, done: Done) {
        let mut held = self.held.lock();
        let waiting = match &mut held.state {
            State::Opening(waiting) => std::mem::take(waiting),
            _ => Vec::new(),
        };
        match outcome {
            Ok(shared) => {
                for call in waiting {
                    call.run(shared.engine());
                }
                held.state = State::Open(shared);
                drop(held);
                done(Ok(()));
            }
            Err(error) => {
                held.state = State::Failed(error.clone());
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

/// Does `work` on a thread of its own, or here if there is none to be had; then it is told so.
fn on_a_thread(name: &str, work: impl FnOnce(Result<(), Error>) + Send + 'static) {
    let work = Arc::new(Mutex::new(Some(work)));
    let given = Arc::clone(&work);
    let spawned = thread::Builder::new().name(name.into()).spawn(move || {
        if let Some(work) = given.lock().take() {
            work(Ok(()));
        }
    });
    if let Err(error) = spawned {
        let refused = Error::new(
            Code::StorageFailed,
            format!("the system refused to start a thread: {error}"),
        );
        if let Some(work) = work.lock().take() {
            work(Err(refused));
        }
    }
}
