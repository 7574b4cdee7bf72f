//! Events in memory as chunks, with and without summaries.

use crate::block::{Builder, ColumnKey, Directory, Finding, Overview, Stored as Column};
use crate::error::Error;
use crate::event::Event;
use crate::query::{
    Chunk, EventVisitor, Events, Execution, GROUPS_MAX, Known, Query, RESULT_BYTES_MAX, RowVisitor,
    Rows,
};
use crate::testing::{List, Stored};

/// How a log is cut into chunks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut {
    /// How many events a chunk has.
    events: usize,
    has_summaries: bool,
}

/// The cuts that every test is run with: all must give the same result.
pub(crate) const CUTS: [Cut; 4] = [
    Cut {
        events: usize::MAX,
        has_summaries: false,
    },
    Cut {
        events: 3,
        has_summaries: false,
    },
    Cut {
        events: 3,
        has_summaries: true,
    },
    Cut {
        events: 4096,
        has_summaries: true,
    },
];

pub(super) struct Cutting<'a> {
    events: Vec<Event<'a>>,
    /// The directory and the body.
    summary: Option<(Directory, Vec<u8>)>,
}

impl<'a> Cutting<'a> {
    pub(super) fn new(first: usize, log: &'a [Stored], has_summary: bool) -> Self {
        let events: Vec<Event<'a>> = log
            .iter()
            .enumerate()
            .map(|(at, stored)| stored.event(first + at))
            .collect();
        let summary = has_summary.then(|| {
            let mut builder = Builder::new();
            for event in &events {
                builder.push(event);
            }
            let encoded = builder.finish();
            (Directory::decode(&encoded.directory).unwrap(), encoded.body)
        });
        Self { events, summary }
    }
}

impl Chunk for Cutting<'_> {
    type Fault = Error;

    fn len(&self) -> usize {
        self.events.len()
    }

    fn place(&self, row: usize) -> u64 {
        self.events[row].position
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
            Finding::Absent => Known::Stored(Column::Column(directory.absent_column())),
            Finding::Stored(place) => {
                Known::Stored(directory.read(&place, &body[place.range()]).unwrap())
            }
        })
    }

    fn times(&self) -> Result<Option<Vec<i64>>, Error> {
        Ok(self.summary.as_ref().map(|(directory, body)| {
            let Finding::Stored(place) = directory.find(&ColumnKey::Time) else {
                panic!("a block has its times");
            };
            directory.times(&body[place.range()]).unwrap()
        }))
    }

    fn visit(&self, rows: &Rows, visit: RowVisitor<'_, Error>) -> Result<(), Error> {
        rows.iter()
            .try_for_each(|row| visit(row, &self.events[row]))
    }
}

/// The whole log.
pub(super) struct Log<'a>(pub(super) &'a [Stored]);

impl Events for Log<'_> {
    type Fault = Error;

    fn read(&self, places: &[u64], visit: EventVisitor<'_>) -> Result<(), Error> {
        places.iter().try_for_each(|place| {
            let mut events = self
                .0
                .iter()
                .enumerate()
                .map(|(at, stored)| stored.event(at));
            visit(&events.find(|event| event.position == *place).unwrap())
        })
    }
}

/// Runs a query within limits over a log that is cut so, and returns the result's text.
pub(crate) fn run_within(
    query: &Query,
    log: &[Stored],
    cut: Cut,
    bytes_max: usize,
    groups_max: usize,
) -> Result<String, Error> {
    let mut execution = Execution::within(query, bytes_max, groups_max);
    let size = cut.events.min(log.len().max(1));
    for (at, stored) in log.chunks(size).enumerate() {
        let chunk = Cutting::new(at * size, stored, cut.has_summaries);
        let examined = if execution.needs_count_only() {
            query.count_in("log", &chunk)?
        } else {
            query.examine("log", &chunk)?
        };
        execution.take(&examined, &Log(log))?;
    }
    let mut list = List::default();
    let outcome = execution.finish(&Log(log), &mut list)?;
    Ok(list.into_result(outcome))
}

/// Runs a query over a log in all cuts, which must agree.
pub(crate) fn run(query: &Query, log: &[Stored]) -> Result<String, Error> {
    let run = |cut| run_within(query, log, cut, RESULT_BYTES_MAX, GROUPS_MAX);
    let [first, others @ ..] = CUTS;
    let result = run(first);
    for cut in others {
        assert_eq!(run(cut), result, "{cut:?}");
    }
    result
}
