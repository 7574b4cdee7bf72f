//! What a query leaves out of many blocks, and that it finds what is there.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::plan::Plan;
use super::super::test_log::{self, Told, filled};
use crate::cancellation::Cancellation;
use crate::engine::Engine;
use crate::engine::test::Site;
use crate::testing::List;

/// How many events a block has, and how many blocks there are: two lists of 16, one of 7 that are alone, and a part.
const BLOCK_EVENTS: u64 = 8;
const BLOCKS: u64 = 39;
const EVENTS: u64 = BLOCKS * BLOCK_EVENTS + 3;

/// The number of the only event of its type.
const RARE: u64 = 100;

fn log(site: &Site) -> Engine {
    filled(site, EVENTS, |n| Told {
        event_type: if n == RARE {
            "rare"
        } else {
            ["made", "sold"][n as usize % 2]
        },
        payload: json!({
            "id": format!("id {n}"),
            "pair": format!("pair {}", n / 2),
            "kind": (["a", "b", "c"][n as usize % 3]),
            "number": n * 1_000_003,
            "tags": [format!("tag {n}"), "usual"],
            "half": f64::from(n as u32) + 0.5,
        })
        .to_string(),
        metadata: "{\"correlationId\":null}",
        timestamp_ms: Some(1_000 * n as i64),
    })
}

fn asked(engine: &Engine, query: &Value) -> (Value, Plan) {
    let (value, plan, _) = answered(engine, query);
    (value, plan)
}

/// The answer, how it was found, and what the result has beside it.
fn answered(engine: &Engine, query: &Value) -> (Value, Plan, String) {
    let (mut list, alone) = (List::default(), (Duration::MAX, &Cancellation::default()));
    let (outcome, plan) = test_log::answered(engine, query, alone, &mut list).unwrap();
    let value = outcome.value.unwrap_or_else(|| list.into_json());
    let value = serde_json::from_str(&value).unwrap();
    (value, plan, outcome.members)
}

/// The numbers of the events that pass a condition, and how they were found.
fn found(engine: &Engine, field: &str, operator: &str, value: &Value) -> (Vec<u64>, Plan) {
    let condition = json!({ "field": field, "operator": operator, "value": value });
    let (events, plan) = asked(engine, &json!({ "where": [condition] }));
    let events = events.as_array().unwrap().iter();
    let numbers = events.map(|event| event["sequence_number"].as_u64().unwrap() - 1);
    (numbers.collect(), plan)
}

#[test]
fn a_look_up_leaves_the_blocks_that_have_a_value_and_those_that_are_in_no_list() {
    let site = Site::new(1 << 20, BLOCK_EVENTS as u32);
    let engine = log(&site);
    // The last events are in no whole block.
    for (field, operator, value, numbers, read) in [
        ("payload.id", "eq", json!("id 77"), vec![77], 2),
        (
            "payload.id",
            "in",
            json!(["id 1", "id 300"]),
            vec![1, 300],
            3,
        ),
        ("payload.id", "eq", json!("nothing"), vec![], 1),
        ("payload.other", "eq", json!("id 77"), vec![], 1),
        ("payload.pair", "eq", json!("pair 40"), vec![80, 81], 2),
        ("payload.number", "eq", json!(5 * 1_000_003), vec![5], 2),
        (
            "payload.number",
            "in",
            json!([7, 9 * 1_000_003]),
            vec![9],
            2,
        ),
        ("payload.tags", "contains", json!("tag 250"), vec![250], 2),
        ("payload.tags.0", "eq", json!("tag 250"), vec![250], 2),
    ] {
        let (found, plan) = found(&engine, field, operator, &value);
        assert_eq!(found, numbers, "{field} {value}");
        // A hash can be that of another value.
        let ruled_out = BLOCKS + 1 - read;
        assert!(
            (ruled_out - 1..=ruled_out).contains(&plan.blocks_ruled_out),
            "{field} {value}: {}",
            plan.blocks_ruled_out
        );
        assert!(plan.events_examined <= 3 + 2 * read, "{field} {value}");
    }
    engine.close().unwrap();
}

#[test]
fn what_no_look_up_can_tell_is_looked_for_in_each_block() {
    let site = Site::new(1 << 20, BLOCK_EVENTS as u32);
    let engine = log(&site);
    let count = |is: &dyn Fn(u64) -> bool| (0..EVENTS).filter(|n| is(*n)).count();
    for (field, operator, value, matching) in [
        ("payload.id", "neq", json!("id 77"), count(&|n| n != 77)),
        ("payload.kind", "eq", json!("b"), count(&|n| n % 3 == 1)),
        ("payload.id", "contains", json!("d 77"), count(&|n| n == 77)),
        ("payload.half", "eq", json!(5.5), count(&|n| n == 5)),
        ("payload.half", "in", json!([5.5, null]), count(&|n| n == 5)),
        ("payload.none", "eq", json!(null), count(&|_| true)),
        ("payload.tags", "contains", json!("usual"), count(&|_| true)),
        (
            "metadata.correlationId",
            "eq",
            json!(null),
            count(&|_| true),
        ),
    ] {
        let (found, plan) = found(&engine, field, operator, &value);
        assert_eq!(found.len(), matching, "{field} {operator} {value}");
        assert_eq!(plan.blocks_ruled_out, 0, "{field} {operator} {value}");
    }
    engine.close().unwrap();
}

