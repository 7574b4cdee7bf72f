//! The answer never runs ahead of the disk.
//!
//! A kill cannot show this: the page cache survives the process. So the disk keeps what is synced,
//! which is what a power loss can leave, and at each answer that image is opened and searched for
//! the event that was just acknowledged.

use std::sync::Arc;
use std::sync::mpsc::channel;

use super::disk::Disk;
use super::{Options, append, check_invariants, engine_on, events, take_back_the_mark};

const THREADS: usize = 3;
/// Enough for some generations of the journal.
const APPENDS: usize = 20;

fn acknowledged_events_survive_power_loss(exclusive: bool) {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::at(&folder.path().join("log"));
    let options = Options {
        exclusive,
        ..Options::default()
    };
    let engine = engine_on(&disk, options.clone()).unwrap();
    let (answered, images) = channel();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (engine, disk, answered) = (&engine, &disk, answered.clone());
            scope.spawn(move || {
                for _ in 0..APPENDS {
                    let (done, waiting) = channel();
                    let (disk, answered) = (Arc::clone(disk), answered.clone());
                    let appended = Arc::new(parking_lot::Mutex::new(None));
                    let staged = Arc::clone(&appended);
                    let task = super::Task {
                        apply: move |batch: &mut super::Batch<'_>| {
                            let stream = format!("stream {thread}");
                            *staged.lock() = Some(append(batch, "log", &stream)?);
                            Ok(())
                        },
                        outcome: Some(Box::new(move |outcome| {
                            assert!(outcome.is_ok());
                            let id = appended.lock().take().unwrap().id;
                            answered.send((id, disk.image())).unwrap();
                            done.send(()).unwrap();
                        })),
                    };
                    assert!(engine.submit(Box::new(task)).is_ok());
                    waiting.recv().unwrap();
                }
            });
        }
    });
    drop(answered);
    engine.stop().unwrap();

    let mut answers = 0;
    for (id, image) in images {
        let path = folder.path().join(format!("image {answers}"));
        std::fs::write(&path, image).unwrap();
        let recovered = engine_on(&Disk::at(&path), options.clone()).unwrap();
        let found = events(&recovered, "log").unwrap();
        assert!(
            found.iter().any(|event| event.2 == id),
            "answer {answers}: {id} is lost"
        );
        check_invariants(&recovered);
        recovered.stop().unwrap();
        answers += 1;
    }
    assert_eq!(answers, THREADS * APPENDS);
}

#[test]
fn in_a_shared_file() {
    acknowledged_events_survive_power_loss(false);
}

#[test]
fn in_an_exclusive_file() {
    acknowledged_events_survive_power_loss(true);
}

/// A process is killed between writing and syncing: another one reads what it wrote, and builds on
/// it. What the second one acknowledges must not rest on what is in the page cache only.
fn what_a_killed_process_left_is_made_durable(left: usize) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let killed = engine_on(&Disk::at(&path), Options::default()).unwrap();
    super::run(&killed, |batch| append(batch, "log", "s")).unwrap();
    for _ in 0..left {
        super::run(&killed, |batch| append(batch, "log", "s")).unwrap();
    }
    let synced = std::fs::read(&path).unwrap();
    super::run(&killed, |batch| append(batch, "log", "s")).unwrap();
    take_back_the_mark(&killed);

    let disk = Disk::holding(&path, synced);
    let engine = engine_on(&disk, Options::default()).unwrap();
    for appends in 0..APPENDS {
        let appended = super::run(&engine, |batch| append(batch, "log", "s")).unwrap();
        let image = folder.path().join(format!("image {appends}"));
        std::fs::write(&image, disk.image()).unwrap();
        let recovered = engine_on(&Disk::at(&image), Options::default()).unwrap();
        let found = events(&recovered, "log").unwrap();
        assert_eq!(found.len(), left + appends + 3, "{left} before");
        assert_eq!(found.last().unwrap().2, appended.id);
        check_invariants(&recovered);
        recovered.stop().unwrap();
    }
    engine.stop().unwrap();
    killed.stop().unwrap();
}

#[test]
fn after_a_kill_between_writing_and_syncing() {
    // Wherever in a generation the last frame of the killed process lies, and its header too.
    for left in 0..APPENDS {
        what_a_killed_process_left_is_made_durable(left);
    }
}

