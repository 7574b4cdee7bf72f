//! What is erased is gone: from every answer at once, and from every byte of the file once the call has come back.
//!
//! What was in the file before is known from its tables and its frames, as it is kept there: as JSON, as parts of columns,
//! and compressed. Whatever of that is not in the tables afterwards must be nowhere in the file.

mod crashes;
mod earlier_view;

use std::collections::{BTreeMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::channel;

use redb::{Key, ReadTransaction, ReadableTable, TableDefinition, TableHandle};

use super::disk::Disk;
use super::memory_disk::MemoryDisk;
use super::random::Random;
use super::simulation::open;
use super::{Options, append_payload, check_invariants, engine_at, engine_on, run};
use crate::engine::journal::{Format, Layout};
use crate::engine::seeded_bug::{Bug, seed};
use crate::engine::tables::schema;
use crate::engine::{Engine, Fault, Instead, Rewriting, Snapshot};
use crate::error::{Code, Error};
use crate::progress::Progress;

/// So small that there are several blocks and generations.
const LAYOUT: Layout = Layout {
    format: Format::LAST,
    segment_bytes: 4096,
    block_events: 4,
};

/// What takes the place of the texts.
const PAYLOAD: &str = "null";
const METADATA: &str = "\"gone\"";

/// How many events there are. The last block is not whole, and the last events are in the journal alone.
const EVENTS: u64 = 30;

/// The events that are erased: one of a block, all of another one, one that is a row, and the last one.
const ERASED: [u64; 8] = [2, 9, 10, 11, 12, 23, 29, 30];

/// The one that is a row.
const LONG: u64 = 29;

/// How many bytes in a row are compared. So many are nowhere twice by chance.
const WINDOW: usize = 16;

fn payload(random: &mut Random, position: u64) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = |length: usize| -> String {
        let letter = |_| char::from(LETTERS[random.below(LETTERS.len())]);
        (0..length).map(letter).collect()
    };
    let (name, hex) = (text(40), text(16));
    let digits = |byte: u8| {
        [byte >> 4, byte & 15].map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)]))
    };
    let hex: String = hex.bytes().flat_map(digits).collect();
    // Some of them are kept as texts, with white space.
    let space = if position.is_multiple_of(3) { " " } else { "" };
    // One that is erased while it is a row is so long that it is packed.
    let times = if position == LONG { 40 } else { 0 };
    let again = format!(",\"again\":\"{name}\"").repeat(times);
    format!("{{\"name\":{space}\"{name}\",\"hash\":\"{hex}\",\"n\":{position}{again}}}")
}

/// What takes the place of an event: of one at an odd position a part of its payload is left.
fn instead(position: u64) -> Instead {
    Box::new(move |record| {
        let left = record.payload.split_once(",\"hash\"");
        let metadata = match left.filter(|_| !position.is_multiple_of(2)) {
            Some((name, _)) => format!("[{METADATA},[\"payload.hash\"],{name}}},{{}}]"),
            None => METADATA.to_owned(),
        };
        [PAYLOAD.to_owned(), metadata]
    })
}

/// Erases the events at these positions, or a part of them, and puts one state in the place of another one.
fn erase(engine: &Engine, positions: &[u64]) -> Result<usize, Error> {
    let (sender, outcome) = channel();
    let positions = positions.to_vec();
    let plan = move |snapshot: &Snapshot| -> Result<_, Fault> {
        let number = snapshot.find("log")?;
        let mut texts = BTreeMap::new();
        for position in positions {
            let mut is_erased = true;
            snapshot.chunks(number)?.at(position, |record| {
                is_erased = record.payload == PAYLOAD;
            })?;
            if !is_erased {
                texts.insert(position, instead(position));
            }
        }
        let count = texts.len();
        let states = [
            ("secret".to_owned(), None),
            ("told".to_owned(), Some(vec![1])),
        ];
        let rewriting = Rewriting {
            number,
            texts,
            states: states.into(),
        };
        Ok(((count > 0).then_some(rewriting), count))
    };
    engine.erase(Progress::default(), plan, move |done| {
        sender.send(done).unwrap();
    });
    outcome.recv().unwrap()
}

fn fill(engine: &Engine, random: &mut Random) {
    fill_up_to(engine, random, EVENTS);
}

fn fill_up_to(engine: &Engine, random: &mut Random, events: u64) {
    for position in 1..=events {
        append_payload(engine, payload(random, position));
        if position == events / 2 {
            let secret: Vec<u8> = (0..64).map(|_| random.below(256) as u8).collect();
            run(engine, move |batch| {
                let number = batch.find("log")?;
                batch.put_state(number, "secret", &secret)?;
                batch.put_state(number, "kept", b"kept")
            })
            .unwrap();
        }
    }
}

