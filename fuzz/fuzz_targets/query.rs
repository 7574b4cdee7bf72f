//! Queries over events: the input is lines, the first one a query and each other one the payload of an event.
//!
//! Whatever way the events are cut into chunks, with and without the summaries of blocks, the answer is that of
//! looking at each event in turn, or the same error. Nothing panics.

#![no_main]

use codebolt_eventlog::block::{Builder, ColumnKey, Directory, Finding, Overview, Stored};
use codebolt_eventlog::error::Error;
use codebolt_eventlog::event::Event;
use codebolt_eventlog::query::{
    Chunk, EventVisitor, Events, Execution, Known, Outcome, Query, RowVisitor, Rows, Sink,
};
use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;
use uuid::Uuid;

const INSTANCE: &str = "log";

const EVENTS_MAX: usize = 64;

/// How many events a chunk has, and whether chunks have summaries. The first one looks at each event in turn.
const CUTS: [(usize, bool); 4] = [
    (EVENTS_MAX, false),
    (3, false),
    (3, true),
    (EVENTS_MAX, true),
];

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let mut lines = text.split('\n');
    let Ok(query) = Query::parse(lines.next().unwrap_or_default()) else {
        return;
    };
    // What is stored is JSON text.
    let payloads: Vec<&str> = lines
        .filter(|line| serde_json::from_str::<&RawValue>(line).is_ok_and(|raw| raw.get() == *line))
        .take(EVENTS_MAX)
        .collect();
    let events: Vec<Event<'_>> = (0..)
        .zip(&payloads)
        .map(|(at, payload)| event(at, payload))
        .collect();
    let [first, others @ ..] = CUTS;
    let expected = run(&query, &events, first);
    for cut in others {
        assert_eq!(run(&query, &events, cut), expected, "{cut:?}");
    }
    if let Ok(text) = expected {
        assert!(serde_json::from_str::<&RawValue>(&text).is_ok(), "{text}");
    }
});

fn event(at: usize, payload: &str) -> Event<'_> {
    Event {
        id: Uuid::from_u128(at as u128),
        instance_id: INSTANCE,
        stream_id: ["a", "b"][at % 2],
        event_type: ["x", "y", "x"][at % 3],
        payload,
        metadata: [
            "{}",
            "{\"b\":1}",
            "{\"b\":\"x\"}",
            "{\"b\":null,\"c\":[1]}",
            "{\"b\":2.5}",
        ][at % 5],
        timestamp_ms: [0, -2, 7, 7, 1_700_000_000_000][at % 5],
        sequence_number: at as u64 / 2 + 1,
        position: at as u64,
    }
}

fn run(
    query: &Query,
    events: &[Event<'_>],
    (size, has_summaries): (usize, bool),
) -> Result<String, Error> {
    let mut execution = Execution::new(query);
    for (at, part) in events.chunks(size).enumerate() {
        let chunk = Part::new(at * size, part, has_summaries);
        let examined = if execution.needs_count_only() {
            query.count_in(INSTANCE, &chunk)?
        } else {
            query.examine(INSTANCE, &chunk)?
        };
        execution.take(&examined, &Log(events))?;
    }
    let mut list = List::default();
    let Outcome {
        key,
        value,
        members,
        ..
    } = execution.finish(&Log(events), &mut list)?;
    let value = value.unwrap_or_else(|| format!("[{}]", list.0));
    Ok(format!("{{\"{key}\":{value},{members}}}"))
}

struct Part<'a> {
    first: usize,
    events: &'a [Event<'a>],
    /// The directory and the body.
    summary: Option<(Directory, Vec<u8>)>,
}

impl<'a> Part<'a> {
    fn new(first: usize, events: &'a [Event<'a>], has_summary: bool) -> Self {
        let summary = has_summary.then(|| {
            let mut builder = Builder::new();
            events.iter().for_each(|event| builder.push(event));
            let encoded = builder.finish();
            let directory = Directory::decode(&encoded.directory).expect("what was encoded");
            (directory, encoded.body)
        });
        Self {
            first,
            events,
            summary,
        }
    }
}

impl Chunk for Part<'_> {
    type Fault = Error;

    fn len(&self) -> usize {
        self.events.len()
    }

    fn place(&self, row: usize) -> u64 {
        (self.first + row) as u64
    }

    fn is_in_a_row(&self) -> bool {
        self.summary.is_some()
    }

    fn overview(&self) -> Option<Overview<'_>> {
        let summary = self.summary.as_ref();
        summary.map(|(directory, _)| Overview::Summary(directory))
    }

    fn column(&self, key: &ColumnKey<'_>) -> Result<Known, Error> {
        let Some((directory, body)) = &self.summary else {
            return Ok(Known::Nothing);
        };
        Ok(match directory.find(key) {
            Finding::Unknown => Known::Nothing,
            Finding::Absent => Known::Stored(Stored::Column(directory.absent_column())),
            Finding::Stored(place) => {
                let stored = directory.read(&place, &body[place.range()]);
                Known::Stored(stored.expect("what was encoded"))
            }
        })
    }

    fn times(&self) -> Result<Option<Vec<i64>>, Error> {
        Ok(self.summary.as_ref().map(|(directory, body)| {
            let Finding::Stored(place) = directory.find(&ColumnKey::Time) else {
                panic!("a block has its times");
            };
            let times = directory.times(&body[place.range()]);
            times.expect("what was encoded")
        }))
    }

    fn visit(&self, rows: &Rows, visit: RowVisitor<'_, Error>) -> Result<(), Error> {
        rows.iter()
            .try_for_each(|row| visit(row, &self.events[row]))
    }
}

/// All events.
struct Log<'a>(&'a [Event<'a>]);

impl Events for Log<'_> {
    type Fault = Error;

    fn read(&self, places: &[u64], visit: EventVisitor<'_>) -> Result<(), Error> {
        places
            .iter()
            .try_for_each(|place| visit(&self.0[*place as usize]))
    }
}

/// The elements of a result's list.
#[derive(Default)]
struct List(String);

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
