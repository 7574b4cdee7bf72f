//! Every limit holds at its number and not below it.

use crate::error::{Code, Error};
use crate::event::IDENTIFIER_BYTES_MAX;
use crate::query::{
    CONDITIONS_MAX, FIELD_BYTES_MAX, FIELD_SEGMENTS_MAX, FIELDS_MAX, IN_VALUES_MAX, NESTING_MAX,
    Query,
};

use super::chunk::{CUTS, run_within};

/// Asserts that `make(most)` is taken, and that `make(most + 1)` is refused with `text`.
fn holds(most: usize, text: &str, make: impl Fn(usize) -> String) {
    let query = |count| format!(r#"{{"from":{{"instance":"log"}},{}}}"#, make(count));
    assert!(Query::parse(&query(most)).is_ok(), "{text}");
    let error = Query::parse(&query(most + 1)).unwrap_err();
    assert_eq!((error.code(), error.text()), (Code::LimitExceeded, text));
}

fn list(element: &str, count: usize) -> String {
    format!("[{}]", vec![element; count].join(","))
}

#[test]
fn lists_are_bounded() {
    holds(
        CONDITIONS_MAX,
        "where: expected at most 100 conditions, found 101",
        |count| {
            let conditions = list(r#"{"field":"a","operator":"eq","value":1}"#, count);
            format!("\"where\":{conditions}")
        },
    );
    holds(
        FIELDS_MAX,
        "select: expected at most 100 fields, found 101",
        |count| format!("\"select\":{}", list("\"a\"", count)),
    );
    holds(
        FIELDS_MAX,
        "reduce.groupBy: expected at most 100 fields, found 101",
        |count| {
            let fields: Vec<String> = (0..count).map(|at| format!("\"f{at}\"")).collect();
            format!(
                r#""reduce":{{"type":"count","groupBy":[{}]}}"#,
                fields.join(",")
            )
        },
    );
    for field in ["a", "timestamp"] {
        let text = "where[0].value: expected at most 10000 values, found 10001";
        holds(IN_VALUES_MAX, text, |count| {
            let values = list("1", count);
            format!(r#""where":[{{"field":"{field}","operator":"in","value":{values}}}]"#)
        });
    }
}

#[test]
fn names_and_values_are_bounded() {
    holds(
        FIELD_BYTES_MAX,
        "select[0]: expected at most 1024 bytes of UTF-8, found 1025",
        |count| format!("\"select\":[\"{}\"]", "x".repeat(count)),
    );
    holds(
        FIELD_SEGMENTS_MAX,
        "orderBy.field: expected at most 64 segments, found 65",
        |count| format!(r#""orderBy":{{"field":"{}"}}"#, vec!["a"; count].join(".")),
    );
    for operator in ["eq", "neq", "contains"] {
        let text = "where[0].value: expected at most 64 levels of nesting, found more";
        holds(NESTING_MAX, text, |count| {
            let value = "[".repeat(count) + &"]".repeat(count);
            format!(r#""where":[{{"field":"a","operator":"{operator}","value":{value}}}]"#)
        });
    }
    let text = "where[0].value[0]: expected at most 64 levels of nesting, found more";
    holds(NESTING_MAX, text, |count| {
        let value = "[".repeat(count + 1) + &"]".repeat(count + 1);
        format!(r#""where":[{{"field":"a","operator":"in","value":{value}}}]"#)
    });
}

#[test]
fn identifiers_are_bounded() {
    for (key, other) in [("instance", ""), ("stream", r#""instance":"a","#)] {
        let query = |count| format!(r#"{{"from":{{{other}"{key}":"{}"}}}}"#, "x".repeat(count));
        assert!(Query::parse(&query(IDENTIFIER_BYTES_MAX)).is_ok());
        let error = Query::parse(&query(IDENTIFIER_BYTES_MAX + 1)).unwrap_err();
        assert_eq!(error.code(), Code::LimitExceeded);
        assert_eq!(
            error.text(),
            format!("from.{key}: expected at most 1024 bytes of UTF-8, found 1025")
        );
    }
}

#[test]
fn a_deep_query_costs_no_stack() {
    let deep = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
    for parts in [
        format!(r#""where":{deep}"#),
        format!(r#""select":{deep}"#),
        format!(r#""limit":{deep}"#),
        format!(r#""where":[{{"field":"a","operator":"eq","value":{deep}}}]"#),
    ] {
        assert!(Query::parse(&format!(r#"{{"from":{{"instance":"log"}},{parts}}}"#)).is_err());
    }
}

/// The result of running the parts beside `from` over one event for each value of `v`.
fn run(parts: &str, values: &[&str], bytes_max: usize) -> Result<String, Error> {
    let query = Query::parse(&format!(r#"{{"from":{{"instance":"log"}},{parts}}}"#))?;
    let log = super::values(values);
    let [first, others @ ..] = CUTS;
    let result = run_within(&query, &log, first, bytes_max, 2);
    for cut in others {
        let other = run_within(&query, &log, cut, bytes_max, 2);
        assert_eq!(other.is_ok(), result.is_ok(), "{cut:?}");
    }
    result
}

fn code(result: Result<String, Error>) -> Option<Code> {
    result.err().map(|error| error.code())
}

#[test]
fn everything_that_is_held_counts_towards_the_limit() {
    let long = format!("\"{}\"", "x".repeat(500));
    let values = [long.as_str(), long.as_str()];
    for parts in [
        r#""select":["v"]"#,
        r#""select":["id"],"orderBy":{"field":"v"}"#,
        r#""reduce":{"type":"collect","field":"v"}"#,
        r#""reduce":{"type":"collect","field":"v"},"orderBy":{"field":"v"}"#,
        r#""reduce":{"type":"collect","field":"v","groupBy":"event_type"}"#,
        r#""reduce":{"type":"max","field":"v"}"#,
        r#""reduce":{"type":"count","groupBy":"v"}"#,
    ] {
        assert_eq!(code(run(parts, &values, 10_000)), None, "{parts}");
        assert_eq!(
            code(run(parts, &values, 700)),
            Some(Code::LimitExceeded),
            "{parts}"
        );
    }
}

#[test]
fn what_is_held_while_a_value_is_told_apart_counts() {
    // Of each bracket it is known where it ends, and all of them are open at once.
    let nested = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
    let members = format!("{{{}\"z\":1}}", r#""a":1,"#.repeat(500));
    for value in [nested.as_str(), members.as_str()] {
        for parts in [
            r#""reduce":{"type":"count","groupBy":"v"}"#,
            r#""reduce":{"type":"countDistinct","field":"v"}"#,
            r#""reduce":{"type":"topK","field":"v","k":1}"#,
            r#""reduce":{"type":"countDistinct","field":"v","groupBy":"event_type"}"#,
        ] {
            assert_eq!(code(run(parts, &[value], 1_000_000)), None, "{parts}");
            assert_eq!(
                code(run(parts, &[value], 50_000)),
                Some(Code::LimitExceeded),
                "{parts}"
            );
        }
    }
    // It is let go after each of them.
    let many: Vec<&str> = std::iter::repeat_n(nested.as_str(), 50).collect();
    let parts = r#""reduce":{"type":"countDistinct","field":"v"}"#;
    assert_eq!(code(run(parts, &many, 1_000_000)), None);
}

#[test]
fn what_is_let_go_no_longer_counts() {
    let values: Vec<String> = (10..99)
        .map(|n| format!("\"{n}{}\"", "x".repeat(50)))
        .collect();
    let ascending: Vec<&str> = values.iter().map(String::as_str).collect();
    for parts in [
        r#""orderBy":{"field":"v","direction":"desc"},"limit":1"#,
        r#""reduce":{"type":"max","field":"v"}"#,
        r#""reduce":{"type":"max","field":"v","groupBy":"event_type"}"#,
    ] {
        let out = run(parts, &ascending, 1000).unwrap();
        assert!(out.contains("\"98x") && !out.contains("\"97x"), "{out}");
    }
    assert_eq!(code(run("\"limit\":1", &ascending, 1000)), None);
    assert_eq!(
        code(run(
            "\"limit\":0,\"orderBy\":{\"field\":\"v\"}",
            &ascending,
            100
        )),
        None
    );
}

#[test]
fn labels_of_rows_count_when_they_are_written() {
    let label = "l".repeat(600);
    let parts = format!(r#""reduce":{{"type":"count","groupBy":["{label}","v"]}}"#);
    assert_eq!(code(run(&parts, &["1"], 1000)), None);
    assert_eq!(
        code(run(&parts, &["1", "2"], 1000)),
        Some(Code::LimitExceeded)
    );
}

#[test]
fn groups_are_bounded() {
    let parts = r#""reduce":{"type":"count","groupBy":"v"}"#;
    assert_eq!(code(run(parts, &["1", "2", "1", "2.0"], 10_000)), None);
    let error = run(parts, &["1", "2", "3"], 10_000).unwrap_err();
    assert_eq!(error.code(), Code::LimitExceeded);
    assert!(
        error
            .text()
            .starts_with("reduce.groupBy: expected at most 2 groups, found more")
    );
}
