//! Locks that another process has and does not let go of. Here it is another opening in this process: locks
//! belong to openings.

use std::fs::File;
use std::ops::Bound;
use std::path::Path;
use std::sync::mpsc::channel;
use std::time::Duration;

use redb::StorageBackend;
use redb::backends::FileBackend;

use super::{append, check_invariants, events, run};
use crate::cancellation::Cancellation;
use crate::engine::locks::LOCKS_START;
use crate::engine::{Options, Shared};
use crate::error::Code;
use crate::progress::Progress;

/// What is locked while something is added to the journal, or a file is made a log.
const JOURNAL: u64 = LOCKS_START - 1;

/// What redb locks while it writes.
const TABLES: u64 = LOCKS_START;

/// A wait that no test has the time for.
const FOR_EVER: Duration = Duration::from_secs(1 << 20);

/// Holds the lock of a byte until it is dropped.
struct Holder(FileBackend);

impl Holder {
    fn of(path: &Path, byte: u64) -> Self {
        let file = File::options().read(true).write(true).open(path).unwrap();
        let backend = FileBackend::new(file).unwrap();
        let range = (Bound::Included(byte), Bound::Included(byte));
        assert!(backend.try_lock_range(range.0, range.1).unwrap());
        Self(backend)
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        self.0.close().unwrap();
    }
}

fn waiting_for(lock_wait: Duration) -> Options {
    Options {
        lock_wait,
        ..Options::default()
    }
}

#[test]
fn an_opening_of_a_file_that_another_is_making_is_locked_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    for bytes in [0, crate::engine::journal::Layout::NEW.tables_at()] {
        // As the maker leaves it before it has written anything.
        File::create(&path).unwrap().set_len(bytes).unwrap();
        let holder = Holder::of(&path, JOURNAL);
        let error = Shared::open(&path, &waiting_for(Duration::ZERO))
            .err()
            .unwrap();
        assert_eq!(error.code(), Code::Locked, "{error}");
        assert!(error.text().contains("lockWaitMs"), "{error}");

        let unwanted = Cancellation::default();
        let (sender, opened) = channel();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let opened = Shared::open_unless(&unwanted, &path, &waiting_for(FOR_EVER));
                sender.send(opened.err().map(|error| error.code())).unwrap();
            });
            unwanted.cancel();
            assert_eq!(opened.recv().unwrap(), Some(Code::Aborted));
        });
        drop(holder);
        let log = Shared::open(&path, &waiting_for(FOR_EVER)).unwrap();
        check_invariants(log.engine());
        log.release().unwrap();
    }
}

#[test]
fn an_opening_for_writing_waits_for_who_writes_the_tables_and_one_for_reading_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let log = Shared::open(&path, &Options::default()).unwrap();
    let holder = Holder::of(&path, TABLES);
    log.release().unwrap();
    let error = Shared::open(&path, &waiting_for(Duration::ZERO))
        .err()
        .unwrap();
    assert_eq!(error.code(), Code::Locked, "{error}");
    drop(holder);
    Shared::open(&path, &waiting_for(Duration::ZERO))
        .unwrap()
        .release()
        .unwrap();
}

#[test]
fn a_log_that_is_not_new_is_opened_and_added_to_while_another_writes_the_tables() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let log = Shared::open(&path, &Options::default()).unwrap();
    run(log.engine(), |batch| append(batch, "log", "s")).unwrap();
    log.release().unwrap();

    let holder = Holder::of(&path, TABLES);
    let log = Shared::open(&path, &waiting_for(Duration::ZERO)).unwrap();
    let engine = log.engine();
    run(engine, |batch| append(batch, "log", "s")).unwrap();
    let made = run(engine, |batch| batch.create("other", "other", None));
    assert_eq!(made.unwrap_err().code(), Code::Locked);
    assert_eq!(events(engine, "log").unwrap().len(), 2);
    log.release().unwrap();

    drop(holder);
    let log = Shared::open(&path, &Options::default()).unwrap();
    assert_eq!(events(log.engine(), "log").unwrap().len(), 2);
    run(log.engine(), |batch| batch.create("other", "other", None)).unwrap();
    check_invariants(log.engine());
    log.release().unwrap();
}

#[test]
fn changes_are_locked_in_time_and_leave_nothing_and_reading_and_closing_go_on() {
    for byte in [JOURNAL, TABLES] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let log = Shared::open(&path, &waiting_for(Duration::from_millis(20))).unwrap();
        let engine = log.engine();
        run(engine, |batch| append(batch, "log", "s")).unwrap();
        let holder = Holder::of(&path, byte);
        for _ in 0..3 {
            let changed = run(engine, |batch| {
                // It needs the tables.
                batch.create("other", "other", None)?;
                append(batch, "log", "s")
            });
            let error = changed.unwrap_err();
            assert_eq!(error.code(), Code::Locked, "{error}");
            assert!(error.text().contains("nothing was stored"), "{error}");
            assert_eq!(events(engine, "log").unwrap().len(), 1);
        }
        // Who only adds to the journal does not need the tables.
        let appended = run(engine, |batch| append(batch, "log", "s"));
        match byte {
            JOURNAL => assert_eq!(appended.unwrap_err().code(), Code::Locked),
            _ => assert_eq!(appended.unwrap().sequence_number, 2),
        }
        let stored = events(engine, "log").unwrap().len();
        log.release().unwrap();

        drop(holder);
        let log = Shared::open(&path, &Options::default()).unwrap();
        assert_eq!(events(log.engine(), "log").unwrap().len(), stored);
        run(log.engine(), |batch| batch.create("other", "other", None)).unwrap();
        check_invariants(log.engine());
        log.release().unwrap();
    }
}

#[test]
fn a_change_that_waits_is_made_once_the_lock_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let log = Shared::open(&path, &waiting_for(FOR_EVER)).unwrap();
    let holder = Holder::of(&path, JOURNAL);
    let waiting = super::submit(log.engine(), |batch| append(batch, "log", "s"));
    assert!(waiting.try_recv().is_err());
    drop(holder);
    assert_eq!(waiting.recv().unwrap().unwrap().sequence_number, 1);
    log.release().unwrap();
}

#[test]
fn a_compaction_is_called_off_while_it_waits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let log = Shared::open(&path, &waiting_for(FOR_EVER)).unwrap();
    let _holder = Holder::of(&path, TABLES);
    let progress = Progress::default();
    let (sender, done) = channel();
    log.engine().compact(progress.clone(), move |compacted| {
        sender.send(compacted.map(drop)).unwrap();
    });
    progress.cancellation().cancel();
    assert_eq!(done.recv().unwrap().unwrap_err().code(), Code::Aborted);
    log.release().unwrap();
}
