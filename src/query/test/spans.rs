//! Groups of spans of time and of bins, rows without events, and rows that are chosen.

use std::cell::Cell;

use super::chunk::{CUTS, Log, run_within};
use super::{Stored, result, result_text, stored, values};
use crate::error::{Code, Error};
use crate::event::Event;
use crate::query::{Execution, Query, Sink};
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
    // What does not hold has a first and a last time as well, and so has a text of times.
    for condition in [
        r#"{"not":{"any":[{"field":"timestamp","operator":"lt","value":"2025-12-31T23:00:00Z"},
            {"field":"timestamp","operator":"gte","value":"2026-01-01T05:00:00Z"}]}}"#,
        r#"{"all":[{"not":{"field":"timestamp","operator":"lte","value":"2025-12-31T22:59:59.999Z"}},
            {"not":{"not":{"field":"timestamp","operator":"lt","value":"2026-01-01T05:00:00Z"}}}]}"#,
    ] {
        let range = format!(r#","where":{condition}"#);
        assert_eq!(counts(&rows(&log, group, &range)), [0, 1, 0, 0, 1, 0]);
    }
    for (prefix, expected) in [
        ("2026-01-01T0", &[1, 0, 0, 1, 0, 0, 0, 0, 0, 0][..]),
        ("2026-01-01T03:1", &[1]),
        ("2025-12-31T2", &[0, 0, 0, 0]),
        ("2026-01-01t", &[]),
        ("2026-01-01T00:30:00.000Z!", &[]),
    ] {
        let range = format!(
            r#","where":[{{"field":"timestamp","operator":"startsWith","value":"{prefix}"}}]"#
        );
        assert_eq!(counts(&rows(&log, group, &range)), expected, "{prefix}");
    }
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

/// A caller who no longer wants what is made after having been asked so often.
struct Leaving(Cell<u32>);

impl Sink for Leaving {
    fn event(&mut self, _: &Event<'_>) -> Result<(), Error> {
        Ok(())
    }

    fn value(&mut self, _: &str) -> Result<(), Error> {
        Ok(())
    }

    fn check_wanted(&self) -> Result<(), Error> {
        let left = self.0.get().checked_sub(1);
        let left = left.ok_or_else(|| Error::new(Code::Aborted, "it is not wanted"))?;
        self.0.set(left);
        Ok(())
    }
}

#[test]
fn spans_and_rows_are_made_only_as_long_as_they_are_wanted() {
    let of = |from: &str, asked: u32| {
        let query = format!(
            r#"{{"from":{{"instance":"log"}},
            "where":[{{"field":"timestamp","operator":"between","value":["{from}","2026-01-01T23:59:59Z"]}}],
            "reduce":{{"type":"count","groupBy":{{"field":"timestamp","every":"1s","fill":true}}}}}}"#
        );
        let query = Query::parse(&query).unwrap();
        let finished = Execution::new(&query).finish(&Log(&[]), &mut Leaving(Cell::new(asked)));
        finished.err().map(|error| error.code())
    };
    // 86,400 spans, and then as many rows.
    let asked = 2 * 86_400_u32.div_ceil(1_024);
    for enough in [asked, asked + 1] {
        assert_eq!(of("2026-01-01T00:00:00Z", enough), None);
    }
    for few in [0, 1, asked / 2, asked - 1] {
        assert_eq!(of("2026-01-01T00:00:00Z", few), Some(Code::Aborted));
    }
    assert_eq!(of("2026-01-01T23:59:00Z", 2), None);
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
