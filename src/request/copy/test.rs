//! Pages of one log, stored in another one; both are lists, so that a test can alter them.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use uuid::Uuid;

use super::mark::{MARK, Mark};
use super::{CopiedPage, CopyPage, digest, list_instances, stand};
use crate::arguments::Arguments;
use crate::engine::{CallKey, Fault, Instance, NewEvent, Record};
use crate::error::Code;
use crate::request::response::Answer;
use crate::request::work::Changes as _;
use crate::seam::test::{Kept, Staged};
use crate::seam::{ReadSnapshot, Transaction};

const EVENT_BYTES_MAX: usize = 1 << 16;

/// Changes a log.
fn change(kept: &mut Kept, stage: impl FnOnce(&mut Staged)) {
    let mut staged = Staged::of(kept, 1_000);
    stage(&mut staged);
    *kept = staged.kept;
}

/// Appends an event to an instance, with a key if there is one.
fn append(batch: &mut Staged, number: u32, n: u64, key: Option<&str>) {
    let stream_id = format!("s{}", n % 3);
    let event = NewEvent {
        stream_id: &stream_id,
        event_type: "t",
        payload: "{\"a\": 1.50}",
        metadata: "[]",
        timestamp_ms: Some(-(n as i64)),
        call: key.map(|text| CallKey { text, events: 1 }),
    };
    batch.append(number, &event).unwrap();
}

/// A log with two instances, events, and states.
fn log() -> Kept {
    let mut kept = Kept::default();
    change(&mut kept, |batch| {
        for name in ["first", "second"] {
            let id = format!("{name} id");
            let number = batch.create(&id, name, Some("d".to_owned())).unwrap();
            for n in 0..40 {
                append(batch, number, n, (n == 7).then_some("key"));
            }
            for n in 0..300 {
                let name = format!("consumer/{n}");
                batch.put_state(number, &name, &[n as u8; 9]).unwrap();
            }
        }
    });
    kept
}

fn data(answer: &Answer) -> Value {
    serde_json::from_str(&answer.values).unwrap()
}

