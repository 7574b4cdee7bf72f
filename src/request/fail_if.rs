//! Events that must not be there for a call to append.
//!
//! Whether they are is decided within the commit. What can be looked through before the call's turn is
//! looked through then, by what is known of blocks of events, so that the turn has to do with what was
//! appended since.

use std::ops::ControlFlow;

use super::encryption::Revealing;
use super::limits::CONDITIONS_MAX;
use super::query::Blocks;
use super::retained::{GapsInBatch, RetainedSnapshot, StreamHorizon, horizon_in};
use crate::arguments;
use crate::engine::seeded_bug::{Bug, OfThisThread, Seeded};
use crate::engine::{Fault, Horizon, Record};
use crate::error::Error;
use crate::json::Kind;
use crate::query::Query;
use crate::seam::{EventChain, EventChunks, ReadSnapshot, Transaction};

/// The key of a call's conditions.
pub(super) const KEY: &str = "failIf";

pub(super) const KEYS: [&str; 2] = ["where", "afterPosition"];

/// Up to how many events are tested one by one, rather than by their blocks.
const TESTED_MAX: u64 = 512;

/// Conditions of a call. It fails if there is an event that matches any of them.
#[derive(Debug, Default)]
pub(super) struct FailIf(Vec<FailCondition>);

#[derive(Debug)]
struct FailCondition {
    path: String,
    query: Query,
    /// Events up to this position do not count.
    after: u64,
    seen: Option<Seen>,
}

/// What was found before the call's turn.
#[derive(Clone, Copy, Debug)]
struct Seen {
    /// The number of the instance that was looked through.
    number: u32,
    /// Up to which position.
    last: u64,
    /// The position of the first event there that matches.
    matched: Option<u64>,
}

impl FailIf {
    /// Reads the value of [`KEY`]: a condition, or an array of them.
    pub(super) fn parse(raw: Option<&str>) -> Result<Self, Error> {
        let Some(raw) = raw else {
            return Ok(Self::default());
        };
        if Kind::of(raw) != Kind::Array {
            return Ok(Self(vec![FailCondition::parse(raw, KEY.to_owned())?]));
        }
        let expected = "an array of conditions";
        let elements = arguments::list(KEY, raw, expected, CONDITIONS_MAX, "conditions")?;
        let elements = elements.into_iter().enumerate();
        let conditions =
            elements.map(|(index, raw)| FailCondition::parse(raw, format!("{KEY}[{index}]")));
        Ok(Self(conditions.collect::<Result<_, _>>()?))
    }

    /// What the caller should know of the conditions.
    pub(super) fn remarks(&self) -> impl Iterator<Item = String> {
        self.0.iter().flat_map(|condition| {
            let remarks = condition.query.remarks().iter();
            remarks.map(|remark| format!("{}.{remark}", condition.path))
        })
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Looks through the events of an instance as they are before the call's turn.
    ///
    /// # Errors
    ///
    /// `INSTANCE_NOT_FOUND`; a storage fault. Then everything is looked through within the turn.
    pub(super) fn look_ahead(
        &mut self,
        id_or_name: &str,
        snapshot: &dyn ReadSnapshot,
        revealing: &Revealing<'_>,
    ) -> Result<(), Fault> {
        let number = snapshot.find(id_or_name)?;
        let instance = snapshot.instance(number)?;
        let snapshot = &RetainedSnapshot::over(snapshot);
        let revealed = revealing.over(snapshot);
        for condition in &mut self.0 {
            let snapshot: &dyn ReadSnapshot = match condition.query.reads_data() {
                true => &revealed,
                false => snapshot,
            };
            let chunks = snapshot.chunks(number)?;
            let matched = condition.first_match((number, &instance.id), &*chunks, snapshot)?;
            condition.seen = Some(Seen {
                number,
                last: chunks.events(),
                matched,
            });
        }
        Ok(())
    }

    /// Fails with the first condition that an event matches. Without a `number` the instance does not
    /// exist yet, and has no events.
    pub(super) fn check(
        &self,
        number: Option<u32>,
        batch: &mut dyn Transaction,
        revealing: &Revealing<'_>,
    ) -> Result<(), Fault> {
        for condition in &self.0 {
            match number {
                Some(number) => condition.check(number, batch, revealing)?,
                None => condition.check_end(0)?,
            }
        }
        Ok(())
    }
}

impl FailCondition {
    fn parse(raw: &str, path: String) -> Result<Self, Error> {
        // A condition that is half obeyed would store what was not to be stored.
        let [conditions, after] = arguments::members(&path, raw, KEYS)?;
        let expected = "an array of conditions";
        let conditions = arguments::required(format_args!("{path}.where"), conditions, expected)?;
        let query = Query::for_events(String::new(), None, Some(conditions), &[]);
        Ok(Self {
            // The paths in its errors begin with `where`.
            query: query.map_err(|error| {
                let text = format!("{path}.{}", error.text());
                error.with_text(text)
            })?,
            after: after.map_or(Ok(0), |raw| position(raw, &path))?,
            path,
            seen: None,
        })
    }

