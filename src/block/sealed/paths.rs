//! The paths that the values of a block's events have.
//!
//! ```text
//! paths      varint  how many there are beside the two roots
//! each       varint  the path around it
//!            varint  0 for the elements of an array; else one more than the bytes of the key
//!            bytes   the key, as JSON text without its quotes
//! ```

use super::super::bytes::{Reader, write_varint};
use crate::hashing::TextMap;

/// A path, by number.
pub(super) type PathId = u32;

/// The payload as a whole.
pub(super) const PAYLOAD: PathId = 0;
/// The metadata as a whole.
pub(super) const METADATA: PathId = 1;

const ROOTS: usize = 2;

/// A block with more paths has its other events kept as texts.
pub(super) const PATHS_MAX: usize = 1_024;

/// How a path goes on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step {
    /// To each element of an array.
    Element,
    /// To a member of an object.
    Key(Box<str>),
}

/// All paths, as a tree.
#[derive(Debug, Default)]
pub(super) struct Paths {
    steps: Vec<(PathId, Step)>,
    index: TextMap<(PathId, Step), PathId>,
}

impl Paths {
    /// How many there are, the roots included.
    pub(super) fn len(&self) -> usize {
        ROOTS + self.steps.len()
    }

    /// The path that goes on from `around`.
    pub(super) fn find(&self, around: PathId, step: Step) -> Option<PathId> {
        self.index.get(&(around, step)).copied()
    }

    /// The path that goes on from `around`, which becomes one of the paths unless it is; `None` where
    /// there are too many.
    pub(super) fn add(&mut self, around: PathId, step: Step) -> Option<PathId> {
        if let Some(found) = self.find(around, step.clone()) {
            return Some(found);
        }
        if self.steps.len() == PATHS_MAX {
            return None;
        }
        let path = self.len() as PathId;
        self.steps.push((around, step.clone()));
        self.index.insert((around, step), path);
        Some(path)
    }

    /// The path around this one, and how it goes on to it; `None` for a root.
    pub(super) fn step(&self, path: PathId) -> Option<&(PathId, Step)> {
        self.steps.get((path as usize).checked_sub(ROOTS)?)
    }

    /// Whether `path` is `around` or a path on from there.
    pub(super) fn is_within(&self, mut path: PathId, around: PathId) -> bool {
        while path > around {
            match self.step(path) {
                Some((parent, _)) => path = *parent,
                None => return false,
            }
        }
        path == around
    }

    /// The keys that lead to each path which goes through objects alone, and whether from the metadata.
    pub(super) fn through_objects(&self) -> impl Iterator<Item = (bool, Vec<Box<str>>)> {
        (ROOTS..self.len()).filter_map(|path| {
            let (mut path, mut keys) = (path as PathId, Vec::new());
            while let Some((around, step)) = self.step(path) {
                let Step::Key(key) = step else { return None };
                keys.insert(0, key.clone());
                path = *around;
            }
            Some((path == METADATA, keys))
        })
    }

    /// How much memory they take, in bytes, or nearly so.
    pub(super) fn memory_bytes(&self) -> usize {
        let of_step = |(_, step): &(PathId, Step)| match step {
            Step::Key(key) => key.len(),
            Step::Element => 0,
        };
        // Each is there twice, once with its number.
        let keys: usize = self.steps.iter().map(of_step).sum();
        2 * (keys + size_of_val(&*self.steps))
    }

    /// The keys of all paths, wherever they stand.
    #[cfg(any(test, fuzzing))]
    pub(super) fn any_keys(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter_map(|(_, step)| match step {
            Step::Key(key) => Some(&**key),
            Step::Element => None,
        })
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        write_varint(out, self.steps.len() as u64);
        for (around, step) in &self.steps {
            write_varint(out, u64::from(*around));
            match step {
                Step::Element => out.push(0),
                Step::Key(key) => {
                    write_varint(out, 1 + key.len() as u64);
                    out.extend_from_slice(key.as_bytes());
                }
            }
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let count = reader.count().filter(|count| *count <= PATHS_MAX)?;
        let mut paths = Self::default();
        for _ in 0..count {
            let around = PathId::try_from(reader.varint()?).ok()?;
            let step = match reader.count()?.checked_sub(1) {
                None => Step::Element,
                Some(bytes) => Step::Key(std::str::from_utf8(reader.take(bytes)?).ok()?.into()),
            };
            // A path stands after the one around it, so that there are no circles.
            let number = paths.len();
            if around as usize >= number || paths.add(around, step)? as usize != number {
                return None;
            }
        }
        Some(paths)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(key: &str) -> Step {
        Step::Key(key.into())
    }

    #[test]
    fn paths_are_read_as_they_were_written() {
        let mut paths = Paths::default();
        let a = paths.add(PAYLOAD, key("a")).unwrap();
        let element = paths.add(a, Step::Element).unwrap();
        let empty = paths.add(element, key("")).unwrap();
        assert_eq!(paths.add(METADATA, key("a")), Some(5));
        assert_eq!(paths.add(PAYLOAD, key("a")), Some(a));
        assert!(paths.is_within(empty, a) && paths.is_within(a, a));
        assert!(!paths.is_within(a, empty) && !paths.is_within(5, a));
        assert!(paths.is_within(empty, PAYLOAD) && !paths.is_within(empty, METADATA));
        let mut out = Vec::new();
        paths.write(&mut out);
        let read = Paths::read(&mut Reader::new(&out)).unwrap();
        assert_eq!(read.steps, paths.steps);
        for length in 0..out.len() {
            assert!(Paths::read(&mut Reader::new(&out[..length])).is_none());
        }
        // A path around itself, and one that is there twice.
        assert!(Paths::read(&mut Reader::new(&[1, 2, 0])).is_none());
        assert!(Paths::read(&mut Reader::new(&[2, 0, 0, 0, 0])).is_none());
    }

    #[test]
    fn there_are_at_most_so_many() {
        let mut paths = Paths::default();
        for number in 0..PATHS_MAX {
            assert!(paths.add(PAYLOAD, key(&number.to_string())).is_some());
        }
        assert_eq!(paths.add(PAYLOAD, key("more")), None);
        assert!(paths.add(PAYLOAD, key("0")).is_some());
    }
}
