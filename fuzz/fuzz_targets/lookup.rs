//! The decoders of what the tables have beside events: look-ups (heads, notes, pieces) and summaries (directories,
//! columns). Bytes as they are, and whole ones some of whose bytes were altered, with checksums that are right all the
//! same.
//!
//! The first byte says which. Nothing panics, no memory is taken that the bytes do not account for, and what is made of
//! lists that can be read can be read.

#![no_main]

use std::alloc::System;
use std::sync::LazyLock;

use cap::Cap;
use codebolt_eventlog::block::lookup::{
    Builder, CandidateRows, Form, HASHES, Head, LISTS_MERGED, Level, Listed, Lookup, Piece, Place,
    Wanted, admits, fuzzing, merged, pieces_of,
};
use codebolt_eventlog::block::sealed::Row;
use codebolt_eventlog::block::{self, ColumnKey, Encoded};
use codebolt_eventlog::event::Event;
use libfuzzer_sys::fuzz_target;
use uuid::Uuid;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// How much memory reading may take, in bytes: what the columns of 65,536 events do, and so much for each byte.
const BYTES_MAX: usize = 32 << 20;
const BYTES_OF_ONE: usize = 1 << 10;

const KEY: u64 = 7;
const EVENTS: usize = 300;
const PIECE_BYTES: usize = 600;

/// The payloads: texts and numbers that are looked up and that are not, and one that nothing is known of.
static PAYLOADS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let payload = |n: usize| match n {
        9 => "\"encrypted\"".to_owned(),
        _ => format!(
            r#"{{"id":"id-{n}","order":{},"price":{}.25,"place":"place-{}","same":"the same text again","in":[{{"n":{n}}},{{"x":"{}"}}]}}"#,
            n * 7_919,
            n % 90,
            n % 7,
            n / 3,
        ),
    };
    (0..EVENTS).map(payload).collect()
});

static LOOKUP: LazyLock<Lookup> = LazyLock::new(|| {
    let mut builder = Builder::new();
    for (n, payload) in PAYLOADS.iter().enumerate() {
        builder.push(&Row {
            id: Uuid::from_u128(n as u128),
            timestamp_ms: 1_700_000_000_000 + n as i64,
            sequence: 1 + n as u64,
            back: 0,
            stream_id: "s",
            event_type: ["made", "sold"][n % 2],
            call: None,
            payload,
            metadata: "{\"by\":\"me\"}",
        });
    }
    builder.finish()
});

static SUMMARY: LazyLock<Encoded> = LazyLock::new(|| {
    let mut builder = block::Builder::new();
    for (n, payload) in PAYLOADS.iter().enumerate() {
        builder.push(&Event {
            id: Uuid::from_u128(n as u128),
            instance_id: "log",
            stream_id: ["s", "t"][n % 2],
            event_type: "tested",
            payload,
            metadata: "{\"by\":\"me\"}",
            timestamp_ms: 1_700_000_000_000 + n as i64,
            sequence_number: n as u64 / 2 + 1,
            position: n as u64,
        });
    }
    builder.finish()
});

fuzz_target!(|bytes: &[u8]| {
    let Some((which, rest)) = bytes.split_first() else {
        return;
    };
    // They are made before anything is bounded.
    let (lookup, summary) = (&*LOOKUP, &*SUMMARY);
    let room = BYTES_MAX + BYTES_OF_ONE * rest.len();
    let limit = ALLOCATOR.allocated() + room;
    ALLOCATOR
        .set_limit(limit)
        .expect("a limit above what there is");
    let level = Level::DOWN[usize::from(which / 6 % 3)];
    match which % 6 {
        0 => head(level, rest.to_vec()),
        1 => head(Level::BLOCK, altered(lookup.head(KEY), rest)),
        2 if which / 18 % 2 == 0 => piece(level, Form::ByFirst, 0, rest.to_vec()),
        2 => piece(level, Form::ByLast, HASHES - 1, rest.to_vec()),
        3 => list(lookup, rest),
        4 => {
            let (length, rest) = rest.split_first().unwrap_or((&0, &[]));
            let (directory, body) = rest.split_at(rest.len().min(usize::from(*length)));
            summary_of(directory.to_vec(), body);
        }
        _ => {
            let (directory, body) = rest.split_at(rest.len() / 2);
            let body = altered(summary.body.clone(), body);
            summary_of(altered(summary.directory.clone(), directory), &body);
        }
    }
    ALLOCATOR.set_limit(usize::MAX).expect("no limit");
});

/// The bytes with some of them replaced.
fn altered(mut bytes: Vec<u8>, changes: &[u8]) -> Vec<u8> {
    for change in changes.chunks_exact(3).take(24) {
        let at = usize::from(u16::from_le_bytes([change[0], change[1]]));
        let at = at % bytes.len();
        bytes[at] = change[2];
    }
    bytes
}

