//! Finding the rows of a chunk that match, and what they hold of what the result is made of.

use super::chunk::Chunk;
use super::examined::{Effort, Examined, Matches};
use super::places::Places;
use super::row_groups::RowGroups;
use super::rows::Rows;
use super::values::{Gathering, Need, Purpose, RowValues};
use super::verdict::Verdict;
use crate::block::{Overview, UNREAD};
use crate::query::grammar::condition::Condition;
use crate::query::grammar::condition_tree::ConditionTree;
use crate::query::grammar::group_field::GroupField;
use crate::query::grammar::query::Output;
use crate::query::grammar::query::Query;
use crate::query::value::found::Found;

/// So few events that can match are read, rather than a column of all events, which has to be unpacked for that.
const ROWS_READ_AT_ONCE: usize = 8;

impl Query {
    /// What the result is made of beside the events themselves.
    pub(in crate::query) fn needs(&self) -> Vec<Need<'_>> {
        if self.counts_only() {
            return Vec::new();
        }
        match &self.output {
            Output::Events { order, .. } => {
                let order = order.as_ref();
                Vec::from_iter(order.map(|order| Need::new(&order.field, Purpose::Order)))
            }
            Output::Collection { field, order } => {
                let mut needs = vec![Need::new(field, Purpose::Whole)];
                needs.extend(
                    order
                        .as_ref()
                        .map(|order| Need::new(&order.field, Purpose::Order)),
                );
                needs
            }
            Output::CollectedRows { events, .. } => {
                let order = events.as_ref();
                Vec::from_iter(order.map(|order| Need::new(&order.field, Purpose::Order)))
            }
            Output::Aggregation(reduction) => reduction.needs().0,
            Output::Rows {
                reduction, groups, ..
            } => {
                let groups = groups.iter().map(GroupField::field);
                let mut needs: Vec<_> = groups
                    .map(|field| Need::new(field, Purpose::Whole))
                    .collect();
                needs.extend(reduction.needs().0);
                needs
            }
        }
    }

    /// Finds what a chunk of the instance has for the result. Chunks may be examined in any order
    /// and on any thread; [`Execution::take`](crate::query::Execution::take) wants them in order.
    ///
    /// # Errors
    ///
    /// A fault in reading.
    pub fn examine<C: Chunk>(&self, instance_id: &str, chunk: &C) -> Result<Examined, C::Fault> {
        self.examine_for(instance_id, chunk, self.counts_only())
    }

    /// As [`Query::examine`], of a chunk of which nothing matters but how many events match; see
    /// [`Execution::needs_count_only`](crate::query::Execution::needs_count_only).
    ///
    /// # Errors
    ///
    /// As [`Query::examine`].
    pub fn count_in<C: Chunk>(&self, instance_id: &str, chunk: &C) -> Result<Examined, C::Fault> {
        self.examine_for(instance_id, chunk, true)
    }

    fn examine_for<C: Chunk>(
        &self,
        instance_id: &str,
        chunk: &C,
        counts_only: bool,
    ) -> Result<Examined, C::Fault> {
        // Where types are all that is asked about, they are looked at once.
        let overview = chunk.overview().filter(|_| !chunk.has_rows_out());
        match self.by_types(&self.conditions_in(chunk), overview, counts_only) {
            Some(found) => Ok(Examined::by_summary(found)),
            None => Examination::new(self, instance_id, chunk, counts_only).run(),
        }
    }

    /// All that events of a chunk have to pass.
    fn conditions_in<C: Chunk>(&self, chunk: &C) -> impl Iterator<Item = &ConditionTree> + Clone {
        let in_stream = self.in_stream.as_ref();
        let in_stream = in_stream.filter(|_| !chunk.is_of_stream());
        in_stream.into_iter().chain(&self.conditions)
    }

    /// What the number of events of each type has to say of the events that pass `trees`, where nothing else is asked
    /// for.
    pub(super) fn by_types<'q>(
        &self,
        trees: &(impl Iterator<Item = &'q ConditionTree> + Clone),
        overview: Option<Overview<'_>>,
        counts_only: bool,
    ) -> Option<Matches> {
        if !counts_only && !self.counts_types() {
            return None;
        }
        if !trees.clone().all(|tree| tree.is_of(&Condition::is_of_type)) {
            return None;
        }
        let passes = |(name, _): &&(Box<str>, u32)| {
            let mut of_type = |condition: &Condition| match condition {
                Condition::Value(_, test) => test.holds(&Found::Text(name).value()),
                _ => false,
            };
            trees.clone().all(|tree| tree.holds_by(&mut of_type))
        };
        let passing = overview?.types().iter().filter(passes);
        Some(if counts_only {
            Matches::Count(passing.map(|(_, count)| u64::from(*count)).sum())
        } else {
            Matches::Types(passing.cloned().collect())
        })
    }
}

struct Examination<'q, 'c, C> {
    query: &'q Query,
    chunk: &'c C,
    /// Whether nothing matters but how many events match.
    counts_only: bool,
    /// Conditions that the summary leaves open.
    open: Vec<&'q ConditionTree>,
    /// Whether the summary excludes that any row matches.
    excluded: bool,
    rows: Rows,
    /// Those of the rows that only their events can tell about.
    doubtful: Rows,
    /// What their events have to be asked.
    asked: Vec<&'q ConditionTree>,
    /// How many rows are examined.
    examined: u64,
    read: u64,
}

