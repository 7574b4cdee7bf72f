//! Whatever is read step by step has each event once and in order, wherever what keeps the log goes away.

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use serde_json::{Value, json};

use super::list_engine::ListEngine;
use super::losing::{LosingEngine, Losses};
use crate::cancellation::Cancellation;
use crate::request::{
    Call, Course, Failed, Log, LogOptions, Method, Move, Piece, Reading, ReadingForm,
    ReadingSource, Recipient, Response, Work,
};
use crate::testing::PATIENCE;

/// More than the first page of a reading has.
const EVENTS: u64 = 70;

/// How long the text of an event is: so long that a part of the first page goes ahead.
const TEXT_BYTES: usize = 2_500;

/// The events that are parked and put back: so many that a part of them goes ahead.
const PARKED: std::ops::RangeInclusive<u64> = 3..=47;

/// Up to which event a consumer has acknowledged all.
const ACKNOWLEDGED: u64 = 50;

/// Hands on what a call is answered with, pieces first.
struct Inbox(Sender<(bool, String)>);

impl Recipient for Inbox {
    fn receive_piece(&self, _: u32, piece: &Piece, _: &Cancellation) {
        let mut text = String::new();
        piece.write_values(&mut text);
        self.0.send((false, text)).unwrap();
    }

    fn receive(&self, _: u32, response: &Response) {
        let mut text = String::new();
        response.write_values(&mut text);
        self.0.send((true, text)).unwrap();
    }
}

/// What a call that has to succeed is answered with.
fn answer(log: &Log, work: Work) -> String {
    let (sender, answers) = channel();
    let wanted = Cancellation::default();
    log.call(Call::new(work, Arc::new(Inbox(sender)), 0, wanted));
    let mut all = String::new();
    loop {
        let (is_response, text) = answers.recv_timeout(PATIENCE).unwrap();
        all.push_str(&text);
        if is_response {
            assert!(!text.starts_with("0,"), "{text}");
            return all;
        }
    }
}

fn call(log: &Log, method: &str, arguments: &Value) -> String {
    let method = Method::named(method).unwrap();
    answer(log, method.call(arguments.to_string()).unwrap())
}

/// The numbers of the events of a text, in its order.
fn numbers(text: &str) -> Vec<u64> {
    let numbers = text.split("{\"n\":").skip(1);
    let number = |rest: &str| rest.split_once(',').unwrap().0.parse().unwrap();
    numbers.map(number).collect()
}

/// A log with events in three streams, whose numbers are their positions.
fn log() -> (Arc<Log>, Losses) {
    let losses = Losses::default();
    let own = losses.clone();
    let opener = move |_: &Cancellation| {
        Ok(Box::new(LosingEngine {
            kept: ListEngine::default(),
            losses: own.clone(),
        }) as _)
    };
    let (sender, opened) = channel();
    let done = Box::new(move |outcome| sender.send(outcome).unwrap());
    let log = Log::open_by(Box::new(opener), &LogOptions::default(), done);
    opened.recv_timeout(PATIENCE).unwrap().unwrap();
    let event = |n: u64| {
        json!({
            "streamId": format!("s{}", n % 3), "eventType": "made",
            "payload": { "n": n, "text": "x".repeat(TEXT_BYTES) },
        })
    };
    let events: Vec<Value> = (1..=EVENTS).map(event).collect();
    let batch = json!([{ "instanceId": "i", "autoCreateInstance": true, "events": events }]);
    call(&log, "appendEvents", &batch);
    (log, losses)
}

/// All that a reading gives out until it has come to the end.
fn read(log: &Log, reading: &Arc<Reading>) -> Vec<u64> {
    let mut all = Vec::new();
    loop {
        let page = answer(log, reading.page());
        all.extend(numbers(&page));
        all.extend(numbers(&reading.take_lines().unwrap_or_default()));
        if page.contains("\"caughtUp\":true") {
            return all;
        }
    }
}

fn read_by(log: &Log, method: &str, form: ReadingForm, options: &Value) -> Vec<u64> {
    let method = Method::named(method).unwrap();
    let Some(Course::Reading(reading)) = method.begin(options.to_string(), form) else {
        panic!("it is no reading");
    };
    read(log, &reading)
}

