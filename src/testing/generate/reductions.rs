//! Random reductions.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{FIELDS, field};

fn grouping() -> impl Strategy<Value = Value> {
    let every = prop::sample::select(vec!["1s", "1h", "1d", "2w", "1mo", "1y"]);
    let zone = prop::sample::select(vec![
        "UTC",
        "Europe/Berlin",
        "Asia/Kolkata",
        "America/St_Johns",
    ]);
    // A fill between the times of appends and those that are generated would be of many spans.
    let spans = (every, zone).prop_map(|(every, zone)| {
        json!({ "field": "timestamp", "every": every, "timeZone": zone, "fill": every == "1y" })
    });
    let field = prop::sample::select(vec![
        "b",
        "payload.a",
        "sequence_number",
        "position",
        "metadata.b",
        "id",
    ]);
    let bins = prop::sample::select(vec![json!([0]), json!([-0.5, 0.5, 2]), json!([1, 30])]);
    let bins = (field, bins, any::<bool>())
        .prop_map(|(field, bins, fill)| json!({ "field": field, "bins": bins, "fill": fill }));
    prop_oneof![spans, bins]
}

/// One aggregate.
fn fold() -> impl Strategy<Value = Value> {
    let kinds = vec![
        "count",
        "sum",
        "avg",
        "min",
        "max",
        "collect",
        "percentile",
        "countDistinct",
        "first",
        "last",
        "stddev",
        "topK",
    ];
    let field = prop::sample::select([&FIELDS[..], &["timestamp"]].concat());
    let part = prop::sample::select(vec![0.0, 0.5, 0.9, 1.0]);
    (
        prop::sample::select(kinds),
        prop::option::of(field),
        part,
        1..4_u32,
    )
        .prop_map(|(kind, of, part, count)| {
            let mut fold = json!({ "type": kind });
            if kind != "count" || of.is_some() {
                fold["field"] = json!(of.unwrap_or("b"));
            }
            match kind {
                "percentile" => fold["p"] = json!(part),
                "topK" => fold["k"] = json!(count),
                _ => {}
            }
            fold
        })
}

/// A reduction, of all events or by groups.
pub(super) fn reduction() -> impl Strategy<Value = Value> {
    (
        fold(),
        prop::collection::vec(fold(), 0..3),
        prop::collection::btree_set(field(), 0..3),
        prop::option::of(grouping()),
        prop::option::of(-1..3_i32),
    )
        .prop_map(|(mut reduce, others, groups, grouping, having)| {
            let mut groups: Vec<Value> = groups.into_iter().map(Value::from).collect();
            if let Some(grouping) = grouping {
                groups.retain(|group| *group != grouping["field"]);
                groups.push(grouping);
            }
            if !others.is_empty() {
                let named = others.into_iter().chain([reduce]).enumerate();
                let named: Map<String, Value> =
                    named.map(|(at, fold)| (format!("n{at}"), fold)).collect();
                reduce = json!({ "aggregates": named });
            }
            if !groups.is_empty() {
                reduce["groupBy"] = json!(groups);
                if let Some(bound) = having {
                    let column = if reduce["aggregates"].is_object() {
                        &json!("n0")
                    } else {
                        &reduce["type"]
                    };
                    let condition = json!({ "field": column, "operator": "lte", "value": bound });
                    reduce["having"] = json!({ "not": condition });
                }
            }
            json!({ "reduce": reduce })
        })
}

/// What the counts that a summary has may be enough for.
pub(super) fn count() -> impl Strategy<Value = Value> {
    prop::option::of(prop::sample::select(vec!["event_type", "streamId"])).prop_map(|by| match by {
        None => json!({ "reduce": { "type": "count" } }),
        Some(by) => json!({ "reduce": { "type": "count", "groupBy": by } }),
    })
}

/// How many different values there are where texts can differ by a number alone.
pub(super) fn distinct() -> impl Strategy<Value = Value> {
    Just(json!({ "reduce": { "type": "countDistinct", "field": "metadata.b" } }))
}
