//! The consumer of a subscription: where it stands, and who may move it.

use std::sync::Arc;

use super::course::deleted;
use super::range::Range;
use super::{Reading, State};
use crate::engine::seeded_bug::{Bug, Seeded};
use crate::engine::{Batch, Fault, Snapshot};
use crate::error::{CheckpointConflict, Error};
use crate::request::consumers::{self, Filter, Place};
use crate::request::response::Answer;
use crate::request::work::Changes;

/// What a subscription does with its consumer.
#[derive(Clone, Copy, Debug)]
pub enum Move {
    /// Makes it, unless it is there.
    Register,
    /// Has every event up to this position done.
    Acknowledge(u64),
    /// Moves it over events that are not asked for, if every event that was is done.
    Advance {
        /// The position of the last event that was given out.
        given: u64,
        /// Up to where there are none that are asked for after that.
        passed: u64,
    },
}

/// The consumer of a subscription that has begun.
#[derive(Debug)]
pub(super) struct Consuming {
    number: u32,
    instance_id: String,
    consumer: String,
    /// That of the consumer when the subscription began.
    generation: u64,
}

/// A call that moves the consumer of a subscription.
pub(super) struct Moving {
    pub(super) reading: Arc<Reading>,
    pub(super) change: Move,
}

impl Changes for Moving {
    fn bytes(&self) -> usize {
        0
    }

    fn apply(&mut self, batch: &mut Batch<'_>) -> Result<Answer, Fault> {
        let place = self.reading.move_consumer(self.change, batch)?;
        Ok(consumers::moved(&place))
    }
}

impl Reading {
    /// Changes where the consumer stands, and returns where that is.
    ///
    /// # Errors
    ///
    /// `CHECKPOINT_CONFLICT` if the consumer was reset since the subscription has begun, `CONSUMER_NOT_FOUND`
    /// if it was deleted; what is wrong with the options, to begin with; a storage fault.
    pub(in crate::request) fn move_consumer(
        &self,
        change: Move,
        batch: &mut Batch<'_>,
    ) -> Result<Place, Fault> {
        match change {
            Move::Register => self.register(batch),
            Move::Acknowledge(position) => self.advance(0, position, batch),
            Move::Advance { given, passed } => self.advance(given, passed, batch),
        }
    }

    fn register(&self, batch: &mut Batch<'_>) -> Result<Place, Fault> {
        let state = &*self.state.lock();
        let State::Asked(source, options) = state else {
            let expected = "a subscription that has not begun";
            return Err(Error::expected("subscription", expected, "one that has").into());
        };
        let range = Range::parse(*source, options)?;
        let expected = "the name of a consumer";
        let consumer = range.consumer.clone();
        let consumer = consumer.ok_or_else(|| Error::expected("consumer", expected, "nothing"))?;
        let number = batch.find(range.query.instance())?;
        let instance = batch.instance(number)?;
        let (instance_id, last) = (instance.id.clone(), instance.head.last_position);
        range.check_position(last)?;
        let place = if let Some(place) = Place::in_batch(batch, number, &consumer)? {
            place
        } else {
            let after = if range.from_end {
                Some(last)
            } else {
                range.start
            };
            let place = Place::new(after.unwrap_or_default(), batch.now_ms());
            place.put(batch, number, &consumer)?;
            place
        };
        Filter::keep(range.filter.as_ref(), batch, number, &consumer)?;
        let consuming = Consuming {
            number,
            instance_id,
            consumer,
            generation: place.generation,
        };
        // A commit that fails after this ends the subscription.
        self.consuming.get_or_init(|| consuming);
        Ok(place)
    }

    /// Moves the consumer on to a position, if it stands at `from` or after it.
    fn advance(&self, from: u64, position: u64, batch: &mut Batch<'_>) -> Result<Place, Fault> {
        let Some(consuming) = self.consuming.get() else {
            let expected = "a subscription with a consumer";
            return Err(Error::expected("subscription", expected, "one without").into());
        };
        let place = consuming.in_batch(position, batch)?;
        if from <= place.position && place.position < position {
            let place = place.moved_to(position, batch.now_ms());
            place.put(batch, consuming.number, &consuming.consumer)?;
            return Ok(place);
        }
        Ok(place)
    }
}

impl Consuming {
    /// Where the consumer stands which is to be moved to `position`.
    fn in_batch(&self, position: u64, batch: &mut Batch<'_>) -> Result<Place, Fault> {
        // Another instance may have its id and name by now, and never its number.
        if batch.holder(&self.instance_id)? != Some(self.number) {
            return Err(deleted(&self.instance_id));
        }
        let last = batch.instance(self.number)?.head.last_position;
        if !batch.has(Bug::AckPastTheEnd) {
            consumers::within("position", position, last)?;
        }
        let place = Place::in_batch(batch, self.number, &self.consumer)?;
        self.of_this_generation(place, position)
    }

    /// Where the consumer stands. Without one of this generation there is nothing to read.
    pub(super) fn in_snapshot(&self, snapshot: &Snapshot) -> Result<Place, Fault> {
        if !snapshot.has_instance(self.number)? {
            return Err(deleted(&self.instance_id));
        }
        let place = Place::in_snapshot(snapshot, self.number, &self.consumer)?;
        self.of_this_generation(place, place.map_or(0, |place| place.position))
    }

    fn of_this_generation(&self, place: Option<Place>, position: u64) -> Result<Place, Fault> {
        let consumer = &self.consumer;
        let place = place.ok_or_else(|| consumers::not_found("consumer", consumer))?;
        if place.generation == self.generation {
            return Ok(place);
        }
        let conflict = CheckpointConflict {
            consumer: consumer.clone(),
            position,
            actual: place.position,
        };
        Err(Error::consumer_was_reset(conflict).into())
    }
}
