//! What operators ask of a whole log. It takes long, and JavaScript asks meanwhile how far it is.

use napi::bindgen_prelude::{Env, External, Function, Result};
use napi_derive::napi;

use super::event_log::EventLog;
use super::realm::Realm;
use crate::progress::Progress;
use crate::request::{Call, Method};

/// Settles promises. See [`Realm`].
type Settle<'a> = Function<'a, (String,), ()>;

/// Makes the progress of work that has not been called for, and that ends with the realm.
#[napi(skip_typescript, catch_unwind)]
pub(super) fn create_progress(realm: &External<Realm>) -> External<Progress> {
    External::new(Progress::of(realm.operation()))
}

/// How many events are done, and how many there are to do.
#[napi(skip_typescript, catch_unwind)]
pub(super) fn progress_of(progress: &External<Progress>) -> (f64, f64) {
    let (done, total) = progress.told();
    (done as f64, total as f64)
}

/// Has the engine stop the work. It is answered all the same, once nothing of it is left.
#[napi(skip_typescript, catch_unwind)]
pub(super) fn call_off(progress: &External<Progress>) {
    progress.cancellation().cancel();
}

#[napi]
impl EventLog {
    /// Checks the whole log: that everything in it can be read, and that its parts agree with each other.
    ///
    /// It runs beside all else, on a thread of its own, and sees one state of the log: everything that was
    /// acknowledged when its turn came. Damage is no failure of the call: the report says what is wrong, and
    /// one damaged event hides no other.
    ///
    /// @param options What to call the check off with, and who hears how far it is.
    /// @returns The report. `ABORTED` once the signal is aborted; `STORAGE_FAILED` if the disk refuses to be
    /// read; `CORRUPTED` if not even the list of instances can be read.
    #[napi(
        catch_unwind,
        ts_args_type = "options?: EventLogOperationOptions",
        ts_return_type = "Promise<EventLogVerifyResponse>"
    )]
    pub fn verify(
        &self,
        env: Env,
        settle: Settle<'_>,
        number: u32,
        progress: &External<Progress>,
    ) -> Result<()> {
        self.operate(&env, &settle, number, progress, (Method::Verify, "[]"))
    }

    /// Copies the log to a file while it is in use, by this process and others: one state of it, with
    /// everything that was acknowledged when its turn came.
    ///
    /// The copy is a log of its own, with the same ids, sequence numbers, timestamps and names, and without
    /// the space that deleted instances have left. It is made under another name beside `path`, synced, and
    /// checked as `verify` does; only then it gets its name. A call that fails leaves nothing behind.
    ///
    /// @param path Where to, as a path or a `file:` URL. A relative path starts at the working directory.
    /// There must be nothing yet, and a folder that holds it.
    /// @param options What to call the backup off with, and who hears how far it is.
    /// @returns What was copied, once the copy is on disk. `INVALID_ARGUMENT` if there is something at `path`;
    /// `ABORTED` once the signal is aborted; `CORRUPTED` if the log is damaged, so that its copy would be;
    /// `STORAGE_FAILED` if the copy cannot be written.
    #[napi(
        catch_unwind,
        ts_args_type = "path: string | URL, options?: EventLogOperationOptions",
        ts_return_type = "Promise<EventLogBackupResponse>"
    )]
    pub fn backup(
        &self,
        env: Env,
        settle: Settle<'_>,
        number: u32,
        progress: &External<Progress>,
        arguments: String,
    ) -> Result<()> {
        self.operate(
            &env,
            &settle,
            number,
            progress,
            (Method::Backup, &arguments),
        )
    }

    /// Gives the space of deleted instances back to the file system: what is left is moved together, and the
    /// file is cut off after it.
    ///
    /// Whatever this process reads or changes meanwhile, and what others change, waits until it is done. It
    /// waits itself for what is being read by this process, checks and backups included.
    ///
    /// @param options What to call it off with before it has begun.
    /// @returns How long the file was and is. `LOCKED` if another process reads from the log at this moment;
    /// `ABORTED` if the signal was aborted before it has begun.
    #[napi(
        catch_unwind,
        ts_args_type = "options?: EventLogCompactOptions",
        ts_return_type = "Promise<EventLogCompactResponse>"
    )]
    pub fn compact(
        &self,
        env: Env,
        settle: Settle<'_>,
        number: u32,
        progress: &External<Progress>,
    ) -> Result<()> {
        self.operate(&env, &settle, number, progress, (Method::Compact, "[]"))
    }
}

impl EventLog {
    fn operate(
        &self,
        env: &Env,
        settle: &Settle<'_>,
        number: u32,
        progress: &External<Progress>,
        (method, arguments): (Method, &str),
    ) -> Result<()> {
        let progress = Progress::clone(progress);
        self.make(env, settle, |outbox| {
            Call::operation(method, arguments, progress, outbox, number)
        })
    }
}
