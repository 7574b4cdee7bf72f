//! What is looked for in long texts of sealed blocks is found, however they are written.

use serde_json::{Value, json};

use super::WayBounds;
use super::test_log::{Told, answered, filled};
use crate::cancellation::Cancellation;
use crate::engine::Engine;
use crate::engine::test::Site;
use crate::testing::List;

const BLOCK_EVENTS: u64 = 256;
const EVENTS: u64 = 4 * BLOCK_EVENTS + 9;

const WORDS: [&str; 8] = [
    "lock", "dead", "deadlock", "waited", "queue", "é", "slow", "of",
];

/// The JSON text of what an event says: mostly sentences that hardly any other has.
fn said(n: u64) -> String {
    let word =
        |at: u64| WORDS[(n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (3 * at + 30)) as usize % 8];
    let sentence = (0..7).map(word).collect::<Vec<_>>().join(" ");
    match n % 61 {
        7 => format!(r#""dead\u006cock {sentence}""#),
        8 => format!(r#"["{sentence}","deadlock"]"#),
        9 => format!(r#"["{sentence}","dead\u006cock"]"#),
        10 => "null".to_owned(),
        11 => format!("{n}"),
        12 => format!(r#""{}""#, format!("{sentence} ").repeat(60)),
        13 => r#""deadlock""#.to_owned(),
        _ => format!(r#""{sentence} {n}""#),
    }
}

fn log(site: &Site) -> Engine {
    filled(site, EVENTS, |n| Told {
        event_type: "said",
        payload: format!(r#"{{"n":{n},"said":{}}}"#, said(n)),
        metadata: "{}",
        timestamp_ms: Some(1_000 * n as i64),
    })
}

/// The numbers of the events that pass.
fn found(engine: &Engine, condition: &Value) -> Vec<u64> {
    let query = json!({
        "where": [condition],
        "reduce": { "type": "collect", "field": "payload.n" },
    });
    let mut list = List::default();
    let alone = (WayBounds::DEFAULT.alone, &Cancellation::default());
    answered(engine, &query, alone, &mut list).unwrap();
    serde_json::from_str(&list.into_json()).unwrap()
}

#[test]
fn a_text_is_found_however_it_is_written() {
    let site = Site::new(1 << 20, BLOCK_EVENTS as u32);
    let engine = log(&site);
    let values: Vec<Value> = (0..EVENTS)
        .map(|n| serde_json::from_str(&said(n)).unwrap())
        .collect();
    let passing = |passes: &dyn Fn(&Value) -> bool| -> Vec<u64> {
        (0..EVENTS)
            .filter(|n| passes(&values[*n as usize]))
            .collect()
    };
    let text = |passes: &'static dyn Fn(&str) -> bool| {
        passing(&move |value| value.as_str().is_some_and(passes))
    };
    let has = |value: &Value| match value {
        Value::String(text) => text.contains("deadlock"),
        Value::Array(values) => values.contains(&json!("deadlock")),
        _ => false,
    };
    let test = |operator: &str, value: Value| json!({ "field": "payload.said", "operator": operator, "value": value });
    let contains = test("contains", json!("deadlock"));
    for (condition, expected) in [
        (contains.clone(), passing(&has)),
        (json!({ "not": contains }), passing(&|value| !has(value))),
        (
            test("contains", json!("queue é")),
            text(&|it| it.contains("queue é")),
        ),
        (
            test("contains", json!("deadlock deadlock waited")),
            text(&|it| it.contains("deadlock deadlock waited")),
        ),
        (test("eq", json!("deadlock")), text(&|it| it == "deadlock")),
        (
            test("in", json!(["deadlock", "slow"])),
            text(&|it| it == "deadlock"),
        ),
        (
            test("startsWith", json!("deadlock ")),
            text(&|it| it.starts_with("deadlock ")),
        ),
        (
            test("endsWith", json!("lock")),
            text(&|it| it.ends_with("lock")),
        ),
    ] {
        assert!(!expected.is_empty(), "{condition}");
        assert_eq!(found(&engine, &condition), expected, "{condition}");
    }
    assert_eq!(
        found(&engine, &test("contains", json!("deadlocks"))),
        [0; 0]
    );
}
