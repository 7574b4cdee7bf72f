//! `queryEvents`: choosing how to get at the events of a query, and running it.

mod block_chunk;
mod blocks;
mod chain;
#[cfg(test)]
mod equivalence;
mod events_of;
mod found_in_block;
mod looking_up;
mod oldest;
mod plan;
mod row_chunk;
mod scan;
#[cfg(test)]
mod seeking;
mod shared_scan;
#[cfg(test)]
mod test_log;
mod way_bounds;

use std::sync::OnceLock;
use std::time::Instant;

pub(super) use self::block_chunk::BlockChunk;
pub(super) use self::blocks::Blocks;
use self::events_of::EventsOf;
pub(super) use self::oldest::{Oldest, StreamPart};
use self::plan::{Path, Plan};
use self::row_chunk::RowChunk;
pub(super) use self::scan::Helpers;
pub(super) use self::shared_scan::unless_it_panics;
pub(super) use self::way_bounds::STREAM_EVENTS_DENSE;
pub(crate) use self::way_bounds::WayBounds;
use super::delivery::AnswerForm;
#[cfg(any(test, feature = "testing"))]
use super::encryption::Keys;
use super::encryption::Revealing;
use super::extent::Extent;
use super::named_instance::find_in_snapshot;
use super::response::Answer;
use super::result::ResultWriter;
#[cfg(any(test, feature = "testing"))]
use super::retained::RetainedSnapshot;
use super::work::{Reads, Work};
use crate::arguments::{Arguments, required};
use crate::cancellation::Cancellation;
use crate::engine::{Fault, Pace};
use crate::error::Error;
use crate::event::Event;
use crate::query::{
    Demand, EndKey, Examined, Execution, Outcome, Query, RESULT_BYTES_MAX, Sink, result_too_large,
};
use crate::seam::{EventChunks, ReadSnapshot};

/// More events than that are no result: each takes more than 100 bytes.
const PAGE_MAX: u64 = RESULT_BYTES_MAX as u64 / 100;

/// A call of `queryEvents`.
pub(super) struct Querying {
    arguments: String,
    /// What they ask for, once that was found out.
    query: OnceLock<Query>,
}

impl Querying {
    /// What a call with these arguments does. Whoever writes its result knows the form of it.
    pub(super) fn in_form(arguments: String, _: AnswerForm) -> Work {
        Work::Read(Box::new(Self {
            arguments,
            query: OnceLock::new(),
        }))
    }

    fn query(&self) -> Result<&Query, Error> {
        if let Some(query) = self.query.get() {
            return Ok(query);
        }
        let arguments = Arguments::parse(&self.arguments)?;
        let query = Query::parse(required("query", arguments.get(0), "an object")?)?;
        Ok(self.query.get_or_init(|| query))
    }
}

impl Reads for Querying {
    fn bytes(&self) -> usize {
        self.arguments.len()
    }

    fn extent(&self, snapshot: &dyn ReadSnapshot) -> Result<Extent, Fault> {
        if Extent::of_text(&self.arguments) == Extent::Long {
            return Ok(Extent::Long);
        }
        extent(self.query()?, snapshot)
    }

    /// Runs the query, as long as it is not called off.
    fn read(
        &mut self,
        snapshot: &dyn ReadSnapshot,
        mut writer: ResultWriter<'_>,
        revealing: &Revealing<'_>,
    ) -> Result<Answer, Fault> {
        let started = Instant::now();
        let query = self.query()?;
        let revealed = revealing.over(snapshot);
        let setting = Setting {
            snapshot: match query.reads_data() {
                true => &revealed,
                false => snapshot,
            },
            revealing,
            cancellation: writer.cancellation(),
            pace: writer.pace(),
            bounds: WayBounds::DEFAULT,
        };
        let (outcome, plan) = answer(query, setting, &mut writer)?;
        let mut members = outcome.members;
        if query.explains() {
            members.push_str(",\"plan\":");
            let reduction = outcome.explanation.as_deref();
            plan.write_json(started.elapsed(), reduction, &mut members);
        }
        let mut answer = match outcome.value {
            None => writer.finish(outcome.key, &members)?,
            Some(value) => writer.data(&format!("{{\"{}\":{value},{members}}}", outcome.key))?,
        };
        for remark in query.remarks().iter().chain(&outcome.remarks) {
            answer.remarks.add(remark.clone());
        }
        Ok(answer)
    }
}

