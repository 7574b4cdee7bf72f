//! Calls by chance, of every kind.

use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};

use super::caller::Caller;
use super::random::Random;
use crate::progress::Progress;
use crate::request::{Course, Method, Move, Reading, ReadingForm, ReadingSource, ResponseKind};

/// One call, or the steps of a course up to its end.
pub enum Asked {
    /// A call.
    Call(&'static str, Value),
    /// A course, step by step.
    Steps(&'static str, Value),
    /// The trim of an instance, or of a stream of it, as `measure` and `store` make it.
    Trim([&'static str; 2], Value),
    /// A subscription by a consumer, which it makes, reads a page for, and moves.
    Consume(Value, u64),
}

/// What has a trim stored: the options that it was measured with, and what was measured, as the package's JavaScript gives it.
///
/// # Panics
///
/// The options are no object.
#[must_use]
pub fn trim_as_measured(options: &Value, measured: &Value) -> Value {
    let mut given = options.clone();
    for key in [
        "number",
        "erasures",
        "first",
        "out",
        "horizon",
        "own",
        "positions",
        "bytes",
    ] {
        if let Some(value) = measured.get(key) {
            given[key] = value.clone();
        }
    }
    // They are measured from the newest one back.
    let positions = given.get_mut("positions");
    if let Some(positions) = positions.and_then(Value::as_array_mut) {
        positions.reverse();
    }
    given
}

impl Asked {
    /// What it is answered with.
    ///
    /// # Panics
    ///
    /// It is none of the calls that there are, or is not answered.
    pub fn answers(&self, caller: &mut Caller, now_ms: i64) -> Vec<String> {
        match self {
            Self::Call(method, arguments) => {
                let method = Method::named(method).unwrap();
                let work = method.call(arguments.to_string());
                let work = work.or_else(|| method.operation("[]", Progress::default()));
                vec![caller.answer(work.unwrap(), now_ms)]
            }
            Self::Trim([measure, store], options) => {
                let mut ask = |method: &str, options: &Value| {
                    let work = Method::named(method)
                        .unwrap()
                        .call(json!([options]).to_string());
                    caller.answer(work.unwrap(), now_ms)
                };
                let measured = ask(measure, options);
                let values: Vec<Value> = serde_json::from_str(&format!("[{measured}]")).unwrap();
                let Some(data) = values.iter().rfind(|value| value.is_object()) else {
                    return vec![measured];
                };
                let stored = ask(store, &trim_as_measured(options, data));
                vec![measured, stored]
            }
            Self::Consume(options, position) => {
                let reading = Arc::new(Reading::new(
                    ReadingSource::Subscription,
                    options.to_string(),
                ));
                let moves = [Move::Register, Move::Acknowledge(*position)];
                let [register, acknowledge] = moves.map(|change| reading.moving(change));
                let registered = caller.answer(register, now_ms);
                let pages = pages_of(caller, &reading, now_ms);
                vec![registered, pages, caller.answer(acknowledge, now_ms)]
            }
            Self::Steps(method, options) => {
                let course = Method::named(method)
                    .unwrap()
                    .begin(options.to_string(), ReadingForm::Values);
                let Some(Course::Reading(reading)) = course else {
                    panic!("{method} is no reading");
                };
                vec![pages_of(caller, &reading, now_ms)]
            }
        }
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(method, given) | Self::Steps(method, given) => write!(f, "{method} {given}"),
            Self::Trim([_, store], given) => write!(f, "{store} {given}"),
            Self::Consume(given, position) => write!(f, "subscribe {given} up to {position}"),
        }
    }
}

/// What the pages of a reading say together, however many they are: a step ends after some time, wherever it is.
fn pages_of(caller: &mut Caller, reading: &Arc<Reading>, now_ms: i64) -> String {
    let mut said = Vec::new();
    loop {
        let page = caller.answer(reading.page(), now_ms);
        said.extend(page.lines().flat_map(said_in));
        if !page.contains("\"caughtUp\":false") {
            return said.join(",");
        }
    }
}

/// What a line of an answer says: that it is a failure, or its events, each with its values beside each other.
fn said_in(line: &str) -> Vec<String> {
    let mut values: Vec<Value> = serde_json::from_str(&format!("[{line}]")).unwrap();
    if values[0] == ResponseKind::Failure.number() {
        return vec![line.to_owned()];
    }
    if values[0] == ResponseKind::Result.number() {
        // The kind, a message, the name of the list, other members.
        values.drain(..4);
    }
    if values[0] == ResponseKind::PieceOfValues.number() {
        assert_eq!(values[1], 0, "{line}");
        return Vec::new();
    }
    let events = events_of(&values).into_iter();
    events
        .map(|event| Value::Array(event).to_string())
        .collect()
}

/// The seven values of each event of a piece, and its position if it has one.
pub(crate) fn events_of(piece: &[Value]) -> Vec<Vec<Value>> {
    let head = match piece[0].as_u64() {
        Some(4) => 5,
        Some(7) => 6,
        _ => panic!("expected events, found {piece:?}"),
    };
    let count = piece[1].as_u64().unwrap() as usize;
    let (heads, data) = piece[3..].split_at(head * count);
    let (payloads, metadata) = data.split_at(count);
    assert_eq!(metadata.len(), count);
    let of_event = |(at, head): (usize, &[Value])| {
        let data = [payloads[at].clone(), metadata[at].clone()];
        [&head[..5], &data, &head[5..]].concat()
    };
    heads.chunks(head).enumerate().map(of_event).collect()
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

fn of_query(random: &mut Random, mut query: Value) -> Asked {
    query["from"] = json!({ "instance": instance(random) });
    if random.one_in(3) {
        query["from"]["stream"] = json!(format!("s{}", random.below(3)));
    }
    Asked::Call("queryEvents", json!([query]))
}

fn about_instances(random: &mut Random) -> Asked {
    let instance = instance(random);
    match random.below(9) {
        0 => Asked::Call("createInstance", json!([instance])),
        1 => Asked::Call(
            "updateInstance",
            json!([instance, { "description": "told" }]),
        ),
        2 => Asked::Call("updateInstance", json!([instance, { "name": "other" }])),
        3 if random.one_in(3) => Asked::Call("deleteInstance", json!([instance])),
        4 => Asked::Call("getInstance", json!([instance])),
        5 => Asked::Call("listInstances", json!([])),
        6 => {
            let rules = [
                Value::Null,
                json!({ "maxEvents": 1 + random.below(9) }),
                json!({ "maxBytes": 1 + random.below(900), "maxAgeMs": 60_000 }),
            ];
            let retention = &rules[random.below(3)];
            Asked::Call(
                "updateInstance",
                json!([instance, { "retention": retention }]),
            )
        }
        7 => Asked::Call(
            "dueRetention",
            json!([{ "now": 1_790_000_000_000_i64, "isExact": random.one_in(2) }]),
        ),
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

fn trim(random: &mut Random) -> Asked {
    let mut options = json!({ "instance": instance(random), "force": !random.one_in(4) });
    if random.one_in(3) {
        options["beforePosition"] = json!(1 + random.below(3));
        return Asked::Trim(["measureTrim", "storeTrim"], options);
    }
    options["stream"] = json!(format!("s{}", random.below(3)));
    options["beforeSequence"] = json!(1 + random.below(3));
    Asked::Trim(["measureStreamTrim", "storeStreamTrim"], options)
}

/// A call by chance. `query` makes the parts of a query beside what it is from.
pub fn asked(random: &mut Random, query: &mut dyn FnMut() -> Value) -> Asked {
    match random.below(15) {
        4 => append_many(random),
        5 | 6 => of_query(random, query()),
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
        11 => trim(random),
        12 => Asked::Call("verify", json!([])),
        _ => append(random),
    }
}
