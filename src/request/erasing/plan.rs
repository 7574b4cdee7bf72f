//! What a call of `eraseEvents` has take the place of what.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use super::fields::Fields;
use super::kept::{self, Erasure};
use super::replacing::{Found, Replacing};
use crate::arguments::{self, word_within};
use crate::engine::{Fault, Horizon, Instead, Record, Rewriting};
use crate::error::Error;
use crate::json;
use crate::request::consumers::untold;
use crate::request::evidence::Puncturing;
use crate::request::limits::{ERASED_EVENTS_MAX, REASON_BYTES_MAX};
use crate::request::listing::{instance_of, options};
use crate::request::named_instance::find_in_snapshot;
use crate::request::projections;
use crate::request::retained::{RetainedSnapshot, horizon_of};
use crate::seam::{EventChunks, PlansErasure, ReadSnapshot};
use crate::timestamp;

/// What is expected as a position.
const POSITION: &str = "a position from 1 on";

/// What is expected as a reason.
const REASON: &str = "a string that says why";

/// A call of `eraseEvents`.
#[derive(Debug)]
pub(super) struct Erasing {
    instance: String,
    positions: BTreeSet<u64>,
    /// What of the events is erased; all of it if that is not said.
    fields: Option<Fields>,
    reason: String,
}

/// How many of the events that were meant are what.
#[derive(Debug, Default)]
struct Counts {
    /// Those that had been erased before.
    before: usize,
    /// Those that have none of the fields.
    absent: usize,
    /// Those that were trimmed and are not there any more.
    dropped: usize,
    /// The bytes that the records of those have had which were trimmed, and have from now on.
    bytes_out: [u64; 2],
}

/// The events of an instance.
struct Events<'a> {
    /// Those that are left.
    left: Box<dyn EventChunks + 'a>,
    /// Also those that were trimmed, as far as the file still has them.
    kept: Box<dyn EventChunks + 'a>,
}

impl Erasing {
    /// Reads its options.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT`, `LIMIT_EXCEEDED`.
    pub(super) fn parse(raw: Option<&str>) -> Result<Self, Error> {
        let keys = ["instance", "positions", "fields", "reason"];
        let [instance, positions, fields, reason] = options(raw, keys)?;
        let instance = instance_of(instance)?;
        let expected = "an array of positions";
        let positions = arguments::required("positions", positions, expected)?;
        let positions = arguments::list(
            "positions",
            positions,
            expected,
            ERASED_EVENTS_MAX,
            "positions",
        )?;
        let position = |(at, raw): (usize, &str)| {
            let path = format!("positions[{at}]");
            match arguments::whole_number_as(&path, raw, POSITION)? {
                0 => Err(arguments::unexpected(&path, POSITION, raw)),
                position => Ok(position),
            }
        };
        let positions = positions.into_iter().enumerate().map(position);
        let positions = positions.collect::<Result<BTreeSet<_>, _>>()?;
        let reason = arguments::required("reason", reason, REASON)?;
        Ok(Self {
            instance,
            positions,
            fields: fields.map(Fields::parse).transpose()?,
            reason: word_within("reason", reason, REASON, REASON_BYTES_MAX)?.into_owned(),
        })
    }

    /// Fails if one of the positions is after that of the last event.
    fn check_positions(&self, last: u64) -> Result<(), Error> {
        match self.positions.range(last + 1..).next() {
            Some(position) => Err(Error::expected(
                "positions",
                &format!("positions up to that of the last event, {last}"),
                &position.to_string(),
            )),
            None => Ok(()),
        }
    }

