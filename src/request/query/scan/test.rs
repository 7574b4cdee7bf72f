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
    log_of(site, EVENTS, |_| None)
}

/// As [`log`], with so many events and with these times.
fn log_of(
    site: &Site,
    events: u64,
    time_of: impl Fn(u64) -> Option<i64> + Send + 'static,
) -> Engine {
    filled(site, events, move |n| Told {
        event_type: "made",
        payload: json!({ "id": format!("id {n}"), "half": f64::from(n as u32) + 0.5 }).to_string(),
        metadata: "{}",
        timestamp_ms: time_of(n),
    })
}

/// The numbers of the events of a result, and what it has beside them.
fn numbers(engine: &Engine, query: &Value) -> (Vec<u64>, String) {
    let mut list = List::default();
    let alone = (Duration::MAX, &Cancellation::default());
    let (outcome, _) = answered(engine, query, alone, &mut list).unwrap();
    let events: Value = serde_json::from_str(&list.into_json()).unwrap();
    let events = events.as_array().unwrap().iter();
    let number = |event: &Value| event["sequence_number"].as_u64().unwrap() - 1;
    (events.map(number).collect(), outcome.members)
}

/// Times of which each is that of three events: so blocks begin with a time of the one before.
const fn time_of_three(n: u64) -> i64 {
    n as i64 / 3
}

/// The number of the first event that comes late, and after how many the next one does.
const LATE: u64 = 40;
const LATE_EACH: u64 = 41;

/// As [`time_of_three`], but that some events come late.
const fn time_with_late(n: u64) -> i64 {
    if n % LATE_EACH == LATE {
        time_of_three(n) - 10
    } else {
        time_of_three(n)
    }
}

/// As [`time_of_three`], but that some events have a time that is yet to come.
const fn time_with_early(n: u64) -> i64 {
    if n % LATE_EACH == LATE {
        time_of_three(n) + 10
    } else {
        time_of_three(n)
    }
}

/// Whether a value passes a test by another one.
type Compare = fn(&i64, &i64) -> bool;

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

/// Takes so many events, fails at the next one, and takes those that follow.
struct FailingOnce {
    events: u64,
}

impl Sink for FailingOnce {
    fn event(&mut self, _: &Event<'_>) -> Result<(), Error> {
        self.events = self.events.wrapping_sub(1);
        if self.events == u64::MAX {
            return Err(Error::new(Code::LimitExceeded, "no more of them"));
        }
        Ok(())
    }

    fn value(&mut self, _: &str) -> Result<(), Error> {
        Ok(())
    }

    fn check_wanted(&self) -> Result<(), Error> {
        Ok(())
    }
}

#[test]
fn who_cannot_take_an_event_gets_no_result_however_many_threads_look() {
    let site = Site::new(1 << 20, BLOCK_EVENTS as u32);
    let engine = log(&site);
    let most = json!([{ "field": "payload.half", "operator": "neq", "value": 5.5 }]);
    for limit in [EVENTS, 130] {
        let query = json!({ "where": most, "limit": limit });
        for events in (0..130).step_by(13) {
            for alone in [Duration::MAX, Duration::ZERO] {
                let mut sink = FailingOnce { events };
                let cancellation = Cancellation::default();
                let answered = answered(&engine, &query, (alone, &cancellation), &mut sink);
                let code = answered.map_err(Error::from).map_err(|error| error.code());
                assert_eq!(code.err(), Some(Code::LimitExceeded), "{events}");
            }
        }
    }
    engine.close().unwrap();
}

#[test]
fn a_range_has_all_that_is_in_it_at_the_ends_of_blocks_as_well() {
    for time_of in [time_of_three, time_with_late] {
        let site = Site::new(1 << 20, BLOCK_EVENTS as u32);
        let engine = log_of(&site, EVENTS, move |n| Some(time_of(n)));
        let ends = (0..=EVENTS / BLOCK_EVENTS)
            .step_by(5)
            .map(|block| block * BLOCK_EVENTS);
        let around = ends.flat_map(|end| end.saturating_sub(1)..=end + 1);
        // Those that come late, and the last ones, which are in no whole block.
        let others = (LATE..EVENTS).step_by(LATE_EACH as usize);
        for n in around.chain(others).chain(EVENTS - 4..EVENTS) {
            let value_of = |field: &str, n: u64| match field {
                "position" => n as i64 + 1,
                _ => time_of(n),
            };
            for field in ["position", "timestamp"] {
                let value = value_of(field, n);
                let tests: [(&str, Compare); 5] = [
                    ("gte", i64::ge),
                    ("gt", i64::gt),
                    ("lte", i64::le),
                    ("lt", i64::lt),
                    ("eq", i64::eq),
                ];
                for (operator, is) in tests {
                    let condition = json!({ "field": field, "operator": operator, "value": value });
                    let query = json!({ "where": [condition], "limit": 20 });
                    let expected = || (0..EVENTS).filter(|n| is(&value_of(field, *n), &value));
                    let (found, members) = numbers(&engine, &query);
                    assert!(found.iter().copied().eq(expected().take(20)), "{condition}");
                    let total = format!("\"total\":{},", expected().count());
                    assert!(members.starts_with(&total), "{condition}: {members}");
                }
            }
        }
        engine.close().unwrap();
    }
}

#[test]
fn the_oldest_and_the_newest_events_are_those_where_some_came_late_and_many_have_one_time() {
    for time_of in [time_with_late, time_with_early] {
        let site = Site::new(1 << 20, BLOCK_EVENTS as u32);
        let engine = log_of(&site, EVENTS, move |n| Some(time_of(n)));
        for descending in [false, true] {
            let mut all: Vec<u64> = (0..EVENTS).collect();
            all.sort_by_key(|n| (time_of(*n), *n));
            let mut direction = "asc";
            if descending {
                all.reverse();
                direction = "desc";
            }
            let order = json!({ "field": "timestamp", "direction": direction });
            for (offset, limit) in (0..42).step_by(6).flat_map(|offset| {
                let limits = (1..26).chain([60, 200]);
                limits.map(move |limit| (offset, limit))
            }) {
                let query = json!({ "orderBy": order, "offset": offset, "limit": limit });
                let (found, members) = numbers(&engine, &query);
                let expected = all.iter().skip(offset).take(limit);
                assert!(found.iter().eq(expected), "{query} {found:?}");
                let total = format!("\"total\":{EVENTS},");
                assert!(members.starts_with(&total), "{members}");
            }
        }
        engine.close().unwrap();
    }
}

#[test]
fn blocks_are_not_looked_up_for_nobody() {
    let site = Site::new(1 << 20, BLOCK_EVENTS as u32);
    // All events are in blocks that are looked up, and none of them is found.
    let engine = log_of(&site, 32 * BLOCK_EVENTS, |_| None);
    let query = json!({ "where": [{ "field": "payload.id", "operator": "eq", "value": "none" }] });
    let cancellation = Cancellation::default();
    cancellation.cancel();
    for alone in [Duration::MAX, Duration::ZERO] {
        let mut list = List::default();
        let answered = answered(&engine, &query, (alone, &cancellation), &mut list);
        let code = answered.map_err(Error::from).map_err(|error| error.code());
        assert_eq!(code.err(), Some(Code::Aborted));
    }
    assert_eq!(numbers(&engine, &query).0, [0; 0]);
    engine.close().unwrap();
}
