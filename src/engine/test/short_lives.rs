//! Processes that open the log, append an event and close it: each syncs what it appends, and next to nothing else.

use std::path::Path;
use std::sync::Arc;

use uuid::Uuid;

use super::disk::Disk;
use super::memory_disk::MemoryDisk;
use super::random::Random;
use super::simulation::open as open_in_memory;
use super::{Options, append, check_invariants, events, run};
use crate::engine::journal::Layout;
use crate::engine::storage::opening;
use crate::engine::{Engine, Snapshot, verify};
use crate::error::{Code, Error};
use crate::progress::Progress;

/// So much of each segment keeps its room as two dozen events take.
const LAYOUT: Layout = Layout {
    segment_bytes: 1 << 20,
    ..Layout::NEW
};

/// More lives than that has room for.
const LIVES: usize = 60;

/// How many syncs most lives take: to open the log, to append, and to close it.
const SHORT_LIFE: [usize; 3] = [0, 1, 0];

fn open_with(disk: &Arc<Disk>, options: &Options) -> Result<Engine, Error> {
    let (disk, own) = (Arc::clone(disk), options.clone());
    let opener = Box::new(move |again| opening::open(&disk, &own, LAYOUT, again));
    Engine::start(opener, options.clone(), Arc::default())
}

fn open(disk: &Arc<Disk>) -> Engine {
    open_with(disk, &Options::default()).unwrap()
}

/// The disk of a log that two lives have begun: the first makes the file, and the second what is in the journal.
fn begun(path: &Path) -> Arc<Disk> {
    let disk = Disk::at(path);
    for _ in 0..2 {
        let engine = open(&disk);
        run(&engine, |batch| append(batch, "log", "s")).unwrap();
        engine.stop().unwrap();
    }
    disk
}

/// Lives once, and returns how many syncs that took: to open the log, to append, and to close it.
fn live(disk: &Arc<Disk>, count: usize) -> [usize; 3] {
    let began = disk.syncs();
    let engine = open(disk);
    let opened = disk.syncs();
    assert_eq!(events(&engine, "log").unwrap().len(), count);
    let written = disk.written();
    let event = run(&engine, |batch| append(batch, "log", "s")).unwrap();
    assert_eq!(event.sequence_number, count as u64 + 1);
    let appended = disk.syncs();
    let bytes = disk.written() - written;
    engine.stop().unwrap();
    let closed = disk.syncs();
    let syncs = [opened - began, appended - opened, closed - appended];
    // Nothing of the segment but the frame.
    assert!(syncs != SHORT_LIFE || bytes < 512, "{bytes} bytes");
    syncs
}

#[test]
fn a_short_life_syncs_its_event_and_a_few_dozen_of_them_what_all_have_left() {
    let folder = tempfile::tempdir().unwrap();
    let disk = begun(&folder.path().join("log"));
    let lives: Vec<_> = (2..2 + LIVES).map(|count| live(&disk, count)).collect();
    // Those that come after the journal was brought into the tables begin a generation, or make sure of one.
    let is_short = |syncs: &&[usize; 3]| **syncs == SHORT_LIFE;
    let short = lives.iter().filter(is_short).count();
    assert!(short + 6 >= LIVES, "{lives:?}");
    let closing = lives.iter().filter(|[_, _, close]| *close > 0).count();
    assert!((1..=3).contains(&closing), "{lives:?}");
    // Opening it never syncs.
    assert!(lives.iter().all(|[open, _, _]| *open == 0), "{lives:?}");

    let engine = open(&disk);
    assert_eq!(events(&engine, "log").unwrap().len(), 2 + LIVES);
    check_invariants(&engine);
    engine.stop().unwrap();
}

#[test]
fn who_only_reads_syncs_nothing_and_leaves_the_file_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let disk = begun(&path);
    let (before, syncs) = (std::fs::read(&path).unwrap(), disk.syncs());
    for read_only in [false, true, false] {
        let options = Options {
            read_only,
            ..Options::default()
        };
        let engine = open_with(&disk, &options).unwrap();
        assert_eq!(events(&engine, "log").unwrap().len(), 2);
        check_invariants(&engine);
        engine.stop().unwrap();
    }
    assert_eq!(disk.syncs(), syncs);
    assert!(before == std::fs::read(&path).unwrap());
}

