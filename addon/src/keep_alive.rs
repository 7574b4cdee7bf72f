//! Whether waiting for responses keeps the process alive.
//!
//! A thread-safe function holds the event loop open while it is referenced. Node-API changes that
//! with two calls which napi-rs offers on its deprecated interface only, so they are made here.
//! This is the one file with `unsafe` in it.

#![allow(
    unsafe_code,
    reason = "Node-API has no safe call that references a thread-safe function"
)]

use napi::bindgen_prelude::Env;
use napi::{check_status, sys};

/// Keeps the event loop of `env` running until [`release`] is called.
pub(super) fn hold(env: &Env, raw: sys::napi_threadsafe_function) -> napi::Result<()> {
    // SAFETY: `env` is the environment that is running this call, on its own thread, and `raw` is
    // a thread-safe function of that environment whose owner, the realm, is alive.
    check_status!(unsafe { sys::napi_ref_threadsafe_function(env.raw(), raw) })
}

/// Lets the event loop of `env` end.
pub(super) fn release(env: &Env, raw: sys::napi_threadsafe_function) -> napi::Result<()> {
    // SAFETY: as above.
    check_status!(unsafe { sys::napi_unref_threadsafe_function(env.raw(), raw) })
}
