//! Which columns a block has, and which paths it has dropped.
//!
//! ```text
//! dropped    4 bytes each   hashes of the names of paths without a column, ascending
//! columns    8 bytes each   hash of the name, and where the entry is; ascending
//! entries                   name (varint n, n bytes), place
//! ```
//!
//! It is looked into where it lies: a block may have thousands of columns, of which a query wants few.

use super::bytes::{Reader, write_bytes, write_varint};
use super::key::is_path;
use super::place::{ColumnPlace, Finding};

/// The columns of a block, as bytes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ColumnIndex {
    /// Whether paths that are not named are nowhere but in opaque rows.
    is_complete: bool,
    dropped: usize,
    columns: usize,
    bytes: Box<[u8]>,
}

impl ColumnIndex {
    /// Makes the index of named columns, and of the names of paths that have none.
    pub(super) fn new(
        is_complete: bool,
        columns: &[(Vec<u8>, ColumnPlace)],
        dropped: &[Vec<u8>],
    ) -> Self {
        let mut hashes: Vec<u32> = dropped.iter().map(|name| crc32fast::hash(name)).collect();
        hashes.sort_unstable();
        let mut entries = Vec::new();
        let mut table = Vec::with_capacity(columns.len());
        for (name, place) in columns {
            // Entries are bounded by the number of paths far below 4 GiB.
            table.push((crc32fast::hash(name), entries.len() as u32));
            write_bytes(&mut entries, name);
            place.write(&mut entries);
        }
        table.sort_unstable();
        let mut bytes = Vec::new();
        for hash in &hashes {
            bytes.extend_from_slice(&hash.to_le_bytes());
        }
        for (hash, at) in &table {
            bytes.extend_from_slice(&hash.to_le_bytes());
            bytes.extend_from_slice(&at.to_le_bytes());
        }
        bytes.extend_from_slice(&entries);
        Self {
            is_complete,
            dropped: hashes.len(),
            columns: table.len(),
            bytes: bytes.into(),
        }
    }

    /// How much memory it takes beside its own place, in bytes.
    pub(super) const fn memory_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// What is known of the column of that name.
    pub(super) fn find(&self, name: &[u8]) -> Finding {
        self.try_find(name).unwrap_or(Finding::Unknown)
    }

    /// `None` where the bytes are no index.
    fn try_find(&self, name: &[u8]) -> Option<Finding> {
        let mut reader = Reader::new(&self.bytes);
        let (dropped, _) = reader.take(self.dropped.checked_mul(4)?)?.as_chunks();
        let (table, _) = reader.take(self.columns.checked_mul(8)?)?.as_chunks();
        let entries = reader.rest();
        let hash = crc32fast::hash(name);
        let hash_of = |[a, b, c, d, ..]: &[u8; 8]| u32::from_le_bytes([*a, *b, *c, *d]);
        let at_of = |[.., a, b, c, d]: &[u8; 8]| u32::from_le_bytes([*a, *b, *c, *d]);
        let from = table.partition_point(|row| hash_of(row) < hash);
        for row in table[from..].iter().take_while(|row| hash_of(row) == hash) {
            let mut reader = Reader::new(entries.get(at_of(row) as usize..)?);
            if reader.bytes()? == name {
                return ColumnPlace::read(&mut reader, is_path(name)).map(Finding::Stored);
            }
        }
        let is_dropped = || {
            let dropped = dropped.binary_search_by_key(&hash, |it| u32::from_le_bytes(*it));
            dropped.is_ok()
        };
        Some(if self.is_complete && !is_dropped() {
            Finding::Absent
        } else {
            Finding::Unknown
        })
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.push(u8::from(self.is_complete));
        write_varint(out, self.dropped as u64);
        write_varint(out, self.columns as u64);
        out.extend_from_slice(&self.bytes);
    }

    /// Reads an index, which is all that is left.
    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let is_complete = match reader.byte()? {
            0 => false,
            1 => true,
            _ => return None,
        };
        Some(Self {
            is_complete,
            dropped: reader.count()?,
            columns: reader.count()?,
            bytes: reader.rest().into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::codec::Packed;
    use super::super::content::Content;
    use super::super::place::ColumnForm;
    use super::*;

    /// Two names that have the same hash.
    const ALIKE: [&[u8]; 2] = [b"plumless", b"buckeroo"];

    fn place(name: &[u8], body: &mut Vec<u8>) -> ColumnPlace {
        let packed = Packed::of(name.to_vec());
        ColumnPlace::of(
            body,
            &packed,
            ColumnForm::Prints,
            is_path(name),
            Content::default(),
        )
    }

    fn read_back(index: &ColumnIndex) -> ColumnIndex {
        let mut out = Vec::new();
        index.write(&mut out);
        ColumnIndex::read(&mut Reader::new(&out)).unwrap()
    }

    #[test]
    fn columns_are_found_by_name() {
        let mut body = Vec::new();
        let names: Vec<Vec<u8>> = (0..1_000).map(|n: u32| n.to_le_bytes().to_vec()).collect();
        let columns: Vec<(Vec<u8>, ColumnPlace)> = names
            .iter()
            .map(|name| (name.clone(), place(name, &mut body)))
            .collect();
        let (kept, dropped) = columns.split_at(900);
        let dropped: Vec<Vec<u8>> = dropped.iter().map(|(name, _)| name.clone()).collect();
        for is_complete in [true, false] {
            let index = ColumnIndex::new(is_complete, kept, &dropped);
            assert_eq!(read_back(&index), index);
            for (name, place) in kept {
                assert_eq!(index.find(name), Finding::Stored(place.clone()));
            }
            for name in &dropped {
                assert_eq!(index.find(name), Finding::Unknown);
            }
            let other = if is_complete {
                Finding::Absent
            } else {
                Finding::Unknown
            };
            assert_eq!(index.find(b"other"), other);
        }
    }

    #[test]
    fn names_with_the_same_hash_are_told_apart() {
        assert_eq!(crc32fast::hash(ALIKE[0]), crc32fast::hash(ALIKE[1]));
        let mut body = Vec::new();
        let columns = ALIKE.map(|name| (name.to_vec(), place(name, &mut body)));
        let both = ColumnIndex::new(true, &columns, &[]);
        for (name, place) in &columns {
            assert_eq!(both.find(name), Finding::Stored(place.clone()));
        }
        let one = ColumnIndex::new(true, &columns[..1], &[]);
        assert_eq!(one.find(ALIKE[1]), Finding::Absent);
        // Of what is dropped only the hash is known.
        let dropped = ColumnIndex::new(true, &[], &[ALIKE[0].to_vec()]);
        assert_eq!(dropped.find(ALIKE[1]), Finding::Unknown);
    }

    #[test]
    fn what_is_no_index_knows_nothing() {
        let index = ColumnIndex {
            is_complete: true,
            dropped: usize::MAX,
            columns: 3,
            bytes: Box::new([0; 30]),
        };
        assert_eq!(index.find(b"name"), Finding::Unknown);
        let whole = ColumnIndex::new(true, &[], &[]);
        assert_eq!(whole.find(b"name"), Finding::Absent);
        let mut out = Vec::new();
        whole.write(&mut out);
        out[0] = 2;
        assert_eq!(ColumnIndex::read(&mut Reader::new(&out)), None);
    }
}