fn head(level: Level, bytes: Vec<u8>) {
    let _ = Head::read(level, KEY, &bytes).is_some();
    let bytes = fuzzing::sign_head(KEY, bytes);
    let Some(head) = Head::read(level, KEY, &bytes) else {
        return;
    };
    assert!(head.covered_from() < level.blocks());
    let notes = head.notes();
    for note in [0, HASHES / 2, HASHES - 1] {
        let _ = head.find(note, |_| ());
    }
    // As many as become one, all of them alike, and the last one alone.
    for count in [LISTS_MERGED, 1] {
        let first = LISTS_MERGED - count;
        let heads: Vec<Head<'_>> = (0..count)
            .filter_map(|_| Head::read(level, KEY, &bytes))
            .collect();
        let all = Head::merged(level, KEY, first, &heads);
        let Some(above) = level.above().filter(|_| notes.is_some()) else {
            assert!(all.is_none());
            continue;
        };
        let all = all.expect("of heads that can be read");
        let all = Head::read(above, KEY, &all).expect("what was written");
        assert!(all.notes().is_some());
    }
}

fn piece(level: Level, form: Form, by: u32, bytes: Vec<u8>) {
    let _ = Piece::read(level, KEY, form, by, &bytes).is_some();
    let bytes = fuzzing::sign_piece(KEY, by, bytes);
    let Some(piece) = Piece::read(level, KEY, form, by, &bytes) else {
        return;
    };
    let first = piece.first();
    assert!(first < piece.end() && piece.end() <= HASHES);
    let entries = piece.entries();
    for hash in [first, first + 1, piece.end() - 1, piece.end()] {
        let _ = piece.find(hash, |_| ());
    }
    for entry in entries.iter().flatten() {
        let mut found = 0;
        let read = piece.find(entry.hash(), |_| found += 1);
        assert!(read.is_some() && found > 0);
    }
}

/// A list in memory, some of whose pieces were altered.
struct List(Vec<(u32, Vec<u8>)>);

impl List {
    fn with_piece<R>(
        &self,
        hash: u32,
        read: impl FnOnce(&Piece<'_>) -> Option<R>,
    ) -> Result<R, ()> {
        let found = self.0.iter().find(|(last, _)| *last >= hash);
        let (last, bytes) = found.ok_or(())?;
        let piece = Piece::read(Level::BLOCK, KEY, Form::ByLast, *last, bytes).ok_or(())?;
        read(&piece).ok_or(())
    }
}

impl Listed for List {
    type Fault = ();

    fn places(&self, hash: u32, visit: &mut dyn FnMut(Place)) -> Result<(), ()> {
        self.with_piece(hash, |piece| piece.find(hash, visit))
    }

    fn noted(&self, _: u32, _: &mut dyn FnMut(Place)) -> Result<(), ()> {
        Ok(())
    }
}

/// Alters pieces of a list: the first byte says of which of them.
fn list(lookup: &Lookup, bytes: &[u8]) {
    let Some((which, changes)) = bytes.split_first() else {
        return;
    };
    let mut pieces = lookup.pieces(KEY, PIECE_BYTES);
    let at = usize::from(*which) % pieces.len();
    let (last, own) = &mut pieces[at];
    *own = fuzzing::sign_piece(KEY, *last, altered(own.clone(), changes));
    piece(Level::BLOCK, Form::ByLast, *last, own.clone());
    let list = List(pieces);
    let mut entries = Some(Vec::new());
    for (last, bytes) in &list.0 {
        let own = Piece::read(Level::BLOCK, KEY, Form::ByLast, *last, bytes);
        let own = own.and_then(|it| it.entries());
        entries = entries.zip(own).map(|(mut all, own)| {
            all.extend(own);
            all
        });
    }
    for hash in lookup.entries().iter().step_by(16).map(|it| it.hash()) {
        let wanted = Wanted::Value {
            hashes: vec![hash],
            notes: Vec::new(),
        };
        for (block, rows) in wanted
            .find(&list, 0, &(0..1))
            .into_iter()
            .flat_map(|it| it.into_blocks())
        {
            assert_eq!(block, 0);
            if let CandidateRows::Rows(rows) = rows {
                assert!(rows.into_iter().all(|row| row < 4_096));
            }
        }
    }
    // What ascends can become a part of a list of more blocks.
    if let Some(entries) = entries.filter(|entries| entries.is_sorted()) {
        let all = merged(Level::BLOCK, [(15, entries.clone())]);
        let above = Level::DOWN[1];
        assert!(admits(above, &all, 15, &entries));
        let pieces = pieces_of(above, KEY, Form::ByLast, &(0..HASHES), &all, PIECE_BYTES);
        let again = pieces.iter().flat_map(|(last, bytes)| {
            let piece =
                Piece::read(above, KEY, Form::ByLast, *last, bytes).expect("what was written");
            piece.entries().expect("what was written")
        });
        assert!(again.eq(all));
    }
}

fn summary_of(directory: Vec<u8>, body: &[u8]) {
    let path = |metadata, keys| ColumnKey::Path { metadata, keys };
    let keys = [
        ColumnKey::EventType,
        ColumnKey::StreamId,
        ColumnKey::Sequence,
        ColumnKey::Time,
        path(false, &["id"]),
        path(false, &["order"]),
        path(false, &["price"]),
        path(false, &["place"]),
        path(false, &["same"]),
        path(false, &["in", "0", "n"]),
        path(true, &["by"]),
        path(true, &["nowhere"]),
    ];
    block::fuzzing::read_all(&directory, body, &keys);
    block::fuzzing::read_all(&block::fuzzing::sign(directory), body, &keys);
}
