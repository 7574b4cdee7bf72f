//! `hashEvents` and `storeTree`: how the tree of an instance grows, a page of events at a time.
//!
//! The first one reads events, hashes them, and says which tiles there are to be kept. The second one keeps those, in the
//! writer's turn, unless another caller has done so in the meantime. So the writer hashes nothing, and an append knows
//! nothing of the tree.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::kept::{HEAD, PRINTS, TreeHead, leaves_name, parts_name, state_name};
use super::reader::TreeReader;
use crate::arguments::{self, Arguments};
use crate::engine::seeded_bug::{Bug, OfThisThread, Seeded};
use crate::engine::{Fault, Instance};
use crate::error::{Code, Error};
use crate::evidence::hash::Hash;
use crate::evidence::salts::{POSITION_MAX, Seed};
use crate::evidence::tile::{PART_HASHES, TILE_HASHES, folded, hashes_at};
use crate::evidence::tree;
use crate::json;
use crate::request::consumers::within;
use crate::request::listing::{instance_of, options};
use crate::request::named_instance::{find_in_batch, find_in_snapshot};
use crate::request::response::Answer;
use crate::seam::{ReadSnapshot, Transaction};

/// How many events a page hashes, at most.
pub(super) const PAGE_EVENTS: u64 = 16_384;

/// Where events are large, a page has about as many bytes of them.
const PAGE_BYTES: u64 = 64 << 20;

/// How many events of an instance a page hashes: those of whole tiles.
pub(super) fn page_events(instance: &Instance) -> u64 {
    let head = &instance.head;
    let mean = head.stored_bytes / head.last_position.max(1);
    let events = PAGE_BYTES / mean.max(1);
    (events / TILE_HASHES * TILE_HASHES).clamp(TILE_HASHES, PAGE_EVENTS)
}

/// Hashes the next page of events, up to `size`, or to the last event. The seed is what the salts come from if there is
/// no tree yet.
pub(in crate::request) fn hash_events(
    arguments: &Arguments<'_>,
    snapshot: &dyn ReadSnapshot,
) -> Result<Answer, Fault> {
    let [instance, size, seed] = options(arguments.get(0), ["instance", "size", "seed"])?;
    let number = find_in_snapshot("instance", &instance_of(instance)?, snapshot)?;
    let instance = snapshot.instance(number)?;
    let last = instance.head.last_position.min(POSITION_MAX);
    let size = match size {
        None => last,
        Some(raw) => within("size", arguments::whole_number("size", raw)?, last)?,
    };
    let kept = TreeHead::read(snapshot, number)?;
    let is_new = kept.is_none();
    let head = kept.map_or_else(|| seed_of(seed).map(TreeHead::of), Ok)?;
    let from = head.size;
    if last < from {
        return Err(Fault::Corrupted(format!(
            "the tree has {from} events, which were hashed for a checkpoint, and the instance {last}"
        )));
    }
    let end = from / TILE_HASHES * TILE_HASHES + page_events(&instance);
    let to = size.max(from).min(end);
    let mut reader = TreeReader::new(snapshot, number, head)?;
    if from + 1 < reader.first_kept() {
        let first = reader.horizon().first_position();
        let text = format!(
            "instance: expected one whose events can all be hashed, found that those before position {first} were \
             trimmed before a checkpoint was made of them"
        );
        return Err(Error::trimmed(first).with_text(text).into());
    }
    // What was hashed before is not taken anew, whether or not something follows on it.
    for size in [from, size.min(from)] {
        let tile = size.checked_sub(1).map(|last| last / TILE_HASHES);
        // A tile that was dropped is whole, and its hash is in the root that is compared then.
        if let Some(tile) = tile.filter(|tile| tile * TILE_HASHES + 1 >= reader.first_kept()) {
            reader.check_tile(tile)?;
        }
    }
    if tree::root(&mut reader, from)? != reader.head().root {
        return Err(Fault::Corrupted(format!(
            "the tree of the first {from} events has another root than when they were hashed"
        )));
    }
    let tiles = grown(&mut reader, to)?;
    let reached = tree::root(&mut reader, to)?;

    let mut data = format!("{{\"number\":{number},\"instanceId\":");
    json::write_string(&mut data, &instance.id);
    data.push_str(&format!(
        ",\"size\":{size},\"from\":{from},\"to\":{to},\"isNew\":{is_new},\"reached\":\"{}\",\"root\":",
        BASE64.encode(reached)
    ));
    if size <= to {
        let root = tree::root(&mut reader, size)?;
        data.push_str(&format!("\"{}\"", BASE64.encode(root)));
    } else {
        data.push_str("null");
    }
    data.push_str(",\"tiles\":[");
    for (index, (name, bytes)) in tiles.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        data.push_str(&format!("{comma}[\"{name}\",\"{}\"]", BASE64.encode(bytes)));
    }
    data.push_str("]}");
    Ok(Answer::of_data(data))
}

