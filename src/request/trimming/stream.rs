//! `measureStreamTrim` and `storeStreamTrim`: how the first events of a stream are trimmed, wherever they stand.
//!
//! The first one finds out, a page at a time and from the newest of them back, where the events stand that are to go, and how
//! many bytes they have. The second one has all of them be out at once, in the writer's turn, unless another caller has trimmed
//! any of them in the meantime. So the writer looks for no event.

use std::ops::ControlFlow;

use super::{Rule, hash_to, is_forced, refuse_held, superseded};
use crate::arguments::{self, Arguments};
use crate::engine::{Fault, Horizon};
use crate::error::{Code, Error};
use crate::json;
use crate::request::consumers::{discard_at, holder_of_any, reader_before};
use crate::request::erasing;
use crate::request::evidence;
use crate::request::listing::{instance_of, options};
use crate::request::named_instance::{find_in_batch, find_in_snapshot};
use crate::request::response::Answer;
use crate::request::retained::{StreamHorizon, horizon_in, horizon_of, put_out_of_stream};
use crate::request::retention::Policy;
use crate::seam::{EventChain, ReadSnapshot, Transaction};
use crate::timestamp;

/// How many events a page measures, at most.
const PAGE_EVENTS: usize = 65_536;

/// What the trim is called by that a consumer keeps from being made.
const BEFORE: &str = "beforeSequence";

/// The id of the stream.
fn stream_of(raw: Option<&str>) -> Result<String, Error> {
    let expected = "the id of a stream";
    let raw = arguments::required("stream", raw, expected)?;
    Ok(arguments::identifier("stream", raw, expected)?.into_owned())
}

/// The sequence number before which events are to go: at most the one after the last event's.
fn before_sequence(raw: Option<&str>, last: u64) -> Result<u64, Error> {
    let next = last + 1;
    let expected =
        format!("a whole number from 1 to {next}, the number after the last event of the stream");
    let raw = arguments::required(BEFORE, raw, &expected)?;
    let before = arguments::whole_number_as(BEFORE, raw, &expected)?;
    if (1..=next).contains(&before) {
        return Ok(before);
    }
    Err(arguments::unexpected(BEFORE, &expected, raw))
}

fn whole(path: &str, raw: Option<&str>) -> Result<u64, Error> {
    arguments::whole_number(path, arguments::required(path, raw, "a whole number")?)
}

/// Where the event of a number stands, which the chain has.
fn place_of(chain: &dyn EventChain, sequence: u64) -> Result<u64, Fault> {
    let mut place = 0;
    chain.links_back(&mut |position, number, _| {
        place = position;
        Ok(match number > sequence {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        })
    })?;
    Ok(place)
}

/// What was measured of a page.
#[derive(Default)]
struct Measured {
    /// Where the events stand, newest first.
    positions: Vec<u64>,
    /// The bytes of their records.
    bytes: u64,
    /// The number and the position of the event that the next page begins with.
    next: Option<(u64, u64)>,
    /// Whether the tree of the instance has to grow before they can go, and up to which position.
    is_unhashed: bool,
    hash_to: u64,
}

impl Measured {
    /// Takes events of a stream, from the newest one back.
    fn take(&mut self, chain: &dyn EventChain) -> Result<(), Fault> {
        chain.each_back(&mut |position, record| {
            if self.positions.len() == PAGE_EVENTS {
                self.next = Some((record.sequence, position));
                return Ok(ControlFlow::Break(()));
            }
            self.positions.push(position);
            self.bytes += record.bytes() as u64;
            Ok(ControlFlow::Continue(()))
        })
    }

    /// Appends it to the members of an object.
    fn write(&self, out: &mut String) {
        let Self {
            positions,
            bytes,
            is_unhashed,
            hash_to,
            ..
        } = self;
        out.push_str(&format!(
            ",\"bytes\":{bytes},\"isUnhashed\":{is_unhashed},\"hashTo\":{hash_to},\"positions\":{positions:?},\"next\":"
        ));
        match self.next {
            Some((from, at)) => out.push_str(&format!("{{\"from\":{from},\"at\":{at}}}")),
            None => out.push_str("null"),
        }
    }
}

