//! The tree of an instance, whose events are lists, so that a test can alter them.

mod altered;
mod refused;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use uuid::Uuid;

use super::growth::PAGE_EVENTS;
use super::{check_tree, consistency, hash_events, inclusion, store_tree};
use crate::arguments::Arguments;
use crate::engine::{Fault, Record};
use crate::evidence::hash::{self, Hash};
use crate::evidence::leaf::Leaf;
use crate::evidence::salts::{Part, Path, Salts};
use crate::evidence::test::{by_definition, path_by_definition, subproof_by_definition};
use crate::request::response::Answer;
use crate::seam::test::{Kept, Staged};
use crate::seam::{ReadSnapshot, Transaction};

const NUMBER: u32 = 1;

const SEED: Hash = [7; 32];

/// An instance with so many events.
fn log_with(events: u64) -> Kept {
    let mut staged = Staged::of(&Kept::default(), 0);
    assert_eq!(staged.create("a", "a", None).unwrap(), NUMBER);
    let mut kept = staged.kept;
    append(&mut kept, events);
    kept
}

fn append(kept: &mut Kept, count: u64) {
    let instance = kept.instances.get_mut(&NUMBER).unwrap();
    for _ in 0..count {
        let position = instance.events.len() as u64 + 1;
        let payload = format!("{{\"n\":{position}}}");
        instance.events.push(event(position, position, &payload));
        instance.instance.head.last_position = position;
    }
}

/// The event of an id.
fn event(id: u64, sequence: u64, payload: &str) -> Arc<[u8]> {
    let record = Record {
        id: Uuid::from_u128(u128::from(id)),
        timestamp_ms: id as i64,
        sequence,
        back: u64::from(sequence > 1),
        stream_id: "s",
        event_type: "t",
        call: None,
        payload,
        metadata: "{}",
    };
    let mut bytes = Vec::new();
    record.encode(&mut bytes);
    bytes.into()
}