#[test]
fn what_is_known_of_many_blocks_together_is_enough_where_none_or_all_of_their_events_match() {
    let site = Site::new(1 << 20, BLOCK_EVENTS as u32);
    let engine = log(&site);
    let where_type = json!([{ "field": "event_type", "operator": "eq", "value": "rare" }]);
    let (events, plan) = asked(&engine, &json!({ "where": where_type }));
    assert_eq!(events.as_array().unwrap().len(), 1);
    assert_eq!(plan.blocks_read, 2);
    let (count, plan) = asked(
        &engine,
        &json!({ "where": where_type, "reduce": { "type": "count" } }),
    );
    assert_eq!(count, json!(1));
    assert_eq!(plan.blocks_read, 1);
    let by_type = json!({ "reduce": { "type": "count", "groupBy": "event_type" } });
    let (rows, plan) = asked(&engine, &by_type);
    let of = |name: &str| {
        let rows = rows.as_array().unwrap().iter();
        let mut of = rows.filter(|row| row["event_type"] == name);
        of.next().unwrap()["count"].as_u64().unwrap()
    };
    assert_eq!(of("made") + of("sold") + of("rare"), EVENTS);
    assert_eq!(of("rare"), 1);
    assert_eq!(plan.blocks_read, 1);
    // Its first event is of the type that comes first.
    assert_eq!(rows[0]["event_type"], "made");
    let late = json!({ "where": [{ "field": "timestamp", "operator": "lt", "value": 5_000 }],
        "reduce": { "type": "count" } });
    assert_eq!(asked(&engine, &late).0, json!(5));
    engine.close().unwrap();
}

#[test]
fn what_follows_a_full_page_is_counted_many_blocks_at_once() {
    let site = Site::new(1 << 20, BLOCK_EVENTS as u32);
    let engine = log(&site);
    let is_of = |name: &str| json!({ "field": "event_type", "operator": "eq", "value": name });
    let either = json!([{ "any": [is_of("rare"), is_of("made")] }]);
    for limit in [1, 5, 8, 9, 60, 63, 64, 65, 66, 150, 1_000] {
        let query = json!({ "where": either, "limit": limit });
        let (events, plan, members) = answered(&engine, &query);
        let expected = (0..EVENTS).filter(|n| *n == RARE || n % 2 == 0);
        let numbers = events.as_array().unwrap().iter();
        let numbers = numbers.map(|event| event["sequence_number"].as_u64().unwrap() - 1);
        assert_eq!(
            numbers.collect::<Vec<_>>(),
            expected.clone().take(limit).collect::<Vec<_>>()
        );
        // Each list of 16 blocks whose turn comes after the page is full is counted; of the others each block is read
        // until then. The last events are in no whole block.
        let blocks = limit.div_ceil(4).min(BLOCKS as usize);
        assert!(
            plan.blocks_read as usize <= blocks + 1,
            "{limit}: {}",
            plan.blocks_read
        );
        let total = format!("\"total\":{},", expected.count());
        assert!(members.starts_with(&total), "{limit}: {members}");
    }
    engine.close().unwrap();
}

#[test]
fn events_of_a_type_are_counted_wherever_a_range_begins_and_ends_among_blocks_that_are_known_together()
 {
    let site = Site::new(1 << 20, BLOCK_EVENTS as u32);
    let engine = log(&site);
    let list = 16 * BLOCK_EVENTS;
    for first in [0, 1, 7, 8, 9, 56, list - 1, list, list + 1, list + 40] {
        for end in [
            first + 1,
            list - 1,
            list,
            list + 1,
            2 * list,
            2 * list + 9,
            EVENTS,
        ] {
            for name in ["rare", "made"] {
                let query = json!({
                    "where": [
                        { "field": "position", "operator": "gt", "value": first },
                        { "field": "position", "operator": "lte", "value": end },
                        { "field": "event_type", "operator": "eq", "value": name },
                    ],
                    "reduce": { "type": "count" },
                });
                let is_of = |n: &u64| match name {
                    "rare" => *n == RARE,
                    _ => *n != RARE && n.is_multiple_of(2),
                };
                let expected = (first..end).filter(is_of).count();
                assert_eq!(asked(&engine, &query).0, json!(expected), "{query}");
            }
        }
    }
    engine.close().unwrap();
}

#[test]
fn where_blocks_have_too_many_types_to_be_known_together_each_is_looked_into() {
    let site = Site::new(1 << 20, BLOCK_EVENTS as u32);
    let names: Vec<&'static str> = (0..70).map(|n| &*format!("type {n}").leak()).collect();
    let told = names.clone();
    let engine = filled(&site, 32 * BLOCK_EVENTS, move |n| Told {
        event_type: told[n as usize % told.len()],
        payload: "{}".to_owned(),
        metadata: "{}",
        timestamp_ms: None,
    });
    for (number, name) in names.iter().enumerate() {
        let query = json!({
            "where": [{ "field": "event_type", "operator": "eq", "value": name }],
            "reduce": { "type": "count" },
        });
        let expected = (0..32 * BLOCK_EVENTS).filter(|n| *n as usize % names.len() == number);
        assert_eq!(asked(&engine, &query).0, json!(expected.count()), "{name}");
    }
    engine.close().unwrap();
}
