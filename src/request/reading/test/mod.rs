//! Whatever pages it comes in and whichever way is taken, a reading has the events that were there when
//! it began.

mod consumers;
mod options;
mod pages;
mod search;
mod subscription;
mod together;

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Value, json};

use super::together::Sharing;
use super::{Reading, ReadingSource, StepBounds};
use crate::cancellation::Cancellation;
use crate::engine::test::{Site, run};
use crate::engine::{Engine, NewEvent, Pace};
use crate::error::{Code, Error};
use crate::request::delivery::Delivery;
use crate::request::encryption::{Keys, Revealing};
use crate::request::result::ResultWriter;
use crate::request::retained::RetainedSnapshot;
use crate::request::{Piece, Recipient, Response};
use crate::testing;

/// Keeps the values of the lists that come.
#[derive(Default)]
struct Inbox(Mutex<Vec<Vec<Value>>>);

impl Inbox {
    fn add(&self, write: impl FnOnce(&mut String)) {
        let mut text = String::from("[");
        write(&mut text);
        text.push(']');
        self.0.lock().push(serde_json::from_str(&text).unwrap());
    }
}

impl Recipient for Inbox {
    fn receive_piece(&self, _: u32, piece: &Piece, _: &Cancellation) {
        self.add(|out| piece.write_values(out));
    }

    fn receive(&self, _: u32, response: &Response) {
        self.add(|out| response.write_values(out));
    }
}

/// What is read of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Read {
    stream: String,
    sequence: u64,
    position: u64,
    payload: Value,
}

/// The events of a piece.
fn events_of(values: &[Value]) -> Vec<Read> {
    if values[0] == 5 {
        assert_eq!(values[1], 0, "other elements than events");
        return Vec::new();
    }
    assert_eq!((&values[0], &values[2]), (&json!(7), &json!("log")));
    let read = testing::events_of(values).into_iter().map(|event| Read {
        stream: event[1].as_str().unwrap().to_owned(),
        sequence: event[4].as_u64().unwrap(),
        position: event[7].as_u64().unwrap(),
        payload: event[5].clone(),
    });
    read.collect()
}

/// Makes the next step. Returns what has come of it, with the response as the last.
fn came_of_step(
    reading: &Reading,
    engine: &Engine,
    bounds: StepBounds,
) -> Result<Vec<Vec<Value>>, Error> {
    let inbox = Arc::new(Inbox::default());
    let mut delivery = Delivery::new(Arc::<Inbox>::clone(&inbox), 0);
    let cancellation = Cancellation::default();
    let snapshot = engine.snapshot()?;
    let pace = Pace::at_once();
    let writer = ResultWriter::new(&mut delivery, &cancellation, &pace);
    let retained = RetainedSnapshot::over(&snapshot);
    let keys = Keys::default();
    let answer = reading.step_within(&retained, writer, &Revealing::by(&keys), bounds)?;
    delivery.answer(Ok(answer));
    Ok(std::mem::take(&mut *inbox.0.lock()))
}

/// Makes the next step. Returns the events of its page, and whether it was the last one.
fn step(
    reading: &Reading,
    engine: &Engine,
    bounds: StepBounds,
) -> Result<(Vec<Read>, bool), Error> {
    let mut came = came_of_step(reading, engine, bounds)?;
    let response = came.pop().unwrap();
    let mut events: Vec<Read> = came.iter().flat_map(|piece| events_of(piece)).collect();
    events.extend(events_of(&response[5..]));
    assert!(events.len() <= bounds.page_events);
    Ok((events, response[4]["ended"].as_bool().unwrap()))
}

/// Reads to the end, with `between` called before each step but the first.
fn read(
    source: ReadingSource,
    options: &Value,
    engine: &Engine,
    bounds: StepBounds,
    mut between: impl FnMut(),
) -> Result<Vec<Read>, Error> {
    let reading = Reading::new(source, options.to_string());
    let mut all = Vec::new();
    loop {
        let (events, ended) = step(&reading, engine, bounds)?;
        all.extend(events);
        if ended {
            return Ok(all);
        }
        between();
    }
}

