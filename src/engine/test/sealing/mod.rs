//! Whole blocks are sealed, and are then the only copy of their events.

mod compaction;
mod kept_records;
mod packed_rows;
mod usual_size;

use std::ops::ControlFlow;
use std::sync::Arc;

use redb::{ReadableTable, ReadableTableMetadata, TableDefinition};

use super::{
    Disk, LAYOUT, Site, append, check_invariants, engine_at, engine_on, events, found_or_made, run,
    unsealed_engine_at,
};
use crate::engine::journal::Format;
use crate::engine::seeded_bug::{Bug, seed};
use crate::engine::summary::{KnownBlocks, Summaries};
use crate::engine::tables::schema::{self, PieceKey};
use crate::engine::{CallKey, Engine, Fault, NewEvent, Options, Snapshot};

const BLOCK_EVENTS: u64 = LAYOUT.block_events as u64;

/// Appends events of several streams, some of which are odd, and the first of each ten of a call with a key. They are
/// more than a segment holds, so that they go to the tables.
fn fill(engine: &Engine, count: u64) {
    run(engine, move |batch| {
        let number = found_or_made(batch, "log")?;
        let before = batch.instance(number)?.head.last_position;
        for n in before..before + count {
            let payload = match n % 5 {
                0 => format!("{{ \"n\" : {n} }}"),
                1 => format!("{{\"n\":{n},\"n\":1e2}}"),
                2 => format!("[{n},\"\\u00e9\",-0]"),
                _ => format!("{{\"n\":{n},\"items\":[{{\"price\":{n}.5}},{{\"price\":1}}]}}"),
            };
            let key = format!("key {n}");
            batch.append(
                number,
                &NewEvent {
                    stream_id: &format!("s{}", n % 3),
                    event_type: ["made", "sold"][n as usize % 2],
                    payload: &payload,
                    metadata: "{\"by\":\"é\"}",
                    timestamp_ms: Some(1_000_000 - n as i64 % 7),
                    call: n.is_multiple_of(10).then_some(CallKey {
                        text: &key,
                        events: 1,
                    }),
                },
            )?;
        }
        Ok(())
    })
    .unwrap();
}

/// All that is stored of each event, by every way to read it.
fn read(engine: &Engine) -> Vec<String> {
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    read_of(&snapshot)
}

fn read_of(snapshot: &Snapshot) -> Vec<String> {
    let number = snapshot.find("log").unwrap();
    let chunks = snapshot.chunks(number).unwrap();
    let (mut forward, mut back) = (Vec::new(), Vec::new());
    let each = chunks.each(1..=chunks.events(), |position, record| {
        forward.push(format!("{position} {record:?}"));
        Ok::<_, Fault>(())
    });
    each.unwrap();
    let each = chunks.each_back((1..=chunks.events()).rev(), |position, record| {
        back.push(format!("{position} {record:?}"));
        Ok::<_, Fault>(())
    });
    each.unwrap();
    back.reverse();
    assert_eq!(forward, back);
    for (before, found) in forward.iter().enumerate() {
        let position = before as u64 + 1;
        let alone = chunks.at(position, |record| format!("{position} {record:?}"));
        assert_eq!(alone.unwrap(), *found);
    }
    for stream in ["s0", "s1", "s2"] {
        let stream = snapshot.stream(number, stream).unwrap();
        let mut count = 0;
        let each = stream.each_forward(|position, record| {
            count += 1;
            assert_eq!(
                forward[position as usize - 1],
                format!("{position} {record:?}")
            );
            Ok::<_, Fault>(())
        });
        each.unwrap();
        assert_eq!(count, stream.len());
        let (mut links, mut whole) = (Vec::new(), Vec::new());
        let each = stream.links_back(|position, sequence, back| {
            links.push((position, sequence, back));
            Ok::<_, Fault>(ControlFlow::Continue(()))
        });
        each.unwrap();
        let each = stream.each_back(|position, record| {
            whole.push((position, record.sequence, record.back));
            Ok::<_, Fault>(ControlFlow::Continue(()))
        });
        each.unwrap();
        assert_eq!(links, whole);
        assert_eq!(links.len() as u64, count);
    }
    forward
}

