//! A check of a log finds what is wrong with it, and tells nothing else.

use std::path::Path;

use redb::{
    ConcurrencyMode, Database, ReadableTable, TableDefinition, WriteTransaction,
    backends::FileBackend,
};

use super::{LAYOUT, Options, append, engine_at, engine_on, events, run};
use crate::cancellation::Cancellation;
use crate::engine::journal::Region;
use crate::engine::schema::{self, HeadValue, PieceKey, StreamValue};
use crate::engine::test::disk::Disk;
use crate::engine::verify::verify_within;
use crate::engine::{Engine, Fault, NewEvent, Problem, Report, verify};
use crate::error::{Code, Error};
use crate::progress::Progress;

/// How many events the log has: two whole blocks and a part of one.
const EVENTS: u64 = 20;

/// The number of its instance.
const NUMBER: u32 = 1;

/// Makes a log whose tables hold everything, with three streams.
fn log_at(path: &Path) {
    let engine = engine_at(path);
    run(&engine, |batch| batch.create("id", "name", None)).unwrap();
    for event in 0..EVENTS {
        let stream = format!("s{}", event % 3);
        run(&engine, move |batch| {
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
                },
            )
        })
        .unwrap();
    }
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
    let snapshot = engine.store.snapshot()?;
    verify(&snapshot, &Progress::default()).map_err(Error::from)
}

