//! Random logs and random queries.

mod growth;
mod reductions;

use std::mem;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

pub use self::growth::{Growth, growth};
use self::reductions::{count, distinct, reduction};
use super::Stored;
use crate::erased::{self, Erased, Left};

/// Fields of the events of such a log, and such as these do not have.
pub const FIELDS: [&str; 13] = [
    "payload.a",
    "b",
    "payload.a.b",
    "a.0",
    "a.1.b",
    "metadata.b",
    "a.b.c",
    "id",
    "event_type",
    "streamId",
    "sequence_number",
    "position",
    "payload",
];

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-2..3_i32).prop_map(Value::from),
        (-2..3_i32).prop_map(|n| json!(f64::from(n) / 2.0)),
        prop::sample::select(vec![
            "", "a", "b", "ab", "A", "aB", "x", "y", "😀", "\u{e000}", "\"", "a-7"
        ])
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

/// A log of fewer than 20 events in two streams. In some logs, most events have texts in one place that are alike but for a
/// number.
pub fn log() -> impl Strategy<Value = Vec<Stored>> {
    let stored = (
        prop::sample::select(vec!["a", "b"]),
        prop::sample::select(vec!["x", "y"]),
        object(value()),
        object(scalar()),
        -2..3_i64,
        1..4_u64,
        0..40_u32,
    );
    let is_numbered = prop::bool::weighted(0.3);
    (prop::collection::vec(stored, 0..20), is_numbered).prop_map(|(log, is_numbered)| {
        let events = log.into_iter();
        let stored = events.map(|(stream, kind, payload, metadata, ms, sequence, number)| {
            let mut metadata: Value = metadata;
            if is_numbered && number % 13 > 0 {
                metadata["b"] = json!(format!("a-{number}"));
            }
            Stored {
                id: None,
                stream,
                kind,
                payload: payload.to_string(),
                metadata: metadata.to_string(),
                ms,
                sequence,
                position: None,
            }
        });
        stored.collect()
    })
}

/// A log some of whose events were erased, in whole or in part.
pub fn log_with_erased() -> impl Strategy<Value = Vec<Stored>> {
    let fates = prop::collection::vec(0..20_u8, 20);
    (log(), fates).prop_map(|(mut log, fates)| {
        for (event, fate) in log.iter_mut().zip(fates) {
            if fate < 2 {
                erase(event, fate == 0);
            }
        }
        log
    })
}

/// Makes an event one that was erased: in whole, or so that what it has is what is left of it.
fn erase(event: &mut Stored, is_whole: bool) {
    let payload = mem::replace(&mut event.payload, erased::PAYLOAD.to_owned());
    let metadata = mem::take(&mut event.metadata);
    let left = Left {
        fields: vec![r#""payload.d""#.to_owned()],
        texts: [payload, metadata],
    };
    let erased = Erased {
        at_ms: 0,
        reason: "a".to_owned(),
        kept: None,
        left: (!is_whole).then_some(left),
    };
    event.metadata = erased.metadata();
}

/// Where values of that type stand in the order of types.
#[must_use]
pub fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    }
}

fn bound() -> impl Strategy<Value = Value> {
    scalar().prop_filter("has an order", |value| !value.is_null())
}

/// A condition.
pub fn condition() -> impl Strategy<Value = Value> {
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
    let kind = (
        prop::sample::select(vec!["eq", "neq", "gt", "lte", "contains"]),
        prop::sample::select(vec!["x", "y"]),
    )
        .prop_map(|(operator, kind)| {
            json!({ "field": "event_type", "operator": operator, "value": kind })
        });
    let position = (
        prop::sample::select(vec!["eq", "neq", "gt", "gte", "lt", "lte"]),
        -2..50_i32,
    )
        .prop_map(|(operator, half)| {
            let value = f64::from(half) / 2.0;
            json!({ "field": "position", "operator": operator, "value": value })
        });
    let positions = (
        prop::sample::select(vec!["between", "in"]),
        -2..50_i32,
        -2..50_i32,
    )
        .prop_map(|(operator, a, b)| {
            json!({ "field": "position", "operator": operator, "value": [a, b] })
        });
    prop_oneof![
        9 => newer_condition(),
        3 => kind,
        2 => position,
        1 => positions,
        1 => of("eq", value().boxed()),
        1 => of("neq", value().boxed()),
        1 => of("gt", bound().boxed()),
        1 => of("gte", bound().boxed()),
        1 => of("lt", bound().boxed()),
        1 => of("lte", bound().boxed()),
        1 => of("contains", value().boxed()),
        1 => of("between", pair.boxed()),
        1 => of("in", list.boxed()),
        2 => time,
    ]
}

