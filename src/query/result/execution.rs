//! Making a result of what was found.

use std::fmt::Write as _;
use std::sync::Arc;

use super::aggregate::Aggregate;
use super::aggregates::{self, Aggregates};
use super::bounded_sink::BoundedSink;
use super::budget::Budget;
use super::explanation::Explanation;
use super::folding::GroupedRows;
use super::group::{AskedRows, ResultGroups, RowSink};
use super::listed_value::ListedValue;
use super::outcome::{Outcome, Sink};
use super::page::Page;
use crate::query::grammar::having::Having;
use crate::query::grammar::order::Order;
use crate::query::grammar::query::Output;
use crate::query::grammar::query::Query;
use crate::query::limits::GROUPS_MAX;
use crate::query::limits::RESULT_BYTES_MAX;
use crate::query::matching::chunk::Events;
use crate::query::matching::examined::{Examined, Matches};
use crate::query::matching::known_groups::KnownGroups;
use crate::query::matching::places::Places;
use crate::query::matching::row_groups::RowGroups;
use crate::query::matching::rows::Rows;
use crate::query::matching::values::{Need, RowValues, Table};
use crate::query::value::sort_key::SortKey;

/// One running query. What was found in the chunks is taken in the order of the log; what has to be
/// kept of it is copied.
#[derive(Debug)]
pub struct Execution<'q> {
    pub(super) query: &'q Query,
    needs: Vec<Need<'q>>,
    bytes_max: usize,
    /// How many events matched.
    total: u64,
    pub(super) state: ExecutionState<'q>,
    explanation: Explanation,
}

#[derive(Debug)]
pub(super) enum ExecutionState<'q> {
    /// The places of the page's events.
    Events(Page<u64>),
    Collection(Page<ListedValue>),
    Aggregation(Aggregation<'q>, Budget),
    Rows(ResultGroups<'q>),
}

/// The aggregates of all events.
#[derive(Debug)]
pub(super) struct Aggregation<'q> {
    of: Aggregates<'q>,
    /// The one group that there is.
    group: [Box<[Aggregate]>; 1],
}

impl<'q> Execution<'q> {
    /// Starts the query, with nothing seen yet.
    #[must_use]
    pub fn new(query: &'q Query) -> Self {
        Self::within(query, RESULT_BYTES_MAX, GROUPS_MAX)
    }

    /// As [`Execution::new`], with other limits than [`RESULT_BYTES_MAX`] and [`GROUPS_MAX`].
    #[must_use]
    pub fn within(query: &'q Query, bytes_max: usize, groups_max: usize) -> Self {
        let budget = || match &query.output {
            Output::Aggregation(reduction) => reduction.budget(bytes_max, false),
            Output::Rows { reduction, .. } => reduction.budget(bytes_max, true),
            _ => Budget::new(bytes_max),
        };
        let (offset, limit) = (query.offset, query.limit);
        let descending = |order: &Option<Order>| order.as_ref().map(|order| order.descending);
        let state = match &query.output {
            Output::Events { order, .. } => {
                ExecutionState::Events(Page::new(descending(order), offset, limit, budget()))
            }
            Output::Collection { order, .. } => {
                ExecutionState::Collection(Page::new(descending(order), offset, limit, budget()))
            }
            Output::CollectedRows { events, .. } => {
                ExecutionState::Events(Page::new(descending(events), None, None, budget()))
            }
            Output::Aggregation(reduction) => {
                let of = Aggregates::new(reduction, 0);
                let group = [of.begin()];
                ExecutionState::Aggregation(Aggregation { of, group }, budget())
            }
            Output::Rows {
                reduction, groups, ..
            } => ExecutionState::Rows(ResultGroups::new(groups, reduction, groups_max, budget())),
        };
        let needs = query.needs();
        Self {
            query,
            explanation: Explanation::new(needs.len()),
            needs,
            bytes_max,
            total: 0,
            state,
        }
    }

