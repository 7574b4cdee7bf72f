//! Those who wait for the next commit that concerns them, by whatever process.
//!
//! The writer tells of its own commits. For those of others, a thread asks the database at intervals how many commits the
//! instances have had that somebody waits for, and listens to hints, which it hands on as they come. Positions are committed in their order, so that
//! who has seen up to one misses nothing.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use codebolt_eventlog::engine::no_thread;
use codebolt_eventlog::engine::workings::{IDLE, start};
use codebolt_eventlog::error::Error;
use codebolt_eventlog::panic::caught;
use codebolt_eventlog::seam::EndWait;
use parking_lot::{Condvar, Mutex, MutexGuard};
use tokio::sync::Notify;

use crate::failure::Failure;
use crate::hints::{self, Hint};
use crate::observed::Observed;
use crate::server::Server;
use crate::session::Session;
use crate::snapshot::{COMMITS, check_not_behind, commits_of};

/// How often the database is asked.
const INTERVAL: Duration = Duration::from_millis(20);

type Wake = Box<dyn FnOnce() + Send>;

/// Those who wait.
pub(crate) struct Followers {
    server: Arc<Server>,
    observed: Arc<Observed>,
    state: Mutex<State>,
    /// Ends the thread's rest: without a session, and with one.
    stirred: Condvar,
    stirred_listening: Notify,
}

#[derive(Default)]
struct State {
    waiting: HashMap<u64, Waiter>,
    next_id: u64,
    /// The thread that asks, or the last one that did.
    thread: Option<JoinHandle<()>>,
    /// Whether there is one.
    is_served: bool,
    closed: bool,
}

struct Waiter {
    instance: Option<u32>,
    /// The number of the last change that it has seen.
    seen: u64,
    wake: Wake,
}

impl Followers {
    pub(crate) fn new(server: Arc<Server>, observed: Arc<Observed>) -> Arc<Self> {
        Arc::new(Self {
            server,
            observed,
            state: Mutex::default(),
            stirred: Condvar::new(),
            stirred_listening: Notify::new(),
        })
    }

    /// Has `wake` called once there is a change after `seen` that concerns the instance, or the wait is ended.
    pub(crate) fn wait(
        self: &Arc<Self>,
        instance: Option<u32>,
        seen: u64,
        wake: Wake,
    ) -> Result<EndWait, Error> {
        if let Some(number) = instance {
            self.observed.follow(number);
        }
        let mut state = self.state.lock();
        // Under the lock: whoever notes a change looks for those who wait afterwards.
        if state.closed || self.observed.last_change(instance) > seen {
            drop(state);
            wake();
            return Ok(Box::new(|| {}));
        }
        if !state.is_served {
            let own = Arc::clone(self);
            let started = start("eventlog-follower", move || own.look());
            state.thread = Some(started.map_err(|error| no_thread(&error))?);
            state.is_served = true;
        }
        let id = state.next_id;
        state.next_id += 1;
        state.waiting.insert(
            id,
            Waiter {
                instance,
                seen,
                wake,
            },
        );
        drop(state);
        self.stir();
        let own = Arc::downgrade(self);
        Ok(Box::new(move || {
            let waiter = own
                .upgrade()
                .and_then(|own| own.state.lock().waiting.remove(&id));
            if let Some(waiter) = waiter {
                (waiter.wake)();
            }
        }))
    }

    fn stir(&self) {
        self.stirred.notify_all();
        self.stirred_listening.notify_one();
    }

    /// How many wait.
    pub(crate) fn waiting_count(&self) -> u64 {
        self.state.lock().waiting.len() as u64
    }

    /// Wakes those whom changes concern that are known by now.
    pub(crate) fn wake_changed(&self) {
        let mut state = self.state.lock();
        let news =
            |_: &u64, waiter: &mut Waiter| self.observed.last_change(waiter.instance) > waiter.seen;
        let woken: Vec<Waiter> = state
            .waiting
            .extract_if(news)
            .map(|(_, waiter)| waiter)
            .collect();
        drop(state);
        call(woken);
    }

    /// Wakes all who wait, to find out what has happened.
    pub(crate) fn wake_all(&self) {
        let waiting = std::mem::take(&mut self.state.lock().waiting);
        call(waiting.into_values());
    }

    /// Asks the database as long as anybody waits.
    fn look(&self) {
        let mut session: Option<Session> = None;
        let mut asked_at = None::<Instant>;
        let mut state = self.state.lock();
        while !state.closed {
            if state.waiting.is_empty() {
                let rested = self.stirred.wait_for(&mut state, IDLE);
                if rested.timed_out() && state.waiting.is_empty() {
                    break;
                }
                continue;
            }
            let interval = self.server.options.interval().unwrap_or(INTERVAL);
            let passed = asked_at.map_or(interval, |asked: Instant| asked.elapsed());
            let rest = interval.saturating_sub(passed);
            match session.as_ref().filter(|session| !session.is_closed()) {
                // What was committed before somebody began to wait is seen by its reading, or a hint has told of it.
                Some(listening) if !rest.is_zero() => {
                    MutexGuard::unlocked(&mut state, || {
                        listening.rest(&self.stirred_listening, rest);
                        self.hear(listening);
                    });
                    continue;
                }
                Some(_) => {}
                None => {
                    self.stirred.wait_for(&mut state, INTERVAL);
                }
            }
            let asked: BTreeSet<i32> = (state.waiting.values())
                .filter_map(|waiter| waiter.instance.map(|number| number as i32))
                .collect();
            if state.closed || state.waiting.is_empty() {
                continue;
            }
            let asked: Vec<i32> = asked.into_iter().collect();
            asked_at = Some(Instant::now());
            MutexGuard::unlocked(&mut state, || match self.ask(&mut session, &asked) {
                Ok(()) => self.wake_changed(),
                // Whoever reads next connects again, or learns that this cannot be done.
                Err(_) => {
                    session = None;
                    self.wake_all();
                }
            });
        }
        // Whoever waits next starts another one.
        state.is_served = false;
    }

    /// Wakes those whom hints concern that have come.
    fn hear(&self, listening: &Session) {
        if let Some(hint) = Hint::of_texts(&listening.take_told(), self.server.own) {
            self.observed.note_hint(&hint);
            self.wake_changed();
        }
    }

    /// Asks how many commits instances have had.
    fn ask(&self, session: &mut Option<Session>, numbers: &[i32]) -> Result<(), Failure> {
        let mut asked = match session.take().filter(|session| !session.is_closed()) {
            Some(session) => session,
            None => hints::listen(&self.server)?,
        };
        let before = self.observed.number();
        let rows = asked.rows(COMMITS, &[&numbers])?;
        let seen = commits_of(&rows, numbers);
        check_not_behind(&asked, &self.observed, before, &seen)?;
        self.hear(&asked);
        *session = Some(asked);
        for (instance, commits) in seen {
            self.observed.note(instance, commits);
        }
        Ok(())
    }

    /// Ends all waits and the thread.
    pub(crate) fn close(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        let thread = state.thread.take();
        drop(state);
        self.stir();
        self.wake_all();
        if let Some(thread) = thread {
            // Those whom it wakes cannot end it by a panic.
            let _ = thread.join();
        }
    }
}

fn call(woken: impl IntoIterator<Item = Waiter>) {
    for waiter in woken {
        // Who panics answers by being dropped, and the others are woken all the same.
        let _ = caught(waiter.wake);
    }
}
