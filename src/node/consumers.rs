//! Consumers: what their subscriptions do with them, and what an operator does.

use std::sync::Arc;

use napi::bindgen_prelude::{Env, External, Function, Result};
use napi_derive::napi;

use super::event_log::EventLog;
use crate::request::{Call, Method, Move, Reading};

/// Settles promises. See [`Realm`](super::realm::Realm).
type Settle<'a> = Function<'a, (String,), ()>;

#[napi]
impl EventLog {
    /// Makes the consumer of a subscription, unless it is there.
    #[napi(skip_typescript, catch_unwind)]
    pub fn register_consumer(
        &self,
        env: Env,
        settle: Settle<'_>,
        number: u32,
        reading: &External<Arc<Reading>>,
    ) -> Result<()> {
        self.move_consumer(&env, &settle, number, reading, Move::Register)
    }

    /// Has the consumer of a subscription be done with every event up to a position.
    #[napi(skip_typescript, catch_unwind)]
    pub fn acknowledge(
        &self,
        env: Env,
        settle: Settle<'_>,
        number: u32,
        reading: &External<Arc<Reading>>,
        position: f64,
    ) -> Result<()> {
        let change = Move::Acknowledge(position as u64);
        self.move_consumer(&env, &settle, number, reading, change)
    }

    /// Moves the consumer of a subscription over events that it does not ask for.
    #[napi(skip_typescript, catch_unwind)]
    pub fn advance_consumer(
        &self,
        env: Env,
        settle: Settle<'_>,
        number: u32,
        reading: &External<Arc<Reading>>,
        given: f64,
        passed: f64,
    ) -> Result<()> {
        let (given, passed) = (given as u64, passed as u64);
        let change = Move::Advance { given, passed };
        self.move_consumer(&env, &settle, number, reading, change)
    }

    /// Lists the consumers of an instance: those that {@link EventLog.subscribe} was given by name.
    ///
    /// @param options Which instance, and how many consumers.
    /// @returns The consumers, in the order of the UTF-8 bytes of their names, and whether there are more:
    /// the next page comes after the last name of this one. `INSTANCE_NOT_FOUND` if there is no such
    /// instance; `INVALID_ARGUMENT` names an option that is not understood.
    #[napi(
        catch_unwind,
        ts_args_type = "options: EventLogListConsumersOptions",
        ts_return_type = "Promise<EventLogConsumerListResponse>"
    )]
    pub fn list_consumers(
        &self,
        env: Env,
        settle: Settle<'_>,
        number: u32,
        arguments: String,
    ) -> Result<()> {
        self.call(&env, &settle, number, Method::ListConsumers, arguments)
    }

    /// Puts a consumer somewhere else: back, to handle events again, or forward, to leave some out.
    ///
    /// The subscriptions that it has end with `CHECKPOINT_CONFLICT`, as does what they acknowledge from then on;
    /// those that begin after this start there.
    ///
    /// @param options Which consumer of which instance, and the position of the event after which it is to
    /// go on.
    /// @returns The consumer as it is now, once that is on disk. `CONSUMER_NOT_FOUND` or
    /// `INSTANCE_NOT_FOUND` if there is none; `INVALID_ARGUMENT` if the position is past the last event.
    #[napi(
        catch_unwind,
        ts_args_type = "options: EventLogResetConsumerOptions",
        ts_return_type = "Promise<EventLogConsumerResponse>"
    )]
    pub fn reset_consumer(
        &self,
        env: Env,
        settle: Settle<'_>,
        number: u32,
        arguments: String,
    ) -> Result<()> {
        self.call(&env, &settle, number, Method::ResetConsumer, arguments)
    }

    /// Deletes a consumer. What it has read stays where it is; the subscriptions that it has end with
    /// `CONSUMER_NOT_FOUND`, as does what they acknowledge from then on.
    ///
    /// @param options Which consumer of which instance.
    /// @returns The consumer that is gone, once that is on disk. `CONSUMER_NOT_FOUND` or
    /// `INSTANCE_NOT_FOUND` if there was none.
    #[napi(
        catch_unwind,
        ts_args_type = "options: EventLogDeleteConsumerOptions",
        ts_return_type = "Promise<EventLogConsumerResponse>"
    )]
    pub fn delete_consumer(
        &self,
        env: Env,
        settle: Settle<'_>,
        number: u32,
        arguments: String,
    ) -> Result<()> {
        self.call(&env, &settle, number, Method::DeleteConsumer, arguments)
    }
}

impl EventLog {
    fn move_consumer(
        &self,
        env: &Env,
        settle: &Settle<'_>,
        number: u32,
        reading: &External<Arc<Reading>>,
        change: Move,
    ) -> Result<()> {
        let reading = Arc::clone(reading);
        self.make(env, settle, |outbox| {
            let cancellation = outbox.ended().clone();
            Call::consuming(reading, change, outbox, number, cancellation)
        })
    }
}
