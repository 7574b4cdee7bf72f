//! A list of entries as bytes, cut into pieces of which one is enough to look a hash up.
//!
//! ```text
//! checksum   u32      CRC-32 of the key of the list, the first hash of the piece, and all that follows
//! end        varint   the first hash that the next piece has
//! entries    varint   how many there are
//! low        u8       how many bits of each hash are low ones
//! high       varint   how many bits there are for the high ones
//! high       bits     for each value of the high bits in turn: a 1 for each entry that has it, and a 0
//! low        bits     the low bits of each hash
//! places     bits     the place of each entry
//! ```
//!
//! Hashes are told above the first one of the piece (Elias-Fano coding): each takes two bits more than its low ones.

use std::ops::Range;

use super::super::bytes::{Reader, write_varint};
use super::super::sealed::bits::{Bits, pack, word_at};
use super::entry::{Entry, Level, Place};
use super::hash::HASHES;

/// What a piece has beside its entries, at most.
const HEAD_BYTES: usize = 4 + 4 + 3 + 1 + 4 + 3;

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
    /// Reads a piece of the list with that `key`, whose first hash is `first`; `None` where `bytes` are not what was
    /// written.
    #[must_use]
    pub fn read(level: Level, key: u64, first: u32, bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        (reader.word()? == checksum(key, first, reader.rest())).then_some(())?;
        Self::content(level, first, bytes, reader)
    }

    /// As [`Piece::read`], without a checksum. The reader has come to the content.
    pub(super) fn content(
        level: Level,
        first: u32,
        bytes: &'a [u8],
        mut reader: Reader<'a>,
    ) -> Option<Self> {
        let end = u32::try_from(reader.varint()?).ok()?;
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

    /// The first hash after those that it would have.
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

/// The pieces of the list with that `key` which have the hashes of a range, each with its first hash.
///
/// The entries are all that the list has of these, and ascend. A piece takes `bytes_max` bytes at most, unless one hash
/// takes more.
#[must_use]
pub fn pieces_of(
    level: Level,
    key: u64,
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
        let mut bytes = vec![0; size_of::<u32>()];
        write(level, first, end_hash, &entries[start..end], &mut bytes);
        let checksum = checksum(key, first, &bytes[size_of::<u32>()..]);
        bytes[..size_of::<u32>()].copy_from_slice(&checksum.to_le_bytes());
        pieces.push((first, bytes));
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

/// Appends the content of a piece.
pub(super) fn write(level: Level, first: u32, end: u32, entries: &[Entry], out: &mut Vec<u8>) {
    let last = entries.last().map_or(0, |entry| entry.hash - first);
    let low_bits = low_bits(entries.len(), last);
    let above = |entry: &Entry| entry.hash - first;
    write_varint(out, u64::from(end));
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

/// The checksum of what belongs to a list, from `first` on.
pub(super) fn checksum(key: u64, first: u32, bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&key.to_le_bytes());
    hasher.update(&first.to_le_bytes());
    hasher.update(bytes);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: u64 = 7;

    fn places(pieces: &[(u32, Vec<u8>)], level: Level, hash: u32) -> Vec<u32> {
        let (first, bytes) = pieces.iter().rfind(|(first, _)| *first <= hash).unwrap();
        let piece = Piece::read(level, KEY, *first, bytes).unwrap();
        assert!(hash < piece.end());
        let mut found = Vec::new();
        piece
            .find(hash, |place| found.push(level.place(place)))
            .unwrap();
        found
    }

    fn entries(level: Level) -> impl Strategy<Value = Vec<Entry>> {
        let hash = prop_oneof![0..HASHES, 0..40_u32, HASHES - 40..HASHES];
        let place = 0..=level.place(Place::Every);
        prop::collection::btree_set((hash, place), 0..300).prop_map(|entries| {
            let entry = |(hash, place)| Entry { hash, place };
            entries.into_iter().map(entry).collect()
        })
    }

    proptest! {
        #[test]
        fn each_hash_is_found_with_all_of_its_places(
            (level, entries) in prop::sample::select(Level::DOWN.to_vec())
                .prop_flat_map(|level| (Just(level), entries(level))),
            bytes_max in 30_usize..400,
            other in 0..HASHES,
        ) {
            let pieces = pieces_of(level, KEY, &(0..HASHES), &entries, bytes_max);
            let mut read = Vec::new();
            let mut next = 0;
            for (first, bytes) in &pieces {
                prop_assert_eq!(*first, next);
                let piece = Piece::read(level, KEY, *first, bytes).unwrap();
                next = piece.end();
                let own = piece.entries().unwrap();
                let is_of_one = own.iter().all(|entry| entry.hash == own[0].hash);
                prop_assert!(bytes.len() <= bytes_max || is_of_one, "{} {}", bytes.len(), own.len());
                read.extend(own);
            }
            prop_assert_eq!(next, HASHES);
            prop_assert_eq!(&read, &entries);
            for hash in entries.iter().map(|entry| entry.hash).chain([other, 0, HASHES - 1]) {
                let wanted: Vec<u32> = entries
                    .iter()
                    .filter(|entry| entry.hash == hash)
                    .map(|entry| entry.place)
                    .collect();
                prop_assert_eq!(places(&pieces, level, hash), wanted);
            }
        }

        #[test]
        fn damaged_bytes_are_refused_or_give_some_list(
            entries in entries(Level::BLOCK),
            at in any::<prop::sample::Index>(),
            to: u8,
            hash in 0..HASHES,
        ) {
            for (first, bytes) in pieces_of(Level::BLOCK, KEY, &(0..HASHES), &entries, 300) {
                let mut damaged = bytes.clone();
                *at.get_mut(&mut damaged) = to;
                let is_same = damaged == bytes;
                prop_assert_eq!(Piece::read(Level::BLOCK, KEY, first, &damaged).is_some(), is_same);
                // With a checksum that is right.
                let reader = || Reader::new(&damaged[4..]);
                if let Some(piece) = Piece::content(Level::BLOCK, first, &damaged, reader()) {
                    let _ = (piece.entries(), piece.find(hash, |_| ()));
                }
            }
        }
    }

    #[test]
    fn a_piece_in_the_place_of_another_is_refused() {
        let entries: Vec<_> = (0..9).map(|hash| Entry { hash, place: 1 }).collect();
        let (_, bytes) = pieces_of(Level::BLOCK, KEY, &(0..HASHES), &entries, 1_000).remove(0);
        assert!(Piece::read(Level::BLOCK, KEY, 0, &bytes).is_some());
        assert!(Piece::read(Level::BLOCK, KEY + 1, 0, &bytes).is_none());
        assert!(Piece::read(Level::BLOCK, KEY, 1, &bytes).is_none());
    }

    #[test]
    fn an_entry_takes_three_and_a_quarter_bytes_whatever_the_level() {
        for level in Level::DOWN {
            let count = 8_192 * level.blocks() as u32;
            let apart = HASHES / count;
            let entries: Vec<_> = (0..count)
                .map(|n| Entry {
                    hash: n * apart + n % apart,
                    place: n % level.place(Place::Every),
                })
                .collect();
            let pieces = pieces_of(level, KEY, &(0..HASHES), &entries, 8_172);
            let bytes: usize = pieces.iter().map(|(_, bytes)| bytes.len()).sum();
            let of_hundred = 100 * bytes / count as usize;
            assert!((300..330).contains(&of_hundred), "{level:?} {of_hundred}");
            assert!(pieces.iter().all(|(_, bytes)| bytes.len() <= 8_172));
        }
    }
}
