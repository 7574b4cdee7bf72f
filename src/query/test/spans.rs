//! Groups of spans of time and of bins, rows without events, and rows that are chosen.

use super::chunk::{CUTS, run_within};
use super::{Stored, refusal, result, result_text, stored, values};
use crate::error::Code;
use crate::query::Query;
use crate::timestamp;
use serde_json::{Value, json};

fn at(times: &[&str]) -> Vec<Stored> {
    let ms = |text: &&str| timestamp::parse(text).unwrap().ms;
    let stored = |text| Stored {
        ms: ms(text),
        ..stored("{\"n\":1}")
    };
    times.iter().map(stored).collect()
}

fn rows(log: &[Stored], group: &str, rest: &str) -> Value {
    let parts = format!(r#""reduce":{{"type":"count","groupBy":{group}}}{rest}"#);
    result(log, &parts)["aggregation"].clone()
}

#[test]
fn events_are_counted_by_hours_and_days_of_a_zone() {
    let log = at(&[
        "2026-03-28T23:30:00Z",
        "2026-03-29T00:30:00Z",
        "2026-03-29T01:10:00Z",
        "2026-03-29T22:00:00Z",
    ]);
    assert_eq!(
        rows(
            &log,
            r#"{"field":"timestamp","every":"1d","timeZone":"Europe/Berlin"}"#,
            ""
        ),
        json!([
            { "timestamp": "2026-03-29T00:00:00.000+01:00", "count": 3 },
            { "timestamp": "2026-03-30T00:00:00.000+02:00", "count": 1 },
        ])
    );
    assert_eq!(
        rows(
            &log,
            r#"[{"field":"/timestamp","every":"1h"}]"#,
            r#","limit":2"#
        ),
        json!([
            { "/timestamp": "2026-03-28T23:00:00.000Z", "count": 1 },
            { "/timestamp": "2026-03-29T00:00:00.000Z", "count": 1 },
        ])
    );
    assert_eq!(
        rows(&log, r#"[{"field":"timestamp","every":"1mo"},"n"]"#, ""),
        json!([{ "timestamp": "2026-03-01T00:00:00.000Z", "n": 1, "count": 4 }])
    );
}

#[test]
fn spans_without_events_have_rows_too() {
    let log = at(&["2026-01-01T00:30:00Z", "2026-01-01T03:10:00Z"]);
    let group = r#"{"field":"timestamp","every":"1h","fill":true}"#;
    let counts = |value: &Value| -> Vec<u64> {
        value
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["count"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(counts(&rows(&log, group, "")), [1, 0, 0, 1]);
    let range = r#","where":[{"field":"timestamp","operator":"gte","value":"2025-12-31T23:00:00Z"},
        {"field":"timestamp","operator":"lt","value":"2026-01-01T05:00:00Z"}]"#;
    assert_eq!(counts(&rows(&log, group, range)), [0, 1, 0, 0, 1, 0]);
    assert_eq!(counts(&rows(&[], group, range)), [0, 0, 0, 0, 0, 0]);
    assert_eq!(rows(&[], group, ""), json!([]));
    let from =
        r#","where":[{"field":"timestamp","operator":"gt","value":"2026-01-01T01:59:59.999Z"}]"#;
    assert_eq!(counts(&rows(&log, group, from)), [0, 1]);
    let other = r#"[{"field":"timestamp","every":"1h","fill":true},"n"]"#;
    assert_eq!(counts(&rows(&log, other, "")), [1, 0, 0, 1]);
    assert_eq!(counts(&rows(&[], other, range)), [0; 0]);
    let values = r#""reduce":{"aggregates":{"n":{"type":"count"},"avg":{"type":"avg","field":"n"},
        "all":{"type":"collect","field":"n"}},"groupBy":{"field":"timestamp","every":"1h","fill":true}}"#;
    assert_eq!(
        result(&log, values)["aggregation"][1],
        json!({ "timestamp": "2026-01-01T01:00:00.000Z", "n": 0, "avg": null, "all": [] })
    );
}

#[test]
fn too_many_spans_are_refused() {
    let log = at(&["0000-01-01T00:00:00Z", "9999-12-31T00:00:00Z"]);
    let parts =
        r#""reduce":{"type":"count","groupBy":{"field":"timestamp","every":"1s","fill":true}}"#;
    let error = result_text(&log, parts).unwrap_err();
    assert_eq!(error.code(), Code::LimitExceeded);
    assert!(
        error.text().starts_with(
            "reduce.groupBy: expected at most 1000000 groups, with those that fill adds"
        )
    );
}

#[test]
fn rows_that_fill_count_for_what_a_query_may_hold() {
    let log = at(&["2026-01-01T00:00:00Z"]);
    let absent: Vec<String> = (0..99).map(|n| format!(r#""a{n}""#)).collect();
    let parts = format!(
        r#""where":[{{"field":"timestamp","operator":"lt","value":"2026-01-03T12:00:00Z"}}],
        "reduce":{{"type":"count","groupBy":[{{"field":"timestamp","every":"1s","fill":true}},{}]}}"#,
        absent.join(",")
    );
    let query = Query::parse(&format!(r#"{{"from":{{"instance":"log"}},{parts}}}"#)).unwrap();
    let error = run_within(&query, &log, CUTS[0], 1 << 20, 1_000_000).unwrap_err();
    assert_eq!(error.code(), Code::LimitExceeded);
    assert_eq!(
        error.text(),
        "reduce: expected to hold at most 1048576 bytes at once, found more; narrow the events with where, or group by \
         a field with fewer values"
    );
}

#[test]
fn bins_are_filled_beside_the_only_span_with_events() {
    let log = at(&["2026-01-01T10:50:00Z"]);
    let group = r#"[{"field":"timestamp","every":"1h","fill":true},{"field":"n","bins":[0,10],"fill":true}]"#;
    let all = rows(&log, group, "");
    assert_eq!(all.as_array().unwrap().len(), 2);
    let within =
        r#","where":[{"field":"timestamp","operator":"gte","value":"2026-01-01T10:45:00Z"}]"#;
    assert_eq!(rows(&log, group, within), all);
}

#[test]
fn having_looks_into_the_text_of_a_time_as_the_row_has_it() {
    let log = at(&["2026-01-01T23:30:00Z"]);
    let of = |start: &str| {
        let parts = format!(
            r#""reduce":{{"type":"count",
            "groupBy":{{"field":"timestamp","every":"1h","timeZone":"Europe/Berlin"}},
            "having":[{{"field":"timestamp","operator":"startsWith","value":"{start}"}}]}}"#
        );
        result(&log, &parts)["aggregation"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(of("2026-01-02T00"), 1);
    assert_eq!(of("2026-01-01T23"), 0);
}

#[test]
fn numbers_are_sorted_into_bins() {
    let log = values(&[
        "5", "-1", "0", "9.99", "10", "1000", r#""10""#, "null", "100",
    ]);
    let group = r#"{"field":"v","bins":[0,10,100]}"#;
    assert_eq!(
        rows(&log, group, ""),
        json!([
            { "v": null, "count": 3 }, { "v": 0, "count": 3 }, { "v": 10, "count": 1 }, { "v": 100, "count": 2 },
        ])
    );
    assert_eq!(
        rows(
            &values(&["150"]),
            r#"{"field":"v","bins":[0,10,100],"fill":true}"#,
            ""
        ),
        json!([{ "v": 0, "count": 0 }, { "v": 10, "count": 0 }, { "v": 100, "count": 1 }])
    );
    assert_eq!(
        rows(
            &values(&["1", "2", "3"]),
            r#"{"field":"position","bins":[1,3]}"#,
            r#","orderBy":{"field":"position","direction":"desc"}"#
        ),
        json!([{ "position": 3, "count": 1 }, { "position": 1, "count": 2 }])
    );
}

#[test]
fn rows_are_chosen_by_their_columns() {
    let log: Vec<Stored> = [
        ("x", 1, 0),
        ("y", 9, 5),
        ("x", 3, 9),
        ("y", 1, 7),
        ("z", 2, 9),
    ]
    .into_iter()
    .map(|(kind, v, ms)| Stored {
        kind,
        ms,
        ..stored(&format!("{{\"v\":{v}}}"))
    })
    .collect();
    let types = |having: &str| -> Vec<String> {
        let parts = format!(
            r#""reduce":{{"groupBy":"event_type","having":{having},"aggregates":{{
                "n":{{"type":"count"}},"top":{{"type":"max","field":"v"}},"newest":{{"type":"max","field":"timestamp"}},
                "all":{{"type":"collect","field":"v"}},"p 5":{{"type":"percentile","field":"v","p":0.5}}
            }}}}"#
        );
        let rows = result(&log, &parts)["aggregation"].clone();
        let rows = rows.as_array().unwrap().iter();
        rows.map(|row| row["event_type"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        types(r#"[{"field":"n","operator":"gt","value":1}]"#),
        ["x", "y"]
    );
    assert_eq!(
        types(
            r#"{"any":[{"field":"top","operator":"gte","value":9},{"field":"eventType","operator":"eq","value":"z"}]}"#
        ),
        ["y", "z"]
    );
    assert_eq!(
        types(r#"{"not":{"field":"all","operator":"contains","value":1}}"#),
        ["z"]
    );
    assert_eq!(
        types(r#"[{"field":"p 5","operator":"eq","value":2}]"#),
        ["x", "z"]
    );
    assert_eq!(
        types(r#"[{"field":"newest","operator":"lt","value":9}]"#),
        ["y"]
    );
    assert_eq!(
        types(r#"[{"field":"event_type","operator":"in","value":["X"],"ignoreCase":true}]"#),
        ["x"]
    );
    assert_eq!(types("[]"), ["x", "y", "z"]);
    let single = r#""reduce":{"type":"count","groupBy":{"field":"timestamp","every":"1s"},
        "having":[{"field":"timestamp","operator":"gte","value":"1970-01-01"},{"field":"count","operator":"gt","value":4}]}"#;
    assert_eq!(
        result(&log, single)["aggregation"],
        json!([{ "timestamp": "1970-01-01T00:00:00.000Z", "count": 5 }])
    );
}

/// Asserts that each of the parts of a reduction is an invalid argument whose text starts so.
fn refused(cases: &[(&str, &str)]) {
    for (reduce, start) in cases {
        let (code, text) = refusal(&format!("\"reduce\":{{\"type\":\"count\",{reduce}}}"));
        assert_eq!(code, Code::InvalidArgument, "{reduce}");
        assert!(text.starts_with(start), "{text}");
    }
}

#[test]
fn spans_have_shapes() {
    refused(&[
        (
            r#""groupBy":{"field":"timestamp","every":"1M"}"#,
            "reduce.groupBy.every: expected a number and a unit, such as 30s, 15m, 1h, 1d, 1w, 1mo (a month), 1q or 1y, found \"1M\"",
        ),
        (
            r#""groupBy":[{"field":"timestamp","every":""}]"#,
            "reduce.groupBy[0].every: expected a number and a unit",
        ),
        (
            r#""groupBy":{"field":"timestamp","every":60}"#,
            "reduce.groupBy.every: expected a number and a unit",
        ),
        (
            r#""groupBy":{"field":"timestamp","every":"0h"}"#,
            "reduce.groupBy.every: expected a step of 1 to 10000 units",
        ),
        (
            r#""groupBy":{"field":"timestamp","every":"7h"}"#,
            "reduce.groupBy.every: expected seconds, minutes or hours that divide a day",
        ),
        (
            r#""groupBy":{"field":"timestamp","every":"99999999999999999999d"}"#,
            "reduce.groupBy.every: expected a number and a unit",
        ),
        (
            r#""groupBy":{"field":"payload.at","every":"1h"}"#,
            "reduce.groupBy.field: expected timestamp, which is the one field with times",
        ),
        (
            r#""groupBy":{"field":"timestamp","every":"1h","timeZone":"Europe/Berlim"}"#,
            "reduce.groupBy.timeZone: expected the name of a time zone, such as Europe/Berlin or UTC, or an offset such as +05:30, found \"Europe/Berlim\"; did you mean \"Europe/Berlin\"?",
        ),
        (
            r#""groupBy":{"field":"timestamp","timeZone":"UTC"}"#,
            "reduce.groupBy.timeZone: expected nothing without every",
        ),
        (
            r#""groupBy":{"field":"timestamp","bins":[1]}"#,
            "reduce.groupBy.bins: expected every, such as 1h, for timestamp",
        ),
        (
            r#""groupBy":{"field":"a","every":"1h","bins":[1]}"#,
            "reduce.groupBy.bins: expected every, or bins, and not both",
        ),
    ]);
}

#[test]
fn bins_and_choices_have_shapes() {
    refused(&[
        (
            r#""groupBy":{"field":"a","bins":[]}"#,
            "reduce.groupBy.bins: expected an array of numbers, each the lower bound of a bin, found an empty one",
        ),
        (
            r#""groupBy":{"field":"a","bins":[0,10,5]}"#,
            "reduce.groupBy.bins[2]: expected a number greater than the one before, 10, found 5",
        ),
        (
            r#""groupBy":{"field":"a","bins":[0,0]}"#,
            "reduce.groupBy.bins[1]: expected a number greater than the one before, 0, found 0",
        ),
        (
            r#""groupBy":{"field":"a","bins":[0,"1"]}"#,
            "reduce.groupBy.bins[1]: expected a number, found \"1\"",
        ),
        (
            r#""groupBy":{"field":"a","bins":5}"#,
            "reduce.groupBy.bins: expected an array of numbers",
        ),
        (
            r#""groupBy":{"field":"a","fill":true}"#,
            "reduce.groupBy.fill: expected every or bins beside fill",
        ),
        (
            r#""groupBy":{"field":"a","bins":[1],"fill":1}"#,
            "reduce.groupBy.fill: expected a boolean, found 1",
        ),
        (
            r#""groupBy":{"every":"1h"}"#,
            "reduce.groupBy.field: expected the name of a field, found nothing",
        ),
        (
            r#""groupBy":{"field":"timestamp","interval":"1h"}"#,
            "reduce.groupBy.interval: unknown key, expected field, every, timeZone, bins or fill",
        ),
        (
            r#""groupBy":{"field":"timestamp","timezone":"UTC"}"#,
            "reduce.groupBy.timezone: unknown key, expected field, every, timeZone, bins or fill; did you mean timeZone?",
        ),
        (
            r#""groupBy":["a",{"field":"a","bins":[1]}]"#,
            "reduce.groupBy[1].field: expected each field once",
        ),
        (
            r#""groupBy":{"field":"count","bins":[1]}"#,
            "reduce.groupBy.field: expected a name that the rows do not have already",
        ),
        (
            r#""having":[]"#,
            "reduce.having: expected groupBy beside it, whose rows it chooses from, found an array alone",
        ),
        (
            r#""groupBy":"a","having":[{"field":"sum","operator":"gt","value":1}]"#,
            "reduce.having[0].field: expected a column of the rows, a or count, found \"sum\"",
        ),
        (
            r#""groupBy":"a","having":{"any":[{"field":"count","operator":"exists","value":true}]}"#,
            "reduce.having.any[0].operator: expected another operator, as every row has the column",
        ),
        (
            r#""groupBy":"a","having":[{"field":"count","operator":"gt","valueField":"a"}]"#,
            "reduce.having[0].valueField: unknown key, expected field, operator, value,",
        ),
        (
            r#""groupBy":"a","having":5"#,
            "reduce.having: expected an array of conditions",
        ),
        (
            r#""groupBy":{"field":"timestamp","every":"1h"},"having":[{"field":"timestamp","operator":"gt","value":"x"}]"#,
            "reduce.having[0].value: expected an ISO 8601 date-time",
        ),
    ]);
}
