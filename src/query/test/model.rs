//! Random queries over random events, against an evaluation that follows the contract word by word
//! on trees of values.

use std::cmp::Ordering;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Stored, result};
use crate::testing::generate::{FIELDS, log, part, rank};
use crate::timestamp;

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
    stored.event(at).write_json(&mut text);
    let mut tree: Value = serde_json::from_str(&text).unwrap();
    tree["timestamp"] = json!(stored.ms);
    tree["position"] = json!(at + 1);
    tree
}

fn read(event: &Value, field: &str) -> Value {
    find(event, field).unwrap_or_default()
}

fn find(event: &Value, field: &str) -> Option<Value> {
    let path = match field {
        "streamId" => "stream_id".to_owned(),
        "id" | "event_type" | "sequence_number" | "position" | "timestamp" | "payload" => {
            field.to_owned()
        }
        _ if field.starts_with("payload.") || field.starts_with("metadata.") => field.to_owned(),
        _ => format!("payload.{field}"),
    };
    let pointer = format!("/{}", path.replace('.', "/"));
    event.pointer(&pointer).cloned()
}

/// As a test without case sees a value. The texts that are generated have no letters but those of ASCII.
fn lower(value: &Value) -> Value {
    match value {
        Value::String(text) => json!(text.to_lowercase()),
        Value::Array(values) => values
            .iter()
            .map(|value| match value {
                Value::String(text) => json!(text.to_lowercase()),
                other => other.clone(),
            })
            .collect(),
        other => other.clone(),
    }
}

/// Whether the tree of conditions holds.
fn passes(event: &Value, tree: &Value) -> bool {
    if let Some(trees) = tree["any"].as_array() {
        return trees.iter().any(|tree| passes(event, tree));
    }
    if let Some(trees) = tree["all"].as_array() {
        return trees.iter().all(|tree| passes(event, tree));
    }
    if tree["not"].is_object() {
        return !passes(event, &tree["not"]);
    }
    holds(event, tree)
}

/// A time as the text that is looked into; other values as they are.
fn as_text(field: &str, value: Value) -> Value {
    match value.as_i64() {
        Some(ms) if field == "timestamp" => json!(timestamp::format(ms)),
        _ => value,
    }
}

/// The milliseconds of what is compared with a time.
fn time(field: &str, value: &Value) -> Value {
    match value {
        Value::String(text) if field != "timestamp" => {
            timestamp::parse(text).map_or(Value::Null, |parsed| json!(parsed.ms))
        }
        Value::Number(_) => value.clone(),
        _ => Value::Null,
    }
}

fn holds(event: &Value, condition: &Value) -> bool {
    let field = condition["field"].as_str().unwrap();
    let mut stored = read(event, field);
    let mut value = condition["value"].clone();
    let operator = condition["operator"].as_str().unwrap();
    if operator == "exists" {
        return json!(find(event, field).is_some()) == value;
    }
    if let Some(other) = condition["valueField"].as_str() {
        value = read(event, other);
        let is_of_text = ["contains", "startsWith", "endsWith"].contains(&operator);
        let is_of_times = field == "timestamp" || other == "timestamp";
        if is_of_text {
            (stored, value) = (as_text(field, stored), as_text(other, value));
        } else if is_of_times {
            (stored, value) = (time(field, &stored), time(other, &value));
            if stored.is_null() || value.is_null() {
                return operator == "neq";
            }
        }
    }
    if ["contains", "startsWith", "endsWith", "matches"].contains(&operator) {
        stored = as_text(field, stored);
    }
    if condition["ignoreCase"] == json!(true) {
        (stored, value) = (lower(&stored), lower(&value));
    }
    let value = &value;
    let order = |value: &Value| {
        ((1..4).contains(&rank(value)) && rank(&stored) == rank(value))
            .then(|| compare(&stored, value))
    };
    match operator {
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
        "contains" => match (&stored, value) {
            (Value::String(stored), Value::String(part)) => stored.contains(part),
            (Value::Array(stored), part) => stored.iter().any(|stored| equal(stored, part)),
            _ => false,
        },
        "notIn" => !value
            .as_array()
            .unwrap()
            .iter()
            .any(|value| equal(&stored, value)),
        "startsWith" => texts(&stored, value).is_some_and(|(text, part)| text.starts_with(part)),
        "endsWith" => texts(&stored, value).is_some_and(|(text, part)| text.ends_with(part)),
        "matches" => texts(&stored, value).is_some_and(|(text, pattern)| is_match(text, pattern)),
        operator => unreachable!("the model knows no operator {operator:?}"),
    }
}

/// The patterns that are generated are texts, with `^` before some and `$` after some.
fn is_match(text: &str, pattern: &str) -> bool {
    let begins = pattern.starts_with('^');
    let ends = pattern.ends_with('$');
    let part = pattern.trim_start_matches('^').trim_end_matches('$');
    match (begins, ends) {
        (true, true) => text == part,
        (true, false) => text.starts_with(part),
        (false, true) => text.ends_with(part),
        (false, false) => text.contains(part),
    }
}

fn texts<'v>(a: &'v Value, b: &'v Value) -> Option<(&'v str, &'v str)> {
    a.as_str().zip(b.as_str())
}

fn matching(log: &[Stored], conditions: &[Value]) -> Vec<Value> {
    let trees = log.iter().enumerate().map(|(at, stored)| tree(at, stored));
    trees
        .filter(|event| conditions.iter().all(|tree| passes(event, tree)))
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
        conditions in prop::collection::vec(part(), 0..3),
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
        conditions in prop::collection::vec(part(), 0..2),
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
