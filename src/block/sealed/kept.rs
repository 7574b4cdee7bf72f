//! Events that are kept as texts: payload and metadata compressed with LZ4, each with the text of an
//! event that is like it as a dictionary.
//!
//! A dictionary is a piece of its own: `varint` how many bytes it has, and the bytes compressed with
//! LZ4, with the first dictionary as theirs. Each event has what it has in the place of names in its
//! dictionary (see `substitution`), if it has one, and its compressed text. Those of so many events in a
//! row are a piece.

use std::borrow::Cow;
use std::hash::{BuildHasher, Hasher};
use std::ops::Range;

use rustc_hash::FxHashMap;

use super::super::bytes::{Reader, write_varint};
use super::substitution::{self, Model};
use crate::hashing::TextHash;

/// The compressed texts of so many events, following on each other, are one piece.
pub(super) const EVENTS_IN_PIECE: usize = 8;

/// How many bytes of texts are dictionaries at most.
const LIKES_BYTES_MAX: usize = 4 << 20;

/// LZ4 looks back no further.
const LIKE_BYTES_MAX: usize = 64 << 10;

/// What LZ4 can make of a byte at most.
const EXPANSION_MAX: usize = 256;

/// Events being kept.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// Texts that others are like.
    likes: Vec<Model>,
    likes_bytes: usize,
    by_shape: FxHashMap<u64, usize>,
    hash: TextHash,
    pub(super) like: Vec<i64>,
    pub(super) payload_bytes: Vec<i64>,
    pub(super) metadata_bytes: Vec<i64>,
    /// Where the bytes of each event end.
    pub(super) ends: Vec<usize>,
    pub(super) bytes: Vec<u8>,
    /// The text of an event, and the strings that are values in it, for as long as it takes to push it.
    text: Vec<u8>,
    strings: Vec<Range<usize>>,
}

impl Kept {
    pub(super) fn push(&mut self, event_type: &str, payload: &str, metadata: &str) {
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        text.extend_from_slice(payload.as_bytes());
        text.extend_from_slice(metadata.as_bytes());
        let like = self.like(event_type, payload.len(), &text);
        self.like.push(like as i64);
        self.payload_bytes.push(payload.len() as i64);
        self.metadata_bytes.push(metadata.len() as i64);
        let compressed = match like.checked_sub(1).map(|like| &mut self.likes[like]) {
            None => lz4_flex::block::compress(&text),
            Some(like) => {
                let (start, event) = (self.bytes.len(), self.like.len() as u64);
                like.write(&mut self.bytes, &text, &self.strings, event);
                let mut reader = Reader::new(&self.bytes[start..]);
                let adapted = substitution::read(&mut reader, &like.text);
                lz4_flex::block::compress_with_dict(&text, &adapted.unwrap_or_default())
            }
        };
        self.bytes.extend_from_slice(&compressed);
        self.ends.push(self.bytes.len());
        self.text = text;
    }

    /// The number, from 1, of the text that `text` is like, whose first bytes are the payload. If there is none, it becomes
    /// one. The strings of the text are known then.
    fn like(&mut self, event_type: &str, payload_bytes: usize, text: &[u8]) -> usize {
        let shape = self.shape(event_type, payload_bytes, text);
        if let Some(like) = self.by_shape.get(&shape) {
            return *like;
        }
        let bytes = text.len().min(LIKE_BYTES_MAX);
        if self.likes_bytes + bytes > LIKES_BYTES_MAX {
            return 0;
        }
        self.likes_bytes += bytes;
        let whole = self.strings.partition_point(|place| place.end < bytes);
        let model = Model::new(&text[..bytes], &self.strings[..whole]);
        self.likes.push(model);
        self.by_shape.insert(shape, self.likes.len());
        self.likes.len()
    }

    /// What events have in common that are alike: the type, and the keys of the objects. Notes the strings of the text.
    fn shape(&mut self, event_type: &str, payload_bytes: usize, text: &[u8]) -> u64 {
        let mut hasher = self.hash.build_hasher();
        hasher.write(event_type.as_bytes());
        self.strings.clear();
        let strings = &mut self.strings;
        substitution::each_string(text, |place, is_key| {
            if !is_key {
                strings.push(place);
            } else if place.end < payload_bytes {
                // With its quotes, which tell where it begins and ends.
                hasher.write(&text[place.start - 1..=place.end]);
            }
        });
        hasher.finish()
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The dictionaries as pieces.
    pub(super) fn like_pieces(&self) -> impl Iterator<Item = Vec<u8>> {
        self.likes.iter().enumerate().map(|(number, like)| {
            let like = &like.text;
            let mut piece = Vec::new();
            write_varint(&mut piece, like.len() as u64);
            let base: &[u8] = match number {
                0 => &[],
                _ => &self.likes[0].text,
            };
            piece.extend_from_slice(&lz4_flex::block::compress_with_dict(like, base));
            piece
        })
    }
}

/// Reads a dictionary, of which `base` is the first one unless this is; `None` where `piece` is none.
pub(super) fn read_like(piece: &[u8], base: &[u8]) -> Option<Box<[u8]>> {
    let mut reader = Reader::new(piece);
    let bytes = reader
        .count()
        .filter(|bytes| (1..=LIKE_BYTES_MAX).contains(bytes))?;
    let mut like = Vec::new();
    decompress(reader.rest(), bytes, base, &mut like)?;
    Some(like.into())
}

/// Appends the text of an event that has so many bytes; `None` where there are others.
pub(super) fn expand(
    kept: &[u8],
    bytes: usize,
    like: Option<&[u8]>,
    out: &mut Vec<u8>,
) -> Option<()> {
    let mut reader = Reader::new(kept);
    let adapted = match like {
        None => Cow::default(),
        Some(like) => substitution::read(&mut reader, like)?,
    };
    decompress(reader.rest(), bytes, &adapted, out)
}

fn decompress(compressed: &[u8], bytes: usize, dictionary: &[u8], out: &mut Vec<u8>) -> Option<()> {
    if bytes > compressed.len().saturating_mul(EXPANSION_MAX) {
        return None;
    }
    let start = out.len();
    out.resize(start + bytes, 0);
    let place = &mut out[start..];
    let expanded = lz4_flex::block::decompress_into_with_dict(compressed, place, dictionary);
    (expanded.ok()? == bytes).then_some(())
}
