//! Order, `limit`, `offset` and `total`.

use super::{Stored, places, result, result_text, stored, values};
use crate::query::Query;
use serde_json::json;

#[test]
fn without_order_events_come_as_they_were_appended() {
    let log = values(&["3", "1", "2"]);
    assert_eq!(places(&log, ""), [0, 1, 2]);
    assert_eq!(places(&log, r#""offset":1"#), [1, 2]);
    assert_eq!(places(&log, r#""limit":1,"offset":1"#), [1]);
    assert_eq!(places(&log, r#""limit":2"#), [0, 1]);
    assert_eq!(places(&log, r#""offset":3"#), [0; 0]);
    assert_eq!(places(&log, r#""limit":9007199254740991,"offset":2"#), [2]);
}

#[test]
fn the_result_echoes_what_was_given() {
    let log = values(&["1", "2", "3"]);
    let text = result_text(&log, r#""limit":0,"offset":2"#).unwrap();
    assert_eq!(text, r#"{"events":[],"total":3,"limit":0,"offset":2}"#);
    assert_eq!(result_text(&[], "").unwrap(), r#"{"events":[],"total":0}"#);
    let text = result_text(&[], r#""offset":0"#).unwrap();
    assert_eq!(text, r#"{"events":[],"total":0,"offset":0}"#);
}

#[test]
fn an_event_comes_whole() {
    let log = [Stored {
        stream: "s\n",
        kind: "k",
        ms: 5,
        sequence: 3,
        ..stored(r#"{ "a": 1.0 }"#)
    }];
    assert_eq!(
        result_text(&log, "").unwrap(),
        concat!(
            r#"{"events":[{"id":"00000000-0000-0000-0000-000000000000","instanceId":"log","#,
            r#""stream_id":"s\n","event_type":"k","payload":{ "a": 1.0 },"metadata":{},"#,
            r#""timestamp":"1970-01-01T00:00:00.005Z","sequence_number":3}],"total":1}"#
        )
    );
}

#[test]
fn total_counts_the_matches_before_the_page() {
    let log = values(&["1", "2", "3", "4"]);
    let matching = r#""where":[{"field":"v","operator":"gt","value":1}]"#;
    let result = result(&log, &format!(r#"{matching},"limit":1,"offset":1"#));
    assert_eq!(result["total"], json!(3));
    assert_eq!(result["events"][0]["payload"], json!({ "v": 3 }));
}

#[test]
fn types_are_sorted_among_each_other() {
    let log = values(&[
        "{}",
        "[2]",
        r#""b""#,
        "2",
        "true",
        "null",
        "[1]",
        r#""B""#,
        "-1",
        "false",
        r#"{"a":1}"#,
    ]);
    let ascending = [5, 9, 4, 8, 3, 7, 2, 1, 6, 0, 10];
    assert_eq!(places(&log, r#""orderBy":{"field":"v"}"#), ascending);
    assert_eq!(
        places(&log, r#""orderBy":{"field":"v","direction":"asc"}"#),
        ascending
    );
    let mut descending = ascending;
    descending.reverse();
    assert_eq!(
        places(&log, r#""orderBy":{"field":"v","direction":"desc"}"#),
        descending
    );
}

#[test]
fn ties_keep_append_order_in_the_direction_asked() {
    let log = values(&["1", "0", "1", "0", "1.0"]);
    assert_eq!(places(&log, r#""orderBy":{"field":"v"}"#), [1, 3, 0, 2, 4]);
    let descending = r#""orderBy":{"field":"v","direction":"desc"}"#;
    assert_eq!(places(&log, descending), [4, 2, 0, 3, 1]);
    assert_eq!(
        places(&log, &format!(r#"{descending},"limit":2,"offset":1"#)),
        [2, 0]
    );
    assert_eq!(
        places(&log, r#""orderBy":{"field":"none","direction":"desc"}"#),
        [4, 3, 2, 1, 0]
    );
}

#[test]
fn a_sorted_page_is_the_same_part_of_the_sorted_whole() {
    let numbers: Vec<String> = (0..60).map(|n| (n * 37 % 20).to_string()).collect();
    let log = values(&numbers.iter().map(String::as_str).collect::<Vec<_>>());
    for direction in ["asc", "desc"] {
        let order = format!(r#""orderBy":{{"field":"v","direction":"{direction}"}}"#);
        let all = places(&log, &order);
        for (offset, limit) in [
            (0, 0),
            (0, 1),
            (0, 60),
            (5, 10),
            (55, 10),
            (60, 1),
            (3, 1000),
        ] {
            let page = places(
                &log,
                &format!(r#"{order},"offset":{offset},"limit":{limit}"#),
            );
            let end = (offset + limit).min(60);
            assert_eq!(
                page,
                all[offset.min(end)..end],
                "{direction} {offset} {limit}"
            );
        }
    }
}

#[test]
fn a_stream_is_asked_for_by_name() {
    let stream = |parts: &str| {
        let query = Query::parse(&format!("{{{parts}}}")).unwrap();
        query.stream().map(str::to_owned)
    };
    let condition = |operator: &str, value: &str| {
        format!(
            r#""from":{{"instance":"x"}},"where":[{{"field":"payload.a","operator":"eq","value":"c"}},
            {{"field":"streamId","operator":"{operator}","value":{value}}}]"#
        )
    };
    let from = r#""from":{"instance":"\u00e9","stream":"b"}"#;
    assert_eq!(stream(from), Some("b".to_owned()));
    assert_eq!(stream(r#""from":{"instance":"x"}"#), None);
    assert_eq!(stream(&condition("eq", "\"a\"")), Some("a".to_owned()));
    for (operator, value) in [
        ("neq", "\"a\""),
        ("in", "[\"a\"]"),
        ("eq", "1"),
        ("eq", "\"\\ud800\""),
    ] {
        assert_eq!(
            stream(&condition(operator, value)),
            None,
            "{operator} {value}"
        );
    }
}
