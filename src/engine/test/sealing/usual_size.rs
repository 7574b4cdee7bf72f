//! Blocks as large as they are outside of tests.

use std::ops::ControlFlow;

use super::super::{Random, Site, check_invariants, found_or_made, run};
use super::{reopened, rows};
use crate::engine::{Engine, Fault, NewEvent, Record, Snapshot};

/// Events of a block of the usual size, of which some are taken apart and others kept as texts.
fn payload_of(n: u64) -> String {
    match n % 64 {
        0 => format!("{{ \"n\" : {n} }}"),
        1 => format!("{{\"n\":{n},\"n\":1e2}}"),
        2 => format!("[{n},\"\\u00e9\",-0]"),
        3 => format!(
            "{{\"text\":\"{}\"}}",
            "long ".repeat(100 + n as usize % 700)
        ),
        rest => {
            let items: Vec<String> = (0..n % 4)
                .map(|item| format!("{{\"price\":{}.5,\"tags\":[\"t{item}\"]}}", n + item))
                .collect();
            let key = ["a", "b", "c"][n as usize % 3];
            format!(
                "{{\"n\":{n},\"{key}\":\"{key}-{}\",\"items\":[{}],\"at\":{rest}.25}}",
                n % 100,
                items.join(","),
            )
        }
    }
}

/// More than two blocks of the usual size.
const EVENTS: u64 = 2 * 4_096 + 100;

/// Appends events to an instance of its own, in many calls.
fn append_all(engine: &Engine) {
    for first in (1..=EVENTS).step_by(500) {
        let last = EVENTS.min(first + 499);
        run(engine, move |batch| {
            let number = found_or_made(batch, "log")?;
            for n in first..=last {
                batch.append(
                    number,
                    &NewEvent {
                        stream_id: &format!("s{}", n % 700),
                        event_type: ["made", "sold", "sent"][n as usize % 3],
                        payload: &payload_of(n),
                        metadata: "{\"by\":\"é\"}",
                        timestamp_ms: Some(1_000_000 + n as i64 / 3),
                        call: None,
                    },
                )?;
            }
            Ok(())
        })
        .unwrap();
    }
}

/// What a read in a row has of each event beside its payload, which is looked at here.
fn read_all(engine: &Engine) -> Vec<String> {
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let mut found = Vec::new();
    let chunks = snapshot.chunks(1).unwrap();
    let each = chunks.each(1..=chunks.events(), |position, record| {
        let Record {
            sequence,
            back,
            stream_id,
            event_type,
            payload,
            ..
        } = record;
        assert_eq!(*payload, payload_of(position));
        found.push(format!("{sequence} {back} {stream_id} {event_type}"));
        Ok::<_, Fault>(())
    });
    each.unwrap();
    found
}

#[test]
fn blocks_of_the_usual_size_are_sealed_and_give_back_all_of_their_events() {
    let sites = [true, false].map(|seals| Site::of(seals, 1 << 20, 4_096, Random::of(3)));
    let engines = sites.each_ref().map(Site::open);
    engines.iter().for_each(append_all);
    let [sealed, unsealed] = engines;
    // What is left in the journal comes to the tables.
    let sealed = reopened(&sites[0], sealed);
    assert_eq!(rows(&sealed), EVENTS % 4_096);
    assert!(read_all(&sealed) == read_all(&unsealed));
    let snapshot = Snapshot::of(&sealed.open_log).unwrap();
    for stream in [0, 5, 699] {
        let stream = snapshot.stream(1, &format!("s{stream}")).unwrap();
        let mut numbers = Vec::new();
        let each = stream.each_back(|position, record| {
            assert_eq!(record.payload, payload_of(position));
            numbers.push(record.sequence);
            Ok::<_, Fault>(ControlFlow::Continue(()))
        });
        each.unwrap();
        assert!(numbers.into_iter().rev().eq(1..=stream.len()));
    }
    drop(snapshot);
    check_invariants(&sealed);
    for engine in [sealed, unsealed] {
        engine.close().unwrap();
    }
}

/// Such as has no event that is kept as text, and too much in a group of events for one piece of the table.
fn text_of(n: u64) -> String {
    let words =
        (0..8).map(|word| format!("{:x}", (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15 + word)));
    format!(
        "{{\"n\":{n},\"text\":\"{}\"}}",
        words.collect::<Vec<_>>().join(" ")
    )
}

#[test]
fn events_that_are_far_apart_are_read_wherever_the_pieces_of_their_groups_end() {
    let site = Site::new(1 << 20, 4_096);
    let engine = site.open();
    let count = 2 * 4_096;
    run(&engine, move |batch| {
        let number = found_or_made(batch, "log")?;
        for n in 1..=count {
            batch.append(
                number,
                &NewEvent {
                    stream_id: "s",
                    event_type: "told",
                    payload: &text_of(n),
                    metadata: "{}",
                    timestamp_ms: None,
                    call: None,
                },
            )?;
        }
        Ok(())
    })
    .unwrap();
    let engine = reopened(&site, engine);
    assert_eq!(rows(&engine), 0);
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let chunks = snapshot.chunks(1).unwrap();
    let read = |positions: &mut dyn Iterator<Item = u64>| {
        let each = chunks.each(positions, |position, record| {
            assert_eq!(record.payload, text_of(position));
            Ok::<_, Fault>(())
        });
        each.unwrap();
    };
    // Once all were read, there is no room for more groups.
    read(&mut (1..=count));
    assert!(!engine.open_log.view().of_tables().blocks.has_room());
    for first in [1, 50, 99] {
        read(&mut (first..=count).step_by(131));
    }
    drop(chunks);
    drop(snapshot);
    engine.close().unwrap();
}
