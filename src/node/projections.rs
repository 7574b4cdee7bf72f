//! What `project` keeps in the log.

use napi::bindgen_prelude::{Env, Function, Result};
use napi_derive::napi;

use super::event_log::EventLog;
use crate::request::Method;

/// Settles promises. See [`Realm`](super::realm::Realm).
type Settle<'a> = Function<'a, (String,), ()>;

#[napi]
impl EventLog {
    /// Finds what is kept of a projection.
    #[napi(skip_typescript, catch_unwind)]
    pub fn load_snapshot(
        &self,
        env: Env,
        settle: Settle<'_>,
        number: u32,
        arguments: String,
    ) -> Result<()> {
        self.call(&env, &settle, number, Method::LoadSnapshot, arguments)
    }

    /// Keeps what a projection has computed.
    #[napi(skip_typescript, catch_unwind)]
    pub fn store_snapshot(
        &self,
        env: Env,
        settle: Settle<'_>,
        number: u32,
        arguments: String,
    ) -> Result<()> {
        self.call(&env, &settle, number, Method::StoreSnapshot, arguments)
    }

    /// Deletes the snapshots that projections have kept in an instance: the next run of each begins with the
    /// first event.
    ///
    /// @param options Which instance, and of which projection.
    /// @returns How many there were, once they are gone from the disk. `INSTANCE_NOT_FOUND` if there is no such
    /// instance; `INVALID_ARGUMENT` names an option that is not understood.
    #[napi(
        catch_unwind,
        ts_args_type = "options: EventLogDeleteSnapshotsOptions",
        ts_return_type = "Promise<EventLogDeleteSnapshotsResponse>"
    )]
    pub fn delete_snapshots(
        &self,
        env: Env,
        settle: Settle<'_>,
        number: u32,
        arguments: String,
    ) -> Result<()> {
        self.call(&env, &settle, number, Method::DeleteSnapshots, arguments)
    }
}
