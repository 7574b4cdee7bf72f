//! The same calls, made on both engines, have the same answers.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use super::list_engine::ListEngine;
use crate::cancellation::Cancellation;
use crate::engine::IN_MEMORY;
use crate::engine::test::Random;
use crate::query::test::generate::parts;
use crate::request::{
    Call, Course, Log, LogOptions, Method, Move, Piece, Reading, ReadingSource, Recipient,
    Response, Work,
};

const SEEDS: std::ops::Range<u64> = 0..6;

const CALLS: usize = 60;

/// A guard, so that what never comes is a failure and no hang.
const PATIENCE: Duration = Duration::from_secs(60);

/// Hands on what a call is answered with, pieces first, and a mark after the response.
struct Inbox(Sender<Option<String>>);

impl Recipient for Inbox {
    fn receive_piece(&self, _: u32, piece: &Piece, _: &Cancellation) {
        let mut text = String::new();
        piece.write_values(&mut text);
        self.0.send(Some(text)).unwrap();
    }

    fn receive(&self, _: u32, response: &Response) {
        let mut text = String::new();
        response.write_values(&mut text);
        self.0.send(Some(text)).unwrap();
        self.0.send(None).unwrap();
    }
}

/// A log, and what it has chosen by chance so far.
struct Caller {
    log: Arc<Log>,
    inbox: Arc<Inbox>,
    answers: Receiver<Option<String>>,
    chances: Vec<String>,
}

impl Caller {
    fn of(open: impl FnOnce(crate::request::Done) -> Arc<Log>) -> Self {
        let (sender, opened) = channel();
        let log = open(Box::new(move |outcome| sender.send(outcome).unwrap()));
        opened.recv_timeout(PATIENCE).unwrap().unwrap();
        let (sender, answers) = channel();
        Self {
            log,
            inbox: Arc::new(Inbox(sender)),
            answers,
            chances: Vec::new(),
        }
    }

    fn both() -> [Self; 2] {
        let options = LogOptions::default;
        let file = |done| Log::open(PathBuf::from(IN_MEMORY), options(), done);
        let opener = |_: &Cancellation| Ok(Box::new(ListEngine::default()) as _);
        let list = |done| Log::open_by(Box::new(opener), &options(), done);
        [Self::of(file), Self::of(list)]
    }

    /// What some work is answered with. What is chosen by chance, ids and the generations of consumers, is told by the
    /// order in which it came up.
    fn answer(&mut self, work: Work, now_ms: i64) -> String {
        self.log.set_time(now_ms);
        let wanted = Cancellation::default();
        self.log
            .call(Call::new(work, self.inbox.clone(), 0, wanted));
        let mut answer = String::new();
        while let Some(text) = self.answers.recv_timeout(PATIENCE).unwrap() {
            answer.push_str(&text);
            answer.push('\n');
        }
        self.without_chance(&answer)
    }

    fn without_chance(&mut self, answer: &str) -> String {
        const GENERATION: &str = "\"generation\":";
        let mut out = String::new();
        let mut rest = answer;
        while let Some(first) = rest.chars().next() {
            let id = (rest.get(..36)).filter(|text| uuid::Uuid::try_parse(text).is_ok());
            let number = out.ends_with(GENERATION).then(|| {
                let end = rest.find(|letter: char| !letter.is_ascii_digit());
                &rest[..end.unwrap_or(rest.len())]
            });
            let Some(chance) = id.or(number) else {
                out.push(first);
                rest = &rest[first.len_utf8()..];
                continue;
            };
            let known = self.chances.iter().position(|known| known == chance);
            let known = known.unwrap_or_else(|| {
                self.chances.push(chance.to_owned());
                self.chances.len() - 1
            });
            out.push_str(&format!("<{known}>"));
            rest = &rest[chance.len()..];
        }
        out
    }
}

