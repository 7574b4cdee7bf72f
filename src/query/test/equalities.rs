//! Equality with one of several values, however it is written.

use super::chunk::Cutting;
use super::{Stored, places, stored};
use crate::query::Query;

/// The places, among events with `n` from 0 to 4, one with `null` there, and one without it.
fn find(raw: &str) -> Vec<u128> {
    let mut log: Vec<Stored> = (0..5).map(|n| stored(&format!("{{\"n\":{n}}}"))).collect();
    log.extend([stored("{\"n\":null}"), stored("{}")]);
    places(&log, &format!("\"where\":{raw}"))
}

/// The condition of that field, operator and value.
fn condition(field: &str, operator: &str, value: &str) -> String {
    format!(r#"{{"field":"{field}","operator":"{operator}","value":{value}}}"#)
}

#[test]
fn one_of_several_equalities_holds_for_what_each_of_them_does() {
    let eq = |value: &str| condition("n", "eq", value);
    for (parts, expected) in [
        (vec![eq("0"), eq("3")], &[0, 3][..]),
        (vec![eq("0"), eq("0.0"), eq("-0")], &[0]),
        (vec![eq("null"), eq("4")], &[4, 5, 6]),
        (vec![eq("\"0\""), eq("[0]"), eq("{}")], &[]),
        (
            vec![eq("1"), condition("n", "in", "[2,null]")],
            &[1, 2, 5, 6],
        ),
        (
            vec![condition("n", "in", "[]"), condition("n", "in", "[1]")],
            &[1],
        ),
        (
            vec![eq("1"), condition("n", "gt", "2"), eq("2")],
            &[1, 2, 3, 4],
        ),
        (
            vec![eq("1"), condition("m", "eq", "null"), eq("2")],
            &[0, 1, 2, 3, 4, 5, 6],
        ),
        (
            vec![eq("1"), condition("n", "neq", "1")],
            &[0, 1, 2, 3, 4, 5, 6],
        ),
        (
            vec![eq("1"), format!("{{\"any\":[{},{}]}}", eq("2"), eq("4"))],
            &[1, 2, 4],
        ),
        (vec![eq("1"), format!("{{\"all\":[{}]}}", eq("2"))], &[1, 2]),
        (
            vec![
                eq("1"),
                format!("{{\"not\":{}}}", condition("n", "neq", "2")),
            ],
            &[1, 2],
        ),
    ] {
        let any = format!("{{\"any\":[{}]}}", parts.join(","));
        assert_eq!(find(&any), expected, "{any}");
        let others = (0..7).filter(|place| !expected.contains(place));
        assert_eq!(
            find(&format!("{{\"not\":{any}}}")),
            others.collect::<Vec<_>>(),
            "{any}"
        );
    }
}

#[test]
fn one_of_several_equalities_without_case_is_not_one_with_it() {
    let log: Vec<Stored> = ["\"a\"", "\"A\"", "\"b\"", "\"B\"", "\"c\""]
        .iter()
        .map(|raw| stored(&format!("{{\"v\":{raw}}}")))
        .collect();
    let folded = |value: &str| {
        format!(r#"{{"field":"v","operator":"eq","value":{value},"ignoreCase":true}}"#)
    };
    let find =
        |parts: [String; 3]| places(&log, &format!(r#""where":{{"any":[{}]}}"#, parts.join(",")));
    assert_eq!(
        find([
            folded("\"A\""),
            condition("v", "eq", "\"b\""),
            folded("\"C\"")
        ]),
        [0, 1, 2, 4]
    );
    assert_eq!(
        find([
            condition("v", "eq", "\"A\""),
            folded("\"B\""),
            condition("v", "eq", "\"c\"")
        ]),
        [1, 2, 3, 4]
    );
}

/// Whether a chunk of ten events is passed over without a look at its columns.
fn is_passed_over(raw: &str) -> bool {
    // What is long leaves room for columns of the others.
    let long = "x".repeat(500);
    let log: Vec<Stored> = (10..20)
        .map(|n| Stored {
            ms: n,
            ..stored(&format!(r#"{{"n":{n},"s":"{n}","long":"{long}"}}"#))
        })
        .collect();
    let chunk = Cutting::new(10, &log, true);
    let query = format!(r#"{{"from":{{"instance":"log"}},"where":{raw}}}"#);
    let examined = Query::parse(&query)
        .unwrap()
        .examine("log", &chunk)
        .unwrap();
    assert!(!examined.effort.skipped || examined.count() == 0, "{raw}");
    examined.effort.skipped
}

#[test]
fn a_block_is_passed_over_where_it_excludes_each_value_of_an_in() {
    for (field, operator, value, expected) in [
        ("n", "in", "[1,20.5,\"15\",true,null,[]]", true),
        ("n", "in", "[1,20.5,15]", false),
        ("n", "in", "[]", true),
        ("n", "notIn", "[1]", false),
        ("s", "in", "[15,null,{}]", true),
        ("s", "in", "[15,\"x\"]", false),
        ("none", "in", "[1,\"a\"]", true),
        ("position", "in", "[1,21,9.5,1e300]", true),
        ("position", "in", "[1,15]", false),
        ("position", "in", "[\"15\"]", true),
        ("timestamp", "in", "[5,20]", true),
        ("timestamp", "in", "[5,12]", false),
        ("event_type", "in", "[\"a\",\"b\"]", true),
        (
            "id",
            "in",
            "[\"00000000-0000-0000-0000-000000000001\",5]",
            true,
        ),
        (
            "id",
            "in",
            "[\"00000000-0000-0000-0000-00000000000B\"]",
            true,
        ),
        (
            "id",
            "in",
            "[\"x\",\"00000000-0000-0000-0000-00000000000b\"]",
            false,
        ),
    ] {
        let of = |value: &str| is_passed_over(&format!("[{}]", condition(field, operator, value)));
        assert_eq!(of(value), expected, "{field} {value}");
        // So it is where the values stand in several equalities.
        let elements: Vec<serde_json::Value> = serde_json::from_str(value).unwrap();
        if operator == "in" {
            let each = elements
                .iter()
                .map(|it| condition(field, "eq", &it.to_string()));
            let any = format!("{{\"any\":[{}]}}", each.collect::<Vec<_>>().join(","));
            assert_eq!(is_passed_over(&any), expected, "{any}");
        }
    }
}
