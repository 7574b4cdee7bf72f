//! Waiting for the next commit.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use super::disk::Disk;
use super::{Engine, Options, Site, Task, append, engine_on, run};
use crate::engine::{Batch, Wait};
use crate::error::Error;
use crate::testing::PATIENCE;

/// Waits for a commit after the last one that concerns the instance `log`.
fn follow(engine: &Engine) -> (Receiver<()>, Wait) {
    follow_instance(engine, "log")
}

/// Waits for a commit after the last one that concerns an instance, or for the instance if it is not there.
fn follow_instance(engine: &Engine, instance: &str) -> (Receiver<()>, Wait) {
    let (sender, woken) = channel();
    let snapshot = engine.snapshot().unwrap();
    let (number, seen) = (snapshot.find(instance).ok(), snapshot.commits());
    let wait = engine.follow(number, seen, Box::new(move || sender.send(()).unwrap()));
    (woken, wait.unwrap())
}

fn woken(woken: &Receiver<()>) {
    woken.recv_timeout(PATIENCE).unwrap();
}

#[test]
fn a_commit_of_any_process_wakes_those_who_have_not_seen_it() {
    let site = Site::new(2048, 8);
    let engines = [site.open(), site.open()];
    run(&engines[0], |batch| batch.create("log", "log", None)).unwrap();
    for round in 0..60 {
        let (first, _first) = follow(&engines[0]);
        let (second, _second) = follow(&engines[1]);
        let snapshot = engines[0].snapshot().unwrap();
        let (number, before) = (snapshot.find("log").ok(), snapshot.commits());
        drop(snapshot);
        let writer = &engines[round / 3 % 2];
        if round % 20 == 19 {
            // Such a commit goes to the tables.
            run(writer, |batch| {
                let number = batch.find("log")?;
                batch.delete(number)?;
                batch.create("log", "log", None)
            })
            .unwrap();
        } else {
            run(writer, |batch| append(batch, "log", "s")).unwrap();
        }
        woken(&first);
        woken(&second);
        // Who comes late does not wait at all.
        let (sender, late) = channel();
        let wake = Box::new(move || sender.send(()).unwrap());
        let _late = engines[0].follow(number, before, wake).unwrap();
        woken(&late);
    }
    for engine in engines {
        engine.close().unwrap();
    }
}

#[test]
fn a_wait_ends_once_when_there_is_news_it_is_told_to_or_the_file_is_closed() {
    for exclusive in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            exclusive,
            ..Options::default()
        };
        let disk = Disk::at(&folder.path().join("log"));
        let engine = engine_on(&disk, options).unwrap();
        run(&engine, |batch| append(batch, "log", "s")).unwrap();
        let snapshot = engine.snapshot().unwrap();
        let (number, before) = (snapshot.find("log").ok(), snapshot.commits());
        drop(snapshot);
        run(&engine, |batch| append(batch, "log", "s")).unwrap();
        let (sender, late) = channel();
        let wake = Box::new(move || sender.send(()).unwrap());
        // Whoever has missed a commit is woken before this returns.
        let _late = engine.follow(number, before, wake).unwrap();
        assert!(late.try_recv().is_ok(), "it waits for what is there");

        let (ended, wait) = follow(&engine);
        let (closed, other) = follow(&engine);
        wait.end();
        woken(&ended);
        wait.end();
        assert!(ended.try_recv().is_err(), "it was woken twice");
        assert!(closed.try_recv().is_err(), "it was woken with another");
        engine.stop().unwrap();
        woken(&closed);
        other.end();
        assert!(closed.try_recv().is_err(), "it was woken twice");
    }
}

#[test]
fn those_who_wait_outlast_a_fault_of_the_disk() {
    for exclusive in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            exclusive,
            ..Options::default()
        };
        let disk = Disk::at(&folder.path().join("log"));
        let engine = engine_on(&disk, options).unwrap();
        run(&engine, |batch| append(batch, "log", "s")).unwrap();
        let (mut waiting, mut wait) = follow(&engine);
        disk.break_after(0);
        run(&engine, |batch| append(batch, "log", "s")).unwrap_err();
        disk.heal();
        // Looking for commits may have failed meanwhile. Then it is found out that there is none.
        while waiting.try_recv().is_ok() {
            (waiting, wait) = follow(&engine);
        }
        let appended = run(&engine, |batch| append(batch, "log", "s")).unwrap();
        assert_eq!(appended.sequence_number, 2);
        woken(&waiting);
        wait.end();
        let (waiting, _wait) = follow(&engine);
        run(&engine, |batch| append(batch, "log", "s")).unwrap();
        woken(&waiting);
        engine.stop().unwrap();
    }
}

/// A process has seen a commit of another one, whose sync has failed then. Whoever waits for the next commit is not
/// woken by that again and again.
#[test]
fn a_commit_that_was_none_wakes_nobody_who_comes_later() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let [failing, other, reader] = [(); 3].map(|()| super::engine_at(&path));
    run(&other, |batch| append(batch, "log", "s")).unwrap();
    let _somebody = follow_instance(&reader, "absent");
    let (first, _first) = follow(&reader);
    run(&failing, |batch| append(batch, "log", "void")).unwrap();
    woken(&first);
    super::make_last_frame_void(&failing);

    let (second, _second) = follow(&reader);
    assert!(second.try_recv().is_err());
    run(&other, |batch| append(batch, "log", "s")).unwrap();
    woken(&second);
    for engine in [failing, other, reader] {
        engine.stop().unwrap();
    }
}

/// How many of those that wait were woken.
fn count_woken<'a>(waits: impl IntoIterator<Item = &'a (Receiver<()>, Wait)>) -> usize {
    let woken = waits.into_iter().map(|(woken, _)| woken.try_iter().count());
    woken.sum()
}

