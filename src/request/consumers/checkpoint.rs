//! A checkpoint that is stored with events: what a consumer has made of an event, and that it has.

use std::borrow::Cow;

use super::parking::{Parking, Retry};
use super::place::ConsumerPlace;
use super::{not_found, within};
use crate::arguments::{self, identifier};
use crate::engine::Fault;
use crate::error::{CheckpointConflict, Error};
use crate::request::listing::INSTANCE;
use crate::request::named_instance::{find_in_batch, placed_error};
use crate::request::text::name;
use crate::seam::Transaction;

/// The key of a call's checkpoint.
pub(in crate::request) const KEY: &str = "checkpoint";

const INSTANCE_PATH: &str = "checkpoint.instance";

/// That a consumer is done with the events up to a position.
#[derive(Clone, Debug)]
pub(in crate::request) struct Checkpoint {
    consumer: String,
    position: u64,
    /// The instance that the consumer reads, if it is not the one that is appended to.
    instance: Option<String>,
    /// That of the consumer when the subscription began which the event is from, if it is from one.
    generation: Option<u64>,
    /// The turn in which the event was put back, if it had been parked: then the consumer is past it already.
    retry: Option<u64>,
}

/// A consumer that a checkpoint may move.
#[derive(Clone, Copy, Debug)]
pub(in crate::request) struct FoundConsumer {
    number: u32,
    place: ConsumerPlace,
}

impl Checkpoint {
    /// Reads the value of [`KEY`].
    pub(in crate::request) fn parse(raw: Option<&str>) -> Result<Option<Self>, Error> {
        let Some(raw) = raw else {
            return Ok(None);
        };
        let keys = ["consumer", "position", "instance", "generation", "retry"];
        let [consumer, position, instance, generation, retry] = arguments::members(KEY, raw, keys)?;
        let path = "checkpoint.consumer";
        let consumer = arguments::required(path, consumer, "the name of a consumer")?;
        let consumer = name(path, consumer, "a consumer")?;
        let path = "checkpoint.position";
        let expected = "the position of an event";
        let position = arguments::required(path, position, expected)?;
        let position = arguments::whole_number(path, position)?;
        if position == 0 {
            return Err(Error::expected(path, expected, "0"));
        }
        let instance = instance.map(|raw| identifier(INSTANCE_PATH, raw, INSTANCE));
        let path = "checkpoint.generation";
        let generation = generation.map(|raw| arguments::whole_number(path, raw));
        let retry = retry.map(|raw| arguments::whole_number("checkpoint.retry", raw));
        Ok(Some(Self {
            consumer,
            position,
            instance: instance.transpose()?.map(Cow::into_owned),
            generation: generation.transpose()?,
            retry: retry.transpose()?,
        }))
    }

    /// Finds the consumer, which must stand before the position. Without a `number`, the instance that is
    /// appended to does not exist yet.
    ///
    /// # Errors
    ///
    /// `CHECKPOINT_CONFLICT`, `CONSUMER_NOT_FOUND`, `INSTANCE_NOT_FOUND`, `INVALID_ARGUMENT`; a storage
    /// fault.
    pub(in crate::request) fn check(
        &self,
        number: Option<u32>,
        batch: &mut dyn Transaction,
    ) -> Result<FoundConsumer, Fault> {
        let found = self.find(number, batch)?;
        if self.is_ahead(found, batch)? {
            return Ok(found);
        }
        if self.retry.is_some() {
            return Err(Error::not_retrying(KEY, self.conflict(found.place)).into());
        }
        Err(Error::checkpoint_conflict(KEY, self.conflict(found.place)).into())
    }

    /// Whether the event is still to be done.
    fn is_ahead(&self, found: FoundConsumer, batch: &mut dyn Transaction) -> Result<bool, Fault> {
        match self.retry() {
            Some(retry) => self.parking(found).is_retrying(retry, batch),
            None => Ok(found.place.position < self.position),
        }
    }

    fn retry(&self) -> Option<Retry> {
        let position = self.position;
        self.retry.map(|turn| Retry { turn, position })
    }

    fn parking(&self, found: FoundConsumer) -> Parking<'_> {
        Parking {
            number: found.number,
            consumer: &self.consumer,
        }
    }

    /// Moves the consumer on, or has an event be done that was put back.
    pub(in crate::request) fn put(
        &self,
        found: FoundConsumer,
        batch: &mut dyn Transaction,
    ) -> Result<(), Fault> {
        if let Some(retry) = self.retry() {
            return self.parking(found).finish(retry, batch);
        }
        let place = found.place.moved_to(self.position, batch.now_ms());
        place.put(batch, found.number, &self.consumer)
    }

    /// Moves the consumer on if it is there and not as far, for a call whose events were stored before: that
    /// they were is what it is answered, whatever has become of the consumer.
    ///
    /// # Errors
    ///
    /// A storage fault.
    pub(in crate::request) fn put_again(
        &self,
        number: u32,
        batch: &mut dyn Transaction,
    ) -> Result<(), Fault> {
        match self.find(Some(number), batch) {
            Ok(found) if self.is_ahead(found, batch)? => self.put(found, batch),
            Ok(_) | Err(Fault::Refused(_)) => Ok(()),
            Err(fault) => Err(fault),
        }
    }

    fn find(
        &self,
        number: Option<u32>,
        batch: &mut dyn Transaction,
    ) -> Result<FoundConsumer, Fault> {
        let number = match &self.instance {
            Some(instance) => Some(find_in_batch(INSTANCE_PATH, instance, batch)?),
            None => number,
        };
        let path = "checkpoint.consumer";
        let number = number.ok_or_else(|| not_found(path, &self.consumer))?;
        let place = ConsumerPlace::in_batch(batch, number, &self.consumer)?;
        let place = place.ok_or_else(|| not_found(path, &self.consumer))?;
        if (self.generation).is_some_and(|generation| generation != place.generation) {
            let error = Error::consumer_was_reset(self.conflict(place));
            return Err(placed_error(KEY, error).into());
        }
        let last = batch.instance(number)?.head.last_position;
        within("checkpoint.position", self.position, last)?;
        Ok(FoundConsumer { number, place })
    }

    fn conflict(&self, place: ConsumerPlace) -> CheckpointConflict {
        CheckpointConflict {
            consumer: self.consumer.clone(),
            position: self.position,
            actual: place.position,
        }
    }
}
