//! What JavaScript holds of a call while it is under way.

#![expect(clippy::cast_precision_loss, reason = "JavaScript's numbers are f64")]

use napi::bindgen_prelude::External;
use napi_derive::napi;

use crate::realm::Realm;
use codebolt_eventlog::cancellation::Cancellation;
use codebolt_eventlog::progress::Progress;

/// Has the engine stop working on a query. It is answered all the same, sooner.
#[napi(catch_unwind)]
pub(super) fn cancel(cancellation: &External<Cancellation>) {
    cancellation.cancel();
}

/// Makes the progress of work that has not been called for, and that ends with the realm.
#[napi(catch_unwind)]
pub(super) fn create_progress(realm: &External<Realm>) -> External<Progress> {
    External::new(Progress::of(realm.operation()))
}

/// How many events are done, and how many there are to do.
#[napi(catch_unwind)]
pub(super) fn progress_of(progress: &External<Progress>) -> (f64, f64) {
    let (done, total) = progress.told();
    (done as f64, total as f64)
}

/// Has the engine stop the work. It is answered all the same, once nothing of it is left.
#[napi(catch_unwind)]
pub(super) fn call_off(progress: &External<Progress>) {
    progress.cancellation().cancel();
}
