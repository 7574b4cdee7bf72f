//! The events that a consumer has parked, as callers see them.

use std::collections::BTreeSet;

use super::parking::Parking;
use super::{ConsumerPlace, consumer_of, not_found, within};
use crate::arguments::{self, Arguments};
use crate::engine::Fault;
use crate::error::Error;
use crate::json;
use crate::request::extent::Extent;
use crate::request::limits::POSITIONS_MAX;
use crate::request::list::List;
use crate::request::listing::{self, instance_of, options};
use crate::request::named_instance::{find_in_batch, find_in_snapshot};
use crate::request::response::Answer;
use crate::seam::{ReadSnapshot, Transaction};
use crate::timestamp;

/// How much there is to be read to list what is parked: all that the instance keeps beside its events.
pub(in crate::request) fn extent(
    arguments: &Arguments<'_>,
    snapshot: &dyn ReadSnapshot,
) -> Result<Extent, Fault> {
    let [instance, ..] = options(arguments.get(0), ["instance", "consumer", "after", "limit"])?;
    let number = find_in_snapshot("instance", &instance_of(instance)?, snapshot)?;
    Ok(Extent::of_rows(snapshot.state_count(number)?))
}

/// Lists events that a consumer has parked.
pub(in crate::request) fn list(
    arguments: &Arguments<'_>,
    snapshot: &dyn ReadSnapshot,
) -> Result<Answer, Fault> {
    let keys = ["instance", "consumer", "after", "limit"];
    let [instance, consumer, after, limit] = options(arguments.get(0), keys)?;
    let (instance, consumer) = (instance_of(instance)?, consumer_of(consumer)?);
    let after = after.map(|raw| arguments::whole_number("after", raw));
    let after = after.transpose()?.unwrap_or_default();
    let limit = listing::limit(limit, "events")?;
    let number = find_in_snapshot("instance", &instance, snapshot)?;
    if ConsumerPlace::in_snapshot(snapshot, number, &consumer)?.is_none() {
        return Err(not_found("consumer", &consumer).into());
    }
    let last = snapshot.instance(number)?.head.last_position;
    let after = within("after", after, last)?;
    let parking = Parking {
        number,
        consumer: &consumer,
    };
    // One more tells whether there are more.
    let mut parked = parking.list(after, limit + 1, snapshot)?;
    let has_more = parked.len() > limit;
    parked.truncate(limit);
    let mut list = List::of_values();
    let mut data = String::new();
    for (position, parked) in &parked {
        data.clear();
        data.push_str(&format!("{{\"position\":{position},\"error\":"));
        match &parked.error {
            Some(error) => json::write_string(&mut data, error),
            None => data.push_str("null"),
        }
        let (attempts, retrying) = (parked.attempts, parked.turn > 0);
        data.push_str(&format!(
            ",\"attempts\":{attempts},\"retrying\":{retrying},\"timestamp\":\""
        ));
        timestamp::write(&mut data, parked.at_ms);
        data.push_str("\"}");
        list.value(&data);
    }
    Ok(list.answer("parked", &format!("\"hasMore\":{has_more}")))
}

/// Puts events back: all that are parked and were not put back, or those at the positions that are given.
pub(in crate::request) fn retry(
    arguments: &Arguments<'_>,
    batch: &mut dyn Transaction,
) -> Result<Answer, Fault> {
    change(arguments, batch, |parking, given, batch| {
        let positions = match given {
            Some(positions) => positions,
            None => waiting(parking, batch)?,
        };
        parking.put_back(positions, batch)
    })
}

/// Forgets events: all that are parked, or those at the positions that are given.
pub(in crate::request) fn discard(
    arguments: &Arguments<'_>,
    batch: &mut dyn Transaction,
) -> Result<Answer, Fault> {
    change(arguments, batch, |parking, given, batch| {
        let positions = match given {
            Some(positions) => positions,
            None => parking.positions(batch)?.into_iter().collect(),
        };
        parking.discard(positions, batch)
    })
}

/// The positions of the events that are parked and were not put back.
fn waiting(parking: &Parking<'_>, batch: &mut dyn Transaction) -> Result<BTreeSet<u64>, Fault> {
    let mut waiting = BTreeSet::new();
    for position in parking.positions(batch)? {
        let parked = parking.entry(position, batch)?;
        if parked.is_some_and(|parked| parked.turn == 0) {
            waiting.insert(position);
        }
    }
    Ok(waiting)
}

/// Makes a change to what a consumer has parked, and tells how many events it is of.
fn change(
    arguments: &Arguments<'_>,
    batch: &mut dyn Transaction,
    change: impl FnOnce(&Parking<'_>, Option<BTreeSet<u64>>, &mut dyn Transaction) -> Result<u64, Fault>,
) -> Result<Answer, Fault> {
    let keys = ["instance", "consumer", "positions"];
    let [instance, consumer, positions] = options(arguments.get(0), keys)?;
    let (instance, consumer) = (instance_of(instance)?, consumer_of(consumer)?);
    let positions = positions.map(positions_of).transpose()?;
    let number = find_in_batch("instance", &instance, batch)?;
    if ConsumerPlace::in_batch(batch, number, &consumer)?.is_none() {
        return Err(not_found("consumer", &consumer).into());
    }
    let parking = Parking {
        number,
        consumer: &consumer,
    };
    for (index, position) in positions.iter().flatten().enumerate() {
        if parking.entry(*position, batch)?.is_none() {
            let path = format!("positions[{index}]");
            let expected = "the position of an event that is parked";
            return Err(Error::expected(&path, expected, &position.to_string()).into());
        }
    }
    let positions = positions.map(|positions| positions.into_iter().collect());
    let count = change(&parking, positions, batch)?;
    Ok(Answer::of_data(format!("{{\"count\":{count}}}")))
}

fn positions_of(raw: &str) -> Result<Vec<u64>, Error> {
    let expected = "an array of positions";
    let elements = arguments::list("positions", raw, expected, POSITIONS_MAX, "positions")?;
    let positions = elements.into_iter().enumerate();
    let positions = positions
        .map(|(index, raw)| arguments::whole_number(format_args!("positions[{index}]"), raw));
    positions.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn positions_are_those_that_are_given() {
        assert_eq!(positions_of("[3,1,1e1]"), Ok(vec![3, 1, 10]));
        assert_eq!(positions_of("[]"), Ok(vec![]));
        for (raw, text) in [
            ("7", "positions: expected an array of positions, found 7"),
            ("[1,-1]", "positions[1]: expected a whole number from 0"),
        ] {
            let error = positions_of(raw).unwrap_err();
            assert!(error.text().starts_with(text), "{error}");
        }
        let many = format!("[{}1]", "1,".repeat(POSITIONS_MAX));
        assert_eq!(positions_of(&many).unwrap_err().code(), Code::LimitExceeded);
    }
}