/// Measures the next events that are to go: those up to the number `from`, which stands at the position `at`, or the newest
/// ones. The answer has where they stand, newest first, the bytes of their records, and where the next page begins.
pub(in crate::request) fn measure(
    arguments: &Arguments<'_>,
    snapshot: &dyn ReadSnapshot,
) -> Result<Answer, Fault> {
    let keys = [
        "instance",
        "stream",
        BEFORE,
        "force",
        "from",
        "at",
        "number",
        "retention",
    ];
    let [instance, stream, before, force, from, at, made, rule] = options(arguments.get(0), keys)?;
    let is_forced = is_forced(force)?;
    let (instance, stream_id) = (instance_of(instance)?, stream_of(stream)?);
    let number = find_in_snapshot("instance", &instance, snapshot)?;
    if let Some(rule) = Rule::parse(made, rule)?
        && !rule.holds(number, Policy::read(snapshot, number)?.as_ref())
    {
        return Ok(superseded());
    }
    let horizon = horizon_of(snapshot, number)?;
    let mut chain = snapshot.stream(number, &stream_id)?;
    let before = before_sequence(before, chain.len())?;
    let first = chain.first()?;
    let mut measured = Measured::default();
    if first < before {
        let (from, at) = match from {
            Some(_) => (whole("from", from)?, whole("at", at)?),
            None => (before - 1, place_of(&*chain, before - 1)?),
        };
        if from + 1 == before {
            if !is_forced {
                refuse_held(BEFORE, reader_before(snapshot, number, at)?)?;
            }
            let hashed = evidence::hashed(snapshot, number)?;
            measured.hash_to = hash_to(at, horizon);
            measured.is_unhashed = hashed.is_some_and(|hashed| hashed < measured.hash_to);
        }
        // Somebody else may have trimmed what was to be measured next. The caller knows it by where the stream begins.
        if (first..before).contains(&from) {
            chain.cut(from, at);
            measured.take(&*chain)?;
        }
    }
    let own = StreamHorizon::of(snapshot, number, &stream_id, horizon)?;
    let instance = snapshot.instance(number)?;
    let mut data = format!(
        "{{\"number\":{number},\"erasures\":{},\"first\":{first},\"horizon\":{},\"own\":{}",
        erasing::count(snapshot, number)?,
        horizon.position,
        own.first
    );
    measured.write(&mut data);
    data.push_str(",\"instanceId\":");
    json::write_string(&mut data, &instance.id);
    let created_at = timestamp::format(instance.created_at_ms);
    data.push_str(&format!(",\"createdAt\":\"{created_at}\"}}"));
    Ok(Answer::of_data(data))
}

/// What is to be stored, as it was measured.
struct Given {
    instance: String,
    stream_id: String,
    is_forced: bool,
    rule: Option<Rule>,
    /// The number of the instance.
    number: u64,
    /// Where the stream began, the horizon of the instance, and the first number by that of the stream itself.
    first: u64,
    horizon: u64,
    own: u64,
    /// How many erasures the instance had had.
    erasures: u64,
    bytes: u64,
}

impl Given {
    /// Reads it. Returns it with `beforeSequence` and `positions`, as JSON text.
    fn parse<'a>(arguments: &Arguments<'a>) -> Result<(Self, [Option<&'a str>; 2]), Error> {
        let keys = [
            "instance",
            "stream",
            BEFORE,
            "force",
            "number",
            "first",
            "horizon",
            "own",
            "erasures",
            "positions",
            "bytes",
            "retention",
        ];
        let [
            instance,
            stream,
            before,
            force,
            number,
            first,
            horizon,
            own,
            erasures,
            positions,
            bytes,
            rule,
        ] = options(arguments.get(0), keys)?;
        let given = Self {
            instance: instance_of(instance)?,
            stream_id: stream_of(stream)?,
            is_forced: is_forced(force)?,
            rule: Rule::parse(number, rule)?,
            number: whole("number", number)?,
            first: whole("first", first)?,
            horizon: whole("horizon", horizon)?,
            own: whole("own", own)?,
            erasures: whole("erasures", erasures)?,
            bytes: whole("bytes", bytes)?,
        };
        Ok((given, [before, positions]))
    }
}

