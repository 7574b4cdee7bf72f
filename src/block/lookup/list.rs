//! A list of entries as bytes, cut into pieces of which one is enough to look a hash up.
//!
//! ```text
//! checksum   u32      CRC-32 of the key of the list, the hash that the piece is found by, and all that follows
//! other      varint   the other end of its hashes, see `Form`
//! entries    varint   how many there are
//! low        u8       how many bits of each hash are low ones
//! high       varint   how many bits there are for the high ones
//! high       bits     for each value of the high bits in turn: a 1 for each entry that has it, and a 0
//! low        bits     the low bits of each hash
//! places     bits     the place of each entry
//! ```
//!
//! Pieces are found by the last of their hashes: of those that are in the order of their keys, the first one from a hash on is
//! the one that would have it. Lists of the first version have them by the first of their hashes. Then the one that would
//! have it is the last one up to a hash, and what keeps them comes to the piece behind it before.
//!
//! Hashes are told above the first one of the piece (Elias-Fano coding): each takes two bits more than its low ones.

use std::ops::Range;

use super::super::bytes::{Reader, write_varint};
use super::super::sealed::bits::{Bits, pack, word_at};
use super::entry::{Entry, Level, Place};
use super::hash::HASHES;

/// What a piece has beside its entries, at most.
const HEAD_BYTES: usize = 4 + 4 + 3 + 1 + 4 + 3;

/// By what the pieces of a list are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// By the first of its hashes; the other end is the first hash of the next piece.
    ByFirst,
    /// By the last of its hashes; the other end is the first of them.
    ByLast,
}

/// A piece that was read.
#[derive(Debug)]
pub struct Piece<'a> {
    bytes: &'a [u8],
    level: Level,
    first: u32,
    end: u32,
    count: usize,
    low_bits: u8,
    /// Where the high bits are.
    high: &'a [u8],
    low: Bits,
    places: Bits,
}

impl<'a> Piece<'a> {
    /// Reads a piece of the list of that form with that `key`, which is found by the hash `by`; `None` where `bytes` are not
    /// what was written.
    #[must_use]
    pub fn read(level: Level, key: u64, form: Form, by: u32, bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        (reader.word()? == checksum(key, by, reader.rest())).then_some(())?;
        Self::content(level, form, by, bytes, reader)
    }

    /// As [`Piece::read`], without a checksum. The reader has come to the content.
    pub(super) fn content(
        level: Level,
        form: Form,
        by: u32,
        bytes: &'a [u8],
        mut reader: Reader<'a>,
    ) -> Option<Self> {
        let other = u32::try_from(reader.varint()?).ok()?;
        let (first, end) = match form {
            Form::ByFirst => (by, other),
            Form::ByLast => (other, by.checked_add(1)?),
        };
        (first < end && end <= HASHES).then_some(())?;
        let count = reader.count()?;
        let low_bits = reader.byte().filter(|bits| *bits < 32)?;
        let high_bits = reader.count()?;
        let high = reader.take(high_bits.div_ceil(8))?;
        let low = Bits::read(&mut reader, bytes.len(), low_bits, count)?;
        let places = Bits::read(&mut reader, bytes.len(), level.place_bits(), count)?;
        let piece = Self {
            bytes,
            level,
            first,
            end,
            count,
            low_bits,
            high,
            low,
            places,
        };
        reader.is_at_end().then_some(piece)
    }

    /// The first hash that it could have.
    #[must_use]
    pub const fn first(&self) -> u32 {
        self.first
    }

    /// The first hash after those that it could have.
    #[must_use]
    pub const fn end(&self) -> u32 {
        self.end
    }

    /// Calls `visit` with each place of a hash; `None` where the bytes are not what was written.
    pub fn find(&self, hash: u32, mut visit: impl FnMut(Place)) -> Option<()> {
        let Some(above) = hash.checked_sub(self.first).filter(|_| hash < self.end) else {
            return Some(());
        };
        let (high, low) = (above >> self.low_bits, above & !(u32::MAX << self.low_bits));
        // Beyond the highest that there is, there is none.
        let Some(mut at) = self.after_zeros(high as usize) else {
            return Some(());
        };
        let mut index = at.checked_sub(high as usize)?;
        while self.is_one(at) {
            let found = self.low.get(self.bytes, index) as u32;
            if index >= self.count || found > low {
                break;
            }
            if found == low {
                visit(self.place(index)?);
            }
            (at, index) = (at + 1, index + 1);
        }
        Some(())
    }

    /// All entries; `None` where the bytes are not what was written.
    #[must_use]
    pub fn entries(&self) -> Option<Vec<Entry>> {
        let mut entries = Vec::with_capacity(self.count.min(8 * self.bytes.len()));
        let mut high = 0_u32;
        for at in 0..8 * self.high.len() {
            if entries.len() == self.count {
                break;
            }
            if !self.is_one(at) {
                high += 1;
                continue;
            }
            let low = self.low.get(self.bytes, entries.len()) as u32;
            let above = high.checked_shl(u32::from(self.low_bits))? | low;
            let hash = self.first.checked_add(above).filter(|it| *it < self.end)?;
            let place = self.places.get(self.bytes, entries.len()) as u32;
            self.level.place_of(place)?;
            let entry = Entry { hash, place };
            entries
                .last()
                .is_none_or(|last| *last < entry)
                .then_some(())?;
            entries.push(entry);
        }
        (entries.len() == self.count).then_some(entries)
    }

