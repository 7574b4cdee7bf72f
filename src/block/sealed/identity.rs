//! The ids of events in a cell.
//!
//! ```text
//! kind       u8      0: sixteen bytes for each id; 1: the parts of a UUIDv7 for each
//! times      series  where 1: milliseconds
//! fresh      bits    where 1: a bit for each id, whether its counter is not one above that of the id
//!                    before it in the same millisecond
//! counters   bits    where 1: 42 bits for each fresh id
//! random     bits    where 1: 32 bits for each id
//! ```
//!
//! The counter is what stands after the time in UUIDs of one maker: 12 bits, and the next 30 (RFC
//! 9562, section 6.2, method 1). For the ids of other makers it is as random as the rest.

use uuid::Uuid;

use super::super::bytes::Reader;
use super::bits::{Bits, pack};
use super::ranks::Ranks;
use super::series::{self, Series};

const PLAIN: u8 = 0;
const PARTS: u8 = 1;

const COUNTER_BITS: u8 = 42;
const RANDOM_BITS: u8 = 32;
const LOW_COUNTER_BITS: u32 = 30;

/// What a UUIDv7 has.
#[derive(Clone, Copy)]
struct Parts {
    time: i64,
    counter: u64,
    random: u64,
}

impl Parts {
    fn of(id: &Uuid) -> Option<Self> {
        let bits = id.as_u128();
        let parts = Self {
            time: (bits >> 80) as i64,
            counter: ((bits >> 64 & 0xfff) << LOW_COUNTER_BITS) as u64
                | (bits >> RANDOM_BITS) as u64 & ((1 << LOW_COUNTER_BITS) - 1),
            random: u64::from(bits as u32),
        };
        (parts.id() == bits).then_some(parts)
    }

    const fn id(self) -> u128 {
        let time = (self.time as u128 & ((1 << 48) - 1)) << 80;
        let high = (self.counter >> LOW_COUNTER_BITS & 0xfff) as u128;
        let low = (self.counter & ((1 << LOW_COUNTER_BITS) - 1)) as u128;
        let version = 7 << 76 | 0b10 << 62;
        time | version | high << 64 | low << RANDOM_BITS | (self.random & 0xffff_ffff) as u128
    }
}

/// Appends the ids of a cell.
pub(super) fn write(out: &mut Vec<u8>, ids: &[Uuid]) {
    let parts: Option<Vec<Parts>> = ids.iter().map(Parts::of).collect();
    let Some(parts) = parts else {
        out.push(PLAIN);
        out.extend(ids.iter().flat_map(|id| *id.as_bytes()));
        return;
    };
    out.push(PARTS);
    let times: Vec<i64> = parts.iter().map(|parts| parts.time).collect();
    series::write(out, &times);
    let follows = |at: usize| {
        let before = at.checked_sub(1).map(|before| parts[before]);
        before.is_some_and(|before| {
            before.time == parts[at].time && before.counter + 1 == parts[at].counter
        })
    };
    let fresh: Vec<bool> = (0..parts.len()).map(|at| !follows(at)).collect();
    pack(out, 1, fresh.iter().map(|fresh| u64::from(*fresh)));
    let counters = parts.iter().zip(&fresh).filter(|(_, fresh)| **fresh);
    let counters = counters.map(|(parts, _)| parts.counter);
    pack(out, u32::from(COUNTER_BITS), counters);
    pack(
        out,
        u32::from(RANDOM_BITS),
        parts.iter().map(|parts| parts.random),
    );
}

/// Where ids are in a piece.
#[derive(Debug)]
pub(super) enum Ids {
    Plain {
        at: usize,
    },
    Parts {
        times: Series,
        fresh: Ranks,
        counters: Bits,
        random: Bits,
    },
}

impl Ids {
    /// Passes over `count` ids that [`write`] has written to a piece of `piece_bytes` bytes.
    pub(super) fn read(reader: &mut Reader<'_>, piece_bytes: usize, count: usize) -> Option<Self> {
        match reader.byte()? {
            PLAIN => {
                let at = piece_bytes - reader.rest().len();
                reader.take(count.checked_mul(size_of::<Uuid>())?)?;
                Some(Self::Plain { at })
            }
            PARTS => {
                let times = Series::read(reader, piece_bytes, count)?;
                let fresh = Ranks::of_bytes(reader.take(count.div_ceil(8))?);
                let counters = Bits::read(reader, piece_bytes, COUNTER_BITS, fresh.ones())?;
                let random = Bits::read(reader, piece_bytes, RANDOM_BITS, count)?;
                Some(Self::Parts {
                    times,
                    fresh,
                    counters,
                    random,
                })
            }
            _ => None,
        }
    }

    /// How much memory it takes beside its own place.
    pub(super) fn memory_bytes(&self) -> usize {
        match self {
            Self::Plain { .. } => 0,
            Self::Parts { fresh, .. } => fresh.memory_bytes(),
        }
    }

    pub(super) fn get(&self, piece: &[u8], index: usize) -> Option<u128> {
        match self {
            Self::Plain { at } => {
                let bytes = piece.get(*at..)?.get(index * size_of::<Uuid>()..)?;
                Some(u128::from_be_bytes(*bytes.first_chunk()?))
            }
            Self::Parts {
                times,
                fresh,
                counters,
                random,
            } => {
                let (rank, since) = fresh.last_one(index)?;
                let parts = Parts {
                    time: times.get(piece, index),
                    counter: counters.get(piece, rank).wrapping_add(since as u64),
                    random: random.get(piece, index),
                };
                Some(parts.id())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn round_trip(ids: &[Uuid]) -> usize {
        let mut piece = vec![9];
        write(&mut piece, ids);
        let mut reader = Reader::new(&piece[1..]);
        let read = Ids::read(&mut reader, piece.len(), ids.len()).unwrap();
        assert!(reader.is_at_end());
        for (index, id) in ids.iter().enumerate() {
            assert_eq!(read.get(&piece, index), Some(id.as_u128()));
        }
        for length in 1..piece.len() {
            let mut reader = Reader::new(&piece[1..length]);
            assert!(Ids::read(&mut reader, length, ids.len()).is_none());
        }
        piece.len() - 1
    }

    #[test]
    fn ids_made_in_a_row_take_their_random_bits() {
        let ids: Vec<Uuid> = (0..512).map(|_| Uuid::now_v7()).collect();
        let bytes = round_trip(&ids);
        assert!(bytes < 512 * 10, "{bytes}");
        round_trip(&[]);
        round_trip(&[Uuid::nil(), Uuid::max(), ids[0], Uuid::new_v4()]);
    }

    proptest! {
        #[test]
        fn any_ids_are_read_as_they_were_written(
            ids in prop::collection::vec((any::<u128>(), any::<bool>(), 0_u128..3), 0..150),
        ) {
            let mut last = 0;
            let ids: Vec<Uuid> = ids.into_iter().map(|(bits, follows, step)| {
                let version = bits & !(0xf << 76 | 0b11 << 62) | 7 << 76 | 0b10 << 62;
                last = if follows { last + (step << 32) } else { version };
                Uuid::from_u128(last)
            }).collect();
            round_trip(&ids);
        }
    }
}
