//! When what is found is handed over.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::test_log::{Told, answered, filled};
use crate::cancellation::Cancellation;
use crate::engine::Engine;
use crate::engine::test::Site;
use crate::error::{Code, Error};
use crate::event::Event;
use crate::query::Sink;
use crate::testing::List;

const BLOCK_EVENTS: u64 = 8;
const EVENTS: u64 = 39 * BLOCK_EVENTS + 3;

/// A log all of whose blocks are in the tables.
fn log(site: &Site) -> Engine {
    filled(site, EVENTS, |n| Told {
        event_type: "made",
        payload: json!({ "id": format!("id {n}"), "half": f64::from(n as u32) + 0.5 }).to_string(),
        metadata: "{}",
        timestamp_ms: None,
    })
}

/// Calls the query off as soon as it has an event of it.
struct CallingOff<'c> {
    cancellation: &'c Cancellation,
    events: u64,
}

impl Sink for CallingOff<'_> {
    fn event(&mut self, _: &Event<'_>) -> Result<(), Error> {
        self.events += 1;
        self.cancellation.cancel();
        Ok(())
    }

    fn value(&mut self, _: &str) -> Result<(), Error> {
        self.cancellation.cancel();
        Ok(())
    }

    fn check_wanted(&self) -> Result<(), Error> {
        Ok(())
    }
}

#[test]
fn whole_events_in_the_order_of_the_log_are_handed_over_while_others_are_looked_for() {
    let site = Site::new(1 << 20, BLOCK_EVENTS as u32);
    let engine = log(&site);
    let most = json!([{ "field": "payload.half", "operator": "neq", "value": 5.5 }]);
    let called_off = |query: &Value| {
        let cancellation = Cancellation::default();
        let mut sink = CallingOff {
            cancellation: &cancellation,
            events: 0,
        };
        let answered = answered(&engine, query, (Duration::MAX, &cancellation), &mut sink);
        let aborted = answered.map_err(Error::from).map_err(|error| error.code());
        (aborted.err(), sink.events)
    };
    let aborted = Some(Code::Aborted);
    let (code, events) = called_off(&json!({ "where": most }));
    assert_eq!(code, aborted);
    assert!(events < EVENTS / 2, "{events}");
    assert_eq!(
        called_off(&json!({ "where": most, "limit": 200 })).0,
        aborted
    );
    // These are found when all others are.
    for other in [
        json!({ "where": most, "limit": 10 }),
        json!({ "where": most, "select": ["payload.id"] }),
        json!({ "where": most, "orderBy": { "field": "payload.half", "direction": "asc" } }),
    ] {
        assert_eq!(called_off(&other).0, None, "{other}");
    }
    engine.close().unwrap();
}

#[test]
fn no_event_is_missing_or_given_twice_however_many_threads_look() {
    let site = Site::new(1 << 20, BLOCK_EVENTS as u32);
    let engine = log(&site);
    let most = json!([{ "field": "payload.half", "operator": "neq", "value": 5.5 }]);
    for (offset, limit) in [(0, EVENTS), (3, 64), (70, 130), (0, 1)] {
        let query = json!({ "where": most, "offset": offset, "limit": limit });
        for alone in [Duration::MAX, Duration::ZERO] {
            let mut list = List::default();
            let cancellation = Cancellation::default();
            answered(&engine, &query, (alone, &cancellation), &mut list).unwrap();
            let events: Value = serde_json::from_str(&list.into_json()).unwrap();
            let numbers = events.as_array().unwrap().iter();
            let numbers = numbers.map(|event| event["sequence_number"].as_u64().unwrap() - 1);
            let expected = (0..EVENTS).filter(|n| *n != 5);
            let expected = expected.skip(offset as usize).take(limit as usize);
            assert!(numbers.eq(expected), "{query} {alone:?}");
        }
    }
    engine.close().unwrap();
}