fn asked<T>(
    options: &Value,
    ask: impl FnOnce(&Arguments<'_>) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let text = json!([options]).to_string();
    ask(&Arguments::parse(&text)?)
}

fn data(answer: &Answer) -> Value {
    serde_json::from_str(&answer.values).unwrap()
}

fn read(
    kept: &Kept,
    function: fn(&Arguments<'_>, &dyn ReadSnapshot) -> Result<Answer, Fault>,
    options: &Value,
) -> Result<Value, Fault> {
    asked(options, |arguments| function(arguments, kept)).map(|answer| data(&answer))
}

/// Has the tree grow by one page. Returns what was hashed, and whether it is kept now.
fn grow_once(kept: &mut Kept, size: Option<u64>) -> (Value, bool) {
    let options = json!({ "instance": "a", "size": size, "seed": BASE64.encode(SEED) });
    let hashed = read(kept, hash_events, &options).unwrap();
    let is_stored = store(kept, &hashed).unwrap();
    (hashed, is_stored)
}

fn store(kept: &mut Kept, hashed: &Value) -> Result<bool, Fault> {
    let mut options = json!({ "instance": "a" });
    for key in ["number", "from", "to", "reached", "tiles"] {
        options[key] = hashed[key].clone();
    }
    if hashed["isNew"] == true {
        options["seed"] = json!(BASE64.encode(SEED));
    }
    let mut staged = Staged::of(kept, 0);
    let answer = asked(&options, |arguments| store_tree(arguments, &mut staged))?;
    *kept = staged.kept;
    Ok(data(&answer)["stored"] == true)
}

/// The contents of the leaves, which say themselves what a leaf is.
fn leaves(kept: &Kept) -> Vec<Vec<u8>> {
    let salts = Salts::of(SEED);
    let mut path = Path::of(&salts);
    let mut leaves = Vec::new();
    for (position, bytes) in (1..).zip(&kept.instances[&NUMBER].events) {
        let record = Record::decode(bytes, position).unwrap();
        let mut commitment = |part, text: &str| {
            hash::of_commitment(
                &path.salt(position, part, record.id.as_bytes()).unwrap(),
                text.as_bytes(),
            )
        };
        let leaf = Leaf {
            position,
            id: *record.id.as_bytes(),
            timestamp_ms: record.timestamp_ms,
            sequence: record.sequence,
            stream_id: record.stream_id,
            event_type: record.event_type,
            payload: commitment(Part::Payload, record.payload),
            metadata: commitment(Part::Metadata, record.metadata),
        };
        leaves.push(leaf.content());
    }
    leaves
}

fn encoded(hash: Hash) -> Value {
    json!(BASE64.encode(hash))
}

fn all_encoded(hashes: Vec<Hash>) -> Value {
    hashes.into_iter().map(encoded).collect()
}

#[test]
fn the_tree_has_the_roots_of_the_definition_however_it_grows() {
    let mut kept = log_with(0);
    for count in [0, 1, 254, 1, 0, 300, 200, 12] {
        append(&mut kept, count);
        let (hashed, _) = grow_once(&mut kept, None);
        let leaves = leaves(&kept);
        assert_eq!(hashed["size"], leaves.len() as u64);
        assert_eq!(hashed["root"], encoded(by_definition(&leaves)));
        // The tree of a size is the same after it has grown.
        for size in [0, leaves.len() / 3, leaves.len()] {
            let (hashed, _) = grow_once(&mut kept, Some(size as u64));
            assert_eq!(hashed["root"], encoded(by_definition(&leaves[..size])));
        }
    }
    assert_eq!(no_problems(&kept, &[])["size"], 768);
}

#[test]
fn a_tree_grows_page_by_page_and_has_tiles_of_two_levels() {
    let events = PAGE_EVENTS * 4 + 300;
    let mut kept = log_with(events);
    let mut pages = 0;
    let hashed = loop {
        let (hashed, is_stored) = grow_once(&mut kept, None);
        assert!(is_stored);
        pages += 1;
        if hashed["root"] != Value::Null {
            break hashed;
        }
    };
    assert_eq!(pages, 5);
    let leaves = leaves(&kept);
    assert_eq!(hashed["root"], encoded(by_definition(&leaves)));
    let states = &kept.instances[&NUMBER].states;
    assert_eq!(states["tree/01/000000000000"].len(), 256 * 32);
    assert_eq!(states["tree/01/000000000001"].len(), 32);
    assert_eq!(states["tree/02/000000000000"].len(), 32);
    let bytes: usize = states
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    assert!(bytes as u64 <= 11 * events, "{bytes}");
    for position in [70, 65_537] {
        let options = json!({ "instance": "a", "position": position });
        let proof = read(&kept, inclusion, &options).unwrap();
        let expected = path_by_definition(position as usize - 1, &leaves);
        assert_eq!(proof["hashes"], all_encoded(expected), "{position}");
    }
    let first = read(&kept, check_tree, &json!({ "instance": "a" })).unwrap();
    assert_eq!(
        (&first["problems"], &first["next"]),
        (&json!([]), &json!(PAGE_EVENTS))
    );
    let last = json!({ "instance": "a", "from": 4 * PAGE_EVENTS, "sizes": [events] });
    let page = read(&kept, check_tree, &last).unwrap();
    assert_eq!(
        (&page["problems"], &page["next"]),
        (&json!([]), &Value::Null)
    );
    assert_eq!(page["roots"][0], hashed["root"]);
}

#[test]
fn a_page_of_large_events_has_fewer_of_them() {
    let mut kept = log_with(600);
    let instance = kept.instances.get_mut(&NUMBER).unwrap();
    instance.instance.head.stored_bytes = 600 << 20;
    let (hashed, _) = grow_once(&mut kept, None);
    assert_eq!(
        (&hashed["to"], &hashed["root"]),
        (&json!(256), &Value::Null)
    );
    append(&mut kept, 1);
    let (hashed, _) = grow_once(&mut kept, None);
    assert_eq!(hashed["to"], 512);
}

/// What is kept of the parts of tiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeptParts {
    All,
    /// An earlier version has hashed the last events.
    Some,
    /// An earlier version has hashed all events.
    None,
}

/// A log of 820 events, of which 520 were hashed.
fn partly_hashed(parts: KeptParts) -> Kept {
    let mut kept = log_with(520);
    grow_once(&mut kept, Some(300));
    let before = kept.instances[&NUMBER].states.clone();
    grow_once(&mut kept, None);
    let states = &mut kept.instances.get_mut(&NUMBER).unwrap().states;
    let is_part = |name: &str| name.starts_with("tree/parts/");
    assert_eq!(states.keys().filter(|name| is_part(name)).count(), 2);
    if parts != KeptParts::All {
        states.retain(|name, _| !is_part(name));
    }
    if parts == KeptParts::Some {
        states.extend(before.into_iter().filter(|(name, _)| is_part(name)));
    }
    append(&mut kept, 300);
    kept
}

#[test]
fn proofs_are_those_of_the_definition_whatever_is_kept() {
    for parts in [KeptParts::All, KeptParts::Some, KeptParts::None] {
        let kept = partly_hashed(parts);
        let leaves = leaves(&kept);
        for size in [1, 2, 255, 256, 257, 300, 519, 520, 521, 768, 819, 820_usize] {
            for position in [1, size / 2, size - 1, size] {
                proves_by_definition(&kept, &leaves[..size], position.max(1));
            }
        }
    }
}

/// Proves an event of a tree of these leaves, and that the tree begins with the one that ends there.
fn proves_by_definition(kept: &Kept, leaves: &[Vec<u8>], position: usize) {
    let size = leaves.len();
    let options = json!({ "instance": "a", "position": position, "size": size });
    let proof = read(kept, inclusion, &options).unwrap();
    let expected = path_by_definition(position - 1, leaves);
    assert_eq!(proof["hashes"], all_encoded(expected), "{options}");
    assert_eq!(proof["root"], encoded(by_definition(leaves)));
    let options = json!({ "instance": "a", "oldSize": position, "newSize": size });
    let proof = read(kept, consistency, &options).unwrap();
    let expected = subproof_by_definition(position, leaves, true);
    assert_eq!(proof["hashes"], all_encoded(expected), "{options}");
    let old = encoded(by_definition(&leaves[..position]));
    assert_eq!(proof["oldRoot"], old);
}

#[test]
fn without_a_size_it_is_that_of_the_last_checkpoint() {
    let kept = partly_hashed(KeptParts::All);
    let proof = read(&kept, inclusion, &json!({ "instance": "a", "position": 3 })).unwrap();
    assert_eq!(proof["size"], 520);
    let none = read(
        &kept,
        consistency,
        &json!({ "instance": "a", "oldSize": 0 }),
    )
    .unwrap();
    assert_eq!(
        (&none["newSize"], &none["hashes"]),
        (&json!(520), &json!([]))
    );
}

#[test]
fn the_answer_has_what_the_leaf_is_made_of() {
    let mut kept = log_with(5);
    grow_once(&mut kept, None);
    let proof = read(&kept, inclusion, &json!({ "instance": "a", "position": 4 })).unwrap();
    let event = json!({
        "id": "00000000-0000-0000-0000-000000000004", "stream_id": "s", "event_type": "t",
        "timestamp": "1970-01-01T00:00:00.004Z", "sequence_number": 4,
        "payload": "{\"n\":4}", "metadata": "{}",
    });
    assert_eq!(proof["event"], event);
    let salts = Salts::of(SEED);
    let id = Uuid::from_u128(4).into_bytes();
    let salt = |part| encoded(salts.salt(4, part, &id).unwrap());
    let expected = json!({ "payload": salt(Part::Payload), "metadata": salt(Part::Metadata) });
    assert_eq!(proof["salts"], expected);
}

/// What a check says that finds nothing.
fn no_problems(kept: &Kept, sizes: &[u64]) -> Value {
    let options = json!({ "instance": "a", "sizes": sizes });
    let checked = read(kept, check_tree, &options).unwrap();
    assert_eq!(checked["problems"], json!([]), "{checked}");
    checked
}
