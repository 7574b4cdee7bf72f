//! The class that JavaScript sees. Its doc comments become `index.d.ts`.
//!
//! Each method's TypeScript signature is that of the documented method. What arrives here has
//! passed the package's JavaScript, and is a [`Settle`] function, the number under which it keeps
//! the promise, and the arguments as JSON text.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use napi::bindgen_prelude::{Env, External, Function, Result, Unknown};
use napi_derive::napi;
use serde_json::value::RawValue;

use super::outbox::Outbox;
use super::realm::Realm;
use crate::cancellation::Cancellation;
use crate::error::{Code, Error};
use crate::request::{self, Call, Done, Log, LogOptions, Method, Recipient as _, Response};
use crate::timestamp;

/// Settles promises. See [`Realm`].
type Settle<'a> = Function<'a, (String,), ()>;

/// An event log in a file, opened with {@link EventLog.open}.
///
/// Its nine methods return promises that resolve with a response, for failures as well: they never
/// throw and never reject. A response has `success`; on success `data`, otherwise `error` (what was
/// wrong, what was expected, what was found) and `code`. A method that changes the log resolves
/// with `success` only once the change is on disk, where it survives power loss.
///
/// An open log that has nothing to do does not keep the process alive. Calls that were made are
/// finished before the process ends by itself, and changes among them are stored even where
/// `process.exit()` or an exception that nobody catches ends it.
#[napi]
pub struct EventLog {
    log: Arc<Log>,
    realm: Realm,
}