#[test]
fn whoever_has_the_log_open_for_long_sees_short_lives_and_they_see_what_it_appends() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    drop(begun(&path));
    let long = open(&Disk::at(&path));
    let mut count = 2;
    for round in 0..LIVES {
        live(&Disk::at(&path), count);
        count += 1;
        if round % 3 == 0 {
            run(&long, |batch| append(batch, "log", "s")).unwrap();
            count += 1;
        }
        assert_eq!(events(&long, "log").unwrap().len(), count);
    }
    check_invariants(&long);
    long.stop().unwrap();
}

#[test]
fn a_snapshot_from_before_the_tables_were_written_to_reads_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let disk = begun(&path);
    let engine = open(&disk);
    let before = Snapshot::of(&engine.open_log).unwrap();
    run(&engine, |batch| batch.create("other", "other", None)).unwrap();
    let between = Snapshot::of(&engine.open_log).unwrap();
    for _ in 0..LIVES {
        run(&engine, |batch| append(batch, "other", "s")).unwrap();
    }
    let instances = |snapshot: &Snapshot| snapshot.instances().unwrap().len();
    assert_eq!((instances(&before), instances(&between)), (1, 2));
    let number = before.find("log").unwrap();
    assert_eq!(before.instance(number).unwrap().head.last_position, 2);
    drop((before, between));
    engine.compacted().unwrap();
    check_invariants(&engine);
    engine.stop().unwrap();
}

#[test]
fn a_writer_keeps_those_out_who_ask_for_the_log_alone_before_it_has_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    drop(begun(&path));
    for read_only in [true, false] {
        let alone = Options {
            exclusive: true,
            read_only,
            ..Options::default()
        };
        let is_locked = |opened: Result<Engine, Error>| {
            let error = opened.err().unwrap();
            assert_eq!(error.code(), Code::Locked, "{error}");
        };
        let writer = open(&Disk::at(&path));
        is_locked(open_with(&Disk::at(&path), &alone));
        writer.stop().unwrap();
        let other = open_with(&Disk::at(&path), &alone).unwrap();
        is_locked(open_with(&Disk::at(&path), &Options::default()));
        other.stop().unwrap();
    }
}

/// The room that a file takes on the disk, in bytes.
#[cfg(target_os = "linux")]
fn room(path: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).unwrap().blocks() * 512
}

#[cfg(target_os = "linux")]
#[test]
fn short_lives_take_no_room_of_the_journal_that_would_be_given_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let disk = begun(&path);
    let begun = room(&path);
    for count in 2..2 + 2 * LIVES {
        live(&disk, count);
        // Of the tables, what a few transactions have used is free.
        assert!(
            room(&path) < begun + (256 << 10),
            "{count}: {}",
            room(&path)
        );
    }
    // What a long life has taken is given back when it closes, also by a short one that follows on a kill.
    let killed = open(&disk);
    let payload = format!("\"{}\"", "x".repeat(100 << 10));
    super::append_payload(&killed, payload);
    let copy = folder.path().join("killed");
    std::fs::copy(&path, &copy).unwrap();
    let taken = [room(&path), room(&copy)];
    killed.stop().unwrap();
    live(&Disk::at(&copy), 3 + 2 * LIVES);
    // The event itself is in the tables now.
    let given_back = [room(&path), room(&copy)];
    for (taken, left) in taken.into_iter().zip(given_back) {
        assert!(left + (64 << 10) < taken, "{taken}, {left}");
    }
}

