//! Hints to other processes that something was committed, so that those who wait look at once and not at the next interval.
//!
//! A hint is a `NOTIFY` on a connection of its own, after the commit: within it, commits would wait for each other. Nothing
//! depends on hints. Some relatives of `PostgreSQL` have none, and those who wait look at intervals all the same.
//!
//! Whoever follows holds an advisory lock that others can share, which excludes nobody. By it writers see that somebody
//! does, and where nobody does they tell nobody.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use codebolt_eventlog::engine::workings::{IDLE, start};
use codebolt_eventlog::panic::caught;
use parking_lot::Mutex;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::failure::Failure;
use crate::server::Server;
use crate::session::Session;

/// How long it is believed that somebody follows, or that nobody does; and how long a log is open before it gives hints, so
/// that a program which appends a little and ends has no connection for them.
const BELIEVED: Duration = Duration::from_secs(1);

/// How long there are no hints after one could not be given.
const WITHOUT: Duration = Duration::from_secs(5);

const TELL: &str = "SELECT pg_notify($1, '')";

const TELL_IF_FOLLOWED: &str = "SELECT pg_notify($1, '') FROM pg_locks WHERE locktype = 'advisory' AND classid = $2 \
     AND objid = $3 AND objsubid = 1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
     LIMIT 1";

/// By which commits of a log are told of.
fn channel(log: Uuid) -> String {
    format!("codebolt_eventlog_{}", log.simple())
}

/// The advisory lock that those hold who follow a log.
fn lock(log: Uuid) -> u64 {
    log.as_u64_pair().0
}

/// A session with a server, which changes nothing: it waits for no commit, and telling is one.
fn begin(server: &Server) -> Result<Session, Failure> {
    let session = server.connect()?;
    session.run("SET synchronous_commit = off")?;
    Ok(session)
}

/// A session for who follows, which hears hints where there are any: a standby, and some relatives, have none.
pub(crate) fn listen(server: &Server) -> Result<Session, Failure> {
    let mut session = begin(server)?;
    let (channel, lock) = (channel(session.tables.log), lock(session.tables.log) as i64);
    let hears = session.run(&format!("LISTEN {channel}")).is_ok();
    if hears && !session.is_closed() {
        // Where it cannot be had, nobody gives hints.
        let _ = session.rows("SELECT pg_try_advisory_lock_shared($1)", &[&lock]);
    }
    Ok(session)
}

/// Gives hints.
pub(crate) struct Hints {
    server: Arc<Server>,
    state: Mutex<State>,
    stirred: Notify,
    /// What they are given by, once one was.
    session: Mutex<Option<Session>>,
}

struct State {
    /// Whether something was committed of which nobody was told.
    is_wanted: bool,
    /// The thread that tells, or the last one that did.
    thread: Option<JoinHandle<()>>,
    /// Whether there is one.
    is_served: bool,
    /// Until when there are none.
    without: Instant,
    closed: bool,
}

impl Hints {
    pub(crate) fn new(server: Arc<Server>) -> Arc<Self> {
        let state = State {
            is_wanted: false,
            thread: None,
            is_served: false,
            without: Instant::now() + BELIEVED,
            closed: false,
        };
        Arc::new(Self {
            server,
            state: Mutex::new(state),
            stirred: Notify::new(),
            session: Mutex::default(),
        })
    }

    /// Has others told that something was committed, soon.
    pub(crate) fn give(self: &Arc<Self>) {
        let mut state = self.state.lock();
        let none = state.closed || self.server.options.without_hints();
        if none || Instant::now() < state.without {
            return;
        }
        state.is_wanted = true;
        if state.is_served {
            drop(state);
            return self.stirred.notify_one();
        }
        let own = Arc::clone(self);
        let started = start("eventlog-hints", move || own.run());
        // Where no thread can be had, there are no hints.
        if let Ok(thread) = started {
            state.thread = Some(thread);
            state.is_served = true;
        }
    }

    /// Tells until there is nothing to tell of for long.
    fn run(&self) {
        let mut kept = self.session.lock();
        let served = caught(|| {
            let found = kept.take().filter(|session| !session.is_closed());
            let mut session = found.map_or_else(|| begin(&self.server), Ok)?;
            self.serve(&mut session)?;
            *kept = Some(session);
            Ok::<_, Failure>(())
        });
        if !matches!(served, Ok(Ok(()))) {
            self.end(WITHOUT);
        }
    }

    /// Tells with one hint of all that was committed while the last one was given.
    fn serve(&self, session: &mut Session) -> Result<(), Failure> {
        let log = session.tables.log;
        let (channel, lock) = (channel(log), lock(log));
        let (high, low) = ((lock >> 32) as u32, lock as u32);
        let mut followed = None::<Instant>;
        loop {
            let mut state = self.state.lock();
            let is_wanted = std::mem::take(&mut state.is_wanted);
            if state.closed {
                state.is_served = false;
                return Ok(());
            }
            drop(state);
            if !is_wanted {
                if !session.rest(&self.stirred, IDLE) && self.is_over() {
                    return Ok(());
                }
            } else if followed.is_some_and(|seen| seen.elapsed() < BELIEVED) {
                session.rows(TELL, &[&channel])?;
            } else {
                let told = session.rows(TELL_IF_FOLLOWED, &[&channel, &high, &low])?;
                if told.is_empty() {
                    self.end(BELIEVED);
                    return Ok(());
                }
                followed = Some(Instant::now());
            }
        }
    }

    /// Whether nothing was committed meanwhile. Then the thread ends.
    fn is_over(&self) -> bool {
        let mut state = self.state.lock();
        state.is_served = state.is_wanted;
        !state.is_wanted
    }

    /// Notes that the thread ends, and that there are no hints for so long.
    fn end(&self, without: Duration) {
        let mut state = self.state.lock();
        state.is_served = false;
        state.is_wanted = false;
        state.without = Instant::now() + without;
    }

    /// Gives no more hints.
    pub(crate) fn close(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        let thread = state.thread.take();
        drop(state);
        self.stirred.notify_one();
        if let Some(thread) = thread {
            // It catches every panic, so there is none to hear of.
            let _ = thread.join();
        }
        if let Some(session) = self.session.lock().take() {
            session.close();
        }
    }
}
