//! Reading events in a row, and listing streams.

use std::sync::Arc;

use napi::bindgen_prelude::{Env, External, Function, Result};
use napi_derive::napi;

use super::event_log::EventLog;
use crate::request::{Call, Method, Reading, Source};

/// Settles promises. See [`Realm`](super::realm::Realm).
type Settle<'a> = Function<'a, (String,), ()>;

/// Makes a reading as a method of that name does, which no page has been read of; `options` is JSON text.
#[napi(skip_typescript, catch_unwind)]
pub(super) fn create_reading(method: String, options: String) -> External<Arc<Reading>> {
    let source = match method.as_str() {
        "readAll" => Source::Instance,
        "readStream" => Source::Stream,
        _ => Source::Subscription,
    };
    External::new(Arc::new(Reading::new(source, options)))
}

/// Has a subscription wait for no commit any more: nobody wants its events.
#[napi(skip_typescript, catch_unwind)]
pub(super) fn interrupt_reading(reading: &External<Arc<Reading>>) {
    reading.interrupt();
}

#[napi]
impl EventLog {
    /// Reads the events of one stream, oldest or newest first.
    ///
    /// It is one state of the log: what was acknowledged before the first step, and nothing that is
    /// appended while it is read. Events are read a page at a time, and at most one page ahead: memory is
    /// bounded however long the stream is, nothing is held open in between, and neither an open log nor a
    /// reader that is left alone keeps the process alive or `close` waiting.
    ///
    /// @param options Which stream, from where on, in which direction, and how many events.
    /// @returns The events, for one `for await`. What goes wrong is thrown as an {@link EventLogError}
    /// by the step that meets it, the first one for bad options: `INVALID_ARGUMENT` names the option;
    /// `INSTANCE_NOT_FOUND` if there is no such instance, or it was deleted meanwhile; `ABORTED` once the
    /// signal is aborted; `CLOSED`. A stream that is not there has no events.
    #[napi(
        catch_unwind,
        ts_generic_types = "Payload = Record<string, any>, Metadata = Record<string, any>",
        ts_args_type = "options: EventLogReadStreamOptions",
        ts_return_type = "EventLogReader<EventLogPositionedEntry<Payload, Metadata>>"
    )]
    pub fn read_stream(
        &self,
        env: Env,
        settle: Settle<'_>,
        number: u32,
        reading: &External<Arc<Reading>>,
    ) -> Result<()> {
        self.read(&env, &settle, number, reading)
    }

    /// Reads the events of all streams of an instance in the order in which they were appended, or in
    /// the opposite one; with conditions, those that match.
    ///
    /// It is one state of the log, read in pages, as {@link EventLog.readStream} reads it.
    ///
    /// @param options Which instance, from where on, in which direction, which events, and how many.
    /// @returns The events, as {@link EventLog.readStream} returns them.
    #[napi(
        catch_unwind,
        ts_generic_types = "Payload = Record<string, any>, Metadata = Record<string, any>",
        ts_args_type = "options: EventLogReadAllOptions",
        ts_return_type = "EventLogReader<EventLogPositionedEntry<Payload, Metadata>>"
    )]
    pub fn read_all(
        &self,
        env: Env,
        settle: Settle<'_>,
        number: u32,
        reading: &External<Arc<Reading>>,
    ) -> Result<()> {
        self.read(&env, &settle, number, reading)
    }

    /// Follows an instance or one of its streams: first the events that are there, then each further one as
    /// it is committed, by whatever thread or process, in the order of positions, without a gap or a
    /// repeat.
    ///
    /// Events are read when they are asked for, a page at a time: a program that is slow falls behind
    /// without memory growing. While a step waits for an event it keeps the process alive, as a server
    /// does; otherwise it does not. Closing the log ends the subscription.
    ///
    /// @param options Which instance, which events of it, and after which position.
    /// @returns The events, for one `for await`. What goes wrong is thrown as by
    /// {@link EventLog.readAll}.
    #[napi(
        catch_unwind,
        ts_generic_types = "Payload = Record<string, any>, Metadata = Record<string, any>",
        ts_args_type = "options: EventLogSubscribeOptions",
        ts_return_type = "EventLogSubscription<EventLogPositionedEntry<Payload, Metadata>>"
    )]
    pub fn subscribe(
        &self,
        env: Env,
        settle: Settle<'_>,
        number: u32,
        reading: &External<Arc<Reading>>,
    ) -> Result<()> {
        self.read(&env, &settle, number, reading)
    }

    /// Waits for a commit that a subscription has not seen.
    #[napi(skip_typescript, catch_unwind)]
    pub fn await_events(
        &self,
        env: Env,
        settle: Settle<'_>,
        number: u32,
        reading: &External<Arc<Reading>>,
    ) -> Result<()> {
        let reading = Arc::clone(reading);
        self.make(&env, &settle, |outbox| {
            let cancellation = outbox.ended().clone();
            Call::awaiting(reading, outbox, number, cancellation)
        })
    }

    /// Lists streams of an instance, with the last event of each.
    ///
    /// @param options Which instance, which streams of it, and how many.
    /// @returns The streams, in the order of the UTF-8 bytes of their ids, and whether there are more:
    /// the next page comes after the last id of this one. `INSTANCE_NOT_FOUND` if there is no such
    /// instance; `INVALID_ARGUMENT` names an option that is not understood.
    #[napi(
        catch_unwind,
        ts_args_type = "options: EventLogListStreamsOptions",
        ts_return_type = "Promise<EventLogStreamListResponse>"
    )]
    pub fn list_streams(
        &self,
        env: Env,
        settle: Settle<'_>,
        number: u32,
        arguments: String,
    ) -> Result<()> {
        self.call(&env, &settle, number, Method::ListStreams, arguments)
    }
}

impl EventLog {
    fn read(
        &self,
        env: &Env,
        settle: &Settle<'_>,
        number: u32,
        reading: &External<Arc<Reading>>,
    ) -> Result<()> {
        let reading = Arc::clone(reading);
        self.make(env, settle, |outbox| {
            let cancellation = outbox.ended().clone();
            Call::reading(reading, outbox, number, cancellation)
        })
    }
}
