//! What was answered and given out, and what therefore has to be in the log.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// An event as it was read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Event {
    pub(super) position: u64,
    pub(super) stream: String,
    pub(super) sequence: u64,
    pub(super) payload: Value,
}

/// What a log has.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) events: Vec<Event>,
    /// The data of `listConsumers`.
    pub(super) consumers: Value,
    /// What is kept of the projection, or `null`.
    pub(super) snapshot: Value,
}

/// Whether what a call asked for is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    Yes,
    No,
    /// Its process died, or said that it cannot know.
    Unknown,
}

#[derive(Debug)]
pub(super) struct Made {
    pub(super) truth: Truth,
    /// The number that was answered.
    pub(super) sequence: Option<u64>,
}

#[derive(Debug, Default)]
pub(super) struct Model {
    /// The calls that append, by the number in their payload.
    pub(super) calls: BTreeMap<u64, Made>,
    /// The events that were given out, by position.
    pub(super) given_out: BTreeMap<u64, Event>,
    /// The numbers of those events.
    pub(super) seen: BTreeSet<u64>,
    /// Things that were claimed, as a call was told which therefore could not claim them.
    pub(super) claimed: BTreeSet<u64>,
    /// The highest sequence number of the stream `counted` that a call was told.
    pub(super) counted: u64,
    /// Up to where the consumer `reader` has acknowledged.
    pub(super) acknowledged: u64,
    /// The calls that have a key.
    pub(super) keyed: Vec<u64>,
    /// Of how many events the projection was kept.
    pub(super) kept: u64,
    /// How many claims, keys and calls there have been.
    pub(super) numbers: u64,
}

pub(super) fn number_of(event: &Event) -> u64 {
    event.payload["n"].as_u64().unwrap()
}

/// What the projection makes of events.
pub(super) fn fold(state: &Value, events: &[Event]) -> Value {
    let mut count = state["count"].as_u64().unwrap_or_default();
    let mut sum = state["sum"].as_u64().unwrap_or_default();
    for event in events {
        count += 1;
        sum = sum.wrapping_mul(31).wrapping_add(number_of(event)) % 1_000_007;
    }
    json!({ "count": count, "sum": sum })
}

impl Model {
    pub(super) fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    /// Learns what was answered to a call, which may have been made before.
    pub(super) fn learn(&mut self, number: u64, truth: Truth, sequence: Option<u64>) {
        let made = self.calls.get_mut(&number).unwrap();
        if let (Some(before), Some(sequence)) = (made.sequence, sequence) {
            assert_eq!(before, sequence, "the same call was told otherwise before");
        }
        made.sequence = made.sequence.or(sequence);
        made.truth = match (made.truth, truth) {
            (Truth::Yes, _) | (_, Truth::Yes) => Truth::Yes,
            (Truth::Unknown, _) | (_, Truth::Unknown) => Truth::Unknown,
            (Truth::No, Truth::No) => Truth::No,
        };
    }

    /// How many events there are for sure.
    pub(super) fn stored(&self) -> u64 {
        let stored = self.calls.values().filter(|made| made.truth == Truth::Yes);
        stored.count() as u64
    }

    /// Takes in what was given out to whoever reads after `next`, and returns what it reads after then.
    pub(super) fn give_out(&mut self, mut next: u64, events: Vec<Event>) -> u64 {
        for event in events {
            assert_eq!(event.position, next, "events are missing, or come twice");
            next += 1;
            self.seen.insert(number_of(&event));
            let before = self
                .given_out
                .entry(event.position)
                .or_insert_with(|| event.clone());
            assert_eq!(
                *before, event,
                "another event was given out at its position"
            );
        }
        next
    }

    /// Compares with what the log has after a loss of power.
    pub(super) fn check(&self, found: &Found) {
        let mut numbers = BTreeMap::new();
        for (event, position) in found.events.iter().zip(1..) {
            assert_eq!(event.position, position);
            let before = numbers.insert(number_of(event), event);
            assert!(before.is_none(), "stored twice: {event:?}");
        }
        for (number, made) in &self.calls {
            let event = numbers.get(number);
            match made.truth {
                Truth::Yes => {
                    let event = event.unwrap_or_else(|| panic!("lost: {number}, {made:?}"));
                    let told = made.sequence.unwrap_or(event.sequence);
                    assert_eq!(event.sequence, told, "{number}, {made:?}");
                }
                Truth::No => assert!(event.is_none(), "refused, and there: {number}"),
                Truth::Unknown => {}
            }
        }
        assert!(numbers.keys().all(|number| self.calls.contains_key(number)));
        for (position, given) in &self.given_out {
            let event = found.events.get(*position as usize - 1);
            assert_eq!(event, Some(given), "it was given out");
        }
        self.check_guards(found);
        self.check_consumers(found);
        let kept = found.snapshot["position"].as_u64().unwrap_or(0);
        assert!(
            kept >= self.kept,
            "what is kept of {kept} events was of {}",
            self.kept
        );
        if let Some(position) = found.snapshot["position"].as_u64() {
            let state = fold(&Value::Null, &found.events[..position as usize]);
            assert_eq!(found.snapshot["state"], state, "kept of {position} events");
        }
    }

    fn check_guards(&self, found: &Found) {
        let mut claimed = BTreeSet::new();
        for claim in found
            .events
            .iter()
            .filter_map(|event| event.payload["claim"].as_u64())
        {
            assert!(claimed.insert(claim), "claimed twice: {claim}");
        }
        let missing: Vec<_> = self.claimed.difference(&claimed).collect();
        assert!(
            missing.is_empty(),
            "calls were told that these were claimed: {missing:?}"
        );
        let counted = found
            .events
            .iter()
            .filter(|event| event.stream == "counted");
        assert!(
            counted.count() as u64 >= self.counted,
            "a number was told that is not there"
        );
        let mut last = 0;
        for source in found
            .events
            .iter()
            .filter_map(|event| event.payload["source"].as_u64())
        {
            assert!(source > last, "two results of {source}");
            last = source;
        }
    }

    fn check_consumers(&self, found: &Found) {
        let position = |name: &str| {
            let mut consumers = found.consumers["consumers"]
                .as_array()
                .into_iter()
                .flatten();
            let consumer = consumers.find(|consumer| consumer["consumer"] == name);
            consumer.map_or(0, |consumer| consumer["position"].as_u64().unwrap())
        };
        for name in ["reader", "worker"] {
            assert!(
                position(name) <= found.events.len() as u64,
                "{name} is past the end"
            );
        }
        assert!(
            position("reader") >= self.acknowledged,
            "an acknowledgement is lost"
        );
        let sources = found
            .events
            .iter()
            .filter_map(|event| event.payload["source"].as_u64());
        assert_eq!(position("worker"), sources.max().unwrap_or(0));
    }

    /// Learns what has become of that of which nothing was known.
    pub(super) fn resolve(&mut self, found: &Found) {
        let here: BTreeSet<u64> = found.events.iter().map(number_of).collect();
        for (number, made) in &mut self.calls {
            if made.truth == Truth::Unknown {
                made.truth = if here.contains(number) {
                    Truth::Yes
                } else {
                    Truth::No
                };
            }
        }
    }
}
