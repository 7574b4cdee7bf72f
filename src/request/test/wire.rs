//! What goes to JavaScript, compared with `__test__/fixtures/wire.json`, which the test of the other half reads
//! (`__test__/65.wire.spec.mjs`). `WIRE_FIXTURES=write cargo test wire` writes it anew.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::error::{Code, Error};
use crate::event::Event;
use crate::request::kind::ResponseKind;
use crate::request::list::List;
use crate::request::{JsonEnvelope, Piece, ResponseGroup};

const UPDATE_VARIABLE: &str = "WIRE_FIXTURES";

/// Hands on the group that each response is.
struct Sent(Sender<String>);

impl Recipient for Sent {
    fn receive_piece(&self, _: u32, _: &Piece, _: &Cancellation) {}

    fn receive(&self, number: u32, response: &Response) {
        self.0
            .send(ResponseGroup::of(number, response).into_text())
            .unwrap();
    }
}

#[test]
fn the_kinds_and_the_order_of_values_are_those_of_the_fixtures() {
    let kinds: BTreeMap<_, _> = ResponseKind::ALL
        .iter()
        .map(|(name, kind)| (*name, kind.number()))
        .collect();
    let groups: BTreeMap<_, _> = called().into_iter().chain(composed()).collect();
    let shown: Vec<u64> = groups.values().filter_map(kind_of).collect();
    for (name, number) in &kinds {
        assert!(shown.contains(&u64::from(*number)), "no group is of {name}");
    }

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("__test__/fixtures/wire.json");
    let found = json!({ "kinds": kinds, "groups": groups });
    if std::env::var(UPDATE_VARIABLE).as_deref() == Ok("write") {
        std::fs::write(&path, serde_json::to_string_pretty(&found).unwrap() + "\n").unwrap();
    }
    let expected: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(
        found, expected,
        "{UPDATE_VARIABLE}=write writes the fixtures anew; lib/wire/ has to read them"
    );
}

/// What calls of a log are answered with, by what each shows.
fn called() -> Vec<(&'static str, Value)> {
    let folder = tempfile::tempdir().unwrap();
    let log = open_log(&folder);
    let (sender, answers) = channel();
    let to = Arc::new(Sent(sender));
    let event = r#"[{"instanceId":"i","eventType":"t","payload":{"a":1},"idempotencyKey":"one"}]"#;
    let events = r#"[{"instanceId":"i","events":[{"streamId":"s","eventType":"t","payload":{"a":2}},{"eventType":"u"}],"idempotencyKey":"two"}]"#;
    let kept = r#"{"instanceId":"i","stream_id":"s","event_type":"t","payload":{"a":2},"idempotencyKey":"three"}"#;
    let calls = [
        ("data", "createInstance", r#"["i","d",{}]"#),
        ("event", "appendEvent", event),
        ("event, stored before", "appendEvent", event),
        ("events", "appendEvents", events),
        ("events, stored before", "appendEvents", events),
        (
            "message",
            "appendEvent",
            r#"[{"instanceId":"i","eventType":"t","colour":1}]"#,
        ),
        (
            "failure",
            "appendEvent",
            r#"[{"instanceId":"none","eventType":"t"}]"#,
        ),
        (
            "failure with a conflict",
            "appendEvent",
            r#"[{"instanceId":"i","streamId":"s","eventType":"t","expectedSequence":7}]"#,
        ),
        (
            "result of events",
            "queryEvents",
            r#"[{"from":{"instance":"i","stream":"s"}}]"#,
        ),
        (
            "result of values",
            "queryEvents",
            r#"[{"from":{"instance":"i"},"select":["event_type"]}]"#,
        ),
        (
            "result without a list",
            "queryEvents",
            r#"[{"from":{"instance":"i"},"reduce":{"type":"count"}}]"#,
        ),
        ("list", "listStreams", r#"[{"instance":"i"}]"#),
        ("kept event", "appendKept", kept),
        ("kept event, stored before", "appendKept", kept),
        (
            "kept event of an instance that is made",
            "appendKept",
            r#"{"instanceId":"own","eventType":"t","autoCreateInstance":true}"#,
        ),
    ];
    let wanted = Cancellation::default();
    calls
        .into_iter()
        .map(|(shows, method, arguments)| {
            call(&log, method, arguments, to.clone(), &wanted);
            let mut values = settled(&next(&answers));
            // Between the id of the request and what is answered: the words may change.
            if values[4].is_string() {
                values[4] = json!("for a person");
            }
            (shows, values)
        })
        .collect()
}

/// What is answered by calls that are too long to be made here, or that come page by page.
fn composed() -> Vec<(&'static str, Value)> {
    let event = |sequence_number| Event {
        id: Uuid::new_v4(),
        instance_id: "i",
        stream_id: "s",
        event_type: "t",
        payload: "{\"a\":1}",
        metadata: "{\"m\":2}",
        timestamp_ms: 0,
        sequence_number,
        position: sequence_number + 4,
    };
    let stored = |duplicate| {
        let mut list = List::of_events("i");
        list.event(&event(1));
        list.event(&event(2));
        let response = Response::new(Ok(list.answer_of_stored(duplicate)), false);
        settled(&ResponseGroup::of(0, &response).into_text())
    };
    let piece = |piece: &Piece| {
        settled(&ResponseGroup::of_piece(0, piece, &Cancellation::default()).into_text())
    };
    let envelope = JsonEnvelope {
        method: "appendEvent",
        request_id: Some("7".to_owned()),
    };
    let in_json = |outcome| {
        let response = Response::in_json(outcome, envelope.clone());
        settled(&ResponseGroup::of(0, &response).into_text())
    };
    let mut events = Piece::of_events("i");
    events.add_event(&event(1));
    let mut placed = Piece::of_placed_events("i");
    placed.add_placed_event(5, &event(1));
    placed.add_placed_event(6, &event(2));
    let mut values = Piece::of_values();
    values.add_value("[1]");
    values.add_value("null");
    vec![
        ("JSON text", in_json(Ok(Answer::of_data("{}".to_owned())))),
        (
            "JSON text of a failure",
            in_json(Err(Error::new(Code::InvalidArgument, "wrong"))),
        ),
        ("many events", stored(false)),
        ("many events, stored before", stored(true)),
        ("piece of events", piece(&events)),
        ("piece of events with their positions", piece(&placed)),
        ("piece of values", piece(&values)),
    ]
}

/// The values of a group, with what each run makes up replaced.
fn settled(text: &str) -> Value {
    let mut value = serde_json::from_str(text).unwrap();
    settle(&mut value);
    value
}

fn settle(value: &mut Value) {
    match value {
        Value::String(text) if Uuid::parse_str(text).is_ok() => {
            *text = Uuid::nil().to_string();
        }
        Value::String(text) if chrono::DateTime::parse_from_rfc3339(text).is_ok() => {
            "2026-01-01T00:00:00.000Z".clone_into(text);
        }
        Value::Array(values) => values.iter_mut().for_each(settle),
        Value::Object(members) => members.values_mut().for_each(settle),
        _ => {}
    }
}

/// The kind of a group of one response, or of one piece.
fn kind_of(group: &Value) -> Option<u64> {
    let values = group.as_array()?;
    // A time stands before the first response.
    let number_at = usize::from(values[0].is_string());
    values[number_at + 1].as_u64()
}