    /// The time that an event must beat to be on the page, if events are sorted by time and the page
    /// is full. One with the same time must stand later if the order is descending, else earlier.
    #[must_use]
    pub fn time_to_beat(&self) -> Option<i64> {
        match &self.state {
            ExecutionState::Events(page) => match page.worst()? {
                // It was a whole number of milliseconds before.
                SortKey::Number(ms) => Some(*ms as i64),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether nothing matters of the chunks that come next but how many events match: the page is full. For queries whose
    /// chunks are taken in the order of the log.
    #[must_use]
    pub fn needs_count_only(&self) -> bool {
        let is_full = |passing_over| passing_over == u64::MAX;
        match &self.state {
            ExecutionState::Events(page) => is_full(page.passing_over()),
            ExecutionState::Collection(page) => is_full(page.passing_over()),
            ExecutionState::Aggregation(..) | ExecutionState::Rows(_) => false,
        }
    }

    /// The groups that are known at any moment, for who examines chunks on other threads: they can
    /// [look up](Examined::look_up_groups) those of a chunk. `None` where no text alone tells a group.
    pub fn known_groups(&mut self) -> Option<Arc<KnownGroups>> {
        match &mut self.state {
            ExecutionState::Rows(groups) => groups.lend_known(),
            _ => None,
        }
    }

    /// Takes the whole result: its events are those at `places`, in that order, out of `total` that
    /// match. For queries whose [`Demand`](crate::query::Demand) says what places these are.
    pub fn take_page(&mut self, places: Vec<u64>, total: u64) {
        self.total = total;
        self.state = ExecutionState::Events(Page::of(places));
    }

    /// Takes what was found in the next chunk. Some of them may have to be read once more.
    ///
    /// # Errors
    ///
    /// A fault in reading `events`; `LIMIT_EXCEEDED` where the result would be over
    /// [`RESULT_BYTES_MAX`] or [`GROUPS_MAX`]. The execution has then failed and is of no more use.
    pub fn take<E: Events>(&mut self, examined: &Examined, events: &E) -> Result<(), E::Fault> {
        self.explanation.take(examined);
        match &examined.found {
            Matches::Count(count) => {
                self.total += count;
                match &mut self.state {
                    ExecutionState::Aggregation(Aggregation { group, .. }, _) => {
                        for aggregate in group.iter_mut().flatten() {
                            aggregate.add_events(*count);
                        }
                    }
                    ExecutionState::Events(page) => page.pass_over(*count),
                    ExecutionState::Collection(_) | ExecutionState::Rows(_) => {}
                }
                Ok(())
            }
            Matches::Types(types) => {
                self.total += types
                    .iter()
                    .map(|(_, count)| u64::from(*count))
                    .sum::<u64>();
                match &mut self.state {
                    ExecutionState::Rows(groups) => Ok(groups.take_types(types)?),
                    _ => Ok(()),
                }
            }
            Matches::Rows {
                rows,
                places,
                values,
                groups,
                ..
            } => self.take_rows((rows, groups), places, values, events),
        }
    }

    fn take_rows<E: Events>(
        &mut self,
        (rows, row_groups): (&Rows, &RowGroups),
        places: &Places,
        values: &[RowValues],
        events: &E,
    ) -> Result<(), E::Fault> {
        let count = rows.count() as u64;
        self.total += count;
        let needs = &self.needs;
        let table = Table { needs, values };
        match &mut self.state {
            ExecutionState::Events(page) if page.passing_over() >= count => page.pass_over(count),
            ExecutionState::Events(page) => {
                for row in rows.iter() {
                    let place = places.of(row);
                    if values.is_empty() {
                        page.push(SortKey::Null, place, || place)?;
                    } else {
                        table.at(row, place, events, |found| {
                            page.push(found(0).sort_key(), place, || place)
                        })?;
                    }
                }
            }
            ExecutionState::Collection(page) => {
                for row in rows.iter() {
                    let place = places.of(row);
                    table.at(row, place, events, |found| {
                        let value = found(0);
                        if value.is_null() {
                            return Ok(());
                        }
                        let key = if values.len() > 1 {
                            found(1).sort_key()
                        } else {
                            SortKey::Null
                        };
                        page.push(key, place, || ListedValue::of(value))
                    })?;
                }
            }
            ExecutionState::Aggregation(Aggregation { of, group }, budget) => {
                let rows = GroupedRows {
                    rows,
                    places,
                    table: &table,
                    slots: None,
                };
                of.take(&rows, events, budget, group)?;
            }
            ExecutionState::Rows(groups) => {
                groups.take(rows, row_groups, places, &table, events)?;
            }
        }
        Ok(())
    }

    /// Hands the elements of the result to `sink`, reading those of the page, and returns what the
    /// result has beside them.
    ///
    /// # Errors
    ///
    /// A fault in reading `events`; what `sink` fails with; `LIMIT_EXCEEDED` where the result is over
    /// [`RESULT_BYTES_MAX`].
    pub fn finish<E: Events>(self, events: &E, sink: &mut dyn Sink) -> Result<Outcome, E::Fault> {
        let Self { query, total, .. } = self;
        let bytes_max = self.bytes_max;
        let mut sink = BoundedSink::new(sink, bytes_max);
        let mut value = None;
        let mut near = Vec::new();
        let mut written = None;
        match self.state {
            ExecutionState::Events(page)
                if matches!(query.output, Output::CollectedRows { .. }) =>
            {
                let groups = query.collect(&page.into_items(), bytes_max, events)?;
                written = Some(groups.write(query.asked_rows(), &mut sink)?);
            }
            ExecutionState::Events(page) => {
                let mut text = String::new();
                events.read(&page.into_items(), &mut |event| match &query.output {
                    Output::Events {
                        selection: Some(selection),
                        ..
                    } => {
                        text.clear();
                        selection.write_json(event, &mut text);
                        sink.row(&text)
                    }
                    _ => sink.sink.event(event),
                })?;
            }
            ExecutionState::Collection(page) => {
                let mut text = String::new();
                for value in page.into_items() {
                    text.clear();
                    value.write_json(&mut text);
                    sink.row(&text)?;
                }
            }
            ExecutionState::Aggregation(Aggregation { of, mut group }, _) => {
                aggregates::settle(&mut group);
                let [group] = group;
                near = of.none_near();
                aggregates::note_near(&group, &mut near);
                value = Some(aggregates::value_of(of.reduction(), &group));
            }
            ExecutionState::Rows(groups) => {
                written = Some(groups.write(query.asked_rows(), &mut sink)?);
            }
        }
        if let Some(written) = &mut written {
            near = std::mem::take(&mut written.near);
        }
        let key = match query.output {
            Output::Events {
                collected: false, ..
            } => "events",
            _ => "aggregation",
        };
        let explanation = &self.explanation;
        Ok(Outcome {
            key,
            value,
            members: query.members(total),
            remarks: query.remarks_of(&near),
            explanation: query
                .explains
                .then(|| explanation.json(query, &near, written.as_ref()))
                .flatten(),
        })
    }
}

impl Query {
    /// What is asked for of the rows.
    fn asked_rows(&self) -> AskedRows<'_> {
        static ALL: Having = Vec::new();
        let (having, order) = match &self.output {
            Output::Rows { having, order, .. } | Output::CollectedRows { having, order, .. } => {
                (having, order.as_ref())
            }
            _ => (&ALL, None),
        };
        AskedRows {
            having,
            order,
            offset: self.offset,
            limit: self.limit,
            times: self.time_bounds(),
        }
    }

    /// Reads the events at these places, in that order, into their groups.
    fn collect<E: Events>(
        &self,
        places: &[u64],
        bytes_max: usize,
        events: &E,
    ) -> Result<ResultGroups<'_>, E::Fault> {
        let Output::CollectedRows {
            reduction, groups, ..
        } = &self.output
        else {
            unreachable!("only rows of collected events are made so");
        };
        let mut budget = reduction.budget(bytes_max, true);
        // They are still there.
        budget.take(size_of_val(places))?;
        let mut rows = ResultGroups::new(groups, reduction, GROUPS_MAX, budget);
        events.read(places, &mut |event| rows.take_event(event))?;
        Ok(rows)
    }

    /// What the caller should know of aggregates, some of whose values are near the right ones only, as `near` says.
    fn remarks_of(&self, near: &[bool]) -> Vec<String> {
        match &self.output {
            Output::Aggregation(reduction)
            | Output::Rows { reduction, .. }
            | Output::CollectedRows { reduction, .. } => aggregates::remarks(reduction, near),
            Output::Events { .. } | Output::Collection { .. } => Vec::new(),
        }
    }

    /// The members of a result that follow its list or its value.
    fn members(&self, total: u64) -> String {
        let mut members = format!("\"total\":{total}");
        for (name, value) in [("limit", self.limit), ("offset", self.offset)] {
            if let Some(value) = value {
                // Writing to a String cannot fail.
                let _ = write!(members, ",\"{name}\":{value}");
            }
        }
        members
    }
}
