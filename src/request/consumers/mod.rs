//! Consumers: readers whose place in an instance is kept in the log.

mod checkpoint;
mod filter;
mod holding;
mod parked;
mod parking;
mod place;

pub(super) use self::checkpoint::{Checkpoint, KEY};
use self::filter::Counting;
pub(super) use self::filter::Filter;
pub(super) use self::holding::{
    discard_at, discard_up_to, holder_in_batch, holder_in_snapshot, holder_of_any, reader_before,
};
pub(super) use self::parked::{discard, extent as parked_extent, list as list_parked, retry};
pub use self::parking::Failed;
pub(super) use self::parking::{Parking, Retry, Tally, untold};
pub(super) use self::place::ConsumerPlace;
use super::encryption::Revealing;
use super::extent::Extent;
use super::list::List;
use super::listing::{self, instance_of, options};
use super::named_instance::{find_in_batch, find_in_snapshot};
use super::response::Answer;
use super::retained::{GapsInBatch, horizon_in};
use super::text::name;
use crate::arguments::{self, Arguments};
use crate::engine::Fault;
use crate::error::{Code, Error};
use crate::json::{self, Kind, Text};
use crate::seam::{ReadSnapshot, Transaction};
use crate::timestamp;

fn consumer_of(raw: Option<&str>) -> Result<String, Error> {
    let raw = arguments::required("consumer", raw, "the name of a consumer")?;
    name("consumer", raw, "a consumer")
}

/// So many chunks of an instance are counted in for a page of consumers. One that has come so far ends there, so that
/// many consumers which are far behind are no scan of the log for each.
const CHUNKS_PER_PAGE: usize = 16_384;

/// How much there is to be read to list consumers: all that the instance keeps beside its events, and the events if
/// some of them are to be counted.
pub(super) fn extent(
    arguments: &Arguments<'_>,
    snapshot: &dyn ReadSnapshot,
) -> Result<Extent, Fault> {
    let [instance, ..] = options(arguments.get(0), ["instance", "after", "limit"])?;
    let number = find_in_snapshot("instance", &instance_of(instance)?, snapshot)?;
    let states = Extent::of_rows(snapshot.state_count(number)?);
    if states == Extent::Small && Filter::any(snapshot, number)? {
        let instance = snapshot.instance(number)?;
        return Ok(Extent::of_events(instance.head.last_position, &instance));
    }
    Ok(states)
}

/// Lists the consumers that are asked for.
pub(super) fn list(
    arguments: &Arguments<'_>,
    snapshot: &dyn ReadSnapshot,
    revealing: &Revealing<'_>,
) -> Result<Answer, Fault> {
    let [instance, after, limit] = options(arguments.get(0), ["instance", "after", "limit"])?;
    let instance = instance_of(instance)?;
    let after = after
        .map(|raw| name("after", raw, "a consumer"))
        .transpose()?;
    let limit = listing::limit(limit, "consumers")?;
    let number = find_in_snapshot("instance", &instance, snapshot)?;
    let chunks = snapshot.chunks(number)?;
    // One more tells whether there are more.
    let mut consumers = ConsumerPlace::list(snapshot, number, after.as_deref(), limit + 1)?;
    let mut has_more = consumers.len() > limit;
    consumers.truncate(limit);
    // Most instances have neither, so that nothing is looked up for each consumer.
    let has_filters = Filter::any(snapshot, number)?;
    let has_parked = Parking::any(snapshot, number)?;
    let revealed = revealing.over(snapshot);
    let mut counting = Counting::of(snapshot, &revealed, number);
    let mut list = List::of_values();
    let mut json = String::new();
    for (consumer, place) in &consumers {
        if counting.chunks >= CHUNKS_PER_PAGE {
            has_more = true;
            break;
        }
        let filter = match has_filters {
            true => Filter::in_snapshot(snapshot, number, consumer)?,
            false => None,
        };
        let behind = match filter {
            Some(filter) => {
                let after = place.position.max(chunks.first() - 1);
                counting.after(after, &filter)?
            }
            None => chunks.count_after(place.position)?,
        };
        let tally = match has_parked {
            true => Parking { number, consumer }.tally_in_snapshot(snapshot)?,
            false => Tally::default(),
        };
        json.clear();
        write(&mut json, consumer, place, behind, tally);
        list.value(&json);
    }
    Ok(list.answer("consumers", &format!("\"hasMore\":{has_more}")))
}

/// Puts a consumer where the arguments say. Its subscriptions are to begin anew.
pub(super) fn reset(
    arguments: &Arguments<'_>,
    batch: &mut dyn Transaction,
) -> Result<Answer, Fault> {
    let [instance, consumer, position] =
        options(arguments.get(0), ["instance", "consumer", "position"])?;
    let (instance, consumer) = (instance_of(instance)?, consumer_of(consumer)?);
    let expected = "a whole number from 0 to the position of the last event, or \"end\"";
    let position = arguments::required("position", position, expected)?;
    let given = match is_end(position) {
        true => None,
        false => Some(arguments::whole_number_as("position", position, expected)?),
    };
    let number = find_in_batch("instance", &instance, batch)?;
    let last = batch.instance(number)?.head.last_position;
    let position = within("position", given.unwrap_or(last), last)?;
    let horizon = horizon_in(batch, number)?;
    if position < horizon.position {
        let (first, found) = (horizon.first_position(), position.to_string());
        return Err(Error::before_first_position("position", first, &found).into());
    }
    let place = ConsumerPlace::in_batch(batch, number, &consumer)?
        .ok_or_else(|| not_found("consumer", &consumer))?
        .reset(position, batch.now_ms());
    place.put(batch, number, &consumer)?;
    let parking = Parking {
        number,
        consumer: &consumer,
    };
    // It is given them anew. What it has parked before that is nowhere else.
    let mut again = parking.positions(batch)?;
    again.retain(|parked| *parked > position);
    parking.discard(again, batch)?;
    let tally = parking.tally(batch)?;
    let behind = GapsInBatch::of(batch, number, horizon)?.count_after(batch, position, last)?;
    Ok(answer(&consumer, &place, behind, tally))
}

