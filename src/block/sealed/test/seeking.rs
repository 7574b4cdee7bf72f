//! Columns of what has some parts in it are those of all values, as far as they have them.

use super::rebuilding::Random;
use super::{Given, sealed};
use crate::block::sealed::{Block, Damaged, GROUP_ROWS};
use crate::block::{Cell, Column, ColumnKey, Stored};
use crate::json::{self, Key, Text};

const WORDS: [&str; 12] = [
    "lock", "dead", "deadlock", "waited", "for", "the", "queue", "é", "row", "found", "cache",
    "was",
];

fn sentence(random: &mut Random) -> String {
    let words = (0..4 + random.below(6)).map(|_| WORDS[random.below(12) as usize]);
    format!(
        "{} {}",
        words.collect::<Vec<_>>().join(" "),
        random.below(100_000)
    )
}

/// Texts at several places: in each event, in some, in arrays, within an object; and other values there in a few groups.
fn rows() -> Vec<Given> {
    let mut random = Random(29);
    let payload = |number: usize| {
        let text = sentence(&mut random);
        let other = sentence(&mut random);
        match (number / 128, number % 50) {
            (3, 7) => format!(r#"{{"text":17,"tags":["{other}","x"]}}"#),
            (3, 8) => format!(r#"{{"text":["deadlock","{other}"],"in":{{"text":"{text}"}}}}"#),
            (3, 9) => format!(r#"{{"text":"dead\u006cock {text}"}}"#),
            // Longer than what columns have.
            (4, 7) => format!(r#"{{"text":"{}"}}"#, format!("{text} ").repeat(60)),
            // It is kept as text.
            (5, 7) => format!(r#"{{ "text":"{text}"}}"#),
            (_, 0..20) => format!(r#"{{"text":"{text}","note":"{other}"}}"#),
            (_, 20..30) => format!(r#"{{"text":"{text}","tags":["{other}"]}}"#),
            _ => format!(r#"{{"text":"{text}","in":{{"text":"{other}"}}}}"#),
        }
    };
    given((0..900).map(payload).collect())
}

fn given(payloads: Vec<String>) -> Vec<Given> {
    let rows = payloads.into_iter().enumerate();
    rows.map(|(number, payload)| Given::of(number, payload))
        .collect()
}

fn column(found: Result<Option<Stored>, Damaged>) -> Column {
    match found {
        Ok(Some(Stored::Column(column))) => column,
        other => panic!("{other:?}"),
    }
}

/// Checks the column of a path for what has one of the parts, and gives how many rows had something else and were left
/// out.
fn check(block: &Block<&Vec<u8>>, rows: &[Given], keys: &[&str], parts: &[&str]) -> usize {
    let path = |key: &&str| Key::new(Text::from((*key).to_owned()));
    let path: Vec<Key> = keys.iter().map(path).collect();
    let key = ColumnKey::Path {
        metadata: false,
        keys,
    };
    let all = column(block.column(&key));
    let some = column(block.column_seeking(&key, parts));
    assert_eq!(some.rows(), rows.len());
    let mut left_out = 0;
    for (row, given) in rows.iter().enumerate() {
        let raw = json::lookup(&given.payload, &path).unwrap_or_default();
        if some.cell(row) == all.cell(row) {
            // It is there since it may be wanted, and not since another one is.
            let is_wanted = |part: &&str| raw.contains(part.get(..16).unwrap_or(part));
            let is_left_out = matches!(all.cell(row), Cell::Absent | Cell::Unread);
            let is_text = raw.starts_with('"') && !is_left_out;
            assert!(!is_text || parts.iter().any(is_wanted), "{raw} {parts:?}");
            continue;
        }
        assert_eq!(some.cell(row), Cell::Absent, "{raw}");
        assert!(
            parts.iter().all(|part| !raw.contains(part)),
            "{raw} {parts:?}"
        );
        left_out += 1;
    }
    left_out
}

#[test]
fn what_has_none_of_the_parts_is_left_out_and_nothing_else() {
    let rows = rows();
    let bytes = sealed(&rows);
    let block = Block::open(&bytes).unwrap();
    for keys in [&["text"][..], &["note"], &["tags", "0"], &["in", "text"]] {
        let count = |parts: &[&str]| check(&block, &rows, keys, parts);
        let has_any = |row: &&Given| {
            let path: Vec<Key> = keys
                .iter()
                .map(|key| Key::new(Text::from((*key).to_owned())))
                .collect();
            json::lookup(&row.payload, &path).is_some()
        };
        let there = rows.iter().filter(has_any).count();
        // No text has it, and a few others are no texts, or kept as such.
        assert!(there - count(&["nowhere"]) <= 30, "{keys:?}");
        assert_eq!(count(&[" "]) / 10, 0, "{keys:?}");
        for parts in [
            &["deadlock", "\\"][..],
            &["deadlock the queue", "row found", "é"],
            &["k 9"],
            &["\"dead"],
        ] {
            assert!(count(parts) > there / 4, "{keys:?} {parts:?}");
        }
    }
}

/// Checks that what each row has at a path is found by any of its words, or left out where it has none that is sought.
fn check_words(rows: &[Given], keys: &[&str]) {
    let bytes = sealed(rows);
    let block = Block::open(&bytes).unwrap();
    for parts in [
        &["deadlock", "\\"][..],
        &["deadlock the queue", "row found", "é"],
        &["k 9"],
        &["\"dead"],
        &["nowhere"],
    ] {
        assert!(
            check(&block, rows, keys, parts) > rows.len() / 8,
            "{parts:?}"
        );
    }
    for word in WORDS {
        check(&block, rows, keys, &[word]);
    }
}

#[test]
fn texts_that_all_rows_have_in_one_column_are_those_of_their_rows() {
    let mut random = Random(31);
    let payload = |number: usize| {
        let text = sentence(&mut random);
        match number % 64 {
            5 => format!("{{\"text\":{number}}}"),
            6 => "{\"text\":null}".to_owned(),
            7 => format!("{{\"text\":\"dead\\u006cock {text}\"}}"),
            // Longer than what columns have.
            8 => format!("{{\"text\":\"{}\"}}", format!("{text} ").repeat(60)),
            9 => "{\"text\":\"\"}".to_owned(),
            _ => format!("{{\"text\":\"{text}\"}}"),
        }
    };
    let payloads = (0..4 * GROUP_ROWS + 50).map(payload);
    check_words(&given(payloads.collect()), &["text"]);
}

#[test]
fn a_path_that_leads_to_two_columns_is_sought_by_the_symbols_of_each() {
    let mut random = Random(37);
    let payload = |number: usize| {
        let text = sentence(&mut random);
        // The symbols of one have nothing in common with those of the other.
        match number % 2 {
            0 => format!("{{\"in\":[\"{text}\"]}}"),
            _ => format!("{{\"in\":{{\"0\":\"{}\"}}}}", text.to_uppercase()),
        }
    };
    let rows = given((0..4 * GROUP_ROWS).map(payload).collect());
    check_words(&rows, &["in", "0"]);
    let bytes = sealed(&rows);
    let block = Block::open(&bytes).unwrap();
    for word in WORDS.map(str::to_uppercase) {
        let left_out = check(&block, &rows, &["in", "0"], &[&word]);
        assert!(left_out >= rows.len() / 2, "{word}");
    }
}

#[test]
fn what_has_no_texts_of_symbols_is_not_sought_in() {
    let payload = |number: usize| format!(r#"{{"code":"c{}","n":{number}}}"#, number % 7);
    let rows: Vec<Given> = (0..300)
        .map(|number| Given::of(number, payload(number)))
        .collect();
    let bytes = sealed(&rows);
    let block = Block::open(&bytes).unwrap();
    for keys in [&["code"][..], &["n"], &["none"], &[]] {
        let key = ColumnKey::Path {
            metadata: false,
            keys,
        };
        assert_eq!(block.column_seeking(&key, &["c1"]), Ok(None), "{keys:?}");
    }
    assert_eq!(
        block.column_seeking(&ColumnKey::EventType, &["a"]),
        Ok(None)
    );
}

#[test]
fn damage_is_noticed_in_what_is_sought_in() {
    let rows = rows();
    let bytes = sealed(&rows);
    let keys = ["text"];
    let key = ColumnKey::Path {
        metadata: false,
        keys: &keys,
    };
    let group = Block::open(&bytes).unwrap().directory().place(1).unwrap();
    for at in group.step_by(97) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        let block = Block::open(&damaged).unwrap();
        assert!(block.column_seeking(&key, &["deadlock"]).is_err(), "{at}");
    }
}