impl<'q, 'c, C: Chunk> Examination<'q, 'c, C> {
    fn new(query: &'q Query, instance_id: &str, chunk: &'c C, counts_only: bool) -> Self {
        let mut open = Vec::new();
        let mut excluded = false;
        let last = chunk.len().checked_sub(1);
        let places = last.map(|last| (chunk.place(0), chunk.place(last)));
        for condition in query.conditions_in(chunk) {
            let judge =
                |condition: &Condition| condition.judge(instance_id, places, chunk.overview());
            match condition.judge_by(&judge) {
                Verdict::All => {}
                Verdict::None => excluded = true,
                Verdict::Open => open.push(condition),
            }
        }
        let rows = match chunk.candidates() {
            Some(candidates) => candidates.clone(),
            None => Rows::all(chunk.len()),
        };
        Self {
            query,
            chunk,
            counts_only,
            open,
            excluded,
            examined: rows.count() as u64,
            rows,
            doubtful: Rows::none(chunk.len()),
            asked: Vec::new(),
            read: 0,
        }
    }

    fn run(mut self) -> Result<Examined, C::Fault> {
        if let Some(found) = self.by_summary() {
            return Ok(Examined::by_summary(found));
        }
        self.sift()?;
        let (values, read) = self.complete()?;
        let found = if self.counts_only {
            Matches::Count(self.rows.count() as u64)
        } else {
            Matches::Rows {
                places: Places::of_chunk(self.chunk),
                groups: RowGroups::of_query(self.query, &values, &self.rows),
                rows: self.rows,
                values,
                read,
            }
        };
        Ok(Examined {
            found,
            effort: Effort {
                skipped: false,
                examined: self.examined,
                read: self.read,
            },
        })
    }

    /// What the summary alone has to say, if that is all there is to know.
    fn by_summary(&self) -> Option<Matches> {
        if self.excluded {
            return Some(Matches::Count(0));
        }
        if self.open.is_empty() && self.counts_only {
            // Whatever has ruled rows out has left all that match.
            return Some(Matches::Count(self.rows.count() as u64));
        }
        let open = self.open.iter().copied();
        // It counts all rows.
        let overview = self.chunk.overview().filter(|_| !self.chunk.has_rows_out());
        self.query.by_types(&open, overview, self.counts_only)
    }

    /// Sorts out rows by what the columns tell.
    fn sift(&mut self) -> Result<(), C::Fault> {
        if self.rows.count() <= ROWS_READ_AT_ONCE && self.chunk.candidates().is_some() {
            self.doubtful = self.rows.clone();
            self.asked = std::mem::take(&mut self.open);
            return Ok(());
        }
        for condition in std::mem::take(&mut self.open) {
            if self.rows.is_empty() {
                return Ok(());
            }
            let sifted = condition.sift(self.chunk, &self.rows)?;
            self.rows = sifted.rows;
            if !sifted.doubtful.is_empty() {
                self.doubtful.unite(&sifted.doubtful);
                self.asked.push(condition);
            }
        }
        self.doubtful.intersect(&self.rows);
        Ok(())
    }

    /// Asks the events for what the columns do not tell, and gathers the values. Returns those of each need, and whether
    /// the events were read for it.
    fn complete(&mut self) -> Result<(Vec<RowValues>, Vec<bool>), C::Fault> {
        let needs = if self.counts_only {
            Vec::new()
        } else {
            self.query.needs()
        };
        let mut known = Vec::with_capacity(needs.len());
        for need in &needs {
            known.push(if self.rows.is_empty() {
                None
            } else {
                self.known_values(need)?
            });
        }
        let mut gathering: Vec<Option<Gathering<'q>>> = needs
            .iter()
            .zip(&known)
            .map(|(need, known)| {
                known
                    .is_none()
                    .then(|| Gathering::new(*need, self.rows.capacity()))
            })
            .collect();
        let gathers = gathering.iter().any(Option::is_some);
        let to_read = if gathers { &self.rows } else { &self.doubtful };
        if !to_read.is_empty() {
            let mut failed = Rows::none(self.rows.capacity());
            let (asked, doubtful) = (&self.asked, &self.doubtful);
            let mut read = 0;
            self.chunk.visit(to_read, &mut |row, event| {
                read += 1;
                if doubtful.contains(row) && !asked.iter().all(|condition| condition.holds(event)) {
                    failed.insert(row);
                    return Ok(());
                }
                for gathering in gathering.iter_mut().flatten() {
                    gathering.push(row, event);
                }
                Ok(())
            })?;
            self.read = read;
            self.rows.retain(|row| !failed.contains(row));
        }
        let rows = self.rows.capacity();
        let read = gathering.iter().map(Option::is_some).collect();
        let values = known.into_iter().zip(gathering);
        let values = values
            .filter_map(|(known, gathered)| known.or_else(|| gathered.map(|it| it.finish(rows))));
        Ok((values.collect(), read))
    }

    /// The values as the summary has them, if it has all that are needed.
    fn known_values(&self, need: &Need<'_>) -> Result<Option<RowValues>, C::Fault> {
        let values = RowValues::of_chunk(need.field, self.chunk)?;
        Ok(values.filter(|values| match values {
            RowValues::Column(column) => {
                let codes = column.codes();
                let is_known = |row: usize| codes.get(row).is_some_and(|code| *code != UNREAD);
                // Without a way out of the loop, it looks at several codes at once.
                let any_unread = codes
                    .iter()
                    .fold(false, |any, code| any | (*code == UNREAD));
                let all_known = codes.len() == self.rows.capacity() && !any_unread;
                all_known || self.rows.iter().all(is_known)
            }
            RowValues::Times(_) | RowValues::Positions(_) => true,
        }))
    }
}
