//! Trims of an instance and of its streams, and erasures of what is left and of what is not, with a loss of power, or a kill, at
//! each operation of the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::catch_unwind;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::model::Event;
use super::process::{Outcome, Process};
use crate::engine::seeded_bug::{Bug, seed};
use crate::engine::test::{Random, Site, check_invariants};
use crate::testing::trim_as_measured;

/// How many events there are before the first trim.
const EVENTS: u64 = 20;

/// How many streams there are, to which events go in turns.
const STREAMS: u64 = 3;

/// How many events are trimmed at a time: neither whole blocks, nor a divisor of them.
const TRIMMED: u64 = 4;

/// What of an event is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gone {
    Field,
    Whole,
}

/// What comes at an operation of the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Disaster {
    PowerLoss,
    Kill,
}

/// What an event has that is to be nowhere once it is erased.
fn secret(number: u64) -> String {
    BASE64.encode(&Sha256::digest(number.to_le_bytes())[..18])
}

/// What was asked for and answered, one thing after the other.
#[derive(Debug, Default)]
struct Told {
    /// How many events were asked for, and how many were answered to be stored.
    events: [u64; 2],
    /// Up to where events were to be trimmed.
    horizon: u64,
    /// The positions of all events that were to be trimmed, and of those that were answered to be.
    out: [BTreeSet<u64>; 2],
    /// What was to be erased, and what was answered to be, by the positions.
    erased: [BTreeMap<u64, Gone>; 2],
}

impl Told {
    /// Appends one more event. Returns whether that was answered.
    fn append(&mut self, process: &Process) -> bool {
        self.events[0] += 1;
        let number = self.events[0];
        let event = json!({
            "instanceId": "log", "eventType": "made", "autoCreateInstance": true,
            "streamId": format!("s{}", number % STREAMS), "payload": { "n": number, "secret": secret(number) },
        });
        let is_answered = data_of(process, "appendEvent", &event).is_some();
        self.events[1] += u64::from(is_answered);
        is_answered
    }

    /// Trims some more. Returns whether that was answered.
    fn trim(&mut self, process: &Process) -> bool {
        let position = self.horizon + TRIMMED;
        let options = json!({ "instance": "log", "beforePosition": position + 1 });
        let Some(measured) = data_of(process, "measureTrim", &options) else {
            return false;
        };
        assert_eq!(measured["next"], Value::Null);
        let given = trim_as_measured(&options, &measured);
        self.horizon = position;
        self.out[0].extend(1..=position);
        self.store(process, "storeTrim", &given)
    }

    /// Trims the events of a stream before a number. Returns whether that was answered.
    fn trim_stream(&mut self, process: &Process, stream: u64, before: u64) -> bool {
        let stream_id = format!("s{stream}");
        let options = json!({ "instance": "log", "stream": stream_id, "beforeSequence": before });
        let Some(measured) = data_of(process, "measureStreamTrim", &options) else {
            return false;
        };
        assert_eq!(measured["next"], Value::Null);
        let given = trim_as_measured(&options, &measured);
        let of_stream = (1..=self.events[0]).filter(|number| number % STREAMS == stream);
        self.out[0].extend(of_stream.take(before as usize - 1));
        self.store(process, "storeStreamTrim", &given)
    }

    /// Erases events. Returns whether that was answered.
    fn erase(&mut self, process: &Process, positions: [u64; 2], gone: Gone) -> bool {
        let mut options = json!({ "instance": "log", "positions": positions, "reason": "r" });
        if gone == Gone::Field {
            options["fields"] = json!(["payload.secret"]);
        }
        self.erased[0].extend(positions.map(|position| (position, gone)));
        let Outcome::Success(_) = process.operate("eraseEvents", &options).outcome() else {
            return false;
        };
        let [asked, answered] = &mut self.erased;
        answered.clone_from(asked);
        true
    }

    /// Erases an event that is left whatever is trimmed, and one that the trim of this step has just taken.
    fn erase_at(&mut self, process: &Process, step: u64) -> bool {
        let (left, out) = (EVENTS - 3 + step, [6, 7, 11, 15][step as usize]);
        assert!(self.out[0].contains(&out) && !self.out[0].contains(&left));
        let gone = if step == 0 { Gone::Field } else { Gone::Whole };
        self.erase(process, [left, out], gone)
    }

    /// Compares with what there is of events, and with the bytes of the file.
    fn check_erased(&self, events: &[Event], image: &[u8]) {
        let found = events.iter().filter_map(|event| {
            let number = event.position;
            let whole = json!({ "n": number, "secret": secret(number) });
            let gone = match &event.payload {
                payload if *payload == whole => return None,
                Value::Null => Gone::Whole,
                payload => {
                    assert_eq!(*payload, json!({ "n": number }));
                    Gone::Field
                }
            };
            Some((number, gone))
        });
        let found: BTreeMap<u64, Gone> = found.collect();
        let is_left = |position: &u64| events.iter().any(|event| event.position == *position);
        let mut possible = self.erased.iter().filter(|erased| {
            let left = erased.iter().filter(|(position, _)| is_left(position));
            left.eq(found.iter())
        });
        // Those that are out have gone with those that are left.
        let erased = possible.next_back();
        let erased = erased.unwrap_or_else(|| panic!("{found:?}: {self:?}"));
        for position in erased.keys() {
            let secret = secret(*position);
            let is_there = image
                .windows(secret.len())
                .any(|at| at == secret.as_bytes());
            assert!(!is_there, "{position} is in the file: {self:?}");
        }
    }

