//! What a column is of.

use super::KEYS_MAX;
use super::bytes::write_bytes;

/// A place that each event has, of which a block may have a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKey<'a> {
    /// The event type, as a JSON string.
    EventType,
    /// The stream's id, as a JSON string.
    StreamId,
    /// The number within the stream.
    Sequence,
    /// The timestamp, as a JSON string; [`Directory::times`](super::Directory::times) gives it as
    /// numbers.
    Time,
    /// What is found by following `keys` within the payload or the metadata.
    Path {
        /// Whether it is the metadata.
        metadata: bool,
        /// The decoded keys, from the outermost.
        keys: &'a [&'a str],
    },
}

impl ColumnKey<'_> {
    /// Whether a block may have a column of it. A key that can be an index leads into arrays as well
    /// as into objects, and columns follow objects only.
    pub(super) fn can_be_stored(&self) -> bool {
        match self {
            Self::Path { keys, .. } => {
                (1..=KEYS_MAX).contains(&keys.len()) && !keys.iter().any(|key| may_be_index(key))
            }
            _ => true,
        }
    }

    /// The longest path to a place around this one that a block may have a column of.
    pub(super) fn around(&self) -> Option<Self> {
        let Self::Path { metadata, keys } = *self else {
            return None;
        };
        let stored = keys.iter().take_while(|key| !may_be_index(key)).count();
        let keys = keys.get(..stored.min(KEYS_MAX))?;
        (!keys.is_empty()).then_some(Self::Path { metadata, keys })
    }

    /// The key as bytes, other ones for each key.
    #[must_use]
    pub fn name(&self) -> Vec<u8> {
        match self {
            Self::EventType => vec![0],
            Self::StreamId => vec![1],
            Self::Sequence => vec![2],
            Self::Time => vec![3],
            Self::Path { metadata, keys } => path_name(*metadata, keys.iter().copied()),
        }
    }
}

/// The name of a path's column, as [`ColumnKey::name`] gives it.
pub(super) fn path_name<'a>(metadata: bool, keys: impl Iterator<Item = &'a str>) -> Vec<u8> {
    let mut name = vec![4 + u8::from(metadata)];
    for key in keys {
        write_bytes(&mut name, key.as_bytes());
    }
    name
}

/// Whether the key may stand for an element of an array. Some do not that this holds for: the answer
/// must not depend on the machine, as how many elements there can be does.
pub(super) fn may_be_index(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the column of that name is of a path.
pub(super) fn is_path(name: &[u8]) -> bool {
    name.first().is_some_and(|first| *first >= 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path<'a>(keys: &'a [&'a str]) -> ColumnKey<'a> {
        ColumnKey::Path {
            metadata: false,
            keys,
        }
    }

    #[test]
    fn columns_are_of_short_paths_through_objects() {
        for keys in [&["a"][..], &["a", "b", "c"], &["", "0x1"], &["-1", "1.0"]] {
            assert!(path(keys).can_be_stored(), "{keys:?}");
            assert_eq!(path(keys).around(), Some(path(keys)));
        }
        for (keys, around) in [
            (&["a", "b", "c", "d"][..], Some(&["a", "b", "c"][..])),
            (&["a", "0"], Some(&["a"])),
            (&["a", "b", "12", "c"], Some(&["a", "b"])),
            (&["0", "a"], None),
            (&["a", "99999999999999999999999999"], Some(&["a"])),
            (&[], None),
        ] {
            assert!(!path(keys).can_be_stored(), "{keys:?}");
            assert_eq!(path(keys).around(), around.map(path));
        }
        assert!(ColumnKey::Time.can_be_stored());
    }

    #[test]
    fn each_key_has_its_own_name() {
        let keys = [
            ColumnKey::EventType,
            ColumnKey::StreamId,
            ColumnKey::Sequence,
            ColumnKey::Time,
            path(&["a", "b"]),
            path(&["ab"]),
            path(&["a", "b", ""]),
            path(&["a"]),
            ColumnKey::Path {
                metadata: true,
                keys: &["a"],
            },
        ];
        for (at, key) in keys.iter().enumerate() {
            for other in &keys[..at] {
                assert_ne!(key.name(), other.name(), "{key:?} {other:?}");
            }
        }
        assert_eq!(keys.iter().filter(|key| is_path(&key.name())).count(), 5);
    }
}
