//! What a consumer does that parks each event at an odd position, and those that are put back.

use std::sync::Arc;

use serde_json::json;

use super::Simulation;
use super::model::Truth;
use super::process::{Outcome, Process};
use super::work::subscription;
use crate::request::Reading;
use crate::request::reading::{Failed, Move};

/// The consumer.
pub(super) const KEEPER: &str = "keeper";

/// An event that the consumer was given, and in which turn it was put back.
#[derive(Clone, Copy, Debug)]
struct Given {
    position: u64,
    turn: Option<u64>,
}

impl Simulation {
    /// Has the consumer go on with some events.
    pub(super) fn keep(&mut self, number: usize) {
        self.revive();
        let count = 1 + self.random.below(4);
        let process = &mut self.processes[number];
        if !process.is_open() {
            return;
        }
        let Some((reading, given)) = given_out(process) else {
            return;
        };
        for event in given.into_iter().take(count) {
            // Of those that were put back, some fail again.
            let fails = event.position % 2 == 1 && (event.turn.is_none() || self.random.one_in(3));
            if !self.settle(number, &reading, event, fails) {
                return;
            }
        }
    }

    /// Parks an event, or has it be done. Returns whether that has succeeded.
    fn settle(&mut self, number: usize, reading: &Arc<Reading>, event: Given, fails: bool) -> bool {
        let Given { position, turn } = event;
        let change = match (fails, turn) {
            (true, turn) => Move::Park(Failed::new(position, turn, 1, Some("odd".to_owned()))),
            (false, Some(turn)) => Move::Finish { turn, position },
            (false, None) => Move::Acknowledge(position),
        };
        let process = &mut self.processes[number];
        let outcome = process.move_consumer(reading, change).outcome();
        process.met_faults();
        let truth = match outcome {
            Outcome::Success(_) => Truth::Yes,
            Outcome::Failure { .. } if process.site.is_dead() => Truth::Unknown,
            Outcome::Failure { code, .. } if code == "OUTCOME_UNKNOWN" => Truth::Unknown,
            Outcome::Failure { code, .. } => {
                assert!(process.may_fail(), "parking: {code}");
                Truth::No
            }
        };
        self.model.settled(position, fails, turn.is_some(), truth);
        self.counts.parked += usize::from(fails && truth == Truth::Yes);
        truth == Truth::Yes
    }

    /// Puts back what is parked.
    pub(super) fn put_back(&mut self, number: usize) {
        self.revive();
        let process = &mut self.processes[number];
        if !process.is_open() {
            return;
        }
        let options = json!({ "instance": "log", "consumer": KEEPER });
        let outcome = process.call("retryParked", &[&options]).outcome();
        process.met_faults();
        match outcome {
            Outcome::Success(_) => self.counts.put_back += 1,
            Outcome::Failure { code, .. } => assert!(process.may_fail(), "putting back: {code}"),
        }
    }
}

/// What a new subscription of the consumer is given first: each event that was put back, or else those that follow.
fn given_out(process: &mut Process) -> Option<(Arc<Reading>, Vec<Given>)> {
    let reading = subscription(&json!({ "instance": "log", "consumer": KEEPER }));
    let registered = process.move_consumer(&reading, Move::Register).outcome();
    process.met_faults();
    let Outcome::Success(_) = registered else {
        assert!(process.may_fail(), "{registered:?}");
        return None;
    };
    let read = process.read(&reading).outcome();
    process.met_faults();
    let Outcome::Success(page) = read else {
        assert!(process.may_fail(), "{read:?}");
        return None;
    };
    let turns = page.response[4]["retries"].as_array();
    let given = page.events.iter().enumerate().map(|(index, event)| Given {
        position: event.position,
        turn: turns.map(|turns| turns[index].as_u64().unwrap()),
    });
    Some((reading, given.collect()))
}
