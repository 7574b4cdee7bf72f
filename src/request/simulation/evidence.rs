//! Checkpoints, without their signatures: the tree of the instance grows.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::Simulation;
use super::process::Outcome;

impl Simulation {
    /// Has each process hash events, and then each keep what it has hashed: all but one of them come too late if there is
    /// something to keep.
    pub(super) fn attest(&mut self) {
        self.revive();
        let mut hashed = Vec::new();
        for number in 0..self.processes.len() {
            let seed: [u8; 32] = std::array::from_fn(|_| self.random.below(256) as u8);
            let seed = BASE64.encode(seed);
            let asked = json!({ "instance": "log", "seed": seed });
            if let Some(data) = self.ask(number, "hashEvents", &asked) {
                hashed.push((number, seed, data));
            }
        }
        for (number, seed, data) in hashed {
            let mut kept = json!({ "instance": "log" });
            for key in ["number", "from", "to", "reached", "tiles"] {
                kept[key] = data[key].clone();
            }
            if data["isNew"] == true {
                kept["seed"] = json!(seed);
            }
            let answer = self.ask(number, "storeTree", &kept);
            let is_new = data["isNew"] == true;
            let grows = is_new || data["to"] != data["from"];
            if !grows || answer.is_some_and(|answer| answer["stored"] == true) {
                let size = data["to"].as_u64().unwrap();
                self.model.checkpoints.push((size, data["reached"].clone()));
                self.counts.checkpoints += 1;
            }
        }
        for number in 0..self.processes.len() {
            self.prove(number);
        }
    }

    /// The data that a process answers with; `None` if it may fail, and does.
    pub(super) fn ask(&mut self, number: usize, method: &str, options: &Value) -> Option<Value> {
        let process = &mut self.processes[number];
        if !process.is_open() {
            return None;
        }
        let outcome = process.call(method, &[options]).outcome();
        process.met_faults();
        match outcome {
            Outcome::Success(mut values) => values.response.pop(),
            Outcome::Failure { code, .. } => {
                assert!(process.may_fail(), "{method}: {code}");
                None
            }
        }
    }
}
