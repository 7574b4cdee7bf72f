//! What a read sees is settled in the order of the calls, however late a thread comes to it.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread;

use super::disk::Disk;
use super::{Engine, Look, Options, Seen, append, engine_at, engine_on, events, read, run, submit};
use crate::engine::readers::Moments;
use crate::engine::storage::opening;
use crate::engine::{Pace, Read, Snapshot};
use crate::progress::Progress;

/// More than there are threads of any kind.
const MANY: usize = 20;

/// A read that goes on until it is told to end.
struct Stuck {
    is_long: bool,
    began: Sender<()>,
    end: Receiver<()>,
}

impl Read for Stuck {
    fn is_long(&self, _snapshot: &Snapshot) -> bool {
        self.is_long
    }

    fn run(self: Box<Self>, _snapshot: Seen, _pace: &Pace) {
        self.began.send(()).unwrap();
        // It ends with the test, if not before.
        let _ = self.end.recv();
    }
}

/// Gives all threads that read something to do, until what this returns is dropped.
fn occupy(engine: &Engine, is_long: bool) -> Vec<Sender<()>> {
    let (began, beginning) = channel();
    let mut ends = Vec::new();
    for _ in 0..MANY {
        let (end, ended) = channel();
        let began = began.clone();
        engine.read(Box::new(Stuck {
            is_long,
            began,
            end: ended,
        }));
        ends.push(end);
    }
    beginning.recv().unwrap();
    ends
}

/// How many events there are for whoever reads now.
fn count(engine: &Engine) -> Receiver<usize> {
    let (sender, seen) = channel();
    read(engine, move |snapshot: Seen| {
        sender.send(events_in(&snapshot.unwrap())).unwrap();
    });
    seen
}

fn events_in(snapshot: &Snapshot) -> usize {
    let number = snapshot.find("log").unwrap();
    snapshot.instance(number).unwrap().head.last_position as usize
}

#[test]
fn a_read_sees_what_was_acknowledged_before_it_was_called_and_nothing_that_was_called_after() {
    for exclusive in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            exclusive,
            ..Options::default()
        };
        let engine = engine_on(&Disk::at(&folder.path().join("log")), options).unwrap();
        run(&engine, |batch| append(batch, "log", "s")).unwrap();
        let ends = occupy(&engine, false);
        let mut expected = Vec::new();
        for round in 1..=60 {
            expected.push((round, count(&engine), count(&engine)));
            let (sender, seen) = channel();
            engine.operate(move |snapshot| sender.send(events_in(&snapshot.unwrap())).unwrap());
            if round % 20 == 0 {
                // Such a commit goes to the tables, with all that the journal has.
                run(&engine, move |batch| {
                    batch.create(&round.to_string(), &round.to_string(), None)
                })
                .unwrap();
            }
            run(&engine, |batch| append(batch, "log", "s")).unwrap();
            assert_eq!(seen.recv().unwrap(), round, "an operation of round {round}");
        }
        drop(ends);
        for (round, first, second) in expected {
            assert_eq!(first.recv().unwrap(), round);
            assert_eq!(second.recv().unwrap(), round);
        }
        engine.stop().unwrap();
    }
}

#[test]
fn calls_that_are_queued_after_a_read_are_not_seen_by_it_wherever_the_writer_is() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Arc::new(engine_at(&folder.path().join("log")));
    run(&engine, |batch| append(batch, "log", "s")).unwrap();
    let ends = occupy(&engine, false);
    // The writer is at work all the time, so that batches begin and end at any moment.
    let other = Arc::clone(&engine);
    let (stop, stopped) = channel::<()>();
    let busy = thread::spawn(move || {
        while stopped.try_recv() == Err(TryRecvError::Empty) {
            run(&other, |batch| append(batch, "other", "s")).unwrap();
        }
    });
    let mut expected = Vec::new();
    let mut appending = Vec::new();
    for round in 1..=200 {
        expected.push((round, count(&engine)));
        appending.push(submit(&engine, |batch| append(batch, "log", "s")));
        if round % 7 == 0 {
            for appended in std::mem::take(&mut appending) {
                appended.recv().unwrap().unwrap();
            }
        }
    }
    drop(stop);
    busy.join().unwrap();
    drop(ends);
    for (round, seen) in expected {
        let seen = seen.recv().unwrap();
        let acknowledged = 1 + (round - 1) / 7 * 7;
        assert!(
            (acknowledged..=round).contains(&seen),
            "round {round} has seen {seen}"
        );
    }
    engine.stop().unwrap();
}

