//! What JavaScript would ask of functions that a program can replace, and asks here instead.

use std::sync::LazyLock;
use std::time::Instant;

use napi::bindgen_prelude::{Env, Unknown};
use napi_derive::napi;

use codebolt_eventlog::error::Error;
use codebolt_eventlog::{request, timestamp};

/// The time, and a new request id, for failures that the package's JavaScript finds: what cannot be JSON
/// never gets here.
#[napi(catch_unwind)]
pub(super) fn stamp_refusal() -> (String, String) {
    let now = timestamp::format(timestamp::now());
    (now, request::new_request_id().to_string())
}

/// What a call is answered with that has met a fault of the package's JavaScript, or of this crate.
#[napi(catch_unwind)]
pub(super) fn describe_fault(text: String) -> String {
    Error::internal("the call", &text).text().to_owned()
}

/// How long the addon has been in use, in milliseconds, by a clock that never runs backwards.
#[napi(catch_unwind)]
pub(super) fn elapsed_ms() -> f64 {
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    BEGAN.elapsed().as_secs_f64() * 1000.0
}

/// Raises an exception that nobody catches, as Node.js does where a listener throws.
#[napi(catch_unwind)]
pub(super) fn raise(env: Env, thrown: Unknown<'_>) {
    env.fatal_exception(napi::Error::from_unknown_without_coercion(thrown));
}
