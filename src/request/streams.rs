//! `listStreams`: the streams of an instance, a page at a time.

use std::borrow::Cow;
use std::ops::ControlFlow;

use super::extent::Extent;
use super::list::List;
use super::listing;
use super::named_instance::find_in_snapshot;
use super::response::Answer;
use crate::arguments::{Arguments, string_within};
use crate::engine::{Fault, StreamEnd};
use crate::error::Error;
use crate::event::IDENTIFIER_BYTES_MAX;
use crate::seam::ReadSnapshot;
use crate::{json, timestamp};

/// What is asked for.
struct StreamListOptions {
    instance: String,
    prefix: String,
    after: Option<String>,
    limit: usize,
}

impl StreamListOptions {
    fn parse(raw: Option<&str>) -> Result<Self, Error> {
        let [instance, prefix, after, limit] =
            listing::options(raw, ["instance", "prefix", "after", "limit"])?;
        // Ids of streams are compared with it.
        let text = |path, raw: Option<&str>| {
            let text = raw.map(|raw| string_within(path, raw, "a string", IDENTIFIER_BYTES_MAX));
            Ok::<_, Error>(text.transpose()?.map(Cow::into_owned))
        };
        Ok(Self {
            instance: listing::instance_of(instance)?,
            prefix: text("prefix", prefix)?.unwrap_or_default(),
            after: text("after", after)?,
            limit: listing::limit(limit, "streams")?,
        })
    }
}

/// How much there is to be read for that.
pub(super) fn extent(
    arguments: &Arguments<'_>,
    snapshot: &dyn ReadSnapshot,
) -> Result<Extent, Fault> {
    let options = StreamListOptions::parse(arguments.get(0))?;
    let instance = snapshot.instance(find_in_snapshot("instance", &options.instance, snapshot)?)?;
    let count = instance.head.stream_count.min(options.limit as u64);
    Ok(Extent::of_events(count, &instance))
}

/// Lists the streams that are asked for.
pub(super) fn list(
    arguments: &Arguments<'_>,
    snapshot: &dyn ReadSnapshot,
) -> Result<Answer, Fault> {
    let StreamListOptions {
        instance,
        prefix,
        after,
        limit,
    } = StreamListOptions::parse(arguments.get(0))?;
    let number = find_in_snapshot("instance", &instance, snapshot)?;
    // One more tells whether there are more.
    let mut streams = snapshot.streams(number, &prefix, after.as_deref(), limit + 1)?;
    let has_more = streams.len() > limit;
    streams.truncate(limit);
    let list = list_of(snapshot, number, &streams)?;
    Ok(list.answer("streams", &format!("\"hasMore\":{has_more}")))
}

/// The streams with the times of their last events, which are read in their order.
fn list_of(snapshot: &dyn ReadSnapshot, number: u32, streams: &[StreamEnd]) -> Result<List, Fault> {
    let mut positions: Vec<u64> = streams.iter().map(|stream| stream.position).collect();
    positions.sort_unstable();
    let mut times = Vec::with_capacity(positions.len());
    let chunks = snapshot.chunks(number)?;
    chunks.each(&mut positions.iter().copied(), &mut |_, record| {
        times.push(record.timestamp_ms);
        Ok(ControlFlow::Continue(()))
    })?;
    let mut list = List::of_values();
    let mut json = String::new();
    for stream in streams {
        json.clear();
        let out = &mut json;
        let at = positions
            .binary_search(&stream.position)
            .unwrap_or_default();
        out.push_str("{\"stream_id\":");
        json::write_string(out, &stream.stream_id);
        let (sequence, position) = (stream.sequence, stream.position);
        out.push_str(&format!(
            ",\"sequence_number\":{sequence},\"position\":{position}"
        ));
        let first = match chunks.last_out() {
            0 => 1,
            _ => snapshot.stream(number, &stream.stream_id)?.first()?,
        };
        out.push_str(&format!(",\"firstSequence\":{first}"));
        out.push_str(",\"timestamp\":\"");
        timestamp::write(out, times.get(at).copied().unwrap_or_default());
        out.push_str("\"}");
        list.value(&json);
    }
    Ok(list)
}
