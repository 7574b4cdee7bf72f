//! What is over a rule, compared with what is so if each event is looked at.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};

use super::over::{BLOCK_EVENTS, EVENTS_MAX};
use super::policy::Policy;
use crate::engine::{Fault, IN_MEMORY};
use crate::progress::Progress;
use crate::request::erasing;
use crate::request::reading::{Move, Reading, ReadingSource};
use crate::request::{Log, LogOptions, Method, Work};
use crate::testing::{Caller, Random, trim_as_measured};

const NOW_MS: i64 = 1_790_000_000_000;

struct Kept(Caller);

impl Kept {
    fn new() -> Self {
        let open = |done| Log::open(PathBuf::from(IN_MEMORY), LogOptions::default(), done);
        Self(Caller::of(open))
    }

    fn work(&mut self, work: Work) -> Value {
        let answer = self.0.answer(work, NOW_MS);
        let values: Value = serde_json::from_str(&format!("[{}]", answer.trim_end())).unwrap();
        assert_ne!(values[0], 0, "{answer}");
        values.as_array().unwrap().last().unwrap().clone()
    }

    fn call(&mut self, method: &str, arguments: &Value) -> Value {
        let method = Method::named(method).unwrap();
        self.work(method.call(arguments.to_string()).unwrap())
    }

    /// Appends events with these timestamps.
    fn append(&mut self, times: &[i64], length: usize) {
        let event = |time: &i64| {
            json!({
                "eventType": "made", "payload": { "text": "x".repeat(length) }, "timestamp": time,
            })
        };
        let events: Vec<Value> = times.iter().map(event).collect();
        let given = json!([{ "instanceId": "log", "autoCreateInstance": true, "events": events }]);
        let method = Method::named("appendEvents").unwrap();
        let answer = self
            .0
            .answer(method.call(given.to_string()).unwrap(), NOW_MS);
        assert!(!answer.starts_with("0,"), "{answer}");
    }

    fn bytes(&mut self) -> u64 {
        self.call("getInstanceStats", &json!(["log"]))["storedBytes"]
            .as_u64()
            .unwrap()
    }

    fn set(&mut self, retention: &Value) -> Value {
        let updates = json!(["log", { "retention": retention }]);
        self.call("updateInstance", &updates)["instance"].clone()
    }

    /// What is over the rule of the instance, if something is said of it.
    fn due(&mut self, is_exact: bool) -> Option<Value> {
        let asked = json!([{ "now": NOW_MS, "isExact": is_exact }]);
        let due = self.call("dueRetention", &asked);
        assert!(due["next"].is_null());
        due["due"].get(0).cloned()
    }

    fn acknowledge(&mut self, position: u64) {
        let options = json!({ "instance": "log", "consumer": "reader" }).to_string();
        let reading = Arc::new(Reading::new(ReadingSource::Subscription, options));
        self.0.answer(reading.moving(Move::Register), NOW_MS);
        let moved = reading.moving(Move::Acknowledge(position));
        self.0.answer(moved, NOW_MS);
    }

    /// Trims what an answer of `due` says.
    fn trim(&mut self, due: &Value) -> Value {
        let options = json!({
            "instance": due["instance"], "beforePosition": due["before"], "number": due["number"],
            "retention": due["retention"], "force": due["retention"]["force"] == true,
        });
        let measured = self.call("measureTrim", &json!([options]));
        if measured["isSuperseded"] == true {
            return measured;
        }
        let given = trim_as_measured(&options, &measured);
        self.call("storeTrim", &json!([given]))
    }
}

/// How many of these events are over the rule, from the front: each has a time and its bytes.
fn over(events: &[(i64, u64)], rule: &Value) -> usize {
    let limit = |key: &str| rule[key].as_u64().unwrap_or(u64::MAX);
    let by_count = events.len().saturating_sub(limit("maxEvents") as usize);
    let oldest = NOW_MS.saturating_sub_unsigned(limit("maxAgeMs"));
    let mut left: u64 = events.iter().map(|(_, bytes)| bytes).sum();
    let is_over = |(_, bytes): &&(i64, u64)| {
        let is_over = left > limit("maxBytes");
        left -= bytes;
        is_over
    };
    let by_bytes = events.iter().take_while(is_over).count();
    let over = by_count.max(by_bytes);
    let rest = events[over..].iter();
    over + rest.take_while(|(time, _)| *time < oldest).count()
}

