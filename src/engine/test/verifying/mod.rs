//! A check of a log finds what is wrong with it, and tells nothing else.

mod blocks;
mod rows;

use std::path::Path;

use redb::{ConcurrencyMode, Database, WriteTransaction, backends::FileBackend};

use super::{LAYOUT, Options, append, engine_at, engine_on, events, run, unsealed_engine_at};
use crate::cancellation::Cancellation;
use crate::engine::Snapshot;
use crate::engine::storage::region::Region;
use crate::engine::test::disk::Disk;
use crate::engine::verify::verify_within;
use crate::engine::{CallKey, Engine, Fault, NewEvent, Problem, Report, verify};
use crate::error::{Code, Error};
use crate::panic::caught;
use crate::progress::Progress;

/// How many events the log has: two whole blocks and a part of one.
const EVENTS: u64 = 20;

/// The position of the event whose call has a key.
const KEYED: u64 = 9;

/// The number of its instance.
const NUMBER: u32 = 1;

/// Makes a log whose tables hold everything, with three streams. All of its events are rows.
fn log_at(path: &Path) {
    fill(&unsealed_engine_at(path));
}

/// The same, with whole blocks that are sealed.
fn sealed_log_at(path: &Path) {
    fill(&engine_at(path));
}

fn fill(engine: &Engine) {
    run(engine, |batch| batch.create("id", "name", None)).unwrap();
    for event in 0..EVENTS {
        let stream = format!("s{}", event % 3);
        run(engine, move |batch| {
            let number = batch.find("id")?;
            batch.append(
                number,
                &NewEvent {
                    stream_id: &stream,
                    event_type: "tested",
                    payload: "{\"n\":1}",
                    metadata: "{}",
                    // Not all in order, so that there is a late one.
                    timestamp_ms: Some(1_000 + (event as i64 % 7)),
                    call: (event == KEYED - 1).then_some(CallKey {
                        text: "key",
                        events: 1,
                    }),
                },
            )
        })
        .unwrap();
    }
    run(engine, |batch| {
        let number = batch.find("id")?;
        batch.put_state(number, "state", b"value")
    })
    .unwrap();
    engine.stop().unwrap();
}

/// Changes the tables past the engine.
fn alter(path: &Path, change: impl FnOnce(&WriteTransaction)) {
    let file = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .unwrap();
    let backend = Box::new(FileBackend::new(file).unwrap());
    let database = Database::builder()
        .set_concurrency_mode(ConcurrencyMode::MultiWriter)
        .create_with_backend(Region::new(backend, LAYOUT.tables_at(), false))
        .unwrap();
    let mut transaction = database.begin_write().unwrap();
    transaction.set_quick_repair(true);
    change(&transaction);
    transaction.commit().unwrap();
    database.close().unwrap();
}

fn checked(engine: &Engine) -> Result<Report, Error> {
    // What redb does of its own on pages that it trusts is caught, as wherever something is read.
    let check = || {
        let snapshot = Snapshot::of(&engine.open_log)?;
        verify(&snapshot, &Progress::default()).map_err(Error::from)
    };
    caught(check).unwrap_or_else(|panic| Err(panic.error("verify")))
}

fn problems_at(path: &Path) -> Vec<Problem> {
    let engine = engine_at(path);
    let report = checked(&engine).unwrap();
    assert_eq!(report.problem_count, report.problems.len() as u64);
    // Where streams stand that are forgotten at once is looked up.
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let forgetful = verify_within(&snapshot, &Progress::default(), 2).unwrap();
    drop(snapshot);
    assert_eq!(
        forgetful.problems.is_empty(),
        report.problems.is_empty(),
        "{forgetful:#?}"
    );
    engine.stop().unwrap();
    report.problems
}

/// Alters a log in that way, and checks that just these problems are told: of the instance or of the log,
/// the position, and a part of the text.
fn finds(change: impl FnOnce(&WriteTransaction), expected: &[(Option<&str>, Option<u64>, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    log_at(&path);
    assert_eq!(problems_at(&path), []);
    alter(&path, change);
    let found = problems_at(&path);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (problem, (instance_id, position, text)) in found.iter().zip(expected) {
        assert_eq!(problem.instance_id.as_deref(), *instance_id, "{problem:?}");
        assert_eq!(problem.position, *position, "{problem:?}");
        assert!(problem.text.contains(text), "{problem:?}");
    }
}

#[test]
fn a_log_that_is_sound_has_no_problems_and_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    log_at(&path);
    let engine = engine_at(&path);
    // In the journal, beside what the tables have.
    run(&engine, |batch| append(batch, "id", "s1")).unwrap();
    run(&engine, |batch| append(batch, "other", "s")).unwrap();
    let progress = Progress::default();
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let report = verify(&snapshot, &progress).unwrap();
    assert_eq!(report.problems, []);
    assert_eq!((report.instances, report.streams), (2, 4));
    assert_eq!(report.events, EVENTS + 2);
    let bytes = snapshot.instances().unwrap().into_iter();
    let bytes: u64 = bytes.map(|instance| instance.head.stored_bytes).sum();
    assert_eq!(report.bytes, bytes);
    assert_eq!(progress.told(), (EVENTS + 2, EVENTS + 2));
    drop(snapshot);
    engine.stop().unwrap();
}

#[test]
fn a_commit_that_the_journal_has_lost_is_told_while_it_is_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    log_at(&path);
    for last in [false, true] {
        let disk = Disk::at(&path);
        let engine = engine_on(&disk, Options::default()).unwrap();
        for event in ["first", "second"] {
            run(&engine, move |batch| append(batch, "id", event)).unwrap();
        }
        assert_eq!(checked(&engine).unwrap().problems, []);
        let bytes = std::fs::read(&path).unwrap();
        let text = if last { "second" } else { "first" };
        let mut windows = bytes.windows(text.len());
        let at = windows
            .position(|window| window == text.as_bytes())
            .unwrap();
        let mut altered = bytes.clone();
        altered[at] ^= 1;
        std::fs::write(&path, &altered).unwrap();
        let problems = checked(&engine).unwrap().problems;
        assert_eq!(problems.len(), 1, "{problems:?}");
        let expected = if last {
            "the journal ends with commit"
        } else {
            "is not what was written"
        };
        assert!(problems[0].text.contains(expected), "{problems:?}");
        std::fs::write(&path, &bytes).unwrap();
        engine.stop().unwrap();
    }
}