/// One call, or the steps of a course up to its end.
enum Asked {
    Call(&'static str, Value),
    Steps(&'static str, Value),
    /// A subscription by a consumer, which it makes, reads a page for, and moves.
    Consume(Value, u64),
}

impl Asked {
    fn answers(&self, caller: &mut Caller, now_ms: i64) -> Vec<String> {
        match self {
            Self::Call(method, arguments) => {
                let method = Method::named(method).unwrap();
                let work = method.call(arguments.to_string());
                let work =
                    work.or_else(|| method.operation("[]", crate::progress::Progress::default()));
                vec![caller.answer(work.unwrap(), now_ms)]
            }
            Self::Consume(options, position) => {
                let reading = Arc::new(Reading::new(
                    ReadingSource::Subscription,
                    options.to_string(),
                ));
                let moves = [Move::Register, Move::Acknowledge(*position)];
                let [register, acknowledge] = moves.map(|change| reading.moving(change));
                let registered = caller.answer(register, now_ms);
                let page = events_of(&[caller.answer(reading.page(), now_ms)]);
                vec![registered, page, caller.answer(acknowledge, now_ms)]
            }
            Self::Steps(method, options) => {
                let course = Method::named(method).unwrap().begin(options.to_string());
                let Some(Course::Reading(reading)) = course else {
                    panic!("{method} is no reading");
                };
                let mut answers = Vec::new();
                loop {
                    let answer = caller.answer(reading.page(), now_ms);
                    // The list engine has smaller chunks, so that a step may look at fewer events.
                    let goes_on = answer.contains("\"ended\":false");
                    answers.push(answer);
                    if !goes_on {
                        return vec![events_of(&answers)];
                    }
                }
            }
        }
    }
}

/// What the pages have said together, however many they were.
fn events_of(pages: &[String]) -> String {
    let lines = pages.iter().flat_map(|page| page.lines());
    let is_event = |line: &&str| line.contains("made") || line.starts_with("0,");
    lines.filter(is_event).collect::<Vec<_>>().join("\n")
}

fn instance(random: &mut Random) -> String {
    format!("i{}", random.below(3))
}

fn event(random: &mut Random, instance: &str) -> Value {
    let mut event = json!({
        "instanceId": instance,
        "eventType": if random.one_in(2) { "made" } else { "made.again" },
        "streamId": format!("s{}", random.below(3)),
        "payload": { "n": random.below(9), "text": "x".repeat(random.below(40)) },
        "metadata": {},
    });
    if random.one_in(4) {
        event["timestamp"] = json!(format!("2026-01-0{}T00:00:00Z", 1 + random.below(9)));
    }
    event
}

/// Conditions under which an append is made.
fn guard(random: &mut Random, call: &mut Value) {
    match random.below(6) {
        0 if call["events"].is_null() => call["expectedSequence"] = json!(random.below(6)),
        1 => {
            let matches =
                json!({ "field": "payload.n", "operator": "eq", "value": random.below(9) });
            call["failIf"] = json!({ "where": [matches], "afterPosition": random.below(4) });
        }
        2 => call["idempotencyKey"] = json!(format!("key {}", random.below(5))),
        3 => {
            let position = random.below(12);
            call["checkpoint"] = json!({ "consumer": "worker", "position": position });
        }
        _ => {}
    }
}

fn append(random: &mut Random) -> Asked {
    let instance = instance(random);
    let mut call = event(random, &instance);
    call["autoCreateInstance"] = json!(!random.one_in(4));
    guard(random, &mut call);
    Asked::Call("appendEvent", json!([call]))
}

fn append_many(random: &mut Random) -> Asked {
    let (instance, event_count) = (instance(random), 1 + random.below(12));
    let mut event = || {
        let mut event = event(random, &instance);
        event["instanceId"].take();
        event
    };
    let events: Vec<Value> = (0..event_count).map(|_| event()).collect();
    let mut call = json!({ "instanceId": instance, "autoCreateInstance": true, "events": events });
    guard(random, &mut call);
    Asked::Call("appendEvents", json!([call]))
}

fn query(random: &mut Random, runner: &mut TestRunner) -> Asked {
    let mut query = parts().new_tree(runner).unwrap().current();
    query["from"] = json!({ "instance": instance(random) });
    if random.one_in(3) {
        query["from"]["stream"] = json!(format!("s{}", random.below(3)));
    }
    Asked::Call("queryEvents", json!([query]))
}

fn about_instances(random: &mut Random) -> Asked {
    let instance = instance(random);
    match random.below(7) {
        0 => Asked::Call("createInstance", json!([instance])),
        1 => Asked::Call(
            "updateInstance",
            json!([instance, { "description": "told" }]),
        ),
        2 => Asked::Call("updateInstance", json!([instance, { "name": "other" }])),
        3 if random.one_in(3) => Asked::Call("deleteInstance", json!([instance])),
        4 => Asked::Call("getInstance", json!([instance])),
        5 => Asked::Call("listInstances", json!([])),
        _ => Asked::Call("getInstanceStats", json!([instance])),
    }
}

fn about_consumers(random: &mut Random) -> Asked {
    let instance = instance(random);
    let named = json!([{ "instance": instance, "consumer": "worker" }]);
    match random.below(8) {
        5.. => Asked::Consume(
            json!({ "instance": instance, "consumer": "worker" }),
            1 + random.below(9) as u64,
        ),
        0 => Asked::Call(
            "resetConsumer",
            json!([{
                "instance": instance, "consumer": "worker", "position": random.below(9),
            }]),
        ),
        1 => Asked::Call("deleteConsumer", named),
        2 => Asked::Call("listParked", named),
        3 => Asked::Call("discardParked", named),
        _ => Asked::Call("listConsumers", json!([{ "instance": instance }])),
    }
}

fn reading(random: &mut Random) -> Asked {
    let mut options = json!({ "instance": instance(random) });
    if random.one_in(2) {
        options["direction"] = json!("backward");
    }
    if random.one_in(3) {
        options["limit"] = json!(random.below(5));
    }
    if random.one_in(2) {
        options["stream"] = json!(format!("s{}", random.below(3)));
        return Asked::Steps("readStream", options);
    }
    Asked::Steps("readAll", options)
}

fn asked(random: &mut Random, runner: &mut TestRunner) -> Asked {
    match random.below(12) {
        0..4 => append(random),
        4 => append_many(random),
        5 | 6 => query(random, runner),
        7 => about_instances(random),
        8 => about_consumers(random),
        9 => reading(random),
        10 => {
            let instance = instance(random);
            Asked::Call(
                "listStreams",
                json!([{ "instance": instance, "limit": 1 + random.below(3) }]),
            )
        }
        _ => Asked::Call("verify", json!([])),
    }
}

#[test]
fn a_log_that_is_nothing_but_lists_answers_as_one_in_a_file() {
    let mut runner = TestRunner::deterministic();
    let (mut successes, mut failures) = (0, 0);
    for seed in SEEDS {
        let mut random = Random::of(seed);
        let [mut file, mut list] = Caller::both();
        for step in 0..CALLS {
            let asked = asked(&mut random, &mut runner);
            let now_ms = 1_790_000_000_000 + 1000 * step as i64;
            let expected = asked.answers(&mut list, now_ms);
            let found = asked.answers(&mut file, now_ms);
            let what = match &asked {
                Asked::Call(method, given) | Asked::Steps(method, given) => {
                    format!("seed {seed}, step {step}: {method} {given}")
                }
                Asked::Consume(given, position) => {
                    format!("seed {seed}, step {step}: subscribe {given} up to {position}")
                }
            };
            assert_eq!(found, expected, "{what}");
            if expected.iter().any(|answer| answer.starts_with("0,")) {
                failures += 1;
            } else {
                successes += 1;
            }
        }
        file.log.close_and_wait().unwrap();
        list.log.close_and_wait().unwrap();
    }
    // Calls that all fail would say nothing.
    assert!(successes > 2 * failures, "{successes} and {failures}");
    assert!(failures > 10, "{failures}");
}
