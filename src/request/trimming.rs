//! `measureTrim` and `storeTrim`: how the oldest events of an instance are trimmed. Those of a stream are trimmed [by
//! themselves](stream).
//!
//! The first one finds out, a page at a time, how many bytes the events have that are to go. The second one moves the
//! [horizon](crate::engine::Horizon) over all of them at once, in the writer's turn, unless another caller has moved it in
//! the meantime. So the writer reads no event for that, and what is left is right at each commit. A trim that is made for the
//! [retention](super::retention) of an instance is given up by both if that is another one by then.

mod stream;

pub(super) use self::stream::{measure as measure_stream, store as store_stream};
use super::consumers::{discard_up_to, holder_in_batch, holder_in_snapshot};
use super::erasing;
use super::evidence;
use super::listing::{instance_of, options};
use super::named_instance::{find_in_batch, find_in_snapshot};
use super::response::Answer;
use super::retained::{GapsInBatch, horizon_in, horizon_of, put_out_up_to};
use super::retention::Policy;
use crate::arguments::{self, Arguments};
use crate::engine::{Fault, Horizon};
use crate::error::{CheckpointConflict, Code, Error};
use crate::json;
use crate::seam::{ReadSnapshot, Transaction};
use crate::timestamp;

/// How many events a page measures, at most.
const PAGE_EVENTS: u64 = 65_536;

/// The position before which events are to go: at most the one after the last event's.
fn before_position(raw: Option<&str>, last: u64) -> Result<u64, Error> {
    let path = "beforePosition";
    let next = last + 1;
    let expected = format!("a whole number from 1 to {next}, the position after the last event");
    let raw = arguments::required(path, raw, &expected)?;
    let before = arguments::whole_number_as(path, raw, &expected)?;
    if (1..=next).contains(&before) {
        return Ok(before);
    }
    Err(arguments::unexpected(path, &expected, raw))
}

/// Whether events are to go that a consumer has not acknowledged.
fn is_forced(raw: Option<&str>) -> Result<bool, Error> {
    raw.map_or(Ok(false), |raw| arguments::boolean("force", raw))
}

/// The rule that a trim is made for, and the number of the instance that it was read of.
struct Rule {
    number: u64,
    policy: Policy,
}

impl Rule {
    /// Reads it, if the trim is made for one.
    fn parse(number: Option<&str>, retention: Option<&str>) -> Result<Option<Self>, Error> {
        let Some(retention) = retention else {
            return Ok(None);
        };
        let number = arguments::required("number", number, "a whole number")?;
        Ok(Some(Self {
            number: arguments::whole_number("number", number)?,
            policy: Policy::parse("retention", retention)?,
        }))
    }

    /// Whether the instance has it still.
    fn holds(&self, number: u32, policy: Option<&Policy>) -> bool {
        self.number == u64::from(number) && policy == Some(&self.policy)
    }
}

/// The answer to a trim that was made for a rule which is not that of the instance any more.
fn superseded() -> Answer {
    Answer::of_data("{\"isSuperseded\":true}".to_owned())
}

/// Measures the next events that are to go, from the position `from` on, or from the first one. The answer has the bytes of
/// their records, and where the next page begins.
pub(super) fn measure(
    arguments: &Arguments<'_>,
    snapshot: &dyn ReadSnapshot,
) -> Result<Answer, Fault> {
    let keys = [
        "instance",
        "beforePosition",
        "force",
        "from",
        "number",
        "retention",
    ];
    let [instance, before, force, from, made, retention] = options(arguments.get(0), keys)?;
    let rule = Rule::parse(made, retention)?;
    let is_forced = is_forced(force)?;
    let number = find_in_snapshot("instance", &instance_of(instance)?, snapshot)?;
    if let Some(rule) = rule
        && !rule.holds(number, Policy::read(snapshot, number)?.as_ref())
    {
        return Ok(superseded());
    }
    let last = snapshot.instance(number)?.head.last_position;
    let before = before_position(before, last)?;
    let horizon = horizon_of(snapshot, number)?;
    let (first, out) = (horizon.first_position(), horizon.bytes);
    let from = match from {
        Some(raw) => arguments::whole_number("from", raw)?.max(first),
        None => first,
    };
    if from == first && first < before && !is_forced {
        let holder = holder_in_snapshot(snapshot, number, before - 1)?;
        refuse_held("beforePosition", holder)?;
    }
    let end = before.min(from.saturating_add(PAGE_EVENTS));
    let mut bytes = 0;
    snapshot
        .chunks(number)?
        .each(&mut (from..end), &mut |_, record| {
            bytes += record.bytes() as u64;
            Ok(std::ops::ControlFlow::Continue(()))
        })?;
    let next = match end {
        end if end < before => end.to_string(),
        _ => "null".to_owned(),
    };
    let erasures = erasing::count(snapshot, number)?;
    let hashed = evidence::hashed(snapshot, number)?;
    let hash_to = hash_to(before - 1, horizon);
    let is_unhashed = first < before && hashed.is_some_and(|hashed| hashed < hash_to);
    let mut data = format!(
        "{{\"number\":{number},\"erasures\":{erasures},\"first\":{first},\"out\":{out},\"bytes\":{bytes},\"next\":{next},\"isUnhashed\":{is_unhashed},\"hashTo\":{hash_to},\"instanceId\":"
    );
    let instance = snapshot.instance(number)?;
    json::write_string(&mut data, &instance.id);
    let created_at = timestamp::format(instance.created_at_ms);
    data.push_str(&format!(",\"createdAt\":\"{created_at}\"}}"));
    Ok(Answer::of_data(data))
}