    /// The position of the first event that matches, in a snapshot.
    fn first_match(
        &self,
        (number, instance_id): (u32, &str),
        chunks: &dyn EventChunks,
        snapshot: &dyn ReadSnapshot,
    ) -> Result<Option<u64>, Fault> {
        let last = chunks.events();
        let first = chunks.first().max(self.after + 1);
        if (last + 1).saturating_sub(first) <= TESTED_MAX {
            let mut found = None;
            chunks.each(&mut (first..=last), &mut |position, record| {
                if self.query.matches(&record.event(instance_id, position)) {
                    found = Some(position);
                    return Ok(ControlFlow::Break(()));
                }
                Ok(ControlFlow::Continue(()))
            })?;
            return Ok(found);
        }
        if let Some(stream_id) = self.query.stream() {
            let stream = snapshot.stream(number, stream_id)?;
            let (is_whole, found) = self.walk_back(instance_id, &*stream)?;
            if is_whole {
                return Ok(found);
            }
        }
        let after = chunks.index_of(first)..chunks.len();
        let blocks = Blocks::of(&self.query, chunks, after)?;
        for at in 0..blocks.len() {
            snapshot.check_wanted()?;
            let block = blocks.chunk(at, chunks, instance_id)?;
            let examined = self.query.examine(instance_id, &block)?;
            let found = examined.places().find(|position| *position > self.after);
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The first event that matches of those at the end of the stream that all which match are of, and
    /// whether these are all that count.
    fn walk_back(
        &self,
        instance_id: &str,
        stream: &dyn EventChain,
    ) -> Result<(bool, Option<u64>), Fault> {
        let (mut is_whole, mut found, mut walked) = (true, None, 0);
        stream.each_back(&mut |position, record| {
            if position <= self.after {
                return Ok(ControlFlow::Break(()));
            }
            if walked == TESTED_MAX {
                is_whole = false;
                return Ok(ControlFlow::Break(()));
            }
            walked += 1;
            if self.query.matches(&record.event(instance_id, position)) {
                found = Some(position);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok((is_whole, found))
    }

    fn check(
        &self,
        number: u32,
        batch: &mut dyn Transaction,
        revealing: &Revealing<'_>,
    ) -> Result<(), Fault> {
        let instance = batch.instance(number)?;
        let last = instance.head.last_position;
        let instance_id = instance.id.clone();
        self.check_end(last)?;
        let horizon = horizon_in(batch, number)?;
        self.check_beginning(number, batch, horizon)?;
        let gaps = GapsInBatch::of(batch, number, horizon)?;
        // An instance that was deleted since is another one.
        let mut seen = self.seen.filter(|seen| seen.number == number);
        // What it has found may be out by now, and others behind it are not known.
        if let Some(position) = seen.and_then(|seen| seen.matched)
            && gaps.is_out(batch, position)?
        {
            seen = None;
        }
        if let Some(position) = seen.and_then(|seen| seen.matched) {
            return Err(self.failed(position));
        }
        let after = seen.map_or(self.after, |seen| self.after.max(seen.last));
        let after = after.max(horizon.position);
        let last = match self.query.stream() {
            Some(stream_id) => batch.last_position(number, stream_id)?,
            None => last,
        };
        if last <= after || seen.is_some() && OfThisThread.has(Bug::GuardNotRepeated) {
            return Ok(());
        }
        let out = gaps.out(batch, after + 1..=last)?;
        let check = |position, record: &Record<'_>| {
            if out.binary_search(&position).is_err()
                && self.query.matches(&record.event(&instance_id, position))
            {
                return Err(self.failed(position));
            }
            Ok(())
        };
        let reads_data = self.query.reads_data();
        batch.each_record(
            number,
            after + 1..=last,
            &mut |position, record| match reads_data {
                true => revealing.record(&instance_id, record, |record| check(position, record)),
                false => check(position, record),
            },
        )
    }

    fn failed(&self, position: u64) -> Fault {
        Error::condition_failed(&self.path, self.after, position).into()
    }

    /// Whether an event that is out would have matched is not known. Without a position, what counts is what is left.
    fn check_beginning(
        &self,
        number: u32,
        batch: &mut dyn Transaction,
        horizon: Horizon,
    ) -> Result<(), Fault> {
        if self.after == 0 || self.after >= horizon.last_out() {
            return Ok(());
        }
        let path = format!("{}.afterPosition", self.path);
        let found = self.after.to_string();
        if self.after < horizon.position {
            let first = horizon.first_position();
            return Err(Error::before_first_position(path, first, &found).into());
        }
        let last_out = match self.query.stream() {
            None => horizon.last_out(),
            Some(stream_id) => StreamHorizon::in_batch(batch, number, stream_id, horizon)?.last_out,
        };
        if self.after >= last_out {
            return Ok(());
        }
        Err(Error::before_gap(path, last_out, &found).into())
    }

    /// Whoever knows of events that are not there has them from another log, or from an instance that
    /// was deleted.
    fn check_end(&self, last: u64) -> Result<(), Error> {
        if self.after <= last {
            return Ok(());
        }
        Err(Error::expected(
            format_args!("{}.afterPosition", self.path),
            &format!("at most {last}, the position of the instance's last event"),
            &self.after.to_string(),
        ))
    }
}

fn position(raw: &str, path: &str) -> Result<u64, Error> {
    arguments::whole_number(format_args!("{path}.afterPosition"), raw)
}

#[cfg(test)]
mod test;
