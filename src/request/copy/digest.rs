//! The digest of some events, by which what was copied is compared with what it was copied from.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest, Sha256};

use super::place::by_id;
use crate::arguments::{self, Arguments};
use crate::engine::{Fault, Record};
use crate::request::listing::{instance_of, options};
use crate::request::page::read_page;
use crate::request::response::Answer;
use crate::seam::ReadSnapshot;

/// Hashes the events after one position, up to another one. There is no digest if the instance does not have all of them. The
/// answer also has the position of the first event: those before it were trimmed.
pub(in crate::request) fn digest(
    arguments: &Arguments<'_>,
    snapshot: &dyn ReadSnapshot,
) -> Result<Answer, Fault> {
    let [instance, after, to] = options(arguments.get(0), ["instance", "after", "to"])?;
    let whole = |path, raw| {
        arguments::whole_number(path, arguments::required(path, raw, "a whole number")?)
    };
    let (mut after, to) = (whole("after", after)?, whole("to", to)?);
    let found = by_id(snapshot, &instance_of(instance)?)?;
    let Some((number, _)) = found.filter(|(_, instance)| instance.head.last_position >= to) else {
        return Ok(Answer::of_data("{\"digest\":null,\"first\":1}".to_owned()));
    };
    let first = snapshot.chunks(number)?.first();
    if after + 1 < first {
        let data = format!("{{\"digest\":null,\"first\":{first}}}");
        return Ok(Answer::of_data(data));
    }
    let mut hasher = Sha256::new();
    let mut bytes = Vec::new();
    while after < to {
        snapshot.check_wanted()?;
        after = read_page(snapshot, number, after + 1..=to, |record| {
            bytes.clear();
            copied(record).encode(&mut bytes);
            hasher.update((bytes.len() as u64).to_le_bytes());
            hasher.update(&bytes);
            true
        })?;
    }
    let digest = BASE64.encode(hasher.finalize());
    Ok(Answer::of_data(format!(
        "{{\"digest\":\"{digest}\",\"first\":{first}}}"
    )))
}

/// A record as it is copied. Where the event before it stands in its stream, each engine finds out by itself.
pub(super) fn copied<'a>(record: &Record<'a>) -> Record<'a> {
    Record { back: 0, ..*record }
}
