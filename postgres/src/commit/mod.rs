//! Having the database take what was staged: all of it, or nothing.
//!
//! What was decided rests on heads with known tokens. The usual commit is one statement (`frame`), which moves the head of
//! one instance on if it still has its token, and stores nothing if it has not: then somebody else was quicker, what is new
//! is read, and the changes are decided again. What concerns several instances, or which instances there are, or is large,
//! is a transaction that locks the heads first (`locked`). After a conflict, some commits lock first too: writers
//! then take turns, rather than race. Nobody waits for another who holds what he waits for: heads are locked in the order
//! of their numbers, and what the log has before them.
//!
//! While one frame is under way, the next can be sent behind it, decided as if that were stored (`ahead`).
//!
//! What became of a commit whose answer has not come is found out in `outcome`.

mod ahead;
#[cfg(feature = "testing")]
mod by_sequence;
mod columns;
mod frame;
mod learning;
mod locked;
mod outcome;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use codebolt_eventlog::engine::Fault;
use codebolt_eventlog::error::{Code, Error};
use codebolt_eventlog::timestamp;
use tokio_postgres::Row;
use uuid::Uuid;

pub(crate) use self::ahead::FRAMES_MAX;
use self::ahead::Flying;
use self::outcome::Pending;
use crate::blocks::{KnownBlocks, Wanted};
use crate::failure::Failure;
use crate::memory::Memory;
use crate::observed::{DELETED, Observed};
use crate::rows::{INSTANCES, StoredInstance};
use crate::server::Server;
use crate::session::Session;
use crate::snapshot::Snapshot;
use crate::staging::{Answers, Asking, Staged, Staging};

/// How many commits lock first after one that was too late.
const LOCKING: u32 = 64;

/// What has changes staged.
pub(crate) trait Stages {
    /// Stages all of them. It is called anew for each attempt.
    ///
    /// # Errors
    ///
    /// What undoes the whole commit.
    fn stage(&mut self, staging: &mut Staging<'_>) -> Result<(), Fault>;

    /// Adds changes that have come meanwhile. It is called once others are kept from committing, for which it has waited.
    fn add_more(&mut self) {}
}

/// What has changes staged, for one attempt after the other.
pub(crate) type Stage<'a> = &'a mut dyn Stages;

/// Makes commits, one after the other.
pub(crate) struct Committer {
    server: Arc<Server>,
    observed: Arc<Observed>,
    known_blocks: Arc<KnownBlocks>,
    session: Option<Session>,
    memory: Memory,
    /// Under which the database knows who writes.
    writer: Uuid,
    /// The number of the last frame of this writer that is stored; `None` if the database does not know the writer yet.
    frame: Option<i64>,
    /// What was sent, and of which it is not known whether it was stored.
    pending: Option<Pending>,
    /// The frames whose answers have not been heard: all of one instance, each resting on the one before it.
    flying: VecDeque<Flying>,
    /// The instance of these as it stood before the first of them. What is known of it is as if they were stored.
    grounded: Option<StoredInstance>,
    /// Whether the server has warned of anything while these were under way.
    is_warned: bool,
    /// How many commits from now on lock first.
    locking: u32,
    /// Why nothing is stored any more.
    gone: Option<Error>,
}

/// A commit that was made.
#[derive(Debug, Default)]
pub(crate) struct Committed {
    /// Whether there was anything to store.
    pub(crate) is_stored: bool,
    pub(crate) events: usize,
    pub(crate) bytes: usize,
    /// The instances that were changed; none if it was which instances there are.
    pub(crate) instances: Vec<u32>,
    /// The blocks that have become whole.
    pub(crate) blocks: Vec<Wanted>,
}

/// What an attempt has come to.
enum Attempt {
    Done(Committed),
    /// It has to be made again, so.
    Again(Approach),
}

/// How an attempt is made.
#[derive(Debug)]
enum Approach {
    /// On what is known, hoping that nobody is quicker.
    Free,
    /// With these heads locked, and what the log has if so.
    Locking { heads: BTreeSet<u32>, log: bool },
}

impl Committer {
    pub(crate) fn new(
        server: Arc<Server>,
        (observed, known_blocks): (Arc<Observed>, Arc<KnownBlocks>),
    ) -> Self {
        Self {
            server,
            observed,
            known_blocks,
            session: None,
            memory: Memory::default(),
            writer: Uuid::new_v4(),
            frame: None,
            pending: None,
            flying: VecDeque::new(),
            grounded: None,
            is_warned: false,
            locking: 0,
            gone: None,
        }
    }

