//! Hints to other processes that something was committed, so that those who wait look at once and not at the next interval.
//!
//! A hint is a `NOTIFY` on a connection of its own, after the commit: within it, commits would wait for each other. Nothing
//! depends on hints. Some relatives of `PostgreSQL` have none, and those who wait look at intervals all the same.
//!
//! A hint says who has committed and what: the id of whoever gives it, and the numbers of instances. Who waits for one of
//! these reads at once. Whatever else it may say is taken for a hint about all that is waited for.
//!
//! Whoever follows holds an advisory lock that others can share, which excludes nobody. By it writers see that somebody
//! does, and where nobody does they tell nobody.

use std::collections::BTreeSet;
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

/// How many instances a hint names. One about more of them names none.
const NAMED_MAX: usize = 64;

const TELL: &str = "SELECT pg_notify($1, $2)";

const TELL_IF_FOLLOWED: &str = "SELECT pg_notify($1, $2) FROM pg_locks WHERE locktype = 'advisory' AND classid = $3 \
     AND objid = $4 AND objsubid = 1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
     LIMIT 1";

/// By which commits of a log are told of.
fn channel(log: Uuid) -> String {
    format!("codebolt_eventlog_{}", log.simple())
}

/// The advisory lock that those hold who follow a log.
fn lock(log: Uuid) -> u64 {
    log.as_u64_pair().0
}

/// What was committed, as a hint tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Hint {
    /// Changes of these instances.
    Of(BTreeSet<u32>),
    /// It may be anything.
    OfAll,
}

impl Hint {
    const fn none() -> Self {
        Self::Of(BTreeSet::new())
    }

    fn is_none(&self) -> bool {
        matches!(self, Self::Of(instances) if instances.is_empty())
    }

    /// What both tell.
    fn add(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::Of(own), Self::Of(others)) => own.extend(others),
            _ => *self = Self::OfAll,
        }
        if matches!(self, Self::Of(own) if own.len() > NAMED_MAX) {
            *self = Self::OfAll;
        }
    }

    /// As it is sent by whoever has that id.
    fn text(&self, from: Uuid) -> String {
        let mut text = from.simple().to_string();
        if let Self::Of(instances) = self {
            for instance in instances {
                text.push_str(&format!(" {instance}"));
            }
        }
        text
    }

    /// What a text tells that is not one's own.
    fn of(text: &str, own: Uuid) -> Option<Self> {
        let mut words = text.split(' ');
        let from: Option<Uuid> = words.next().and_then(|from| from.parse().ok());
        if from == Some(own) {
            return None;
        }
        let instances: Result<BTreeSet<u32>, _> = words.map(str::parse).collect();
        let instances = instances.ok();
        let instances = instances.filter(|some| from.is_some() && !some.is_empty());
        Some(instances.map_or(Self::OfAll, Self::Of))
    }

    /// What those of several texts tell that are not one's own, if there are any.
    pub(crate) fn of_texts(texts: &[String], own: Uuid) -> Option<Self> {
        let mut all = Self::none();
        let hints = texts.iter().filter_map(|text| Self::of(text, own));
        hints.for_each(|hint| all.add(hint));
        Some(all).filter(|all| !all.is_none())
    }
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
    /// What was committed of which nobody was told.
    wanted: Hint,
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
            wanted: Hint::none(),
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

    /// Has others told soon that these instances were changed; without any, that anything may have been.
    pub(crate) fn give(self: &Arc<Self>, instances: impl IntoIterator<Item = u32>) {
        let mut state = self.state.lock();
        let none = state.closed || self.server.options.without_hints();
        if none || Instant::now() < state.without {
            return;
        }
        let instances: BTreeSet<u32> = instances.into_iter().collect();
        state.wanted.add(match instances.is_empty() {
            true => Hint::OfAll,
            false => Hint::Of(instances),
        });
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
            let wanted = std::mem::replace(&mut state.wanted, Hint::none());
            if state.closed {
                state.is_served = false;
                return Ok(());
            }
            drop(state);
            let text = wanted.text(self.server.own);
            if wanted.is_none() {
                if !session.rest(&self.stirred, IDLE) && self.is_over() {
                    return Ok(());
                }
            } else if followed.is_some_and(|seen| seen.elapsed() < BELIEVED) {
                session.rows(TELL, &[&channel, &text])?;
            } else {
                let told = session.rows(TELL_IF_FOLLOWED, &[&channel, &text, &high, &low])?;
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
        state.is_served = !state.wanted.is_none();
        !state.is_served
    }

    /// Notes that the thread ends, and that there are no hints for so long.
    fn end(&self, without: Duration) {
        let mut state = self.state.lock();
        state.is_served = false;
        state.wanted = Hint::none();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_says_what_was_committed_by_somebody_else() {
        let [own, other] = [Uuid::new_v4(), Uuid::new_v4()];
        let of = |numbers: &[u32]| Hint::Of(numbers.iter().copied().collect());
        assert_eq!(Hint::of(&of(&[7, 12]).text(other), own), Some(of(&[7, 12])));
        assert_eq!(Hint::of(&Hint::OfAll.text(other), own), Some(Hint::OfAll));
        assert_eq!(Hint::of(&of(&[7]).text(own), own), None);
        assert_eq!(Hint::of(&Hint::OfAll.text(own), own), None);
        // Of an earlier version, and of anybody.
        for text in ["", "7", " 7", "anything", &format!("{other} 1 x")] {
            assert_eq!(Hint::of(text, own), Some(Hint::OfAll), "{text:?}");
        }
    }

    #[test]
    fn hints_are_told_together_and_name_no_more_than_a_few_instances() {
        let [own, other] = [Uuid::new_v4(), Uuid::new_v4()];
        let of = |numbers: std::ops::Range<u32>| Hint::Of(numbers.collect());
        let texts = |hints: &[(Hint, Uuid)]| -> Vec<String> {
            hints.iter().map(|(hint, from)| hint.text(*from)).collect()
        };
        let told = texts(&[(of(1..3), other), (of(3..4), own), (of(2..5), other)]);
        assert_eq!(Hint::of_texts(&told, own), Some(of(1..5)));
        let told = texts(&[(of(1..3), own)]);
        assert_eq!(Hint::of_texts(&told, own), None);
        assert_eq!(Hint::of_texts(&[], own), None);
        let told = texts(&[(of(1..60), other), (of(60..80), other)]);
        assert_eq!(Hint::of_texts(&told, own), Some(Hint::OfAll));
    }
}