#[test]
fn whatever_byte_is_altered_is_told_or_makes_no_difference() {
    for make in [log_at, sealed_log_at] {
        check_altered_bytes(make);
    }
}

fn check_altered_bytes(make: fn(&Path)) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    make(&path);
    let intact = std::fs::read(&path).unwrap();
    // When an instance was made is told nowhere else.
    let seen = |engine: &Engine| {
        let instances = Snapshot::of(&engine.open_log).unwrap().instances().unwrap();
        let instances = instances
            .into_iter()
            .map(|one| (one.id, one.name, one.head));
        (events(engine, "id"), instances.collect::<Vec<_>>())
    };
    let engine = engine_at(&path);
    let expected = format!("{:?}", seen(&engine));
    engine.stop().unwrap();
    let used = (LAYOUT.tables_at() as usize..intact.len()).filter(|at| intact[*at] != 0);
    let (mut told, mut refused) = (0, 0);
    for at in used.step_by(331) {
        let mut altered = intact.clone();
        altered[at] ^= 0x55;
        std::fs::write(&path, altered).unwrap();
        // redb may fail in ways of its own on pages that it trusts, which opening and reading catch.
        let Ok(engine) = engine_on(&Disk::at(&path), Options::default()) else {
            refused += 1;
            continue;
        };
        match checked(&engine) {
            Err(error) => {
                assert_eq!(error.code(), Code::Corrupted, "byte {at}: {error}");
                refused += 1;
            }
            Ok(report) if report.problems.is_empty() => {
                assert_eq!(format!("{:?}", seen(&engine)), expected, "byte {at}");
            }
            Ok(_) => told += 1,
        }
        let _ = engine.stop();
    }
    assert!(told > 0, "{told} told, {refused} refused");
}

/// What a page of a tree begins with that leads to others, after which there is the number of its keys.
const BRANCH: u8 = 2;

#[test]
fn a_key_that_leads_elsewhere_is_told_or_makes_no_difference() {
    const ADDED: u64 = 40;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    log_at(&path);
    let engine = engine_at(&path);
    for event in 0..ADDED {
        // Long, so that a page has only some of them.
        let stream = format!("{event:0>200}");
        run(&engine, move |batch| append(batch, "id", &stream)).unwrap();
    }
    let last = usize::try_from(EVENTS + ADDED).unwrap();
    engine.stop().unwrap();
    let intact = std::fs::read(&path).unwrap();
    let (mut events_told, mut streams_told) = (0, 0);
    for page in (LAYOUT.tables_at() as usize..intact.len()).step_by(4096) {
        if intact[page] != BRANCH {
            continue;
        }
        // Keys of one length are behind the checksums and the numbers of the pages that they lead to.
        let keys = usize::from(u16::from_le_bytes([intact[page + 2], intact[page + 3]]));
        let at = page + 8 + 24 * (keys + 1);
        for at in (at..at + 8 * keys).filter(|at| intact[*at] != 0).take(12) {
            let mut altered = intact.clone();
            altered[at] ^= 0x07;
            std::fs::write(&path, altered).unwrap();
            let Ok(engine) = engine_on(&Disk::at(&path), Options::default()) else {
                continue;
            };
            match checked(&engine) {
                Ok(report) if report.problems.is_empty() => {
                    assert_eq!(events(&engine, "id").unwrap().len(), last, "byte {at}");
                }
                found => {
                    let report = format!("{found:?}");
                    events_told += usize::from(report.contains("\"it is in the table"));
                    streams_told += usize::from(report.contains("\"streams/1: "));
                }
            }
            let _ = engine.stop();
        }
    }
    assert!(events_told > 0 && streams_told > 0);
}

#[test]
fn a_check_is_called_off_and_a_disk_that_refuses_is_no_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    log_at(&path);
    let disk = Disk::at(&path);
    let engine = engine_on(&disk, Options::default()).unwrap();
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let cancellation = Cancellation::default();
    cancellation.cancel();
    let called_off = verify(&snapshot, &Progress::of(cancellation));
    assert!(matches!(called_off, Err(Fault::Refused(error)) if error.code() == Code::Aborted));
    disk.fail_reads();
    let error = verify(&snapshot, &Progress::default()).map_err(Error::from);
    assert_eq!(error.unwrap_err().code(), Code::StorageFailed);
    disk.heal();
    drop(snapshot);
    engine.stop().unwrap();
}
