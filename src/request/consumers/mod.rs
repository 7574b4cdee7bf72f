//! Consumers: readers whose place in an instance is kept in the log.

mod checkpoint;
mod place;

pub(super) use self::checkpoint::{Checkpoint, KEY};
pub(super) use self::place::Place;
use super::arguments::Arguments;
use super::extent::Extent;
use super::listing::{self, instance_of, options};
use super::name::name;
use super::response::Answer;
use super::time_text;
use crate::engine::{Batch, Fault, Snapshot};
use crate::error::{Code, Error};
use crate::json::{self, Kind, Text};
use crate::query::shape;

fn consumer_of(raw: Option<&str>) -> Result<String, Error> {
    let raw = shape::required("consumer", raw, "the name of a consumer")?;
    name("consumer", raw, "a consumer")
}

/// How much there is to be read to list consumers: all that the instance keeps beside its events.
pub(super) fn extent(arguments: &Arguments<'_>, snapshot: &Snapshot) -> Result<Extent, Fault> {
    let [instance, ..] = options(arguments.get(0), ["instance", "after", "limit"])?;
    let number = snapshot.find(&instance_of(instance)?)?;
    Ok(Extent::of_rows(snapshot.state_count(number)?))
}

/// Lists the consumers that are asked for.
pub(super) fn list(arguments: &Arguments<'_>, snapshot: &Snapshot) -> Result<Answer, Fault> {
    let [instance, after, limit] = options(arguments.get(0), ["instance", "after", "limit"])?;
    let instance = instance_of(instance)?;
    let after = after
        .map(|raw| name("after", raw, "a consumer"))
        .transpose()?;
    let limit = listing::limit(limit, "consumers")?;
    let number = snapshot.find(&instance)?;
    let last = snapshot.instance(number)?.head.last_position;
    // One more tells whether there are more.
    let mut consumers = Place::list(snapshot, number, after.as_deref(), limit + 1)?;
    let has_more = consumers.len() > limit;
    consumers.truncate(limit);
    let mut data = String::from("{\"consumers\":[");
    for (index, (consumer, place)) in consumers.iter().enumerate() {
        if index > 0 {
            data.push(',');
        }
        write(&mut data, consumer, place, last);
    }
    data.push_str(&format!("],\"hasMore\":{has_more}}}"));
    Ok(Answer::of_data(data))
}

/// Puts a consumer where the arguments say. Its subscriptions are to begin anew.
pub(super) fn reset(arguments: &Arguments<'_>, batch: &mut Batch<'_>) -> Result<Answer, Fault> {
    let [instance, consumer, position] =
        options(arguments.get(0), ["instance", "consumer", "position"])?;
    let (instance, consumer) = (instance_of(instance)?, consumer_of(consumer)?);
    let expected = "a whole number from 0 to the position of the last event, or \"end\"";
    let position = shape::required("position", position, expected)?;
    let given = match is_end(position) {
        true => None,
        false => Some(
            shape::whole_number("position", position)
                .map_err(|_| shape::unexpected("position", expected, position))?,
        ),
    };
    let number = batch.find(&instance)?;
    let last = batch.instance(number)?.head.last_position;
    let position = within("position", given.unwrap_or(last), last)?;
    let place = Place::in_batch(batch, number, &consumer)?
        .ok_or_else(|| not_found("consumer", &consumer))?
        .reset(position, batch.now_ms());
    place.put(batch, number, &consumer)?;
    Ok(answer(&consumer, &place, last))
}

/// Forgets a consumer, and tells where it was.
pub(super) fn delete(arguments: &Arguments<'_>, batch: &mut Batch<'_>) -> Result<Answer, Fault> {
    let [instance, consumer] = options(arguments.get(0), ["instance", "consumer"])?;
    let (instance, consumer) = (instance_of(instance)?, consumer_of(consumer)?);
    let number = batch.find(&instance)?;
    let last = batch.instance(number)?.head.last_position;
    let place = Place::in_batch(batch, number, &consumer)?
        .ok_or_else(|| not_found("consumer", &consumer))?;
    Place::delete(batch, number, &consumer)?;
    Ok(answer(&consumer, &place, last))
}

/// The answer to what moves the consumer of a subscription.
pub(super) fn moved(place: &Place) -> Answer {
    let Place {
        position,
        generation,
        ..
    } = place;
    Answer::of_data(format!(
        "{{\"position\":{position},\"generation\":{generation}}}"
    ))
}

/// Whether a position is said to be that of the last event.
pub(super) fn is_end(raw: &str) -> bool {
    Kind::of(raw) == Kind::String && Text::decode(raw).as_str() == Some("end")
}

/// The position, which must not be past the last event.
pub(super) fn within(path: &str, position: u64, last: u64) -> Result<u64, Error> {
    if position <= last {
        return Ok(position);
    }
    let expected = format!("at most the position of the last event, {last}");
    Err(Error::expected(path, &expected, &position.to_string()))
}

/// The failure that there is no consumer of that name.
pub(super) fn not_found(path: &str, consumer: &str) -> Error {
    Error::new(
        Code::ConsumerNotFound,
        format!(
            "{path}: expected the name of a consumer, found {consumer:?}, which the instance does not \
             have: a subscription with `consumer` makes it"
        ),
    )
}

fn answer(consumer: &str, place: &Place, last: u64) -> Answer {
    let mut data = String::from("{\"consumer\":");
    write(&mut data, consumer, place, last);
    data.push('}');
    Answer::of_data(data)
}

fn write(out: &mut String, consumer: &str, place: &Place, last: u64) {
    out.push_str("{\"consumer\":");
    json::write_string(out, consumer);
    let (position, behind) = (place.position, last.saturating_sub(place.position));
    out.push_str(&format!(
        ",\"position\":{position},\"behind\":{behind},\"timestamp\":\""
    ));
    time_text::write(out, place.changed_at_ms);
    out.push_str("\"}");
}