/// How many events of the log are rows of its table.
fn rows(engine: &Engine) -> u64 {
    let name = schema::events_table(1);
    let transaction = engine.open_log.storage.begin_read().unwrap();
    let table = transaction
        .open_table(TableDefinition::<u64, &[u8]>::new(&name))
        .unwrap();
    table.len().unwrap()
}

fn format_of(engine: &Engine) -> Format {
    engine.open_log.storage.layout_now().unwrap().format
}

#[test]
fn no_event_of_a_whole_block_is_a_row_and_each_is_read_as_it_was_given() {
    let folder = tempfile::tempdir().unwrap();
    let (sealed, unsealed) = (
        engine_at(&folder.path().join("sealed")),
        unsealed_engine_at(&folder.path().join("unsealed")),
    );
    for (count, left) in [(100, 4), (1, 4), (60, 1), (47, 0), (1, 0)] {
        for engine in [&sealed, &unsealed] {
            fill(engine, count);
            check_invariants(engine);
        }
        // What is in the journal is no row, whichever it is of.
        assert_eq!(rows(&sealed), left);
        let ids = |texts: Vec<String>| -> Vec<String> {
            let without = |text: String| text.split_once("timestamp_ms").unwrap().1.to_owned();
            texts.into_iter().map(without).collect()
        };
        assert_eq!(ids(read(&sealed)), ids(read(&unsealed)));
        // The key of a call leads to its event.
        let snapshot = Snapshot::of(&sealed.open_log).unwrap();
        assert_eq!(snapshot.position_of_key(1, "key 90").unwrap(), Some(91));
        drop(snapshot);
        let found = run(&sealed, |batch| {
            let mut found = Vec::new();
            batch.each_record(1, 7..=18, |position, record| {
                found.push((position, record.call.map(|call| call.text.to_owned())));
                Ok(())
            })?;
            Ok(found)
        });
        let found = found.unwrap();
        assert!(found.iter().map(|(position, _)| *position).eq(7..=18));
        assert_eq!(found[4], (11, Some("key 10".to_owned())));
    }
    assert_eq!(format_of(&sealed), Format::LAST);
    assert_eq!(format_of(&unsealed), Format::Rows);
    for engine in [sealed, unsealed] {
        engine.stop().unwrap();
    }
}

#[test]
fn a_block_that_does_not_give_back_its_events_is_not_kept_and_they_stay_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    seed(Some(Bug::WrongBlock));
    let engine = engine_at(&path);
    seed(None);
    fill(&engine, 10);
    fill(&engine, 100);
    assert_eq!(rows(&engine), 110);
    check_invariants(&engine);
    engine.stop().unwrap();

    // Without the bug, a compaction makes up for it.
    let engine = engine_at(&path);
    let before = read(&engine);
    engine.compacted().unwrap();
    assert_eq!(rows(&engine), 110 % BLOCK_EVENTS);
    assert_eq!(read(&engine), before);
    check_invariants(&engine);
    engine.stop().unwrap();
}

#[test]
fn a_deleted_instance_takes_its_sealed_blocks_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    fill(&engine, 100);
    run(&engine, |batch| {
        let number = batch.find("log")?;
        batch.delete(number)
    })
    .unwrap();
    let tables = || {
        let transaction = engine.open_log.storage.begin_read().unwrap();
        transaction.list_tables().unwrap().count()
    };
    // Names, instances and heads.
    assert_eq!(tables(), 3);
    fill(&engine, 100);
    assert_eq!(events(&engine, "log").unwrap().len(), 100);
    check_invariants(&engine);
    engine.stop().unwrap();
}

