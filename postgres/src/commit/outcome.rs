//! Whether a frame was stored whose answer did not come, or came with a warning.
//!
//! Each frame writes its number into the row of its writer, in the same transaction. So the row tells, once the transaction
//! is over. It is over when somebody else has been able to change a row that it holds: whoever asks changes the token of
//! the head that the frame moves, or that of the log. That waits for a transaction that is under way, and a frame that
//! comes late finds another token and stores nothing.
//!
//! The change of the token is a commit itself. It is answered when it is durable, on standbys too if the server waits for
//! them, and what was committed before it is durable then as well. That is why a commit with a warning (the server was
//! told not to wait for its standbys any more, and answers with success) is no success before such a change has followed it.

use std::time::Instant;

use codebolt_eventlog::timestamp;

use super::{Committer, new_token};
use crate::failure::Failure;
use crate::seeded_bug::SeededBug;
use crate::session::Session;

/// A row that a frame changes, by which it can be told that the frame's transaction is over.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fence {
    /// The head of that instance.
    Head(u32),
    /// What the log has.
    Log,
}

/// What was sent, and of which it is not known whether it was stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    pub(super) fence: Fence,
    /// How many frames. Each rests on the one before it, so that the first of them are stored, or none.
    pub(super) frames: i64,
}

impl Pending {
    pub(super) const fn one(fence: Fence) -> Self {
        Self { fence, frames: 1 }
    }
}

impl Fence {
    /// Waits until the transaction is over that has changed the row, and keeps one that comes later from changing it.
    fn close(self, session: &mut Session) -> Result<(), Failure> {
        let _ = session.take_warnings();
        let token = new_token();
        match self {
            Self::Head(number) => session.rows(
                "UPDATE heads SET token = $2 WHERE instance = $1",
                &[&(number as i32), &token],
            )?,
            Self::Log => session.rows("UPDATE log SET token = $1", &[&token])?,
        };
        match session.take_warnings().first() {
            None => Ok(()),
            Some(warning) => Err(Failure::Lost(warning.clone())),
        }
    }
}

impl Committer {
    /// The number of the frame that is sent next.
    pub(super) fn next_frame(&self) -> i64 {
        self.frame.unwrap_or(0) + 1
    }

    /// Makes sure that there is a session, of a server that has everything which this writer has been told to be stored.
    pub(super) fn connect(&mut self, until: Instant) -> Result<(), Failure> {
        if self
            .session
            .as_ref()
            .is_some_and(|session| !session.is_closed())
        {
            return Ok(());
        }
        let mut session = self.server.connect_until(until, &self.server.unwanted)?;
        if self.frame.is_some() {
            self.settle(&mut session)?;
            self.memory.compare(&mut session)?;
        } else {
            session.rows(
                "INSERT INTO writers (writer, frame, began_at) VALUES ($1, 0, $2)",
                &[&self.writer, &timestamp::now()],
            )?;
            self.frame = Some(0);
        }
        self.session = Some(session);
        Ok(())
    }

    /// What became of the pending frame, to whose sending the server has answered so. Returns whether it was stored.
    pub(super) fn outcome(
        &mut self,
        session: &mut Session,
        answer: Result<bool, Failure>,
        until: Instant,
    ) -> Result<bool, Failure> {
        let mut warnings = session.take_warnings();
        if self.server.options.has(SeededBug::WarningIsSuccess) {
            warnings.clear();
        }
        match answer {
            Ok(true) if warnings.is_empty() => {
                self.pending = None;
                self.frame = Some(self.next_frame());
                Ok(true)
            }
            Ok(true) => match self.settle(session) {
                Err(Failure::Lost(_)) => Ok(self.find_out(until)? > 0),
                settled => Ok(settled? > 0),
            },
            Ok(false) => {
                self.pending = None;
                Ok(false)
            }
            Err(Failure::Lost(_)) => {
                if self.find_out(until)? > 0 {
                    return Ok(true);
                }
                // It is tried again, on the new session.
                Err(Failure::Undone(
                    "the connection was lost before anything was stored".to_owned(),
                ))
            }
            Err(failure) => {
                self.pending = None;
                Err(failure)
            }
        }
    }

    /// Connects again, and finds out how many of the pending frames were stored.
    pub(super) fn find_out(&mut self, until: Instant) -> Result<i64, Failure> {
        let before = self.frame.unwrap_or(0);
        loop {
            self.session = None;
            match self.connect(until) {
                Ok(()) => return Ok(self.frame.unwrap_or(0) - before),
                Err(failure) if failure.is_lost() && Instant::now() < until => {}
                Err(failure) => return Err(failure),
            }
        }
    }

    /// Learns which frame of this writer is the last one that is stored, with the pending ones over. Returns how many of these
    /// were stored.
    pub(super) fn settle(&mut self, session: &mut Session) -> Result<i64, Failure> {
        if let Some(Pending { fence, .. }) = self.pending
            && !self.server.options.has(SeededBug::NoFence)
        {
            fence.close(session)?;
        }
        let rows = session.rows(
            "SELECT frame FROM writers WHERE writer = $1",
            &[&self.writer],
        )?;
        let known = self.frame.unwrap_or(0);
        let found: Option<i64> = rows.first().map(|row| row.get(0));
        let most = self.pending.map_or(0, |pending| pending.frames);
        let stored = found.map(|found| found - known);
        let Some(stored) = stored.filter(|stored| (0..=most).contains(stored)) else {
            let found = found.map_or_else(|| "none".to_owned(), |found| found.to_string());
            return Err(Failure::Gone(format!(
                "this writer has stored {known} frames, of which the last that the server \
                 has is {found}: the server that had the rest has failed, and another one has taken its place without it"
            )));
        };
        self.pending = None;
        self.frame = found;
        Ok(stored)
    }
}
