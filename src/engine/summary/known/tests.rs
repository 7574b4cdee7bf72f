//! What is kept, and how much of it.

use super::*;
use crate::block::{Column, FIRST_VALUE};

#[test]
fn a_directory_is_that_of_its_block_and_its_instance() {
    let known = KnownBlocks::new(1 << 20);
    let directory = Arc::new(Directory::default());
    known.insert_summary(1, 2, Arc::clone(&directory));
    let found = |number, block| match known.directory(number, block) {
        Some(KnownDirectory::Summary(directory)) => Some(directory),
        Some(KnownDirectory::Sealed { .. }) => panic!("it is not sealed"),
        None => None,
    };
    assert!(Arc::ptr_eq(&found(1, 2).unwrap(), &directory));
    assert!(found(2, 1).is_none() && found(1, 3).is_none());
    assert!(known.sealed(1, 2).is_none());
}

#[test]
fn a_column_is_that_of_its_key_in_its_block() {
    let known = KnownBlocks::new(1 << 20);
    let of_code = |code: u16, rows| Stored::Prints(vec![code; rows]);
    let path = |metadata, keys| ColumnKey::Path { metadata, keys };
    let keys: [ColumnKey<'static>; 6] = [
        ColumnKey::EventType,
        ColumnKey::Sequence,
        path(false, &["a", "b"]),
        path(false, &["ab"]),
        path(false, &["a", "0", "b"]),
        path(true, &["a", "b"]),
    ];
    for (code, key) in (0..).zip(&keys) {
        known.insert_column(1, 2, key, &of_code(code, 100), 100);
        known.insert_column(1, 3, key, &of_code(10 + code, 100), 100);
    }
    for (code, key) in (0..).zip(&keys) {
        assert_eq!(known.column(1, 2, key), Some(of_code(code, 100)));
        assert_eq!(known.column(1, 3, key), Some(of_code(10 + code, 100)));
        assert_eq!(known.column(2, 2, key), None);
    }
    assert!(known.group(1, 2, 0).is_none() && known.sealed(1, 2).is_none());
    known.insert_record(1, 2, 7, &vec![1, 2].into());
    assert_eq!(known.record(1, 2, 7).as_deref(), Some(&[1, 2][..]));
    assert!(known.record(1, 2, 8).is_none() && known.record(2, 2, 7).is_none());
    known.insert_times(1, 2, &[5, 6]);
    assert_eq!(known.times(1, 2).as_deref(), Some(&[5, 6][..]));
    assert!(known.times(1, 3).is_none() && known.times(2, 2).is_none());
    let bytes = known.loaded_bytes();
    known.insert_times(1, 3, &[7; 100]);
    assert_eq!(known.loaded_bytes(), bytes + 100 * 8);
    // It counts for what it takes, and one of long texts is not kept.
    assert!(known.loaded_bytes() >= 2 * 6 * 100 * 2);
    let long = Column::new(
        vec![FIRST_VALUE; 100],
        std::iter::once("x".repeat(2_000)).collect(),
        vec![],
    );
    let long = Stored::Column(long.unwrap());
    known.insert_column(1, 4, &ColumnKey::EventType, &long, 100);
    assert_eq!(known.column(1, 4, &ColumnKey::EventType), None);
    known.insert_column(1, 4, &ColumnKey::EventType, &long, 1_000);
    assert_eq!(known.column(1, 4, &ColumnKey::EventType), Some(long));
}

#[test]
fn no_more_than_the_bounds_are_kept() {
    let known = KnownBlocks::new(1 << 16);
    let bytes = Directory::default().memory_bytes() as u64;
    let inserted = 3 * DIRECTORY_BYTES_MAX / bytes;
    for block in 0..inserted {
        known.insert_summary(1, block, Arc::default());
    }
    let kept = (0..inserted).filter(|block| known.directory(1, *block).is_some());
    let kept = kept.count() as u64;
    assert!(kept > 0 && kept * bytes <= DIRECTORY_BYTES_MAX, "{kept}");

    let block = sealed::Builder::new().finish();
    let directory = Arc::new(sealed::Directory::read(&block).unwrap());
    let known = KnownBlocks::new(1 << 16);
    for block in 0..1_000 {
        known.insert_sealed(2, block, Arc::clone(&directory));
    }
    assert!((1..=1 << 16).contains(&known.loaded_bytes()));
    // What was let go is still known to be sealed.
    assert!((0..1_000).all(|block| known.sealed(2, block).is_some()));

    // Long types count, and there is room for a few such directories only.
    let directory = of_many_types();
    let bytes = directory.memory_bytes() as u64;
    assert!(bytes > 1 << 20, "{bytes}");
    let known = KnownBlocks::new(1 << 30);
    for block in 0..100 {
        known.insert_directory(3, block, Arc::clone(&directory));
    }
    let kept = (0..100).filter(|block| known.directory(3, *block).is_some());
    let kept = kept.count() as u64;
    assert!(kept > 0 && kept * bytes <= DIRECTORY_BYTES_MAX, "{kept}");
}

/// The directory of a block each of whose events has a long type of its own.
fn of_many_types() -> Arc<sealed::Directory> {
    let mut builder = sealed::Builder::new();
    for n in 0..1_500 {
        builder.push(&sealed::Row {
            id: uuid::Uuid::nil(),
            timestamp_ms: 0,
            sequence: 1,
            back: 0,
            stream_id: "s",
            event_type: &format!("{}{n}", "t".repeat(1_000)),
            call: None,
            payload: "{}",
            metadata: "{}",
        });
    }
    Arc::new(sealed::Directory::read(&builder.finish()).unwrap())
}

#[test]
fn there_is_room_until_an_eighth_of_it_is_left() {
    let known = KnownBlocks::new(1 << 16);
    assert!(known.has_room());
    let record: Arc<[u8]> = vec![0; 1_000].into();
    let mut kept = 0;
    while known.has_room() {
        kept += 1;
        known.insert_record(1, 0, kept, &record);
        assert!(kept < 1_000, "there is always room");
    }
    let bytes = known.loaded_bytes();
    assert!((56 << 10..58 << 10).contains(&bytes), "{bytes}");
}
