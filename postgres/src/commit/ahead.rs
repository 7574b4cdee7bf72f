//! Frames that are sent before the answer to the one before them has come.
//!
//! Such a frame is decided as if that one were stored, and moves the head on from the token which that one gives it. So the
//! server stores it only if it has stored that one: of the frames under way, it stores the first so many, or none. Nothing is
//! answered, and nobody else is told, before the answer is there. If that is anything but success, what is known
//! goes back to where it was before the first frame, it is found out how many are stored, and the changes of the others are
//! decided again.

use std::sync::Arc;
use std::time::Instant;

use codebolt_eventlog::error::Error;
use codebolt_eventlog::timestamp;
use tokio::sync::Notify;

use super::frame::{self, Frame};
use super::outcome::{Fence, Pending};
use super::{Committed, Committer, LOCKING, Stage, new_token};
use crate::failure::Failure;
use crate::memory::Memory;
use crate::rows::StoredInstance;
use crate::seeded_bug::SeededBug;
use crate::session::{Begun, Session};
use crate::staging::{Answers, Asking, Staged, Staging};

/// How many frames are under way at the most. While the server is at work on one, the next is there, and those who were
/// answered call anew.
pub(crate) const FRAMES_MAX: usize = 3;

/// A frame that is under way.
pub(super) struct Flying {
    begun: Begun<Result<bool, Failure>>,
    /// What has come back, once it has.
    answer: Option<Result<bool, Failure>>,
    committed: Committed,
    /// How many commits each instance has had with it.
    changes: Vec<(Option<u32>, i64)>,
    /// The instance as it stands with it.
    stored: StoredInstance,
}

impl Committer {
    /// How many frames are under way.
    pub(crate) fn flying(&self) -> usize {
        self.flying.len()
    }

    /// Sends what `stage` stages as a frame, behind those that are under way, if it is one and nothing has to be asked for
    /// it. Returns whether it was sent: then [`Committer::land`] tells what has become of it. Otherwise nothing was done.
    pub(crate) fn send_ahead(&mut self, stage: Stage<'_>) -> bool {
        if self.flying.is_empty() {
            self.memory.shrink();
        }
        let is_busy = self.pending.is_some() && self.flying.is_empty();
        let is_full = self.flying.len() >= FRAMES_MAX;
        #[cfg(feature = "testing")]
        let is_full = is_full || self.server.options.has(SeededBug::PositionsBySequence);
        if is_busy || is_full || self.locking > 0 || self.gone.is_some() {
            return false;
        }
        let session = self.session.as_mut();
        let Some(session) = session.filter(|session| !session.is_closed()) else {
            return false;
        };
        let staged = stage_by_heart(&mut self.memory, session, stage);
        staged.is_some_and(|staged| self.launch(staged))
    }

    /// Sends what was staged, if it is a frame that can follow those that are under way.
    fn launch(&mut self, staged: Staged) -> bool {
        if staged.is_unchanged() {
            return false;
        }
        let under_way = self.flying.front().map(|first| first.stored.number);
        let number =
            frame::only(&staged).filter(|number| under_way.is_none_or(|other| other == *number));
        let (Some(number), Some(session), Some(frame)) = (number, &self.session, self.frame) else {
            return false;
        };
        let (Some(after), Some(known)) =
            (staged.instances.get(&number), self.memory.instance(number))
        else {
            return false;
        };
        // What has to be prepared first is sent in the usual way.
        let Some(statement) = session.prepared(frame::sql_of(after)) else {
            return false;
        };
        let count = self.flying.len() as i64 + 1;
        let tokens = [known.stored.token, new_token()];
        let writer = (self.writer, frame + count);
        let grounded = known.stored.clone();
        let staged = Arc::new(staged);
        let sent = Arc::clone(&staged);
        if count == 1 {
            let _ = session.take_warnings();
            self.is_warned = false;
        }
        let begun = session.begin(|client| async move {
            let Some(after) = sent.instances.get(&number) else {
                return Ok(false);
            };
            let frame = Frame {
                after,
                staged: &sent,
                instance: number,
                tokens,
                writer,
            };
            frame.send(&client, &statement).await
        });
        let Some(begun) = begun else {
            return false;
        };
        self.pending = Some(Pending {
            fence: Fence::Head(number),
            frames: count,
        });
        if count == 1 {
            self.grounded = Some(grounded.clone());
        }
        let (committed, changes) = self.remember(&staged, tokens[1]);
        let known = self.memory.instance(number);
        self.flying.push_back(Flying {
            begun,
            answer: None,
            committed,
            changes,
            stored: known.map_or(grounded, |known| known.stored.clone()),
        });
        true
    }

    /// Waits until the answer to the first frame under way is there, or until `stirred` is. Returns whether it is there.
    pub(crate) fn hear(&mut self, stirred: &Notify) -> bool {
        match self.flying.front_mut() {
            Some(first) => first.hear(self.session.as_ref(), stirred),
            None => true,
        }
    }

