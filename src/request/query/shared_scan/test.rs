//! Several threads find what one finds, in the same order.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::test_log::{Told, answered, filled};
use crate::cancellation::Cancellation;
use crate::engine::test::Site;
use crate::engine::{Engine, Fault};
use crate::testing::List;

const BLOCK_EVENTS: u64 = 64;
const EVENTS: u64 = 40 * BLOCK_EVENTS + 7;

/// Events with a group that only later ones have, numbers whose sums depend on their order, and texts of which those of a
/// block do not wait for its turn alone.
fn log(site: &Site) -> Engine {
    filled(site, EVENTS, |n| Told {
        event_type: ["made", "sold"][n as usize % 2],
        payload: json!({
            "group": format!("group {}", n * 7919 % (3 + n / 40)),
            "price": f64::from((n % 3 * 1_000_000_000 + n * 31 % 1_000) as u32) / 10.0,
            "long": format!("{n} {}", "x".repeat(3_000 + n as usize % 90)),
            "few": n % 5,
        })
        .to_string(),
        metadata: "{}",
        timestamp_ms: Some(1_000 * n as i64),
    })
}

/// The answer to a query that asks for help after that time.
fn asked(
    engine: &Engine,
    query: &Value,
    alone: Duration,
    cancellation: &Cancellation,
) -> Result<String, Fault> {
    let mut list = List::default();
    let (outcome, _) = answered(engine, query, (alone, cancellation), &mut list)?;
    let value = outcome.value.unwrap_or_else(|| list.into_json());
    Ok(format!("{value},{}", outcome.members))
}

#[test]
fn what_several_threads_find_is_taken_in_the_order_of_the_log() {
    let site = Site::new(1 << 20, BLOCK_EVENTS as u32);
    let engine = log(&site);
    let of = |aggregate: &str, field: &str| json!({ "type": aggregate, "field": field });
    let aggregates = json!({
        "count": { "type": "count" },
        "sum": of("sum", "payload.price"),
        "avg": of("avg", "payload.price"),
        "max": of("max", "payload.price"),
        "first": of("first", "payload.few"),
        "users": of("countDistinct", "payload.few"),
    });
    for query in [
        json!({ "reduce": { "aggregates": aggregates, "groupBy": "payload.group" } }),
        json!({ "reduce": { "aggregates": aggregates, "groupBy": "payload.few" } }),
        json!({ "reduce": { "aggregates": aggregates, "groupBy": ["payload.group", "payload.few"] } }),
        json!({ "reduce": { "aggregates": aggregates, "groupBy": "event_type" } }),
        json!({ "reduce": { "aggregates": aggregates } }),
        json!({ "reduce": { "type": "count", "groupBy": "event_type" } }),
        json!({ "where": [{ "field": "event_type", "operator": "neq", "value": "made" }], "limit": 70 }),
        json!({
            "where": [{ "field": "payload.few", "operator": "gte", "value": 2 }],
            "reduce": { "aggregates": aggregates, "groupBy": "payload.group" },
        }),
        json!({
            "where": [{ "field": "payload.long", "operator": "contains", "value": "9 x" }],
            "reduce": { "type": "collect", "field": "payload.long" },
        }),
        json!({ "reduce": { "type": "collect", "field": "payload.long" } }),
        json!({
            "where": [{ "field": "payload.long", "operator": "startsWith", "value": "2" }],
            "select": ["payload.few", "position"],
            "offset": 5,
            "limit": 30,
        }),
    ] {
        let never = Cancellation::default();
        let alone = asked(&engine, &query, Duration::MAX, &never).unwrap();
        for _ in 0..3 {
            let together = asked(&engine, &query, Duration::ZERO, &never).unwrap();
            assert!(together == alone, "{query}");
        }
    }
}

#[test]
fn all_threads_end_where_nobody_wants_the_result_any_more() {
    let site = Site::new(1 << 20, BLOCK_EVENTS as u32);
    let engine = log(&site);
    let query = json!({ "reduce": { "type": "collect", "field": "payload.long" } });
    for _ in 0..3 {
        let cancellation = Cancellation::default();
        std::thread::scope(|scope| {
            let asking = scope.spawn(|| asked(&engine, &query, Duration::ZERO, &cancellation));
            cancellation.cancel();
            // It may have been quicker.
            let _ = asking.join().unwrap();
        });
        let refused = asked(&engine, &query, Duration::ZERO, &cancellation);
        assert!(matches!(refused, Err(Fault::Refused(_))), "{refused:?}");
    }
}