/// Has the events before a position be out, if the instance still begins where they were measured from.
pub(super) fn store(
    arguments: &Arguments<'_>,
    batch: &mut dyn Transaction,
) -> Result<Answer, Fault> {
    let keys = [
        "instance",
        "beforePosition",
        "force",
        "number",
        "erasures",
        "first",
        "out",
        "bytes",
        "retention",
    ];
    let [
        instance,
        before,
        force,
        made,
        erasures,
        first,
        out,
        bytes,
        retention,
    ] = options(arguments.get(0), keys)?;
    let whole = |path, raw| {
        arguments::whole_number(path, arguments::required(path, raw, "a whole number")?)
    };
    let (expected, measured_from) = (whole("number", made)?, whole("first", first)?);
    let (measured_out, bytes) = (whole("out", out)?, whole("bytes", bytes)?);
    let erasures = whole("erasures", erasures)?;
    let is_forced = is_forced(force)?;
    let rule = Rule::parse(made, retention)?;
    let instance = instance_of(instance)?;
    let number = find_in_batch("instance", &instance, batch)?;
    if let Some(rule) = rule
        && !rule.holds(number, Policy::in_batch(batch, number)?.as_ref())
    {
        return Ok(superseded());
    }
    if u64::from(number) != expected {
        let text = format!("the instance {instance:?} was deleted and made anew meanwhile");
        return Err(Fault::refused(Code::InstanceNotFound, text));
    }
    let before = before_position(before, batch.instance(number)?.head.last_position)?;
    let horizon = horizon_in(batch, number)?;
    // By the bytes that are out it is known whether other events have gone meanwhile, such as those of a stream.
    // An erasure leaves events with fewer bytes than were measured.
    if (horizon.first_position(), horizon.bytes) != (measured_from, measured_out)
        || erasing::are_more_than(batch, number, erasures)?
    {
        return Ok(Answer::of_data("{\"stored\":false}".to_owned()));
    }
    let mut first = measured_from;
    let mut trimmed = before.saturating_sub(measured_from);
    if trimmed > 0 {
        let position = before - 1;
        if is_forced {
            discard_up_to(batch, number, position)?;
        } else {
            refuse_held("beforePosition", holder_in_batch(batch, number, position)?)?;
        }
        // What is dropped cannot be hashed any more.
        let hash_to = hash_to(position, horizon);
        if evidence::hashed_in(batch, number)?.is_some_and(|hashed| hashed < hash_to) {
            return Ok(Answer::of_data("{\"stored\":false}".to_owned()));
        }
        let gaps = GapsInBatch::of(batch, number, horizon)?;
        trimmed -= gaps.count(batch, measured_from..=position)?;
        first = put_out_up_to(batch, number, (position, bytes))?.first_position();
    }
    let bytes = if first > measured_from { bytes } else { 0 };
    Ok(Answer::of_data(format!(
        "{{\"stored\":true,\"firstPosition\":{first},\"events\":{trimmed},\"bytes\":{bytes}}}"
    )))
}

/// Up to which position the tree of an instance has to have hashed events before those up to a position can be out. What is
/// out between others can be before all that are left then.
fn hash_to(position: u64, horizon: Horizon) -> u64 {
    position.max(horizon.last_out())
}

/// Refuses to take away what a consumer has not acknowledged.
fn refuse_held(path: &str, holder: Option<CheckpointConflict>) -> Result<(), Error> {
    holder.map_or(Ok(()), |conflict| {
        Err(Error::not_acknowledged(path, conflict))
    })
}