/// Forgets a consumer, and tells where it was.
pub(super) fn delete(
    arguments: &Arguments<'_>,
    batch: &mut dyn Transaction,
) -> Result<Answer, Fault> {
    let [instance, consumer] = options(arguments.get(0), ["instance", "consumer"])?;
    let (instance, consumer) = (instance_of(instance)?, consumer_of(consumer)?);
    let number = find_in_batch("instance", &instance, batch)?;
    let last = batch.instance(number)?.head.last_position;
    let place = ConsumerPlace::in_batch(batch, number, &consumer)?
        .ok_or_else(|| not_found("consumer", &consumer))?;
    ConsumerPlace::delete(batch, number, &consumer)?;
    Filter::keep(None, batch, number, &consumer)?;
    let parking = Parking {
        number,
        consumer: &consumer,
    };
    let tally = parking.tally(batch)?;
    parking.delete(batch)?;
    let horizon = horizon_in(batch, number)?;
    let gaps = GapsInBatch::of(batch, number, horizon)?;
    let behind = gaps.count_after(batch, place.position, last)?;
    Ok(answer(&consumer, &place, behind, tally))
}

/// The answer to what moves the consumer of a subscription.
pub(super) fn moved(place: &ConsumerPlace) -> Answer {
    let ConsumerPlace {
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

/// The answer to what changes a consumer. Every event after its position counts: nobody waits in the writer's turn for
/// those that match to be counted.
fn answer(consumer: &str, place: &ConsumerPlace, behind: u64, tally: Tally) -> Answer {
    let mut data = String::from("{\"consumer\":");
    write(&mut data, consumer, place, behind, tally);
    data.push('}');
    Answer::of_data(data)
}

fn write(out: &mut String, consumer: &str, place: &ConsumerPlace, behind: u64, tally: Tally) {
    out.push_str("{\"consumer\":");
    json::write_string(out, consumer);
    let (position, parked) = (place.position, tally.parked);
    out.push_str(&format!(
        ",\"position\":{position},\"behind\":{behind},\"parked\":{parked},\"timestamp\":\""
    ));
    timestamp::write(out, place.changed_at_ms);
    out.push_str("\"}");
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::engine::NewEvent;
    use crate::engine::test::{Site, run};
    use crate::request::encryption::Keys;

    /// How many blocks of one event there are.
    const BLOCKS: usize = 1_000;

    /// How many consumers there are that have all of them ahead.
    const CONSUMERS: usize = 20;

    /// What `listConsumers` answers, after that consumer.
    fn page(engine: &crate::engine::Engine, after: Option<&str>) -> (Vec<(String, u64)>, bool) {
        let arguments = serde_json::json!([{ "instance": "log", "after": after }]).to_string();
        let arguments = Arguments::parse(&arguments).unwrap();
        let keys = Keys::default();
        let revealing = Revealing::by(&keys);
        let answer = list(&arguments, &engine.snapshot().unwrap(), &revealing).unwrap();
        assert!(answer.pieces.is_empty());
        // `"consumers",rest,5,count,consumer …`
        let values: Vec<Value> = serde_json::from_str(&format!("[{}]", answer.values)).unwrap();
        let consumers = values[4..].iter().map(|consumer| {
            let name = consumer["consumer"].as_str().unwrap().to_owned();
            (name, consumer["behind"].as_u64().unwrap())
        });
        (consumers.collect(), values[1]["hasMore"] == true)
    }

    #[test]
    fn a_page_ends_where_enough_was_counted_and_all_pages_have_each_consumer_once() {
        let site = Site::new(1 << 16, 1);
        let engine = site.open();
        run(&engine, |batch| {
            let number = batch.create("log", "log", None)?;
            for n in 0..BLOCKS {
                let event = NewEvent {
                    stream_id: if n % 4 == 0 { "a" } else { "b" },
                    event_type: "made",
                    payload: "{}",
                    metadata: "{}",
                    timestamp_ms: None,
                    call: None,
                };
                batch.append(number, &event)?;
            }
            for n in 0..CONSUMERS {
                let consumer = format!("c{n:02}");
                ConsumerPlace::new(0, 0).put(batch, number, &consumer)?;
                let filter = Filter::of(Some("\"a\""), None);
                Filter::keep(Some(&filter), batch, number, &consumer)?;
            }
            Ok(())
        })
        .unwrap();
        let (mut consumers, has_more) = page(&engine, None);
        assert!(has_more);
        assert_eq!(consumers.len(), CHUNKS_PER_PAGE.div_ceil(BLOCKS));
        let last = consumers.last().unwrap().0.clone();
        let (rest, has_more) = page(&engine, Some(&last));
        assert!(!has_more);
        consumers.extend(rest);
        let expected = (0..CONSUMERS).map(|n| (format!("c{n:02}"), BLOCKS as u64 / 4));
        assert_eq!(consumers, expected.collect::<Vec<_>>());
        engine.close().unwrap();
    }
}
