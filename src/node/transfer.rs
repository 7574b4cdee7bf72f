//! Exports and imports, whose lines cross as bytes rather than within responses.

use std::sync::Arc;

use napi::bindgen_prelude::{Buffer, Env, External, Function, Result, Uint8Array};
use napi_derive::napi;

use super::event_log::EventLog;
use crate::request::{Call, Export, Import, Lines};

/// Settles promises. See [`Realm`](super::realm::Realm).
type Settle<'a> = Function<'a, (String,), ()>;

/// Makes an export that no step has been made of; `options` is JSON text.
#[napi(skip_typescript, catch_unwind)]
pub(super) fn create_export(options: String) -> External<Arc<Export>> {
    External::new(Arc::new(Export::new(options)))
}

/// Takes the lines that the last step of an export has read; `null` if it has read none.
#[napi(skip_typescript, catch_unwind)]
pub(super) fn take_page(export: &External<Arc<Export>>) -> Option<Buffer> {
    export.take_page().map(|page| page.into_bytes().into())
}

/// Makes an import that no line has been read of.
#[napi(skip_typescript, catch_unwind)]
pub(super) fn create_import() -> External<Arc<Import>> {
    External::new(Arc::default())
}

#[napi]
impl EventLog {
    /// Writes the log, or one instance of it, as JSON Lines: a stream of bytes, one line for each
    /// instance and each event.
    ///
    /// It is one state of the log: everything that was acknowledged before the call, and nothing that
    /// is appended or changed while it runs. The log is read as fast as the stream is, a page at a time,
    /// and nothing is held open in between: memory is bounded, and neither an open log nor a stream
    /// that nobody reads keeps the process alive or `close` waiting.
    ///
    /// @param options Which instance, what to call the export off with, and who hears how far it is.
    /// @returns A `Readable`. What goes wrong destroys it with an {@link EventLogError}:
    /// `INSTANCE_NOT_FOUND` if there is no such instance, or one of those to export was deleted
    /// meanwhile; `ABORTED` once the signal is aborted; `CLOSED`; `INVALID_ARGUMENT` for an option that
    /// is not understood. A stream that nobody reads yet fails when it is first read.
    #[napi(
        catch_unwind,
        ts_args_type = "options?: EventLogExportOptions",
        ts_return_type = "Readable"
    )]
    pub fn export_events(
        &self,
        env: Env,
        settle: Settle<'_>,
        number: u32,
        export: &External<Arc<Export>>,
    ) -> Result<()> {
        let export = Arc::clone(export);
        self.make(&env, &settle, |outbox| {
            let cancellation = outbox.ended().clone();
            Call::export(export, outbox, number, cancellation)
        })
    }

    /// Stores what `exportEvents` has written: instances with their ids, names and times, and events
    /// with their ids, sequence numbers and timestamps, in their order.
    ///
    /// It can be repeated: what is there already and equal is skipped, event by event, in the order of
    /// each instance. So an import that was cut off is run again, and ends with the same log. What is
    /// there and differs is `IMPORT_CONFLICT`. Lines are stored in batches of about 1 MiB, each of them
    /// durable, and whole or not at all; those before a failure stay, and `error` says up to which line.
    ///
    /// @param source The lines, as a `Readable`, or any iterable or async iterable of strings or of
    /// bytes, cut anywhere. It is read as fast as the disk takes it.
    /// @param options What to call the import off with, and who hears how far it is.
    /// @returns How much was stored, once all of it is on disk. `INVALID_ARGUMENT` names the line that
    /// is not what it has to be; `LIMIT_EXCEEDED` if an event is larger than `eventBytesMax`;
    /// `UNSUPPORTED_FORMAT` if a newer version wrote the lines; `ABORTED` once the signal is aborted.
    #[napi(
        catch_unwind,
        ts_args_type = "source: EventLogImportSource, options?: EventLogImportOptions",
        ts_return_type = "Promise<EventLogImportResponse>"
    )]
    pub fn import_events(
        &self,
        env: Env,
        settle: Settle<'_>,
        number: u32,
        import: &External<Arc<Import>>,
        bytes: Uint8Array,
        last: bool,
    ) -> Result<()> {
        let lines = Lines::new(Arc::clone(import), bytes.to_vec(), last);
        self.make(&env, &settle, |outbox| {
            let cancellation = outbox.ended().clone();
            Call::import(lines, outbox, number, cancellation)
        })
    }
}