/// How much a query has to look at.
fn extent(query: &Query, snapshot: &dyn ReadSnapshot) -> Result<Extent, Fault> {
    let number = find_in_snapshot("from.instance", query.instance(), snapshot)?;
    let instance = snapshot.instance(number)?;
    let stream = query.stream();
    let stream = stream.map(|stream_id| snapshot.stream(number, stream_id));
    let all = match stream.transpose()? {
        Some(stream) => stream.count()?,
        None => snapshot.chunks(number)?.count(),
    };
    let is_ordered = instance.head.late_position == 0;
    let count = match query.demand() {
        Demand::Count => 0,
        Demand::Slice { limit, .. } if query.stream().is_none() => limit.min(all),
        Demand::End {
            key,
            descending: true,
            offset,
            limit,
        } if is_ordered || (key == EndKey::Sequence && query.stream().is_some()) => {
            offset.saturating_add(limit).min(all)
        }
        _ => all,
    };
    Ok(Extent::of_events(count, &instance))
}

/// In what a query is run.
#[derive(Clone, Copy)]
struct Setting<'a> {
    snapshot: &'a dyn ReadSnapshot,
    revealing: &'a Revealing<'a>,
    cancellation: &'a Cancellation,
    pace: &'a Pace,
    bounds: WayBounds,
}

/// Answers a query as it is answered with other bounds: hands the elements of the result's list to `sink`, and returns the
/// rest.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn planned(
    query: &Query,
    snapshot: &dyn ReadSnapshot,
    bounds: WayBounds,
    sink: &mut dyn Sink,
) -> Result<Outcome, Error> {
    let keys = Keys::default();
    let setting = Setting {
        snapshot: &RetainedSnapshot::over(snapshot),
        revealing: &Revealing::by(&keys),
        cancellation: &Cancellation::default(),
        pace: &Pace::at_once(),
        bounds,
    };
    let (outcome, _) = answer(query, setting, sink)?;
    Ok(outcome)
}

/// Answers a query: hands the elements of the result's list to `sink`, and returns the rest.
fn answer(
    query: &Query,
    setting: Setting<'_>,
    sink: &mut dyn Sink,
) -> Result<(Outcome, Plan), Fault> {
    let Setting {
        snapshot,
        revealing,
        cancellation,
        pace,
        bounds,
    } = setting;
    let number = find_in_snapshot("from.instance", query.instance(), snapshot)?;
    let instance = snapshot.instance(number)?;
    let chunks = snapshot.chunks(number)?;
    let mut run = Run {
        query,
        instance_id: &instance.id,
        snapshot,
        number,
        chunks: &*chunks,
        // Those that are left are in order where the late one is out.
        late_position: match instance.head.late_position {
            late if late < chunks.first() => 0,
            late => late,
        },
        cancellation,
        pace,
        bounds,
        kept: RowChunk::new(&instance.id),
        // What was read to find it is revealed already.
        revealing: query.shows_data().then_some(revealing),
        execution: Execution::new(query),
        plan: Plan::default(),
    };
    run.go(sink)?;
    let events = EventsOf {
        kept: Some(&run.kept),
        ..run.shown_events()
    };
    let Run {
        execution, plan, ..
    } = run;
    Ok((execution.finish(&events, sink)?, plan))
}

