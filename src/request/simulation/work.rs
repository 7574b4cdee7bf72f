//! What processes do.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Simulation;
use super::appends::AppendKind;
use super::model::fold;
use super::parking::KEEPER;
use super::process::{Follower, Outcome, Process};
use crate::request::Reading;
use crate::request::reading::{Move, ReadingSource};

pub(super) fn subscription(options: &Value) -> Arc<Reading> {
    Arc::new(Reading::new(
        ReadingSource::Subscription,
        options.to_string(),
    ))
}

impl Simulation {
    /// Makes the log, and the consumers that it is to have.
    pub(super) fn begin(&mut self) {
        self.revive();
        let append = self.append(0, AppendKind::Plain);
        self.finish(append);
        for name in ["worker", "reader", KEEPER] {
            let reading = subscription(&json!({ "instance": "log", "consumer": name }));
            let registered = self.processes[0].move_consumer(&reading, Move::Register);
            let Outcome::Success(_) = registered.outcome() else {
                panic!("nothing is in the way of a consumer");
            };
        }
    }

    /// Opens what is not open, in place of processes that have died with new ones.
    pub(super) fn revive(&mut self) {
        for process in &mut self.processes {
            if process.site.is_dead() && !self.site.has_lost_power() {
                process.leave();
                *process = Process::new(self.site.process(), process.exclusive);
            }
            process.open();
        }
    }

    /// Makes some calls at once, with steps of subscriptions beside them.
    pub(super) fn calls(&mut self) {
        self.revive();
        let count = 1 + self.random.below(6);
        let fresh = self.model.number();
        let mut appends = Vec::new();
        for _ in 0..count {
            let process = self.random.below(self.processes.len());
            if !self.processes[process].is_open() {
                continue;
            }
            let kind = match self.random.below(8) {
                0 | 1 => AppendKind::Claim(fresh - self.random.below(3).min(fresh as usize) as u64),
                2 => AppendKind::Counted,
                3 | 4 => AppendKind::Keyed,
                5 => AppendKind::Result,
                6 => AppendKind::Decided,
                _ => AppendKind::Plain,
            };
            appends.push(self.append(process, kind));
            if self.random.one_in(2) {
                self.follow(process);
            }
        }
        for append in appends {
            self.finish(append);
        }
        for process in 0..self.processes.len() {
            self.follow(process);
        }
        if self.random.one_in(4) {
            self.wait_for_an_event();
        }
    }

    /// Makes a step of each subscription of a process, which begins one now and then.
    fn follow(&mut self, number: usize) {
        let process = &mut self.processes[number];
        if !process.is_open() {
            return;
        }
        if process.followers.len() < 3 && self.random.one_in(3) {
            let consumes = self.random.one_in(2);
            if let Some(follower) = begun(process, consumes) {
                process.followers.push(follower);
            }
        }
        let stored = self.model.stored();
        let mut followers = std::mem::take(&mut process.followers);
        followers.retain_mut(|follower| {
            let outcome = process.read(&follower.reading).outcome();
            process.met_faults();
            let page = match outcome {
                Outcome::Success(page) => page,
                Outcome::Failure { code, .. } => {
                    assert!(process.may_fail(), "following: {code}");
                    return false;
                }
            };
            self.counts.given_out += page.events.len();
            follower.next = self.model.give_out(follower.next, page.events);
            if page.response[4]["caughtUp"] == true {
                let given = follower.next - 1;
                assert!(
                    given >= stored,
                    "{given} are given out, though {stored} were stored"
                );
            }
            true
        });
        process.followers = followers;
    }

    /// Has a subscription wait for an event that another process appends.
    fn wait_for_an_event(&mut self) {
        let (here, there) = (0, self.processes.len() - 1);
        if !self.processes[there].is_open() {
            return;
        }
        let Some(waiter) = self.processes[here].followers.pop() else {
            return;
        };
        let waiting = self.processes[here].wait_for_events(&waiter.reading);
        let append = self.append(there, AppendKind::Plain);
        if self.finish(append) && !self.processes[here].site.is_dead() {
            // Whatever else is wrong, it is answered.
            let _ = waiting.outcome();
            self.processes[here].followers.push(waiter);
        } else {
            waiter.reading.interrupt();
            let _ = waiting.outcome();
        }
    }

