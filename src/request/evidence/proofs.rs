//! `proveInclusion` and `proveConsistency`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::kept::TreeHead;
use super::leaf::{KeptText, kept_of, leaf_of};
use super::reader::TreeReader;
use crate::arguments::{self, Arguments};
use crate::engine::seeded_bug::{Bug, OfThisThread, Seeded};
use crate::engine::{Fault, Record};
use crate::erased::Kept;
use crate::error::{Code, Error};
use crate::evidence::hash::Hash;
use crate::evidence::salts::{Part, Path};
use crate::evidence::tile::TILE_HASHES;
use crate::evidence::tree;
use crate::json;
use crate::request::extent::Extent;
use crate::request::listing::{instance_of, options};
use crate::request::named_instance::find_in_snapshot;
use crate::request::response::Answer;

use crate::seam::ReadSnapshot;
use crate::timestamp;

/// What `proveInclusion` takes.
const INCLUSION_KEYS: [&str; 3] = ["instance", "position", "size"];

/// What `proveConsistency` takes.
const CONSISTENCY_KEYS: [&str; 3] = ["instance", "oldSize", "newSize"];

/// How much there is to be read for a proof in a tree of that size.
fn extent_of(
    snapshot: &dyn ReadSnapshot,
    instance: Option<&str>,
    size: Option<&str>,
) -> Result<Extent, Fault> {
    let number = find_in_snapshot("instance", &instance_of(instance)?, snapshot)?;
    let hashed = TreeHead::read(snapshot, number)?.map_or(0, |head| head.size);
    let size = size.and_then(json::whole_number).unwrap_or(hashed);
    let events = 2 * TILE_HASHES + size.saturating_sub(hashed);
    Ok(Extent::of_events(events, &snapshot.instance(number)?))
}

/// How much there is to be read for `proveInclusion`.
pub(in crate::request) fn inclusion_extent(
    arguments: &Arguments<'_>,
    snapshot: &dyn ReadSnapshot,
) -> Result<Extent, Fault> {
    let [instance, _, size] = options(arguments.get(0), INCLUSION_KEYS)?;
    extent_of(snapshot, instance, size)
}

/// How much there is to be read for `proveConsistency`.
pub(in crate::request) fn consistency_extent(
    arguments: &Arguments<'_>,
    snapshot: &dyn ReadSnapshot,
) -> Result<Extent, Fault> {
    let [instance, _, size] = options(arguments.get(0), CONSISTENCY_KEYS)?;
    extent_of(snapshot, instance, size)
}

/// Proves that an event is in the tree of a size.
pub(in crate::request) fn inclusion(
    arguments: &Arguments<'_>,
    snapshot: &dyn ReadSnapshot,
) -> Result<Answer, Fault> {
    let [instance, position, size] = options(arguments.get(0), INCLUSION_KEYS)?;
    let mut reader = reader_of(snapshot, &instance_of(instance)?)?;
    let size = size_of("size", size, &reader)?;
    let expected = format!("a position from 1 to {size}");
    let raw = arguments::required("position", position, &expected)?;
    let position = arguments::whole_number("position", raw)?;
    if position == 0 || position > size {
        return Err(arguments::unexpected("position", &expected, raw).into());
    }
    if position <= reader.horizon().position {
        let first = reader.horizon().first_position();
        let text = format!(
            "position: expected at least {first}, as the events before it were trimmed, found {position}"
        );
        return Err(Error::trimmed(first).with_text(text).into());
    }
    if reader.is_out(position)? {
        let text = format!(
            "position: expected that of an event that is left, found {position}, which was trimmed"
        );
        return Err(Error::event_trimmed(position).with_text(text).into());
    }
    // The proof rests on the leaves beside these two, and on what is kept of the others.
    for position in [position, size] {
        reader.check(position)?;
    }
    let of = proven(size, position);
    let root = tree::root(&mut reader, of)?;
    let hashes = tree::inclusion(&mut reader, position - 1, of)?;
    let mut data = format!("{{\"position\":{position},\"size\":{size},\"root\":");
    write_hash(&mut data, &root);
    data.push_str(",\"hashes\":");
    write_hashes(&mut data, &hashes);
    let mut written = Ok(());
    reader.at(position, &mut |record| {
        written = write_event(&mut data, &reader, position, record);
    })?;
    written?;
    data.push('}');
    Ok(Answer::of_data(data))
}

/// Proves that the tree of one size begins with that of another.
pub(in crate::request) fn consistency(
    arguments: &Arguments<'_>,
    snapshot: &dyn ReadSnapshot,
) -> Result<Answer, Fault> {
    let [instance, old, new] = options(arguments.get(0), CONSISTENCY_KEYS)?;
    let mut reader = reader_of(snapshot, &instance_of(instance)?)?;
    let new = size_of("newSize", new, &reader)?;
    let expected = format!("a whole number from 0 to {new}");
    let raw = arguments::required("oldSize", old, &expected)?;
    let old = arguments::whole_number("oldSize", raw)?;
    if old > new {
        return Err(arguments::unexpected("oldSize", &expected, raw).into());
    }
    let of = proven(new, old);
    let (old_root, new_root) = (tree::root(&mut reader, old)?, tree::root(&mut reader, of)?);
    // Every tree begins with the one that has no leaf: there is nothing to be proved.
    let hashes = match old {
        0 => Vec::new(),
        _ => tree::consistency(&mut reader, old, of)?,
    };
    let mut data = format!("{{\"oldSize\":{old},\"newSize\":{new},\"oldRoot\":");
    write_hash(&mut data, &old_root);
    data.push_str(",\"newRoot\":");
    write_hash(&mut data, &new_root);
    data.push_str(",\"hashes\":");
    write_hashes(&mut data, &hashes);
    data.push('}');
    Ok(Answer::of_data(data))
}

