//! `listStreams`: the streams of an instance, a page at a time.

use serde_json::value::RawValue;

use super::response::Answer;
use super::time_text;
use crate::engine::{Fault, Snapshot, StreamEnd};
use crate::error::Error;
use crate::event::IDENTIFIER_BYTES_MAX;
use crate::json::{self, Kind};
use crate::query::{identifier, shape};

/// How many streams a page has if its caller does not say.
const LIMIT_DEFAULT: usize = 1_000;

/// How many streams a page may have.
const LIMIT_MAX: usize = 10_000;

/// What is asked for.
struct Options {
    instance: String,
    prefix: String,
    after: Option<String>,
    limit: usize,
}

impl Options {
    fn parse(raw: Option<&RawValue>) -> Result<Self, Error> {
        let raw = raw.ok_or_else(|| Error::expected("options", "an object", "nothing"))?;
        if Kind::of(raw.get()) != Kind::Object {
            return Err(shape::unexpected("options", "an object", raw.get()));
        }
        let [instance, prefix, after, limit] =
            shape::members("", raw.get(), ["instance", "prefix", "after", "limit"])?;
        let expected = "the id or name of an instance";
        let instance = shape::required("instance", instance, expected)?;
        let text = |path, raw: Option<&str>| raw.map(|raw| string(path, raw)).transpose();
        Ok(Self {
            instance: identifier("instance", instance, expected)?,
            prefix: text("prefix", prefix)?.unwrap_or_default(),
            after: text("after", after)?,
            limit: limit.map_or(Ok(LIMIT_DEFAULT), page_limit)?,
        })
    }
}

/// A string that ids of streams are compared with; it may be empty.
fn string(path: &str, raw: &str) -> Result<String, Error> {
    if Kind::of(raw) != Kind::String {
        return Err(shape::unexpected(path, "a string", raw));
    }
    let text = json::decode_string(raw)
        .map_err(|error| Error::expected(path, "a string", &error.to_string()))?;
    if text.len() > IDENTIFIER_BYTES_MAX {
        return Err(shape::over_limit(
            path,
            IDENTIFIER_BYTES_MAX,
            "bytes",
            text.len(),
        ));
    }
    Ok(text.into_owned())
}

fn page_limit(raw: &str) -> Result<usize, Error> {
    let limit = shape::whole_number("limit", raw)?;
    match usize::try_from(limit) {
        Ok(limit) if limit <= LIMIT_MAX => Ok(limit),
        _ => Err(shape::over_limit(
            "limit",
            LIMIT_MAX,
            "streams",
            limit as usize,
        )),
    }
}

/// Lists the streams that `raw` asks for.
pub(super) fn list(raw: Option<&RawValue>, snapshot: &Snapshot) -> Result<Answer, Fault> {
    let Options {
        instance,
        prefix,
        after,
        limit,
    } = Options::parse(raw)?;
    let number = snapshot.find(&instance)?;
    // One more tells whether there are more.
    let mut streams = snapshot.streams(number, &prefix, after.as_deref(), limit + 1)?;
    let has_more = streams.len() > limit;
    streams.truncate(limit);
    let mut data = String::from("{\"streams\":[");
    write_streams(&mut data, snapshot, number, &streams)?;
    data.push_str(&format!("],\"hasMore\":{has_more}}}"));
    Ok(Answer::of_data(data))
}

/// Appends the streams with the times of their last events, which are read in their order.
fn write_streams(
    out: &mut String,
    snapshot: &Snapshot,
    number: u32,
    streams: &[StreamEnd],
) -> Result<(), Fault> {
    let mut positions: Vec<u64> = streams.iter().map(|stream| stream.position).collect();
    positions.sort_unstable();
    let mut times = Vec::with_capacity(positions.len());
    let chunks = snapshot.chunks(number)?;
    chunks.each(positions.iter().copied(), |_, record| {
        times.push(record.timestamp_ms);
        Ok::<_, Fault>(())
    })?;
    for (index, stream) in streams.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        let at = positions
            .binary_search(&stream.position)
            .unwrap_or_default();
        out.push_str("{\"stream_id\":");
        json::write_string(out, &stream.stream_id);
        let (sequence, position) = (stream.sequence, stream.position);
        out.push_str(&format!(
            ",\"sequence_number\":{sequence},\"position\":{position}"
        ));
        out.push_str(",\"timestamp\":\"");
        time_text::write(out, times.get(at).copied().unwrap_or_default());
        out.push_str("\"}");
    }
    Ok(())
}
