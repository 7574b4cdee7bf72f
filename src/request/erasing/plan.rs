//! What a call of `eraseEvents` has take the place of what.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use super::kept::{self, Erasure};
use crate::arguments::{self, word_within};
use crate::engine::{Fault, Rewriting};
use crate::erased::{Erased, PAYLOAD, is_erased};
use crate::error::{Code, Error};
use crate::json;
use crate::request::consumers::untold;
use crate::request::evidence::Puncturing;
use crate::request::limits::{ERASED_EVENTS_MAX, REASON_BYTES_MAX};
use crate::request::listing::{instance_of, options};
use crate::request::named_instance::find_in_snapshot;
use crate::request::projections;
use crate::request::retained::RetainedSnapshot;
use crate::seam::{PlansErasure, ReadSnapshot};
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
    reason: String,
}

impl Erasing {
    /// Reads its options.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT`, `LIMIT_EXCEEDED`.
    pub(super) fn parse(raw: Option<&str>) -> Result<Self, Error> {
        let [instance, positions, reason] = options(raw, ["instance", "positions", "reason"])?;
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
            reason: word_within("reason", reason, REASON, REASON_BYTES_MAX)?.into_owned(),
        })
    }

    /// Fails if there is no event at one of the positions.
    fn check_positions(&self, first: u64, last: u64) -> Result<(), Error> {
        if let Some(position) = self.positions.range(..first).next() {
            let text = format!(
                "positions: expected at least {first}, as the events before it were trimmed, found {position}"
            );
            return Err(Error::trimmed(first).with_text(text));
        }
        match self.positions.range(last + 1..).next() {
            Some(position) => Err(Error::expected(
                "positions",
                &format!("positions up to that of the last event, {last}"),
                &position.to_string(),
            )),
            None => Ok(()),
        }
    }
}

impl PlansErasure for Erasing {
    fn plan(
        self: Box<Self>,
        snapshot: &dyn ReadSnapshot,
    ) -> Result<(Option<Rewriting>, String), Fault> {
        let snapshot = &RetainedSnapshot::over(snapshot) as &dyn ReadSnapshot;
        let number = find_in_snapshot("instance", &self.instance, snapshot)?;
        let instance = snapshot.instance(number)?;
        let events = snapshot.chunks(number)?;
        self.check_positions(events.first(), instance.head.last_position)?;

        for position in &self.positions {
            if events.is_out(*position)? {
                let text = format!("positions: the event at position {position} was trimmed");
                return Err(Fault::refused(Code::Trimmed, text));
            }
        }

        let at_ms = timestamp::now();
        let mut puncturing = Puncturing::begin(snapshot, number)?;
        let mut texts = BTreeMap::new();
        events.each(
            &mut self.positions.iter().copied(),
            &mut |position, record| {
                if !is_erased(record.payload) {
                    let commitments = match &mut puncturing {
                        Some(puncturing) => Some(puncturing.take(position, record)?),
                        None => None,
                    };
                    let erased = Erased {
                        at_ms,
                        reason: self.reason.clone(),
                        commitments,
                    };
                    texts.insert(position, [PAYLOAD.to_owned(), erased.metadata()]);
                }
                Ok(ControlFlow::Continue(()))
            },
        )?;

        let (count, before) = (texts.len(), self.positions.len() - texts.len());
        let mut answer = "{\"instanceId\":".to_owned();
        json::write_string(&mut answer, &instance.id);
        answer.push_str(&format!(
            ",\"events\":{count},\"erasedBefore\":{before},\"at\":"
        ));
        if texts.is_empty() {
            answer.push_str("null}");
            return Ok((None, answer));
        }
        answer.push_str(&format!("\"{}\"}}", timestamp::format(at_ms)));

        let mut states = BTreeMap::new();
        let erasures = kept::all(snapshot, number)?.len() as u64;
        let erasure = Erasure::of(at_ms, self.reason, texts.keys().copied());
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
