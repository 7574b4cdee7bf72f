//! What a query may hold is what it allocates.

#![expect(clippy::expect_used, reason = "a test fails by it")]

use cap::Cap;
use codebolt_eventlog::block::{ColumnKey, Overview};
use codebolt_eventlog::error::{Code, Error};
use codebolt_eventlog::event::Event;
use codebolt_eventlog::query::{
    Chunk, EventVisitor, Events, Execution, GROUPS_MAX, Known, Query, RowVisitor, Rows, Sink,
};
use std::alloc::System;
use uuid::Uuid;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// What a query may hold here, in bytes.
const BYTES_MAX: usize = 2 << 20;

/// How many events a chunk has. What is gathered of the events of a chunk is held beside what is counted.
const CHUNK: usize = 64;

/// More events than any of the queries can hold something of.
const EVENTS: usize = 4_000_000;

/// Events whose payload has a number of their own, a text with it, and one that many of them share.
struct Counted(usize);

/// Calls `visit` with the event at a place.
fn visit(place: u64, visit: &mut dyn FnMut(&Event<'_>) -> Result<(), Error>) -> Result<(), Error> {
    let payload = format!(
        r#"{{"n":{place},"text":"text number {place}","few":{},"list":[{place}]}}"#,
        place % 100
    );
    visit(&Event {
        id: Uuid::from_u128(u128::from(place)),
        instance_id: "log",
        stream_id: "stream",
        event_type: "type",
        payload: &payload,
        metadata: "{}",
        timestamp_ms: place as i64 * 1_000,
        sequence_number: place + 1,
        position: place,
    })
}

impl Chunk for Counted {
    type Fault = Error;

    fn len(&self) -> usize {
        CHUNK
    }

    fn place(&self, row: usize) -> u64 {
        (self.0 + row) as u64
    }

    fn is_in_a_row(&self) -> bool {
        true
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

    fn visit(&self, rows: &Rows, then: RowVisitor<'_, Error>) -> Result<(), Error> {
        rows.iter()
            .try_for_each(|row| visit(self.place(row), &mut |event| then(row, event)))
    }
}

impl Events for Counted {
    type Fault = Error;

    fn read(&self, places: &[u64], then: EventVisitor<'_>) -> Result<(), Error> {
        places.iter().try_for_each(|place| visit(*place, then))
    }
}

/// Takes a result, and keeps nothing of it.
struct Nowhere;

impl Sink for Nowhere {
    fn event(&mut self, _: &Event<'_>) -> Result<(), Error> {
        Ok(())
    }

    fn value(&mut self, _: &str) -> Result<(), Error> {
        Ok(())
    }

    fn check_wanted(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// Runs a query over the first `events`, until its result is there or it may hold no more.
fn run(query: &Query, events: usize) -> Result<(), Error> {
    let mut execution = Execution::within(query, BYTES_MAX, GROUPS_MAX);
    for first in (0..events).step_by(CHUNK) {
        let chunk = Counted(first);
        let examined = query.examine("log", &chunk)?;
        execution.take(&examined, &chunk)?;
    }
    execution.finish(&Counted(0), &mut Nowhere).map(drop)
}

/// Queries that hold more and more, and whether they end by that. The others are at an end before.
const QUERIES: &[(&str, bool)] = &[
    (r#""reduce":{"type":"count","groupBy":"text"}"#, true),
    (
        r#""reduce":{"type":"count","groupBy":["n","text","list","few"]}"#,
        true,
    ),
    (r#""reduce":{"type":"sum","field":"n","groupBy":"n"}"#, true),
    (
        r#""reduce":{"type":"max","field":"text","groupBy":"n"}"#,
        true,
    ),
    (r#""reduce":{"type":"max","field":"n","groupBy":"n"}"#, true),
    (
        r#""reduce":{"type":"first","field":"list","groupBy":"n"}"#,
        true,
    ),
    (
        r#""reduce":{"type":"last","field":"text","groupBy":"n"}"#,
        true,
    ),
    (
        r#""reduce":{"type":"stddev","field":"n","groupBy":"n"}"#,
        true,
    ),
    (
        r#""reduce":{"type":"collect","field":"text","groupBy":"n"}"#,
        true,
    ),
    (
        r#""reduce":{"type":"collect","field":"text","groupBy":"few"}"#,
        true,
    ),
    (
        r#""reduce":{"type":"collect","field":"text","groupBy":"event_type"}"#,
        true,
    ),
    (
        r#""reduce":{"type":"percentile","p":0.5,"field":"n","groupBy":"n"}"#,
        true,
    ),
    (
        r#""reduce":{"type":"percentile","p":0.5,"field":"n","groupBy":"few"}"#,
        true,
    ),
    (
        r#""reduce":{"type":"countDistinct","field":"n","groupBy":"n"}"#,
        true,
    ),
    (
        r#""reduce":{"type":"countDistinct","field":"text","groupBy":"n"}"#,
        true,
    ),
    (
        r#""reduce":{"type":"countDistinct","field":"n","groupBy":"few"}"#,
        true,
    ),
    (r#""reduce":{"type":"countDistinct","field":"n"}"#, true),
    (r#""reduce":{"type":"countDistinct","field":"text"}"#, true),
    (
        r#""reduce":{"type":"topK","field":"text","groupBy":"n"}"#,
        true,
    ),
    (
        r#""reduce":{"type":"topK","field":"text","groupBy":"few"}"#,
        true,
    ),
    (r#""reduce":{"type":"topK","field":"list"}"#, true),
    (
        r#""reduce":{"groupBy":"n","aggregates":{"a":{"type":"count"},"b":{"type":"topK","field":"n"},
        "c":{"type":"collect","field":"n"},"d":{"type":"percentile","p":1,"field":"n"}}}"#,
        true,
    ),
    (
        r#""reduce":{"type":"count","groupBy":["few",{"field":"timestamp","every":"1s","fill":true}]}"#,
        true,
    ),
    (r#""reduce":{"type":"collect","field":"text"}"#, true),
    (
        r#""reduce":{"type":"collect","field":"text"},"orderBy":{"field":"n"}"#,
        true,
    ),
    (r#""orderBy":{"field":"text"}"#, true),
    ("\"offset\":0", true),
    // These are sorted and chosen at their end.
    (
        r#""where":[{"field":"n","operator":"lt","value":4500}],"orderBy":{"field":"max","direction":"desc"},
        "reduce":{"type":"max","field":"text","groupBy":"n","having":[{"field":"max","operator":"contains","value":"1"}]}"#,
        false,
    ),
];

/// How much of [`BYTES_MAX`] has to be allocated at the least and at the most, in percent.
const PERCENT: std::ops::RangeInclusive<usize> = 40..=130;

/// Says in the environment of a process of its own which of the queries it runs.
const CHILD: &str = "QUERY_OF_THIS_PROCESS";

#[test]
fn what_is_counted_is_what_is_allocated() {
    if let Ok(number) = std::env::var(CHILD) {
        return run_alone(QUERIES[number.parse::<usize>().expect("a number")]);
    }
    // The most that was allocated is that of a whole process.
    let program = std::env::current_exe().expect("the test has a file");
    for (number, (parts, _)) in QUERIES.iter().enumerate() {
        let child = std::process::Command::new(&program)
            .args([
                "what_is_counted_is_what_is_allocated",
                "--exact",
                "--nocapture",
            ])
            .env(CHILD, number.to_string())
            .output()
            .expect("the test can run itself");
        let (out, err) = (
            String::from_utf8_lossy(&child.stdout),
            String::from_utf8_lossy(&child.stderr),
        );
        assert!(child.status.success(), "{parts} {out} {err}");
        assert!(out.contains("allocated"), "{out}");
    }
}

fn run_alone((parts, is_too_much): (&str, bool)) {
    let query = format!(r#"{{"from":{{"instance":"log"}},{parts}}}"#);
    let query = Query::parse(&query).expect("the query is right");
    let before = ALLOCATOR.allocated();
    let ended = run(&query, if is_too_much { EVENTS } else { 6_000 });
    let most = ALLOCATOR.max_allocated().saturating_sub(before);
    let percent = most * 100 / BYTES_MAX;
    println!("allocated {percent} %: {parts}");
    assert!(PERCENT.contains(&percent), "{percent} %");
    match ended {
        Ok(()) => assert!(!is_too_much),
        Err(error) => {
            assert_eq!(error.code(), Code::LimitExceeded);
            assert!(is_too_much, "{}", error.text());
        }
    }
}
