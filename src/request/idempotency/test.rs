//! What is known of calls that were made before: in a snapshot, and within the commit that is being made.

use super::*;
use crate::arguments::{self, Object};
use crate::engine::test::{Site, run};
use crate::engine::{Batch, Engine};
use crate::request::encryption::Keys;
use crate::request::given_event::{DEFAULT_STREAM, KEYS};
use crate::request::response::Remarks;

/// A call that was stored.
struct Stored {
    key: &'static str,
    /// The text of its events.
    call: String,
    /// How many events it had, of which the log has those of the text.
    claimed: u64,
    first: u64,
    appended: Vec<Appended>,
}

impl Stored {
    fn positions(&self) -> Vec<u64> {
        (self.first..).take(self.appended.len()).collect()
    }
}

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey(text.to_owned())
}

/// The text of so many events.
fn text_of(events: usize) -> String {
    let events = (0..events).map(|n| {
        let stream = n % 2;
        format!(r#"{{"streamId":"s{stream}","eventType":"t","payload":{{"n":{n}}}}}"#)
    });
    format!("[{}]", events.collect::<Vec<_>>().join(","))
}

/// The events of a call.
fn events_of(call: &str) -> Vec<GivenEvent> {
    let elements = arguments::list("events", call, "events", 100, "events").unwrap();
    let parse = |raw| {
        let given = Object::parse("event", raw, &KEYS).unwrap();
        let (place, mut remarks) = (ArgumentPath::Call, Remarks::default());
        GivenEvent::parse(&given.values, &DEFAULT_STREAM, place, call, &mut remarks).unwrap()
    };
    elements.into_iter().map(parse).collect()
}

/// Appends the events of a call, of which it says that there are `claimed`.
fn append(
    batch: &mut Batch<'_>,
    key: Option<&str>,
    call: &str,
    claimed: u64,
) -> Result<Vec<Appended>, Fault> {
    let number = batch.find("log")?;
    let mut key = key.map(|text| CallKey {
        text,
        events: claimed,
    });
    let mut appended = Vec::new();
    for event in events_of(call) {
        let mut event = event.new_event(call);
        event.call = key.take();
        appended.push(batch.append(number, &event)?);
    }
    Ok(appended)
}

/// A log in which calls of one, of several and of many events stand between events without a key. Of the last call, it has
/// two events of four.
fn stored() -> (Engine, Vec<Stored>) {
    let engine = Site::new(4096, 8).open();
    run(&engine, |batch| batch.create("log", "log", None)).unwrap();
    let mut first = 1;
    let mut calls = Vec::new();
    for (name, events, claimed) in [
        ("one", 1, 1),
        ("three", 3, 3),
        ("many", 40, 40),
        ("cut", 2, 4),
    ] {
        let (without, call) = (text_of(5), text_of(events));
        let text = call.clone();
        let appended = run(&engine, move |batch| {
            append(batch, None, &without, 0)?;
            append(batch, Some(name), &text, claimed)
        });
        calls.push(Stored {
            key: name,
            call,
            claimed,
            first: first + 5,
            appended: appended.unwrap(),
        });
        first += 5 + events as u64;
    }
    (engine, calls)
}

/// The positions of the events of the call with that key, and how many there are.
fn told(
    calls: &mut (impl KnownCalls + ?Sized),
    number: u32,
    key: &IdempotencyKey,
) -> (Result<Option<Vec<u64>>, Fault>, u64) {
    let mut positions = Vec::new();
    let found = key.each_event(number, calls, |position, record| {
        assert_eq!(record.event_type, "t");
        positions.push(position);
        Ok(())
    });
    let count = key.count(number, calls).unwrap();
    (found.map(|found| found.then_some(positions)), count)
}

/// What is told of a key in a snapshot, which has to be told within a commit as well.
fn told_of(engine: &Engine, key: &IdempotencyKey) -> (Result<Option<Vec<u64>>, Error>, u64) {
    let snapshot = engine.snapshot().unwrap();
    let mut snapshot: &dyn ReadSnapshot = &snapshot;
    let number = snapshot.find("log").unwrap();
    let (before, count) = told(&mut snapshot, number, key);
    let key = key.clone();
    let within = run(engine, move |batch| {
        let batch: &mut dyn Transaction = batch;
        let number = batch.find("log")?;
        let (found, count) = told(batch, number, &key);
        Ok((
            found.map_err(|fault| Error::from(fault).text().to_owned()),
            count,
        ))
    });
    let before = before.map_err(Error::from);
    let of_snapshot = before.as_ref().map_err(|error| error.text().to_owned());
    let (within, within_count) = within.unwrap();
    assert_eq!(
        (of_snapshot, count),
        (within.as_ref().map_err(Clone::clone), within_count)
    );
    (before, count)
}

/// What was stored of a call when it is made again with these events.
fn found(
    engine: &Engine,
    key: &IdempotencyKey,
    call: &str,
) -> Result<Option<Vec<Appended>>, Error> {
    let (key, call) = (key.clone(), call.to_owned());
    run(engine, move |batch| {
        let number = batch.find("log")?;
        let found = key.find(
            number,
            &events_of(&call),
            &call,
            batch,
            &Revealing::by(&Keys::default()),
        )?;
        Ok(found.map(|made| made.appended))
    })
}

/// That a call with that key is refused, with what was found.
fn assert_mismatch<T: std::fmt::Debug>(refused: Result<T, Error>, key: &str, expected: &str) {
    let error = refused.unwrap_err();
    assert_eq!(error.code(), Code::IdempotencyMismatch, "{error}");
    let text = format!(
        "idempotencyKey: expected the call that the key {key:?} was first given with, found {expected}: \
         give each call a key of its own, and the same one only to try it again"
    );
    assert_eq!(error.text(), text);
}

#[test]
fn a_call_is_known_with_all_of_its_events() {
    let (engine, calls) = stored();
    for call in calls.iter().filter(|call| call.key != "cut") {
        let (positions, count) = told_of(&engine, &key(call.key));
        assert_eq!(positions.unwrap(), Some(call.positions()), "{}", call.key);
        assert_eq!(count, call.claimed);
        let again = found(&engine, &key(call.key), &call.call).unwrap();
        assert_eq!(again.as_ref(), Some(&call.appended), "{}", call.key);
    }
    let (positions, count) = told_of(&engine, &key("other"));
    assert_eq!((positions.unwrap(), count), (None, 0));
    assert_eq!(found(&engine, &key("other"), &text_of(1)).unwrap(), None);
}

#[test]
fn a_call_is_known_in_the_commit_that_stores_it() {
    let (engine, calls) = stored();
    let last = calls.last().unwrap();
    let first = last.first + last.appended.len() as u64;
    run(&engine, move |batch| {
        let number = batch.find("log")?;
        let call = text_of(3);
        let appended = append(batch, Some("new"), &call, 3)?;
        let again = key("new").find(
            number,
            &events_of(&call),
            &call,
            batch,
            &Revealing::by(&Keys::default()),
        )?;
        assert_eq!(
            again.map(|made| (made.appended, made.has_gone)),
            Some((appended, false))
        );
        let batch: &mut dyn Transaction = batch;
        let (positions, count) = told(batch, number, &key("new"));
        assert_eq!(
            (positions?, count),
            (Some(vec![first, first + 1, first + 2]), 3)
        );
        Ok(())
    })
    .unwrap();
}

#[test]
fn a_call_of_which_the_log_has_a_part_is_refused_and_its_part_is_counted() {
    let (engine, calls) = stored();
    let expected = "4 events of which the log has only 2";
    let (positions, count) = told_of(&engine, &key("cut"));
    assert_mismatch(positions, "cut", expected);
    assert_eq!(count, 2);
    let cut = calls.last().unwrap();
    assert_mismatch(found(&engine, &key("cut"), &text_of(4)), "cut", expected);
    let fewer = "2 events where it had 4";
    assert_mismatch(found(&engine, &key("cut"), &cut.call), "cut", fewer);
}

#[test]
fn a_key_with_another_call_is_refused_with_what_differs() {
    let (engine, _) = stored();
    let other = |name: &'static str, call: &str, expected| {
        assert_mismatch(found(&engine, &key(name), call), name, expected);
    };
    other("three", &text_of(1), "one event where it had 3");
    other("three", &text_of(2), "2 events where it had 3");
    other("one", &text_of(3), "3 events where it had 1");
    let differing = |events, from: &str, to| text_of(events).replace(from, to);
    other(
        "one",
        &differing(1, "s0", "s1"),
        "one whose streamId differs",
    );
    other(
        "one",
        &differing(1, ":0}", ":1}"),
        "one whose payload differs",
    );
    let call = differing(3, ":1}", ":1.0}");
    other("three", &call, "one whose events[1].payload differs");
    let call = differing(40, "\"n\":39}", "\"n\":39},\"metadata\":[]");
    other("many", &call, "one whose events[39].metadata differs");
}

#[test]
fn a_key_is_read_for_a_call_that_has_events() {
    assert!(IdempotencyKey::parse(None, 0).unwrap().is_none());
    assert!(IdempotencyKey::parse(None, 1).unwrap().is_none());
    let read = IdempotencyKey::parse(Some(r#""a \"key\"""#), 2).unwrap();
    let (text, events) = ("a \"key\"", 2);
    assert_eq!(read.unwrap().call(2), CallKey { text, events });
    let refused = IdempotencyKey::parse(Some(r#""key""#), 0).unwrap_err();
    assert_eq!(
        (refused.code(), refused.text()),
        (
            Code::InvalidArgument,
            "events: expected one or more events in a call with an idempotencyKey, found none"
        )
    );
    let refused = IdempotencyKey::parse(Some("7"), 1).unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(refused.text().starts_with("idempotencyKey: "), "{refused}");
}