#[napi]
impl EventLog {
    /// Opens the log in the file at `path`, making the file and its folders if they are not there,
    /// private to the user (modes 0600 and 0700).
    ///
    /// Opening one file twice in one process, in any thread, shares one engine: then `cacheBytes`,
    /// `eventBytesMax`, `queuedBytesMax` and `lockWaitMs` of the first opening hold. Other processes may have the
    /// file open at the same time unless one of them opened it with `exclusive`.
    ///
    /// @param path The file, as a path or a `file:` URL. A relative path starts at the working
    /// directory.
    /// @param options How to open it; every option has a default.
    /// @returns The open log. The promise rejects with an {@link EventLogError}: `INVALID_ARGUMENT`
    /// for an unknown or mistyped option, or a directory; `LOCKED` if the file is open elsewhere in
    /// a way that excludes this one, or another process is at work in it and does not let go within `lockWaitMs`; `CORRUPTED` or `UNSUPPORTED_FORMAT` if it is not a log that
    /// can be read; `STORAGE_FAILED` if the system refuses. A file that was made by then stays.
    #[napi(
        catch_unwind,
        ts_args_type = "path: string | URL, options?: EventLogOptions",
        ts_return_type = "Promise<EventLog>"
    )]
    pub fn open(
        env: Env,
        realm: &External<Realm>,
        settle: Settle<'_>,
        number: u32,
        arguments: String,
    ) -> Result<Self> {
        let outbox = realm.begin(&env, &settle)?;
        let done = closing_response(outbox, number);
        let log = match opening(&arguments) {
            Ok((path, options)) => Log::open(path, options, done),
            Err(error) => {
                done(Err(error.clone()));
                Log::failed(error)
            }
        };
        realm.adopt(&log);
        Ok(Self {
            log,
            realm: Realm::clone(realm),
        })
    }

    /// Closes the log: takes no more calls, waits until all earlier ones are answered, and releases
    /// the file. It does not wait for other processes: what they keep from being tidied up stays, and harms
    /// nobody.
    ///
    /// Calls made from now on answer `CLOSED`. Other logs that have the same file open go on.
    /// Closing again waits for the same and does no harm.
    ///
    /// @returns Nothing. The promise rejects with an {@link EventLogError} if the file could not be
    /// closed cleanly; what was acknowledged is on disk all the same.
    #[napi(catch_unwind, ts_args_type = "", ts_return_type = "Promise<void>")]
    pub fn close(&self, env: Env, settle: Settle<'_>, number: u32) -> Result<()> {
        let outbox = self.realm.begin(&env, &settle)?;
        self.log.close(closing_response(outbox, number));
        Ok(())
    }

    /// Makes an instance: a container of streams.
    ///
    /// @param name Its name, 1 to 1,024 bytes of UTF-8. No other instance may have it as its id or
    /// name.
    /// @param description A remark for people, at most 65,536 bytes of UTF-8.
    /// @param options What to do if the name is taken.
    /// @returns The instance, with a new UUID as its id. `INSTANCE_EXISTS` if the name is taken.
    #[napi(
        catch_unwind,
        ts_args_type = "name: string, description?: string, options?: CreateEventLogInstanceOptions",
        ts_return_type = "Promise<EventLogInstanceResponse>"
    )]
    pub fn create_instance(
        &self,
        env: Env,
        settle: Settle<'_>,
        number: u32,
        arguments: String,
    ) -> Result<()> {
        self.call(&env, &settle, number, Method::CreateInstance, arguments)
    }

    /// Reads one instance.
    ///
    /// @param instanceId Its id or its name.
    /// @returns The instance. `INSTANCE_NOT_FOUND` if there is none.
    #[napi(
        catch_unwind,
        ts_args_type = "instanceId: string",
        ts_return_type = "Promise<EventLogInstanceResponse>"
    )]
    pub fn get_instance(
        &self,
        env: Env,
        settle: Settle<'_>,
        number: u32,
        arguments: String,
    ) -> Result<()> {
        self.call(&env, &settle, number, Method::GetInstance, arguments)
    }

    /// Reads all instances.
    ///
    /// @returns The instances, oldest first.
    #[napi(
        catch_unwind,
        ts_args_type = "",
        ts_return_type = "Promise<EventLogInstanceListResponse>"
    )]
    pub fn list_instances(
        &self,
        env: Env,
        settle: Settle<'_>,
        number: u32,
        arguments: String,
    ) -> Result<()> {
        self.call(&env, &settle, number, Method::ListInstances, arguments)
    }

    /// Changes an instance's name or description. Its id and its events stay as they are.
    ///
    /// @param instanceId Its id or its name.
    /// @param updates What to change; what is not named stays.
    /// @returns The instance as it is now. `INSTANCE_NOT_FOUND` if there is none; `INSTANCE_EXISTS`
    /// if the name is another instance's id or name, and then nothing is changed.
    #[napi(
        catch_unwind,
        ts_args_type = "instanceId: string, updates: UpdateEventLogInstanceParams",
        ts_return_type = "Promise<EventLogInstanceResponse>"
    )]
    pub fn update_instance(
        &self,
        env: Env,
        settle: Settle<'_>,
        number: u32,
        arguments: String,
    ) -> Result<()> {
        self.call(&env, &settle, number, Method::UpdateInstance, arguments)
    }

    /// Deletes an instance with all its events. There is no way back.
    ///
    /// @param instanceId Its id or its name.
    /// @returns The instance that is gone. `INSTANCE_NOT_FOUND` if there was none.
    #[napi(
        catch_unwind,
        ts_args_type = "instanceId: string",
        ts_return_type = "Promise<EventLogInstanceResponse>"
    )]
    pub fn delete_instance(
        &self,
        env: Env,
        settle: Settle<'_>,
        number: u32,
        arguments: String,
    ) -> Result<()> {
        self.call(&env, &settle, number, Method::DeleteInstance, arguments)
    }

    /// Appends one event to a stream.
    ///
    /// The event gets the next sequence number of its stream: 1, 2, 3 … without gaps or repeats,
    /// whoever appends at the same time. A failed append uses no number and leaves nothing behind.
    ///
    /// @param params The event and where it goes. A key that is not known is ignored, and named in
    /// the response's `message`.
    /// @returns The event as it was stored, once it is on disk. `INSTANCE_NOT_FOUND` if there is no
    /// such instance and `autoCreateInstance` is not set; `SEQUENCE_CONFLICT` if the stream does not
    /// stand at `expectedSequence`; `CONDITION_FAILED` if an event matches `failIf`; `CHECKPOINT_CONFLICT` if
    /// the consumer of the `checkpoint` is past it, and `CONSUMER_NOT_FOUND` if there is none;
    /// `IDEMPOTENCY_MISMATCH` if another call has had the `idempotencyKey`; `LIMIT_EXCEEDED` if the event is larger than `eventBytesMax`;
    /// `OVERLOADED` if more than `queuedBytesMax` waits to be written.
    #[napi(
        catch_unwind,
        ts_args_type = "params: AppendEventParams",
        ts_return_type = "Promise<EventLogAppendResponse>"
    )]
    pub fn append_event(
        &self,
        env: Env,
        settle: Settle<'_>,
        number: u32,
        arguments: String,
    ) -> Result<()> {
        self.call(&env, &settle, number, Method::AppendEvent, arguments)
    }

    /// Appends events to one or many streams of an instance: all of them, or none.
    ///
    /// @param params The events, at most 100,000, and the instance they go to.
    /// @returns The events as they were stored, in the order given, once they are on disk. Fails as
    /// `appendEvent` does; `error` names the event at fault, as in `events[3].payload`.
    #[napi(
        catch_unwind,
        ts_args_type = "params: AppendEventsParams",
        ts_return_type = "Promise<EventLogAppendMultipleResponse>"
    )]
    pub fn append_events(
        &self,
        env: Env,
        settle: Settle<'_>,
        number: u32,
        arguments: String,
    ) -> Result<()> {
        self.call(&env, &settle, number, Method::AppendEvents, arguments)
    }

    /// Finds events of an instance, or computes a value from them.
    ///
    /// The query sees one state of the log: every event that was acknowledged before the call, and
    /// none that is appended while it runs.
    ///
    /// @param query Where to look, which events, in what order, and what to return of them.
    /// @param options An `AbortSignal` to call the query off with, as `{ signal }` or by itself.
    /// @returns The result. `INVALID_ARGUMENT` names the place in the query that was not
    /// understood; `LIMIT_EXCEEDED` if the result is over 268,435,456 bytes (256 MiB) of JSON text;
    /// `ABORTED` once the signal is aborted.
    #[napi(
        catch_unwind,
        ts_args_type = "query: EventLogDSL, options?: EventLogQueryOptions | AbortSignal",
        ts_return_type = "Promise<EventLogQueryResponse>"
    )]
    pub fn query_events(
        &self,
        env: Env,
        settle: Settle<'_>,
        number: u32,
        arguments: String,
        abortable: bool,
    ) -> Result<Option<External<Cancellation>>> {
        let outbox = self.realm.begin(&env, &settle)?;
        // A query that nothing can call off ends with the realm alone.
        let own = abortable.then(|| outbox.ended().part());
        let cancellation = own.as_ref().unwrap_or_else(|| outbox.ended()).clone();
        let call = Call::new(Method::QueryEvents, arguments, outbox, number, cancellation);
        self.log.call(call);
        Ok(own.map(External::new))
    }

    /// Counts what an instance holds, without reading its events.
    ///
    /// @param instanceId Its id or its name.
    /// @returns The counts. `INSTANCE_NOT_FOUND` if there is no such instance.
    #[napi(
        catch_unwind,
        ts_args_type = "instanceId: string",
        ts_return_type = "Promise<EventLogStatsResponse>"
    )]
    pub fn get_instance_stats(
        &self,
        env: Env,
        settle: Settle<'_>,
        number: u32,
        arguments: String,
    ) -> Result<()> {
        self.call(&env, &settle, number, Method::GetInstanceStats, arguments)
    }
}

