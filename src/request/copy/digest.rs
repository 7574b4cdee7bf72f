//! The digest of some events, by which what was copied is compared with what it was copied from.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest, Sha256};

use super::place::by_id;
use crate::arguments::{self, Arguments};
use crate::engine::{Fault, Record};
use crate::error::Error;
use crate::request::erasing::erased_up_to;
use crate::request::listing::{instance_of, options};
use crate::request::page::read_page;
use crate::request::response::Answer;
use crate::seam::{EventChunks, ReadSnapshot};

/// Hashes the events after one position, up to another one. There is no digest if the instance does not have all of them. The
/// answer also has the position of the first event, as those before it were trimmed, and the positions up to the end whose
/// events were trimmed between others, in runs; and which events were erased.
pub(in crate::request) fn digest(
    arguments: &Arguments<'_>,
    snapshot: &dyn ReadSnapshot,
) -> Result<Answer, Fault> {
    let keys = ["instance", "after", "to", "without"];
    let [instance, after, to, without] = options(arguments.get(0), keys)?;
    let whole = |path, raw| {
        arguments::whole_number(path, arguments::required(path, raw, "a whole number")?)
    };
    let (mut after, to) = (whole("after", after)?, whole("to", to)?);
    let without = runs_of(without.unwrap_or("[]"))?;
    let found = by_id(snapshot, &instance_of(instance)?)?;
    let Some((number, _)) = found.filter(|(_, instance)| instance.head.last_position >= to) else {
        let data = "{\"digest\":null,\"first\":1,\"lastOut\":0,\"gaps\":[]}";
        return Ok(Answer::of_data(data.to_owned()));
    };
    let chunks = snapshot.chunks(number)?;
    let (first, last_out) = (chunks.first(), chunks.last_out());
    let [erased] = erased_up_to(snapshot, number, [to])?;
    if after + 1 < first {
        let data = format!(
            "{{\"digest\":null,\"first\":{first},\"lastOut\":{last_out},\"erased\":\"{erased}\",\"gaps\":[]}}"
        );
        return Ok(Answer::of_data(data));
    }
    let gaps = gaps_of(&*chunks, after + 1, to)?;
    let mut hasher = Sha256::new();
    let mut bytes = Vec::new();
    while after < to {
        snapshot.check_wanted()?;
        after = read_page(snapshot, number, after + 1..=to, |position, record| {
            if without
                .iter()
                .any(|(first, last)| (first..=last).contains(&&position))
            {
                return true;
            }
            bytes.clear();
            copied(record).encode(&mut bytes);
            hasher.update((bytes.len() as u64).to_le_bytes());
            hasher.update(&bytes);
            true
        })?;
    }
    let digest = BASE64.encode(hasher.finalize());
    Ok(Answer::of_data(format!(
        "{{\"digest\":\"{digest}\",\"first\":{first},\"lastOut\":{last_out},\"erased\":\"{erased}\",\"gaps\":[{gaps}]}}"
    )))
}

/// Runs of positions, of which the events are left out: the first and the last position of each.
fn runs_of(raw: &str) -> Result<Vec<(u64, u64)>, Error> {
    let unexpected = || arguments::unexpected("without", "an array of pairs of positions", raw);
    serde_json::from_str(raw).map_err(|_| unexpected())
}

/// The runs of positions, from the first one to the last, whose events were trimmed between others, as JSON.
fn gaps_of(chunks: &dyn EventChunks, first: u64, last: u64) -> Result<String, Fault> {
    let mut text = String::new();
    if !chunks.has_gaps() {
        return Ok(text);
    }
    let mut position = first;
    while position <= last {
        let begin = position;
        while position <= last && chunks.is_out(position)? {
            position += 1;
        }
        if begin < position {
            let comma = if text.is_empty() { "" } else { "," };
            text.push_str(&format!("{comma}[{begin},{}]", position - 1));
        }
        position += 1;
    }
    Ok(text)
}

/// A record as it is copied. Where the event before it stands in its stream, each engine finds out by itself.
pub(super) fn copied<'a>(record: &Record<'a>) -> Record<'a> {
    Record { back: 0, ..*record }
}