/// All that the tables have of instances: their values, and for each table all of them in a row, as they are in its pages.
fn in_tables(engine: &Engine) -> Vec<Vec<u8>> {
    let transaction = engine.open_log.storage.begin_read().unwrap();
    let mut found = Vec::new();
    for table in transaction.list_tables().unwrap() {
        let name = table.name().to_owned();
        let values = if name.starts_with("events/") {
            values_in::<u64>(&transaction, &name)
        } else if name.starts_with("blocks/") {
            values_in::<schema::PieceKey>(&transaction, &name)
        } else if name.starts_with("states/") {
            values_in::<&str>(&transaction, &name)
        } else {
            continue;
        };
        found.push(values.concat());
        found.extend(values);
    }
    found
}

fn values_in<K: Key + 'static>(transaction: &ReadTransaction, name: &str) -> Vec<Vec<u8>> {
    let table = TableDefinition::<K, &[u8]>::new(name);
    let table = transaction.open_table(table).unwrap();
    let values = table.iter().unwrap();
    let values = values.map(|entry| entry.unwrap().1.value().to_vec());
    values.collect()
}

type Windows = HashSet<[u8; WINDOW]>;

fn windows(bytes: &[u8]) -> impl Iterator<Item = [u8; WINDOW]> + '_ {
    let windows = bytes
        .windows(WINDOW)
        .map(|window| window.try_into().unwrap());
    // What has few different bytes in it is not known again.
    windows.filter(|window: &[u8; WINDOW]| {
        let mut seen = [0_u64; 4];
        for byte in window {
            seen[usize::from(byte >> 6)] |= 1 << (byte & 63);
        }
        seen.iter().map(|some| some.count_ones()).sum::<u32>() > WINDOW as u32 / 2
    })
}

fn windows_of(values: &[Vec<u8>]) -> Windows {
    values.iter().flat_map(|value| windows(value)).collect()
}

/// What the file has had: what is in the tables, and the records of all events, as they are in frames.
fn had(engine: &Engine) -> Windows {
    let mut had = windows_of(&in_tables(engine));
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let number = snapshot.find("log").unwrap();
    let chunks = snapshot.chunks(number).unwrap();
    for position in 1..=chunks.events() {
        let see = |record: &crate::engine::Record<'_>| {
            let mut bytes = Vec::new();
            record.encode(&mut bytes);
            had.extend(windows(&bytes));
        };
        chunks.at(position, see).unwrap();
    }
    drop(chunks);
    let secret = snapshot.state(number, "secret").unwrap();
    had.extend(secret.iter().flat_map(|secret| windows(secret)));
    had
}

/// How much of what the file has had, and the tables do not have any more, is in its bytes.
fn left_of(had: &Windows, engine: &Engine, image: &[u8]) -> usize {
    let has = windows_of(&in_tables(engine));
    let gone: Windows = had.difference(&has).copied().collect();
    assert!(gone.len() > 300, "{}", gone.len());
    let left = windows(image).filter(|window| gone.contains(window));
    left.count()
}

/// The payloads of all events.
fn payloads(engine: &Engine) -> Vec<String> {
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let number = snapshot.find("log").unwrap();
    let chunks = snapshot.chunks(number).unwrap();
    let payload = |position| {
        let mut found = String::new();
        let see = |record: &crate::engine::Record<'_>| {
            let is_gone = record.metadata.contains(METADATA);
            assert_eq!(is_gone, record.payload == PAYLOAD);
            assert!(!is_gone || !record.metadata.contains("\"hash\":"));
            record.payload.clone_into(&mut found);
        };
        chunks.at(position, see).unwrap();
        found
    };
    (1..=chunks.events()).map(payload).collect()
}

/// Checks that just the erased events are, or none if `erased` says so, and the states with them.
fn check(engine: &Engine, before: &[String], erased: &[u64]) {
    for (position, (found, before)) in (1..).zip(payloads(engine).iter().zip(before)) {
        let expected = if erased.contains(&position) {
            PAYLOAD
        } else {
            before
        };
        assert_eq!(found, expected, "position {position}");
    }
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let number = snapshot.find("log").unwrap();
    let state = |name| snapshot.state(number, name).unwrap();
    assert_eq!(state("secret").is_some(), erased.is_empty());
    assert_eq!(state("told"), (!erased.is_empty()).then(|| vec![1]));
    assert_eq!(state("kept").as_deref(), Some(&b"kept"[..]));
    drop(snapshot);
    check_invariants(engine);
}