#[test]
fn what_goes_is_what_is_over_a_limit_and_what_a_rule_keeps_stays() {
    let (mut whole, mut partly, mut held, mut late) = (0, 0, 0, 0);
    for seed in 0..60 {
        let mut random = Random::of(seed);
        let mut log = Kept::new();
        let mut events: Vec<(i64, u64)> = Vec::new();
        let mut bytes = 0;
        for _ in 0..=random.below(40) {
            let time =
                NOW_MS - random.below(1_000) as i64 - if events.len() < 20 { 500 } else { 0 };
            log.append(&[time], random.below(60));
            let now = log.bytes();
            events.push((time, now - bytes));
            bytes = now;
        }
        let done = random.below(events.len() + 1);
        let is_held = random.below(2) == 0;
        if is_held {
            log.acknowledge(done as u64);
        }
        // Now and then, a limit is exceeded by so little that it waits for more.
        let is_near = random.one_in(3);
        let most = match is_near {
            true => events.len().saturating_sub(random.below(4)).max(1),
            false => random.below(50) + 1,
        };
        let limits = [
            ("maxAgeMs", random.below(1_500) as u64 + 1),
            ("maxEvents", most as u64),
            ("maxBytes", random.below(bytes as usize + 100) as u64 + 1),
        ];
        let mut rule = json!({});
        let chosen = if is_near { 2 } else { random.below(7) + 1 };
        for (bit, (key, limit)) in limits.into_iter().enumerate() {
            if chosen >> bit & 1 == 1 {
                rule[key] = json!(limit);
            }
        }
        let is_forced = random.below(4) == 0;
        if is_forced {
            rule["force"] = json!(true);
        }
        assert_eq!(log.set(&rule)["retention"], rule);

        let wanted = over(&events, &rule);
        let expected = match is_held && !is_forced {
            true => wanted.min(done),
            false => wanted,
        };
        let exact = log.due(true).unwrap();
        let what = format!("seed {seed}: {rule}, {exact}, {events:?}");
        assert_eq!(exact["first"], 1, "{what}");
        assert_eq!(exact["before"], expected as u64 + 1, "{what}");
        assert_eq!(exact["heldBy"].is_null(), expected == wanted, "{what}");
        // What goes by itself is as much, or nothing as long as no limit is exceeded by much.
        match log.due(false) {
            Some(due) => assert_eq!(due["before"], exact["before"], "{what}"),
            None if expected == 0 => {}
            None => {
                late += 1;
                let count = events.len() as u64;
                let most = |key: &str| rule[key].as_u64().map_or(u64::MAX, |max| max + max / 10);
                let age = NOW_MS - events[0].0;
                assert!(count <= most("maxEvents"), "{what}");
                assert!(bytes <= most("maxBytes"), "{what}");
                assert!(age as u64 <= most("maxAgeMs"), "{what}");
            }
        }
        if expected > 0 {
            assert_eq!(
                log.trim(&exact)["firstPosition"],
                expected as u64 + 1,
                "{what}"
            );
            let left = log.call("getInstanceStats", &json!(["log"]));
            assert_eq!(
                left["eventCount"],
                (events.len() - expected) as u64,
                "{what}"
            );
            let again = log.due(true).unwrap();
            assert_eq!(again["before"], again["first"], "{what}");
        }
        held += usize::from(expected < wanted);
        whole += usize::from(expected == events.len());
        partly += usize::from(expected > 0 && expected < events.len());
    }
    let seen = [whole, partly, held, late];
    assert!(seen.iter().all(|count| *count > 1), "{seen:?}");
}

#[test]
fn whole_blocks_go_by_themselves_and_the_rest_waits_for_more() {
    let mut log = Kept::new();
    let count = 2 * BLOCK_EVENTS + 100;
    let times: Vec<i64> = (0..count as i64).map(|n| NOW_MS - 1_000_000 + n).collect();
    log.append(&times, 0);
    let rules = [
        json!({ "maxEvents": 80_000 }),
        json!({ "maxEvents": count - BLOCK_EVENTS }),
        json!({ "maxAgeMs": 1_000_000 - BLOCK_EVENTS }),
        json!({ "maxBytes": log.bytes() / count * (count - BLOCK_EVENTS - 50) }),
    ];
    for (rule, whole) in rules.iter().zip([0, 1, 1, 1]) {
        log.set(rule);
        let due = log.due(false);
        let before = due
            .as_ref()
            .map_or(1, |due| due["before"].as_u64().unwrap());
        assert_eq!(before, whole * BLOCK_EVENTS + 1, "{rule} {due:?}");
        assert!(due.is_none_or(|due| due["isWhole"] == true));
    }
    // One event less, and no whole block can go.
    log.set(&json!({ "maxAgeMs": 1_000_000 - BLOCK_EVENTS + 1 }));
    assert_eq!(log.due(false), None);
    assert_eq!(log.due(true).unwrap()["before"], BLOCK_EVENTS);
    assert!(count < EVENTS_MAX);
}

#[test]
fn a_trim_for_a_rule_that_is_not_there_any_more_takes_nothing() {
    let mut log = Kept::new();
    log.append(&[NOW_MS; 10], 0);
    log.set(&json!({ "maxEvents": 5 }));
    let due = log.due(true).unwrap();
    for rule in [json!({ "maxEvents": 6 }), Value::Null] {
        assert_eq!(log.set(&rule).get("retention").is_none(), rule.is_null());
        assert_eq!(log.trim(&due), json!({ "isSuperseded": true }));
    }
    assert_eq!(log.due(true), None);
    log.call("deleteInstance", &json!(["log"]));
    log.append(&[NOW_MS; 10], 0);
    log.set(&json!({ "maxEvents": 5 }));
    // Another instance, of the same id and with the same rule.
    assert_eq!(log.trim(&due), json!({ "isSuperseded": true }));
    let due = log.due(true).unwrap();
    assert_eq!(log.trim(&due)["firstPosition"], 6);
}