#[test]
fn what_another_process_had_acknowledged_before_the_call_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let engines = [engine_at(&path), engine_at(&path)];
    for round in 1..=40 {
        run(&engines[round % 2], |batch| append(batch, "log", "s")).unwrap();
        let ends = occupy(&engines[0], false);
        let seen = count(&engines[0]);
        drop(ends);
        assert_eq!(seen.recv().unwrap(), round);
    }
    for engine in engines {
        engine.stop().unwrap();
    }
}

#[test]
fn a_reader_beside_the_writer_of_its_process_has_its_place_among_the_calls_too() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::at(&folder.path().join("log"));
    engine_on(&disk, Options::default())
        .unwrap()
        .stop()
        .unwrap();
    let moments = Arc::<Moments>::default();
    let [reader, writer] = [true, false].map(|read_only| {
        let options = Options {
            read_only,
            ..Options::default()
        };
        let (disk, opened_with) = (Arc::clone(&disk), options.clone());
        let opener =
            Box::new(move |again| opening::open(&disk, &opened_with, super::LAYOUT, again));
        Engine::start(opener, options, Arc::clone(&moments)).unwrap()
    });
    run(&writer, |batch| append(batch, "log", "s")).unwrap();
    let ends = occupy(&reader, false);
    let seen = count(&reader);
    run(&writer, |batch| append(batch, "log", "s")).unwrap();
    drop(ends);
    assert_eq!(seen.recv().unwrap(), 1);
    reader.stop().unwrap();
    writer.stop().unwrap();
}

#[test]
fn small_reads_do_not_wait_for_long_ones_however_many_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    run(&engine, |batch| append(batch, "log", "s")).unwrap();
    // None of them ends before the small ones are through.
    let ends = occupy(&engine, true);
    for _ in 0..100 {
        assert_eq!(count(&engine).recv().unwrap(), 1);
    }
    drop(ends);
    engine.stop().unwrap();
}

#[test]
fn a_compaction_waits_for_reads_whose_moment_is_settled_and_for_none_that_waits_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Arc::new(engine_at(&folder.path().join("log")));
    run(&engine, |batch| append(batch, "log", "s")).unwrap();
    let mut counts = Vec::new();
    let mut compacted = Vec::new();
    for round in 1..=20 {
        let ends = occupy(&engine, round % 2 == 0);
        counts.push((round, count(&engine)));
        let (sender, outcome) = channel();
        engine.compact(Progress::default(), move |done| sender.send(done).unwrap());
        compacted.push(outcome);
        // More than there are threads, before and after the compaction holds snapshots off.
        for _ in 0..MANY {
            counts.push((round, count(&engine)));
        }
        let (sender, seen) = channel();
        engine.operate(move |snapshot| sender.send(events_in(&snapshot.unwrap())).unwrap());
        let appended = submit(&engine, |batch| append(batch, "log", "s"));
        drop(ends);
        appended.recv().unwrap().unwrap();
        assert_eq!(seen.recv().unwrap(), round);
    }
    for outcome in compacted {
        outcome.recv().unwrap().unwrap();
    }
    for (round, seen) in counts {
        assert_eq!(seen.recv().unwrap(), round);
    }
    assert_eq!(events(&engine, "log").unwrap().len(), 21);
    engine.stop().unwrap();
}

#[test]
fn a_read_that_was_called_before_the_disk_failed_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::at(&folder.path().join("log"));
    let engine = engine_on(&disk, Options::default()).unwrap();
    run(&engine, |batch| append(batch, "log", "s")).unwrap();
    for _ in 0..10 {
        let ends = occupy(&engine, false);
        let (sender, seen) = channel();
        engine.read(Box::new(Look(move |snapshot: Seen| {
            sender
                .send(snapshot.map(|snapshot| events_in(&snapshot)))
                .unwrap();
        })));
        disk.break_after(0);
        run(&engine, |batch| append(batch, "log", "s")).unwrap_err();
        disk.heal();
        drop(ends);
        // From before the fault, or after it; what failed is told.
        assert!(seen.recv().unwrap().map_or(true, |count| count == 1));
        assert_eq!(count(&engine).recv().unwrap(), 1);
    }
    engine.stop().unwrap();
}
