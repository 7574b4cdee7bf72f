//! The states of an instance in sum, by which two logs find out which of them differ.
//!
//! Each state falls into a bucket by its name. The sum of some states is the exclusive or of their hashes, so that it does
//! not depend on their order. Two logs that have the same sum of a bucket have the same states in it.

use std::ops::ControlFlow;

use sha2::{Digest, Sha256};

use super::mark::MARK;
use crate::engine::Fault;
use crate::error::Error;
use crate::evidence::hash::{HASH_BYTES, Hash};
use crate::request::retention;
use crate::seam::ReadSnapshot;

/// How many bytes of the sum of a bucket are compared.
const SUM_BYTES: usize = 16;

/// There are two to the power of so many buckets, at most.
pub(super) const BITS_MAX: u32 = 16;

/// How many states are read at a time at first, and at most.
const PAGE_STATES: usize = 16;
const PAGE_STATES_MAX: usize = 4_096;

/// From so many bytes on, fewer states are read at a time; below a part of that, more.
const PAGE_BYTES: usize = 2 << 20;

/// The sums of the states of an instance.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct StateSums {
    bits: u32,
    buckets: Vec<[u8; SUM_BYTES]>,
    /// That of all states.
    pub(super) total: Hash,
    /// How many states there are.
    pub(super) count: u64,
}

/// Is called with the names and values of states, until it breaks off or fails.
type StateVisitor<'visitor> =
    &'visitor mut dyn FnMut(&str, &[u8]) -> Result<ControlFlow<()>, Fault>;

/// Calls `visit` with the states of an instance whose names come after `after`, in the order of the bytes of their names,
/// until it breaks off. The mark of a copy is left out, and so is the retention of the instance: a copy loses what its
/// source loses, and nothing by itself.
///
/// # Errors
///
/// What `visit` fails with; a storage fault, or corruption.
pub(super) fn each_state(
    snapshot: &dyn ReadSnapshot,
    number: u32,
    after: Option<&str>,
    visit: StateVisitor<'_>,
) -> Result<(), Fault> {
    let mut after = after.map(str::to_owned);
    let mut limit = PAGE_STATES;
    loop {
        snapshot.check_wanted()?;
        let states = snapshot.states(number, "", after.as_deref(), limit)?;
        for (name, value) in &states {
            if name != MARK && !retention::is_state(name) && visit(name, value)?.is_break() {
                return Ok(());
            }
        }
        if states.len() < limit {
            return Ok(());
        }
        let bytes: usize = states.iter().map(|(_, value)| value.len()).sum();
        if bytes > PAGE_BYTES {
            limit = (limit / 2).max(1);
        } else if bytes < PAGE_BYTES / 4 {
            limit = (limit * 2).min(PAGE_STATES_MAX);
        }
        after = states.into_iter().next_back().map(|(name, _)| name);
    }
}

/// The bucket that a state falls into, of two to the power of `bits`.
pub(super) fn bucket_of(name: &str, bits: u32) -> usize {
    let hash = crc32fast::hash(name.as_bytes());
    hash as usize & ((1 << bits) - 1)
}

fn hash_of(name: &str, value: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update((name.len() as u64).to_le_bytes());
    hasher.update(name.as_bytes());
    hasher.update(value);
    hasher.finalize().into()
}

impl StateSums {
    /// Those of an instance, with that many buckets.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption.
    pub(super) fn of(snapshot: &dyn ReadSnapshot, number: u32, bits: u32) -> Result<Self, Fault> {
        let mut sums = Self {
            bits,
            buckets: vec![[0; SUM_BYTES]; 1 << bits],
            total: [0; HASH_BYTES],
            count: 0,
        };
        each_state(snapshot, number, None, &mut |name, value| {
            sums.add(name, value);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(sums)
    }

    fn add(&mut self, name: &str, value: &[u8]) {
        let hash = hash_of(name, value);
        let bucket = &mut self.buckets[bucket_of(name, self.bits)];
        for (sum, byte) in bucket.iter_mut().zip(hash) {
            *sum ^= byte;
        }
        for (sum, byte) in self.total.iter_mut().zip(hash) {
            *sum ^= byte;
        }
        self.count += 1;
    }

    /// The sums of the buckets, one after the other.
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.buckets.concat()
    }

    /// Which buckets are not those that another log has, whose sums these bytes are.
    ///
    /// # Errors
    ///
    /// A fault of this package: they are of another number of buckets.
    pub(super) fn differing(&self, other: &[u8]) -> Result<Vec<bool>, Error> {
        let (sums, rest) = other.as_chunks::<SUM_BYTES>();
        if sums.len() != self.buckets.len() || !rest.is_empty() {
            return Err(Error::internal(
                "the copy",
                "the sums of its states are cut off",
            ));
        }
        let pairs = self.buckets.iter().zip(sums);
        Ok(pairs.map(|(own, other)| own != other).collect())
    }
}
