//! The aggregates beside the SDK's, alone and several at once.

use super::chunk::{Cutting, Log};
use super::{Stored, refusal, result, stored, values};
use crate::error::Code;
use crate::query::{EXACT_PERCENTILE_MAX, Execution, Query};
use crate::testing::List;
use serde_json::{Value, json};

fn reduced(log: &[Stored], reduce: &str) -> Value {
    result(log, &format!("\"reduce\":{reduce}"))["aggregation"].clone()
}

const MIXED: [&str; 9] = [
    "5",
    "null",
    r#""b""#,
    "1",
    "1.0",
    "true",
    r#""\u0062""#,
    "[1]",
    "[1.0]",
];

#[test]
fn each_folds_what_it_is_of() {
    let log = values(&MIXED);
    let of = |rest: &str| reduced(&log, &format!("{{{rest},\"field\":\"v\"}}"));
    assert_eq!(of(r#""type":"countDistinct""#), json!(5));
    assert_eq!(of(r#""type":"first""#), json!(5));
    assert_eq!(of(r#""type":"last""#), json!([1.0]));
    assert_eq!(of(r#""type":"percentile","p":0.5"#), json!(1));
    assert_eq!(of(r#""type":"percentile","p":1"#), json!(5));
    assert_eq!(of(r#""type":"percentile","p":0.75"#), json!(3));
    let deviation = of(r#""type":"stddev""#).as_f64().unwrap();
    assert!(
        (deviation - (16.0_f64 / 3.0).sqrt()).abs() < 1e-12,
        "{deviation}"
    );
    assert_eq!(
        of(r#""type":"topK","k":3"#),
        json!([{ "value": 1, "count": 2 }, { "value": "b", "count": 2 }, { "value": [1], "count": 2 }])
    );
    assert_eq!(of(r#""type":"topK""#).as_array().unwrap().len(), 5);
}

#[test]
fn each_has_a_value_of_nothing() {
    for log in [
        vec![],
        values(&["null", r#""x""#, "{}"])[..1].to_vec(),
        vec![stored("{}")],
    ] {
        let of = |rest: &str| reduced(&log, &format!("{{{rest},\"field\":\"v\"}}"));
        assert_eq!(of(r#""type":"percentile","p":0.5"#), Value::Null);
        assert_eq!(of(r#""type":"countDistinct""#), json!(0));
        assert_eq!(of(r#""type":"first""#), Value::Null);
        assert_eq!(of(r#""type":"last""#), Value::Null);
        assert_eq!(of(r#""type":"stddev""#), Value::Null);
        assert_eq!(of(r#""type":"topK""#), json!([]));
    }
}

#[test]
fn several_at_once_have_names_of_their_own() {
    let log = values(&["1", "2", "4", r#""x""#]);
    let raw = r#"{"aggregates":{
        "n":{"type":"count"},"with v":{"type":"count","field":"v"},"sum(v)":{"type":"sum","field":"v"},
        "p":{"type":"percentile","field":"v","p":0.5},"top":{"type":"max","field":"v"},"all":{"type":"collect","field":"v"}
    }}"#;
    let expected = json!({
        "n": 4, "with v": 4, "sum(v)": 7, "p": 2, "top": "x", "all": [1, 2, 4, "x"]
    });
    assert_eq!(reduced(&log, raw), expected);
    let none = json!({
        "n": 0, "with v": 0, "sum(v)": 0, "p": null, "top": null, "all": []
    });
    assert_eq!(reduced(&[], raw), none);
    let counts = r#"{"aggregates":{"a":{"type":"count"},"b":{"type":"count"}}}"#;
    assert_eq!(reduced(&log, counts), json!({ "a": 4, "b": 4 }));
}

#[test]
fn groups_have_all_of_them_and_an_order_by_any() {
    let log: Vec<Stored> = [("x", 1), ("y", 9), ("x", 3), ("y", 1), ("z", 2)]
        .into_iter()
        .map(|(kind, v)| Stored {
            kind,
            ..stored(&format!("{{\"v\":{v}}}"))
        })
        .collect();
    let reduce = r#""reduce":{"groupBy":"event_type","aggregates":{
        "n":{"type":"count"},"mid dle":{"type":"percentile","field":"v","p":0.5},"last":{"type":"last","field":"v"}
    }}"#;
    let rows = |rest: &str| result(&log, &format!("{reduce}{rest}"))["aggregation"].clone();
    let x = json!({ "event_type": "x", "n": 2, "mid dle": 2, "last": 3 });
    let y = json!({ "event_type": "y", "n": 2, "mid dle": 5, "last": 1 });
    let z = json!({ "event_type": "z", "n": 1, "mid dle": 2, "last": 2 });
    assert_eq!(rows(""), json!([x, y, z]));
    assert_eq!(rows(r#","orderBy":{"field":"n"}"#), json!([z, x, y]));
    assert_eq!(
        rows(r#","orderBy":{"field":"mid dle","direction":"desc"}"#),
        json!([y, x, z])
    );
    assert_eq!(
        rows(r#","orderBy":{"field":"last"},"limit":1,"offset":1"#),
        json!([z])
    );
    let counts = r#""reduce":{"groupBy":"event_type","aggregates":{"a":{"type":"count"},"b":{"type":"count"}}}"#;
    assert_eq!(
        result(&log, counts)["aggregation"][0],
        json!({ "event_type": "x", "a": 2, "b": 2 })
    );
}

/// Reductions that are refused, each with how that is told.
const REFUSED: &[(&str, &str)] = &[
    (
        r#"{"type":"percentile","field":"v"}"#,
        "reduce.p: expected a number from 0 to 1, such as 0.95, found nothing",
    ),
    (
        r#"{"type":"percentile","field":"v","p":95}"#,
        "reduce.p: expected a number from 0 to 1, such as 0.95, found 95",
    ),
    (
        r#"{"type":"percentile","field":"v","p":-0.1}"#,
        "reduce.p: expected a number from 0 to 1",
    ),
    (
        r#"{"type":"percentile","field":"v","p":"0.5"}"#,
        "reduce.p: expected a number from 0 to 1",
    ),
    (
        r#"{"type":"percentile","p":0.5}"#,
        "reduce.field: expected the name of a field, which percentile needs, found nothing",
    ),
    (
        r#"{"type":"sum","field":"v","p":0.5}"#,
        "reduce.p: expected nothing, as only percentile takes it, found 0.5",
    ),
    (
        r#"{"type":"count","k":1}"#,
        "reduce.k: expected nothing, as only topK takes it, found 1",
    ),
    (
        r#"{"type":"topK","field":"v","k":0}"#,
        "reduce.k: expected a whole number from 1 to 1000, found 0",
    ),
    (
        r#"{"type":"topK","field":"v","k":1001}"#,
        "reduce.k: expected a whole number from 1 to 1000",
    ),
    (
        r#"{"type":"topK","field":"v","k":1.5}"#,
        "reduce.k: expected a whole number from 1 to 1000",
    ),
    (
        r#"{"type":"first"}"#,
        "reduce.field: expected the name of a field, which first needs",
    ),
    (
        r#"{"type":"median","field":"v"}"#,
        "reduce.type: expected one of count, sum,",
    ),
    (
        r#"{"type":"count_distinct","field":"v"}"#,
        "reduce.type: expected one of count, sum, avg, min, max, collect, percentile, countDistinct, first, last, stddev and topK, found \"count_distinct\"; did you mean \"countDistinct\"?",
    ),
    (
        r#"{"aggregates":[]}"#,
        "reduce.aggregates: expected an object with a name for each aggregate",
    ),
    (
        r#"{"aggregates":{}}"#,
        "reduce.aggregates: expected an object with a name for each aggregate, such as { n: { type: 'count' } }, found an object without any",
    ),
    (
        r#"{"aggregates":{"":{"type":"count"}}}"#,
        "reduce.aggregates.: expected a name that is not empty",
    ),
    (
        r#"{"aggregates":{"n":"count"}}"#,
        "reduce.aggregates.n: expected an object with type, field, p and k, found \"count\"",
    ),
    (
        r#"{"aggregates":{"n":{"typ":"count"}}}"#,
        "reduce.aggregates.n.typ: unknown key, expected type, field, p or k; did you mean type?",
    ),
    (
        r#"{"aggregates":{"n":{"type":"sum"}}}"#,
        "reduce.aggregates.n.field: expected the name of a field, which sum, avg, min and max need",
    ),
    (
        r#"{"aggregates":{"n":{"type":"collect"}}}"#,
        "reduce.aggregates.n.field: expected the name of a field, which collect needs",
    ),
    (
        r#"{"type":"count","aggregates":{"n":{"type":"count"}}}"#,
        "reduce.type: expected nothing beside aggregates, each of which has its own, found \"count\"",
    ),
    (
        r#"{"groupBy":"n","aggregates":{"n":{"type":"count"}}}"#,
        "reduce.groupBy: expected a name that the rows do not have already (payload.n for that field",
    ),
    (r#"{"groupBy":"a"}"#, "reduce.type: expected one of count,"),
];

#[test]
fn what_contradicts_or_is_missing_is_refused() {
    for &(raw, start) in REFUSED {
        let (code, text) = refusal(&format!("\"reduce\":{raw}"));
        assert_eq!(code, Code::InvalidArgument, "{raw}");
        assert!(text.starts_with(start), "{text}");
    }
}

#[test]
fn their_number_is_bounded() {
    let many: Vec<String> = (0..101)
        .map(|at| format!("\"n{at}\":{{\"type\":\"count\"}}"))
        .collect();
    let (code, text) = refusal(&format!(
        "\"reduce\":{{\"aggregates\":{{{}}}}}",
        many.join(",")
    ));
    let expected = "reduce.aggregates: expected at most 100 aggregates, found 101";
    assert_eq!((code, &*text), (Code::LimitExceeded, expected));
}

#[test]
fn different_values_are_counted_however_long_they_are_and_whatever_holds_them() {
    // Texts around the length of a word, the same ones with escapes, and numbers that are no values of a column.
    let texts = (0..20).map(|len| format!("\"{}\"", "é".repeat(len / 2) + &"x".repeat(len % 2)));
    let mut raw: Vec<String> = texts.collect();
    let escaped: Vec<String> = raw
        .iter()
        .map(|text| text.replace('x', "\\u0078"))
        .collect();
    raw.extend((0..300).map(|n| format!("{n}.5")));
    raw.extend(
        [
            "1", "1.0", "1e0", "true", "\"true\"", "[1]", "[1.0]", "{}", "null",
        ]
        .map(str::to_owned),
    );
    // They are not held by columns.
    let long = format!("\"{}\"", "y".repeat(300));
    raw.extend([long.clone(), long]);
    let expected = 20 + 300 + 1 + 2 + 1 + 1 + 1;
    let count = |raw: &[String], group: &str| {
        let raw: Vec<&str> = raw.iter().map(String::as_str).collect();
        let parts = format!(r#""reduce":{{"type":"countDistinct","field":"v"{group}}}"#);
        result(&values(&raw), &parts)["aggregation"].clone()
    };
    let grouped = r#","groupBy":"event_type""#;
    assert_eq!(count(&raw, ""), json!(expected));
    assert_eq!(count(&raw, grouped)[0]["countDistinct"], json!(expected));
    raw.extend(escaped);
    assert_eq!(count(&raw, ""), json!(expected));
    let some = r#""where":[{"field":"v","operator":"lt","value":"é"}],"reduce":{"type":"countDistinct","field":"v"}"#;
    let raw: Vec<&str> = raw.iter().map(String::as_str).collect();
    // The empty text, the one of `x` in two ways, `true`, and the long one.
    assert_eq!(result(&values(&raw), some)["aggregation"], json!(4));
}

#[test]
fn only_values_that_are_told_are_said_to_be_near() {
    let mut log: Vec<Stored> = (0..=EXACT_PERCENTILE_MAX)
        .map(|n| stored(&format!("{{\"v\":{n}}}")))
        .collect();
    log.push(Stored {
        kind: "few",
        ..stored("{\"v\":1}")
    });
    let remarks = |rest: &str| {
        let query = format!(
            r#"{{"from":{{"instance":"log"}},
            "reduce":{{"type":"percentile","field":"v","p":0.5,"groupBy":"event_type"{rest}}}"#
        );
        let query = Query::parse(&query).unwrap();
        let mut execution = Execution::new(&query);
        let chunk = Cutting::new(0, &log, false);
        let examined = query.examine("log", &chunk).unwrap();
        execution.take(&examined, &Log(&log)).unwrap();
        let outcome = execution.finish(&Log(&log), &mut List::default());
        outcome.unwrap().remarks
    };
    let near = ["percentile is within 0.5 percent where it is of more than 16384 numbers"];
    assert_eq!(remarks("}"), near);
    assert_eq!(remarks(r#"},"offset":1"#), near);
    assert_eq!(remarks(r#"},"limit":1"#), [""; 0]);
    let having = |operator: &str| {
        remarks(&format!(
            r#","having":[{{"field":"percentile","operator":"{operator}","value":1}}]}}"#
        ))
    };
    assert_eq!(having("gt"), near);
    assert_eq!(having("lte"), [""; 0]);
}
