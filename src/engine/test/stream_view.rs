//! Reading one stream.

use std::ops::ControlFlow;

use redb::{ReadableTable, TableDefinition};

use super::{append, engine_at, run};
use crate::engine::Snapshot;
use crate::engine::tables::schema;
use crate::engine::{Fault, NewEvent, Record};

#[test]
fn a_stream_that_is_larger_than_what_is_kept_on_the_way_back_comes_whole_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    let number = run(&engine, |batch| batch.create("log", "log", None)).unwrap();
    // 20 MiB, of which the newest 8 are kept.
    let payload = |event: usize| format!("[{event},\"{}\"]", "x".repeat(1 << 20));
    run(&engine, move |batch| {
        for event in 0..20 {
            append(batch, "log", "another")?;
            let event = NewEvent {
                stream_id: "large",
                event_type: "t",
                payload: &payload(event),
                metadata: "{}",
                timestamp_ms: None,
                call: None,
            };
            batch.append(number, &event)?;
        }
        Ok(())
    })
    .unwrap();
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let mut read = 0;
    let stream = snapshot.stream(number, "large").unwrap();
    stream
        .each_forward(|position, record| {
            assert_eq!(position, 2 * read as u64 + 2);
            assert!(record.payload == payload(read));
            read += 1;
            Ok::<_, Fault>(())
        })
        .unwrap();
    assert_eq!(read, 20);
    drop(snapshot);
    engine.stop().unwrap();
}

#[test]
fn a_walk_back_ends_when_it_is_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    for _ in 0..30 {
        run(&engine, |batch| {
            append(batch, "log", "a")?;
            append(batch, "log", "b")
        })
        .unwrap();
    }
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let stream = snapshot.stream(1, "a").unwrap();
    for count in [1, 7, 30] {
        let mut read = Vec::new();
        let walk = stream.each_back(|position, record| {
            assert_eq!(position, 2 * record.sequence - 1);
            read.push(record.sequence);
            Ok::<_, Fault>(if read.len() == count {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            })
        });
        walk.unwrap();
        assert!(read.into_iter().eq((1..=30).rev().take(count)));
        let mut links = Vec::new();
        let walk = stream.links_back(|position, sequence, back| {
            assert_eq!(
                (position, back),
                (2 * sequence - 1, if sequence > 1 { 2 } else { 0 })
            );
            links.push(sequence);
            Ok::<_, Fault>(if links.len() == count {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            })
        });
        walk.unwrap();
        assert!(links.into_iter().eq((1..=30).rev().take(count)));
    }
    let none = snapshot.stream(1, "c").unwrap();
    assert!(none.is_empty());
    assert_eq!(none.len(), 0);
    none.each_forward(|position, _| Err(Fault::Corrupted(format!("found {position}"))))
        .unwrap();
    drop(snapshot);
    engine.stop().unwrap();
}

#[test]
fn a_stream_has_the_events_of_its_view_whatever_is_appended_since() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    for _ in 0..3 {
        run(&engine, |batch| append(batch, "log", "a")).unwrap();
    }
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    for _ in 0..3 {
        run(&engine, |batch| {
            append(batch, "log", "a")?;
            append(batch, "log", "begun since")
        })
        .unwrap();
    }
    for (stream, expected) in [("a", 3), ("begun since", 0)] {
        let stream = snapshot.stream(1, stream).unwrap();
        assert_eq!(stream.len(), expected);
        let mut read = 0;
        let each = stream.each_forward(|_, _| {
            read += 1;
            Ok::<_, Fault>(())
        });
        each.unwrap();
        assert_eq!(read, expected);
    }
    drop(snapshot);
    engine.stop().unwrap();
}

#[test]
fn a_chain_that_leads_to_another_event_is_corruption() {
    let folder = tempfile::tempdir().unwrap();
    let engine = super::unsealed_engine_at(&folder.path().join("log"));
    run(&engine, |batch| {
        for event in 0..100 {
            append(batch, "log", ["a", "b"][event % 2])?;
        }
        Ok(())
    })
    .unwrap();
    let name = schema::events_table(1);
    let table = TableDefinition::<u64, &[u8]>::new(&name);
    // To another stream, to an older event, to itself, and to none.
    for (back, found) in [(1, 48), (4, 45), (0, 49), (100, 49)] {
        let transaction = engine
            .open_log
            .storage
            .begin_write(&engine.open_log.storage.table_turn());
        let transaction = transaction.unwrap();
        let mut events = transaction.open_table(table).unwrap();
        let bytes = events.get(49).unwrap().unwrap().value().to_vec();
        let altered = Record {
            back,
            ..Record::decode(&bytes, 49).unwrap()
        };
        let mut bytes = Vec::new();
        altered.encode(&mut bytes);
        events.insert(49, &*bytes).unwrap();
        drop(events);
        transaction.commit().unwrap();

        let snapshot = Snapshot::of(&engine.open_log).unwrap();
        let stream = snapshot.stream(1, "a").unwrap();
        let read = stream.each_forward(|_, _| Ok::<_, Fault>(()));
        let Err(Fault::Corrupted(text)) = read else {
            panic!("back {back}: expected corruption, found {read:?}");
        };
        assert!(
            text.contains(&format!("position {found} ")),
            "{back}: {text}"
        );
    }
    engine.stop().unwrap();
}
