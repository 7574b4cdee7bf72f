//! A log for the tests of queries, and how they ask it.

use std::time::Duration;

use serde_json::{Value, json};

use super::plan::Plan;
use super::{Setting, WayBounds, answer};
use crate::cancellation::Cancellation;
use crate::engine::test::{Site, run};
use crate::engine::{Engine, Fault, NewEvent, Pace};
use crate::query::{Outcome, Query, Sink};
use crate::request::encryption::{Keys, Revealing};

/// What a test says of an event; the rest is the same for all.
pub(super) struct Told {
    pub(super) event_type: &'static str,
    /// JSON text.
    pub(super) payload: String,
    /// JSON text.
    pub(super) metadata: &'static str,
    pub(super) timestamp_ms: Option<i64>,
}

/// The instance `log` with so many events, all of whose blocks are in the tables.
pub(super) fn filled(
    site: &Site,
    events: u64,
    told: impl Fn(u64) -> Told + Send + 'static,
) -> Engine {
    let engine = site.open();
    run(&engine, move |batch| {
        let number = batch.create("log", "log", None)?;
        for n in 0..events {
            let told = told(n);
            batch.append(
                number,
                &NewEvent {
                    stream_id: "s",
                    event_type: told.event_type,
                    payload: &told.payload,
                    metadata: told.metadata,
                    timestamp_ms: told.timestamp_ms,
                    call: None,
                },
            )?;
        }
        Ok(())
    })
    .unwrap();
    // What is in the journal comes to the tables.
    engine.close().unwrap();
    site.open()
}

/// The answer to a query of that log, which goes on alone for so long.
pub(super) fn answered(
    engine: &Engine,
    query: &Value,
    (alone, cancellation): (Duration, &Cancellation),
    sink: &mut dyn Sink,
) -> Result<(Outcome, Plan), Fault> {
    let mut query = query.clone();
    query["from"] = json!({ "instance": "log" });
    let query = Query::parse(&query.to_string()).unwrap();
    let snapshot = engine.snapshot().unwrap();
    let keys = Keys::default();
    let setting = Setting {
        snapshot: &snapshot,
        revealing: &Revealing::by(&keys),
        cancellation,
        pace: &Pace::at_once(),
        bounds: WayBounds {
            alone,
            ..WayBounds::DEFAULT
        },
    };
    answer(&query, setting, sink)
}
