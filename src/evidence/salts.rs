//! The salts of the commitments, all of them from one seed, of which single ones can be forgotten.
//!
//! It is the tree of Goldreich, Goldwasser and Micali, "How to construct random functions" (J. ACM 33(4), 1986). The seed
//! is the root. Each seed has two children, which are hashes of it. A salt is a hash of a leaf and of the event's id, so
//! that two histories of one seed share no salt. Whoever has a node can make all salts below it, and no other: that would be to find what was hashed, or to tell a hash from a random number.
//! So a salt that is given away says nothing of the others.
//!
//! To forget a salt is to _puncture_ the function there (Boneh and Waters, "Constrained pseudorandom functions and their
//! applications", ASIACRYPT 2013): the node above it goes, and the siblings of the way down to it stay in its place.
//! From them every other salt still comes, and the forgotten one does not. Both texts of an event are forgotten together.
//!
//! The children are `SHA-256(3 ‖ bit ‖ seed)`, one block of SHA-256 each. That they are pseudorandom is the assumption
//! that HMAC rests on too: the function of a block, keyed with the block, is pseudorandom. All inputs have one length,
//! so nothing can be gained by extending one.

use std::collections::BTreeMap;

use super::hash::{self, HASH_BYTES, Hash};

/// A seed.
pub type Seed = Hash;

/// Positions have so many bits here: more events than a file can have.
const POSITION_BITS: u32 = 48;

/// Parts of an event have so many bits. Two parts are in use.
const PART_BITS: u32 = 2;

/// How many steps lead from the root to a salt.
pub const DEPTH: u32 = POSITION_BITS + PART_BITS;

/// The highest position that has salts.
pub const POSITION_MAX: u64 = (1 << POSITION_BITS) - 1;

/// The bytes of a node: depth, index, seed.
const NODE_BYTES: usize = 1 + 8 + HASH_BYTES;

/// What of an event has a salt of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Its payload.
    Payload,
    /// Its metadata.
    Metadata,
}

impl Part {
    const fn index(self) -> u64 {
        match self {
            Self::Payload => 0,
            Self::Metadata => 1,
        }
    }
}

/// A node: the salts below it are those whose number begins with the `depth` bits of `index`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Node {
    depth: u32,
    index: u64,
    seed: Seed,
}

impl Node {
    const fn leaves(&self) -> std::ops::Range<u64> {
        let below = DEPTH - self.depth;
        self.index << below..(self.index + 1) << below
    }

    const fn has(&self, leaf: u64) -> bool {
        leaf >> (DEPTH - self.depth) == self.index
    }
}

/// The salts of an instance, but for those that were forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Salts {
    /// No two of them have a salt in common.
    nodes: Vec<Node>,
}

impl Salts {
    /// All salts of a seed, which is 32 random bytes.
    #[must_use]
    pub fn of(seed: Seed) -> Self {
        let nodes = vec![Node {
            depth: 0,
            index: 0,
            seed,
        }];
        Self { nodes }
    }

    /// The salt of a part of the event at a position, which has that id; `None` if it was forgotten, or there cannot be such
    /// an event.
    #[must_use]
    pub fn salt(&self, position: u64, part: Part, id: &[u8; 16]) -> Option<Hash> {
        Path::of(self).salt(position, part, id)
    }