    /// Acknowledges what a subscription has given out, and sometimes what is not there.
    pub(super) fn acknowledge(&mut self, number: usize) {
        const PAST_THE_END: u64 = 1_000_000;
        self.revive();
        let process = &mut self.processes[number];
        let mut consuming = process
            .followers
            .iter()
            .filter(|follower| follower.consumes);
        let Some(follower) = consuming.next().filter(|follower| follower.next > 1) else {
            return;
        };
        let is_there = !self.random.one_in(4);
        let position = if is_there {
            follower.next - 1
        } else {
            PAST_THE_END
        };
        let moved = process.move_consumer(&follower.reading, Move::Acknowledge(position));
        let outcome = moved.outcome();
        process.met_faults();
        match outcome {
            Outcome::Success(_) => {
                assert!(is_there, "it was moved past the end");
                self.model.acknowledged = self.model.acknowledged.max(position);
                self.counts.acknowledged += 1;
            }
            Outcome::Failure { code, .. } => {
                let is_refused = !is_there && code == "INVALID_ARGUMENT";
                assert!(is_refused || process.may_fail(), "acknowledging: {code}");
            }
        }
    }

    /// Brings what is kept of the projection up to date, or to what it was before.
    pub(super) fn project(&mut self, number: usize) {
        self.revive();
        let process = &mut self.processes[number];
        if !process.is_open() {
            return;
        }
        let asked = json!({ "instance": "log", "name": "sums", "identity": "v1" });
        let loaded = process.call("loadSnapshot", &[&asked]).outcome();
        process.met_faults();
        let Outcome::Success(mut loaded) = loaded else {
            assert!(process.may_fail(), "{loaded:?}");
            return;
        };
        let data = loaded.response.pop().unwrap();
        let kept = data["snapshot"]["position"].as_u64().unwrap_or(0);
        assert!(
            kept >= self.model.kept,
            "what is kept of {kept} events was of more"
        );
        // One that has begun before the last one was kept.
        let is_old = self.random.one_in(3);
        let (after, before) = if is_old {
            (0, Value::Null)
        } else {
            (kept, data["snapshot"]["state"].clone())
        };
        let read = process.read_all(after);
        process.met_faults();
        let mut events = match read {
            Ok(events) => events,
            Err(failure) => {
                assert!(process.may_fail(), "{failure:?}");
                return;
            }
        };
        self.model.give_out(after + 1, events.clone());
        events = self.model.erased.restored(events);
        if is_old {
            events.truncate(events.len() / 2);
        }
        let state = fold(&before, &events);
        let position = after + events.len() as u64;
        let stored = json!({
            "instance": "log", "number": data["number"], "name": "sums", "identity": "v1",
            "position": position, "sequence": 0, "state": state,
        });
        let stored = process.call("storeSnapshot", &[&stored]).outcome();
        process.met_faults();
        match stored {
            Outcome::Success(_) => {
                self.model.kept = self.model.kept.max(position);
                self.counts.snapshots += 1;
            }
            Outcome::Failure { code, .. } => assert!(process.may_fail(), "keeping: {code}"),
        }
    }

    /// Has every process see all that there is.
    pub(super) fn catch_up(&mut self) {
        for process in &mut self.processes {
            process.site.heal();
        }
        self.revive();
        for number in 0..self.processes.len() {
            self.processes[number].followers.clear();
            if let Some(follower) = begun(&mut self.processes[number], false) {
                self.processes[number].followers.push(follower);
                self.follow(number);
            }
        }
    }
}

/// A subscription to all events, or to what its consumer has not acknowledged.
fn begun(process: &mut Process, consumes: bool) -> Option<Follower> {
    if !process.is_open() {
        return None;
    }
    let mut next = 1;
    let mut options = json!({ "instance": "log" });
    if consumes {
        options["consumer"] = json!("reader");
    }
    let reading = subscription(&options);
    if consumes {
        let registered = process.move_consumer(&reading, Move::Register).outcome();
        process.met_faults();
        let Outcome::Success(mut place) = registered else {
            assert!(process.may_fail(), "{registered:?}");
            return None;
        };
        next += place.response.pop().unwrap()["position"].as_u64().unwrap();
    }
    Some(Follower {
        reading,
        next,
        consumes,
    })
}