#[test]
fn what_is_erased_is_in_no_byte_of_the_file_and_all_else_is_as_it_was() {
    for seed in 0..6 {
        let mut random = Random::of(seed);
        let disk = MemoryDisk::holding(Vec::new(), Random::of(seed));
        let engine = open(&disk.process(), seed == 5, false, LAYOUT).unwrap();
        fill(&engine, &mut random);
        match seed {
            // All of it is in the tables, and the pages are where they were.
            1 => engine.compacted().unwrap(),
            // The file has what earlier transactions have left in it.
            2 => {
                run(&engine, |batch| batch.create("other", "other", None)).unwrap();
                run(&engine, |batch| {
                    let number = batch.find("other")?;
                    batch.delete(number)
                })
                .unwrap();
            }
            _ => {}
        }
        let (before, had) = (payloads(&engine), had(&engine));
        let (first, rest) = ERASED.split_at(1);
        assert_eq!(erase(&engine, first).unwrap(), 1);
        check(&engine, &before, first);
        assert_eq!(erase(&engine, rest).unwrap(), rest.len());
        check(&engine, &before, &ERASED);
        assert_eq!(left_of(&had, &engine, &disk.image()), 0, "seed {seed}");
        // They stay as they are, and the log goes on.
        assert_eq!(erase(&engine, &ERASED).unwrap(), 0);
        append_payload(&engine, "{}".to_owned());
        engine.stop().unwrap();
        let image = disk.lose_power();
        let engine = open(
            &MemoryDisk::holding(image, Random::of(seed)).process(),
            false,
            false,
            LAYOUT,
        )
        .unwrap();
        assert_eq!(payloads(&engine).len() as u64, EVENTS + 1);
        engine.stop().unwrap();
    }
}

#[test]
fn a_file_whose_events_are_rows_is_rid_of_them_as_well() {
    let layout = Layout {
        format: Format::Rows,
        ..LAYOUT
    };
    let disk = MemoryDisk::holding(Vec::new(), Random::of(1));
    let engine = open(&disk.process(), false, false, layout).unwrap();
    fill(&engine, &mut Random::of(1));
    let (before, had) = (payloads(&engine), had(&engine));
    erase(&engine, &ERASED).unwrap();
    check(&engine, &before, &ERASED);
    assert_eq!(left_of(&had, &engine, &disk.image()), 0);
    engine.compacted().unwrap();
    check(&engine, &before, &ERASED);
    engine.stop().unwrap();
}

#[test]
fn a_file_on_disk_is_rid_of_what_is_erased() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let engine = engine_at(&path);
    fill(&engine, &mut Random::of(7));
    let (before, had) = (payloads(&engine), had(&engine));
    erase(&engine, &ERASED).unwrap();
    check(&engine, &before, &ERASED);
    assert_eq!(left_of(&had, &engine, &std::fs::read(&path).unwrap()), 0);
    engine.stop().unwrap();
}

#[test]
fn others_that_have_the_file_open_see_it_and_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let engines = [(); 3].map(|()| engine_at(&path));
    let [eraser, other, third] = &engines;
    fill(eraser, &mut Random::of(3));
    let (before, had) = (payloads(eraser), had(eraser));
    // They have read all of it, and remember it.
    assert_eq!(payloads(other), before);
    check(third, &before, &[]);
    erase(eraser, &ERASED).unwrap();
    check(other, &before, &ERASED);
    append_payload(third, "{}".to_owned());
    for engine in &engines {
        check(engine, &before, &ERASED);
    }
    for engine in engines {
        engine.stop().unwrap();
    }
    let engine = engine_at(&path);
    assert_eq!(left_of(&had, &engine, &std::fs::read(&path).unwrap()), 0);
    engine.stop().unwrap();
}

#[test]
fn somebody_who_reads_keeps_the_bytes_in_the_file_and_the_next_one_is_rid_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let options = Options {
        lock_wait: std::time::Duration::ZERO,
        ..Options::default()
    };
    let eraser = engine_on(&Disk::at(&path), options).unwrap();
    fill(&eraser, &mut Random::of(4));
    let (before, had) = (payloads(&eraser), had(&eraser));
    let reader = engine_at(&path);
    let reading = Snapshot::of(&reader.open_log).unwrap();
    let error = erase(&eraser, &ERASED).unwrap_err();
    assert_eq!(error.code(), Code::Locked, "{error}");
    assert!(error.text().starts_with("the events are erased"), "{error}");
    // In answers they are gone already.
    check(&eraser, &before, &ERASED);
    let bytes = std::fs::read(&path).unwrap();
    assert!(left_of(&had, &eraser, &bytes) > 0);
    drop(reading);
    assert_eq!(erase(&eraser, &ERASED).unwrap(), 0);
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(left_of(&had, &eraser, &bytes), 0);
    check(&reader, &before, &ERASED);
    for engine in [eraser, reader] {
        engine.stop().unwrap();
    }
}

#[test]
fn what_is_left_behind_is_noticed() {
    let left = |bug, number| {
        seed(bug);
        let found = catch_unwind(AssertUnwindSafe(|| {
            let disk = MemoryDisk::holding(Vec::new(), Random::of(number));
            let engine = open(&disk.process(), false, false, LAYOUT).unwrap();
            fill(&engine, &mut Random::of(number));
            let had = had(&engine);
            erase(&engine, &ERASED).unwrap();
            left_of(&had, &engine, &disk.image())
        }));
        seed(None);
        found.unwrap()
    };
    assert_eq!(left(None, 0), 0);
    // The pages of one may be used again at once.
    assert!((0..12).any(|number| left(Some(Bug::LeftBehind), number) > 0));
}