    /// Whether no salt was forgotten.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.nodes.iter().any(|node| node.depth == 0)
    }

    /// Forgets the salts of the events at these positions. The bytes of what there was before must then go, wherever they are
    /// kept.
    pub fn forget(&mut self, positions: impl IntoIterator<Item = u64>) {
        // By the first salt that each of them has.
        let nodes = std::mem::take(&mut self.nodes).into_iter();
        let mut nodes: BTreeMap<u64, Node> =
            nodes.map(|node| (node.leaves().start, node)).collect();
        for position in positions {
            for part in [Part::Payload, Part::Metadata] {
                if let Some(leaf) = number_of(position, part) {
                    forget_leaf(&mut nodes, leaf);
                }
            }
        }
        self.nodes = nodes.into_values().collect();
        self.nodes
            .sort_unstable_by_key(|node| (node.depth, node.index));
    }

    /// Appends them as bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        for node in &self.nodes {
            out.push(node.depth as u8);
            out.extend_from_slice(&node.index.to_le_bytes());
            out.extend_from_slice(&node.seed);
        }
    }

    /// The salts that all of the bytes are; `None` if they are none.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (nodes, rest) = bytes.as_chunks::<NODE_BYTES>();
        if !rest.is_empty() {
            return None;
        }
        let node = |bytes: &[u8; NODE_BYTES]| {
            let (depth, rest) = bytes.split_first()?;
            let (index, seed) = rest.split_first_chunk()?;
            let node = Node {
                depth: u32::from(*depth),
                index: u64::from_le_bytes(*index),
                seed: *seed.first_chunk()?,
            };
            (node.depth <= DEPTH && node.index >> node.depth == 0).then_some(node)
        };
        let nodes: Vec<Node> = nodes.iter().map(node).collect::<Option<_>>()?;
        let mut ranges: Vec<_> = nodes.iter().map(Node::leaves).collect();
        ranges.sort_unstable_by_key(|range| range.start);
        let are_apart = ranges.is_sorted_by(|one, next| one.end <= next.start);
        (are_apart && !nodes.is_empty()).then_some(Self { nodes })
    }
}

/// Puts the siblings of the nodes on the way to a salt in the place of the node above it.
fn forget_leaf(nodes: &mut BTreeMap<u64, Node>, leaf: u64) {
    let found = nodes.range(..=leaf).next_back();
    let Some(start) = found
        .filter(|(_, node)| node.has(leaf))
        .map(|(start, _)| *start)
    else {
        return;
    };
    let Some(mut node) = nodes.remove(&start) else {
        return;
    };
    while node.depth < DEPTH {
        let bit = bit_at(leaf, node.depth);
        let child = |bit| Node {
            depth: node.depth + 1,
            index: node.index << 1 | u64::from(bit),
            seed: hash::of_child(&node.seed, bit),
        };
        let sibling = child(!bit);
        nodes.insert(sibling.leaves().start, sibling);
        node = child(bit);
    }
}

/// The way from a node to a salt. The next salt shares most of it, so that salts in a row cost two steps each.
#[derive(Debug)]
pub struct Path<'a> {
    salts: &'a Salts,
    node: Option<&'a Node>,
    leaf: u64,
    /// The seed of the node and those below it, on the way to the leaf.
    seeds: Vec<Seed>,
}

impl<'a> Path<'a> {
    /// A way to no salt yet.
    #[must_use]
    pub const fn of(salts: &'a Salts) -> Self {
        Self {
            salts,
            node: None,
            leaf: 0,
            seeds: Vec::new(),
        }
    }

    /// As [`Salts::salt`].
    pub fn salt(&mut self, position: u64, part: Part, id: &[u8; 16]) -> Option<Hash> {
        Some(hash::of_salt(&self.seed(position, part)?, id))
    }

    /// The seed at the lowest level.
    fn seed(&mut self, position: u64, part: Part) -> Option<Seed> {
        let leaf = number_of(position, part)?;
        if self.node.is_some_and(|node| node.has(leaf)) {
            let differs_at = (self.leaf ^ leaf).checked_ilog2();
            let shared = differs_at.map_or(DEPTH, |bit| DEPTH - 1 - bit);
            let depth = self.node?.depth;
            self.seeds.truncate((shared - depth) as usize + 1);
        } else {
            let node = self.salts.nodes.iter().find(|node| node.has(leaf))?;
            self.node = Some(node);
            self.seeds.clear();
            self.seeds.push(node.seed);
        }
        self.leaf = leaf;
        let mut depth = self.node?.depth + self.seeds.len() as u32 - 1;
        let mut seed = *self.seeds.last()?;
        while depth < DEPTH {
            seed = hash::of_child(&seed, bit_at(leaf, depth));
            self.seeds.push(seed);
            depth += 1;
        }
        Some(seed)
    }
}

const fn number_of(position: u64, part: Part) -> Option<u64> {
    if position > POSITION_MAX {
        return None;
    }
    Some(position << PART_BITS | part.index())
}

