//! The tree, against its definition and against values that others have published.

use std::convert::Infallible;

use proptest::prelude::*;

use super::hash::{self, Hash};
use super::leaf::Leaf;
use super::tile::{Place, TILE_LEVELS, folded, hashes_at};
use super::tree::{self, Subtrees};

/// MTH of RFC 9162, 2.1.1, word for word.
pub(crate) fn by_definition(leaves: &[Vec<u8>]) -> Hash {
    match leaves {
        [] => hash::of_nothing(),
        [leaf] => hash::of_leaf(leaf),
        _ => {
            let (left, right) = leaves.split_at(largest_power_below(leaves.len()));
            hash::of_node(&by_definition(left), &by_definition(right))
        }
    }
}

fn largest_power_below(count: usize) -> usize {
    let mut power = 1;
    while power * 2 < count {
        power *= 2;
    }
    power
}

/// PATH of RFC 9162, 2.1.3.1, word for word.
pub(crate) fn path_by_definition(index: usize, leaves: &[Vec<u8>]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let power = largest_power_below(leaves.len());
    let (left, right) = leaves.split_at(power);
    let (mut path, other) = if index < power {
        (path_by_definition(index, left), right)
    } else {
        (path_by_definition(index - power, right), left)
    };
    path.push(by_definition(other));
    path
}

/// SUBPROOF of RFC 9162, 2.1.4.1, word for word.
pub(crate) fn subproof_by_definition(old: usize, leaves: &[Vec<u8>], is_whole: bool) -> Vec<Hash> {
    if old == leaves.len() {
        return if is_whole {
            Vec::new()
        } else {
            vec![by_definition(leaves)]
        };
    }
    let power = largest_power_below(leaves.len());
    let (left, right) = leaves.split_at(power);
    let (mut proof, other) = if old <= power {
        (subproof_by_definition(old, left, is_whole), right)
    } else {
        (subproof_by_definition(old - power, right, false), left)
    };
    proof.push(by_definition(other));
    proof
}