const STREAMS: [&str; 4] = ["a", "b", "a", "c\u{1f600}"];

/// Appends events in commits of a few, by one process and then the other.
fn append(engines: &[Engine; 2], log: &mut Vec<Read>, count: usize) {
    for _ in 0..count.div_ceil(3) {
        let first = log.len();
        let engine = &engines[first % 2];
        let appended = run(engine, move |batch| {
            let number = batch.find("log")?;
            let mut appended = Vec::new();
            for index in first..first + 3 {
                let payload = format!("{{\"index\":{index},\"third\":{}}}", index % 3);
                let event = NewEvent {
                    stream_id: STREAMS[index % 7 % 4],
                    event_type: "t",
                    payload: &payload,
                    metadata: "{}",
                    timestamp_ms: None,
                    call: None,
                };
                appended.push(batch.append(number, &event)?.sequence_number);
            }
            Ok(appended)
        });
        for sequence in appended.unwrap() {
            let index = log.len();
            log.push(Read {
                stream: STREAMS[index % 7 % 4].to_owned(),
                sequence,
                position: index as u64 + 1,
                payload: json!({ "index": index, "third": index % 3 }),
            });
        }
    }
}

fn bounds(page_bytes: usize, page_events: usize, in_steps: bool, dense: u64) -> StepBounds {
    StepBounds {
        page_bytes,
        page_events,
        step: if in_steps {
            Duration::ZERO
        } else {
            Duration::from_secs(60)
        },
        dense,
        sharing: Sharing::DEFAULT,
    }
}

/// The events that `options` ask for, by looking at each.
fn expected(log: &[Read], options: &Value) -> Vec<Read> {
    let number = |key: &str| options[key].as_u64();
    let backward = options["direction"] == "backward";
    let stands = |value: u64, start: u64| {
        if backward {
            value <= start
        } else {
            value >= start
        }
    };
    let mut found: Vec<Read> = log
        .iter()
        .filter(|event| {
            number("afterPosition")
                .is_none_or(|after| event.position != after && stands(event.position, after))
                && number("fromSequence").is_none_or(|from| stands(event.sequence, from))
                && options["stream"]
                    .as_str()
                    .is_none_or(|it| event.stream == it)
                && options["where"]
                    .as_array()
                    .is_none_or(|_| event.payload["third"] == 1)
        })
        .cloned()
        .collect();
    if backward {
        found.reverse();
    }
    found.truncate(number("limit").map_or(usize::MAX, |limit| limit as usize));
    found
}

/// The events that there are to be read, or what is wrong with where the reading is to begin: that is past the end.
fn outcome(log: &[Read], options: &Value) -> Result<Vec<Read>, String> {
    let number = |key: &str| options[key].as_u64();
    let last = log.len() as u64;
    if let Some(after) = number("afterPosition").filter(|after| *after > last) {
        let expected = format!("expected at most the position of the last event, {last}");
        return Err(format!("afterPosition: {expected}, found {after}"));
    }
    let of_stream = |event: &&Read| options["stream"] == *event.stream;
    let next = log.iter().filter(of_stream).count() as u64 + 1;
    if let Some(from) = number("fromSequence").filter(|from| *from > next) {
        let last = match next {
            1 => "the stream has no events".to_owned(),
            _ => format!("the last event of the stream has {}", next - 1),
        };
        let expected = format!("expected a number of at most {next}, as {last}");
        return Err(format!("fromSequence: {expected}, found {from}"));
    }
    Ok(expected(log, options))
}

/// What came of a reading.
fn told(found: Result<Vec<Read>, Error>) -> Result<Vec<Read>, String> {
    found.map_err(|error| {
        assert_eq!(error.code(), Code::InvalidArgument, "{error}");
        error.text().to_owned()
    })
}