    /// What takes the place of the events that have something which is to be erased.
    fn replace(
        self,
        events: &Events<'_>,
        at_ms: i64,
        puncturing: &mut Option<Puncturing>,
        counts: &mut Counts,
    ) -> Result<BTreeMap<u64, Instead>, Fault> {
        let mut texts = BTreeMap::new();
        let mut there = self.positions.range(events.kept.first()..).copied();
        counts.dropped = self.positions.len() - there.clone().count();
        let replacing = Replacing::new(at_ms, self.reason, self.fields);
        events.kept.each(&mut there, &mut |position, record| {
            match replacing.look(position, record)? {
                Found::Erased => counts.before += 1,
                Found::Absent => counts.absent += 1,
                Found::Stays(stays) => {
                    let kept = match puncturing {
                        Some(puncturing) => Some(puncturing.take(position, record, stays)?),
                        None => None,
                    };
                    let instead = replacing.instead(kept);
                    if events.left.is_out(position)? {
                        let [payload, metadata] = &instead(record);
                        let now = Record {
                            payload,
                            metadata,
                            ..*record
                        };
                        counts.bytes_out[0] += record.bytes() as u64;
                        counts.bytes_out[1] += now.bytes() as u64;
                    }
                    texts.insert(position, instead);
                }
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(texts)
    }
}

impl PlansErasure for Erasing {
    fn plan(
        self: Box<Self>,
        snapshot: &dyn ReadSnapshot,
    ) -> Result<(Option<Rewriting>, String), Fault> {
        let number = find_in_snapshot("instance", &self.instance, snapshot)?;
        let instance = snapshot.instance(number)?;
        let retained = RetainedSnapshot::over(snapshot);
        let events = Events {
            left: retained.chunks(number)?,
            kept: snapshot.kept_chunks(number)?,
        };
        self.check_positions(instance.head.last_position)?;

        let at_ms = timestamp::now();
        let (reason, names) = (self.reason.clone(), self.names());
        let mut puncturing = Puncturing::begin(snapshot, number)?;
        let mut counts = Counts::default();
        let texts = self.replace(&events, at_ms, &mut puncturing, &mut counts)?;

        let mut answer = "{\"instanceId\":".to_owned();
        json::write_string(&mut answer, &instance.id);
        answer.push_str(&format!(
            ",\"events\":{},\"erasedBefore\":{},\"absent\":{},\"dropped\":{},\"at\":",
            texts.len(),
            counts.before,
            counts.absent,
            counts.dropped
        ));
        if texts.is_empty() {
            answer.push_str("null}");
            // What a trim has dropped may be left at the ends of pages, which go if the tables are made anew.
            let is_trimmed = events.kept.first() > 1;
            let anew = is_trimmed.then(|| Rewriting {
                number,
                ..Rewriting::default()
            });
            return Ok((anew, answer));
        }
        answer.push_str(&format!("\"{}\"}}", timestamp::format(at_ms)));

        let mut states = BTreeMap::new();
        let [before, now] = counts.bytes_out;
        if before > 0 {
            let horizon = horizon_of(snapshot, number)?;
            let bytes = (horizon.bytes + now).saturating_sub(before);
            let horizon = Horizon { bytes, ..horizon };
            states.insert(Horizon::STATE.to_owned(), Some(horizon.encode()));
        }
        let erasures = kept::all(snapshot, number)?.len() as u64;
        let erasure = Erasure::of(at_ms, reason, names, texts.keys().copied());
        states.insert(Erasure::state_name(erasures), Some(erasure.encode()));
        if let Some(puncturing) = puncturing {
            let (name, bytes) = puncturing.finish();
            states.insert(name, Some(bytes));
        }
        for name in projections::snapshot_names(snapshot, number)? {
            states.insert(name, None);
        }
        for (name, bytes) in untold(snapshot, number, |position| texts.contains_key(&position))? {
            states.insert(name, Some(bytes));
        }
        let rewriting = Rewriting {
            number,
            texts,
            states,
        };
        Ok((Some(rewriting), answer))
    }
}

impl Erasing {
    /// The names of the fields; none if all of the events is erased.
    fn names(&self) -> Vec<String> {
        self.fields.as_ref().map(Fields::names).unwrap_or_default()
    }
}
