//! An event that is read alone again and again is kept by itself.

use std::ops::ControlFlow;

use super::super::{Disk, check_invariants, engine_at, engine_on, found_or_made, run};
use super::{fill, read, rows};
use crate::engine::{Engine, Fault, NewEvent, Options, Snapshot};

#[test]
fn an_event_that_is_read_alone_a_second_time_is_kept_and_stays_as_it_was_given() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    fill(&engine, 800);
    assert_eq!(rows(&engine), 0);
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let chunks = snapshot.chunks(snapshot.find("log").unwrap()).unwrap();
    let kept = || engine.open_log.view().of_tables().blocks.loaded_bytes();
    let record = |position| {
        let record = chunks.at(position, |record| format!("{position} {record:?}"));
        record.unwrap()
    };
    // Of each form of a payload, one with the key of a call among them.
    let positions = [11, 202, 303, 404, 505];
    let mut found = Vec::new();
    for position in positions {
        let first = record(position);
        let with_group = kept();
        assert_eq!(record(position), first);
        let with_record = kept();
        assert!(with_record > with_group, "{position}");
        assert_eq!(record(position), first);
        assert_eq!(kept(), with_record);
        found.push(first);
    }
    drop(chunks);
    drop(snapshot);
    let expected = read(&engine);
    let expected = positions.map(|position| expected[position as usize - 1].clone());
    assert_eq!(found, expected);
    check_invariants(&engine);
    engine.stop().unwrap();
}

/// Streams whose events stand farther apart than those of which a whole group is read.
const STREAMS: u64 = 20;

fn payload_of(n: u64) -> String {
    format!("{{\"n\":{n},\"items\":[{{\"price\":{n}.5}}]}}")
}

fn append_apart(engine: &Engine, count: u64) {
    run(engine, move |batch| {
        let number = found_or_made(batch, "log")?;
        for n in 0..count {
            let stream = format!("s{}", n % STREAMS);
            let event = NewEvent {
                stream_id: &stream,
                event_type: ["made", "sold"][n as usize % 2],
                payload: &payload_of(n),
                metadata: "{}",
                timestamp_ms: Some(n as i64),
                call: None,
            };
            batch.append(number, &event)?;
        }
        Ok(())
    })
    .unwrap();
}

#[test]
fn events_that_are_far_apart_are_those_that_were_given_where_there_is_no_room_for_their_groups() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        cache_bytes: 64 << 10,
        ..Options::default()
    };
    let engine = engine_on(&Disk::at(&folder.path().join("log")), options).unwrap();
    let count = 100 * STREAMS;
    append_apart(&engine, count);
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let number = snapshot.find("log").unwrap();
    let chunks = snapshot.chunks(number).unwrap();
    let each = chunks.each(1..=count, |position, record| {
        assert_eq!(record.payload, payload_of(position - 1));
        Ok::<_, Fault>(())
    });
    each.unwrap();
    assert!(!engine.open_log.view().of_tables().blocks.has_room());

    let stream = snapshot.stream(number, "s7").unwrap();
    let expected = (0..100)
        .rev()
        .map(|sequence| (8 + sequence * STREAMS, sequence + 1));
    let mut found = Vec::new();
    let links = stream.links_back(|position, sequence, back| {
        assert_eq!(back, if sequence > 1 { STREAMS } else { 0 });
        found.push((position, sequence));
        Ok::<_, Fault>(ControlFlow::Continue(()))
    });
    links.unwrap();
    assert!(found.iter().copied().eq(expected));
    // Twice, after which they are kept by themselves.
    for _ in 0..3 {
        let mut read = Vec::new();
        let each = stream.each_back(|position, record| {
            assert_eq!(record.payload, payload_of(position - 1));
            assert_eq!((record.stream_id, record.id.get_version_num()), ("s7", 7));
            read.push((position, record.sequence));
            Ok::<_, Fault>(ControlFlow::Continue(()))
        });
        each.unwrap();
        assert_eq!(read, found);
    }
    drop(chunks);
    drop(stream);
    drop(snapshot);
    check_invariants(&engine);
    engine.stop().unwrap();
}

#[test]
fn what_blocks_have_alike_is_in_memory_once() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    let count = 40 * STREAMS;
    append_apart(&engine, count);
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let chunks = snapshot.chunks(snapshot.find("log").unwrap()).unwrap();
    let blocks = count / chunks.block_events();
    assert!(blocks >= 4, "{blocks}");
    let known = engine.open_log.view().of_tables().blocks;
    let mut in_use = Vec::new();
    for block in 0..blocks {
        let position = 1 + block * chunks.block_events();
        let payload = chunks.at(position, |record| record.payload.to_owned());
        assert_eq!(payload.unwrap(), payload_of(position - 1));
        in_use.push(known.alike().in_use());
    }
    let first = in_use[0];
    assert!(first.0 == 1 && first.1 > 8, "{first:?}");
    // All others differ in no more than one of their columns, on average: that of the times.
    let last = in_use[in_use.len() - 1];
    assert!(last.0 == 1 && last.1 < first.1 + in_use.len(), "{in_use:?}");
    drop(chunks);
    drop(snapshot);
    engine.stop().unwrap();
}

#[test]
fn of_events_that_are_read_together_no_more_than_the_first_is_kept_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    fill(&engine, 800);
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let chunks = snapshot.chunks(snapshot.find("log").unwrap()).unwrap();
    let kept = || engine.open_log.view().of_tables().blocks.loaded_bytes();
    let mut bytes = Vec::new();
    for _ in 0..4 {
        let mut longest = 0;
        let each = chunks.each(601..=608, |_, record| {
            longest = longest.max(record.bytes() as u64);
            Ok::<_, Fault>(())
        });
        each.unwrap();
        bytes.push((kept(), longest));
    }
    let [(first, longest), (second, _), third, fourth] = bytes[..] else {
        unreachable!("there were four");
    };
    // Beside the record there is what keeps account of it.
    assert!((first + 1..first + 2 * longest + 200).contains(&second));
    assert_eq!((third.0, fourth.0), (second, second));
    drop(chunks);
    drop(snapshot);
    engine.stop().unwrap();
}