/// What is asked for, all in all.
fn questions() -> Vec<(ReadingSource, Value)> {
    let third = json!([{ "field": "payload.third", "operator": "eq", "value": 1 }]);
    let mut questions = Vec::new();
    for direction in [None, Some("forward"), Some("backward")] {
        for limit in [None, Some(0), Some(1), Some(7), Some(1_000)] {
            for start in [
                None,
                Some(0),
                Some(1),
                Some(9),
                Some(40),
                Some(75),
                Some(76),
                Some(u64::from(u32::MAX)),
            ] {
                let ask = |also: Value| {
                    let mut options = json!({ "instance": "log" });
                    let given = [("direction", json!(direction)), ("limit", json!(limit))];
                    let also = also.as_object().unwrap().clone();
                    for (key, value) in given
                        .into_iter()
                        .map(|(key, it)| (key.to_owned(), it))
                        .chain(also)
                    {
                        if !value.is_null() {
                            options[key] = value;
                        }
                    }
                    options
                };
                questions.push((
                    ReadingSource::Instance,
                    ask(json!({ "afterPosition": start })),
                ));
                let sifted = json!({ "afterPosition": start, "where": third });
                questions.push((ReadingSource::Instance, ask(sifted)));
                for stream in ["a", "c\u{1f600}", "none"] {
                    let of_stream = json!({ "fromSequence": start, "stream": stream });
                    questions.push((ReadingSource::Stream, ask(of_stream)));
                }
            }
        }
    }
    questions
}

#[test]
fn every_way_and_every_page_gives_the_events_that_were_asked_for() {
    for (segment_bytes, block_events) in [(2048, 1), (2048, 8), (16_384, 40)] {
        let site = Site::new(segment_bytes, block_events);
        let engines = [site.open(), site.open()];
        run(&engines[0], |batch| batch.create("log", "log", None)).unwrap();
        let mut log = Vec::new();
        append(&engines, &mut log, 75);
        for (source, options) in questions() {
            for bounds in [
                bounds(1 << 20, 4096, false, 1_000),
                bounds(1 << 20, 4096, false, 0),
                bounds(400, 2, true, 1_000),
                bounds(1, 5, true, 0),
            ] {
                let found = read(source, &options, &engines[1], bounds, || {});
                assert_eq!(told(found), outcome(&log, &options), "{options} {bounds:?}");
            }
        }
        for engine in engines {
            engine.close().unwrap();
        }
    }
}

#[test]
fn what_is_appended_meanwhile_is_not_read() {
    for block_events in [3, 40] {
        let site = Site::new(4096, block_events);
        let engines = [site.open(), site.open()];
        run(&engines[0], |batch| batch.create("log", "log", None)).unwrap();
        let mut log = Vec::new();
        append(&engines, &mut log, 30);
        for (source, options) in questions().into_iter().step_by(7) {
            for dense in [0, 1_000] {
                let expected = outcome(&log, &options);
                let bounds = bounds(1, 5, true, dense);
                let found = read(source, &options, &engines[0], bounds, || {
                    if log.len() < 600 {
                        append(&engines, &mut log, 3);
                    }
                });
                assert_eq!(told(found), expected, "{options}");
            }
        }
        assert_eq!(log.len(), 600);
        for engine in engines {
            engine.close().unwrap();
        }
    }
}

#[test]
fn an_instance_that_is_deleted_and_made_again_is_not_taken_for_the_same() {
    let site = Site::new(4096, 8);
    let engines = [site.open(), site.open()];
    run(&engines[0], |batch| batch.create("log", "log", None)).unwrap();
    append(&engines, &mut Vec::new(), 30);
    let options = json!({ "instance": "log" });
    let failed = read(
        ReadingSource::Instance,
        &options,
        &engines[0],
        bounds(1, 5, true, 0),
        || {
            run(&engines[1], |batch| {
                let number = batch.find("log")?;
                batch.delete(number)?;
                batch.create("log", "log", None)
            })
            .unwrap();
            append(&engines, &mut Vec::new(), 30);
        },
    );
    let error = failed.unwrap_err();
    assert_eq!(error.code(), Code::InstanceNotFound);
    assert!(
        error.text().contains("deleted while it was read"),
        "{error}"
    );
    for engine in engines {
        engine.close().unwrap();
    }
}
