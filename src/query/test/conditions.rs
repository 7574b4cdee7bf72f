//! Every operator, on every type of value.

use super::{passing, places, stored, values};

const ALL: [&str; 9] = [
    "null",
    "false",
    "true",
    "1",
    "2",
    r#""1""#,
    r#""b""#,
    "[1]",
    r#"{"k":1}"#,
];

#[test]
fn eq_finds_the_same_value_of_the_same_type() {
    for (at, value) in ALL.iter().enumerate() {
        assert_eq!(passing(&ALL, "eq", value), [at as u128], "{value}");
    }
    assert_eq!(passing(&["1.0", "10e-1", "-1"], "eq", "1"), [0, 1]);
    assert_eq!(passing(&["0", "-0"], "eq", "-0"), [0, 1]);
    assert_eq!(
        passing(&[r#""\u0061\ud83d\ude00""#, r#""a""#], "eq", r#""a😀""#),
        [0]
    );
    assert_eq!(
        passing(&[r#""\ud800""#, "\"\u{fffd}\""], "eq", r#""\ud800""#),
        [0]
    );
    assert_eq!(
        passing(
            &[r#"{"a":1,"b":2}"#, r#"{"a":1}"#],
            "eq",
            r#"{"b":2,"a":1}"#
        ),
        [0]
    );
}

#[test]
fn neq_is_exactly_what_eq_is_not() {
    for value in ALL.iter().chain(&["3", r#""x""#, "[]"]) {
        let eq = passing(&ALL, "eq", value);
        let rest: Vec<u128> = (0..9).filter(|at| !eq.contains(at)).collect();
        assert_eq!(passing(&ALL, "neq", value), rest, "{value}");
    }
}

#[test]
fn a_field_that_is_not_there_reads_as_null() {
    let log = [
        stored("{}"),
        stored(r#"{"v":null}"#),
        stored(r#"{"v":"x"}"#),
    ];
    let find = |operator, value| {
        let condition = format!(r#"{{"field":"v","operator":"{operator}","value":{value}}}"#);
        places(&log, &format!("\"where\":[{condition}]"))
    };
    assert_eq!(find("eq", "null"), [0, 1]);
    assert_eq!(find("neq", "null"), [2]);
    assert_eq!(find("neq", "\"x\""), [0, 1]);
    assert_eq!(find("in", "[null,1]"), [0, 1]);
    assert_eq!(find("gte", "0"), [0; 0]);
    assert_eq!(find("lt", "\"z\""), [2]);
    assert_eq!(find("contains", "null"), [0; 0]);
}

#[test]
fn order_holds_within_one_type_only() {
    assert_eq!(passing(&ALL, "gt", "1"), [4]);
    assert_eq!(passing(&ALL, "gte", "1"), [3, 4]);
    assert_eq!(passing(&ALL, "lt", "2"), [3]);
    assert_eq!(passing(&ALL, "lte", "2"), [3, 4]);
    assert_eq!(passing(&ALL, "gt", "false"), [2]);
    assert_eq!(passing(&ALL, "gte", "false"), [1, 2]);
    assert_eq!(passing(&ALL, "lt", "true"), [1]);
    assert_eq!(passing(&ALL, "lte", "true"), [1, 2]);
    assert_eq!(passing(&ALL, "gt", r#""1""#), [6]);
    assert_eq!(passing(&ALL, "gte", r#""1""#), [5, 6]);
    assert_eq!(passing(&ALL, "lt", r#""b""#), [5]);
    assert_eq!(passing(&ALL, "lte", r#""b""#), [5, 6]);
}

#[test]
fn strings_are_ordered_by_code_unit() {
    let strings = ["\"\u{e000}\"", "\"😀\"", r#""\ud83d""#, "\"B\"", "\"a\""];
    assert_eq!(passing(&strings, "lt", "\"\u{e000}\""), [1, 2, 3, 4]);
    assert_eq!(passing(&strings, "lt", "\"😀\""), [2, 3, 4]);
    assert_eq!(passing(&strings, "gt", "\"B\""), [0, 1, 2, 4]);
    assert_eq!(passing(&strings, "gt", r#""\ud83d""#), [0, 1]);
}

#[test]
fn between_includes_both_ends() {
    let numbers = ["0.9", "1", "1.5", "2", "2.1", r#""1""#, "true", "null"];
    assert_eq!(passing(&numbers, "between", "[1,2]"), [1, 2, 3]);
    assert_eq!(passing(&numbers, "between", "[2,1]"), [0; 0]);
    assert_eq!(passing(&numbers, "between", "[false,true]"), [6]);
    assert_eq!(
        passing(&["\"a\"", "\"b\"", "\"c\"", "1"], "between", r#"["b","c"]"#),
        [1, 2]
    );
}

#[test]
fn in_finds_any_of_the_values() {
    assert_eq!(
        passing(&ALL, "in", r#"[2,"b",true,{"k":1.0},[1],"q"]"#),
        [2, 4, 6, 7, 8]
    );
    assert_eq!(passing(&ALL, "in", "[null,1]"), [0, 3]);
    assert_eq!(passing(&ALL, "in", "[]"), [0; 0]);
}

#[test]
fn contains_is_a_substring_or_an_element() {
    let texts = [
        r#""user_login""#,
        r#""LOGIN""#,
        r#"["login"]"#,
        r#"{"login":1}"#,
        r#""\u006cogin""#,
    ];
    assert_eq!(passing(&texts, "contains", r#""login""#), [0, 2, 4]);
    assert_eq!(passing(&texts, "contains", r#""""#), [0, 1, 4]);
    let arrays = [
        r#"[1,"a",[2],{"b":1,"c":2},null]"#,
        "[]",
        r#""[1]""#,
        "1",
        r#"["xay"]"#,
    ];
    for value in ["1", "1.0", r#""a""#, "[2]", r#"{"c":2,"b":1}"#, "null"] {
        assert_eq!(passing(&arrays, "contains", value)[0], 0, "{value}");
    }
    assert_eq!(passing(&arrays, "contains", r#""a""#), [0]);
    assert_eq!(passing(&arrays, "contains", "1"), [0]);
    assert_eq!(passing(&arrays, "contains", "[1]"), [0; 0]);
    assert_eq!(passing(&["\"😀\""], "contains", r#""\ude00""#), [0]);
}

#[test]
fn all_conditions_must_hold() {
    let log = values(&["1", "2", "3"]);
    let both = r#""where":[{"field":"v","operator":"gt","value":1},{"field":"payload.v","operator":"lt","value":3}]"#;
    assert_eq!(places(&log, both), [1]);
    assert_eq!(places(&log, r#""where":[]"#), [0, 1, 2]);
}

#[test]
fn the_header_is_filtered_too() {
    let mut log = values(&["1", "2", "3"]);
    log[1].stream = "s";
    log[1].kind = "k";
    log[1].sequence = 7;
    let find = |field: &str, operator: &str, value: &str| {
        let condition = format!(r#"{{"field":"{field}","operator":"{operator}","value":{value}}}"#);
        places(&log, &format!("\"where\":[{condition}]"))
    };
    assert_eq!(
        find("id", "eq", r#""00000000-0000-0000-0000-000000000002""#),
        [2]
    );
    assert_eq!(find("id", "contains", r#""-0""#), [0, 1, 2]);
    assert_eq!(find("instanceId", "eq", r#""log""#), [0, 1, 2]);
    assert_eq!(find("streamId", "in", r#"["s","t"]"#), [1]);
    assert_eq!(find("event_type", "neq", r#""k""#), [0, 2]);
    assert_eq!(find("sequenceNumber", "gt", "1"), [1]);
    assert_eq!(find("sequence_number", "eq", r#""7""#), [0; 0]);
    assert_eq!(find("/payload/v", "eq", "3"), [2]);
    assert_eq!(find("payload", "eq", r#"{"v":1}"#), [0]);
    assert_eq!(find("metadata", "eq", "{}"), [0, 1, 2]);
}

#[test]
fn repeated_keys_and_deep_values_are_read_as_javascript_reads_them() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let log = [
        stored(r#"{"v":1,"v":2}"#),
        stored(&format!(r#"{{"deep":{deep},"v":2}}"#)),
        stored(r#"{"v":2,"__proto__":{"v":3}}"#),
    ];
    let parts = r#""where":[{"field":"v","operator":"eq","value":2}]"#;
    assert_eq!(places(&log, parts), [0, 1, 2]);
    let parts = r#""where":[{"field":"__proto__.v","operator":"eq","value":3}]"#;
    assert_eq!(places(&log, parts), [2]);
    let parts = r#""where":[{"field":"deep","operator":"eq","value":[[[]]]}]"#;
    assert_eq!(places(&log, parts), [0; 0]);
}
