//! Nobody is shown what is not known to be on disk, and everybody what was answered, whatever has become of the
//! mark that tells so.

use super::disk::Disk;
use super::{
    Options, append, check_invariants, engine_at, engine_on, events, run, take_back_the_mark,
};
use crate::engine::commit::checkpoint;

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