/// A reading of the log, and the numbers of the events that it has.
type Case = (&'static str, Box<dyn Fn(&Log) -> Vec<u64>>, Vec<u64>);

fn case(
    name: &'static str,
    read: impl Fn(&Log) -> Vec<u64> + 'static,
    expected: impl IntoIterator<Item = u64>,
) -> Case {
    (name, Box::new(read), expected.into_iter().collect())
}

/// A reading by a method that takes these options.
fn reading(
    name: &'static str,
    method: &'static str,
    form: ReadingForm,
    options: Value,
    expected: impl IntoIterator<Item = u64>,
) -> Case {
    case(
        name,
        move |log| read_by(log, method, form, &options),
        expected,
    )
}

fn readings() -> Vec<Case> {
    let all = || 1..=EVENTS;
    let odd = || json!([{ "field": "payload.n", "operator": "in", "value": (1..=EVENTS).step_by(2).collect::<Vec<_>>() }]);
    let (values, lines) = (ReadingForm::Values, ReadingForm::Lines);
    let of = |more: Value| {
        let mut options = json!({ "instance": "i" });
        options
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        options
    };
    let backward = json!("backward");
    let first = |n: &u64| n % 3 == 1;
    vec![
        reading("all", "readAll", values, of(json!({})), all()),
        reading("all, as lines", "readAll", lines, of(json!({})), all()),
        reading(
            "all, backward",
            "readAll",
            values,
            of(json!({ "direction": backward })),
            all().rev(),
        ),
        reading(
            "what matches",
            "readAll",
            values,
            of(json!({ "where": odd() })),
            all().step_by(2),
        ),
        reading(
            "what matches, backward, up to a limit",
            "readAll",
            lines,
            of(json!({ "where": odd(), "direction": backward, "limit": 20 })),
            all().rev().filter(|n| n % 2 == 1).take(20),
        ),
        reading(
            "a stream",
            "readStream",
            values,
            of(json!({ "stream": "s1" })),
            all().filter(first),
        ),
        reading(
            "a stream, backward",
            "readStream",
            lines,
            of(json!({ "stream": "s1", "direction": backward, "limit": 15 })),
            all().filter(first).rev().take(15),
        ),
        reading(
            "what is followed",
            "subscribe",
            values,
            of(json!({ "where": odd(), "afterPosition": 10 })),
            all().step_by(2).skip(5),
        ),
        case("an export", exported, all()),
        case(
            "a consumer",
            consumed,
            PARKED.chain(ACKNOWLEDGED + 1..=EVENTS),
        ),
    ]
}

/// All that an export has, which begins and ends as it should.
fn exported(log: &Log) -> Vec<u64> {
    let Some(Course::Export(export)) = Method::named("exportEvents")
        .unwrap()
        .begin("{}".to_owned(), ReadingForm::Values)
    else {
        panic!("it is no export");
    };
    let mut lines = String::new();
    loop {
        let step = answer(log, export.next());
        lines.push_str(&export.take_page().unwrap_or_default());
        if step.contains("\"ended\":true") {
            assert!(step.contains(&format!("\"done\":{EVENTS},")), "{step}");
            // The header, the instance, and the end.
            assert_eq!(lines.lines().count() as u64, EVENTS + 3);
            return numbers(&lines);
        }
    }
}

/// What a consumer is given that has acknowledged most events, some of which were parked and are put back.
fn consumed(log: &Log) -> Vec<u64> {
    let named = json!([{ "instance": "i", "consumer": "c" }]);
    let begin = || {
        let options = json!({ "instance": "i", "consumer": "c" }).to_string();
        let reading = Arc::new(Reading::new(ReadingSource::Subscription, options));
        answer(log, reading.moving(Move::Register));
        reading
    };
    let first = begin();
    for position in PARKED {
        let failed = Failed {
            position,
            turn: None,
            attempts: 1,
            error: None,
        };
        answer(log, first.moving(Move::Park(failed)));
    }
    answer(log, first.moving(Move::Acknowledge(ACKNOWLEDGED)));
    call(log, "retryParked", &named);
    let given = read(log, &begin());
    call(log, "deleteConsumer", &named);
    given
}

#[test]
fn each_event_is_given_out_once_and_in_order_wherever_one_snapshot_is_lost() {
    let (log, losses) = log();
    for (name, read, expected) in readings() {
        assert_eq!(read(&log), expected, "{name}");
        let mut lost = 0;
        for reads in 0.. {
            losses.one_after(reads);
            assert_eq!(read(&log), expected, "{name}, lost after {reads}");
            if losses.end() == 0 {
                break;
            }
            lost += 1;
        }
        assert!(lost > expected.len(), "{name}: lost {lost} times");
    }
    log.close_and_wait().unwrap();
}