/// A query that is under way.
struct Run<'a> {
    query: &'a Query,
    instance_id: &'a str,
    snapshot: &'a dyn ReadSnapshot,
    number: u32,
    chunks: &'a dyn EventChunks,
    /// Up to there, events may not be in the order of their times; see [`Head`](crate::engine::Head).
    late_position: u64,
    cancellation: &'a Cancellation,
    pace: &'a Pace,
    bounds: WayBounds,
    /// The first events of the page, if they were read on the way to it.
    kept: RowChunk<'a>,
    /// There if the events of the result are shown.
    revealing: Option<&'a Revealing<'a>>,
    execution: Execution<'a>,
    plan: Plan,
}

impl<'a> Run<'a> {
    /// Finds the result. What of it is found early is handed to `sink`.
    fn go(&mut self, sink: &mut dyn Sink) -> Result<(), Fault> {
        let demand = self.query.demand();
        self.plan.blocks = self.chunks.len() as u64;
        if let Some(stream_id) = self.query.stream() {
            return self.stream(stream_id, demand, sink);
        }
        let total = self.chunks.count();
        match demand {
            Demand::Count => self.count(total),
            Demand::Slice { offset, limit } => self.slice(offset, limit, false),
            Demand::End {
                key: EndKey::Time,
                descending,
                offset,
                limit,
            } => {
                let last = offset.saturating_add(limit).min(total);
                let in_order = if descending {
                    // The events of the page, and those before it, are the last ones of the log.
                    self.place_of_last(total, last)? > self.late_position
                } else {
                    self.late_position == 0
                };
                if in_order {
                    self.slice(offset, limit, descending)
                } else {
                    self.end(descending)
                }
            }
            Demand::End {
                key: EndKey::Position,
                descending,
                offset,
                limit,
            } => self.slice(offset, limit, descending),
            Demand::End {
                key: EndKey::Sequence,
                ..
            }
            | Demand::All => self.scan(sink),
        }
    }

    /// The result is made of a number that is known.
    fn count(&mut self, events: u64) -> Result<(), Fault> {
        self.plan.path = Path::None;
        self.take(&Examined::counted(events))
    }

    /// The events of the result stand in a row, counted from the oldest or from the newest.
    fn slice(&mut self, offset: u64, limit: u64, from_newest: bool) -> Result<(), Fault> {
        self.plan.path = Path::Positions;
        let total = self.chunks.count();
        let first = offset.min(total) + 1;
        let last = offset.saturating_add(limit).min(total);
        if last + 1 - first > PAGE_MAX {
            // The result would be too large, whatever its events are.
            return Err(result_too_large(RESULT_BYTES_MAX).into());
        }
        let places = if first > last {
            Vec::new()
        } else if from_newest {
            let numbers = total + 1 - last..=total + 1 - first;
            let mut places = self.chunks.positions(numbers)?;
            places.reverse();
            places
        } else {
            self.chunks.positions(first..=last)?
        };
        self.execution.take_page(places, total);
        Ok(())
    }

    /// Where the first of the last `count` of all events stands; after them if there is none.
    fn place_of_last(&self, total: u64, count: u64) -> Result<u64, Fault> {
        if count == 0 {
            return Ok(self.chunks.events() + 1);
        }
        let number = total + 1 - count;
        let place = self.chunks.positions(number..=number)?;
        Ok(place.first().copied().unwrap_or_default())
    }

    fn events(&self) -> EventsOf<'a> {
        EventsOf {
            chunks: self.chunks,
            instance_id: self.instance_id,
            kept: None,
            revealing: None,
        }
    }

    fn take(&mut self, examined: &Examined) -> Result<(), Fault> {
        self.plan.add(examined.effort);
        let events = self.events();
        self.execution.take(examined, &events)
    }

    /// Fails once nobody wants the result any more.
    fn check(&self) -> Result<(), Fault> {
        self.cancellation.check()?;
        self.snapshot.check_wanted()
    }
}

impl Sink for ResultWriter<'_> {
    fn event(&mut self, event: &Event<'_>) -> Result<(), Error> {
        ResultWriter::event(self, event)
    }

    fn value(&mut self, json: &str) -> Result<(), Error> {
        ResultWriter::value(self, json)
    }

    fn check_wanted(&self) -> Result<(), Error> {
        self.cancellation().check()
    }
}