/// The tiles that are not as they are kept, once the tree has grown to that size: their names and bytes.
fn grown(reader: &mut TreeReader<'_>, to: u64) -> Result<Vec<(String, Vec<u8>)>, Fault> {
    let head = reader.head().clone();
    if head.size == to {
        return Ok(Vec::new());
    }
    let mut tiles = Vec::new();
    for tile in head.size / TILE_HASHES..=(to - 1) / TILE_HASHES {
        let found = reader.leaves(tile, to)?;
        let mut bytes = Vec::new();
        for print in found.prints {
            print.encode(&mut bytes);
        }
        tiles.push((state_name(PRINTS, tile), bytes));
        let parts = found.hashes.chunks_exact(PART_HASHES as usize);
        let parts: Vec<Hash> = parts.filter_map(folded).collect();
        if !parts.is_empty() {
            tiles.push((parts_name(tile), parts.concat()));
        }
        let was_begun = head.size / TILE_HASHES == tile && !head.size.is_multiple_of(TILE_HASHES);
        if was_begun && found.hashes.len() as u64 == TILE_HASHES {
            tiles.push((leaves_name(tile), found.hashes.concat()));
        }
    }
    let mut level = 1;
    while hashes_at(level, to) > 0 {
        let (old, new) = (hashes_at(level, head.size), hashes_at(level, to));
        if new > old {
            for tile in old / TILE_HASHES..=(new - 1) / TILE_HASHES {
                let count = (new - tile * TILE_HASHES).min(TILE_HASHES) as usize;
                let hashes = reader.tile(level, tile, count)?;
                let hashes = hashes.iter().take(count);
                tiles.push((state_name(level, tile), hashes.flatten().copied().collect()));
            }
        }
        level += 1;
    }
    Ok(tiles)
}

/// Keeps what a page has hashed, if the tree is still as it was then.
pub(in crate::request) fn store_tree(
    arguments: &Arguments<'_>,
    batch: &mut dyn Transaction,
) -> Result<Answer, Fault> {
    let keys = [
        "instance", "number", "from", "to", "reached", "seed", "tiles",
    ];
    let [instance, number, from, to, reached, seed, tiles] = options(arguments.get(0), keys)?;
    let whole = |path, raw| {
        arguments::whole_number(path, arguments::required(path, raw, "a whole number")?)
    };
    let (from, to) = (whole("from", from)?, whole("to", to)?);
    let root = hash_of("reached", reached)?;
    let seed = seed.map(|raw| seed_of(Some(raw))).transpose()?;
    let tiles = tiles_of(arguments::required("tiles", tiles, "an array of tiles")?)?;
    let instance = instance_of(instance)?;
    let found = find_in_batch("instance", &instance, batch)?;
    if u64::from(found) != whole("number", number)? {
        let text = format!("the instance {instance:?} was deleted and made anew meanwhile");
        return Err(Fault::refused(Code::InstanceNotFound, text));
    }
    within("to", to, batch.instance(found)?.head.last_position)?;
    let kept = batch.state(found, HEAD)?;
    let kept = kept.map(|bytes| TreeHead::decode(&bytes)).transpose()?;
    let head = match (kept, seed) {
        (Some(kept), None) => kept,
        (None, Some(seed)) => TreeHead::of(seed),
        (Some(_), Some(seed)) if OfThisThread.has(Bug::TreeMadeAnew) => TreeHead::of(seed),
        // Another caller has made the tree since.
        _ => return Ok(stored(false)),
    };
    if head.size != from {
        return Ok(stored(false));
    }
    for (name, bytes) in &tiles {
        batch.put_state(found, name, bytes)?;
    }
    let head = TreeHead {
        size: to,
        root,
        ..head
    };
    batch.put_state(found, HEAD, &head.encode())?;
    Ok(stored(true))
}

fn stored(is_stored: bool) -> Answer {
    Answer::of_data(format!("{{\"stored\":{is_stored}}}"))
}

/// The seed that the package's JavaScript gives.
fn seed_of(raw: Option<&str>) -> Result<Seed, Error> {
    hash_of("seed", raw)
}

/// A hash, or what has as many bytes, that the package's JavaScript gives.
fn hash_of(path: &str, raw: Option<&str>) -> Result<Hash, Error> {
    let expected = "32 bytes in base64";
    let raw = arguments::required(path, raw, expected)?;
    let text = arguments::string(path, raw, expected)?;
    let bytes = BASE64.decode(text.as_bytes()).ok();
    let hash = bytes.and_then(|bytes| bytes.try_into().ok());
    // It is not told what was found: it may be a seed.
    hash.ok_or_else(|| Error::expected(path, expected, "another string"))
}

/// The tiles that the package's JavaScript hands on.
fn tiles_of(raw: &str) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let unexpected = || arguments::unexpected("tiles", "an array of names and base64", raw);
    let tiles: Vec<(String, String)> = serde_json::from_str(raw).map_err(|_| unexpected())?;
    let decode = |(name, text): (String, String)| {
        let bytes = BASE64.decode(text).map_err(|_| unexpected())?;
        if name.starts_with(&format!("{HEAD}/")) {
            Ok((name, bytes))
        } else {
            Err(unexpected())
        }
    };
    tiles.into_iter().map(decode).collect()
}

const _: () = assert!(
    PAGE_EVENTS.is_multiple_of(TILE_HASHES),
    "a page ends with a tile"
);
