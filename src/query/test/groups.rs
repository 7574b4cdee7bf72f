//! `reduce` with `groupBy`.

use super::{Stored, refusal, result, result_text, stored, values};
use crate::error::Code;
use crate::query::Query;
use serde_json::{Value, json};

fn log() -> Vec<Stored> {
    [
        ("login", "a", r#"{"n":1}"#),
        ("logout", "a", r#"{"n":5}"#),
        ("login", "b", r#"{"n":"x"}"#),
        ("error", "b", "{}"),
        ("login", "a", r#"{"n":4}"#),
    ]
    .map(|(kind, stream, payload)| Stored {
        stream,
        kind,
        ..stored(payload)
    })
    .to_vec()
}

fn rows(parts: &str) -> Value {
    result(&log(), parts)["aggregation"].clone()
}

/// The rows' group values when grouping by the payload's `v`, as text.
fn group_values(raw: &[&str]) -> String {
    let text = result_text(&values(raw), r#""reduce":{"type":"count","groupBy":["v"]}"#).unwrap();
    text.strip_prefix(r#"{"aggregation":"#).unwrap().to_owned()
}

#[test]
fn rows_have_a_key_per_field_and_one_named_after_the_type() {
    assert_eq!(
        result_text(
            &log(),
            r#""reduce":{"type":"count","groupBy":"event_type"}"#
        )
        .unwrap(),
        concat!(
            r#"{"aggregation":[{"event_type":"error","count":1},{"event_type":"login","count":3},"#,
            r#"{"event_type":"logout","count":1}],"total":5}"#
        )
    );
    let expected = json!([
        { "eventType": "error", "/stream_id": "b", "sum": 0 },
        { "eventType": "login", "/stream_id": "a", "sum": 5 },
        { "eventType": "login", "/stream_id": "b", "sum": 0 },
        { "eventType": "logout", "/stream_id": "a", "sum": 5 },
    ]);
    let parts = r#""reduce":{"type":"sum","field":"n","groupBy":["eventType","/stream_id"]}"#;
    assert_eq!(rows(parts), expected);
}

#[test]
fn every_fold_works_in_groups() {
    for (fold, login, error) in [
        ("count", json!(3), json!(0)),
        ("sum", json!(5), json!(0)),
        ("avg", json!(2.5), json!(null)),
        ("min", json!(1), json!(null)),
        ("max", json!("x"), json!(null)),
        ("collect", json!([1, "x", 4]), json!([])),
    ] {
        let reduce = format!(r#""reduce":{{"type":"{fold}","field":"n","groupBy":"event_type"}}"#);
        let rows = rows(&reduce);
        assert_eq!(
            rows[0],
            json!({ "event_type": "error", fold: error }),
            "{fold}"
        );
        assert_eq!(
            rows[1],
            json!({ "event_type": "login", fold: login }),
            "{fold}"
        );
    }
}

#[test]
fn groups_go_by_json_value() {
    assert_eq!(
        group_values(&[
            "1",
            "1.0",
            r#""1""#,
            "10e-1",
            "true",
            "null",
            r#"{"b":1,"a":2}"#,
            r#"{"a":2.0,"b":1}"#,
            "[1]",
            "[1.0]",
            r#""\u0031""#,
            "-0",
            "0"
        ]),
        concat!(
            r#"[{"v":null,"count":1},{"v":true,"count":1},{"v":-0,"count":2},{"v":1,"count":3},"#,
            r#"{"v":"1","count":2},{"v":[1],"count":2},{"v":{"b":1,"a":2},"count":2}],"total":13}"#
        )
    );
    let mut log = values(&["null"]);
    log.push(stored("{}"));
    let rows = result(&log, r#""reduce":{"type":"count","groupBy":"v"}"#);
    assert_eq!(rows["aggregation"], json!([{ "v": null, "count": 2 }]));
}

#[test]
fn order_goes_by_a_group_field_or_the_type() {
    let kinds = |order: &str| -> Vec<String> {
        let parts = format!(
            r#""reduce":{{"type":"count","groupBy":["event_type","stream_id"]}},"orderBy":{order}"#
        );
        let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
        let rows = rows(&parts);
        let rows = rows.as_array().unwrap().iter();
        rows.map(|row| text(row, "event_type") + &text(row, "stream_id"))
            .collect()
    };
    let desc = |field: &str| format!(r#"{{"field":"{field}","direction":"desc"}}"#);
    let by_stream = ["errorb", "loginb", "logina", "logouta"];
    assert_eq!(kinds(&desc("stream_id")), by_stream);
    assert_eq!(kinds(&desc("streamId")), by_stream);
    assert_eq!(
        kinds(&desc("count")),
        ["logina", "errorb", "loginb", "logouta"]
    );
    assert_eq!(
        kinds(r#"{"field":"count"}"#),
        ["errorb", "loginb", "logouta", "logina"]
    );
    assert_eq!(
        kinds(&desc("/event_type")),
        ["logouta", "logina", "loginb", "errorb"]
    );
}

#[test]
fn rows_are_ordered_by_aggregates_of_any_type() {
    let parts = r#""reduce":{"type":"max","field":"n","groupBy":"event_type"},"orderBy":{"field":"max","direction":"desc"}"#;
    let expected = json!([
        { "event_type": "login", "max": "x" },
        { "event_type": "logout", "max": 5 },
        { "event_type": "error", "max": null },
    ]);
    assert_eq!(rows(parts), expected);
}

#[test]
fn limit_and_offset_page_the_rows() {
    let parts = r#""reduce":{"type":"count","groupBy":"event_type"},"limit":1,"offset":1"#;
    let expected = json!({
        "aggregation": [{ "event_type": "login", "count": 3 }],
        "total": 5,
        "limit": 1,
        "offset": 1,
    });
    assert_eq!(result(&log(), parts), expected);
    assert_eq!(
        rows(&parts.replace("\"limit\":1", "\"limit\":0")),
        json!([])
    );
    assert_eq!(
        rows(&parts.replace("\"offset\":1", "\"offset\":3")),
        json!([])
    );
}

#[test]
fn a_payload_field_named_like_the_type_is_written_with_its_path() {
    let log = [
        stored(r#"{"count":7}"#),
        stored(r#"{"count":9}"#),
        stored(r#"{"count":9}"#),
    ];
    let reduce = |label: &str| format!(r#""reduce":{{"type":"count","groupBy":["{label}"]}}"#);
    for label in ["count", r"\u0063ount"] {
        let (code, text) = refusal(&reduce(label));
        assert_eq!(code, Code::InvalidArgument);
        assert!(text.starts_with("reduce.groupBy[0]: expected ") && text.contains("payload.count"));
    }
    let by_type = format!(
        r#"{},"orderBy":{{"field":"count","direction":"desc"}}"#,
        reduce("payload.count")
    );
    let expected = json!([{ "payload.count": 9, "count": 2 }, { "payload.count": 7, "count": 1 }]);
    assert_eq!(result(&log, &by_type)["aggregation"], expected);
}

#[test]
fn rows_that_could_not_be_told_apart_are_refused() {
    for (parts, start) in [
        (
            r#""reduce":{"type":"count","groupBy":["a","b","a"]}"#,
            "reduce.groupBy[2]: expected each field once",
        ),
        (
            r#""reduce":{"type":"count","groupBy":"count"}"#,
            "reduce.groupBy: expected a name",
        ),
    ] {
        let (code, text) = refusal(parts);
        assert_eq!(code, Code::InvalidArgument);
        assert!(text.starts_with(start), "{text}");
    }
    let both = r#""reduce":{"type":"count","groupBy":["n","payload.n"]},"limit":1"#;
    assert_eq!(
        rows(both),
        json!([{ "n": null, "payload.n": null, "count": 1 }])
    );
}

/// The rows, and what is remarked of the query.
fn remarked(parts: &str) -> (Value, Vec<String>) {
    let text = format!(r#"{{"from":{{"instance":"log"}},{parts}}}"#);
    let query = Query::parse(&text).unwrap();
    (rows(parts), query.remarks().to_vec())
}

#[test]
fn an_order_by_what_is_not_in_the_rows_is_passed_over_with_a_remark() {
    let sum = r#""reduce":{"type":"sum","field":"n","groupBy":"event_type"}"#;
    let plain = rows(sum);
    for field in ["n", "count", "timestamp", "payload.event_type"] {
        let order = format!(r#""orderBy":{{"field":"{field}","direction":"desc"}}"#);
        let (rows, remarks) = remarked(&format!("{sum},{order}"));
        assert_eq!(rows, plain, "{field}");
        assert_eq!(
            remarks,
            ["orderBy was passed over: the rows have only the fields of reduce.groupBy and sum"]
        );
    }
    let (rows, remarks) = remarked(&format!(r#"{sum},"select":["event_type"]"#));
    assert_eq!(rows, plain);
    assert_eq!(
        remarks,
        ["select was passed over: reduce returns no events"]
    );
    let (code, _) = refusal(&format!(
        r#"{sum},"orderBy":{{"field":"n","direction":"up"}}"#
    ));
    assert_eq!(code, Code::InvalidArgument);
}

#[test]
fn an_order_of_events_acts_on_what_groups_collect() {
    let collect = r#""reduce":{"type":"collect","field":"n","groupBy":"event_type"}"#;
    let order = r#""orderBy":{"field":"sequence_number","direction":"desc"}"#;
    let (ordered, remarks) = remarked(&format!("{collect},{order}"));
    let expected = json!([
        { "event_type": "error", "collect": [] },
        { "event_type": "login", "collect": [4, "x", 1] },
        { "event_type": "logout", "collect": [5] },
    ]);
    assert_eq!(ordered, expected);
    assert_eq!(remarks, [""; 0]);
    let (ordered, _) = remarked(&format!(
        r#"{collect},"orderBy":{{"field":"n"}},"offset":1,"limit":1"#
    ));
    assert_eq!(
        ordered,
        json!([{ "event_type": "login", "collect": [1, 4, "x"] }])
    );
    // The order of rows goes before that of events.
    let (ordered, remarks) = remarked(&format!(
        r#"{collect},"orderBy":{{"field":"event_type","direction":"desc"}}"#
    ));
    let kinds = ordered.as_array().unwrap().iter();
    let kinds: Vec<&str> = kinds
        .map(|row| row["event_type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["logout", "login", "error"]);
    assert_eq!(remarks, [""; 0]);
}

#[test]
fn groups_collect_whole_events_where_no_field_is_given() {
    let events = result(&log(), "")["events"].clone();
    let reduce = r#""reduce":{"type":"collect","groupBy":["stream_id"]}"#;
    let of = |places: [usize; 3]| places.map(|at| events[at].clone());
    let expected = json!([
        { "stream_id": "a", "collect": of([0, 1, 4]) },
        { "stream_id": "b", "collect": [events[2], events[3]] },
    ]);
    assert_eq!(rows(reduce), expected);
    let order = r#""orderBy":{"field":"event_type","direction":"desc"},"limit":1"#;
    assert_eq!(
        rows(&format!("{reduce},{order}")),
        json!([{ "stream_id": "a", "collect": of([1, 4, 0]) }])
    );
}

#[test]
fn one_group_can_be_written_in_two_ways_and_is_folded_in_the_order_of_the_log() {
    let written = [r#""a""#, r#""\u0061""#, r#""b""#, "1", "1.0", "null"];
    let written_at = |at: usize| written[at * 7 % 11 % 6];
    // There are so many different numbers that a column has them as such.
    let number = |at: usize| f64::from((at * 7_919 % 1_000) as u32) / 1_000.0 + 0.1;
    let log: Vec<Stored> = (0..600)
        .map(|at| {
            let (v, n) = (written_at(at), number(at));
            stored(&format!(r#"{{"v":{v},"n":{n},"at":{at}}}"#))
        })
        .collect();
    let groups = [&written[5..], &written[3..5], &written[..2], &written[2..3]];
    for from in [0, 200] {
        let rows = groups.map(|written_so| {
            let places = (from..600).filter(|at| written_so.contains(&written_at(*at)));
            let places: Vec<usize> = places.collect();
            let numbers = || places.iter().map(|at| number(*at));
            let sum = numbers().fold(0.0, |sum, number| sum + number);
            format!(
                r#"{{"v":{},"n":{},"sum":{sum},"avg":{},"min":{},"max":{}}}"#,
                written_at(places[0]),
                places.len(),
                sum / f64::from(places.len() as u32),
                numbers().fold(f64::INFINITY, f64::min),
                numbers().fold(0.0, f64::max),
            )
        });
        let parts = format!(
            r#""where":[{{"field":"at","operator":"gte","value":{from}}}],"reduce":{{"groupBy":"v","aggregates":{{
                "n":{{"type":"count"}},"sum":{{"type":"sum","field":"n"}},"avg":{{"type":"avg","field":"n"}},
                "min":{{"type":"min","field":"n"}},"max":{{"type":"max","field":"n"}}
            }}}}"#
        );
        let text = result_text(&log, &parts).unwrap();
        let (rows, total) = (rows.join(","), 600 - from);
        let expected = format!(r#"{{"aggregation":[{rows}],"total":{total}}}"#);
        assert_eq!(text, expected);
    }
}
