//! Values are looked up, so that blocks without them are passed over, and none of those that match is missed.

use serde_json::{Value, json};

use super::{bounds, read};
use crate::engine::test::{Site, run};
use crate::engine::{Engine, Horizon, NewEvent};
use crate::request::reading::ReadingSource;

/// How many events a block has, and how many blocks there are: more than are looked up at once, and a part.
const BLOCK_EVENTS: u64 = 4;
const BLOCKS: u64 = 150;
const EVENTS: u64 = BLOCKS * BLOCK_EVENTS + 3;

/// Every so many events, one has the same text.
const APART: u64 = 97;

fn append(engine: &Engine, events: std::ops::Range<u64>) {
    run(engine, move |batch| {
        let number = batch.holder("log")?;
        let number = number.map_or_else(|| batch.create("log", "log", None), Ok)?;
        for n in events.clone() {
            let seldom = if n % APART == 5 { "seldom" } else { "often" };
            let payload = json!({ "id": format!("id {n}"), "is": seldom, "odd": n % 2 == 1 });
            batch.append(
                number,
                &NewEvent {
                    stream_id: "s",
                    event_type: "t",
                    payload: &payload.to_string(),
                    metadata: "{}",
                    timestamp_ms: None,
                    call: None,
                },
            )?;
        }
        Ok(())
    })
    .unwrap();
}

/// A log whose blocks are sealed.
fn log(site: &Site) -> Engine {
    let engine = site.open();
    append(&engine, 0..EVENTS);
    // What is in the journal comes to the tables.
    engine.close().unwrap();
    site.open()
}

/// The positions of the events that are read, and in how many steps, of which each looks for events once.
fn found(engine: &Engine, options: &Value, page_events: usize) -> (Vec<u64>, usize) {
    let mut steps = 1;
    let bounds = bounds(1 << 20, page_events, true, 1_000);
    let source = ReadingSource::Instance;
    let events = read(source, options, engine, bounds, || steps += 1).unwrap();
    (events.iter().map(|event| event.position).collect(), steps)
}

#[test]
fn blocks_without_the_value_are_passed_over_in_both_directions() {
    let site = Site::new(1 << 20, BLOCK_EVENTS as u32);
    let engine = log(&site);
    let is = |field: &str, value: &str| json!([{ "field": format!("payload.{field}"), "operator": "eq", "value": value }]);
    let ids = (0..EVENTS)
        .step_by(31)
        .chain([EVENTS - 1])
        .map(|n| (is("id", &format!("id {n}")), vec![n + 1]));
    let seldom = (0..EVENTS).filter(|n| n % APART == 5).map(|n| n + 1);
    let others = [
        (is("is", "seldom"), seldom.collect()),
        (is("id", "nobody"), vec![]),
    ];
    for (conditions, expected) in ids.chain(others) {
        let expected: Vec<u64> = expected;
        for after in [None, Some(0), Some(1), Some(300), Some(EVENTS - 2)] {
            for backward in [false, true] {
                let direction = if backward { "backward" } else { "forward" };
                let mut options =
                    json!({ "instance": "log", "where": conditions, "direction": direction });
                if let Some(after) = after {
                    options["afterPosition"] = json!(after);
                }
                let is_left = |position: &&u64| match after {
                    None => true,
                    Some(after) if backward => **position < after,
                    Some(after) => **position > after,
                };
                let mut left: Vec<u64> = expected.iter().filter(is_left).copied().collect();
                if backward {
                    left.reverse();
                }
                for page_events in [1, 4_096] {
                    let (positions, steps) = found(&engine, &options, page_events);
                    assert_eq!(positions, left, "{options}");
                    // One for each event, for each time that chunks are looked up, and for chunks that are not sealed.
                    assert!(steps <= left.len() + 3 + 8, "{steps} {options}");
                }
            }
        }
    }
    engine.close().unwrap();
}

#[test]
fn what_was_looked_up_stays_right_while_the_log_grows() {
    let site = Site::new(4_096, BLOCK_EVENTS as u32);
    let engine = log(&site);
    let conditions =
        json!([{ "field": "payload.is", "operator": "in", "value": ["seldom", "nobody"] }]);
    for direction in ["forward", "backward"] {
        let options = json!({ "instance": "log", "where": conditions, "direction": direction });
        let before = engine.snapshot().unwrap().chunks(1).unwrap().events();
        let mut last = before;
        let bounds = bounds(1 << 20, 1, true, 1_000);
        let source = ReadingSource::Instance;
        let events = read(source, &options, &engine, bounds, || {
            append(&engine, last..last + 7);
            last += 7;
        });
        let positions = events.unwrap().into_iter().map(|event| event.position);
        let seldom = (0..before).filter(|n| n % APART == 5).map(|n| n + 1);
        if direction == "forward" {
            assert!(positions.eq(seldom));
        } else {
            assert!(positions.eq(seldom.rev()));
        }
    }
    engine.close().unwrap();
}

#[test]
fn what_was_looked_up_is_not_taken_for_other_blocks_once_the_first_ones_are_out() {
    let site = Site::new(1 << 20, BLOCK_EVENTS as u32);
    let engine = log(&site);
    let conditions = json!([{ "field": "payload.is", "operator": "eq", "value": "seldom" }]);
    let options = json!({ "instance": "log", "where": conditions });
    let (source, mut steps) = (ReadingSource::Instance, 0);
    let bounds = bounds(1 << 20, 1, true, 1_000);
    let events = read(source, &options, &engine, bounds, || {
        // Most steps read one of the events, and some find none: most of what lies before them is out by then.
        let position = (APART - 40) * steps + 4;
        steps += 1;
        let horizon = Horizon {
            position,
            ..Horizon::default()
        };
        run(&engine, move |batch| {
            let number = batch.find("log")?;
            batch.put_state(number, Horizon::STATE, &horizon.encode())
        })
        .unwrap();
    });
    let positions = events.unwrap().into_iter().map(|event| event.position);
    let seldom = (0..EVENTS).filter(|n| n % APART == 5).map(|n| n + 1);
    assert!(positions.eq(seldom));
    engine.close().unwrap();
}
