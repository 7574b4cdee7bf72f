//! Trees of conditions, and what they make of events.

use super::{Stored, places, refusal, result, stored};
use crate::error::Code;
use crate::query::{CONDITIONS_MAX, TREE_LEVELS_MAX};

/// Events with `n` from 0 to 4, one with `null` there, and one without it.
fn log() -> Vec<Stored> {
    let mut log: Vec<Stored> = (0..5).map(|n| stored(&format!("{{\"n\":{n}}}"))).collect();
    log.extend([stored("{\"n\":null}"), stored("{}")]);
    log
}

fn find(raw: &str) -> Vec<u128> {
    places(&log(), &format!("\"where\":{raw}"))
}

const GT_2: &str = r#"{"field":"n","operator":"gt","value":2}"#;
const EQ_0: &str = r#"{"field":"n","operator":"eq","value":0}"#;
const NULL: &str = r#"{"field":"n","operator":"eq","value":null}"#;

#[test]
fn trees_hold_as_their_conditions_do() {
    for (tree, expected) in [
        (format!("{{\"any\":[{GT_2},{EQ_0}]}}"), &[0, 3, 4][..]),
        (format!("[{{\"any\":[{GT_2},{EQ_0}]}}]"), &[0, 3, 4]),
        (format!("{{\"all\":[{GT_2},{EQ_0}]}}"), &[]),
        (format!("{{\"not\":{GT_2}}}"), &[0, 1, 2, 5, 6]),
        (format!("{{\"not\":{{\"not\":{GT_2}}}}}"), &[3, 4]),
        (
            format!("{{\"not\":{{\"any\":[{GT_2},{NULL}]}}}}"),
            &[0, 1, 2],
        ),
        (
            format!("[{{\"not\":{GT_2}}},{{\"not\":{NULL}}}]"),
            &[0, 1, 2],
        ),
        (
            format!("{{\"all\":[{{\"any\":[{GT_2},{EQ_0}]}},{{\"not\":{EQ_0}}}]}}"),
            &[3, 4],
        ),
        ("[]".to_owned(), &[0, 1, 2, 3, 4, 5, 6]),
        ("{\"all\":[]}".to_owned(), &[0, 1, 2, 3, 4, 5, 6]),
        ("{\"any\":[]}".to_owned(), &[]),
        ("{\"not\":{\"any\":[]}}".to_owned(), &[0, 1, 2, 3, 4, 5, 6]),
        ("{\"not\":{\"all\":[]}}".to_owned(), &[]),
        (
            format!("{{\"any\":[{GT_2},{{\"all\":[]}}]}}"),
            &[0, 1, 2, 3, 4, 5, 6],
        ),
        (format!("{{\"any\":[{GT_2}],\"all\":null}}"), &[3, 4]),
    ] {
        assert_eq!(find(&tree), expected, "{tree}");
    }
}

