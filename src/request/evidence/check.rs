//! `checkTree`: whether the events of an instance are those that were hashed, a page at a time.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::difference::differences;
use super::growth::page_events;
use super::kept::TreeHead;
use super::reader::TreeReader;
use crate::arguments::{self, Arguments};
use crate::engine::Fault;
use crate::evidence::hash::Hash;
use crate::evidence::print::Print;
use crate::evidence::tile::{PART_HASHES, TILE_HASHES, folded, hashes_at};
use crate::evidence::tree;
use crate::json;
use crate::request::listing::{instance_of, options};
use crate::request::named_instance::find_in_snapshot;
use crate::request::response::Answer;
use crate::seam::ReadSnapshot;

/// How many problems an answer tells.
const PROBLEMS_MAX: usize = 100;

/// What is not as it was hashed.
struct Findings {
    problems: Vec<(Option<u64>, String)>,
    count: u64,
    /// Whether what follows cannot be compared.
    is_lost: bool,
}

impl Findings {
    fn add(&mut self, position: Option<u64>, text: String) {
        self.count += 1;
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push((position, text));
        }
    }

    /// Appends them to an object.
    fn write(&self, out: &mut String) {
        out.push_str(&format!(",\"problemCount\":{},\"problems\":[", self.count));
        for (index, (position, text)) in self.problems.iter().enumerate() {
            out.push_str(if index == 0 { "{" } else { ",{" });
            if let Some(position) = position {
                out.push_str(&format!("\"position\":{position},"));
            }
            out.push_str("\"what\":");
            json::write_string(out, text);
            out.push('}');
        }
        out.push(']');
    }
}

/// Hashes a page of the events after `from` anew and compares. After the last page, or where nothing more can be compared,
/// `next` is `null`, and `roots` has the roots of the trees of those `sizes` that the instance has events for.
pub(in crate::request) fn check_tree(
    arguments: &Arguments<'_>,
    snapshot: &dyn ReadSnapshot,
) -> Result<Answer, Fault> {
    let [instance, from, sizes] = options(arguments.get(0), ["instance", "from", "sizes"])?;
    let from = arguments::whole_number("from", from.unwrap_or("0"))?;
    let sizes = sizes.unwrap_or("[]");
    let sizes: Vec<u64> = serde_json::from_str(sizes)
        .map_err(|_| arguments::unexpected("sizes", "an array of whole numbers", sizes))?;
    let number = find_in_snapshot("instance", &instance_of(instance)?, snapshot)?;
    let instance = snapshot.instance(number)?;
    let Some(head) = TreeHead::read(snapshot, number)? else {
        let mut data = "{\"instanceId\":".to_owned();
        json::write_string(&mut data, &instance.id);
        data.push_str(",\"size\":null}");
        return Ok(Answer::of_data(data));
    };
    // The roots are to be those of the events, whatever is kept of them.
    let mut reader = TreeReader::new(snapshot, number, head)?.without_parts();
    let (size, events) = (reader.head().size, reader.events());
    let mut findings = Findings {
        problems: Vec::new(),
        count: 0,
        is_lost: false,
    };
    // Nothing is left to compare with of those that were dropped.
    let from = from.max(reader.first_kept() - 1) / TILE_HASHES * TILE_HASHES;
    let to = size
        .min(events)
        .min(from.saturating_add(page_events(&instance)));
    check_events(&mut reader, snapshot, number, from..to, &mut findings)?;
    let is_last = findings.is_lost || to >= size.min(events);
    if is_last && !findings.is_lost {
        check_tiles(&reader, snapshot, number, &mut findings)?;
    }
    if is_last && events < size {
        findings.add(
            None,
            format!("expected the {size} events that were hashed, found {events}"),
        );
    }

    let mut data = "{\"instanceId\":".to_owned();
    json::write_string(&mut data, &instance.id);
    data.push_str(&format!(",\"size\":{size},\"events\":{events},\"next\":"));
    data.push_str(&if is_last {
        "null".to_owned()
    } else {
        to.to_string()
    });
    findings.write(&mut data);
    data.push_str(",\"roots\":[");
    if is_last {
        write_roots(&mut data, &mut reader, &sizes)?;
    }
    data.push_str("]}");
    Ok(Answer::of_data(data))
}

