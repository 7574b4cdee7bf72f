//! Events that are erased: from when that was told, nobody is given what was in them, and all else stays true.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Simulation;
use super::model::{Event, Truth, number_of};
use super::process::Outcome;

/// What was in events that were erased, or were to be, by their positions.
#[derive(Debug, Default)]
pub(super) struct Erased(BTreeMap<u64, (Value, Truth)>);

impl Erased {
    /// Events with what was in them before they were erased.
    pub(super) fn restored(&self, events: Vec<Event>) -> Vec<Event> {
        let restored = events.into_iter().map(|event| {
            let position = event.position;
            let erased = self.0.get(&position);
            if !event.payload["n"].is_null() {
                let is_told = erased.is_some_and(|(_, truth)| *truth == Truth::Yes);
                assert!(!is_told, "what was erased is given out: {event:?}");
                return event;
            }
            let (payload, _) = erased.unwrap_or_else(|| panic!("nobody has erased {position}"));
            Event {
                payload: payload.clone(),
                ..event
            }
        });
        restored.collect()
    }
}

impl Simulation {
    /// Erases some events that no guard looks for, and that no call is answered with that is made again.
    pub(super) fn erase(&mut self, number: usize) {
        self.revive();
        let process = &mut self.processes[number];
        if !process.is_open() {
            return;
        }
        let read = process.read_all(0);
        process.met_faults();
        let Ok(events) = read else {
            assert!(process.may_fail(), "{read:?}");
            return;
        };
        self.model.give_out(1, events.clone());
        let mut plain: Vec<Event> = events
            .into_iter()
            .filter(|event| {
                let payload = event.payload.as_object();
                payload.is_some_and(|payload| payload.len() == 1)
                    && !self.model.keyed.contains(&number_of(event))
            })
            .collect();
        while plain.len() > 3 {
            plain.swap_remove(self.random.below(plain.len()));
        }
        let positions: Vec<u64> = plain.iter().map(|event| event.position).collect();
        let mut asked = json!({ "instance": "log", "positions": positions, "reason": "r" });
        if self.random.one_in(2) {
            // They have no other one.
            asked["fields"] = json!(["payload.n"]);
        }
        let process = &mut self.processes[number];
        let outcome = process.operate("eraseEvents", &asked).outcome();
        process.met_faults();
        let truth = match outcome {
            Outcome::Success(_) => Truth::Yes,
            // Another process has read from it. It is erased all the same.
            Outcome::Failure { code, .. } => {
                assert!(process.may_fail() || code == "LOCKED", "erasing: {code}");
                Truth::Unknown
            }
        };
        self.counts.erased += positions.len();
        for event in plain {
            let Event {
                position, payload, ..
            } = event;
            self.model.erased.0.insert(position, (payload, truth));
        }
        if !positions.is_empty() {
            // Snapshots go with what they were made of.
            self.model.kept = 0;
        }
    }
}
