//! The consumer of a subscription: where it stands, and who may move it.

use std::sync::Arc;

use parking_lot::Mutex;

use super::course::deleted;
use super::range::ReadingRange;
use super::{Reading, ReadingState, StepBounds};
use crate::engine::seeded_bug::{Bug, OfThisThread, Seeded};
use crate::engine::{Fault, Horizon};
use crate::error::{CheckpointConflict, Error};
use crate::event::Event;
use crate::request::consumers::{self, ConsumerPlace, Failed, Filter, Parking, Retry};
use crate::request::encryption::Revealing;
use crate::request::extent::Extent;
use crate::request::named_instance::find_in_batch;
use crate::request::response::Answer;
use crate::request::result::ResultWriter;
use crate::request::retained::{StreamHorizon, horizon_in};
use crate::request::work::Changes;
use crate::seam::{ReadSnapshot, Transaction};

/// What a subscription does with its consumer.
#[derive(Clone, Debug)]
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
    /// Has an event be done that had been parked and was put back.
    Finish {
        /// In which turn it was put back.
        turn: u64,
        /// Where it stands.
        position: u64,
    },
    /// Parks an event, and has every event up to its position done.
    Park(Failed),
}

/// The consumer of a subscription that has begun.
#[derive(Debug)]
pub(super) struct Consuming {
    number: u32,
    instance_id: String,
    consumer: String,
    /// That of the consumer when the subscription began.
    generation: u64,
    /// The event that was put back and given out last.
    given_again: Mutex<Option<Retry>>,
}

/// A call that moves the consumer of a subscription.
pub(super) struct Moving {
    pub(super) reading: Arc<Reading>,
    pub(super) change: Move,
}

impl Changes for Moving {
    fn bytes(&self) -> usize {
        match &self.change {
            Move::Park(failed) => failed.error.as_ref().map_or(0, String::len),
            Move::Register | Move::Acknowledge(_) | Move::Advance { .. } | Move::Finish { .. } => 0,
        }
    }

    fn apply(&mut self, batch: &mut dyn Transaction) -> Result<Answer, Fault> {
        let place = self.reading.move_consumer(&self.change, batch)?;
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
        change: &Move,
        batch: &mut dyn Transaction,
    ) -> Result<ConsumerPlace, Fault> {
        match change {
            Move::Register => self.register(batch),
            Move::Acknowledge(position) => self.advance(0, *position, batch),
            Move::Advance { given, passed } => self.advance(*given, *passed, batch),
            Move::Finish { turn, position } => {
                let (consuming, place) = self.consumer_before(*position, batch)?;
                let (turn, position) = (*turn, *position);
                consuming
                    .parking()
                    .finish(Retry { turn, position }, batch)?;
                Ok(place)
            }
            Move::Park(failed) => self.park(failed, batch),
        }
    }

    /// Parks an event even if the consumer is past it: who says that it has failed knows better than who has
    /// acknowledged a later one.
    fn park(&self, failed: &Failed, batch: &mut dyn Transaction) -> Result<ConsumerPlace, Fault> {
        let (consuming, _) = self.consumer_before(failed.position, batch)?;
        if !OfThisThread.has(Bug::ParkedNowhere) {
            consuming.parking().park(failed, batch)?;
        }
        match failed.turn {
            None => self.advance(0, failed.position, batch),
            Some(_) => consuming.in_batch(failed.position, batch),
        }
    }

    /// The consumer of the subscription, which is to do something with the event at a position.
    fn consumer_before(
        &self,
        position: u64,
        batch: &mut dyn Transaction,
    ) -> Result<(Arc<Consuming>, ConsumerPlace), Fault> {
        let consuming = self.consuming().ok_or_else(|| {
            let expected = "a subscription with a consumer";
            Error::expected("subscription", expected, "one without")
        })?;
        let place = consuming.in_batch(position, batch)?;
        Ok((consuming, place))
    }

    /// The consumer, if the subscription has one.
    pub(super) fn consuming(&self) -> Option<Arc<Consuming>> {
        self.consuming.lock().clone()
    }

    fn register(&self, batch: &mut dyn Transaction) -> Result<ConsumerPlace, Fault> {
        let state = &*self.state.lock();
        let ReadingState::Asked(options) = state else {
            let expected = "a subscription that has not begun";
            return Err(Error::expected("subscription", expected, "one that has").into());
        };
        let range = ReadingRange::parse(self.source, options)?;
        let expected = "the name of a consumer";
        let consumer = range.consumer.clone();
        let consumer = consumer.ok_or_else(|| Error::expected("consumer", expected, "nothing"))?;
        let number = find_in_batch("instance", range.query.instance(), batch)?;
        let instance = batch.instance(number)?;
        let (instance_id, last) = (instance.id.clone(), instance.head.last_position);
        let horizon = horizon_in(batch, number)?;
        range.check_position(horizon.first_position(), last)?;
        if let Some(stream_id) = &range.stream {
            let own = StreamHorizon::in_batch(batch, number, stream_id, horizon)?;
            range.check_gaps(own, horizon.last_out())?;
        }
        let place = if let Some(place) = ConsumerPlace::in_batch(batch, number, &consumer)? {
            place
        } else {
            let after = if range.from_end {
                Some(last)
            } else {
                range.start
            };
            let after = match after {
                Some(after) => after,
                None => beginning(batch, number, &range, horizon)?,
            };
            let place = ConsumerPlace::new(after, batch.now_ms());
            place.put(batch, number, &consumer)?;
            // A version that knows of none leaves them behind when it deletes a consumer.
            let consumer = &consumer;
            Parking { number, consumer }.delete(batch)?;
            place
        };
        Filter::keep(range.filter.as_ref(), batch, number, &consumer)?;
        let consuming = Consuming {
            number,
            instance_id,
            consumer,
            generation: place.generation,
            given_again: Mutex::default(),
        };
        // A commit that fails after this ends the subscription, unless this is called again for another one.
        *self.consuming.lock() = Some(Arc::new(consuming));
        Ok(place)
    }

