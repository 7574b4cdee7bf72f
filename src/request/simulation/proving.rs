//! Proofs of what checkpoints cover: whoever makes them, they lead to the roots that were told.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Simulation;
use crate::evidence::hash::{self, Hash};
use crate::evidence::leaf::Leaf;
use crate::evidence::test::{root_by_inclusion, roots_by_consistency};
use crate::timestamp;

impl Simulation {
    /// Has a process prove that an event is among those of a checkpoint, and that another checkpoint continues it. Verifies
    /// both as an auditor does, who has nothing but what was told.
    pub(super) fn prove(&mut self, number: usize) {
        let told = &self.model.checkpoints;
        if told.is_empty() {
            return;
        }
        let mut both = [0; 2].map(|_| told[self.random.below(told.len())].clone());
        both.sort_unstable_by_key(|(size, _)| *size);
        let [(old, old_root), (new, new_root)] = both;
        let position = 1 + self.random.below(new as usize) as u64;
        let asked = json!({ "instance": "log", "position": position, "size": new });
        if let Some(proof) = self.ask(number, "proveInclusion", &asked) {
            let hashes = hashes_of(&proof["hashes"]);
            let root = root_by_inclusion(leaf_of(&proof), position - 1, new, &hashes);
            assert_eq!(root, Some(hash_of(&new_root)), "{asked}: {proof}");
            self.counts.proofs += 1;
        }
        let asked = json!({ "instance": "log", "oldSize": old, "newSize": new });
        if let Some(proof) = self.ask(number, "proveConsistency", &asked) {
            let hashes = hashes_of(&proof["hashes"]);
            let roots = match old < new {
                true => roots_by_consistency((old, hash_of(&old_root)), new, &hashes),
                // Nothing is to be proved of one tree.
                false => hashes.is_empty().then_some([hash_of(&old_root); 2]),
            };
            let expected = [&old_root, &new_root].map(hash_of);
            assert_eq!(roots, Some(expected), "{asked}: {proof}");
            self.counts.proofs += 1;
        }
    }
}

fn hash_of(text: &Value) -> Hash {
    let bytes = BASE64.decode(text.as_str().unwrap()).unwrap();
    bytes.try_into().unwrap()
}

fn hashes_of(texts: &Value) -> Vec<Hash> {
    texts.as_array().unwrap().iter().map(hash_of).collect()
}

/// The hash of the leaf of the event that a proof is of.
fn leaf_of(proof: &Value) -> Hash {
    let event = &proof["event"];
    let text = |key: &str| event[key].as_str().unwrap();
    let commitment = |part: &str| match &proof["commitments"][part] {
        Value::Null => hash::of_commitment(&hash_of(&proof["salts"][part]), text(part).as_bytes()),
        // Of one that was erased, or fields of it, there is nothing else.
        commitment => hash_of(commitment),
    };
    let leaf = Leaf {
        position: proof["position"].as_u64().unwrap(),
        id: *text("id").parse::<Uuid>().unwrap().as_bytes(),
        timestamp_ms: timestamp::parse(text("timestamp")).unwrap().ms,
        sequence: event["sequence_number"].as_u64().unwrap(),
        stream_id: text("stream_id"),
        event_type: text("event_type"),
        payload: commitment("payload"),
        metadata: commitment("metadata"),
    };
    leaf.hash()
}
