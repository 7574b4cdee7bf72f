//! Lines that several threads make are those that one makes, in pages that take a bounded amount of memory.

use std::time::Duration;

use serde_json::{Value, json};

use super::{STREAMS, came_of_step, questions};
use crate::engine::test::{Site, run};
use crate::engine::{Engine, NewEvent};
use crate::error::{Code, Error};
use crate::request::query::Helpers;
use crate::request::reading::together::Sharing;
use crate::request::reading::{Reading, ReadingForm, ReadingSource, StepBounds};

const EVENTS: usize = 1_500;

/// The longest line there is by itself.
const LINE_BYTES_MAX: usize = 3_000;

const TOGETHER: Sharing = Sharing {
    page_bytes: 20_000,
    part_bytes: 2_000,
    hire: Helpers::hire_all,
};

const ALONE: Sharing = Sharing {
    hire: |_| Helpers(0),
    ..TOGETHER
};

fn bounds(sharing: Sharing) -> StepBounds {
    StepBounds {
        step: Duration::from_secs(60),
        sharing,
        ..StepBounds::OF_LINES
    }
}

/// Appends events of many lengths, in blocks and after them. The payload of the one with the number `bad` cannot be read.
fn append(engine: &Engine, bad: Option<usize>) {
    run(engine, |batch| batch.create("log", "log", None)).unwrap();
    for first in (0..EVENTS).step_by(100) {
        run(engine, move |batch| {
            let number = batch.find("log")?;
            for index in first..first + 100 {
                let text = "x".repeat(if index % 400 < 300 { 5 } else { index % 2_500 });
                let payload = format!(
                    "{{\"index\":{index},\"third\":{},\"t\":\"{text}\"}}",
                    index % 3
                );
                let event = NewEvent {
                    stream_id: STREAMS[index % 7 % 4],
                    event_type: "t",
                    // As what is encrypted stands, and it is nothing of that kind.
                    payload: if bad == Some(index) {
                        "\"bad\""
                    } else {
                        &payload
                    },
                    metadata: "{}",
                    timestamp_ms: None,
                    call: None,
                };
                batch.append(number, &event)?;
            }
            Ok(())
        })
        .unwrap();
    }
}

/// Makes the next step. Returns the pieces of its page, and what it says of it.
fn step(
    reading: &Reading,
    engine: &Engine,
    bounds: StepBounds,
) -> Result<(Vec<String>, Value), Error> {
    let came = came_of_step(reading, engine, bounds)?;
    let said = came.last().unwrap()[4].clone();
    Ok((std::iter::from_fn(|| reading.take_lines()).collect(), said))
}

fn reading(source: ReadingSource, options: &Value) -> Reading {
    Reading::in_form(ReadingForm::Lines, source, options.to_string())
}

/// The pages of a reading, each of which says what it has.
fn pages(
    (source, options): &(ReadingSource, Value),
    engine: &Engine,
    sharing: Sharing,
) -> (Vec<Vec<String>>, Option<Error>) {
    let reading = reading(*source, options);
    let mut pages = Vec::new();
    loop {
        let (pieces, said) = match step(&reading, engine, bounds(sharing)) {
            Ok(page) => page,
            Err(error) => return (pages, Some(error)),
        };
        let text = pieces.concat();
        let positions: Vec<u64> = text.lines().map(position).collect();
        assert_eq!(said["count"], positions.len());
        assert_eq!(said["firstPosition"].as_u64(), positions.first().copied());
        assert_eq!(said["lastPosition"].as_u64(), positions.last().copied());
        assert!(pieces.iter().all(|piece| piece.ends_with('\n')));
        pages.push(pieces);
        if said["ended"] == true {
            return (pages, None);
        }
    }
}

fn position(line: &str) -> u64 {
    let event: Value = serde_json::from_str(line).unwrap();
    event["position"].as_u64().unwrap()
}

fn texts(pages: &[Vec<String>]) -> String {
    pages.iter().flatten().map(String::as_str).collect()
}