/// The bit by which the way to a leaf goes on at a depth.
const fn bit_at(leaf: u64, depth: u32) -> bool {
    leaf >> (DEPTH - 1 - depth) & 1 == 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The salt by its definition: a step for each bit, from the root.
    fn by_definition(seed: Seed, position: u64, part: Part) -> Hash {
        hash::of_salt(&lowest_seed(seed, position, part), &ID)
    }

    fn lowest_seed(seed: Seed, position: u64, part: Part) -> Seed {
        let leaf = number_of(position, part).unwrap();
        (0..DEPTH).fold(seed, |seed, depth| {
            hash::of_child(&seed, bit_at(leaf, depth))
        })
    }

    const ID: [u8; 16] = [9; 16];

    fn part_of(is_payload: bool) -> Part {
        if is_payload {
            Part::Payload
        } else {
            Part::Metadata
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn each_salt_is_the_one_of_its_definition_in_whatever_order_they_are_asked_for(
            seed in any::<Seed>(),
            asked in proptest::collection::vec((1..=POSITION_MAX, 0..4_u64, any::<bool>()), 1..12),
        ) {
            let salts = Salts::of(seed);
            let mut path = Path::of(&salts);
            for (position, further, is_payload) in asked {
                let (position, part) = ((position + further).min(POSITION_MAX), part_of(is_payload));
                let expected = by_definition(seed, position, part);
                prop_assert_eq!(path.salt(position, part, &ID), Some(expected));
                prop_assert_eq!(salts.salt(position, part, &ID), Some(expected));
            }
        }

        #[test]
        fn what_is_forgotten_cannot_be_made_again_and_all_else_can(
            seed in any::<Seed>(),
            forgotten in proptest::collection::vec(1..200_u64, 0..12),
        ) {
            let mut salts = Salts::of(seed);
            let (first, rest) = forgotten.split_at(forgotten.len() / 2);
            salts.forget(first.iter().copied());
            salts.forget(rest.iter().copied());
            let mut bytes = Vec::new();
            salts.encode(&mut bytes);
            let read = Salts::decode(&bytes).unwrap();
            prop_assert_eq!(&read, &salts);
            let mut path = Path::of(&read);
            for position in 1..200 {
                for is_payload in [true, false] {
                    let part = part_of(is_payload);
                    let salt = by_definition(seed, position, part);
                    let is_forgotten = forgotten.contains(&position);
                    prop_assert_eq!(path.salt(position, part, &ID), (!is_forgotten).then_some(salt));
                    // Nor is it among what is kept.
                    let lowest = lowest_seed(seed, position, part);
                    let is_kept = || bytes.windows(HASH_BYTES).any(|bytes| bytes == lowest);
                    prop_assert!(!(is_forgotten && is_kept()));
                }
            }
            prop_assert_eq!(bytes.windows(HASH_BYTES).any(|bytes| bytes == seed), forgotten.is_empty());
        }

        #[test]
        fn bytes_that_are_no_salts_are_none(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
            if let Some(salts) = Salts::decode(&bytes) {
                let mut again = Vec::new();
                salts.encode(&mut again);
                prop_assert_eq!(again, bytes);
            }
        }
    }

    #[test]
    fn there_is_no_salt_beyond_the_last_position() {
        let salts = Salts::of([7; HASH_BYTES]);
        assert!(salts.salt(POSITION_MAX, Part::Metadata, &ID).is_some());
        assert_eq!(salts.salt(POSITION_MAX + 1, Part::Payload, &ID), None);
        assert_eq!(salts.salt(u64::MAX, Part::Payload, &ID), None);
    }

    #[test]
    fn nodes_that_have_a_salt_in_common_are_no_salts() {
        let mut salts = Salts::of([7; HASH_BYTES]);
        assert!(salts.is_whole());
        salts.forget([5]);
        assert!(!salts.is_whole());
        let mut bytes = Vec::new();
        salts.encode(&mut bytes);
        assert_eq!(Salts::decode(&bytes), Some(salts));
        let first: Vec<u8> = bytes[..NODE_BYTES].to_vec();
        bytes.extend_from_slice(&first);
        assert_eq!(Salts::decode(&bytes), None);
        let mut nested = Vec::new();
        Salts::of([7; HASH_BYTES]).encode(&mut nested);
        nested.extend_from_slice(&first);
        assert_eq!(Salts::decode(&nested), None);
        assert_eq!(Salts::decode(&[]), None);
    }
}
