//! What is done about the end of the journal when a log is opened.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::{OpenStore, State};
use crate::engine::Fault;
use crate::engine::journal::JournalFile;
use crate::engine::locks::Patience;
use crate::engine::opening::Tables;
use crate::engine::view::{Follow, LogView, Others};

/// How long an opening waits for another process to tell whether the last frame is on disk. One that does not
/// tell in this time is stopped, and was never answered.
const WAIT_MAX: Duration = Duration::from_secs(1);

const PAUSE: Duration = Duration::from_millis(1);

impl OpenStore {
    /// Reads the journal for the first time. A frame beyond its mark may have been answered, since the mark is lost
    /// with the power. If nobody is at work on it, it is brought to disk here; and whoever is does that before
    /// anything else.
    pub(super) fn settle_at_opening(&self) -> Result<(), Fault> {
        let began = Instant::now();
        if self.exclusive && self.is_writable() {
            return self.lock(&self.turn()).map(drop);
        }
        loop {
            let (view, _) = self.latest()?;
            let journal = self.journal()?;
            let is_settled = match view.header {
                Some(header) => {
                    let next = journal.frame(&header, view.offset, view.log.commits + 1)?;
                    next.is_none()
                }
                None => true,
            };
            if is_settled || began.elapsed() > WAIT_MAX {
                return Ok(());
            }
            if !self.is_writable() {
                self.sync_what_is_left(journal)?;
            } else {
                match Patience::none().during(|| self.lock(&self.turn()).map(drop)) {
                    Err(fault) if fault.is_busy() => {}
                    settled => return settled,
                }
            }
            thread::sleep(PAUSE);
        }
    }

    pub(super) fn is_writable(&self) -> bool {
        matches!(
            *self.state.read(),
            State::Open {
                tables: Tables::Writable(_),
                ..
            }
        )
    }

    /// Brings to disk what others have left, which can be read and not be written once more.
    fn sync_what_is_left(&self, journal: Arc<JournalFile>) -> Result<(), Fault> {
        let follow = Follow {
            journal: Arc::clone(&journal),
            tables: self,
        };
        let view = follow.read(None, Others::Finished)?;
        // Whoever has written the last frame has finished, or is no more. Was it made void meanwhile?
        if journal.is_unlocked()? && is_there(&journal, &view)? {
            journal.sync()?;
            self.note_synced(view.log.commits);
        }
        Ok(())
    }
}

/// Whether the last frame of a view is still in the journal.
fn is_there(journal: &JournalFile, view: &LogView) -> Result<bool, Fault> {
    let (Some(header), Some(last)) = (view.header, view.last) else {
        return Ok(true);
    };
    let found = journal.frame_header(&header, last.offset)?;
    Ok(found.is_some_and(|found| {
        found.salt == header.salt
            && found.commit == view.log.commits
            && found.checksum == last.checksum
    }))
}