fn asked(
    kept: &Kept,
    function: fn(&Arguments<'_>, &dyn ReadSnapshot) -> Result<Answer, Fault>,
    options: &Value,
) -> Value {
    let text = json!([options]).to_string();
    data(&function(&Arguments::parse(&text).unwrap(), kept).unwrap())
}

fn stand_of(kept: &Kept, id: &str) -> Value {
    asked(kept, stand, &json!({ "instance": id, "bits": 4 }))
}

/// The page that the other log asks for as it stands.
fn page_for(source: &Kept, target: &Kept, id: &str) -> (Value, Vec<u8>) {
    let made = asked(source, list_instances, &json!({}));
    let instances = made["instances"].as_array().unwrap();
    let listed = instances.iter().find(|one| one[0] == id).unwrap();
    let there = stand_of(target, id);
    let is_there = there["found"] == true;
    let question = json!({
        "instance": id,
        "createdAt": listed[1],
        "after": there["position"].as_u64().unwrap_or(0),
        "lastId": there["lastId"],
        "bits": 4,
        "buckets": if is_there { there["buckets"].clone() } else { json!(zeros()) },
    });
    let page = CopyPage::new(question.to_string());
    let answer = data(&page.read(source).unwrap());
    (answer, page.take().unwrap_or_default())
}

/// The sums of buckets of nothing.
fn zeros() -> String {
    BASE64.encode([0; 16 * 16])
}

/// Stores a page. A refusal leaves the log as it was.
fn store(target: &mut Kept, bytes: &[u8], adopts: bool) -> Result<Value, Fault> {
    let mut staged = Staged::of(target, 2_000);
    let mut page = CopiedPage::new(bytes.to_vec(), adopts);
    page.read(EVENT_BYTES_MAX);
    let answer = page.apply(&mut staged)?;
    *target = staged.kept;
    Ok(data(&answer))
}

/// Copies until there is nothing more.
fn copy(source: &Kept, target: &mut Kept) {
    for id in ["first id", "second id"] {
        loop {
            let (answer, bytes) = page_for(source, target, id);
            assert_eq!(answer["goesOn"], true, "{answer}");
            assert_eq!(store(target, &bytes, false).unwrap()["stored"], true);
            if answer["states"]["whole"] == true {
                break;
            }
        }
    }
}

/// An instance, its records, and its states.
type Contents = (Instance, Vec<Vec<u8>>, Vec<(String, Vec<u8>)>);

/// What is kept of an instance, but for the mark of a copy and where events stand in their streams.
fn contents(kept: &Kept, id: &str) -> Contents {
    let number = kept.find(id).unwrap();
    let kept = &kept.instances[&number];
    let events = (1..).zip(&kept.events).map(|(position, bytes)| {
        let mut encoded = Vec::new();
        Record::decode(bytes, position)
            .unwrap()
            .encode(&mut encoded);
        encoded
    });
    let states = kept.states.iter().filter(|(name, _)| *name != MARK);
    let states = states.map(|(name, value)| (name.clone(), value.clone()));
    (kept.instance.clone(), events.collect(), states.collect())
}

fn assert_equal(source: &Kept, target: &Kept) {
    for id in ["first id", "second id"] {
        assert_eq!(contents(source, id), contents(target, id));
        let question = json!({ "instance": id, "after": 0, "to": 40 });
        let digests = [source, target].map(|kept| asked(kept, digest, &question));
        assert!(digests[0]["digest"].is_string());
        assert_eq!(digests[0], digests[1]);
        assert_eq!(stand_of(target, id)["mark"], "kept");
        assert_eq!(stand_of(target, id)["isWhole"], true);
    }
}

fn conflict(stored: Result<Value, Fault>, part: &str) {
    let Err(Fault::Refused(error)) = stored else {
        panic!("expected a refusal, found {stored:?}");
    };
    assert_eq!(error.code(), Code::ImportConflict);
    assert!(error.text().contains(part), "{}", error.text());
}

#[test]
fn a_copy_has_all_that_there_is_and_goes_on_with_what_has_changed() {
    let mut source = log();
    let mut target = Kept::default();
    copy(&source, &mut target);
    assert_equal(&source, &target);

    change(&mut source, |batch| {
        let number = batch.find("first id").unwrap();
        append(batch, number, 40, Some("other key"));
        batch.delete_state(number, "consumer/17").unwrap();
        batch.put_state(number, "consumer/18", b"moved").unwrap();
        batch.put_state(number, "a new one", b"").unwrap();
        batch.set_now(Some(5_000));
        batch.update(number, Some("third"), Some("other")).unwrap();
    });
    let (answer, _) = page_for(&source, &target, "first id");
    let states = answer["states"]["count"].as_u64().unwrap();
    assert!(states < 100, "only some buckets differ: {states}");
    copy(&source, &mut target);
    assert_equal(&source, &target);
}

#[test]
fn a_page_that_is_given_twice_is_stored_once() {
    let source = log();
    let mut target = Kept::default();
    let (_, bytes) = page_for(&source, &target, "first id");
    assert_eq!(store(&mut target, &bytes, false).unwrap()["stored"], true);
    assert_eq!(store(&mut target, &bytes, false).unwrap()["stored"], false);
    copy(&source, &mut target);
    assert_equal(&source, &target);
}

#[test]
fn what_others_have_changed_is_refused_and_left_as_it_is() {
    let mut source = log();
    let mut target = Kept::default();
    copy(&source, &mut target);
    change(&mut source, |batch| {
        let number = batch.find("first id").unwrap();
        append(batch, number, 40, None);
    });
    let whole = target.clone();

    change(&mut target, |batch| {
        let number = batch.find("first id").unwrap();
        batch.put_state(number, "consumer/1", b"moved").unwrap();
    });
    assert_eq!(stand_of(&target, "first id")["mark"], "states");

    target = whole.clone();
    let (_, bytes) = page_for(&source, &target, "first id");
    change(&mut target, |batch| {
        let number = batch.find("first id").unwrap();
        append(batch, number, 99, None);
    });
    assert_eq!(stand_of(&target, "first id")["mark"], "events");
    let before = contents(&target, "first id");
    conflict(store(&mut target, &bytes, false), "appended since");
    assert_eq!(contents(&target, "first id"), before);
    // The last event is not that of the other log.
    change(&mut source, |batch| {
        let number = batch.find("first id").unwrap();
        append(batch, number, 41, None);
    });
    assert_eq!(page_for(&source, &target, "first id").0["goesOn"], false);

    // Nor is an instance taken over that no copy has made, unless it was compared.
    target = whole;
    change(&mut target, |batch| {
        let number = batch.find("first id").unwrap();
        batch.delete_state(number, MARK).unwrap();
    });
    assert_eq!(stand_of(&target, "first id")["mark"], "none");
    let (_, bytes) = page_for(&source, &target, "first id");
    conflict(store(&mut target, &bytes, false), "made since");
    assert_eq!(store(&mut target, &bytes, true).unwrap()["stored"], true);
    copy(&source, &mut target);
    assert_eq!(stand_of(&target, "first id")["mark"], "kept");
}

#[test]
fn events_that_cannot_follow_are_refused() {
    let mut source = log();
    let mut target = Kept::default();
    copy(&source, &mut target);
    change(&mut source, |batch| {
        let number = batch.find("second id").unwrap();
        append(batch, number, 40, None);
    });
    let (_, bytes) = page_for(&source, &target, "second id");
    let mut small = CopiedPage::new(bytes, false);
    small.read(4);
    let Err(Fault::Refused(error)) = small.apply(&mut Staged::of(&target, 0)) else {
        panic!("it was stored");
    };
    assert_eq!(error.code(), Code::LimitExceeded);
    assert!(
        error
            .text()
            .contains("position 41: expected an event of at most 4 bytes")
    );

    // A copy of a log that was damaged: an event of another stream, and a key that is there.
    let number = source.find("second id").unwrap();
    for (sequence, key, part) in [(9, None, "found 9"), (14, Some("key"), "found \"key\"")] {
        let record = Record {
            id: Uuid::from_u128(1),
            timestamp_ms: 0,
            sequence,
            back: 0,
            stream_id: "s1",
            event_type: "t",
            call: key.map(|text| CallKey { text, events: 1 }),
            payload: "{}",
            metadata: "{}",
        };
        let mut bytes = Vec::new();
        record.encode(&mut bytes);
        let events = &mut source.instances.get_mut(&number).unwrap().events;
        events.pop();
        events.push(Arc::from(bytes));
        let (_, bytes) = page_for(&source, &target, "second id");
        let before = contents(&target, "second id");
        conflict(store(&mut target, &bytes, false), part);
        assert_eq!(contents(&target, "second id"), before);
    }
}

#[test]
fn names_that_were_exchanged_are_exchanged_in_the_copy_and_others_are_in_the_way() {
    let mut source = log();
    let mut target = Kept::default();
    copy(&source, &mut target);
    change(&mut source, |batch| {
        let [first, second] = ["first", "second"].map(|name| batch.find(name).unwrap());
        batch.update(first, Some("between"), None).unwrap();
        batch.update(second, Some("first"), None).unwrap();
        batch.update(first, Some("second"), None).unwrap();
    });
    copy(&source, &mut target);
    assert_equal(&source, &target);

    let mut target = Kept::default();
    change(&mut target, |batch| {
        batch.create("own", "first", None).unwrap();
    });
    let before = target.clone();
    let (_, bytes) = page_for(&source, &target, "second id");
    conflict(
        store(&mut target, &bytes, false),
        "with the instance \"own\"",
    );
    assert_eq!(target.instances.len(), before.instances.len());
}

#[test]
fn an_instance_that_was_made_anew_is_another_one() {
    let mut source = log();
    let mut target = Kept::default();
    copy(&source, &mut target);
    let number = source.find("first id").unwrap();
    let made = &mut source.instances.get_mut(&number).unwrap().instance;
    made.created_at_ms -= 1;
    let number = target.find("first id").unwrap();
    let mut staged = Staged::of(&target, 0);
    let mark = Mark::decode(&staged.state(number, MARK).unwrap().unwrap()).unwrap();
    assert_eq!(mark.position, 40);
    let (_, bytes) = page_for(&source, &target, "first id");
    conflict(store(&mut target, &bytes, false), "made at another time");
    let question = json!({ "instance": "first id", "createdAt": "1000", "after": 0 });
    let page = CopyPage::new(question.to_string());
    assert_eq!(data(&page.read(&source).unwrap())["found"], false);
    assert!(page.take().is_none());
}

#[test]
fn what_is_no_page_is_refused() {
    let (_, bytes) = page_for(&log(), &Kept::default(), "first id");
    for length in (0..bytes.len()).step_by(97) {
        let mut target = Kept::default();
        assert!(store(&mut target, &bytes[..length], false).is_err());
        assert!(target.instances.is_empty());
    }
}
