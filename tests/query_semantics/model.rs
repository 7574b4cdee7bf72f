//! Random queries over random events, against an evaluation that follows the contract word by word
//! on trees of values.

use std::cmp::Ordering;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Stored, event, result};

const FIELDS: [&str; 10] = [
    "payload.a",
    "b",
    "payload.a.b",
    "a.0",
    "a.1.b",
    "metadata.b",
    "event_type",
    "streamId",
    "sequence_number",
    "payload",
];

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-2..3_i32).prop_map(Value::from),
        (-2..3_i32).prop_map(|n| json!(f64::from(n) / 2.0)),
        prop::sample::select(vec!["", "a", "b", "ab", "x", "y", "😀", "\u{e000}", "\""])
            .prop_map(Value::from),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            object(inner),
        ]
    })
}

fn object(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    prop::collection::vec((prop::sample::select(vec!["a", "b", "c"]), inner), 0..3).prop_map(
        |members| {
            let members = members
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value));
            Value::Object(members.collect::<Map<_, _>>())
        },
    )
}

fn log() -> impl Strategy<Value = Vec<Stored>> {
    let stored = (
        prop::sample::select(vec!["a", "b"]),
        prop::sample::select(vec!["x", "y"]),
        object(value()),
        object(scalar()),
        -2..3_i64,
        1..4_u64,
    )
        .prop_map(|(stream, kind, payload, metadata, ms, sequence)| Stored {
            stream,
            kind,
            payload: payload.to_string(),
            metadata: metadata.to_string(),
            ms,
            sequence,
        });
    prop::collection::vec(stored, 0..20)
}

fn bound() -> impl Strategy<Value = Value> {
    scalar().prop_filter("has an order", |value| !value.is_null())
}

fn condition() -> impl Strategy<Value = Value> {
    let of = |operator: &'static str, value: BoxedStrategy<Value>| {
        (prop::sample::select(FIELDS.to_vec()), value).prop_map(
            move |(field, value)| json!({ "field": field, "operator": operator, "value": value }),
        )
    };
    let pair = (bound(), bound())
        .prop_filter("one type", |(low, high)| rank(low) == rank(high))
        .prop_map(|(low, high)| json!([low, high]));
    let list = prop::collection::vec(value(), 0..4).prop_map(Value::from);
    let time = (
        prop::sample::select(vec!["eq", "neq", "gt", "gte", "lt", "lte"]),
        -4..5_i32,
    )
        .prop_map(|(operator, half)| {
            let value = f64::from(half) / 2.0;
            json!({ "field": "timestamp", "operator": operator, "value": value })
        });
    prop_oneof![
        of("eq", value().boxed()),
        of("neq", value().boxed()),
        of("gt", bound().boxed()),
        of("gte", bound().boxed()),
        of("lt", bound().boxed()),
        of("lte", bound().boxed()),
        of("contains", value().boxed()),
        of("between", pair.boxed()),
        of("in", list.boxed()),
        time,
    ]
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    }
}

fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => a.as_f64().partial_cmp(&b.as_f64()).unwrap(),
        (Value::String(a), Value::String(b)) => a.encode_utf16().cmp(b.encode_utf16()),
        _ => rank(a).cmp(&rank(b)),
    }
}

fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let same = |(key, a): (&String, &Value)| b.get(key).is_some_and(|b| equal(a, b));
            a.len() == b.len() && a.iter().all(same)
        }
        _ => a == b,
    }
}

/// The whole event as a tree, with its time in milliseconds.
fn tree(at: usize, stored: &Stored) -> Value {
    let mut text = String::new();
    event(at, stored).write_json(&mut text);
    let mut tree: Value = serde_json::from_str(&text).unwrap();
    tree["timestamp"] = json!(stored.ms);
    tree
}

fn read(event: &Value, field: &str) -> Value {
    let path = match field {
        "streamId" => "stream_id".to_owned(),
        "event_type" | "sequence_number" | "timestamp" | "payload" => field.to_owned(),
        _ if field.starts_with("payload.") || field.starts_with("metadata.") => field.to_owned(),
        _ => format!("payload.{field}"),
    };
    let pointer = format!("/{}", path.replace('.', "/"));
    event.pointer(&pointer).cloned().unwrap_or_default()
}

