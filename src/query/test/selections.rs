//! `select` keeps the named fields.

use super::{Stored, result_text, stored};

const PAYLOAD: &str = concat!(
    r#"{"a":{"b":1.50,"c":[10,{"x":1,"y":2},30]},"x.y":"\u0041","n":null,"#,
    r#""dup":1,"dup":{"z":2},"__proto__":{"p":1},"\ud800":true,"0":"zero"}"#
);

/// What is kept of one event, as text.
fn kept(fields: &[&str]) -> String {
    let log = [Stored {
        metadata: "[1,[2,3]]".to_owned(),
        ..stored(PAYLOAD)
    }];
    let select: Vec<String> = fields.iter().map(|field| format!("\"{field}\"")).collect();
    let text = result_text(&log, &format!(r#""select":[{}]"#, select.join(","))).unwrap();
    let text = text.strip_prefix(r#"{"events":["#).unwrap();
    text.strip_suffix(r#"],"total":1}"#).unwrap().to_owned()
}

#[test]
fn keys_come_in_the_events_order_and_spelling() {
    let header = concat!(
        r#"{"id":"00000000-0000-0000-0000-000000000000","instanceId":"log","stream_id":"default","#,
        r#""event_type":"test","timestamp":"1970-01-01T00:00:00.000Z","sequence_number":1}"#
    );
    let camel = [
        "sequenceNumber",
        "timestamp",
        "eventType",
        "streamId",
        "instanceId",
        "id",
    ];
    assert_eq!(kept(&camel), header);
    let snake = [
        "id",
        "instance_id",
        "event_type",
        "sequence_number",
        "stream_id",
        "/timestamp",
    ];
    assert_eq!(kept(&snake), header);
    let twice = kept(&["metadata", "payload", "id", "id"]);
    let whole = format!(
        r#"{{"id":"00000000-0000-0000-0000-000000000000","payload":{PAYLOAD},"metadata":[1,[2,3]]}}"#
    );
    assert_eq!(twice, whole);
}

#[test]
fn a_path_keeps_its_nesting() {
    for (fields, json) in [
        (&["payload.a.b"][..], r#"{"payload":{"a":{"b":1.50}}}"#),
        (&["a.b"], r#"{"payload":{"a":{"b":1.50}}}"#),
        (&["/payload/x.y"], r#"{"payload":{"x.y":"\u0041"}}"#),
        (&["n", "a.b"], r#"{"payload":{"a":{"b":1.50},"n":null}}"#),
        (&["dup"], r#"{"payload":{"dup":{"z":2}}}"#),
        (&["dup.z"], r#"{"payload":{"dup":{"z":2}}}"#),
        (&["__proto__.p"], r#"{"payload":{"__proto__":{"p":1}}}"#),
        (&[r"\ud800"], r#"{"payload":{"\ud800":true}}"#),
        (&["payload.0"], r#"{"payload":{"0":"zero"}}"#),
        (
            &["payload.a.b", "payload"],
            &format!(r#"{{"payload":{PAYLOAD}}}"#),
        ),
        (
            &["payload", "payload.a.b"],
            &format!(r#"{{"payload":{PAYLOAD}}}"#),
        ),
        (
            &["a.b", "a"],
            r#"{"payload":{"a":{"b":1.50,"c":[10,{"x":1,"y":2},30]}}}"#,
        ),
    ] {
        assert_eq!(kept(fields), json, "{fields:?}");
    }
}

#[test]
fn elements_stay_at_their_index() {
    for (fields, json) in [
        (&["a.c.0"][..], r#"{"payload":{"a":{"c":[10]}}}"#),
        (&["a.c.2"], r#"{"payload":{"a":{"c":[null,null,30]}}}"#),
        (
            &["a.c.2", "a.c.0"],
            r#"{"payload":{"a":{"c":[10,null,30]}}}"#,
        ),
        (
            &["a.c.1.y", "a.c.9"],
            r#"{"payload":{"a":{"c":[null,{"y":2}]}}}"#,
        ),
        (
            &["a.c.0.none", "a.c.1.x"],
            r#"{"payload":{"a":{"c":[null,{"x":1}]}}}"#,
        ),
        (&["metadata.1.0"], r#"{"metadata":[null,[2]]}"#),
    ] {
        assert_eq!(kept(fields), json, "{fields:?}");
    }
}

#[test]
fn what_is_not_there_is_left_out_with_what_would_hold_it() {
    for fields in [
        &["none"][..],
        &["a.none"],
        &["a.b.none"],
        &["n.none"],
        &["a.c.3", "a.c.01", "a.c.length"],
        &["metadata.key"],
        &["payload.payload"],
        &["x.y"],
    ] {
        assert_eq!(kept(fields), "{}", "{fields:?}");
    }
    assert_eq!(
        kept(&["none", "metadata.0", "a.none"]),
        r#"{"metadata":[1]}"#
    );
}

#[test]
fn an_element_far_back_is_found() {
    let array = format!("[{}7]", "0,".repeat(100_000));
    let text = result_text(&[stored(&array)], r#""select":["payload.100000"]"#).unwrap();
    let expected = format!(r#"{{"payload":[{}7]}}"#, "null,".repeat(100_000));
    assert_eq!(text, format!(r#"{{"events":[{expected}],"total":1}}"#));
}
