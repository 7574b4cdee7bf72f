//! What is done about the end of the journal when a log is opened.

use std::thread;
use std::time::{Duration, Instant};

use super::checkpoint::lock;
use crate::engine::journal::JournalFile;
use crate::engine::locks::Patience;
use crate::engine::storage::{FileOpener, Storage};
use crate::engine::view::{Follow, LogView, OpenLog, Others};
use crate::engine::{Fault, Options};
use crate::panic::caught;

/// How long an opening waits for another process to tell whether the last frame is on disk. One that does not
/// tell in this time is stopped, and was never answered.
const WAIT_MAX: Duration = Duration::from_secs(1);

const PAUSE: Duration = Duration::from_millis(1);

/// Opens the file, and settles what is at the end of its journal.
pub(in crate::engine) fn open(opener: FileOpener, options: &Options) -> Result<OpenLog, Fault> {
    let open_log = OpenLog::open(opener, options)?;
    let settle = || settle(&open_log);
    let settled = caught(settle).unwrap_or_else(|panic| Err(Fault::of_panic("opening", &panic)));
    match settled {
        Ok(()) => Ok(open_log),
        Err(fault) => {
            // redb writes when it is closed, and can panic at that too. What was met first is told.
            let _ = caught(|| drop(open_log));
            Err(fault)
        }
    }
}

/// Reads the journal for the first time. A frame beyond its mark may have been answered, since the mark is lost
/// with the power. If nobody is at work on it, it is brought to disk here; and whoever is does that before
/// anything else.
fn settle(open_log: &OpenLog) -> Result<(), Fault> {
    let began = Instant::now();
    if open_log.storage.exclusive() && open_log.storage.is_writable() {
        return lock(open_log, &open_log.storage.turn()).map(drop);
    }
    loop {
        let (view, _) = open_log.latest()?;
        let journal = open_log.storage.journal()?;
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
        if open_log.storage.is_writable() {
            match Patience::none().during(|| lock(open_log, &open_log.storage.turn()).map(drop)) {
                Err(fault) if fault.is_busy() => {}
                settled => return settled,
            }
        } else {
            sync_what_is_left(&open_log.storage)?;
        }
        thread::sleep(PAUSE);
    }
}

/// Brings to disk what others have left, which can be read and not be written once more.
fn sync_what_is_left(storage: &Storage) -> Result<(), Fault> {
    let follow = Follow::of(storage)?;
    let journal = &follow.journal;
    let view = follow.read(None, Others::Finished)?;
    // Whoever has written the last frame has finished, or is no more. Was it made void meanwhile?
    if journal.is_unlocked()? && is_there(journal, &view)? {
        journal.sync()?;
        storage.note_synced(view.log.commits);
    }
    Ok(())
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
