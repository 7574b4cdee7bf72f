//! What an instance keeps of itself, and the keyring beside the log, as bytes that may be anything: which events were
//! trimmed, the salts and tiles of its tree, what stands in the place of erased and encrypted texts, the keys of subjects.
//!
//! The first byte says which. What is read is what was written, or nothing; nothing panics, and no memory is taken that
//! the bytes do not account for.

#![no_main]

use std::sync::LazyLock;

use codebolt_eventlog::encryption::envelope::{Envelope, Part as EncryptedPart, Place};
use codebolt_eventlog::encryption::keyring::fuzzing;
use codebolt_eventlog::encryption::secret::Secret;
use codebolt_eventlog::engine::{Horizon, Sieve};
use codebolt_eventlog::erased::Erased;
use codebolt_eventlog::error::{Code, Error};
use codebolt_eventlog::evidence::print::Print;
use codebolt_eventlog::evidence::salts::{Part, Path, Salts};
use codebolt_eventlog::evidence::tile::{self, folded};
use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;
use uuid::Uuid;

/// The last event that is asked about.
const POSITION_MAX: u64 = 1 << 20;

static KEYRING: LazyLock<Vec<u8>> = LazyLock::new(|| fuzzing::example().expect("a keyring"));

fuzz_target!(|bytes: &[u8]| {
    let Some((which, rest)) = bytes.split_first() else {
        return;
    };
    match which % 7 {
        0 => sieve(rest),
        1 => horizon(rest),
        2 => salts(rest),
        3 => tiles(rest),
        4 => texts(rest),
        5 => keyring(rest.to_vec()),
        _ => {
            let mut altered = KEYRING.clone();
            for change in rest.chunks_exact(3).take(24) {
                let at = usize::from(u16::from_le_bytes([change[0], change[1]]));
                let at = at % altered.len();
                altered[at] = change[2];
            }
            keyring(altered);
        }
    }
});

/// The list of parts has as many bytes as the first byte says, and all parts have the rest.
fn sieve(bytes: &[u8]) {
    let Some((length, rest)) = bytes.split_first() else {
        return;
    };
    let (list, bits) = rest.split_at(rest.len().min(usize::from(*length)));
    let mut part = vec![1];
    part.extend(bits.iter().chain(std::iter::repeat(&0)).take(512));
    let state = &mut |name: &str| Ok(Some(if name == "sieve" { list } else { &part }.to_vec()));
    let Ok(mut sieve) = Sieve::read(state) else {
        return;
    };
    for (first, last) in [(1, POSITION_MAX), (5, 4_100), (4_097, 8_192), (2, 1)] {
        let mut out = Vec::new();
        let visited = sieve.each_out(first..=last, state, &mut |position| out.push(position));
        let count = sieve.count(first..=last, state);
        if let (Ok(()), Ok(count)) = (visited, count) {
            assert_eq!(count, out.len() as u64);
            assert!(out.is_sorted() && out.iter().all(|it| (first..=last).contains(it)));
            let is_out = |it: &u64| sieve.is_out(*it, state).is_ok_and(|is_out| is_out);
            assert!(out.iter().all(is_out));
        }
    }
    if let Ok(left) = sieve.left(3, 1..=300, state) {
        assert_eq!(left.len(), 300);
        assert!(left.is_sorted() && left[0] >= 3);
    }
    let added = sieve.add(&[7, 4_097, POSITION_MAX], state);
    if added.is_ok() {
        assert!(sieve.is_out(7, state).is_ok_and(|is_out| is_out));
    }
    sieve.forget_up_to(9_000);
}

fn horizon(bytes: &[u8]) {
    match Horizon::of_state(Some(bytes.to_vec())) {
        Ok(horizon) => {
            assert!(horizon.first_position() > horizon.position);
            assert!(horizon.last_out() >= horizon.position);
            assert_eq!(
                Horizon::of_state(Some(horizon.encode())).ok(),
                Some(horizon)
            );
        }
        Err(fault) => assert_eq!(Error::from(fault).code(), Code::Corrupted),
    }
}

fn salts(bytes: &[u8]) {
    let Some(mut salts) = Salts::decode(bytes) else {
        return;
    };
    let mut encoded = Vec::new();
    salts.encode(&mut encoded);
    assert_eq!(encoded, bytes);
    let positions = [1, 2, 300, 1 << 40, u64::MAX];
    let mut path = Path::of(&salts);
    for position in positions {
        for part in [Part::Payload, Part::Metadata] {
            let salt = salts.salt(position, part, &[9; 16]);
            assert_eq!(path.salt(position, part, &[9; 16]), salt);
        }
    }
    salts.forget(positions);
    assert_eq!(salts.salt(300, Part::Payload, &[9; 16]), None);
    encoded.clear();
    salts.encode(&mut encoded);
    // Nothing may be left.
    assert_eq!(Salts::decode(&encoded).is_none(), encoded.is_empty());
}

fn tiles(bytes: &[u8]) {
    if let Some(hashes) = tile::hashes_of(bytes) {
        assert_eq!(hashes.concat(), bytes);
        assert_eq!(folded(&hashes).is_none(), hashes.is_empty());
        for level in 0..64 {
            let _ = tile::Place::of(level, u64::from(level) * 77).hash(&hashes);
        }
    }
    let mut again = Vec::new();
    Print::all(bytes).for_each(|print| print.encode(&mut again));
    assert!(bytes.starts_with(&again) && bytes.len() - again.len() < 8);
}

fn texts(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(erased) = Erased::parse(&text) {
        let mut written = String::new();
        erased.write_all(&mut written);
        assert!(serde_json::from_str::<&RawValue>(&written).is_ok());
        assert_eq!(Erased::parse(&erased.metadata()), Some(erased));
    }
    if let Some(envelope) = Envelope::parse(&text) {
        let place = Place {
            instance_id: "log",
            stream_id: "s",
            sequence: 1,
            id: Uuid::nil(),
            event_type: "t",
            timestamp_ms: 0,
        };
        let secret = Secret::from([1; 32]);
        let found = envelope.decrypt(&secret, &place, EncryptedPart::Payload);
        // Nobody has encrypted it.
        assert_eq!(found, None);
    }
}

fn keyring(mut bytes: Vec<u8>) {
    for is_signed in [false, true] {
        if is_signed {
            fuzzing::sign(&mut bytes);
        }
        match fuzzing::use_all(bytes.clone()) {
            Ok(keys) => assert_eq!(keys, 3),
            Err(error) => {
                let expected = [
                    Code::Corrupted,
                    Code::KeyUnavailable,
                    Code::UnsupportedFormat,
                ];
                assert!(expected.contains(&error.code()), "{error}");
            }
        }
    }
}