    fn place(&self, index: usize) -> Option<Place> {
        self.level
            .place_of(self.places.get(self.bytes, index) as u32)
    }

    fn is_one(&self, at: usize) -> bool {
        let byte = self.high.get(at / 8).copied().unwrap_or(0);
        byte >> (at % 8) & 1 == 1
    }

    /// Where the high bits go on after so many zeros; `None` where there are not as many.
    fn after_zeros(&self, count: usize) -> Option<usize> {
        let (mut left, mut at) = (count, 0);
        while left > 0 {
            if at >= 8 * self.high.len() {
                return None;
            }
            let word = word_at(self.high, at / 8);
            let zeros = word.count_zeros() as usize;
            if zeros < left {
                left -= zeros;
                at += u64::BITS as usize;
                continue;
            }
            let mut rest = !word;
            for _ in 1..left {
                rest &= rest - 1;
            }
            return Some(at + rest.trailing_zeros() as usize + 1);
        }
        Some(at)
    }
}

/// The pieces of the list with that `key` which have the hashes of a range, each with the hash that it is found by.
///
/// The entries are all that the list has of these, and ascend. A piece takes `bytes_max` bytes at most, unless one hash
/// takes more.
#[must_use]
pub fn pieces_of(
    level: Level,
    key: u64,
    form: Form,
    hashes: &Range<u32>,
    entries: &[Entry],
    bytes_max: usize,
) -> Vec<(u32, Vec<u8>)> {
    let room = 8 * bytes_max.saturating_sub(HEAD_BYTES);
    let mut pieces = Vec::new();
    let (mut first, mut start) = (hashes.start, 0);
    loop {
        let end = start + fitting(level, first, &entries[start..], room);
        let end_hash = entries.get(end).map_or(hashes.end, |entry| entry.hash);
        let (by, other) = match form {
            Form::ByFirst => (first, end_hash),
            Form::ByLast => (end_hash - 1, first),
        };
        let mut bytes = vec![0; size_of::<u32>()];
        write(level, first, other, &entries[start..end], &mut bytes);
        let checksum = checksum(key, by, &bytes[size_of::<u32>()..]);
        bytes[..size_of::<u32>()].copy_from_slice(&checksum.to_le_bytes());
        pieces.push((by, bytes));
        if end == entries.len() {
            return pieces;
        }
        (first, start) = (end_hash, end);
    }
}

/// How many of the entries a piece has room for. All that have the same hash are in one.
fn fitting(level: Level, first: u32, entries: &[Entry], room: usize) -> usize {
    let mut fitting = 0;
    for group in entries.chunk_by(|one, other| one.hash == other.hash) {
        let with = fitting + group.len();
        let last = group[0].hash;
        let low = usize::from(low_bits(with, last - first));
        // Of high bits there are two at most for each entry.
        let bits = with * (low + 3 + usize::from(level.place_bits()));
        if fitting > 0 && bits > room {
            break;
        }
        fitting = with;
    }
    fitting
}

/// How many bits of hashes up to `last` above the first one are low ones, where so many take the least.
const fn low_bits(count: usize, last: u32) -> u8 {
    match (last as usize / if count == 0 { 1 } else { count }).checked_ilog2() {
        Some(bits) => bits as u8,
        None => 0,
    }
}

/// Appends the content of a piece, with the end of its hashes that it is not found by.
pub(super) fn write(level: Level, first: u32, other: u32, entries: &[Entry], out: &mut Vec<u8>) {
    let last = entries.last().map_or(0, |entry| entry.hash - first);
    let low_bits = low_bits(entries.len(), last);
    let above = |entry: &Entry| entry.hash - first;
    write_varint(out, u64::from(other));
    write_varint(out, entries.len() as u64);
    out.push(low_bits);
    let high_bits = entries.len() + (last >> low_bits) as usize + 1;
    write_varint(out, high_bits as u64);
    let mut high = vec![0_u8; high_bits.div_ceil(8)];
    for (index, entry) in entries.iter().enumerate() {
        let at = index + (above(entry) >> low_bits) as usize;
        high[at / 8] |= 1 << (at % 8);
    }
    out.extend_from_slice(&high);
    let mask = !(u64::MAX << low_bits);
    let low = entries.iter().map(|entry| u64::from(above(entry)) & mask);
    pack(out, u32::from(low_bits), low);
    let places = entries.iter().map(|entry| u64::from(entry.place));
    pack(out, u32::from(level.place_bits()), places);
}

/// The checksum of what belongs to a list and is found by a hash.
pub(super) fn checksum(key: u64, by: u32, bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&key.to_le_bytes());
    hasher.update(&by.to_le_bytes());
    hasher.update(bytes);
    hasher.finalize()
}
