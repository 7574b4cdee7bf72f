//! Reading an instance chunk by chunk.

use redb::TableDefinition;

use super::random::Random;
use super::{
    LAYOUT, append, check_invariants, each_event, engine_at, make_last_frame_void, run,
    take_back_the_mark, unsealed_engine_at,
};
use crate::block::{Builder, ColumnKey};
use crate::engine::tables::schema::{self, PieceKey};
use crate::engine::{Chunks, Engine, Fault, Record, Snapshot};

const BLOCK_EVENTS: usize = LAYOUT.block_events as usize;

fn append_many(engine: &Engine, count: usize) {
    run(engine, move |batch| {
        for _ in 0..count {
            append(batch, "log", "s")?;
        }
        Ok(())
    })
    .unwrap();
}

fn chunks(snapshot: &Snapshot) -> Chunks<'_> {
    snapshot.chunks(snapshot.find("log").unwrap()).unwrap()
}

/// Changes the tables behind the engine's back, and has it forget what it remembers of them.
fn alter(engine: &Engine, change: impl FnOnce(&redb::WriteTransaction)) {
    let transaction = engine
        .open_log
        .storage
        .begin_write(&engine.open_log.storage.table_turn());
    let transaction = transaction.unwrap();
    change(&transaction);
    transaction.commit().unwrap();
    engine.open_log.forget();
}

fn alter_pieces(engine: &Engine, change: impl FnOnce(&mut redb::Table<'_, PieceKey, &[u8]>)) {
    let name = schema::blocks_table(1);
    let table = TableDefinition::<PieceKey, &[u8]>::new(&name);
    alter(engine, |transaction| {
        change(&mut transaction.open_table(table).unwrap());
    });
}

fn is_corrupted(found: Result<impl Sized, Fault>, text: &str) {
    match found.err() {
        Some(Fault::Corrupted(found)) => assert!(found.contains(text), "{found}"),
        other => panic!("expected corruption, found {other:?}"),
    }
}

/// The summaries that are kept in memory, by the position of the block's last event.
fn kept(engine: &Engine) -> Vec<u64> {
    let mut positions = engine
        .open_log
        .view()
        .known()
        .unwrap()
        .summaries
        .positions();
    // Not those of parts of a block.
    positions.retain(|position| position % BLOCK_EVENTS as u64 == 0);
    positions
}

#[test]
fn any_rows_are_read_wherever_their_events_are() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    // In the tables, in a full generation of the journal, and in the next one.
    append_many(&engine, 100);
    for _ in 0..20 {
        append_many(&engine, 1);
    }
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let chunks = chunks(&snapshot);
    assert_eq!((chunks.events(), chunks.len()), (120, 15));
    let mut random = Random::of(7);
    for gap in [1, 2, 5, 6, 12, 120] {
        for _ in 0..20 {
            let mut positions = Vec::new();
            let mut next = 1 + random.below(gap) as u64;
            while next <= 120 {
                positions.push(next);
                next += 1 + random.below(gap) as u64;
            }
            let mut read = Vec::new();
            let each = chunks.each(positions.iter().copied(), |position, record| {
                read.push((position, record.sequence));
                Ok::<_, Fault>(())
            });
            each.unwrap();
            assert!(read.iter().all(|(position, sequence)| position == sequence));
            assert!(read.iter().map(|read| read.0).eq(positions.iter().copied()));

            for index in 0..chunks.len() {
                let chunk = chunks.chunk(index).unwrap();
                let first = chunk.first_position();
                let places = first..first + chunk.len() as u64;
                let in_it = |position: &&u64| places.contains(position);
                let rows = positions.iter().filter(in_it);
                let rows: Vec<_> = rows.map(|position| (position - first) as usize).collect();
                let mut read = Vec::new();
                chunk
                    .rows(rows.iter().copied(), |row, record| {
                        assert_eq!(record.sequence, first + row as u64);
                        read.push(row);
                        Ok::<_, Fault>(())
                    })
                    .unwrap();
                assert_eq!(read, rows);
            }
        }
    }
    for position in 1..=120 {
        let found = chunks.at(position, |record| record.sequence).unwrap();
        assert_eq!(found, position);
    }
    drop(snapshot);
    engine.stop().unwrap();
}