/// Compares events with what is kept of them.
fn check_events(
    reader: &mut TreeReader<'_>,
    snapshot: &dyn ReadSnapshot,
    number: u32,
    leaves: std::ops::Range<u64>,
    findings: &mut Findings,
) -> Result<(), Fault> {
    if leaves.is_empty() {
        return Ok(());
    }
    let (mut kept, mut found) = (Vec::new(), Vec::new());
    let tiles = leaves.start / TILE_HASHES..leaves.end.div_ceil(TILE_HASHES);
    // One tile more on either side: what has moved is looked for there too.
    let dropped = reader.first_kept().div_ceil(TILE_HASHES) - 1;
    let first = tiles.start.saturating_sub(1).max(dropped).min(tiles.start);
    for tile in first..=tiles.end {
        let (prints, hashes) = if tile * TILE_HASHES < reader.events() {
            let leaves = reader.leaves(tile, reader.events())?;
            (leaves.prints, leaves.hashes)
        } else {
            (Vec::new(), Vec::new())
        };
        let of_tile = kept_of(reader, snapshot, number, tile)?;
        let is_own = tiles.contains(&tile);
        let is_whole = of_tile.hash.is_some() && folded(&hashes) == of_tile.hash;
        if is_own && is_whole && !has_parts_of(reader, snapshot, number, tile, &hashes)? {
            let text = format!("the parts of {} are altered", events_of(tile));
            findings.add(None, text);
        }
        kept.extend(match of_tile {
            KeptTile {
                hash: Some(hash),
                prints: kept,
            } if folded(&hashes) == Some(hash) => {
                // The events are as they were. What is kept to name them is not.
                if is_own && kept.as_ref() != Some(&prints) {
                    findings.add(
                        None,
                        format!("the prints of {} are altered", events_of(tile)),
                    );
                }
                prints.clone()
            }
            KeptTile { hash, prints: kept } => {
                let is_told = kept
                    .as_ref()
                    .is_some_and(|kept| kept.iter().zip(&prints).any(|(one, other)| one != other));
                // Without a hash of all of them, prints that fit are all that can be compared.
                let is_alike = matches!((&hash, &kept), (None, Some(_)));
                if is_own && !is_told && !is_alike {
                    let text = format!("{} are not those that were hashed", events_of(tile));
                    findings.add(None, text);
                }
                kept.unwrap_or_else(|| prints.clone())
            }
        });
        found.extend(prints);
    }
    let offset = (leaves.start - first * TILE_HASHES) as usize;
    let compared = offset..offset + (leaves.end - leaves.start) as usize;
    let (differences, is_lost) = differences(&kept, &found, compared, first * TILE_HASHES + 1);
    for (position, text) in differences {
        findings.add(Some(position), text);
    }
    findings.is_lost = is_lost;
    Ok(())
}

/// What is kept of a tile of events.
struct KeptTile {
    /// The hash of all of them, if it is whole.
    hash: Option<Hash>,
    /// Their prints, unless these are damaged.
    prints: Option<Vec<Print>>,
}

fn kept_of(
    reader: &TreeReader<'_>,
    snapshot: &dyn ReadSnapshot,
    number: u32,
    tile: u64,
) -> Result<KeptTile, Fault> {
    let head = reader.head();
    let hashes = head.hashes(snapshot, number, (1, tile / TILE_HASHES))?;
    let prints = match head.prints(snapshot, number, tile) {
        Ok(prints) => Some(prints),
        Err(Fault::Corrupted(_)) => None,
        Err(fault) => return Err(fault),
    };
    Ok(KeptTile {
        hash: hashes.get((tile % TILE_HASHES) as usize).copied(),
        prints,
    })
}

/// Whether what is kept of the parts of a whole tile, if anything is, follows from these leaves of it.
fn has_parts_of(
    reader: &TreeReader<'_>,
    snapshot: &dyn ReadSnapshot,
    number: u32,
    tile: u64,
    leaves: &[Hash],
) -> Result<bool, Fault> {
    let kept = match reader.head().parts(snapshot, number, tile) {
        Ok(Some(kept)) => kept,
        Ok(None) => return Ok(true),
        Err(Fault::Corrupted(_)) => return Ok(false),
        Err(fault) => return Err(fault),
    };
    let parts = leaves.chunks_exact(PART_HASHES as usize);
    Ok(parts.filter_map(folded).eq(kept))
}

/// The events of a tile, for a person.
fn events_of(tile: u64) -> String {
    let (first, last) = (tile * TILE_HASHES + 1, (tile + 1) * TILE_HASHES);
    format!("the events at positions {first} to {last}")
}

/// Compares the tiles of the levels above the first with those below them.
fn check_tiles(
    reader: &TreeReader<'_>,
    snapshot: &dyn ReadSnapshot,
    number: u32,
    findings: &mut Findings,
) -> Result<(), Fault> {
    let head = reader.head();
    let mut level = 2;
    while hashes_at(level, head.size) > 0 {
        for index in 0..hashes_at(level, head.size) {
            let tile = index / TILE_HASHES;
            let kept = head.hashes(snapshot, number, (level, tile))?;
            let below = head.hashes(snapshot, number, (level - 1, index))?;
            if kept.get((index % TILE_HASHES) as usize).copied() != folded(&below) {
                findings.add(
                    None,
                    format!("the tile {tile} of level {level} of the tree does not fit to those below it"),
                );
            }
        }
        level += 1;
    }
    Ok(())
}

/// Appends the root of each tree that there are enough events for, and `null` for another one.
fn write_roots(out: &mut String, reader: &mut TreeReader<'_>, sizes: &[u64]) -> Result<(), Fault> {
    for (index, size) in sizes.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        if *size > reader.events() {
            out.push_str("null");
            continue;
        }
        out.push('"');
        BASE64.encode_string(tree::root(reader, *size)?, out);
        out.push('"');
    }
    Ok(())
}