fn problems_at(path: &Path) -> Vec<Problem> {
    let engine = engine_at(path);
    let report = checked(&engine).unwrap();
    assert_eq!(report.problem_count, report.problems.len() as u64);
    // Where streams stand that are forgotten at once is looked up.
    let snapshot = engine.store.snapshot().unwrap();
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

const EVENT_TABLE: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("events/1");
const STREAM_TABLE: TableDefinition<'static, &str, StreamValue> = TableDefinition::new("streams/1");
const BLOCK_TABLE: TableDefinition<'static, PieceKey, &[u8]> = TableDefinition::new("blocks/1");

/// A change of one record's bytes.
fn altered_event(transaction: &WriteTransaction, position: u64, change: impl FnOnce(&mut Vec<u8>)) {
    let mut events = transaction.open_table(EVENT_TABLE).unwrap();
    let mut bytes = events.get(position).unwrap().unwrap().value().to_vec();
    change(&mut bytes);
    events.insert(position, &*bytes).unwrap();
}

/// An event as it would be written with another number and another link, with a checksum that is right.
fn rewritten(bytes: &mut Vec<u8>, sequence: u64, back: u64) {
    let old = std::mem::take(bytes);
    let mut record = crate::engine::Record::decode(&old, 1).unwrap();
    record.sequence = sequence;
    record.back = back;
    record.encode(bytes);
}

fn altered_head(transaction: &WriteTransaction, change: impl FnOnce(&mut HeadValue)) {
    let mut heads = transaction.open_table(schema::HEADS).unwrap();
    let mut head = heads.get(NUMBER).unwrap().unwrap().value();
    change(&mut head);
    heads.insert(NUMBER, head).unwrap();
}

const ID: Option<&str> = Some("id");

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
    let snapshot = engine.store.snapshot().unwrap();
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
fn a_damaged_event_is_told_and_hides_no_other() {
    finds(
        |transaction| {
            altered_event(transaction, 7, |bytes| bytes[30] ^= 1);
            altered_event(transaction, EVENTS, |bytes| bytes.truncate(12));
        },
        &[
            (ID, Some(7), "not what was written"),
            (ID, Some(EVENTS), "not what was written"),
        ],
    );
}

#[test]
fn missing_events_are_told_as_one_gap() {
    finds(
        |transaction| {
            let mut events = transaction.open_table(EVENT_TABLE).unwrap();
            for position in 5..=6 {
                events.remove(position).unwrap();
            }
        },
        &[(ID, Some(5), "the events up to position 6 are missing")],
    );
}

#[test]
fn an_event_that_is_missing_at_the_end_is_told() {
    finds(
        |transaction| {
            let mut events = transaction.open_table(EVENT_TABLE).unwrap();
            events.remove(EVENTS).unwrap();
        },
        &[(ID, Some(EVENTS), "the events up to position 20 are missing")],
    );
}

#[test]
fn numbers_and_links_that_lead_elsewhere_are_told() {
    // Number 4 of its stream stands at position 10, three positions after number 3.
    for (sequence, back) in [
        (5, 3),
        (3, 3),
        (4, 2),
        (4, 6),
        (4, 0),
        (4, 10),
        (1, 0),
        (0, 0),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        log_at(&path);
        alter(&path, |transaction| {
            altered_event(transaction, 10, |bytes| rewritten(bytes, sequence, back));
        });
        let found = problems_at(&path);
        let text =
            format!("number {sequence} of the stream \"s0\" and leads {back} positions back");
        let told = |problem: &Problem| problem.position == Some(10) && problem.text.contains(&text);
        assert!(found.iter().any(told), "{found:#?}");
    }
}

#[test]
fn a_head_that_counts_wrongly_is_told_in_each_of_its_fields() {
    type Change = fn(&mut HeadValue);
    let changes: [(Change, &str); 5] = [
        (
            |head| head.0 -= 1,
            "expected 20 as the last position, found 19",
        ),
        (
            |head| head.1 += 1,
            "expected 3 as the number of streams, found 4",
        ),
        (|head| head.2 += 1, "as the bytes of its records"),
        (
            |head| head.4 = 9,
            "expected 1006 as the latest timestamp, found 9",
        ),
        (
            |head| head.5 = 3,
            "expected 20 as the late position, found 3",
        ),
    ];
    for (change, text) in changes {
        finds(
            |transaction| altered_head(transaction, change),
            &[(ID, None, text)],
        );
    }
    finds(
        |transaction| altered_head(transaction, |head| head.3 = -5),
        &[(ID, None, "changed before it was made")],
    );
}

#[test]
fn a_stream_that_stands_elsewhere_is_told() {
    for value in [(6, 17), (7, 17), (6, 20), (8, 23)] {
        finds(
            |transaction| {
                let mut streams = transaction.open_table(STREAM_TABLE).unwrap();
                streams.insert("s1", value).unwrap();
            },
            match value {
                // The numbers of all streams still add up.
                (7, _) => &[(ID, None, "the last event of the stream \"s1\"")],
                _ => &[
                    (ID, None, "the last event of the stream \"s1\""),
                    (ID, None, "expected 3 streams with 20 events"),
                ],
            },
        );
    }
    finds(
        |transaction| {
            let mut streams = transaction.open_table(STREAM_TABLE).unwrap();
            streams.remove("s1").unwrap();
        },
        &[(
            ID,
            None,
            "expected 3 streams with 20 events, found 2 with 13",
        )],
    );
}

#[test]
fn a_summary_that_is_not_what_its_events_say_is_told() {
    let alter_piece = |transaction: &WriteTransaction, key: PieceKey| {
        let mut blocks = transaction.open_table(BLOCK_TABLE).unwrap();
        let mut bytes = blocks.get(key).unwrap().unwrap().value().to_vec();
        bytes[3] ^= 1;
        blocks.insert(key, &*bytes).unwrap();
    };
    for piece in [0, 1] {
        finds(
            |transaction| alter_piece(transaction, (1, piece)),
            &[(
                ID,
                None,
                "the summary of block 1 is not what its events say",
            )],
        );
    }
    for (piece, text) in [
        (0, "piece 0 of block 1 is missing"),
        (1, "not what its events say"),
    ] {
        finds(
            |transaction| {
                let mut blocks = transaction.open_table(BLOCK_TABLE).unwrap();
                blocks.remove((1, piece)).unwrap();
            },
            &[(ID, None, text)],
        );
    }
    finds(
        |transaction| {
            let mut blocks = transaction.open_table(BLOCK_TABLE).unwrap();
            blocks.insert((2, 0), &b"x"[..]).unwrap();
        },
        &[(ID, None, "there is a summary of block 2")],
    );
}

#[test]
fn instances_whose_rows_do_not_agree_are_told() {
    finds(
        |transaction| {
            let mut names = transaction.open_table(schema::NAMES).unwrap();
            names.remove("name").unwrap();
            names.insert("nobody", 9).unwrap();
        },
        &[
            (ID, None, "expected \"name\" to lead to 1, found nothing"),
            (None, None, "\"nobody\" leads to 9"),
        ],
    );
    finds(
        |transaction| {
            let mut instances = transaction.open_table(schema::INSTANCES).unwrap();
            instances.insert(NUMBER, &b"{"[..]).unwrap();
        },
        &[(None, None, "instances: row 1")],
    );
    finds(
        |transaction| {
            let mut heads = transaction.open_table(schema::HEADS).unwrap();
            heads.insert(7, (0, 0, 0, 0, 0, 0)).unwrap();
            let mut log = heads.get(schema::LOG_HEAD).unwrap().unwrap().value();
            log.2 = 1;
            heads.insert(schema::LOG_HEAD, log).unwrap();
        },
        &[
            (None, None, "row 7 has no instance"),
            (None, None, "the next instance would be 1, and 1 is in use"),
        ],
    );
}

#[test]
fn tables_that_are_missing_or_not_known_are_told() {
    finds(
        |transaction| {
            transaction.delete_table(STREAM_TABLE).unwrap();
            let unknown = TableDefinition::<u64, u64>::new("events/2");
            transaction.open_table(unknown).unwrap();
        },
        &[
            (None, None, "the table streams/1 is missing"),
            (None, None, "the table events/2 is not known"),
            (ID, None, "'streams/1' does not exist"),
        ],
    );
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
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    log_at(&path);
    let intact = std::fs::read(&path).unwrap();
    // When an instance was made is told nowhere else.
    let seen = |engine: &Engine| {
        let instances = engine.store.snapshot().unwrap().instances().unwrap();
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

#[test]
fn a_check_is_called_off_and_a_disk_that_refuses_is_no_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    log_at(&path);
    let disk = Disk::at(&path);
    let engine = engine_on(&disk, Options::default()).unwrap();
    let snapshot = engine.store.snapshot().unwrap();
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
