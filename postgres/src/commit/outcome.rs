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
        session.plan_once()?;
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
                Err(Failure::Lost(_)) => self.find_out(until),
                settled => settled,
            },
            Ok(false) => {
                self.pending = None;
                Ok(false)
            }
            Err(Failure::Lost(_)) => {
                let stored = self.find_out(until)?;
                if stored {
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

    /// Connects again, and finds out whether the pending frame was stored.
    fn find_out(&mut self, until: Instant) -> Result<bool, Failure> {
        let before = self.frame;
        loop {
            self.session = None;
            match self.connect(until) {
                Ok(()) => return Ok(self.frame != before),
                Err(failure) if failure.is_lost() && Instant::now() < until => {}
                Err(failure) => return Err(failure),
            }
        }
    }

    /// Learns which frame of this writer is the last one that is stored, with a pending one over. Returns whether that one
    /// was stored.
    fn settle(&mut self, session: &mut Session) -> Result<bool, Failure> {
        if let Some(fence) = self.pending
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
        let stored = self.pending.is_some() && found == Some(known + 1);
        if !stored && found != Some(known) {
            let found = found.map_or_else(|| "none".to_owned(), |found| found.to_string());
            return Err(Failure::Gone(format!(
                "this writer has stored {known} frames, of which the last that the server \
                 has is {found}: the server that had the rest has failed, and another one has taken its place without it"
            )));
        }
        self.pending = None;
        self.frame = found;
        Ok(stored)
    }
}
