//! Lists, cut into pieces.

use proptest::prelude::*;

use super::{Entry, Form, HASHES, Level, Piece, Place, pieces_of};
use crate::block::bytes::Reader;

const KEY: u64 = 7;

const FORMS: [Form; 2] = [Form::ByFirst, Form::ByLast];

fn places(pieces: &[(u32, Vec<u8>)], level: Level, form: Form, hash: u32) -> Vec<u32> {
    let found = match form {
        Form::ByFirst => pieces.iter().rfind(|(first, _)| *first <= hash),
        Form::ByLast => pieces.iter().find(|(last, _)| *last >= hash),
    };
    let (by, bytes) = found.unwrap();
    let piece = Piece::read(level, KEY, form, *by, bytes).unwrap();
    assert!(piece.first() <= hash && hash < piece.end());
    let mut found = Vec::new();
    piece
        .find(hash, |place| found.push(level.place(place)))
        .unwrap();
    found
}

fn entries(level: Level) -> impl Strategy<Value = Vec<Entry>> {
    let hash = prop_oneof![0..HASHES, 0..40_u32, HASHES - 40..HASHES];
    let place = 0..=level.place(Place::Every);
    prop::collection::btree_set((hash, place), 0..300).prop_map(|entries| {
        let entry = |(hash, place)| Entry { hash, place };
        entries.into_iter().map(entry).collect()
    })
}

proptest! {
    #[test]
    fn each_hash_is_found_with_all_of_its_places(
        (level, entries) in prop::sample::select(Level::DOWN.to_vec())
            .prop_flat_map(|level| (Just(level), entries(level))),
        form in prop::sample::select(FORMS.to_vec()),
        bytes_max in 30_usize..400,
        other in 0..HASHES,
    ) {
        let pieces = pieces_of(level, KEY, form, &(0..HASHES), &entries, bytes_max);
        let mut read = Vec::new();
        let mut next = 0;
        for (by, bytes) in &pieces {
            let piece = Piece::read(level, KEY, form, *by, bytes).unwrap();
            prop_assert_eq!(piece.first(), next);
            next = piece.end();
            prop_assert_eq!(*by, if form == Form::ByFirst { piece.first() } else { next - 1 });
            let own = piece.entries().unwrap();
            let is_of_one = own.iter().all(|entry| entry.hash == own[0].hash);
            prop_assert!(bytes.len() <= bytes_max || is_of_one, "{} {}", bytes.len(), own.len());
            read.extend(own);
        }
        prop_assert_eq!(next, HASHES);
        prop_assert_eq!(&read, &entries);
        for hash in entries.iter().map(|entry| entry.hash).chain([other, 0, HASHES - 1]) {
            let wanted: Vec<u32> = entries
                .iter()
                .filter(|entry| entry.hash == hash)
                .map(|entry| entry.place)
                .collect();
            prop_assert_eq!(places(&pieces, level, form, hash), wanted);
        }
    }

    #[test]
    fn damaged_bytes_are_refused_or_give_some_list(
        entries in entries(Level::BLOCK),
        form in prop::sample::select(FORMS.to_vec()),
        at in any::<prop::sample::Index>(),
        to: u8,
        hash in 0..HASHES,
    ) {
        for (by, bytes) in pieces_of(Level::BLOCK, KEY, form, &(0..HASHES), &entries, 300) {
            let mut damaged = bytes.clone();
            *at.get_mut(&mut damaged) = to;
            let is_same = damaged == bytes;
            let read = Piece::read(Level::BLOCK, KEY, form, by, &damaged);
            prop_assert_eq!(read.is_some(), is_same);
            // With a checksum that is right.
            let reader = || Reader::new(&damaged[4..]);
            if let Some(piece) = Piece::content(Level::BLOCK, form, by, &damaged, reader()) {
                let _ = (piece.entries(), piece.find(hash, |_| ()));
            }
        }
    }
}

#[test]
fn a_piece_in_the_place_of_another_is_refused() {
    let entries: Vec<_> = (0..9).map(|hash| Entry { hash, place: 1 }).collect();
    for form in FORMS {
        let pieces = pieces_of(Level::BLOCK, KEY, form, &(0..HASHES), &entries, 1_000);
        let [(by, bytes)] = &*pieces else {
            panic!("{} pieces", pieces.len());
        };
        let read = |key, by| Piece::read(Level::BLOCK, key, form, by, bytes).is_some();
        assert!(read(KEY, *by));
        assert!(!read(KEY + 1, *by));
        assert!(!read(KEY, *by ^ 1));
    }
}

#[test]
fn an_entry_takes_three_and_a_quarter_bytes_whatever_the_level() {
    for level in Level::DOWN {
        let count = 8_192 * level.blocks() as u32;
        let apart = HASHES / count;
        let entries: Vec<_> = (0..count)
            .map(|n| Entry {
                hash: n * apart + n % apart,
                place: n % level.place(Place::Every),
            })
            .collect();
        let pieces = pieces_of(level, KEY, Form::ByLast, &(0..HASHES), &entries, 8_172);
        let bytes: usize = pieces.iter().map(|(_, bytes)| bytes.len()).sum();
        let of_hundred = 100 * bytes / count as usize;
        assert!((300..330).contains(&of_hundred), "{level:?} {of_hundred}");
        assert!(pieces.iter().all(|(_, bytes)| bytes.len() <= 8_172));
    }
}
