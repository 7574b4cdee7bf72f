//! Waiting for the next commit.

use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::disk::Disk;
use super::{Engine, Options, Site, append, engine_on, run};
use crate::engine::Wait;

/// A guard, so that what never comes is a failure and no hang.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits for a commit after the last one.
fn follow(engine: &Engine) -> (Receiver<()>, Wait) {
    let (sender, woken) = channel();
    let seen = engine.snapshot().unwrap().commits();
    let wait = engine.follow(seen, Box::new(move || sender.send(()).unwrap()));
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
        let before = engines[0].snapshot().unwrap().commits();
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
        let _late = engines[0].follow(before, wake).unwrap();
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
        let before = engine.snapshot().unwrap().commits();
        run(&engine, |batch| append(batch, "log", "s")).unwrap();
        let (sender, late) = channel();
        let wake = Box::new(move || sender.send(()).unwrap());
        // Whoever has missed a commit is woken before this returns.
        let _late = engine.follow(before, wake).unwrap();
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
        let (waiting, _wait) = follow(&engine);
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(0).unwrap();
        find(&engine);
        woken(&waiting);
        let (sender, late) = channel();
        let wake = Box::new(move || sender.send(()).unwrap());
        let _late = engine.follow(seen, wake).unwrap();
        woken(&late);
        engine.stop().unwrap_err();
    }
}