#[test]
fn several_threads_make_the_lines_that_one_makes() {
    let site = Site::new(1 << 20, 64);
    let engine = site.open();
    append(&engine, None);
    let mut in_pieces = 0;
    for question in questions().into_iter().step_by(7) {
        let (alone, refused) = pages(&question, &engine, ALONE);
        let (together, also) = pages(&question, &engine, TOGETHER);
        assert_eq!(texts(&together), texts(&alone), "{question:?}");
        let told = |error: Option<Error>| error.map(|error| error.to_string());
        assert_eq!(told(also), told(refused), "{question:?}");
        assert!(alone.iter().all(|pieces| pieces.len() <= 1));
        in_pieces += together.iter().filter(|pieces| pieces.len() > 1).count();
    }
    assert!(
        in_pieces > 20,
        "{in_pieces} pages were made by several threads"
    );
    engine.close().unwrap();
}

#[test]
fn a_page_and_its_pieces_are_no_longer_than_the_threads_make_them() {
    let site = Site::new(1 << 20, 64);
    let engine = site.open();
    append(&engine, None);
    let all = (ReadingSource::Instance, json!({ "instance": "log" }));
    let (pages, failure) = pages(&all, &engine, TOGETHER);
    assert!(failure.is_none(), "{failure:?}");
    // The first pages have few events, and are made by one thread.
    for pieces in &pages[2..] {
        let longest = pieces.iter().map(String::len).max().unwrap_or_default();
        assert!(
            longest < 2 * TOGETHER.part_bytes + LINE_BYTES_MAX,
            "{longest}"
        );
        let bytes: usize = pieces.iter().map(String::len).sum();
        let under_way = 4 * (2 * TOGETHER.part_bytes + LINE_BYTES_MAX);
        assert!(bytes < TOGETHER.page_bytes + under_way, "{bytes}");
    }
    engine.close().unwrap();
}

#[test]
fn all_lines_before_an_event_that_cannot_be_read_come_first() {
    // In the first part of a page and in a later one, at the begin of a part and within it.
    for bad in [1, 63, 64, 65, 400, 477, 800, 1_001, EVENTS - 1] {
        let site = Site::new(1 << 20, 64);
        let engine = site.open();
        append(&engine, Some(bad));
        let forward = json!({ "instance": "log", "afterPosition": 0 });
        let backward = json!({ "instance": "log", "direction": "backward" });
        for (options, before) in [(forward, bad), (backward, EVENTS - 1 - bad)] {
            let question = (ReadingSource::Instance, options);
            let (pages, failure) = pages(&question, &engine, TOGETHER);
            let error = failure.expect("it is not passed over");
            assert_eq!(error.code(), Code::Corrupted, "{error}");
            let found = texts(&pages).lines().count();
            // Pages that one thread makes are lost with what is in them before it.
            let alone = before.min(64 + 256 + 1_024);
            assert!(found <= before, "{question:?}");
            let is_shared = before >= 64 + 256;
            assert!(
                found == before || !is_shared && found < alone,
                "{found} of {before}"
            );
        }
        engine.close().unwrap();
    }
}

#[test]
fn what_nobody_wants_any_more_is_dropped_and_read_no_further() {
    let site = Site::new(1 << 20, 64);
    let engine = site.open();
    append(&engine, None);
    let reading = reading(ReadingSource::Instance, &json!({ "instance": "log" }));
    for _ in 0..3 {
        assert!(
            !step(&reading, &engine, bounds(TOGETHER))
                .unwrap()
                .0
                .is_empty()
        );
    }
    reading.leave();
    let (pieces, said) = step(&reading, &engine, bounds(TOGETHER)).unwrap();
    assert!(pieces.is_empty());
    // It has ended with what was begun.
    let count = said["count"].as_u64().unwrap();
    assert!(count > 0 && count < 200, "{count}");
    engine.close().unwrap();
}
