//! Queries that are answered by looking at each event in turn.

use super::stored::Stored;
use crate::block::{ColumnKey, Overview};
use crate::error::Error;
use crate::event::Event;
use crate::query::{
    Chunk, EventVisitor, Events, Execution, GROUPS_MAX, Known, Outcome, Query, RESULT_BYTES_MAX,
    RowVisitor, Rows, Sink,
};

/// Gathers the elements of a result's list.
#[derive(Debug, Default)]
pub struct List(String);

impl List {
    /// The text of the result that has this list, unless it has a value in its place.
    #[must_use]
    pub fn into_result(self, outcome: Outcome) -> String {
        let Outcome {
            key,
            value,
            members,
            ..
        } = outcome;
        let value = value.unwrap_or_else(|| self.into_json());
        format!("{{\"{key}\":{value},{members}}}")
    }

    /// The list as JSON text.
    #[must_use]
    pub fn into_json(self) -> String {
        format!("[{}]", self.0)
    }
}

impl Sink for List {
    fn event(&mut self, event: &Event<'_>) -> Result<(), Error> {
        let mut text = String::new();
        event.write_json(&mut text);
        self.value(&text)
    }

    fn value(&mut self, json: &str) -> Result<(), Error> {
        if !self.0.is_empty() {
            self.0.push(',');
        }
        self.0.push_str(json);
        Ok(())
    }

    fn check_wanted(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// The whole log as one chunk, of which nothing is known beside its events.
struct Whole<'a>(Vec<Event<'a>>);

impl Chunk for Whole<'_> {
    type Fault = Error;

    fn len(&self) -> usize {
        self.0.len()
    }

    fn place(&self, row: usize) -> u64 {
        self.0[row].position
    }

    fn overview(&self) -> Option<Overview<'_>> {
        None
    }

    fn column(&self, _: &ColumnKey<'_>) -> Result<Known, Error> {
        Ok(Known::Nothing)
    }

    fn times(&self) -> Result<Option<Vec<i64>>, Error> {
        Ok(None)
    }

    fn visit(&self, rows: &Rows, visit: RowVisitor<'_, Error>) -> Result<(), Error> {
        rows.iter().try_for_each(|row| visit(row, &self.0[row]))
    }
}

impl Events for Whole<'_> {
    type Fault = Error;

    fn read(&self, places: &[u64], visit: EventVisitor<'_>) -> Result<(), Error> {
        places.iter().try_for_each(|place| {
            let mut events = self.0.iter();
            visit(events.find(|event| event.position == *place).unwrap())
        })
    }
}

/// Runs a query by looking at each event in turn.
///
/// # Errors
///
/// As the query is to fail.
pub fn one_by_one(query: &Query, log: &[Stored]) -> Result<String, Error> {
    let mut execution = Execution::within(query, RESULT_BYTES_MAX, GROUPS_MAX);
    let events = log.iter().enumerate();
    let whole = Whole(events.map(|(at, stored)| stored.event(at)).collect());
    let examined = if execution.needs_count_only() {
        query.count_in("log", &whole)?
    } else {
        query.examine("log", &whole)?
    };
    execution.take(&examined, &whole)?;
    let mut list = List::default();
    let outcome = execution.finish(&whole, &mut list)?;
    Ok(list.into_result(outcome))
}