#[napi]
impl EventLog {
    /// Sets the time of the calls that come next, in milliseconds since the epoch.
    #[napi(skip_typescript, catch_unwind)]
    pub fn set_time(&self, now_ms: f64) {
        self.log.set_time(now_ms as i64);
    }
}

impl EventLog {
    pub(super) fn call(
        &self,
        env: &Env,
        settle: &Settle<'_>,
        number: u32,
        method: Method,
        arguments: String,
    ) -> Result<()> {
        self.make(env, settle, |outbox| {
            let cancellation = outbox.ended().clone();
            Call::new(method, arguments, outbox, number, cancellation)
        })
    }

    /// Makes the call that `prepare` gives for the outbox where its answer goes.
    pub(super) fn make(
        &self,
        env: &Env,
        settle: &Settle<'_>,
        prepare: impl FnOnce(Arc<Outbox>) -> Call,
    ) -> Result<()> {
        let outbox = self.realm.begin(env, settle)?;
        self.log.call(prepare(outbox));
        Ok(())
    }
}

impl Drop for EventLog {
    /// A log that its program has lost is closed for it.
    fn drop(&mut self) {
        // Nobody holds the log any more who could hear of a failed close.
        self.log.close(Box::new(|_| {}));
    }
}

/// Has the engine stop working on a query. It is answered all the same, sooner.
#[napi(skip_typescript, catch_unwind)]
pub(super) fn cancel(cancellation: &External<Cancellation>) {
    cancellation.cancel();
}

/// The time, and a new request id, for failures that the package's JavaScript finds: what cannot be JSON
/// never gets here.
#[napi(skip_typescript, catch_unwind)]
pub(super) fn stamp_refusal() -> (String, String) {
    let now = timestamp::format(timestamp::now());
    (now, request::new_request_id().to_string())
}

/// How long the addon has been in use, in milliseconds, by a clock that never runs backwards.
#[napi(skip_typescript, catch_unwind)]
pub(super) fn elapsed_ms() -> f64 {
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    BEGAN.elapsed().as_secs_f64() * 1000.0
}

/// Raises an exception that nobody catches, as Node.js does where a listener throws.
#[napi(skip_typescript, catch_unwind)]
pub(super) fn raise(env: Env, thrown: Unknown<'_>) {
    env.fatal_exception(napi::Error::from_unknown_without_coercion(thrown));
}

/// Reads the arguments of `open`.
fn opening(arguments: &str) -> std::result::Result<(PathBuf, LogOptions), Error> {
    let (path, options, creates): (Option<&RawValue>, Option<&RawValue>, bool) =
        serde_json::from_str(arguments)
            .map_err(|error| Error::new(Code::InvalidArgument, format!("arguments: {error}")))?;
    let options = request::parse_options(options.filter(|raw| raw.get() != "null"), creates)?;
    let path = request::parse_path(path)?;
    let absolute = std::path::absolute(Path::new(&path))
        .map_err(|error| Error::new(Code::InvalidArgument, format!("path: {path:?}: {error}")))?;
    Ok((absolute, options))
}

/// Answers an opening or a closing, as a response without data.
fn closing_response(outbox: Arc<Outbox>, number: u32) -> Done {
    Box::new(move |outcome| outbox.receive(number, &Response::without_data(outcome)))
}
