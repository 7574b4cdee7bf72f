//! Roots and proofs of RFC 9162, out of the hashes of complete subtrees.
//!
//! Leaves have indexes from 0 on: the event at position _p_ is the leaf _p_ - 1. The complete subtree of level _l_ and
//! index _i_ has the leaves from _i_ · 2^_l_ to before (_i_ + 1) · 2^_l_.

use std::ops::Range;

use super::hash::{self, Hash};

/// Where the hashes of complete subtrees are found.
pub trait Subtrees {
    /// What finding one fails with.
    type Failure;

    /// The hash of the complete subtree of that level and index.
    ///
    /// # Errors
    ///
    /// If it cannot be found.
    fn hash(&mut self, level: u32, index: u64) -> Result<Hash, Self::Failure>;
}

/// The root of the tree with the first `size` leaves (RFC 9162, 2.1.1).
///
/// # Errors
///
/// If the hash of a subtree cannot be found.
pub fn root<S: Subtrees>(subtrees: &mut S, size: u64) -> Result<Hash, S::Failure> {
    of_range(subtrees, 0..size)
}

/// The hashes that lead from the leaf of that index to the root of the tree with `size` leaves, the lowest first
/// (RFC 9162, 2.1.3.1). The index is below the size.
///
/// # Errors
///
/// If the hash of a subtree cannot be found.
pub fn inclusion<S: Subtrees>(
    subtrees: &mut S,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, S::Failure> {
    let mut proof = Vec::new();
    let mut range = 0..size;
    while range.end - range.start > 1 {
        let (other, _) = step_down(&mut range, |middle| index < middle);
        proof.push(of_range(subtrees, other)?);
    }
    proof.reverse();
    Ok(proof)
}

/// The hashes that prove that the tree with `new` leaves begins with the one with `old` leaves (RFC 9162, 2.1.4.1).
///
/// The old size is not 0, and not above the new one.
///
/// # Errors
///
/// If the hash of a subtree cannot be found.
pub fn consistency<S: Subtrees>(
    subtrees: &mut S,
    old: u64,
    new: u64,
) -> Result<Vec<Hash>, S::Failure> {
    let mut proof = Vec::new();
    let mut range = 0..new;
    // Whether what is left of the old tree is all of it, whose root the verifier has.
    let mut is_whole = true;
    while range.end != old {
        let (other, is_left) = step_down(&mut range, |middle| old <= middle);
        is_whole &= is_left;
        proof.push(of_range(subtrees, other)?);
    }
    if !is_whole {
        proof.push(of_range(subtrees, range)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Goes down from a range of at least two leaves to the part to the left of its middle, if that `is_left`, or else to the right
/// of it. Gives the other part, and where it went.
fn step_down(range: &mut Range<u64>, is_left: impl FnOnce(u64) -> bool) -> (Range<u64>, bool) {
    let middle = split(range);
    let (left, right) = (range.start..middle, middle..range.end);
    let is_left = is_left(middle);
    let (taken, other) = if is_left {
        (left, right)
    } else {
        (right, left)
    };
    *range = taken;
    (other, is_left)
}

/// Where a range of at least two leaves is divided: after the largest power of two that is less than their number.
const fn split(range: &Range<u64>) -> u64 {
    range.start + (1 << (range.end - range.start - 1).ilog2())
}

/// The hash of a range of leaves, which begins where a subtree does that has room for all of it.
fn of_range<S: Subtrees>(subtrees: &mut S, range: Range<u64>) -> Result<Hash, S::Failure> {
    let mut end = range.end;
    let mut right = None;
    // From the lowest subtree up: each further one is to the left of what there is.
    while end > range.start {
        let level = end.trailing_zeros().min((end - range.start).ilog2());
        let index = (end >> level) - 1;
        let hash = subtrees.hash(level, index)?;
        right = Some(match &right {
            None => hash,
            Some(right) => hash::of_node(&hash, right),
        });
        end -= 1 << level;
    }
    Ok(right.unwrap_or_else(hash::of_nothing))
}
