//! `dueStreams`: which first events of streams are over the rules for streams of an instance, for whoever trims them.
//!
//! A stream keeps the first of these rules whose prefix its id has. What goes is found without its payloads: by how many events
//! the stream has, and by where they stand. What is old is what stands before the first event of the instance that is not.

use std::ops::ControlFlow;

use super::over::{EVENTS_MAX, Measured, PART, late_of};
use super::policy::{Policy, StreamRule};
use crate::arguments::{self, Arguments};
use crate::engine::{Fault, StreamEnd};
use crate::error::CheckpointConflict;
use crate::json;
use crate::request::consumers::holder_in_snapshot;
use crate::request::listing::{instance_of, options};
use crate::request::named_instance::find_in_snapshot;
use crate::request::response::Answer;
use crate::seam::ReadSnapshot;

/// How many streams a page looks at.
const PAGE: usize = 4_096;

/// The streams of an instance whose first events are over the rules, of a page of all those after the id `after`. All that is
/// over is meant if `isExact` says so, and otherwise what is worth a trim. `now` is as for `dueRetention`.
pub(in crate::request) fn due(
    arguments: &Arguments<'_>,
    snapshot: &dyn ReadSnapshot,
) -> Result<Answer, Fault> {
    let keys = ["instance", "now", "isExact", "after"];
    let [instance, now, is_exact, after] = options(arguments.get(0), keys)?;
    let now_ms = super::due::time(now)?;
    let is_exact = is_exact.map_or(Ok(false), |raw| arguments::boolean("isExact", raw))?;
    let after = after.map(|raw| arguments::string("after", raw, "the id of a stream"));
    let after = after.transpose()?;
    let number = find_in_snapshot("instance", &instance_of(instance)?, snapshot)?;
    let Some(policy) = Policy::read(snapshot, number)? else {
        return Ok(Answer::of_data("{\"due\":[],\"next\":null}".to_owned()));
    };
    let streams = snapshot.streams(number, "", after.as_deref(), PAGE)?;
    let rules = Rules::new(snapshot, (number, &policy), now_ms, is_exact)?;
    let mut data = String::from("{\"due\":[");
    for stream in &streams {
        snapshot.check_wanted()?;
        let Some(over) = rules.over(stream)? else {
            continue;
        };
        if !data.ends_with('[') {
            data.push(',');
        }
        data.push_str("{\"stream\":");
        json::write_string(&mut data, &stream.stream_id);
        data.push_str(&format!(
            ",\"first\":{},\"before\":{},\"heldBy\":",
            over.first, over.before
        ));
        match rules.holder.as_ref().filter(|_| over.is_held) {
            Some(holder) => {
                data.push_str("{\"consumer\":");
                json::write_string(&mut data, &holder.consumer);
                data.push_str(&format!(",\"position\":{}}}", holder.actual));
            }
            None => data.push_str("null"),
        }
        data.push('}');
    }
    data.push_str("],\"next\":");
    match streams.last().filter(|_| streams.len() == PAGE) {
        Some(last) => json::write_string(&mut data, &last.stream_id),
        None => data.push_str("null"),
    }
    data.push('}');
    Ok(Answer::of_data(data))
}

/// What goes of a stream.
struct Over {
    /// The numbers of the first event that there is, and of the first one that is to be left.
    first: u64,
    before: u64,
    /// Whether a consumer keeps more from going.
    is_held: bool,
}

/// The rules for streams of an instance.
struct Rules<'a> {
    snapshot: &'a dyn ReadSnapshot,
    number: u32,
    /// Each with the positions up to which events are over its age, and over it by so much that it is worth a trim.
    each: Vec<(&'a StreamRule, u64, u64)>,
    /// The consumer that has done with fewest events, if it has not with all.
    holder: Option<CheckpointConflict>,
    is_exact: bool,
}

impl<'a> Rules<'a> {
    fn new(
        snapshot: &'a dyn ReadSnapshot,
        (number, policy): (u32, &'a Policy),
        now_ms: i64,
        is_exact: bool,
    ) -> Result<Self, Fault> {
        let measured = Measured::new(snapshot, number, policy, now_ms)?;
        let mut each = Vec::with_capacity(policy.streams.len());
        for rule in &policy.streams {
            let (mut old, mut late) = (0, 0);
            if let Some(age) = rule.max_age_ms {
                old = measured.old_up_to(age)?;
                late = match is_exact {
                    true => old,
                    false => measured.old_up_to(age.saturating_add(late_of(age)))?,
                };
            }
            each.push((rule, old, late));
        }
        let last = snapshot.instance(number)?.head.last_position;
        let holder = match policy.force {
            true => None,
            false => holder_in_snapshot(snapshot, number, last)?,
        };
        Ok(Self {
            snapshot,
            number,
            each,
            holder,
            is_exact,
        })
    }

    /// What is to go of a stream, if there is something, or something is held.
    fn over(&self, stream: &StreamEnd) -> Result<Option<Over>, Fault> {
        let mut rules = self.each.iter();
        let found = rules.find(|(rule, ..)| stream.stream_id.starts_with(rule.prefix.as_str()));
        let Some(&(rule, old, late)) = found else {
            return Ok(None);
        };
        let max = rule.max_events.unwrap_or(u64::MAX);
        if stream.sequence <= max && old == 0 {
            return Ok(None);
        }
        let chain = self.snapshot.stream(self.number, &stream.stream_id)?;
        let first = chain.first()?;
        let by_count = stream.sequence.saturating_sub(max) + 1;
        let done = self.holder.as_ref().map_or(u64::MAX, |it| it.actual);
        // The numbers after the last event that is old, that is late, and that consumers are done with.
        let (mut after_old, mut after_late, mut after_done) = (0, 0, 0);
        let needs_done = done < stream.position;
        if old > 0 || needs_done {
            chain.links_back(&mut |position, sequence, _| {
                for (bound, after) in [
                    (old, &mut after_old),
                    (late, &mut after_late),
                    (done, &mut after_done),
                ] {
                    if *after == 0 && position <= bound {
                        *after = sequence + 1;
                    }
                }
                let is_known = (old == 0 || after_old > 0)
                    && (late == 0 || after_late > 0)
                    && (!needs_done || after_done > 0);
                Ok(match is_known {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                })
            })?;
        }
        let wanted = by_count.max(after_old);
        let count = stream.sequence + 1 - first;
        let is_worth_it = after_late > 0 || count.saturating_sub(max) > max / PART;
        if wanted <= first || !(self.is_exact || is_worth_it) {
            return Ok(None);
        }
        let before = match self.is_exact {
            true => wanted,
            false => wanted.min(first.saturating_add(EVENTS_MAX)),
        };
        let done_before = match needs_done {
            true => after_done.max(first),
            false => u64::MAX,
        };
        Ok(Some(Over {
            first,
            before: before.min(done_before),
            is_held: before > done_before,
        }))
    }
}
