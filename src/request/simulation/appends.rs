//! The calls that append.

use serde_json::{Value, json};

use super::Simulation;
use super::model::{Made, Truth};
use super::process::{Outcome, Waiting};

/// What an append is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AppendKind {
    Plain,
    /// It claims a thing that nobody has claimed.
    Claim(u64),
    /// It is the next one of its stream.
    Counted,
    /// It has a key, and may be made again, also as a decision.
    Keyed,
    /// It was decided on its stream, as far as that is known. It has a key of those.
    Decided,
    /// It is what was made of an event, and says so.
    Result,
}

/// A call that was made and is to be answered.
pub(super) struct Append {
    process: usize,
    number: u64,
    kind: AppendKind,
    stream: String,
    /// Whether its event was stored for sure when it was made.
    was_stored: bool,
    waiting: Waiting,
}

/// The decision that is the same as a call of `appendEvent`, on its stream, which ends there.
fn decision(call: &Value, sequence: u64) -> Value {
    let event = json!({
        "eventType": call["eventType"],
        "payload": call["payload"],
        "metadata": call["metadata"],
    });
    json!({
        "instance": call["instanceId"],
        "stream": call["streamId"],
        "sequence": sequence,
        "idempotencyKey": call["idempotencyKey"],
        "autoCreateInstance": true,
        "events": [event],
    })
}

impl Simulation {
    /// Makes a call that appends an event.
    pub(super) fn append(&mut self, process: usize, kind: AppendKind) -> Append {
        let mut number = self.model.number();
        let mut call =
            json!({ "instanceId": "log", "eventType": "made", "autoCreateInstance": true });
        let mut payload = json!({ "n": number });
        match kind {
            AppendKind::Plain => {}
            AppendKind::Claim(claim) => {
                payload["claim"] = json!(claim);
                let is_claimed =
                    json!({ "field": "payload.claim", "operator": "eq", "value": claim });
                call["failIf"] = json!({ "where": [is_claimed] });
            }
            AppendKind::Counted => call["expectedSequence"] = json!(self.model.end_of("counted")),
            AppendKind::Keyed | AppendKind::Decided => {
                let known = self.model.keyed.len();
                if known > 0 && self.random.one_in(2) {
                    number = self.model.keyed[known - 1 - self.random.below(known.min(4))];
                    payload = json!({ "n": number });
                } else {
                    self.model.keyed.push(number);
                }
                call["idempotencyKey"] = json!(format!("key {number}"));
            }
            AppendKind::Result => {
                let known = self.model.given_out.len() as u64;
                let source = known.saturating_sub(self.random.below(3) as u64).max(1);
                payload["source"] = json!(source);
                call["checkpoint"] = json!({ "consumer": "worker", "position": source });
            }
        }
        let stream = match kind {
            AppendKind::Counted => "counted".to_owned(),
            _ => format!("s{}", number % 3),
        };
        call["streamId"] = json!(&stream);
        call["payload"] = payload;
        if number.is_multiple_of(3) {
            // It depends on the number alone, since a call that is made again is the same.
            call["metadata"] = json!({ "padding": "x".repeat(number as usize * 37 % 2_000) });
        }
        let nothing = Made {
            truth: Truth::No,
            sequence: None,
        };
        let made = self.model.calls.entry(number).or_insert(nothing);
        let was_stored = made.truth == Truth::Yes;
        self.counts.calls += 1;
        let (method, call) = match kind {
            AppendKind::Decided => ("storeDecision", decision(&call, self.model.end_of(&stream))),
            _ => ("appendEvent", call),
        };
        let waiting = self.processes[process].call(method, &[&call]);
        Append {
            process,
            number,
            kind,
            stream,
            was_stored,
            waiting,
        }
    }

    /// Takes in what was answered. Returns whether it is stored for sure.
    pub(super) fn finish(&mut self, append: Append) -> bool {
        let Append {
            process,
            number,
            kind,
            stream,
            was_stored,
            waiting,
        } = append;
        let outcome = waiting.outcome();
        let process = &mut self.processes[process];
        process.met_faults();
        let (truth, sequence) = match outcome {
            Outcome::Success(values) => {
                self.counts.successes += 1;
                let sequence = match kind {
                    AppendKind::Decided => {
                        let event = &values.events[0];
                        assert_eq!(event.payload["n"], number, "it is another call's");
                        event.sequence
                    }
                    _ => values.response[7].as_u64().unwrap(),
                };
                self.model.reach(&stream, sequence);
                (Truth::Yes, Some(sequence))
            }
            // Nobody has heard that.
            Outcome::Failure { .. } if process.site.is_dead() => (Truth::Unknown, None),
            Outcome::Failure { code, conflict } => {
                let truth = match (code.as_str(), kind) {
                    ("CONDITION_FAILED", AppendKind::Claim(claim)) => {
                        self.model.claimed.insert(claim);
                        Truth::No
                    }
                    ("SEQUENCE_CONFLICT", AppendKind::Counted | AppendKind::Decided) => {
                        let is_known = kind == AppendKind::Decided && was_stored;
                        assert!(!is_known, "it was not found by its key: {number}");
                        self.model
                            .reach(&stream, conflict["actual"].as_u64().unwrap());
                        Truth::No
                    }
                    ("CHECKPOINT_CONFLICT", AppendKind::Result) => Truth::No,
                    ("STORAGE_FAILED", _) if process.may_fail() => Truth::No,
                    ("OUTCOME_UNKNOWN", _) if process.may_fail() => Truth::Unknown,
                    _ => panic!("{kind:?}: {code}"),
                };
                match truth {
                    Truth::Unknown => self.counts.unknown += 1,
                    _ => self.counts.refusals += 1,
                }
                (truth, None)
            }
        };
        self.model.learn(number, truth, sequence);
        truth == Truth::Yes
    }
}
