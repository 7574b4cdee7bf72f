//! `queryEvents`: the events of a snapshot, pushed through a query.

use serde_json::value::RawValue;

use super::response::Answer;
use crate::engine::{Fault, Snapshot};
use crate::error::Error;
use crate::query::{Execution, Query};

/// Runs the query of `raw`.
pub(super) fn query_events(raw: Option<&RawValue>, snapshot: &Snapshot) -> Result<Answer, Fault> {
    let raw = raw.ok_or_else(|| Error::expected("query", "an object", "nothing"))?;
    let query = Query::parse(raw.get())?;
    let number = snapshot.find(query.instance())?;
    let instance = snapshot.instance(number)?;
    let mut execution = Execution::new(&query);
    match query.stream() {
        Some(stream) => snapshot.each_event_of_stream(number, stream, |record| {
            Ok::<_, Fault>(execution.push(&record.event(&instance.id))?)
        })?,
        None => snapshot.each_event(number, |record| {
            Ok::<_, Fault>(execution.push(&record.event(&instance.id))?)
        })?,
    }
    let mut data = String::from("{\"result\":");
    execution.finish(&mut data)?;
    data.push('}');
    Ok(Answer::of_data(data))
}
