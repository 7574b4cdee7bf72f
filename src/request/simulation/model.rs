//! What was answered and given out, and what therefore has to be in the log.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::erasing::Erased;
use super::parking::KEEPER;

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
    /// What the consumer has parked that parks.
    pub(super) parked: Value,
    /// What is kept of the projection, or `null`.
    pub(super) snapshot: Value,
    /// The data of `checkTree`, asked for the sizes of all checkpoints.
    pub(super) tree: Value,
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

impl Found {
    /// A consumer as it is listed, or `null`.
    fn consumer(&self, name: &str) -> Value {
        let consumers = self.consumers["consumers"].as_array();
        let mut consumers = consumers.into_iter().flatten();
        let consumer = consumers.find(|consumer| consumer["consumer"] == name);
        consumer.cloned().unwrap_or_default()
    }

    fn parked_positions(&self) -> BTreeSet<u64> {
        let parked = self.parked.as_array().into_iter().flatten();
        let positions = parked.map(|parked| parked["position"].as_u64().unwrap());
        positions.collect()
    }
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
    /// The highest sequence number of each stream that a call was told.
    ends: BTreeMap<String, u64>,
    /// Up to where the consumer `reader` has acknowledged.
    pub(super) acknowledged: u64,
    /// Whether the events at these positions are parked, as far as that was told.
    pub(super) parked: BTreeMap<u64, Truth>,
    /// Up to where the consumer has come that parks.
    pub(super) kept_up_to: u64,
    /// The calls that have a key.
    pub(super) keyed: Vec<u64>,
    /// Of how many events the projection was kept.
    pub(super) kept: u64,
    /// What was in events that were erased.
    pub(super) erased: Erased,
    /// The sizes and roots of trees that were told once they were kept.
    pub(super) checkpoints: Vec<(u64, Value)>,
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

    /// The highest sequence number of a stream that a call was told.
    pub(super) fn end_of(&self, stream: &str) -> u64 {
        self.ends.get(stream).copied().unwrap_or(0)
    }

    /// Learns that a stream has come that far.
    pub(super) fn reach(&mut self, stream: &str, sequence: u64) {
        let end = self.ends.entry(stream.to_owned()).or_default();
        *end = (*end).max(sequence);
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
        for event in self.erased.restored(events) {
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

    /// Takes in what was told of an event that was to be parked, or to be done, which had been parked before or not.
    pub(super) fn settled(&mut self, position: u64, parks: bool, again: bool, truth: Truth) {
        if truth == Truth::No {
            return;
        }
        if truth == Truth::Yes && !again {
            self.kept_up_to = self.kept_up_to.max(position);
        }
        if !parks && !again {
            return;
        }
        let parked = match truth {
            Truth::Yes if parks => Truth::Yes,
            Truth::Yes => Truth::No,
            // That it is parked again changes nothing.
            _ if parks && again => return,
            _ => Truth::Unknown,
        };
        self.parked.insert(position, parked);
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
        self.check_parked(found);
        self.check_tree(found);
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

    /// The tree is still the one of every checkpoint, and is made of what the log has.
    fn check_tree(&self, found: &Found) {
        let problems = &found.tree["problemCount"];
        assert!(*problems == 0 || problems.is_null(), "{:?}", found.tree);
        for (index, (size, root)) in self.checkpoints.iter().enumerate() {
            let now = &found.tree["roots"][index];
            assert_eq!(now, root, "the root of the first {size} events");
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
        for (stream, end) in &self.ends {
            let of_stream = found.events.iter().filter(|event| event.stream == *stream);
            assert!(
                of_stream.count() as u64 >= *end,
                "a number was told that is not there: {end} of {stream}"
            );
        }
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

    /// Every event that its consumer is past is done or parked, as was told, and none is both.
    fn check_parked(&self, found: &Found) {
        let keeper = found.consumer(KEEPER);
        let up_to = keeper["position"].as_u64().unwrap_or(0);
        assert!(
            up_to >= self.kept_up_to,
            "what was parked or done comes again"
        );
        let here = found.parked_positions();
        assert_eq!(keeper["parked"].as_u64().unwrap_or(0), here.len() as u64);
        assert!(
            here.iter()
                .all(|position| position % 2 == 1 && *position <= up_to)
        );
        for position in (1..=up_to).step_by(2) {
            let is_here = here.contains(&position);
            match self.parked.get(&position) {
                Some(Truth::Yes) => assert!(is_here, "lost: the parked event {position}"),
                Some(Truth::No) => assert!(!is_here, "parked though it is done: {position}"),
                Some(Truth::Unknown) => {}
                None => panic!("the consumer is past {position}, which nobody has parked"),
            }
        }
    }

    fn check_consumers(&self, found: &Found) {
        let position = |name: &str| found.consumer(name)["position"].as_u64().unwrap_or(0);
        for name in ["reader", "worker", KEEPER] {
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
        let parked = found.parked_positions();
        let up_to = found.consumer(KEEPER)["position"].as_u64().unwrap_or(0);
        self.kept_up_to = up_to;
        self.parked.retain(|position, truth| {
            let unknown = *truth == Truth::Unknown;
            if unknown && parked.contains(position) {
                *truth = Truth::Yes;
            } else if unknown {
                // One that was to be done is, or one that was to be parked comes again.
                *truth = Truth::No;
                return *position <= up_to;
            }
            true
        });
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
