//! Long events that are rows are packed, in a file whose format says so.

use std::path::Path;

use redb::{ReadableTable, TableDefinition};

use super::super::{Disk, LAYOUT, check_invariants, engine_of, found_or_made, run};
use super::{format_of, read, rows};
use crate::engine::journal::{Format, Layout};
use crate::engine::tables::schema;
use crate::engine::{Engine, Fault, NewEvent, Options, Snapshot, verify};
use crate::progress::Progress;

/// Opens a log, which gets that format if it is made then.
fn engine_with(format: Format, path: &Path) -> Engine {
    let layout = Layout { format, ..LAYOUT };
    engine_of(layout, &Disk::at(path), Options::default()).unwrap()
}

/// Appends events, each of some 3 KB, in one call. They are more than a segment holds, so that they go to the tables.
fn fill(engine: &Engine, count: u64) {
    run(engine, move |batch| {
        let number = found_or_made(batch, "log")?;
        let before = batch.instance(number)?.head.last_position;
        for n in before..before + count {
            let people: Vec<String> = (0..40)
                .map(|at| {
                    format!("{{\"login\":\"p{n}-{at}\",\"url\":\"https://example.com/p{n}-{at}\"}}")
                })
                .collect();
            let payload = format!("{{\"n\":{n},\"people\":[{}]}}", people.join(","));
            let event = NewEvent {
                stream_id: &format!("s{}", n % 3),
                event_type: "met",
                payload: &payload,
                metadata: "{}",
                timestamp_ms: Some(1_000_000),
                call: None,
            };
            batch.append(number, &event)?;
        }
        Ok(())
    })
    .unwrap();
}

/// What the rows of the log have, as it is in the table.
fn stored_rows(engine: &Engine) -> Vec<Vec<u8>> {
    let name = schema::events_table(1);
    let transaction = engine.open_log.storage.begin_read().unwrap();
    let table = TableDefinition::<u64, &[u8]>::new(&name);
    let table = transaction.open_table(table).unwrap();
    let rows = table.iter().unwrap();
    rows.map(|row| row.unwrap().1.value().to_vec()).collect()
}

/// What the events have, but for their ids.
fn texts(engine: &Engine) -> Vec<String> {
    let without_id = |text: String| text.split_once("timestamp_ms").unwrap().1.to_owned();
    read(engine).into_iter().map(without_id).collect()
}

#[test]
fn a_long_event_takes_little_room_as_a_row_and_is_read_as_it_was_given() {
    let folder = tempfile::tempdir().unwrap();
    let [packed, plain] = [Format::Packed, Format::Sealed]
        .map(|format| engine_with(format, &folder.path().join(format!("{format:?}"))));
    for (count, left) in [(5, 5), (2, 7), (6, 5)] {
        for engine in [&packed, &plain] {
            fill(engine, count);
            assert_eq!(rows(engine), left);
            check_invariants(engine);
        }
        assert_eq!(texts(&packed), texts(&plain));
        let [small, large] = [&packed, &plain].map(|it| stored_rows(it).concat().len());
        assert!(small * 3 < large, "{small} of {large}");
    }
    assert_eq!(format_of(&packed), Format::Packed);
    assert_eq!(format_of(&plain), Format::Sealed);
    for engine in [packed, plain] {
        engine.stop().unwrap();
    }
}

#[test]
fn rows_from_before_a_compaction_stay_as_they_are_and_later_ones_are_packed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let engines = [(); 2].map(|()| engine_with(Format::Sealed, &path));
    fill(&engines[0], 3);
    let (before, plain) = (read(&engines[0]), stored_rows(&engines[0]));
    engines[0].compacted().unwrap();
    for engine in &engines {
        assert_eq!(format_of(engine), Format::Packed);
        assert_eq!(stored_rows(engine), plain);
        assert_eq!(read(engine), before);
    }
    // Whoever has the file open packs from then on.
    fill(&engines[1], 2);
    let mixed = stored_rows(&engines[0]);
    assert_eq!(mixed[..3], plain);
    assert!(mixed[3].len() * 3 < plain[0].len());
    for engine in &engines {
        assert_eq!(read(engine)[..3], before);
        check_invariants(engine);
    }
    // A block is sealed of both.
    let before = read(&engines[0]);
    fill(&engines[0], 3);
    assert_eq!(rows(&engines[0]), 0);
    for engine in engines {
        assert_eq!(read(&engine)[..5], before);
        check_invariants(&engine);
        engine.stop().unwrap();
    }
}

#[test]
fn a_packed_row_that_is_not_what_was_written_is_told_and_hides_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_with(Format::LAST, &folder.path().join("log"));
    fill(&engine, 5);
    let name = schema::events_table(1);
    let altered = |position: u64, change: &dyn Fn(&mut Vec<u8>)| {
        let turn = engine.open_log.storage.table_turn();
        let transaction = engine.open_log.storage.begin_write(&turn).unwrap();
        let mut table = transaction
            .open_table(TableDefinition::<u64, &[u8]>::new(&name))
            .unwrap();
        let mut bytes = table.get(position).unwrap().unwrap().value().to_vec();
        change(&mut bytes);
        table.insert(position, &*bytes).unwrap();
        drop(table);
        transaction.commit().unwrap();
    };
    altered(2, &|bytes| bytes[40] ^= 1);
    altered(4, &|bytes| bytes.truncate(bytes.len() / 2));
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let number = snapshot.find("log").unwrap();
    let chunks = snapshot.chunks(number).unwrap();
    for position in 1..=5 {
        let found = chunks.at(position, |record| record.sequence);
        match found {
            Err(Fault::Corrupted(text)) => {
                assert!([2, 4].contains(&position), "{text}");
                assert!(text.contains(&format!("position {position} ")), "{text}");
            }
            found => {
                found.unwrap();
                assert!([1, 3, 5].contains(&position));
            }
        }
    }
    let report = verify(&snapshot, &Progress::default()).unwrap();
    let told: Vec<_> = report.problems.iter().map(|it| it.position).collect();
    assert_eq!(told, [Some(2), Some(4)]);
    drop(snapshot);
    engine.stop().unwrap();
}