#[test]
fn what_is_there_exists_be_it_null() {
    let exists = |value| format!(r#"{{"field":"n","operator":"exists","value":{value}}}"#);
    assert_eq!(find(&format!("[{}]", exists("true"))), [0, 1, 2, 3, 4, 5]);
    assert_eq!(find(&format!("[{}]", exists("false"))), [6]);
    assert_eq!(find(&format!("{{\"not\":{}}}", exists("true"))), [6]);
    for field in [
        "id",
        "timestamp",
        "stream_id",
        "payload",
        "metadata",
        "position",
    ] {
        let raw = format!(r#"[{{"field":"{field}","operator":"exists","value":true}}]"#);
        assert_eq!(find(&raw).len(), 7, "{field}");
    }
}

#[test]
fn texts_are_looked_at_from_either_end() {
    let log: Vec<Stored> = [
        r#""Abc""#,
        r#""abc""#,
        r#""xABC""#,
        "1",
        "null",
        r#"["abc"]"#,
        r#""\ud83d\ude00""#,
    ]
    .iter()
    .map(|raw| stored(&format!("{{\"v\":{raw}}}")))
    .collect();
    for (condition, expected) in [
        (r#""operator":"startsWith","value":"a""#, &[1][..]),
        (
            r#""operator":"startsWith","value":"A","ignoreCase":true"#,
            &[0, 1],
        ),
        (r#""operator":"startsWith","value":"""#, &[0, 1, 2, 6]),
        (r#""operator":"startsWith","value":"\ud83d""#, &[6]),
        (r#""operator":"endsWith","value":"bc""#, &[0, 1]),
        (
            r#""operator":"endsWith","value":"BC","ignoreCase":true"#,
            &[0, 1, 2],
        ),
        (r#""operator":"endsWith","value":"\ude00""#, &[6]),
        (
            r#""operator":"eq","value":"ABC","ignoreCase":true"#,
            &[0, 1],
        ),
        (
            r#""operator":"neq","value":"ABC","ignoreCase":true"#,
            &[2, 3, 4, 5, 6],
        ),
        (
            r#""operator":"in","value":["ABC",1,null],"ignoreCase":true"#,
            &[0, 1, 3, 4],
        ),
        (
            r#""operator":"notIn","value":["ABC",1,null],"ignoreCase":true"#,
            &[2, 5, 6],
        ),
        (r#""operator":"notIn","value":["abc",1]"#, &[0, 2, 4, 5, 6]),
        (
            r#""operator":"contains","value":"ABC","ignoreCase":true"#,
            &[0, 1, 2, 5],
        ),
        (r#""operator":"matches","value":"^[aA]b""#, &[0, 1]),
        (
            r#""operator":"matches","value":"b.$","ignoreCase":true"#,
            &[0, 1, 2],
        ),
        (r#""operator":"matches","value":"^.$""#, &[6]),
    ] {
        let raw = format!("\"where\":[{{\"field\":\"v\",{condition}}}]");
        assert_eq!(places(&log, &raw), expected, "{condition}");
    }
}

#[test]
fn two_fields_are_compared() {
    let log: Vec<Stored> = [
        r#"{"a":1,"b":1.0}"#,
        r#"{"a":1,"b":2}"#,
        r#"{"a":"x","b":"X"}"#,
        r#"{"a":[1,{"k":2}],"b":[1.0,{"k":2}]}"#,
        r#"{"a":["p","q"],"b":"q"}"#,
        r#"{"a":null}"#,
        r#"{"a":1}"#,
        r#"{"a":"1970-01-01T00:00:00.007Z","b":7}"#,
    ]
    .iter()
    .map(|payload| Stored {
        ms: 7,
        ..stored(payload)
    })
    .collect();
    let find = |field: &str, operator: &str, other: &str, rest: &str| {
        let condition = format!(
            r#"{{"field":"{field}","operator":"{operator}","valueField":"{other}"{rest}}}"#
        );
        places(&log, &format!("\"where\":[{condition}]"))
    };
    assert_eq!(find("a", "eq", "b", ""), [0, 3, 5]);
    assert_eq!(find("a", "neq", "b", ""), [1, 2, 4, 6, 7]);
    assert_eq!(find("a", "lt", "b", ""), [1]);
    assert_eq!(find("a", "lte", "payload.b", ""), [0, 1]);
    assert_eq!(find("a", "gt", "b", ""), [2]);
    assert_eq!(find("a", "eq", "b", r#","ignoreCase":true"#), [0, 2, 3, 5]);
    assert_eq!(find("a", "contains", "b", ""), [4]);
    assert_eq!(find("a", "startsWith", "a", ""), [2, 7]);
    // A time is compared as one, whatever form the other has.
    assert_eq!(find("timestamp", "eq", "a", ""), [7]);
    assert_eq!(find("b", "eq", "timestamp", ""), [7]);
    assert_eq!(find("timestamp", "gt", "b", ""), [0, 1]);
    assert_eq!(find("timestamp", "neq", "a", "").len(), 7);
}

/// Asserts that each `where` is an invalid argument whose text starts so.
fn refused(cases: &[(&str, &str)]) {
    for (raw, start) in cases {
        let (code, text) = refusal(&format!("\"where\":{raw}"));
        assert_eq!(code, Code::InvalidArgument, "{raw}");
        assert!(text.starts_with(start), "{text}");
    }
}

#[test]
fn a_tree_has_a_shape() {
    refused(&[
        (
            r#"{"field":"a","operator":"eq","value":1}"#,
            "where: expected an array of conditions { field, operator, value }, or a tree { any }, { all } or { not }, found one condition, which stands in an array",
        ),
        (
            r#"{"or":[]}"#,
            "where.or: unknown key, expected any, all or not; did you mean any?",
        ),
        (
            r#"{"anyy":[]}"#,
            "where.anyy: unknown key, expected any, all or not; did you mean any?",
        ),
        (
            r#"{"x":null,"AND":[]}"#,
            "where.AND: unknown key, expected any, all or not; did you mean all?",
        ),
        (
            r#"{"NOR":{}}"#,
            "where.NOR: unknown key, expected any, all or not; did you mean not?",
        ),
        (
            r#"{"x":[]}"#,
            "where: expected an array of conditions { field, operator, value }, or a tree { any }, { all } or { not }, found an object",
        ),
        (
            r#"{"any":[{"Or":[]}]}"#,
            "where.any[0].Or: unknown key, expected field, operator, value, valueField, ignoreCase, any, all or not; did you mean any?",
        ),
        (
            r#"{"not":{"alll":[]}}"#,
            "where.not.alll: unknown key, expected field, operator, value, valueField, ignoreCase, any, all or not; did you mean all?",
        ),
        (r#""a""#, "where: expected an array of conditions"),
        (
            r#"{"any":1}"#,
            "where.any: expected an array of conditions and trees, found 1",
        ),
        (
            r#"{"any":[1]}"#,
            "where.any[0]: expected an object with field, operator and value, or with any, all or not, found 1",
        ),
        (
            r#"{"not":[]}"#,
            "where.not: expected one condition { field, operator, value }, or a tree",
        ),
        (r#"{"not":true}"#, "where.not: expected one condition"),
        (
            r#"[{"or":[]}]"#,
            "where[0].or: unknown key, expected field, operator, value, valueField, ignoreCase, any, all or not; did you mean any?",
        ),
        (
            r#"[{"and":[]}]"#,
            "where[0].and: unknown key, expected field, operator, value, valueField, ignoreCase, any, all or not; did you mean all?",
        ),
        (
            r#"{"any":[],"all":[]}"#,
            "where.all: expected nothing beside any, found another key",
        ),
        (
            r#"[{"field":"a","not":{}}]"#,
            "where[0].field: expected nothing beside not, found another key",
        ),
        (
            r#"{"any":[{"all":[{"not":{"field":"a","operator":"equals","value":1}}]}]}"#,
            "where.any[0].all[0].not.operator: expected one of eq, neq,",
        ),
    ]);
}

#[test]
fn a_condition_has_a_shape() {
    refused(&[
        (
            r#"[{"field":"a","operator":"startsWith","value":1}]"#,
            "where[0].value: expected a string, found 1",
        ),
        (
            r#"[{"field":"a","operator":"endsWith","value":null}]"#,
            "where[0].value: expected a string, found null",
        ),
        (
            r#"[{"field":"a","operator":"exists","value":1}]"#,
            "where[0].value: expected a boolean, found 1",
        ),
        (
            r#"[{"field":"a","operator":"exists"}]"#,
            "where[0].value: expected a value to compare with, found nothing",
        ),
        (
            r#"[{"field":"a","operator":"notIn","value":"x"}]"#,
            "where[0].value: expected an array of values, found \"x\"",
        ),
        (
            r#"[{"field":"a","operator":"matches","value":"("}]"#,
            "where[0].value: expected a regular expression, found one that is none: unclosed group",
        ),
        (
            r#"[{"field":"a","operator":"eq","value":"x","ignoreCase":1}]"#,
            "where[0].ignoreCase: expected a boolean, found 1",
        ),
        (
            r#"[{"field":"a","operator":"gt","value":"x","ignoreCase":true}]"#,
            "where[0].ignoreCase: expected true only with eq, neq, in, notIn, contains, startsWith, endsWith and matches, found true with gt",
        ),
        (
            r#"[{"field":"a","operator":"eq","value":["x"],"ignoreCase":true}]"#,
            "where[0].value: expected a string, a number, a boolean or null, beside ignoreCase, found an array",
        ),
        (
            r#"[{"field":"a","operator":"eq","value":1,"valueField":"b"}]"#,
            "where[0].value: expected a value, or valueField, and not both, found both",
        ),
        (
            r#"[{"field":"a","operator":"in","valueField":"b"}]"#,
            "where[0].operator: expected one of eq, neq, gt, gte, lt, lte, contains, startsWith and endsWith beside valueField, found \"in\"",
        ),
        (
            r#"[{"field":"a","operator":"eq","valueField":""}]"#,
            "where[0].valueField: expected a field such as",
        ),
    ]);
}

#[test]
fn trees_are_bounded_in_depth_and_number() {
    let nested = |depth: usize| "{\"not\":".repeat(depth) + EQ_0 + &"}".repeat(depth);
    assert_eq!(find(&nested(TREE_LEVELS_MAX)), [0]);
    for depth in [TREE_LEVELS_MAX + 1, 10_000] {
        let (code, text) = refusal(&format!("\"where\":{}", nested(depth)));
        assert_eq!(code, Code::LimitExceeded);
        let end = ".not.not: expected at most 64 levels of any, all and not, found more";
        assert!(text.ends_with(end), "{text}");
    }
    let many = |count: usize| {
        let half = vec![EQ_0; count / 2].join(",");
        let rest = vec!["{\"any\":[]}"; count - count / 2].join(",");
        format!("[{{\"any\":[{half}]}},{{\"not\":{{\"any\":[{rest}]}}}}]")
    };
    assert_eq!(find(&many(CONDITIONS_MAX)), [0]);
    let (code, text) = refusal(&format!("\"where\":{}", many(CONDITIONS_MAX + 2)));
    let expected = "where[1].not.any[49].any: expected at most 100 conditions, those of trees included, found more";
    assert_eq!((code, &*text), (Code::LimitExceeded, expected));
    let (code, text) = refusal(&format!(
        "\"where\":{{\"any\":[{}]}}",
        vec![EQ_0; 101].join(",")
    ));
    let expected = "where.any: expected at most 100 conditions, found 101";
    assert_eq!((code, &*text), (Code::LimitExceeded, expected));
}

#[test]
fn the_path_of_a_deep_condition_has_its_two_ends() {
    for levels in 0..=TREE_LEVELS_MAX {
        let begin = "{\"any\":[{\"not\":".repeat(levels / 2) + &"{\"all\":[".repeat(levels % 2);
        let end = "]}".repeat(levels % 2) + &"}]}".repeat(levels / 2);
        let deep = "[".repeat(65) + &"]".repeat(65);
        let wrong = format!(r#"{{"field":"a","operator":"in","value":[1,2,{deep}]}}"#);
        let (_, text) = refusal(&format!("\"where\":[{begin}{wrong}{end}]"));
        let (path, rest) = text.split_once(": ").unwrap();
        let whole = "where[0]".to_owned()
            + &".any[0].not".repeat(levels / 2)
            + &".all[0]".repeat(levels % 2)
            + ".value[2]";
        assert!(rest.starts_with("expected at most 64 levels"), "{text}");
        assert!(path.chars().count() <= 120, "{path}");
        match path.split_once('…') {
            None => assert_eq!(path, whole),
            Some((first, last)) => {
                assert!(
                    whole.len() > 90 && first.len() > 20 && last.len() > 50,
                    "{path}"
                );
                assert!(whole.starts_with(first) && whole.ends_with(last), "{path}");
                assert!(last.starts_with('.'), "{path}");
            }
        }
    }
}

#[test]
fn two_fields_are_compared_however_deep_they_are() {
    for depth in [1, 63, 64, 65, 500] {
        let nested = |inner: &str| "{\"k\":[".repeat(depth) + inner + &"]}".repeat(depth);
        let log = [
            (r#"{"a":1,"b":[2]}"#, r#"{ "b" : [2.0], "a":1e0 }"#),
            (r#"{"a":1}"#, r#"{"a":2}"#),
            (r#"{"a":1}"#, r#"{"a":1,"b":1}"#),
        ]
        .map(|(a, b)| stored(&format!("{{\"a\":{},\"b\":{}}}", nested(a), nested(b))));
        let equal = r#""limit":0,"where":[{"field":"a","operator":"eq","valueField":"b"}]"#;
        assert_eq!(result(&log, equal)["total"], 1, "{depth}");
        let groups = r#""reduce":{"type":"countDistinct","field":"a"}"#;
        assert_eq!(result(&log, groups)["aggregation"], 2, "{depth}");
    }
}
