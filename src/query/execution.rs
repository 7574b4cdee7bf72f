//! Running a query over events.

use std::fmt::Write as _;

use super::aggregate::Aggregate;
use super::budget::{self, Budget};
use super::group::Groups;
use super::page::Page;
use super::{GROUPS_MAX, Output, Query, RESULT_BYTES_MAX};
use crate::error::Error;
use crate::event::Event;

/// One running query. Events are pushed in append order, each of them once; what has to be kept of
/// them is copied.
#[derive(Debug)]
pub struct Execution<'q> {
    query: &'q Query,
    bytes_max: usize,
    /// How many events matched.
    total: u64,
    state: State<'q>,
}

#[derive(Debug)]
enum State<'q> {
    Page(Page<'q>),
    Aggregation(Aggregate, Budget),
    Rows(Groups<'q>),
}

impl<'q> Execution<'q> {
    /// Starts the query, with nothing seen yet.
    #[must_use]
    pub fn new(query: &'q Query) -> Self {
        Self::within(query, RESULT_BYTES_MAX, GROUPS_MAX)
    }

    fn within(query: &'q Query, bytes_max: usize, groups_max: usize) -> Self {
        let budget = Budget::new(bytes_max);
        let page = |order, budget| Page::new(order, query.offset, query.limit, budget);
        let state = match &query.output {
            Output::Events { order, .. } | Output::Collection { order, .. } => {
                State::Page(page(order.as_ref(), budget))
            }
            Output::Aggregation(reduction) => {
                State::Aggregation(Aggregate::new(reduction.fold), budget)
            }
            Output::Rows {
                reduction, groups, ..
            } => State::Rows(Groups::new(groups, reduction, groups_max, budget)),
        };
        Self {
            query,
            bytes_max,
            total: 0,
            state,
        }
    }

    /// Examines one event, which is of the instance that is asked for. Events of another stream
    /// than the one that is asked for do not match.
    ///
    /// # Errors
    ///
    /// `LIMIT_EXCEEDED` where the result would be over [`RESULT_BYTES_MAX`] or [`GROUPS_MAX`]. The
    /// execution has then failed and is of no more use.
    pub fn push(&mut self, event: &Event<'_>) -> Result<(), Error> {
        let query = self.query;
        let in_stream = query
            .stream()
            .is_none_or(|stream| stream == event.stream_id);
        if !in_stream
            || !query
                .conditions
                .iter()
                .all(|condition| condition.holds(event))
        {
            return Ok(());
        }
        self.total += 1;
        match (&mut self.state, &query.output) {
            (State::Page(page), Output::Events { selection, .. }) => {
                page.push(event, |out| match selection {
                    Some(selection) => selection.write_json(event, out),
                    None => event.write_json(out),
                })
            }
            (State::Page(page), Output::Collection { field, .. }) => {
                let found = field.find(event);
                if found.is_null() {
                    return Ok(());
                }
                page.push(event, |out| found.write_json(out))
            }
            (State::Aggregation(aggregate, budget), Output::Aggregation(reduction)) => {
                aggregate.add(reduction, event, budget)
            }
            (State::Rows(groups), _) => groups.push(event),
            // The state was made from the output, so no other pair exists.
            (State::Page(_) | State::Aggregation(..), _) => Ok(()),
        }
    }

    /// Appends the `result` object's JSON text to `out`.
    ///
    /// # Errors
    ///
    /// `LIMIT_EXCEEDED` where the result is over [`RESULT_BYTES_MAX`]; `out` is then as it was.
    pub fn finish(self, out: &mut String) -> Result<(), Error> {
        let start = out.len();
        let bytes_max = self.bytes_max;
        let mut written = self.write_json(out);
        if written.is_ok() && out.len() - start > bytes_max {
            written = Err(budget::too_large(bytes_max));
        }
        if written.is_err() {
            out.truncate(start);
        }
        written
    }

    fn write_json(self, out: &mut String) -> Result<(), Error> {
        let query = self.query;
        let (limit, offset) = (query.limit, query.offset);
        out.push_str(match query.output {
            Output::Events { .. } => "{\"events\":",
            _ => "{\"aggregation\":",
        });
        match self.state {
            State::Page(page) => page.write_json(out),
            State::Aggregation(aggregate, _) => aggregate.write_json(out),
            State::Rows(groups) => {
                let order = match &query.output {
                    Output::Rows { order, .. } => order.as_ref(),
                    _ => None,
                };
                groups.write_json(order, offset, limit, self.bytes_max, out)?;
            }
        }
        // Writing to a String cannot fail.
        let _ = write!(out, ",\"total\":{}", self.total);
        for (name, value) in [("limit", limit), ("offset", offset)] {
            if let Some(value) = value {
                let _ = write!(out, ",\"{name}\":{value}");
            }
        }
        out.push('}');
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;
    use uuid::Uuid;

    fn event(payload: &str) -> Event<'_> {
        Event {
            id: Uuid::nil(),
            instance_id: "log",
            stream_id: "s",
            event_type: "t",
            payload,
            metadata: "{}",
            timestamp_ms: 0,
            sequence_number: 1,
        }
    }

    /// The result of running the parts beside `from` over one event for each value of `v`.
    fn run(parts: &str, values: &[&str], bytes_max: usize) -> Result<String, Error> {
        let query = Query::parse(&format!(r#"{{"from":{{"instance":"log"}},{parts}}}"#))?;
        let mut execution = Execution::within(&query, bytes_max, 2);
        for value in values {
            execution.push(&event(&format!("{{\"v\":{value}}}")))?;
        }
        let mut out = String::from("kept");
        let finished = execution.finish(&mut out);
        assert!(finished.is_ok() || out == "kept");
        finished.map(|()| out)
    }

    fn code(result: Result<String, Error>) -> Option<Code> {
        result.err().map(|error| error.code())
    }

    #[test]
    fn everything_that_is_held_counts_towards_the_limit() {
        let long = format!("\"{}\"", "x".repeat(500));
        let values = [long.as_str(), long.as_str()];
        for parts in [
            r#""select":["v"]"#,
            r#""select":["id"],"orderBy":{"field":"v"}"#,
            r#""reduce":{"type":"collect","field":"v"}"#,
            r#""reduce":{"type":"collect","field":"v"},"orderBy":{"field":"v"}"#,
            r#""reduce":{"type":"collect","field":"v","groupBy":"event_type"}"#,
            r#""reduce":{"type":"max","field":"v"}"#,
            r#""reduce":{"type":"count","groupBy":"v"}"#,
        ] {
            assert_eq!(code(run(parts, &values, 10_000)), None, "{parts}");
            assert_eq!(
                code(run(parts, &values, 700)),
                Some(Code::LimitExceeded),
                "{parts}"
            );
        }
    }

    #[test]
    fn what_is_let_go_no_longer_counts() {
        let values: Vec<String> = (10..99)
            .map(|n| format!("\"{n}{}\"", "x".repeat(50)))
            .collect();
        let ascending: Vec<&str> = values.iter().map(String::as_str).collect();
        for parts in [
            r#""orderBy":{"field":"v","direction":"desc"},"limit":1"#,
            r#""reduce":{"type":"max","field":"v"}"#,
            r#""reduce":{"type":"max","field":"v","groupBy":"event_type"}"#,
        ] {
            let out = run(parts, &ascending, 1000).unwrap();
            assert!(out.contains("\"98x") && !out.contains("\"97x"), "{out}");
        }
        assert_eq!(code(run("\"limit\":1", &ascending, 1000)), None);
        assert_eq!(
            code(run(
                "\"limit\":0,\"orderBy\":{\"field\":\"v\"}",
                &ascending,
                100
            )),
            None
        );
    }

    #[test]
    fn labels_of_rows_count_when_they_are_written() {
        let label = "l".repeat(600);
        let parts = format!(r#""reduce":{{"type":"count","groupBy":["{label}","v"]}}"#);
        assert_eq!(code(run(&parts, &["1"], 1000)), None);
        assert_eq!(
            code(run(&parts, &["1", "2"], 1000)),
            Some(Code::LimitExceeded)
        );
    }

    #[test]
    fn groups_are_bounded() {
        let parts = r#""reduce":{"type":"count","groupBy":"v"}"#;
        assert_eq!(code(run(parts, &["1", "2", "1", "2.0"], 10_000)), None);
        let error = run(parts, &["1", "2", "3"], 10_000).unwrap_err();
        assert_eq!(error.code(), Code::LimitExceeded);
        assert!(
            error
                .text()
                .starts_with("reduce.groupBy: expected at most 2 groups, found more")
        );
    }
}