/// A condition with an operator, or a key, that the SDK does not know.
fn newer_condition() -> impl Strategy<Value = Value> {
    let of = |operator: &'static str, value: BoxedStrategy<Value>| {
        (prop::sample::select(FIELDS.to_vec()), value).prop_map(
            move |(field, value)| json!({ "field": field, "operator": operator, "value": value }),
        )
    };
    let pattern = prop::sample::select(vec!["a", "^a", "b$", "^ab$", "^", "$", "x", "\u{e000}$"]);
    let field = || prop::sample::select([&FIELDS[..], &["timestamp"]].concat());
    let exists = (field(), any::<bool>())
        .prop_map(|(field, value)| json!({ "field": field, "operator": "exists", "value": value }));
    let relation = prop::sample::select(vec![
        "eq",
        "neq",
        "gt",
        "gte",
        "lt",
        "lte",
        "contains",
        "startsWith",
        "endsWith",
    ]);
    let fields = (field(), relation, field(), any::<bool>()).prop_map(
        |(field, operator, other, ignores_case)| {
            let has_case = !["gt", "gte", "lt", "lte"].contains(&operator);
            json!({
                "field": field,
                "operator": operator,
                "valueField": other,
                "ignoreCase": ignores_case && has_case,
            })
        },
    );
    let not_in = prop::collection::vec(value(), 0..4).prop_map(Value::from);
    let time_texts = vec![
        "1970",
        "1970-01-01T00:00:00.00",
        "1969-12-31T23",
        "2",
        "1970-01-02",
    ];
    let time_text = prop::sample::select(time_texts)
        .prop_map(|text| json!({ "field": "timestamp", "operator": "startsWith", "value": text }));
    prop_oneof![
        1 => time_text,
        2 => exists,
        2 => fields,
        2 => folded_condition(),
        1 => of("startsWith", text().prop_map(Value::from).boxed()),
        1 => of("endsWith", text().prop_map(Value::from).boxed()),
        1 => of("matches", pattern.prop_map(Value::from).boxed()),
        1 => of("notIn", not_in.boxed()),
    ]
}

/// A text for a condition that looks into texts.
fn text() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["", "a", "b", "AB", "x", "😀", "\""])
}

/// A condition that makes no difference between cases.
fn folded_condition() -> impl Strategy<Value = Value> {
    let operator = prop::sample::select(vec![
        "eq",
        "neq",
        "contains",
        "startsWith",
        "endsWith",
        "in",
        "notIn",
    ]);
    let field = prop::sample::select(FIELDS.to_vec());
    (field, operator, text()).prop_map(|(field, operator, text)| {
        let value = if operator.ends_with('n') {
            json!([text, 1, null])
        } else {
            json!(text)
        };
        json!({ "field": field, "operator": operator, "value": value, "ignoreCase": true })
    })
}

/// That a field is equal to one value or to another.
fn either() -> impl Strategy<Value = Value> {
    let equality = || {
        let list = prop::collection::vec(value(), 0..3);
        prop_oneof![
            2 => value().prop_map(|value| json!({ "operator": "eq", "value": value })),
            1 => list.prop_map(|list| json!({ "operator": "in", "value": list })),
            1 => prop::sample::select(vec!["A", "ab", "X"]).prop_map(
                |text| json!({ "operator": "eq", "value": text, "ignoreCase": true })
            ),
        ]
    };
    let of_field = (
        prop::sample::select(FIELDS.to_vec()),
        prop::collection::vec(equality(), 2..5),
    );
    let time = (-2..3_i64).prop_map(|ms| json!({ "operator": "eq", "value": ms }));
    let times = prop::collection::vec(time, 2..4).prop_map(|times| ("timestamp", times));
    prop_oneof![5 => of_field, 1 => times].prop_map(|(field, mut equalities)| {
        for equality in &mut equalities {
            equality["field"] = json!(field);
        }
        json!({ "any": equalities })
    })
}

/// A condition, or a tree of some.
pub fn part() -> impl Strategy<Value = Value> {
    prop_oneof![6 => condition().boxed(), 1 => either().boxed()].prop_recursive(3, 12, 3, |inner| {
        let trees = || prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            trees().prop_map(|trees| json!({ "any": trees })),
            trees().prop_map(|trees| json!({ "all": trees })),
            inner.clone().prop_map(|tree| json!({ "not": tree })),
        ]
    })
}

/// A field that a query may order or group by.
fn field() -> impl Strategy<Value = &'static str> {
    prop::sample::select([&FIELDS[..], &["timestamp"]].concat())
}

/// A page of the events, in some order.
fn page() -> impl Strategy<Value = Value> {
    let number = |max| prop::option::of(0..max);
    (
        prop::option::of((field(), any::<bool>())),
        number(60_u32),
        number(60_u32),
    )
        .prop_map(|(order, limit, offset)| {
            let mut parts = json!({});
            if let Some((field, descending)) = order {
                let direction = if descending { "desc" } else { "asc" };
                parts["orderBy"] = json!({ "field": field, "direction": direction });
            }
            for (name, number) in [("limit", limit), ("offset", offset)] {
                if let Some(number) = number {
                    parts[name] = json!(number);
                }
            }
            parts
        })
}

/// The parts of a query beside `from`.
pub fn parts() -> impl Strategy<Value = Value> {
    (
        prop_oneof![6 => page(), 4 => reduction(), 2 => count(), 1 => distinct()],
        prop::collection::vec(part(), 0..3),
    )
        .prop_map(|(mut parts, conditions)| {
            if !conditions.is_empty() {
                parts["where"] = json!(conditions);
            }
            parts
        })
}
