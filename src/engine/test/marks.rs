//! Nobody is shown what is not known to be on disk, and everybody what was answered, whatever has become of the
//! mark that tells so.

use std::io;
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use redb::backends::InMemoryBackend;
use redb::{BackendError, StorageBackend};

use super::disk::Disk;
use super::{
    LAYOUT, Options, append, check_invariants, engine_at, engine_on, events, run,
    take_back_the_mark,
};
use crate::engine::commit::checkpoint;
use crate::engine::holes::SparseStorage;
use crate::engine::journal::JournalFile;
use crate::error::Code;

fn read_only() -> Options {
    Options {
        read_only: true,
        ..Options::default()
    }
}

#[test]
fn what_another_process_is_still_syncing_is_not_seen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let [writing, other] = [engine_at(&path), engine_at(&path)];
    run(&writing, |batch| append(batch, "log", "s")).unwrap();
    let reader = engine_on(&Disk::at(&path), read_only()).unwrap();
    // Wherever in a generation the frame lies, and whether its header is new.
    for seen in 1..25 {
        run(&writing, |batch| append(batch, "log", "s")).unwrap();
        take_back_the_mark(&writing);
        for engine in [&other, &reader] {
            assert_eq!(events(engine, "log").unwrap().len(), seen);
        }
        // It has synced it.
        let commits = writing.open_log.view().known().unwrap().log.commits;
        writing
            .open_log
            .storage
            .journal()
            .unwrap()
            .mark(commits)
            .unwrap();
        for engine in [&other, &reader] {
            assert_eq!(events(engine, "log").unwrap().len(), seen + 1);
        }
    }
    for engine in [writing, other, reader] {
        check_invariants(&engine);
        engine.stop().unwrap();
    }
}

/// The mark is not synced, so that a loss of power can take it.
#[test]
fn a_log_whose_mark_is_lost_is_opened_with_all_that_was_answered() {
    for appended in 1..25 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let before = engine_at(&path);
        for _ in 0..appended {
            run(&before, |batch| append(batch, "log", "s")).unwrap();
        }
        for options in [read_only(), Options::default()] {
            before.open_log.storage.journal().unwrap().mark(0).unwrap();
            let engine = engine_on(&Disk::at(&path), options).unwrap();
            assert_eq!(events(&engine, "log").unwrap().len(), appended);
            check_invariants(&engine);
            engine.stop().unwrap();
        }
        before.stop().unwrap();
    }
}

/// A process is stopped in the middle of a commit: it holds the lock, and its frame is not told to be on disk.
#[test]
fn an_opening_goes_on_without_a_frame_whose_process_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let stopped = engine_at(&path);
    for _ in 0..3 {
        run(&stopped, |batch| append(batch, "log", "s")).unwrap();
    }
    let turn = stopped.open_log.storage.turn();
    let locked = checkpoint::lock(&stopped.open_log, &turn).unwrap();
    take_back_the_mark(&stopped);
    let opened = [read_only(), Options::default()].map(|options| {
        let engine = engine_on(&Disk::at(&path), options).unwrap();
        assert_eq!(events(&engine, "log").unwrap().len(), 2);
        engine
    });
    // It goes on, is killed instead, or has failed: whoever comes next makes sure of what it has left.
    drop(locked);
    drop(turn);
    run(&opened[1], |batch| append(batch, "log", "s")).unwrap();
    for engine in opened {
        assert_eq!(events(&engine, "log").unwrap().len(), 4);
        check_invariants(&engine);
        engine.stop().unwrap();
    }
    stopped.stop().unwrap();
}

/// The disk fails for so many operations that a frame can neither be synced nor be made void, and that what became of it
/// cannot be found out at once: readers can open the log again before the writer does.
#[test]
fn what_a_failed_commit_has_left_is_not_seen_before_it_is_on_disk() {
    for exclusive in [false, true] {
        let mut confirmed = 0;
        for healthy in 0..6 {
            for faults in 3..6 {
                confirmed += seen_after_faults(exclusive, healthy, faults);
            }
        }
        assert!(confirmed > 0, "exclusive: {exclusive}");
    }
}

/// Returns how many events were seen to be confirmed by a call that changes nothing.
fn seen_after_faults(exclusive: bool, healthy: usize, faults: usize) -> usize {
    let what = format!("exclusive: {exclusive}, {faults} faults after {healthy}");
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::at(&folder.path().join("log"));
    let options = Options {
        exclusive,
        ..Options::default()
    };
    let engine = engine_on(&disk, options).unwrap();
    run(&engine, |batch| append(batch, "log", "s")).unwrap();
    let look = || {
        let seen = events(&engine, "log").ok()?;
        let image = folder.path().join("image");
        std::fs::write(&image, disk.image()).unwrap();
        let left = engine_at(&image);
        let on_disk = events(&left, "log").unwrap();
        left.stop().unwrap();
        for event in &seen {
            assert!(on_disk.contains(event), "{what}: {event:?} is not on disk");
        }
        Some(seen.len())
    };
    disk.fail_times_after(healthy, faults);
    let (mut unknown, mut confirmed) = (0, 0);
    for _ in 0..5 {
        let appended = run(&engine, |batch| append(batch, "log", "s"));
        let is_unknown = appended.is_err_and(|error| error.code() == Code::OutcomeUnknown);
        unknown += usize::from(is_unknown);
        let Some(seen) = look() else {
            continue;
        };
        // Whoever is next at work makes sure of it, if it is there at all.
        let _ = run(&engine, |batch| batch.find("log"));
        confirmed += look().map_or(0, |found| found - seen);
        assert!(confirmed <= unknown, "{what}");
    }
    disk.heal();
    run(&engine, |batch| append(batch, "log", "s")).unwrap();
    look().unwrap();
    check_invariants(&engine);
    engine.stop().unwrap();
    confirmed
}

/// A file whose mark another process is writing: so many reads of it find half of the one and half of the other.
#[derive(Debug, Default)]
struct MarkBeingWritten {
    file: InMemoryBackend,
    halves_left: Arc<AtomicUsize>,
}

impl StorageBackend for MarkBeingWritten {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)?;
        let count_down = |left: usize| left.checked_sub(1);
        let update =
            (self.halves_left).fetch_update(Ordering::Relaxed, Ordering::Relaxed, count_down);
        if update.is_ok() {
            let half = out.len() / 2;
            out[..half].fill(0xa5);
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write(offset, data)
    }

    fn try_lock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<bool, BackendError> {
        Ok(true)
    }

    fn unlock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<(), BackendError> {
        Ok(())
    }
}

impl SparseStorage for MarkBeingWritten {}

#[test]
fn a_mark_that_is_being_written_is_read_again() {
    let file = MarkBeingWritten::default();
    let halves_left = Arc::clone(&file.halves_left);
    let journal =
        JournalFile::open(Box::new(file), true, true, LAYOUT, Duration::ZERO, None).unwrap();
    assert_eq!(journal.marked().unwrap(), 0);
    for commit in [1, 2, 1 << 40] {
        journal.mark(commit).unwrap();
        halves_left.store(1, Ordering::Relaxed);
        assert_eq!(journal.marked().unwrap(), commit);
        assert_eq!(halves_left.load(Ordering::Relaxed), 0);
    }
}
