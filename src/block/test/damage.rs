//! Bytes that are not what was stored.

use proptest::prelude::*;

use super::events::Given;
use super::{ROOM, made};
use crate::block::{ColumnKey, Directory, Encoded, Finding};

const KEYS: [ColumnKey<'static>; 8] = [
    ColumnKey::EventType,
    ColumnKey::StreamId,
    ColumnKey::Sequence,
    ColumnKey::Time,
    ColumnKey::Path {
        metadata: false,
        keys: &["a"],
    },
    ColumnKey::Path {
        metadata: false,
        keys: &["b", "c"],
    },
    ColumnKey::Path {
        metadata: true,
        keys: &["text"],
    },
    ColumnKey::Path {
        metadata: true,
        keys: &["nowhere"],
    },
];

fn encoded() -> Encoded {
    let given: Vec<Given> = (0..40)
        .map(|n| Given {
            metadata: format!(r#"{{"text":"the same text again and again {n}"}}"#),
            ..Given::with_payload(format!(r#"{{"a":{n}.5,"b":{{"c":"x","c":{}}}}}"#, n % 3))
        })
        .enumerate()
        .map(|(n, given)| Given {
            payload: if n == 7 {
                given.payload
            } else {
                given.payload.replace(r#""c":"x","#, "")
            },
            ..given
        })
        .collect();
    let events: Vec<_> = given.iter().map(Given::event).collect();
    made(&events).finish_within(ROOM)
}

#[test]
fn every_cut_and_every_flipped_bit_of_a_directory_is_noticed() {
    let whole = encoded().directory;
    assert!(Directory::decode(&whole).is_some());
    for length in 0..whole.len() {
        assert_eq!(Directory::decode(&whole[..length]), None, "{length}");
    }
    let mut bytes = whole;
    for bit in 0..bytes.len() * 8 {
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(Directory::decode(&bytes), None, "bit {bit}");
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    bytes.push(0);
    assert_eq!(Directory::decode(&bytes), None);
}

#[test]
fn every_cut_and_every_flipped_bit_of_a_column_is_noticed() {
    let Encoded { directory, body } = encoded();
    let directory = Directory::decode(&directory).unwrap();
    let mut covered = 0;
    for key in KEYS {
        let Finding::Stored(place) = directory.find(&key) else {
            assert_eq!(key, KEYS[7]);
            continue;
        };
        let whole = &body[place.range()];
        covered += whole.len();
        assert!(directory.read(&place, whole).is_some());
        for length in 0..whole.len() {
            assert_eq!(
                directory.read(&place, &whole[..length]),
                None,
                "{key:?} {length}"
            );
        }
        let mut bytes = whole.to_vec();
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(directory.read(&place, &bytes), None, "{key:?} bit {bit}");
            if key == ColumnKey::Time {
                assert_eq!(directory.times(&bytes), None, "bit {bit}");
            }
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
    // `b` itself is the only other column.
    let Finding::Stored(b) = directory.find(&ColumnKey::Path {
        metadata: false,
        keys: &["b"],
    }) else {
        panic!("b has no column");
    };
    assert_eq!(covered + b.range().len(), body.len());
}

#[test]
fn a_column_of_another_place_is_refused() {
    let Encoded { directory, body } = encoded();
    let directory = Directory::decode(&directory).unwrap();
    let place = |key| match directory.find(key) {
        Finding::Stored(place) => place,
        other => panic!("{key:?}: {other:?}"),
    };
    let (a, b) = (place(&KEYS[4]), place(&KEYS[5]));
    assert_eq!(directory.read(&a, &body[b.range()]), None);
}

proptest! {
    #[test]
    fn content_that_is_no_directory_is_refused_though_its_checksum_is_right(
        content in prop::collection::vec(any::<u8>(), 0..120),
    ) {
        let mut bytes = vec![1];
        bytes.extend_from_slice(&crc32fast::hash(&content).to_le_bytes());
        bytes.extend_from_slice(&content);
        if let Some(directory) = Directory::decode(&bytes) {
            prop_assert!(directory.len() <= 65_536);
        }
    }

    #[test]
    fn a_directory_with_any_byte_changed_is_no_panic_though_its_checksum_is_right(
        at: prop::sample::Index,
        byte: u8,
    ) {
        let Encoded { mut directory, body } = encoded();
        let at = 5 + at.index(directory.len() - 5);
        directory[at] = byte;
        let checksum = crc32fast::hash(&directory[5..]).to_le_bytes();
        directory[1..5].copy_from_slice(&checksum);
        if let Some(directory) = Directory::decode(&directory) {
            for key in KEYS {
                if let Finding::Stored(place) = directory.find(&key)
                    && let Some(bytes) = body.get(place.range())
                {
                    let _ = directory.read(&place, bytes);
                    let _ = directory.times(bytes);
                }
            }
        }
    }
}
