//! The decoder of records: bytes as they are, and as the content of a record whose checksum is right.
//!
//! What is decoded, encoded again and decoded once more is the same. Nothing panics.

#![no_main]

use codebolt_eventlog::engine::Record;
use libfuzzer_sys::fuzz_target;

/// Where the checksum ends and the content begins.
const CONTENT_AT: usize = 5;

fuzz_target!(|bytes: &[u8]| {
    check(bytes);
    if let Some((version, content)) = bytes.split_first() {
        let version = 1 + (version & 1);
        let mut signed = vec![version];
        let mut checksum = crc32fast::Hasher::new();
        if version == 2 {
            checksum.update(&[version]);
        }
        checksum.update(content);
        signed.extend_from_slice(&checksum.finalize().to_le_bytes());
        assert_eq!(signed.len(), CONTENT_AT);
        signed.extend_from_slice(content);
        check(&signed);
    }
});

fn check(bytes: &[u8]) {
    let Ok(record) = Record::decode(bytes, 1) else {
        return;
    };
    let mut encoded = Vec::new();
    record.encode(&mut encoded);
    assert_eq!(Record::decode(&encoded, 1).ok(), Some(record));
    // A varint may have been written longer than it has to be.
    assert!(encoded.len() <= bytes.len());
}
