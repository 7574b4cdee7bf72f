//! What has gone wrong when a rule was last applied, as it is kept: a state of the instance, which is gone once it goes well.
//!
//! ```text
//! version   u8    1
//! text      the rest: when it was, the code and the text of the error, as JSON
//! ```

use super::policy::Policy;
use crate::arguments::{self, Arguments, members};
use crate::engine::Fault;
use crate::json;
use crate::request::listing::{instance_of, options};
use crate::request::response::Answer;
use crate::seam::{ReadSnapshot, Transaction};
use crate::timestamp;

/// The name of the state.
pub(super) const STATE: &str = "retention/failed";

const VERSION: u8 = 1;

/// The longest text of an error that is kept, in bytes of UTF-8.
const TEXT_BYTES_MAX: usize = 65_536;

/// `noteRetention`: keeps what has gone wrong with a rule of an instance, or that nothing has.
pub(in crate::request) fn note(
    arguments: &Arguments<'_>,
    batch: &mut dyn Transaction,
) -> Result<Answer, Fault> {
    let [instance, retention, failed] =
        options(arguments.get(0), ["instance", "retention", "failed"])?;
    let instance = instance_of(instance)?;
    let expected = "the retention of the instance";
    let retention = arguments::required("retention", retention, expected)?;
    let policy = Policy::parse("retention", retention)?;
    let failed = failed.map(failure_of).transpose()?;
    let is_noted = match batch.holder(&instance)? {
        // Another rule has not failed yet.
        Some(number) if Policy::in_batch(batch, number)?.as_ref() == Some(&policy) => {
            match failed {
                Some((code, text)) => {
                    let bytes = encode(batch.now_ms(), &code, &text);
                    batch.put_state(number, STATE, &bytes)?;
                }
                None => forget(batch, number)?,
            }
            true
        }
        _ => false,
    };
    Ok(Answer::of_data(format!("{{\"noted\":{is_noted}}}")))
}

fn failure_of(raw: &str) -> Result<(String, String), Fault> {
    let [code, text] = members("failed", raw, ["code", "error"])?;
    let word = |key: &str, raw| {
        let path = format!("failed.{key}");
        let raw = arguments::required(&path, raw, "a string")?;
        arguments::word_within(path, raw, "a string", TEXT_BYTES_MAX)
    };
    Ok((word("code", code)?.into(), word("error", text)?.into()))
}

/// Whether something has gone wrong that is kept.
pub(super) fn is_noted(snapshot: &dyn ReadSnapshot, number: u32) -> Result<bool, Fault> {
    Ok(snapshot.state(number, STATE)?.is_some())
}

/// Has nothing be kept of it.
pub(super) fn forget(batch: &mut (dyn Transaction + '_), number: u32) -> Result<(), Fault> {
    batch.delete_state(number, STATE).map(|_| ())
}

fn encode(now_ms: i64, code: &str, text: &str) -> Vec<u8> {
    let mut json = format!("{{\"at\":\"{}\",\"code\":", timestamp::format(now_ms));
    json::write_string(&mut json, code);
    json.push_str(",\"error\":");
    json::write_string(&mut json, text);
    json.push('}');
    let mut bytes = vec![VERSION];
    bytes.extend_from_slice(json.as_bytes());
    bytes
}

/// The JSON text of what is kept.
pub(super) fn of_state(bytes: Option<Vec<u8>>) -> Result<Option<String>, Fault> {
    let Some(bytes) = bytes else {
        return Ok(None);
    };
    let text = match bytes.split_first() {
        Some((&VERSION, text)) => std::str::from_utf8(text).ok(),
        _ => None,
    };
    let is_json = |text: &&str| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    match text.filter(is_json) {
        Some(text) => Ok(Some(text.to_owned())),
        None => Err(Fault::Corrupted(
            "the error of an instance's retention is not what was written".to_owned(),
        )),
    }
}