#[test]
fn a_commit_wakes_those_whom_it_concerns_and_nobody_else() {
    const OTHERS: usize = 100;
    for exclusive in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            exclusive,
            ..Options::default()
        };
        let engine = engine_on(&Disk::at(&folder.path().join("log")), options).unwrap();
        for other in 0..OTHERS {
            let name = other.to_string();
            run(&engine, move |batch| batch.create(&name, &name, None)).unwrap();
        }
        run(&engine, |batch| batch.create("log", "log", None)).unwrap();
        let others: Vec<_> = (0..OTHERS)
            .map(|other| follow_instance(&engine, &other.to_string()))
            .collect();
        // Far more than the journal holds, as frames and in the tables.
        for round in 0..90 {
            let (own, _own) = follow(&engine);
            match round % 3 {
                0 => run(&engine, |batch| append(batch, "log", "s")).map(drop),
                1 => run(&engine, |batch| {
                    let number = batch.find("log")?;
                    batch.put_state(number, "state", b"value")
                }),
                _ => run(&engine, |batch| {
                    (0..100).try_for_each(|_| append(batch, "log", "s").map(drop))
                }),
            }
            .unwrap();
            woken(&own);
            assert_eq!(count_woken(&others), 0, "round {round}");
        }
        let (own, _own) = follow(&engine);
        let absent = follow_instance(&engine, "absent");
        run(&engine, |batch| {
            let number = batch.find("log")?;
            batch.delete(number)
        })
        .unwrap();
        woken(&own);
        woken(&absent.0);
        assert_eq!(count_woken(&others), 0);
        run(&engine, |batch| append(batch, "7", "s")).unwrap();
        woken(&others[7].0);
        assert_eq!(count_woken(&others), 0);
        engine.stop().unwrap();
        assert_eq!(count_woken(&others), OTHERS - 1, "the end of all is told");
    }
}

/// Readers see a commit before the writer tells of it.
#[test]
fn who_looks_before_the_writer_tells_of_a_commit_leaves_it_to_the_writer() {
    let folder = tempfile::tempdir().unwrap();
    let engine = super::engine_at(&folder.path().join("log"));
    for name in ["log", "other"] {
        run(&engine, move |batch| batch.create(name, name, None)).unwrap();
    }
    let other = follow_instance(&engine, "other");
    for _ in 0..3 {
        let (own, _own) = follow(&engine);
        let (followers, open_log) = (Arc::clone(&engine.followers), Arc::clone(&engine.open_log));
        let (sender, answered) = channel();
        let look = move |outcome: Result<(), Error>| {
            followers.wake_changed(&open_log.latest_view().unwrap());
            sender.send(outcome.is_ok()).unwrap();
        };
        let task = Task {
            // It goes to the tables.
            apply: |batch: &mut Batch<'_>| {
                (0..100).try_for_each(|_| append(batch, "log", "s").map(drop))
            },
            outcome: Some(Box::new(look)),
        };
        assert!(engine.submit(Box::new(task)).is_ok());
        assert!(answered.recv().unwrap());
        woken(&own);
        assert_eq!(count_woken([&other]), 0);
    }
    run(&engine, |batch| append(batch, "other", "s")).unwrap();
    woken(&other.0);
    engine.stop().unwrap();
}

#[test]
fn commits_of_another_process_wake_those_whom_they_concern_once_they_are_looked_for() {
    let site = Site::new(4096, 8);
    let engines = [site.open(), site.open()];
    for name in ["log", "other"] {
        run(&engines[0], move |batch| batch.create(name, name, None)).unwrap();
    }
    run(&engines[1], |batch| append(batch, "log", "s")).unwrap();
    let other = follow_instance(&engines[0], "other");
    for _ in 0..8 {
        let (own, _own) = follow(&engines[0]);
        run(&engines[1], |batch| append(batch, "log", "s")).unwrap();
        woken(&own);
        // What this process commits is not all that has changed, and concerns nobody who waits for the other.
        run(&engines[0], |batch| append(batch, "log", "s")).unwrap();
        assert_eq!(count_woken([&other]), 0);
    }
    run(&engines[1], |batch| append(batch, "other", "s")).unwrap();
    // It may be a commit of this process that the other one's comes to light with.
    run(&engines[0], |batch| append(batch, "log", "s")).unwrap();
    woken(&other.0);
    for engine in engines {
        engine.close().unwrap();
    }
}

/// Who finds it does not matter, nor whether that was before the wait began: no commit comes any more.
#[test]
fn a_file_that_is_found_cut_off_wakes_those_who_wait_and_those_who_come_late() {
    type Find = fn(&Engine);
    let finders: [Find; 2] = [
        |engine| drop(run(engine, |batch| append(batch, "log", "s")).unwrap_err()),
        |engine| assert!(engine.snapshot().is_err()),
    ];
    let each = |exclusive| finders.map(|find| (exclusive, find));
    for (exclusive, find) in [false, true].map(each).into_iter().flatten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let options = Options {
            exclusive,
            ..Options::default()
        };
        let engine = engine_on(&Disk::at(&path), options).unwrap();
        run(&engine, |batch| append(batch, "log", "s")).unwrap();
        let seen = engine.snapshot().unwrap().commits();
        let number = engine.snapshot().unwrap().find("log").ok();
        let (waiting, _wait) = follow(&engine);
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(0).unwrap();
        find(&engine);
        woken(&waiting);
        let (sender, late) = channel();
        let wake = Box::new(move || sender.send(()).unwrap());
        let _late = engine.follow(number, seen, wake).unwrap();
        woken(&late);
        engine.stop().unwrap_err();
    }
}