/// As [`what_a_killed_process_left_is_made_durable`], by a job that has only looked at it.
#[test]
fn after_a_kill_what_a_job_has_seen_is_on_disk() {
    for left in 0..APPENDS {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let killed = engine_on(&Disk::at(&path), Options::default()).unwrap();
        super::run(&killed, |batch| append(batch, "log", "s")).unwrap();
        for _ in 0..left {
            super::run(&killed, |batch| append(batch, "log", "s")).unwrap();
        }
        // It is open before, since opening syncs the file.
        let disk = Disk::at(&path);
        let engine = engine_on(&disk, Options::default()).unwrap();
        super::run(&killed, |batch| append(batch, "log", "s")).unwrap();
        take_back_the_mark(&killed);
        let seen = |batch: &mut super::Batch<'_>| {
            let number = batch.find("log")?;
            let last = batch.instance(number)?.head.last_position;
            batch.each_record(number, 1..=last, |_, _| Ok(()))?;
            Ok(last as usize)
        };
        assert_eq!(super::run(&engine, seen).unwrap(), left + 2);
        let syncs = disk.syncs();
        let image = folder.path().join("image");
        std::fs::write(&image, disk.image()).unwrap();
        let recovered = engine_on(&Disk::at(&image), Options::default()).unwrap();
        assert_eq!(events(&recovered, "log").unwrap().len(), left + 2);
        check_invariants(&recovered);
        recovered.stop().unwrap();

        // Once is enough.
        super::run(&engine, seen).unwrap();
        assert_eq!(disk.syncs(), syncs);
        engine.stop().unwrap();
        killed.stop().unwrap();
    }
}

/// Counts syncs against answers: each answer comes after a sync of its own, and costs no second one.
fn a_commit_is_synced_once_before_its_answer(exclusive: bool) {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::at(&folder.path().join("log"));
    let options = Options {
        exclusive,
        ..Options::default()
    };
    let engine = engine_on(&disk, options).unwrap();
    super::run(&engine, |batch| append(batch, "log", "s")).unwrap();
    let before = disk.syncs();
    for answers in 1..=5 {
        let (answered, answer) = channel();
        let disk = Arc::clone(&disk);
        let task = super::Task {
            apply: |batch: &mut super::Batch<'_>| append(batch, "log", "s").map(|_| ()),
            outcome: Some(Box::new(move |outcome| {
                answered.send((outcome, disk.syncs())).unwrap();
            })),
        };
        assert!(engine.submit(Box::new(task)).is_ok());
        let (outcome, syncs) = answer.recv().unwrap();
        assert!(outcome.is_ok());
        assert_eq!(syncs - before, answers);
    }
    engine.stop().unwrap();
}

/// The room of a segment is filled ahead once. After that, nothing is written but frames.
#[test]
fn an_append_writes_its_frame_and_nothing_more() {
    for exclusive in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::at(&folder.path().join("log"));
        let options = Options {
            exclusive,
            ..Options::default()
        };
        let engine = engine_on(&disk, options).unwrap();
        let mut compared = 0;
        for _ in 0..APPENDS {
            let before = engine.open_log.view().last().map(|view| view.log.commits);
            let (offset, written) = (end_of_journal(&engine), disk.written());
            super::run(&engine, |batch| append(batch, "log", "s")).unwrap();
            let frame = end_of_journal(&engine).saturating_sub(offset);
            // The first frame of a generation comes with its header, and fills the segment.
            if before.is_some() && offset > 0 && frame > 0 {
                let written = disk.written() - written;
                assert!(
                    (frame - 7..=frame).contains(&written),
                    "{written} for {frame}"
                );
                compared += 1;
            }
        }
        assert!(compared > 5, "{compared}");
        engine.stop().unwrap();
    }
}

fn end_of_journal(engine: &super::Engine) -> usize {
    engine
        .open_log
        .view()
        .last()
        .map_or(0, |view| view.offset as usize)
}

#[test]
fn an_append_costs_one_sync_in_a_shared_file() {
    a_commit_is_synced_once_before_its_answer(false);
}

#[test]
fn an_append_costs_one_sync_in_an_exclusive_file() {
    a_commit_is_synced_once_before_its_answer(true);
}