fn holds(event: &Value, condition: &Value) -> bool {
    let stored = read(event, condition["field"].as_str().unwrap());
    let value = &condition["value"];
    let order = |value: &Value| (rank(&stored) == rank(value)).then(|| compare(&stored, value));
    match condition["operator"].as_str().unwrap() {
        "eq" => equal(&stored, value),
        "neq" => !equal(&stored, value),
        "gt" => order(value).is_some_and(Ordering::is_gt),
        "gte" => order(value).is_some_and(Ordering::is_ge),
        "lt" => order(value).is_some_and(Ordering::is_lt),
        "lte" => order(value).is_some_and(Ordering::is_le),
        "between" => {
            order(&value[0]).is_some_and(Ordering::is_ge)
                && order(&value[1]).is_some_and(Ordering::is_le)
        }
        "in" => value
            .as_array()
            .unwrap()
            .iter()
            .any(|value| equal(&stored, value)),
        _ => match (&stored, value) {
            (Value::String(stored), Value::String(part)) => stored.contains(part),
            (Value::Array(stored), part) => stored.iter().any(|stored| equal(stored, part)),
            _ => false,
        },
    }
}

fn matching(log: &[Stored], conditions: &[Value]) -> Vec<Value> {
    let trees = log.iter().enumerate().map(|(at, stored)| tree(at, stored));
    trees
        .filter(|event| conditions.iter().all(|condition| holds(event, condition)))
        .collect()
}

fn parts(conditions: &[Value], rest: &Value) -> String {
    let mut query = rest.clone();
    query["where"] = json!(conditions);
    let text = query.to_string();
    text[1..text.len() - 1].to_owned()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn events_are_filtered_sorted_and_paged(
        log in log(),
        conditions in prop::collection::vec(condition(), 0..3),
        order in prop::option::of((prop::sample::select(FIELDS.to_vec()), any::<bool>())),
        limit in prop::option::of(0..8_usize),
        offset in prop::option::of(0..8_usize),
    ) {
        let mut events = matching(&log, &conditions);
        let total = events.len();
        let mut rest = json!({});
        if let Some((field, descending)) = order {
            let direction = if descending { "desc" } else { "asc" };
            rest["orderBy"] = json!({ "field": field, "direction": direction });
            events.sort_by(|a, b| compare(&read(a, field), &read(b, field)));
            if descending {
                events.reverse();
            }
        }
        let page = events.iter().skip(offset.unwrap_or(0)).take(limit.unwrap_or(usize::MAX));
        let mut expected = json!({
            "events": page.map(|event| event["id"].clone()).collect::<Vec<_>>(),
            "total": total,
        });
        for (name, number) in [("limit", limit), ("offset", offset)] {
            if let Some(number) = number {
                rest[name] = json!(number);
                expected[name] = json!(number);
            }
        }
        let mut found = result(&log, &parts(&conditions, &rest));
        for event in found["events"].as_array_mut().unwrap() {
            *event = event["id"].clone();
        }
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn events_are_grouped_and_summed(
        log in log(),
        conditions in prop::collection::vec(condition(), 0..2),
        group in prop::sample::select(FIELDS.to_vec()),
        field in prop::sample::select(FIELDS.to_vec()),
    ) {
        let events = matching(&log, &conditions);
        let mut rows: Vec<(Value, f64)> = Vec::new();
        for event in &events {
            let key = read(event, group);
            let number = read(event, field).as_f64().unwrap_or(0.0);
            match rows.iter_mut().find(|(seen, _)| equal(seen, &key)) {
                Some((_, sum)) => *sum += number,
                None => rows.push((key, number)),
            }
        }
        rows.sort_by(|(a, _), (b, _)| compare(a, b));
        let rows: Vec<Value> =
            rows.into_iter().map(|(key, sum)| json!({ group: key, "sum": sum })).collect();
        let reduce = json!({ "reduce": { "type": "sum", "field": field, "groupBy": group } });
        let found = result(&log, &parts(&conditions, &reduce));
        prop_assert!(equal(&found["aggregation"], &json!(rows)), "{found} {rows:?}");
        prop_assert_eq!(&found["total"], &json!(events.len()));
    }
}