    /// What has become of the first frame under way, whose answer is waited for: what was committed; or nothing if that is
    /// not known, or it was not stored. Then [`Committer::fall`] is to follow.
    pub(crate) fn land(&mut self) -> Option<Committed> {
        let never = Notify::new();
        if !self.hear(&never) {
            return None;
        }
        let is_clean = self.session.as_ref().is_some_and(|session| {
            let warnings = session.take_warnings();
            self.is_warned |= !warnings.is_empty();
            !self.is_warned || self.server.options.has(SeededBug::WarningIsSuccess)
        });
        let is_stored = |first: &Flying| is_clean && matches!(first.answer, Some(Ok(true)));
        self.flying.front().filter(|first| is_stored(first))?;
        let landed = self.flying.pop_front()?;
        self.frame = self.frame.map(|frame| frame + 1);
        if let Some(pending) = &mut self.pending {
            pending.frames -= 1;
        }
        if self.flying.is_empty() {
            (self.pending, self.grounded) = (None, None);
        } else {
            self.grounded = Some(landed.stored);
        }
        for (instance, commits) in landed.changes {
            self.observed.note(instance, commits);
        }
        Some(landed.committed)
    }

    /// Finds out what has become of all frames under way. Returns what was committed, of the first of them on; the others are
    /// not stored, and nothing is known that rests on them.
    ///
    /// # Errors
    ///
    /// `OUTCOME_UNKNOWN`: of none of them it is known. `CORRUPTED`.
    pub(crate) fn fall(&mut self) -> Result<Vec<Committed>, Error> {
        let never = Notify::new();
        let mut flying = std::mem::take(&mut self.flying);
        for flight in &mut flying {
            flight.hear(self.session.as_ref(), &never);
        }
        let Some(grounded) = self.grounded.take() else {
            return Ok(Vec::new());
        };
        let number = grounded.number;
        self.memory.take_back(grounded);
        let until = self.server.patience();
        let count = self.count_stored(&flying, until);
        let count = count.map_err(|failure| self.told(&failure))?;
        let stored = flying.into_iter().take(count as usize);
        let mut committed = Vec::new();
        for flight in stored {
            // What was found out has moved the head on as well, to where it is not known.
            self.memory.forget(number);
            for (instance, commits) in flight.changes {
                self.observed.note(instance, commits);
            }
            committed.push(flight.committed);
        }
        Ok(committed)
    }

    /// How many of the frames were stored that are not under way any more.
    fn count_stored<'a>(
        &mut self,
        flying: impl IntoIterator<Item = &'a Flying>,
        until: Instant,
    ) -> Result<i64, Failure> {
        let is_warned = std::mem::take(&mut self.is_warned);
        let mut is_lost = self.session.as_ref().is_none_or(Session::is_closed);
        let mut is_unknown = is_warned;
        for flight in flying {
            match &flight.answer {
                Some(Ok(false)) => self.locking = LOCKING,
                Some(Err(failure)) if !failure.is_lost() => {}
                Some(Ok(true)) => is_unknown = true,
                Some(Err(_)) | None => is_lost = true,
            }
        }
        if !is_lost && !is_unknown {
            self.pending = None;
            return Ok(0);
        }
        if let Some(mut session) = self.session.take().filter(|_| !is_lost) {
            match self.settle(&mut session) {
                Err(Failure::Lost(_)) => {}
                settled => {
                    self.session = Some(session);
                    return settled;
                }
            }
        }
        self.find_out(until)
    }
}

impl Flying {
    /// Waits for its answer, or until `stirred` is. Returns whether the answer is there.
    fn hear(&mut self, session: Option<&Session>, stirred: &Notify) -> bool {
        let lost = |why: String| Some(Err(Failure::Lost(why)));
        if self.answer.is_none() {
            self.answer = match session {
                None => lost("it was closed".to_owned()),
                Some(session) => match session.hear(&mut self.begun, stirred) {
                    None => return false,
                    Some(Ok(answer)) => Some(answer.map_err(|failure| session.explained(failure))),
                    // Whether it was sent is not known.
                    Some(Err(panic)) => lost(panic.to_string()),
                },
            };
        }
        true
    }
}

/// Has everything staged without asking anything. `None` if something would have to be asked, or has failed.
fn stage_by_heart(memory: &mut Memory, session: &mut Session, stage: Stage<'_>) -> Option<Staged> {
    let mut answers = Answers::default();
    let sources = (memory, session, &mut answers);
    let mut staging = Staging::begin(sources, timestamp::now(), Asking::Never);
    let outcome = stage.stage(&mut staging);
    let is_sound = staging.failure().is_none() && outcome.is_ok();
    let (staged, questions) = staging.finish();
    (is_sound && questions.is_empty()).then_some(staged)
}