/// The size of the tree from which it is proven what was asked of that of `size`: the same. A bug has an older tree be taken
/// that has at least so many leaves.
fn proven(size: u64, at_least: u64) -> u64 {
    if OfThisThread.has(Bug::ProofOfOldRoot) {
        return at_least.max(size.saturating_sub(1));
    }
    size
}

/// The tree of an instance that has one.
fn reader_of<'a>(
    snapshot: &'a dyn ReadSnapshot,
    id_or_name: &str,
) -> Result<TreeReader<'a>, Fault> {
    let number = find_in_snapshot("instance", id_or_name, snapshot)?;
    let head = TreeHead::read(snapshot, number)?.ok_or_else(|| {
        let text = format!(
            "instance: expected one of which a checkpoint was made, found {id_or_name:?}, which has no tree yet: \
             checkpoint makes it"
        );
        Error::new(Code::InvalidArgument, text)
    })?;
    TreeReader::new(snapshot, number, head)
}

/// The size of a tree, which is that of the last checkpoint if it is not given.
fn size_of(path: &str, raw: Option<&str>, reader: &TreeReader<'_>) -> Result<u64, Error> {
    let Some(raw) = raw else {
        return Ok(reader.head().size);
    };
    let size = arguments::whole_number(path, raw)?;
    let events = reader.events();
    if size > events {
        let expected = format!("at most the number of events, {events}");
        return Err(arguments::unexpected(path, &expected, raw));
    }
    Ok(size)
}

/// Appends what an auditor needs to make the leaf of an event.
fn write_event(
    out: &mut String,
    reader: &TreeReader<'_>,
    position: u64,
    record: &Record<'_>,
) -> Result<(), Fault> {
    let mut path = Path::of(&reader.head().salts);
    // It fails where a salt is gone.
    leaf_of(&mut path, position, record)?;
    out.push_str(&format!(
        ",\"event\":{{\"id\":\"{}\",\"stream_id\":",
        record.id
    ));
    json::write_string(out, record.stream_id);
    out.push_str(",\"event_type\":");
    json::write_string(out, record.event_type);
    out.push_str(",\"timestamp\":\"");
    timestamp::write(out, record.timestamp_ms);
    out.push_str(&format!("\",\"sequence_number\":{}", record.sequence));
    let texts = texts_of(&mut path, position, record);
    for (name, (_, text)) in [",\"payload\":", ",\"metadata\":"].iter().zip(&texts) {
        out.push_str(name);
        match text {
            Some(text) => json::write_string(out, text),
            None => out.push_str("null"),
        }
    }
    out.push('}');
    let kept = texts.map(|(kept, _)| kept);
    let salts = kept.map(|kept| match kept {
        Kept::Salt(salt) => Some(salt),
        Kept::Commitment(_) => None,
    });
    write_of_texts(out, "salts", salts);
    // The text is gone, or a part of it, and the salt: what is left is the commitment.
    let commitments = kept.map(|kept| match kept {
        Kept::Salt(_) => None,
        Kept::Commitment(commitment) => Some(commitment),
    });
    if commitments != [None; 2] {
        write_of_texts(out, "commitments", commitments);
    }
    Ok(())
}

/// The payload and the metadata of an event, as far as they are proven, with what proves them.
fn texts_of(path: &mut Path<'_>, position: u64, record: &Record<'_>) -> [KeptText; 2] {
    if let Some(kept) = kept_of(record) {
        // What is left of a text is not proven by the commitment to all of it.
        return kept.map(|(kept, left)| match kept {
            Kept::Salt(_) => (kept, left),
            Kept::Commitment(_) => (kept, None),
        });
    }
    let parts = [
        (Part::Payload, record.payload),
        (Part::Metadata, record.metadata),
    ];
    parts.map(|(part, text)| {
        let salt = path.salt(position, part, record.id.as_bytes());
        (Kept::Salt(salt.unwrap_or_default()), Some(text.to_owned()))
    })
}

/// Appends a member with what there is for the payload and the metadata: `null` for one that has none, and if neither has any.
fn write_of_texts(out: &mut String, name: &str, hashes: [Option<Hash>; 2]) {
    out.push_str(&format!(",\"{name}\":"));
    if hashes == [None; 2] {
        out.push_str("null");
        return;
    }
    for (name, hash) in ["{\"payload\":", ",\"metadata\":"].iter().zip(&hashes) {
        out.push_str(name);
        match hash {
            Some(hash) => write_hash(out, hash),
            None => out.push_str("null"),
        }
    }
    out.push('}');
}

fn write_hash(out: &mut String, hash: &Hash) {
    out.push('"');
    BASE64.encode_string(hash, out);
    out.push('"');
}

fn write_hashes(out: &mut String, hashes: &[Hash]) {
    out.push('[');
    for (index, hash) in hashes.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_hash(out, hash);
    }
    out.push(']');
}