#[test]
fn what_a_view_does_not_have_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    append_many(&engine, 8);
    append_many(&engine, 4);
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    // It goes to the generation that the view has.
    append_many(&engine, 1);
    let chunks = chunks(&snapshot);
    assert_eq!((chunks.events(), chunks.len()), (12, 2));
    let last = chunks.chunk(1).unwrap();
    assert_eq!((last.first_position(), last.len()), (9, 4));
    assert!(last.overview().is_some() && !last.is_sealed());
    let none = |_, _: &Record<'_>| Ok::<_, Fault>(());
    is_corrupted(last.rows([0, 4], none), "position 13 is missing");
    let first = chunks.chunk(0).unwrap();
    is_corrupted(first.rows([0, 8], none), "position 9 is missing");
    is_corrupted(chunks.at(13, |_| ()), "position 13 is missing");
    is_corrupted(chunks.chunk(2), "position 13 is missing");
    drop((last, first));
    drop(snapshot);
    engine.stop().unwrap();
}

#[test]
fn several_threads_read_from_one_view() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    append_many(&engine, 100);
    append_many(&engine, 20);
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let number = snapshot.find("log").unwrap();
    let chunks = chunks(&snapshot);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let count = (0..chunks.len())
                    .map(|index| chunks.chunk(index).unwrap().len())
                    .sum::<usize>();
                assert_eq!(count, 120);
                each_event(&snapshot, number, |_| ()).unwrap();
            });
        }
    });
    drop(snapshot);
    engine.stop().unwrap();
}

#[test]
fn a_summary_is_kept_in_memory_until_the_tables_have_it() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    run(&engine, |batch| batch.create("log", "log", None)).unwrap();
    let look = || {
        let snapshot = Snapshot::of(&engine.open_log).unwrap();
        each_event(&snapshot, 1, |_| ()).unwrap();
        let summaries = engine.open_log.view().known().unwrap().summaries.clone();
        summaries.get(1, BLOCK_EVENTS as u64)
    };
    append_many(&engine, BLOCK_EVENTS - 1);
    assert!(look().is_none() && kept(&engine).is_empty());
    append_many(&engine, BLOCK_EVENTS + 1);
    let (first, again) = (look().unwrap(), look().unwrap());
    assert!(std::sync::Arc::ptr_eq(&first, &again));
    assert_eq!(kept(&engine), [8, 16]);

    // The generation is continued by the next one, and that by a third one, before which the tables
    // have the first.
    let mut drops = 0;
    for _ in 0..100 {
        look();
        let before = kept(&engine);
        append_many(&engine, 1);
        let left = kept(&engine);
        assert!(before.ends_with(&left));
        if left != before {
            assert!(!left.is_empty(), "the second generation has whole blocks");
            drops += 1;
        }
    }
    assert!(drops > 2);
    // A change to an instance brings everything into the tables.
    look();
    assert!(!kept(&engine).is_empty());
    run(&engine, |batch| batch.create("other", "other", None)).unwrap();
    assert!(kept(&engine).is_empty());
    check_invariants(&engine);
    engine.stop().unwrap();
}

/// A process that fails to sync its frame makes it void. Others read it only once it is on disk.
#[test]
fn a_block_that_ends_in_a_frame_which_is_not_on_disk_is_not_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let [failing, other, reader] = [engine_at(&path), engine_at(&path), engine_at(&path)];
    append_many(&other, 1);
    for _ in 1..BLOCK_EVENTS - 1 {
        append_many(&other, 1);
    }
    run(&failing, |batch| append(batch, "log", "of the void frame")).unwrap();
    take_back_the_mark(&failing);
    let streams = || {
        let mut streams = Vec::new();
        let snapshot = Snapshot::of(&reader.open_log).unwrap();
        each_event(&snapshot, 1, |record| {
            streams.push(record.stream_id.to_owned());
        })
        .unwrap();
        streams
    };
    assert_eq!(streams().len(), BLOCK_EVENTS - 1);
    assert!(kept(&reader).is_empty());
    make_last_frame_void(&failing);
    assert_eq!(streams().len(), BLOCK_EVENTS - 1);
    run(&other, |batch| append(batch, "log", "of the next frame")).unwrap();
    assert_eq!(streams()[BLOCK_EVENTS - 1], "of the next frame");
    for engine in [failing, other, reader] {
        check_invariants(&engine);
        engine.stop().unwrap();
    }
}