#[test]
fn what_is_read_of_blocks_is_kept_within_its_part_of_the_cache() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        cache_bytes: 64 << 10,
        ..Options::default()
    };
    let engine = engine_on(&Disk::at(&folder.path().join("log")), options).unwrap();
    fill(&engine, 800);
    for _ in 0..3 {
        read(&engine);
    }
    let kept = engine.open_log.view().of_tables().blocks.loaded_bytes();
    assert!((1..=40 << 10).contains(&kept), "{kept}");
    engine.stop().unwrap();
}

/// The tables can lose a commit that another process has read. Then the journal goes on otherwise.
#[test]
fn what_is_remembered_of_the_tables_is_forgotten_where_the_journal_does_not_continue() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let [here, there] = [engine_at(&path), engine_at(&path)];
    fill(&here, 100);
    let remembered = |engine: &Engine| {
        let of_tables = engine.open_log.view().of_tables();
        (of_tables.blocks, of_tables.summaries)
    };
    let is_same = |engine: &Engine, before: &(Arc<KnownBlocks>, Arc<Summaries>)| {
        let now = remembered(engine);
        let is_same = [
            Arc::ptr_eq(&now.0, &before.0),
            Arc::ptr_eq(&now.1, &before.1),
        ];
        assert_eq!(is_same[0], is_same[1]);
        is_same[0]
    };
    read(&there);
    let before = remembered(&there);
    assert!(before.0.loaded_bytes() > 0);
    // These commits follow on those before, whoever makes them.
    for engine in [&here, &there, &here] {
        run(engine, |batch| append(batch, "log", "s0")).unwrap();
        read(&there);
        assert!(is_same(&there, &before));
    }
    // What goes to the tables at once begins a generation of its own.
    fill(&there, 100);
    assert!(is_same(&there, &before));
    let number = |engine: &Engine| read(engine).len();
    for writes in [false, true] {
        let before = remembered(&there);
        fill(&here, 100);
        if writes {
            run(&there, |batch| append(batch, "log", "s0")).unwrap();
        }
        assert_eq!(number(&there), number(&here));
        assert!(!is_same(&there, &before), "{writes}");
    }
    for engine in [here, there] {
        check_invariants(&engine);
        engine.stop().unwrap();
    }
}

#[test]
fn a_piece_that_is_damaged_is_told_where_it_is_needed_and_other_blocks_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    fill(&engine, 100);
    let name = schema::blocks_table(1);
    let table = TableDefinition::<PieceKey, &[u8]>::new(&name);
    let transaction = engine
        .open_log
        .storage
        .begin_write(&engine.open_log.storage.table_turn());
    let transaction = transaction.unwrap();
    let mut pieces = transaction.open_table(table).unwrap();
    for key in [(3, 0), (4, 1)] {
        let mut bytes = pieces.get(key).unwrap().unwrap().value().to_vec();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        pieces.insert(key, &*bytes).unwrap();
    }
    pieces.remove((5, 0)).unwrap();
    pieces.remove((6, 1)).unwrap();
    drop(pieces);
    transaction.commit().unwrap();
    engine.open_log.forget();

    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let chunks = snapshot.chunks(1).unwrap();
    for position in 1..=100 {
        let block = (position - 1) / BLOCK_EVENTS;
        match chunks.at(position, |_| ()) {
            Ok(()) => assert!(![3, 5, 6].contains(&block), "{position}"),
            Err(Fault::Corrupted(text)) => {
                assert!((3..=6).contains(&block), "{position}: {text}");
                let place = [
                    format!("blocks/1: block {block} is not what was written"),
                    format!("the event at position {position} is missing"),
                ];
                assert!(place.iter().any(|place| text.contains(place)), "{text}");
            }
            Err(fault) => panic!("{position}: {fault:?}"),
        }
    }
    drop(chunks);
    drop(snapshot);
    engine.stop().unwrap();
}

fn reopened(site: &Site, engine: Engine) -> Engine {
    engine.close().unwrap();
    site.open()
}
