//! `timestamp` compares as time.

use super::{Stored, places, refusal, result, stored};
use crate::error::Code;
use crate::timestamp::EXPECTED;
use serde_json::json;

/// Events at -1, 0, 1, 2 and 1000 ms.
fn log() -> Vec<Stored> {
    let at = |ms| Stored { ms, ..stored("{}") };
    [-1, 0, 1, 2, 1000].map(at).to_vec()
}

fn find(operator: &str, value: &str) -> Vec<u128> {
    let condition = format!(r#"{{"field":"timestamp","operator":"{operator}","value":{value}}}"#);
    places(&log(), &format!("\"where\":[{condition}]"))
}

#[test]
fn a_time_is_written_in_any_form() {
    for value in [
        "1",
        r#""1970-01-01T00:00:00.001Z""#,
        r#""1970-01-01T02:00:00.001+02:00""#,
    ] {
        assert_eq!(find("eq", value), [2], "{value}");
        assert_eq!(find("neq", value), [0, 1, 3, 4], "{value}");
        assert_eq!(find("gt", value), [3, 4], "{value}");
        assert_eq!(find("gte", value), [2, 3, 4], "{value}");
        assert_eq!(find("lt", value), [0, 1], "{value}");
        assert_eq!(find("lte", value), [0, 1, 2], "{value}");
    }
    assert_eq!(find("eq", r#""1970-01-01""#), [1]);
    assert_eq!(
        find("between", r#"[0,"1970-01-01T00:00:01Z"]"#),
        [1, 2, 3, 4]
    );
    assert_eq!(find("between", "[2,0]"), [0; 0]);
    assert_eq!(find("in", r#"["1970-01-01T00:00:01Z",-1,5,null]"#), [0, 4]);
    assert_eq!(find("in", "[]"), [0; 0]);
}

#[test]
fn a_time_finer_than_a_millisecond_lies_between() {
    for value in ["1.5", r#""1970-01-01T00:00:00.0015Z""#] {
        assert_eq!(find("eq", value), [0; 0], "{value}");
        assert_eq!(find("neq", value), [0, 1, 2, 3, 4], "{value}");
        assert_eq!(find("gt", value), [3, 4], "{value}");
        assert_eq!(find("gte", value), [3, 4], "{value}");
        assert_eq!(find("lt", value), [0, 1, 2], "{value}");
        assert_eq!(find("lte", value), [0, 1, 2], "{value}");
        assert_eq!(find("in", &format!("[{value},2]")), [3], "{value}");
    }
    assert_eq!(find("between", "[0.5,1.5]"), [2]);
    assert_eq!(find("between", "[-0.5,0]"), [1]);
}

#[test]
fn no_time_is_null() {
    assert_eq!(find("eq", "null"), [0; 0]);
    assert_eq!(find("neq", "null"), [0, 1, 2, 3, 4]);
}

#[test]
fn contains_looks_into_the_iso_text() {
    assert_eq!(find("contains", r#""1970""#), [1, 2, 3, 4]);
    assert_eq!(find("contains", r#"".000Z""#), [1, 4]);
    assert_eq!(find("contains", "1970"), [0; 0]);
}

#[test]
fn what_is_no_time_is_refused() {
    for (operator, value, path) in [
        ("eq", r#""today""#, "value"),
        ("eq", "true", "value"),
        ("gt", "null", "value"),
        ("lte", "[0]", "value"),
        ("between", r#"[0,"x"]"#, "value[1]"),
        ("between", "[null,1]", "value[0]"),
        ("in", r#"[0,"2026-01-01 00:00:00"]"#, "value[1]"),
        ("neq", "1e300", "value"),
    ] {
        let (code, text) = refusal(&format!(
            r#""where":[{{"field":"/timestamp","operator":"{operator}","value":{value}}}]"#
        ));
        assert_eq!(code, Code::InvalidArgument);
        let start = format!("where[0].{path}: expected {EXPECTED}, found ");
        assert!(text.starts_with(&start), "{text}");
    }
}

#[test]
fn times_are_sorted_folded_and_grouped() {
    let mut log = log();
    log.reverse();
    assert_eq!(
        places(&log, r#""orderBy":{"field":"timestamp"}"#),
        [4, 3, 2, 1, 0]
    );
    for (fold, iso) in [
        ("min", "1969-12-31T23:59:59.999Z"),
        ("max", "1970-01-01T00:00:01.000Z"),
    ] {
        let parts = format!(r#""reduce":{{"type":"{fold}","field":"timestamp"}}"#);
        assert_eq!(result(&log, &parts)["aggregation"], json!(iso));
    }
    log[1].ms = 1000;
    let parts = r#""reduce":{"type":"count","groupBy":"timestamp"},"limit":2,"offset":2"#;
    let rows = json!([
        { "timestamp": "1970-01-01T00:00:00.001Z", "count": 1 },
        { "timestamp": "1970-01-01T00:00:01.000Z", "count": 2 },
    ]);
    assert_eq!(result(&log, parts)["aggregation"], rows);
}