/// Has the events of a stream before a number be out, if the stream still begins where they were measured from. `positions`
/// are where they stand, oldest first.
pub(in crate::request) fn store(
    arguments: &Arguments<'_>,
    batch: &mut dyn Transaction,
) -> Result<Answer, Fault> {
    let (given, [before, positions]) = Given::parse(arguments)?;
    let (instance, stream_id) = (&given.instance, given.stream_id.as_str());
    let number = find_in_batch("instance", instance, batch)?;
    if let Some(rule) = &given.rule
        && !rule.holds(number, Policy::in_batch(batch, number)?.as_ref())
    {
        return Ok(superseded());
    }
    if u64::from(number) != given.number {
        let text = format!("the instance {instance:?} was deleted and made anew meanwhile");
        return Err(Fault::refused(Code::InstanceNotFound, text));
    }
    let before = before_sequence(before, batch.last_sequence(number, stream_id)?)?;
    let horizon = horizon_in(batch, number)?;
    let own = StreamHorizon::in_batch(batch, number, stream_id, horizon)?;
    // An erasure leaves events with fewer bytes than were measured.
    if (horizon.position, own.first) != (given.horizon, given.own)
        || erasing::are_more_than(batch, number, given.erasures)?
    {
        return Ok(Answer::of_data("{\"stored\":false}".to_owned()));
    }
    let positions = positions_of(positions, before.saturating_sub(given.first))?;
    let Some(last_out) = positions.last().copied() else {
        return Ok(answer(given.first, 0, 0, horizon));
    };
    let last = batch.instance(number)?.head.last_position;
    if positions.first().is_some_and(|it| *it <= horizon.position) || last_out > last {
        return Err(Error::internal("the trim", "the positions are of other events").into());
    }
    if given.is_forced {
        discard_at(batch, number, &positions)?;
    } else {
        refuse_held(BEFORE, holder_of_any(batch, number, &positions)?)?;
    }
    // What is dropped cannot be hashed any more.
    let hash_to = hash_to(last_out, horizon);
    if evidence::hashed_in(batch, number)?.is_some_and(|hashed| hashed < hash_to) {
        return Ok(Answer::of_data("{\"stored\":false}".to_owned()));
    }
    let gone = (positions.as_slice(), given.bytes);
    let horizon = put_out_of_stream(batch, number, (stream_id, before), gone)?;
    let events = positions.len() as u64;
    Ok(answer(before, events, given.bytes, horizon))
}

fn answer(first: u64, events: u64, bytes: u64, horizon: Horizon) -> Answer {
    let position = horizon.first_position();
    Answer::of_data(format!(
        "{{\"stored\":true,\"firstSequence\":{first},\"events\":{events},\"bytes\":{bytes},\"firstPosition\":{position}}}"
    ))
}

/// As many positions, ascending, as the package's JavaScript gives back.
fn positions_of(raw: Option<&str>, count: u64) -> Result<Vec<u64>, Error> {
    let expected = "an array of positions";
    let raw = arguments::required("positions", raw, expected)?;
    let positions: Option<Vec<u64>> = serde_json::from_str(raw).ok();
    let positions = positions.filter(|positions| {
        let ascend = positions.is_sorted_by(|one, next| one < next);
        ascend && positions.len() as u64 == count
    });
    positions.ok_or_else(|| Error::expected("positions", expected, "another one than was measured"))
}
