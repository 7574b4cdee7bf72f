//! The methods, which JavaScript knows by their places in the table of them.

use napi::bindgen_prelude::Result;
use napi_derive::napi;

use codebolt_eventlog::request::{METHODS, Method};

/// The names of all methods, in the order of the table.
#[napi(catch_unwind)]
pub(super) fn method_names() -> Vec<&'static str> {
    METHODS.iter().map(Method::name).collect()
}

/// The method at that place.
pub(super) fn method_at(place: u32) -> Result<&'static Method> {
    METHODS
        .get(place as usize)
        .ok_or_else(|| napi::Error::from_reason(format!("there is no method {place}")))
}

/// The failure that a method is called in a way in which it is not.
pub(super) fn wrong_kind(method: &Method) -> napi::Error {
    let name = method.name();
    napi::Error::from_reason(format!("{name} is called in another way"))
}