    fn store(&mut self, process: &Process, method: &str, options: &Value) -> bool {
        let Some(stored) = data_of(process, method, options) else {
            return false;
        };
        assert_eq!(stored["stored"], true);
        let [asked, answered] = &mut self.out;
        answered.clone_from(asked);
        true
    }

    /// Compares with what is there, also in the bytes of the file.
    fn check(&self, process: &Process, image: &[u8]) {
        let instance = json!("log");
        let Some(stats) = data_of(process, "getInstanceStats", &instance) else {
            assert_eq!(self.events[1], 0, "an answered event is lost");
            return;
        };
        let events = events_of(process, &json!({ "instance": "log" })).unwrap();
        let positions: Vec<u64> = events.iter().map(|event| event.position).collect();
        let possible = self.out.iter().flat_map(|out| {
            self.events.map(|last| {
                let left = (1..=last).filter(|position| !out.contains(position));
                (last, left.collect::<Vec<u64>>())
            })
        });
        let mut possible = possible.filter(|(_, left)| *left == positions);
        let (last, _) = possible
            .next()
            .unwrap_or_else(|| panic!("{positions:?}: {self:?}"));
        self.check_erased(&events, image);
        let first = positions.first().copied().unwrap_or(last + 1);
        assert_eq!(stats["firstPosition"], first);
        assert_eq!(stats["eventCount"], events.len());
        assert_eq!(
            stats["storedBytes"].as_u64().unwrap() > 0,
            !events.is_empty()
        );
        let before = json!({ "instance": "log", "afterPosition": 0 });
        match events_of(process, &before) {
            Ok(_) => assert_eq!(first, 1),
            Err(code) => assert!(first > 1 && code == "TRIMMED", "{code}"),
        }
    }
}

fn data_of(process: &Process, method: &str, argument: &Value) -> Option<Value> {
    match process.call(method, &[argument]).outcome() {
        Outcome::Success(mut values) => values.response.pop(),
        Outcome::Failure { .. } => None,
    }
}

fn events_of(process: &Process, options: &Value) -> Result<Vec<Event>, String> {
    match process.read_with(options) {
        Ok(events) => Ok(events),
        Err(Outcome::Failure { code, .. }) => Err(code),
        Err(success) => panic!("{success:?}"),
    }
}

/// Has the power go after each number of operations, up to the one at which nothing is left to be done. Returns how often it
/// has gone, and how often within a trim.
fn lose_power_everywhere() -> (usize, usize) {
    let [losses, between, _] = everywhere(Disaster::PowerLoss, false);
    (losses, between)
}

/// Has a disaster come after each number of operations. Returns how often it has come, how often within a trim, and how often
/// within an erasure.
fn everywhere(disaster: Disaster, erases: bool) -> [usize; 3] {
    let mut counts = [0; 3];
    for operations in 0.. {
        let random = || Random::of(operations as u64);
        let site = Site::of(true, 2048, [3, 8][operations % 2], random());
        let mut told = Told::default();
        let mut process = Process::new(site.process(), false).opened().unwrap();
        while told.events[0] < EVENTS {
            assert!(told.append(&process));
        }
        match disaster {
            Disaster::PowerLoss => site.lose_power_after(operations),
            Disaster::Kill => process.site.kill_after(operations),
        }
        for step in 0..4 {
            let trims = told.trim_stream(&process, step % STREAMS, 3 + step)
                && (!erases || step % 2 == 1 || told.erase_at(&process, step))
                && told.trim(&process)
                && told.append(&process);
            if !trims {
                break;
            }
            if step == 2 {
                // The journal goes into the tables, and blocks are dropped.
                process.leave();
                let Ok(opened) = Process::new(site.process(), false).opened() else {
                    break;
                };
                process = opened;
            }
        }
        let has_come = site.has_lost_power() || process.site.is_dead();
        process.leave();
        let left = match disaster {
            Disaster::PowerLoss => site.lose_power(random()),
            Disaster::Kill => site,
        };
        let mut process = Process::new(left.process(), false).opened().unwrap();
        check_invariants(process.engine());
        told.check(&process, &left.image());
        process.leave();
        if !has_come {
            return counts;
        }
        let of_trim = told.out[0] != told.out[1];
        let of_erasure = told.erased[0] != told.erased[1];
        for (count, has_come) in counts.iter_mut().zip([true, of_trim, of_erasure]) {
            *count += usize::from(has_come);
        }
    }
    counts
}

#[test]
fn a_trim_is_there_as_a_whole_or_not_at_all_wherever_the_power_goes() {
    let (losses, between) = lose_power_everywhere();
    assert!(
        losses > 20 && between > 4,
        "{losses} losses, {between} within a trim"
    );
}

#[test]
fn trims_and_erasures_are_there_as_a_whole_or_not_at_all_wherever_the_power_goes() {
    check_erasures(Disaster::PowerLoss);
}

#[test]
fn trims_and_erasures_are_there_as_a_whole_or_not_at_all_wherever_a_process_is_killed() {
    check_erasures(Disaster::Kill);
}

fn check_erasures(disaster: Disaster) {
    let counts = everywhere(disaster, true);
    let [all, _, erasing] = counts;
    assert!(all > 40 && erasing > 20, "{counts:?}");
}

#[test]
fn bytes_that_are_left_behind_are_noticed() {
    seed(Some(Bug::LeftBehind));
    let noticed = catch_unwind(|| everywhere(Disaster::Kill, true));
    seed(None);
    assert!(noticed.is_err());
}

#[test]
fn blocks_that_are_dropped_before_their_events_are_out_on_disk_are_noticed() {
    seed(Some(Bug::DroppedFirst));
    let noticed = catch_unwind(lose_power_everywhere);
    seed(None);
    assert!(noticed.is_err());
}