#[test]
fn a_summary_that_was_altered_is_corruption_and_names_its_block() {
    let folder = tempfile::tempdir().unwrap();
    let engine = unsealed_engine_at(&folder.path().join("log"));
    append_many(&engine, 100);
    let read = |block: usize| -> Result<(), Fault> {
        let snapshot = Snapshot::of(&engine.open_log)?;
        let chunks = chunks(&snapshot);
        let chunk = chunks.chunk(block)?;
        let mut expected = Vec::new();
        chunk.rows(0..chunk.len(), |_, record| {
            expected.push(record.timestamp_ms);
            Ok::<_, Fault>(())
        })?;
        assert_eq!(chunk.times()?, Some(expected));
        for key in [
            ColumnKey::EventType,
            ColumnKey::StreamId,
            ColumnKey::Sequence,
        ] {
            chunk.column(&key)?;
        }
        Ok(())
    };
    read(3).unwrap();
    alter_pieces(&engine, |table| {
        table.remove((3, 0)).unwrap();
        table.insert((4, 0), &b"x"[..]).unwrap();
        table.remove((5, 1)).unwrap();
        table.insert((6, 1), &b"x"[..]).unwrap();
        // That of a block of other size.
        let directory = Builder::new().finish().directory;
        table.insert((7, 0), &*directory).unwrap();
    });
    for block in 3..=7 {
        is_corrupted(read(block), &format!("blocks/1: block {block} is not"));
    }
    read(8).unwrap();
    engine.stop().unwrap();
}

#[test]
fn a_directory_is_read_once_and_then_remembered_until_all_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let engine = unsealed_engine_at(&folder.path().join("log"));
    append_many(&engine, 100);
    let read = || {
        Snapshot::of(&engine.open_log)?
            .chunks(1)?
            .chunk(3)
            .map(drop)
    };
    read().unwrap();
    let remembered = engine.open_log.view().of_tables();
    alter_pieces(&engine, |table| {
        table.remove((3, 0)).unwrap();
    });
    is_corrupted(read(), "blocks/1: block 3 is not");
    engine.open_log.view().remember_tables(remembered);
    read().unwrap();
    engine.stop().unwrap();
}

#[test]
fn a_block_without_a_summary_is_read_event_by_event() {
    let folder = tempfile::tempdir().unwrap();
    let engine = unsealed_engine_at(&folder.path().join("log"));
    append_many(&engine, 100);
    alter_pieces(&engine, |table| {
        table.insert((3, 0), &[][..]).unwrap();
    });
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let chunks = chunks(&snapshot);
    let chunk = chunks.chunk(3).unwrap();
    assert!(chunk.overview().is_none() && !chunk.is_sealed());
    let mut read = 0;
    let rows = chunk.rows(0..chunk.len(), |_, _| {
        read += 1;
        Ok::<_, Fault>(())
    });
    rows.unwrap();
    assert_eq!(read, BLOCK_EVENTS);
    drop(chunk);
    drop(snapshot);
    engine.stop().unwrap();
}

#[test]
fn a_damaged_event_keeps_its_block_from_being_sealed_and_no_event_from_being_appended() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let engine = engine_at(&path);
    append_many(&engine, 100);
    let name = schema::events_table(1);
    let table = TableDefinition::<u64, &[u8]>::new(&name);
    alter(&engine, |transaction| {
        let mut events = transaction.open_table(table).unwrap();
        events.insert(98, &b"no record"[..]).unwrap();
    });
    append_many(&engine, 100);
    for _ in 0..40 {
        append_many(&engine, 1);
    }
    engine.stop().unwrap();

    let engine = engine_at(&path);
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let chunks = chunks(&snapshot);
    assert_eq!(chunks.events(), 240);
    for index in 0..chunks.len() {
        let chunk = chunks.chunk(index).unwrap();
        let places = chunk.first_position()..chunk.first_position() + chunk.len() as u64;
        let damaged = places.contains(&98);
        assert_eq!(chunk.is_sealed(), !damaged, "chunk {index}");
        let read = chunk.rows(0..chunk.len(), |_, _| Ok::<_, Fault>(()));
        assert_eq!(read.is_err(), damaged, "chunk {index}");
        if damaged {
            is_corrupted(read, "position 98 is not what was written");
        }
    }
    drop(snapshot);
    engine.stop().unwrap();
}

#[test]
fn reading_is_given_up_once_nobody_is_left_to_hear_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    append_many(&engine, 100);
    append_many(&engine, 5);
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let chunks = chunks(&snapshot);
    // Of a block in the tables, and of one in the journal.
    let read = [chunks.chunk(0).unwrap(), chunks.chunk(13).unwrap()];
    let stream = snapshot.stream(1, "s").unwrap();
    engine.abandon_reads();
    let is_refused = |read: Result<(), Fault>| assert!(matches!(read, Err(Fault::Refused(_))));
    for chunk in read {
        is_refused(chunk.rows([0], |_, _| Ok(())));
    }
    is_refused(stream.each_forward(|_, _| Ok(())));
    is_refused(snapshot.check_wanted());
    drop(snapshot);
    engine.stop().unwrap();
}
