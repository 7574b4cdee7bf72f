//! What the first page of a reading has, and how pages grow.

use std::time::Duration;

use serde_json::json;

use super::{STREAMS, append, bounds, expected, read, step};
use crate::engine::NewEvent;
use crate::engine::effort::steps_of;
use crate::engine::test::{Site, run};
use crate::request::reading::{Reading, ReadingSource, StepBounds};

#[test]
fn the_first_events_of_a_stream_are_there_before_its_chain_is_walked() {
    let site = Site::new(1 << 20, 8);
    let engines = [site.open(), site.open()];
    run(&engines[0], |batch| batch.create("log", "log", None)).unwrap();
    let mut log = Vec::new();
    append(&engines, &mut log, 3_000);
    // Every seventh event is of the stream: too few for the blocks to be the way to all of them.
    let bounds = bounds(1 << 20, 4096, true, 2);
    for options in [
        json!({ "instance": "log", "stream": STREAMS[3], "limit": 1 }),
        json!({ "instance": "log", "stream": STREAMS[3], "fromSequence": 9, "limit": 3 }),
        json!({ "instance": "log", "stream": STREAMS[3] }),
    ] {
        let expected = expected(&log, &options);
        let reading = Reading::new(ReadingSource::Stream, options.to_string());
        let (first, steps) = steps_of(|| step(&reading, &engines[1], bounds).unwrap().0);
        assert_eq!(steps, 0, "{options}");
        assert!(
            !first.is_empty() && expected.starts_with(&first),
            "{options}"
        );
        let all = read(ReadingSource::Stream, &options, &engines[1], bounds, || {});
        assert_eq!(all.unwrap(), expected, "{options}");
    }
    for engine in engines {
        engine.close().unwrap();
    }
}

#[test]
fn pages_grow_from_a_small_one_whichever_way_is_taken() {
    let site = Site::new(1 << 20, 64);
    let engine = site.open();
    let count = 2_000;
    run(&engine, move |batch| {
        let number = batch.create("log", "log", None)?;
        for _ in 0..count {
            let event = NewEvent {
                stream_id: "a",
                event_type: "t",
                payload: "{}",
                metadata: "{}",
                timestamp_ms: None,
                call: None,
            };
            batch.append(number, &event)?;
        }
        Ok(())
    })
    .unwrap();
    let bounds = StepBounds {
        step: Duration::MAX,
        page_events: 1_000,
        ..StepBounds::DEFAULT
    };
    for (source, options) in [
        (ReadingSource::Instance, json!({ "instance": "log" })),
        (
            ReadingSource::Instance,
            json!({ "instance": "log", "direction": "backward" }),
        ),
        (
            ReadingSource::Instance,
            json!({ "instance": "log", "where": [{ "field": "stream_id", "operator": "eq", "value": "a" }] }),
        ),
        (
            ReadingSource::Stream,
            json!({ "instance": "log", "stream": "a" }),
        ),
        (
            ReadingSource::Stream,
            json!({ "instance": "log", "stream": "a", "direction": "backward" }),
        ),
    ] {
        let reading = Reading::new(source, options.to_string());
        let mut pages = Vec::new();
        while pages.iter().sum::<usize>() < count {
            pages.push(step(&reading, &engine, bounds).unwrap().0.len());
        }
        assert_eq!(
            pages,
            [64, 256, 1_000, count - 64 - 256 - 1_000],
            "{options}"
        );
    }
    engine.close().unwrap();
}
