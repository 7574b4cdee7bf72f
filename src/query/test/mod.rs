//! What a query means: events in, the text of the result out.

mod aggregates;
pub(crate) mod chunk;
mod conditions;
mod equalities;
mod errors;
mod folds;
pub(crate) mod generate;
mod group_shapes;
mod groups;
mod limits;
mod model;
mod pages;
mod selections;
mod spans;
mod times;
mod trees;

use crate::error::{Code, Error};
use crate::event::Event;
use crate::query::Query;
use serde_json::Value;
use uuid::Uuid;

/// An event to be queried.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    /// Without one, it is made of the event's place in the log.
    pub(crate) id: Option<Uuid>,
    pub(crate) stream: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) payload: String,
    pub(crate) metadata: String,
    pub(crate) ms: i64,
    pub(crate) sequence: u64,
    /// Without one, it follows from the event's place in the log.
    pub(crate) position: Option<u64>,
}

/// An event of which only the payload matters.
fn stored(payload: &str) -> Stored {
    Stored {
        id: None,
        stream: "default",
        kind: "test",
        payload: payload.to_owned(),
        metadata: "{}".to_owned(),
        ms: 0,
        sequence: 1,
        position: None,
    }
}

/// One event for each value, with the value under the payload's key `v`.
fn values(raw: &[&str]) -> Vec<Stored> {
    raw.iter()
        .map(|raw| stored(&format!("{{\"v\":{raw}}}")))
        .collect()
}

fn event(at: usize, stored: &Stored) -> Event<'_> {
    Event {
        id: stored.id.unwrap_or_else(|| Uuid::from_u128(at as u128)),
        instance_id: "log",
        stream_id: stored.stream,
        event_type: stored.kind,
        payload: &stored.payload,
        metadata: &stored.metadata,
        timestamp_ms: stored.ms,
        sequence_number: stored.sequence,
        position: stored.position.unwrap_or(at as u64 + 1),
    }
}

/// Runs the query whose parts beside `from` are `parts`, and returns the result's text.
fn result_text(log: &[Stored], parts: &str) -> Result<String, Error> {
    let comma = if parts.is_empty() { "" } else { "," };
    let query = Query::parse(&format!(r#"{{"from":{{"instance":"log"}}{comma}{parts}}}"#))?;
    chunk::run(&query, log)
}

fn result(log: &[Stored], parts: &str) -> Value {
    let text = result_text(log, parts).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The places of the result's events in the log.
fn places(log: &[Stored], parts: &str) -> Vec<u128> {
    // serde_json reads neither lone surrogates nor deep nesting, so only the ids are asked for.
    let comma = if parts.is_empty() { "" } else { "," };
    let result = result(log, &format!(r#""select":["id"]{comma}{parts}"#));
    let events = result["events"].as_array().unwrap();
    let place = |event: &Value| {
        Uuid::parse_str(event["id"].as_str().unwrap())
            .unwrap()
            .as_u128()
    };
    events.iter().map(place).collect()
}

/// The places of the events whose `v` passes.
fn passing(raw: &[&str], operator: &str, value: &str) -> Vec<u128> {
    let condition = format!(r#"{{"field":"v","operator":"{operator}","value":{value}}}"#);
    places(&values(raw), &format!("\"where\":[{condition}]"))
}

/// The error of parsing the query whose parts beside `from` are `parts`.
fn refusal(parts: &str) -> (Code, String) {
    let text = format!(r#"{{"from":{{"instance":"log"}},{parts}}}"#);
    let error = Query::parse(&text).unwrap_err();
    (error.code(), error.text().to_owned())
}