#[test]
fn what_goes_wrong_is_told_until_it_goes_well_or_the_rule_is_another_one() {
    let mut log = Kept::new();
    log.append(&[NOW_MS], 0);
    log.set(&json!({ "maxEvents": 5 }));
    let noted = |log: &mut Kept, max: u64, failed: Value| {
        let options =
            json!([{ "instance": "log", "retention": { "maxEvents": max }, "failed": failed }]);
        log.call("noteRetention", &options)["noted"].clone()
    };
    let shown = |log: &mut Kept| {
        log.call("getInstance", &json!(["log"]))["instance"]["retentionError"].clone()
    };
    let failed = json!({ "code": "STORAGE_FAILED", "error": "archive: no \"room\"" });
    assert_eq!(noted(&mut log, 5, failed.clone()), true);
    assert_eq!(
        shown(&mut log),
        json!({
            "at": "2026-09-21T14:13:20.000Z", "code": "STORAGE_FAILED", "error": "archive: no \"room\"",
        })
    );
    assert_eq!(log.due(true).unwrap()["hasFailed"], true);
    assert_eq!(noted(&mut log, 5, Value::Null), true);
    assert_eq!(shown(&mut log), Value::Null);
    assert_eq!(noted(&mut log, 5, failed.clone()), true);
    log.set(&json!({ "maxEvents": 6 }));
    assert_eq!(shown(&mut log), Value::Null);
    assert_eq!(noted(&mut log, 5, failed), false);
    assert_eq!(shown(&mut log), Value::Null);
}

#[test]
fn a_rule_is_read_back_and_nothing_else_is_taken_for_one() {
    let mut log = Kept::new();
    log.append(&[NOW_MS], 0);
    let rule = json!({
        "maxAgeMs": 1, "maxEvents": 2, "maxBytes": 3, "archive": { "path": "a b" }, "force": true,
    });
    let shown = log.set(&rule)["retention"].clone();
    let path = shown["archive"]["path"].as_str().unwrap();
    let folder = std::env::current_dir().unwrap();
    assert_eq!(PathBuf::from(path), folder.join("a b"));
    // What is shown can be given.
    assert_eq!(log.set(&shown)["retention"], shown);

    let bytes = [&[1][..], b"{\"maxEvents\":5}"].concat();
    assert!(Policy::of_state(Some(bytes.clone())).unwrap().is_some());
    assert!(Policy::of_state(None).unwrap().is_none());
    let newer = [&[2][..], &bytes[1..]].concat();
    let longer = [&bytes[..], b"}"].concat();
    let unknown = [&[1][..], b"{\"maxEvents\":5,\"more\":1}"].concat();
    let cuts = (0..bytes.len()).map(|length| bytes[..length].to_vec());
    for bytes in cuts.chain([newer, longer, unknown]) {
        let read = Policy::of_state(Some(bytes.clone()));
        assert!(matches!(read, Err(Fault::Corrupted(_))), "{bytes:?}");
    }
}

#[test]
fn a_trim_that_was_measured_before_an_erasure_is_measured_again() {
    let mut kept = Kept::new();
    kept.append(&[1; 20], 100);
    let whole = json!({ "instance": "log", "beforePosition": 11 });
    let of_stream = json!({ "instance": "log", "stream": "default", "beforeSequence": 11 });
    for (count, (methods, asked)) in [
        (["measureTrim", "storeTrim"], whole),
        (["measureStreamTrim", "storeStreamTrim"], of_stream),
    ]
    .into_iter()
    .enumerate()
    {
        let [measure, store] = methods;
        let given = |measured: &Value| trim_as_measured(&asked, measured);
        let before = kept.call(measure, &json!([asked]));
        assert_eq!(before["erasures"], count);
        let erased = json!([{ "instance": "log", "positions": [3 + count], "reason": "asked" }]);
        kept.work(erasing::erase(&erased.to_string(), Progress::default()));
        let stored = kept.call(store, &json!([given(&before)]));
        assert_eq!(stored, json!({ "stored": false }), "{store}");
        let after = kept.call(measure, &json!([asked]));
        assert_eq!(after["erasures"], count + 1);
        assert!(after["bytes"].as_u64() < before["bytes"].as_u64());
        if count == 0 {
            continue;
        }
        let stored_bytes = kept.bytes();
        let trimmed = kept.call(store, &json!([given(&after)]));
        assert_eq!(trimmed["stored"], true);
        assert_eq!(
            kept.bytes(),
            stored_bytes - after["bytes"].as_u64().unwrap()
        );
    }
}
