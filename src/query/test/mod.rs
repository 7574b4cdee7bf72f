//! What a query means: events in, the text of the result out.

mod aggregates;
mod chunk;
mod conditions;
mod equalities;
mod errors;
mod folds;
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
use crate::query::Query;
use crate::testing::Stored;
use serde_json::Value;
use uuid::Uuid;

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