/// What a proof leads to from the hash of the leaf of an index, by the verification of RFC 9162, 2.1.3.2; `None` if the proof
/// is no path of a tree of that size.
pub(crate) fn root_by_inclusion(leaf: Hash, index: u64, size: u64, proof: &[Hash]) -> Option<Hash> {
    let (mut at, mut last) = (index, size.checked_sub(1)?);
    if at > last {
        return None;
    }
    let mut root = leaf;
    for hash in proof {
        if last == 0 {
            return None;
        }
        if at & 1 == 1 || at == last {
            root = hash::of_node(hash, &root);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            root = hash::of_node(&root, hash);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    (last == 0).then_some(root)
}

/// The old and the new root that a proof leads to, by the verification of RFC 9162, 2.1.4.2; `None` if the proof is none of
/// trees of these sizes. The old size is not 0, and less than the new one.
pub(crate) fn roots_by_consistency(
    (old, old_root): (u64, Hash),
    new: u64,
    proof: &[Hash],
) -> Option<[Hash; 2]> {
    let own = [old_root];
    let is_whole = old.is_power_of_two();
    let mut path = own.iter().filter(|_| is_whole).chain(proof);
    let (mut at, mut last) = (old.checked_sub(1)?, new.checked_sub(1)?);
    while at & 1 == 1 {
        (at, last) = (at >> 1, last >> 1);
    }
    let first = *path.next()?;
    let (mut older, mut newer) = (first, first);
    for hash in path {
        if last == 0 {
            return None;
        }
        if at & 1 == 1 || at == last {
            older = hash::of_node(hash, &older);
            newer = hash::of_node(hash, &newer);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            newer = hash::of_node(&newer, hash);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    (last == 0).then_some([older, newer])
}

/// Subtrees out of tiles, which are all kept here, those of level 0 as well.
struct Tiles(Vec<Vec<Hash>>);

impl Tiles {
    fn of(leaves: &[Vec<u8>]) -> Self {
        let mut rows: Vec<Vec<Hash>> =
            vec![leaves.iter().map(|leaf| hash::of_leaf(leaf)).collect()];
        while let Some(row) = rows.last().filter(|row| row.len() >= 256) {
            let whole = row.chunks_exact(256);
            rows.push(whole.map(|tile| folded(tile).unwrap()).collect());
        }
        Self(rows)
    }
}

impl Subtrees for Tiles {
    type Failure = Infallible;

    fn hash(&mut self, level: u32, index: u64) -> Result<Hash, Infallible> {
        let place = Place::of(level, index);
        let row = &self.0[place.level as usize];
        let first = (place.index * 256) as usize;
        Ok(place.hash(&row[first..row.len().min(first + 256)]).unwrap())
    }
}

fn leaves(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|n| n.to_le_bytes().to_vec()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn roots_and_proofs_are_those_of_the_definition(size in 1..1_100_usize, old in 1..1_100_usize, index in 0..1_100_usize) {
        let (old, index) = (1 + old % size, index % size);
        let leaves = leaves(size);
        let mut tiles = Tiles::of(&leaves);
        let Ok(root) = tree::root(&mut tiles, size as u64);
        prop_assert_eq!(root, by_definition(&leaves));
        let Ok(old_root) = tree::root(&mut tiles, old as u64);
        prop_assert_eq!(old_root, by_definition(&leaves[..old]));
        let Ok(inclusion) = tree::inclusion(&mut tiles, index as u64, size as u64);
        prop_assert_eq!(&inclusion, &path_by_definition(index, &leaves));
        let leaf = hash::of_leaf(&leaves[index]);
        prop_assert_eq!(root_by_inclusion(leaf, index as u64, size as u64, &inclusion), Some(root));
        let Ok(consistency) = tree::consistency(&mut tiles, old as u64, size as u64);
        prop_assert_eq!(&consistency, &subproof_by_definition(old, &leaves, true));
        if old < size {
            let roots = roots_by_consistency((old as u64, old_root), size as u64, &consistency);
            prop_assert_eq!(roots, Some([old_root, root]));
        }
    }
}

#[test]
fn small_trees_have_the_roots_and_proofs_of_the_definition() {
    for size in 1..=20 {
        let leaves = leaves(size);
        let mut tiles = Tiles::of(&leaves);
        for n in 1..=size {
            let Ok(inclusion) = tree::inclusion(&mut tiles, n as u64 - 1, size as u64);
            assert_eq!(
                inclusion,
                path_by_definition(n - 1, &leaves),
                "{n} of {size}"
            );
            let Ok(consistency) = tree::consistency(&mut tiles, n as u64, size as u64);
            assert_eq!(
                consistency,
                subproof_by_definition(n, &leaves, true),
                "{n} of {size}"
            );
        }
    }
}

/// The eight leaves, and the roots of their first ones, with which Certificate Transparency's implementations are tested.
#[test]
fn the_roots_are_those_that_certificate_transparency_tests_with() {
    let leaves: [&str; 8] = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ];
    let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let leaves: Vec<Vec<u8>> = leaves.iter().map(|leaf| bytes_of(leaf)).collect();
    let mut tiles = Tiles::of(&leaves);
    for (size, root) in (1..).zip(roots) {
        let Ok(found) = tree::root(&mut tiles, size);
        assert_eq!(found.to_vec(), bytes_of(root), "{size}");
    }
    let Ok(empty) = tree::root(&mut tiles, 0);
    let root = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(empty.to_vec(), bytes_of(root));
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks_exact(2);
    let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    pairs.map(byte).collect()
}

#[test]
fn a_leaf_has_the_bytes_that_are_promised() {
    let leaf = Leaf {
        position: 258,
        id: [9; 16],
        timestamp_ms: -2,
        sequence: 3,
        stream_id: "ö",
        event_type: "t",
        payload: [1; 32],
        metadata: [2; 32],
    };
    let expected = [
        &[1, 2, 1, 0, 0, 0, 0, 0, 0][..],
        &[9; 16],
        &[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[3, 0, 0, 0, 0, 0, 0, 0],
        &[2, 0, 0, 0, 0xc3, 0xb6],
        &[1, 0, 0, 0, b't'],
        &[1; 32],
        &[2; 32],
    ]
    .concat();
    assert_eq!(leaf.content(), expected);
    assert_eq!(leaf.hash(), hash::of_leaf(&expected));
}

#[test]
fn a_level_has_as_many_hashes_as_there_are_whole_subtrees() {
    assert_eq!(
        [0, 1, 2].map(|level| hashes_at(level, 65_535)),
        [65_535, 255, 0]
    );
    assert_eq!(
        [1, 2, 7, 8, 99].map(|level| hashes_at(level, 65_536)),
        [256, 1, 0, 0, 0]
    );
    let last = 63 / TILE_LEVELS;
    assert_eq!(hashes_at(last, u64::MAX), 255);
}
