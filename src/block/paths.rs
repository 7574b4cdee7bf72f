//! The paths that the events of a block have.

use std::hash::BuildHasher;
use std::ops::Range;

use hashbrown::HashTable;

use super::key::{may_be_index, path_name};
use super::{KEY_BYTES_MAX, PATHS_MAX};
use crate::hashing::TextHash;
use crate::json::scan;

/// A path, by number.
pub(super) type PathId = u32;

/// The empty path into the payload.
pub(super) const PAYLOAD: PathId = 0;
/// The empty path into the metadata.
pub(super) const METADATA: PathId = 1;

const ROOTS: usize = 2;

/// In the place of a path where there is none.
const NONE: PathId = PathId::MAX;

/// All paths that have been met, as a tree.
#[derive(Debug)]
pub(super) struct Paths {
    nodes: Vec<Node>,
    /// The last key of each path as events write it most often: quoted, and with a colon.
    keys: String,
    /// Paths by the path around them and their last key.
    index: HashTable<PathId>,
    hash: TextHash,
    complete: bool,
}

#[derive(Debug)]
struct Node {
    parent: PathId,
    /// Where the key is, in all keys.
    key: Range<u32>,
    /// Which key stood first when an object was last at this path.
    first: PathId,
    /// Which key followed on this one in the last object that had it.
    next: PathId,
    /// The last row that has the path.
    row: Option<u16>,
}

impl Node {
    const fn new(parent: PathId, key: Range<u32>) -> Self {
        Self {
            parent,
            key,
            first: NONE,
            next: NONE,
            row: None,
        }
    }
}

/// Where one stands in an object: at its path, after one of its keys.
#[derive(Clone, Copy, Debug)]
pub(super) struct ObjectPlace {
    pub(super) object: PathId,
    before: PathId,
}

impl ObjectPlace {
    /// The beginning of the object at a path.
    pub(super) const fn first(object: PathId) -> Self {
        Self {
            object,
            before: NONE,
        }
    }
}

impl Paths {
    pub(super) fn new() -> Self {
        Self {
            nodes: vec![Node::new(NONE, 0..0), Node::new(NONE, 0..0)],
            keys: String::new(),
            index: HashTable::new(),
            hash: TextHash::default(),
            complete: true,
        }
    }

    /// How many numbers of paths are in use, those of the empty paths included.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether every path that a column can be of has been given a number.
    pub(super) const fn is_complete(&self) -> bool {
        self.complete
    }

    /// The path that `rest` leads to, which is an object's text from a key on, if it is the one that
    /// was met here last; and the length of the key with its colon.
    pub(super) fn expected(&self, place: ObjectPlace, rest: &[u8]) -> Option<(PathId, usize)> {
        let path = match self.nodes.get(place.before as usize) {
            Some(before) => before.next,
            None => self.nodes.get(place.object as usize)?.first,
        };
        let key = self.key(self.nodes.get(path as usize)?);
        scan::begins_with(rest, key.as_bytes()).then_some((path, key.len()))
    }

    /// The path that the raw `key`, which has no escapes, leads to; `None` where it is not followed.
    pub(super) fn find(&mut self, place: &ObjectPlace, key: &str) -> Option<PathId> {
        let hash = self.hash.hash_one((place.object, key));
        let found = self.index.find(hash, |path| {
            let node = &self.nodes[*path as usize];
            node.parent == place.object && self.key(node).strip_suffix(':') == Some(key)
        });
        let path = match found {
            Some(path) => *path,
            None => self.add(place.object, key, hash)?,
        };
        let slot = match self.nodes.get_mut(place.before as usize) {
            Some(before) => &mut before.next,
            None => &mut self.nodes[place.object as usize].first,
        };
        *slot = path;
        Some(path)
    }

    fn add(&mut self, parent: PathId, key: &str, hash: u64) -> Option<PathId> {
        if may_be_index(key.trim_matches('"')) {
            return None;
        }
        if self.nodes.len() - ROOTS == PATHS_MAX || key.len() > KEY_BYTES_MAX {
            self.complete = false;
            return None;
        }
        // Both are bounded by PATHS_MAX.
        let path = self.nodes.len() as PathId;
        let start = self.keys.len() as u32;
        self.keys.push_str(key);
        self.keys.push(':');
        self.nodes
            .push(Node::new(parent, start..self.keys.len() as u32));
        let (nodes, keys, hasher) = (&self.nodes, &self.keys, &self.hash);
        self.index.insert_unique(hash, path, |path| {
            let node = &nodes[*path as usize];
            let key = &keys[node.key.start as usize..node.key.end as usize - 1];
            hasher.hash_one((node.parent, key))
        });
        Some(path)
    }

    /// Steps on to `path` in `row`. Tells whether the row has the path for the first time; where it does not,
    /// some object has a key twice.
    pub(super) fn enter(&mut self, place: &mut ObjectPlace, path: PathId, row: u16) -> bool {
        place.before = path;
        let node = &mut self.nodes[path as usize];
        node.row.replace(row) != Some(row)
    }

    fn key(&self, node: &Node) -> &str {
        &self.keys[node.key.start as usize..node.key.end as usize]
    }

    /// The name of the path's column; `None` for the empty paths.
    pub(super) fn name(&self, path: PathId) -> Option<Vec<u8>> {
        let mut keys = Vec::new();
        let mut at = path;
        while at as usize >= ROOTS {
            let node = self.nodes.get(at as usize)?;
            let key = self.key(node).strip_suffix(':')?;
            keys.push(key.strip_prefix('"')?.strip_suffix('"')?);
            at = node.parent;
        }
        (!keys.is_empty()).then(|| path_name(at == METADATA, keys.into_iter().rev()))
    }
}