    /// Moves the consumer on to a position, if it stands at `from` or after it.
    fn advance(
        &self,
        from: u64,
        position: u64,
        batch: &mut dyn Transaction,
    ) -> Result<ConsumerPlace, Fault> {
        let (consuming, place) = self.consumer_before(position, batch)?;
        if from <= place.position && place.position < position {
            let place = place.moved_to(position, batch.now_ms());
            place.put(batch, consuming.number, &consuming.consumer)?;
            return Ok(place);
        }
        Ok(place)
    }
}

/// The position after which a new consumer begins with the first event that is left of those that a range asks for.
fn beginning(
    batch: &mut dyn Transaction,
    number: u32,
    range: &ReadingRange,
    horizon: Horizon,
) -> Result<u64, Fault> {
    let Some(stream_id) = &range.stream else {
        return Ok(horizon.position);
    };
    let own = StreamHorizon::in_batch(batch, number, stream_id, horizon)?;
    Ok(own.last_out.max(horizon.position))
}

impl Consuming {
    fn parking(&self) -> Parking<'_> {
        Parking {
            number: self.number,
            consumer: &self.consumer,
        }
    }

    /// How many events have been put back and are not done.
    fn retrying(&self, snapshot: &dyn ReadSnapshot) -> Result<u64, Fault> {
        Ok(self.parking().tally_in_snapshot(snapshot)?.retrying)
    }

    /// How much of what was put back the next page may have to look at.
    pub(super) fn extent(&self, snapshot: &dyn ReadSnapshot) -> Result<Extent, Fault> {
        match self.retrying(snapshot)? {
            0 => Ok(Extent::Small),
            retrying => Ok(Extent::of_events(
                retrying,
                &snapshot.instance(self.number)?,
            )),
        }
    }

    /// Reads the events that were put back and were not given out since. Returns in which turn each was put back. If the
    /// snapshot is lost, those are it that were read before.
    pub(super) fn read_retries(
        &self,
        snapshot: &dyn ReadSnapshot,
        writer: &mut ResultWriter<'_>,
        revealing: &Revealing<'_>,
        bounds: StepBounds,
    ) -> Result<Vec<u64>, Fault> {
        let mut turns = Vec::new();
        if self.retrying(snapshot)? == 0 {
            return Ok(turns);
        }
        let mut given = self.given_again.lock();
        let retries = (self.parking()).retries(*given, bounds.page_events, snapshot)?;
        let chunks = snapshot.chunks(self.number)?;
        let mut last = *given;
        for retry in retries {
            if writer.list_bytes() >= bounds.page_bytes {
                break;
            }
            let Retry { turn, position } = retry;
            let mut written: Result<(), Fault> = Ok(());
            let read = chunks.at(position, &mut |record| {
                let event = record.event(&self.instance_id, position);
                let write = |event: &Event<'_>| Ok(writer.placed_event(position, event)?);
                written = revealing.event(&event, write);
            });
            match read {
                Err(_) if snapshot.is_lost() && !turns.is_empty() => break,
                read => read?,
            }
            written?;
            turns.push(turn);
            last = Some(retry);
        }
        *given = last;
        Ok(turns)
    }

    /// Where the consumer stands which is to be moved to `position`.
    fn in_batch(&self, position: u64, batch: &mut dyn Transaction) -> Result<ConsumerPlace, Fault> {
        // Another instance may have its id and name by now, and never its number.
        if batch.holder(&self.instance_id)? != Some(self.number) {
            return Err(deleted(&self.instance_id));
        }
        let last = batch.instance(self.number)?.head.last_position;
        if !OfThisThread.has(Bug::AckPastTheEnd) {
            consumers::within("position", position, last)?;
        }
        let place = ConsumerPlace::in_batch(batch, self.number, &self.consumer)?;
        self.of_this_generation(place, position)
    }

    /// Where the consumer stands. Without one of this generation there is nothing to read.
    pub(super) fn in_snapshot(&self, snapshot: &dyn ReadSnapshot) -> Result<ConsumerPlace, Fault> {
        if !snapshot.has_instance(self.number)? {
            return Err(deleted(&self.instance_id));
        }
        let place = ConsumerPlace::in_snapshot(snapshot, self.number, &self.consumer)?;
        self.of_this_generation(place, place.map_or(0, |place| place.position))
    }

    fn of_this_generation(
        &self,
        place: Option<ConsumerPlace>,
        position: u64,
    ) -> Result<ConsumerPlace, Fault> {
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
