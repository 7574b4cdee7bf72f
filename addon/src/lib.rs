//! What Node.js loads, and the only code that knows Node-API: it converts, calls, and converts back.
//!
//! JSON crosses the boundary as text, one string per call and one per group of responses, made
//! and read by V8's own `JSON.stringify` and `JSON.parse`. The package's JavaScript makes the
//! promises, in the realm (context) of whoever loaded it, and keeps them by number; a [`Realm`](realm::Realm)
//! carries the responses back to it.

// Without Node.js there is nothing to register with, so that this cannot be tested alone.
#![cfg(not(test))]
#![expect(clippy::needless_pass_by_value, reason = "Node-API gives values")]

mod collected;
mod courses;
mod event_log;
mod file_lock;
mod json_texts;
mod keep_alive;
mod methods;
mod opening;
mod outbox;
mod process;
mod realm;
mod under_way;

/// Which JavaScript the addon belongs to: the layout of what crosses over is no promise between versions.
#[napi_derive::napi]
#[must_use]
pub const fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// The names of the options of an opening that are JSON, of a log that a server keeps or else of one in a file. JavaScript
/// has others of its own.
#[napi_derive::napi]
#[must_use]
pub fn option_names(of_server: bool) -> Vec<&'static str> {
    codebolt_eventlog::request::option_keys(of_server).to_vec()
}

/// Whether bytes are JSON as `JSON.stringify` writes it, in UTF-8.
#[napi_derive::napi(catch_unwind)]
pub fn is_stringified(json: &[u8]) -> bool {
    str::from_utf8(json).is_ok_and(codebolt_eventlog::json::is_stringified)
}

/// Which of the `known` keys was likely meant by one that is none of them; `null` if none was.
#[napi_derive::napi(catch_unwind)]
pub fn meant_key(key: String, known: Vec<String>) -> Option<String> {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    codebolt_eventlog::misspelling::meant(&key, &known).map(str::to_owned)
}