#[test]
fn verify_misses_the_last_commit_of_a_closed_log_until_another_one_takes_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let disk = begun(&path);
    let engine = open(&disk);
    run(&engine, |batch| append(batch, "log", "altered")).unwrap();
    engine.stop().unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    let is_here = |at: &usize| bytes[*at..].starts_with(b"altered");
    let at = (0..bytes.len()).find(is_here).unwrap();
    bytes[at] ^= 1;
    std::fs::write(&path, bytes).unwrap();

    let engine = open(&disk);
    // It looks as one that was cut short before it was answered.
    assert_eq!(events(&engine, "log").unwrap().len(), 2);
    let problems = |engine: &Engine| {
        let snapshot = Snapshot::of(&engine.open_log).unwrap();
        verify(&snapshot, &Progress::default()).unwrap().problems
    };
    let [problem] = &problems(&engine)[..] else {
        panic!("expected one problem");
    };
    assert!(
        problem.text.contains("the journal ends with commit"),
        "{}",
        problem.text
    );
    run(&engine, |batch| append(batch, "log", "s")).unwrap();
    assert_eq!(problems(&engine), []);
    engine.stop().unwrap();
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Disaster {
    PowerLoss,
    Kill,
    Fault,
}

/// So much of each segment keeps its room as two or three events take.
const SHORT: Layout = Layout {
    segment_bytes: 128 << 10,
    ..Layout::NEW
};

/// Lives some times, with a disaster after so many operations of the disk. Returns whether that came.
fn survives(disaster: Disaster, operations: usize) -> bool {
    let what = format!("{disaster:?} after {operations} operations");
    let disk = MemoryDisk::holding(Vec::new(), Random::of(operations as u64));
    let mut process = disk.process();
    match disaster {
        Disaster::PowerLoss => disk.lose_power_after(operations),
        Disaster::Kill => process.kill_after(operations),
        Disaster::Fault => process.fail_after(operations, 1),
    }
    let mut has_come = false;
    let (mut acknowledged, mut unknown) = (Vec::<Uuid>::new(), 0);
    for _ in 0..9 {
        if let Ok(engine) = open_in_memory(&process, false, false, SHORT) {
            match run(&engine, |batch| append(batch, "log", "s")) {
                Ok(event) => acknowledged.push(event.id),
                // Whoever would have heard of it is gone, or cannot know.
                Err(error) if process.is_dead() || error.code() == Code::OutcomeUnknown => {
                    unknown += 1;
                }
                Err(error) => assert_eq!(error.code(), Code::StorageFailed, "{what}: {error}"),
            }
            // What closing meets is met by the next opening, or not.
            let _ = engine.stop();
        } else {
            assert!(process.is_dead() || process.faults() > 0, "{what}");
        }
        has_come |= process.is_dead() || process.faults() > 0;
        if disk.has_lost_power() {
            break;
        }
        if process.is_dead() {
            process = disk.process();
        }
    }
    if disaster != Disaster::PowerLoss {
        check_left(&disk.image(), &acknowledged, unknown, &what);
    }
    check_left(&disk.lose_power(), &acknowledged, unknown, &what);
    has_come
}

/// A log of that image has what was acknowledged, in its order, and of the rest no more than is unknown.
fn check_left(image: &[u8], acknowledged: &[Uuid], unknown: usize, what: &str) {
    if acknowledged.is_empty() {
        return;
    }
    let left = MemoryDisk::holding(image.to_vec(), Random::of(1));
    let engine = open_in_memory(&left.process(), false, false, SHORT)
        .unwrap_or_else(|error| panic!("{what}: {error}"));
    let found: Vec<_> = events(&engine, "log").unwrap();
    let kept = found.iter().filter(|(_, _, id)| acknowledged.contains(id));
    assert!(kept.map(|(_, _, id)| id).eq(acknowledged), "{what}: lost");
    assert!(
        found.len() <= acknowledged.len() + unknown,
        "{what}: invented"
    );
    check_invariants(&engine);
    engine.stop().unwrap();
}

fn at_each_operation(disaster: Disaster) {
    let mut operations = 0;
    while survives(disaster, operations) {
        operations += 1;
    }
    assert!(operations > 40, "{operations} operations");
}

#[test]
fn a_loss_of_power_at_any_operation_of_short_lives_loses_nothing() {
    at_each_operation(Disaster::PowerLoss);
}

#[test]
fn a_kill_at_any_operation_of_short_lives_loses_nothing() {
    at_each_operation(Disaster::Kill);
}

#[test]
fn a_fault_at_any_operation_of_short_lives_is_told_as_it_is() {
    at_each_operation(Disaster::Fault);
}
