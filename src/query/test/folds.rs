//! `reduce` without `groupBy`.

use super::{Stored, chunk, refusal, result, result_text, stored, values};
use crate::error::Code;
use crate::query::Query;
use serde_json::{Value, json};

const MIXED: [&str; 8] = [
    "3",
    "null",
    r#""b""#,
    "1.5",
    "true",
    "[9]",
    r#"{"n":9}"#,
    r#""a""#,
];

/// The aggregation's text.
fn fold(raw: &[&str], kind: &str) -> String {
    let reduce = format!(r#""reduce":{{"type":"{kind}","field":"v"}}"#);
    let text = result_text(&values(raw), &reduce).unwrap();
    let end = format!(r#","total":{}}}"#, raw.len());
    let text = text.strip_prefix(r#"{"aggregation":"#).unwrap();
    text.strip_suffix(&end).unwrap().to_owned()
}

#[test]
fn count_counts_events_or_values() {
    let log = values(&["1", "null", "2"]);
    let text = result_text(&log, r#""reduce":{"type":"count"}"#).unwrap();
    assert_eq!(text, r#"{"aggregation":3,"total":3}"#);
    assert_eq!(fold(&["1", "null", "false", "[]"], "count"), "3");
    let missing = r#""reduce":{"type":"count","field":"none"}"#;
    assert_eq!(
        result(&log, missing),
        json!({ "aggregation": 0, "total": 3 })
    );
    let some = r#""where":[{"field":"v","operator":"eq","value":2}],"reduce":{"type":"count"}"#;
    assert_eq!(result(&log, some), json!({ "aggregation": 1, "total": 1 }));
}

#[test]
fn sum_and_avg_pass_over_what_is_no_number() {
    assert_eq!(fold(&MIXED, "sum"), "4.5");
    assert_eq!(fold(&MIXED, "avg"), "2.25");
    assert_eq!(
        fold(&["0.1", "0.2", r#""5""#], "sum"),
        "0.30000000000000004"
    );
    assert_eq!(fold(&["1e20", "1", "-1e20"], "sum"), "0");
    assert_eq!(fold(&["9007199254740991"], "sum"), "9007199254740991");
}

#[test]
fn nothing_has_a_sum_but_no_average_or_extreme() {
    assert_eq!(fold(&[], "sum"), "0");
    assert_eq!(fold(&["null", r#""1""#], "sum"), "0");
    assert_eq!(fold(&["null", r#""1""#], "avg"), "null");
    for kind in ["min", "max"] {
        assert_eq!(fold(&[], kind), "null");
        assert_eq!(fold(&["null", "[1]", "{}"], kind), "null");
    }
    assert_eq!(fold(&[], "collect"), "[]");
    assert_eq!(fold(&[], "count"), "0");
}

#[test]
fn a_sum_that_overflows_is_null() {
    assert_eq!(fold(&["1e308", "1e308"], "sum"), "null");
    assert_eq!(fold(&["1e308", "1e308"], "avg"), "null");
}

#[test]
fn extremes_go_across_scalar_types() {
    assert_eq!(fold(&MIXED, "min"), "true");
    assert_eq!(fold(&MIXED, "max"), r#""b""#);
    assert_eq!(fold(&["3", "1.50", "2", "[0]"], "min"), "1.50");
    assert_eq!(fold(&["3", "30e-1", "2"], "max"), "3");
    assert_eq!(fold(&["\"😀\"", "\"\u{e000}\""], "max"), "\"\u{e000}\"");
    assert_eq!(fold(&["false", "true"], "max"), "true");
}

#[test]
fn collect_keeps_the_values_in_order() {
    assert_eq!(
        fold(&MIXED, "collect"),
        r#"[3,"b",1.5,true,[9],{"n":9},"a"]"#
    );
    assert_eq!(fold(&["1.0", "1.0"], "collect"), "[1.0,1.0]");
}

#[test]
fn collected_values_are_sorted_and_paged() {
    let log: Vec<_> = [
        (3, "\"c\""),
        (1, "\"a\""),
        (0, "null"),
        (2, "\"b\""),
        (1, "\"d\""),
    ]
    .map(|(n, v)| stored(&format!(r#"{{"n":{n},"v":{v}}}"#)))
    .to_vec();
    let collect = |parts: &str| {
        let parts = format!(r#""reduce":{{"type":"collect","field":"v"}}{parts}"#);
        result_text(&log, &parts).unwrap()
    };
    let order = r#","orderBy":{"field":"n"}"#;
    assert_eq!(
        collect(order),
        r#"{"aggregation":["a","d","b","c"],"total":5}"#
    );
    assert_eq!(
        collect(r#","orderBy":{"field":"n","direction":"desc"},"limit":2"#),
        r#"{"aggregation":["c","b"],"total":5,"limit":2}"#
    );
    assert_eq!(
        collect(&format!(r#"{order},"offset":1,"limit":2"#)),
        r#"{"aggregation":["d","b"],"total":5,"limit":2,"offset":1}"#
    );
    assert_eq!(
        collect(r#","offset":1,"limit":2"#),
        r#"{"aggregation":["a","b"],"total":5,"limit":2,"offset":1}"#
    );
}

#[test]
fn header_fields_are_folded_too() {
    let mut log = values(&["1", "2"]);
    log[1].sequence = 5;
    log[1].kind = "zz";
    let fold = |kind: &str, field: &str| {
        let parts = format!(r#""reduce":{{"type":"{kind}","field":"{field}"}}"#);
        result(&log, &parts)["aggregation"].clone()
    };
    assert_eq!(fold("sum", "sequence_number"), json!(6));
    assert_eq!(fold("max", "eventType"), json!("zz"));
    assert_eq!(fold("collect", "stream_id"), json!(["default", "default"]));
    assert_eq!(fold("count", "id"), json!(2));
    assert_eq!(fold("sum", "timestamp"), json!(0));
    assert_eq!(fold("min", "payload"), json!(null));
}

/// The result of a query, and what is remarked of it.
fn remarked(log: &[Stored], parts: &str) -> (String, Vec<String>) {
    let text = format!(r#"{{"from":{{"instance":"log"}},{parts}}}"#);
    let query = Query::parse(&text).unwrap();
    let remarks = query.remarks().to_vec();
    (chunk::run(&query, log).unwrap(), remarks)
}

#[test]
fn what_cannot_act_on_one_value_is_passed_over_with_a_remark() {
    let log = values(&["1", "2", "3"]);
    for (part, name) in [
        (
            r#""orderBy":{"field":"timestamp","direction":"desc"}"#,
            "orderBy",
        ),
        (r#""limit":1"#, "limit"),
        (r#""offset":2"#, "offset"),
        (r#""select":["v"]"#, "select"),
    ] {
        for (reduce, value) in [
            (r#""reduce":{"type":"count"}"#, "3"),
            (r#""reduce":{"type":"sum","field":"v"}"#, "6"),
        ] {
            let (result, remarks) = remarked(&log, &format!("{reduce},{part}"));
            let expected = format!(r#"{{"aggregation":{value},"total":3}}"#);
            assert_eq!(result, expected, "{part}");
            let [remark] = &remarks[..] else {
                panic!("{remarks:?}")
            };
            let start = format!("{name} was passed over: ");
            assert!(remark.starts_with(&start), "{remark}");
        }
    }
    let all =
        r#""reduce":{"type":"max","field":"v"},"select":[],"orderBy":{"field":"v"},"limit":0"#;
    let (result, remarks) = remarked(&log, all);
    assert_eq!(result, r#"{"aggregation":3,"total":3}"#);
    assert_eq!(remarks.len(), 2, "{remarks:?}");
}

#[test]
fn what_is_passed_over_must_be_right_all_the_same() {
    let count = r#""reduce":{"type":"count"}"#;
    for (part, path) in [
        (r#""orderBy":{"field":"a","dir":"desc"}"#, "orderBy.dir: "),
        (r#""orderBy":{"field":7}"#, "orderBy.field: "),
        (r#""limit":-1"#, "limit: "),
        (r#""offset":"2""#, "offset: "),
        (r#""select":"v""#, "select: "),
    ] {
        let (code, text) = refusal(&format!("{count},{part}"));
        assert_eq!(code, Code::InvalidArgument);
        assert!(text.starts_with(path), "{text}");
    }
}

#[test]
fn collect_without_a_field_collects_whole_events() {
    let log = values(&["3", "1", "2"]);
    let collect = r#""reduce":{"type":"collect"}"#;
    let (collected, remarks) = remarked(&log, collect);
    let events = result(&log, "")["events"].clone();
    let text: Value = serde_json::from_str(&collected).unwrap();
    assert_eq!(text, json!({ "aggregation": events, "total": 3 }));
    assert_eq!(remarks, [""; 0]);
    let parts = r#""select":["v"],"orderBy":{"field":"v"},"limit":2,"offset":1"#;
    let (collected, remarks) = remarked(&log, &format!("{collect},{parts}"));
    assert_eq!(
        collected,
        r#"{"aggregation":[{"payload":{"v":2}},{"payload":{"v":3}}],"total":3,"limit":2,"offset":1}"#
    );
    assert_eq!(remarks, [""; 0]);
}
