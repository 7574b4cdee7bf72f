//! How far a log is with an instance that is copied.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::mark::{MARK, Mark};
use super::place::{by_id, changing};
use super::states::{BITS_MAX, StateSums};
use crate::arguments::{self, Arguments};
use crate::engine::Fault;
use crate::error::Error;
use crate::request::erasing::erased_up_to;
use crate::request::listing::{instance_of, options};
use crate::request::response::Answer;
use crate::seam::ReadSnapshot;

/// Tells how an instance stands: its last event, the sums of its states, and what a copy has noted. All that is of one
/// moment.
pub(in crate::request) fn stand(
    arguments: &Arguments<'_>,
    snapshot: &dyn ReadSnapshot,
) -> Result<Answer, Fault> {
    let [instance, bits] = options(arguments.get(0), ["instance", "bits"])?;
    let bits = bits_of(bits)?;
    let Some((number, instance)) = by_id(snapshot, &instance_of(instance)?)? else {
        return Ok(Answer::of_data("{\"found\":false}".to_owned()));
    };
    let (created, position) = (instance.created_at_ms, instance.head.last_position);
    let changing = changing(&instance);
    let mut last_id = "null".to_owned();
    let chunks = snapshot.chunks(number)?;
    if !chunks.is_out(position)? {
        chunks.at(position, &mut |record| {
            last_id = format!("\"{}\"", record.id);
        })?;
    }
    let sums = StateSums::of(snapshot, number, bits)?;
    let mark = snapshot.state(number, MARK)?;
    let mark = mark.map(|bytes| Mark::decode(&bytes)).transpose()?;
    let is_whole = mark.is_some_and(|mark| mark.states == Some(sums.total));
    let noted = match mark {
        None => "none",
        Some(mark) if mark.position != position => "events",
        Some(mark) if mark.states.is_some() && !is_whole => "states",
        Some(_) => "kept",
    };
    let (total, buckets) = (BASE64.encode(sums.total), BASE64.encode(sums.bytes()));
    let count = sums.count;
    let [erased] = erased_up_to(snapshot, number, [position])?;
    Ok(Answer::of_data(format!(
        "{{\"found\":true,\"createdAt\":\"{created}\",\"position\":{position},\"lastId\":{last_id},\
         \"changing\":\"{changing}\",\"mark\":\"{noted}\",\"isWhole\":{is_whole},\"erased\":\"{erased}\",\"states\":{count},\"sum\":\"{total}\",\
         \"bits\":{bits},\"buckets\":\"{buckets}\"}}"
    )))
}

/// How many bits of a state's name say which bucket it falls into.
///
/// # Errors
///
/// `INVALID_ARGUMENT`.
pub(super) fn bits_of(raw: Option<&str>) -> Result<u32, Error> {
    let expected = "a whole number of bits";
    let bits = arguments::whole_number("bits", arguments::required("bits", raw, expected)?)?;
    let bits = u32::try_from(bits).ok().filter(|bits| *bits <= BITS_MAX);
    bits.ok_or_else(|| Error::expected("bits", expected, "more than there can be"))
}