    /// Commits what `stage` stages. It is durable when this returns.
    ///
    /// # Errors
    ///
    /// Nothing was stored; or `OUTCOME_UNKNOWN`.
    pub(crate) fn commit(&mut self, stage: Stage<'_>) -> Result<Committed, Error> {
        if let Some(gone) = &self.gone {
            return Err(gone.clone());
        }
        let until = self.server.patience();
        self.memory.shrink();
        let committed = self.commit_until(stage, until);
        committed.map_err(|failure| self.told(&failure))
    }

    /// What callers are told of a failure, and what follows from it.
    fn told(&mut self, failure: &Failure) -> Error {
        let error = failure.error();
        if matches!(failure, Failure::Gone(_)) {
            self.pending = None;
            self.gone = Some(error.clone());
            return error;
        }
        if self.pending.is_some() {
            let text = format!(
                "whether the change was stored could not be learned: {}",
                error.text()
            );
            return Error::new(Code::OutcomeUnknown, text);
        }
        error
    }

    fn commit_until(&mut self, stage: Stage<'_>, until: Instant) -> Result<Committed, Failure> {
        let mut approach = Approach::Free;
        loop {
            let attempt = self.attempt(stage, &approach, until);
            match attempt {
                Ok(Attempt::Done(committed)) => {
                    self.locking = self.locking.saturating_sub(1);
                    return Ok(committed);
                }
                Ok(Attempt::Again(next)) => approach = next,
                Err(failure @ (Failure::Lost(_) | Failure::Undone(_))) => {
                    if failure.is_lost() {
                        self.session = None;
                    }
                    if self.pending.is_some() || Instant::now() > until {
                        return Err(failure);
                    }
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    fn attempt(
        &mut self,
        stage: Stage<'_>,
        approach: &Approach,
        until: Instant,
    ) -> Result<Attempt, Failure> {
        let mut session = self.take_session(until)?;
        let attempt = match approach {
            Approach::Free => self.attempt_freely(&mut session, stage, until),
            Approach::Locking { heads, log } => {
                self.attempt_locking(&mut session, stage, (heads, *log), until)
            }
        };
        let is_over = match &attempt {
            Ok(Attempt::Done(committed)) => {
                committed.is_stored || matches!(approach, Approach::Free)
            }
            Ok(Attempt::Again(_)) => matches!(approach, Approach::Free),
            Err(failure) => !failure.is_lost() && matches!(approach, Approach::Free),
        };
        // What is left of a transaction ends with its session, if nothing else ends it.
        if is_over || session.run("ROLLBACK").is_ok() {
            self.give_back(session);
        }
        attempt
    }

    /// Takes the session to work with, which is given back.
    fn take_session(&mut self, until: Instant) -> Result<Session, Failure> {
        self.connect(until)?;
        self.session
            .take()
            .ok_or_else(|| Failure::Lost("there is none".to_owned()))
    }

    fn give_back(&mut self, session: Session) {
        // There is another one if this one was given up.
        if self.session.is_none() && !session.is_closed() {
            self.session = Some(session);
        }
    }

    fn attempt_freely(
        &mut self,
        session: &mut Session,
        stage: Stage<'_>,
        until: Instant,
    ) -> Result<Attempt, Failure> {
        let staged = match self.stage(session, stage) {
            Ok(staged) => staged,
            Err((failure, touched)) => {
                // It may be that what is known is too old for what was read.
                if failure.is_lost() || self.is_up_to_date(session, &touched)? {
                    return Err(failure);
                }
                return Ok(Attempt::Again(Approach::Free));
            }
        };
        if staged.is_unchanged() {
            // What was refused, or found to be there, rests on what is known.
            return Ok(if self.is_up_to_date(session, &staged.touched)? {
                Attempt::Done(Committed::default())
            } else {
                let heads = staged.touched;
                Attempt::Again(Approach::Locking { heads, log: false })
            });
        }
        let Some(number) = frame::only(&staged).filter(|_| self.locking == 0) else {
            return Ok(Attempt::Again(Approach::Locking {
                log: staged.next_instance.is_some(),
                heads: staged.touched,
            }));
        };
        let token = new_token();
        if self.send_frame(session, &staged, (number, token, false), until)? {
            return Ok(Attempt::Done(self.learn(&staged, token)));
        }
        self.locking = LOCKING;
        let heads = staged.touched;
        Ok(Attempt::Again(Approach::Locking { heads, log: false }))
    }

    /// Has everything staged, and what there is to be asked for that answered.
    fn stage(
        &mut self,
        session: &mut Session,
        stage: Stage<'_>,
    ) -> Result<Staged, (Failure, BTreeSet<u32>)> {
        let mut answers = Answers::default();
        let now_ms = timestamp::now();
        let mut asking = Asking::Together;
        loop {
            let sources = (&mut self.memory, &mut *session, &mut answers);
            let mut staging = Staging::begin(sources, now_ms, asking);
            let outcome = stage.stage(&mut staging);
            let failure = staging.failure();
            let (staged, questions) = staging.finish();
            if let Some(failure) = failure {
                return Err((failure, staged.touched));
            }
            if questions.is_empty() {
                return match outcome {
                    Ok(()) => Ok(staged),
                    Err(fault) => Err((Failure::Told(fault.into()), staged.touched)),
                };
            }
            let asked = questions.ask(session, &mut self.memory, &mut answers);
            asked.map_err(|failure| (failure, staged.touched))?;
            // A change that asks for another id each time would never come to an end.
            asking = Asking::AtOnce;
        }
    }

    /// Whether the heads of those instances are as they are known. What is not is learned.
    fn is_up_to_date(
        &mut self,
        session: &mut Session,
        touched: &BTreeSet<u32>,
    ) -> Result<bool, Failure> {
        if touched.is_empty() {
            return Ok(true);
        }
        let numbers: Vec<i32> = touched.iter().map(|number| *number as i32).collect();
        let rows = session.rows(INSTANCES, &[&numbers])?;
        self.follow(session, touched, &rows, None)
    }

    /// Learns where instances stand by now; of the only one, where the streams end if `ends` says so. Returns whether that
    /// was known.
    fn follow(
        &mut self,
        session: &mut Session,
        numbers: &BTreeSet<u32>,
        rows: &[Row],
        mut ends: Option<Vec<Row>>,
    ) -> Result<bool, Failure> {
        let mut missing = numbers.clone();
        let mut was_known = true;
        for row in rows {
            let found = StoredInstance::of(row)?;
            let number = found.number;
            missing.remove(&number);
            let known = self.memory.instance(number);
            was_known &= known.is_some_and(|known| known.stored.token == found.token);
            self.memory.follow(session, found, ends.take())?;
        }
        for number in missing {
            was_known &= self.memory.instance(number).is_none();
            self.memory.forget(number);
            self.observed.note(Some(number), DELETED);
        }
        Ok(was_known)
    }

    /// The log as it is before the next commit.
    pub(crate) fn preview(&mut self) -> Result<Snapshot, Error> {
        let session = self
            .take_session(self.server.patience())
            .map_err(|failure| failure.error())?;
        let unwanted = self.server.unwanted.clone();
        let shared = (&self.observed, &self.known_blocks);
        let snapshot = Snapshot::begin(session, shared, unwanted);
        snapshot.map_err(|failure| failure.error())
    }

    /// Takes the session back of a preview. Returns the blocks that it has met whose summaries are to be kept.
    pub(crate) fn end_preview(&mut self, snapshot: Snapshot) -> Vec<Wanted> {
        let (session, wanted) = snapshot.end();
        if let Some(session) = session {
            self.give_back(session);
        }
        wanted
    }

    /// Whether a frame is under way of which it is not known whether it was stored.
    pub(crate) const fn is_pending(&self) -> bool {
        self.pending.is_some()
    }

    /// Forgets all that is known, after something has gone wrong as nothing should.
    pub(crate) fn reset(&mut self) {
        self.session = None;
        self.memory = Memory::default();
    }

    /// Takes leave of the database.
    pub(crate) fn close(&mut self) {
        if let Some(mut session) = self.session.take() {
            if self.pending.is_none() {
                // A row that stays is of no harm.
                let _ = session.rows("DELETE FROM writers WHERE writer = $1", &[&self.writer]);
            }
            session.close();
        }
    }
}

/// A number by which a commit is known.
fn new_token() -> i64 {
    Uuid::new_v4().as_u64_pair().1 as i64
}
