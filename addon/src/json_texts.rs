//! Calls that are made with JSON texts.

use napi::bindgen_prelude::Result;
use napi_derive::napi;

use codebolt_eventlog::json::is_stringified;

/// How a call is made whose answer is JSON text.
#[napi(object)]
pub struct JsonCall {
    /// The id that the response has, as JSON text; a new one without it.
    pub request_id: Option<String>,
    /// Whether it can be called off.
    pub abortable: bool,
}

/// That part of some bytes.
pub(super) fn part_of(bytes: &[u8], start: u32, end: u32) -> Result<&[u8]> {
    let part = bytes.get(start as usize..end as usize);
    part.ok_or_else(|| napi::Error::from_reason("a text of a batch is not within its bytes"))
}

/// The arguments of a call, if its one argument is as `JSON.stringify` writes it. What is looked at is a copy, which nobody
/// else has.
pub(super) fn stringified(json: &[u8]) -> Option<String> {
    let json = str::from_utf8(json).ok()?;
    let arguments = format!("[{json}]");
    is_stringified(arguments.get(1..arguments.len() - 1)?).then_some(arguments)
}
