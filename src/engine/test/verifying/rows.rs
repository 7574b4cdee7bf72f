//! Rows of the tables that are missing or altered.

use redb::{ReadableTable, TableDefinition, WriteTransaction};

use super::{EVENTS, KEYED, NUMBER, alter, finds, log_at, problems_at};
use crate::engine::Problem;
use crate::engine::tables::schema::{self, HeadValue, PieceKey, StreamValue};
use crate::engine::tables::state::State;

const EVENT_TABLE: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("events/1");
const STREAM_TABLE: TableDefinition<'static, &str, StreamValue> = TableDefinition::new("streams/1");
const KEY_TABLE: TableDefinition<'static, &str, u64> = TableDefinition::new("keys/1");
const STATE_TABLE: TableDefinition<'static, &str, &[u8]> = TableDefinition::new("states/1");
const BLOCK_TABLE: TableDefinition<'static, PieceKey, &[u8]> = TableDefinition::new("blocks/1");

/// A change of one record's bytes.
fn altered_event(transaction: &WriteTransaction, position: u64, change: impl FnOnce(&mut Vec<u8>)) {
    let mut events = transaction.open_table(EVENT_TABLE).unwrap();
    let mut bytes = events.get(position).unwrap().unwrap().value().to_vec();
    change(&mut bytes);
    events.insert(position, &*bytes).unwrap();
}

/// An event as it would be written with another number and another link, with a checksum that is right.
fn rewritten(bytes: &mut Vec<u8>, sequence: u64, back: u64) {
    let old = std::mem::take(bytes);
    let mut record = crate::engine::Record::decode(&old, 1).unwrap();
    record.sequence = sequence;
    record.back = back;
    record.encode(bytes);
}

fn altered_head(transaction: &WriteTransaction, change: impl FnOnce(&mut HeadValue)) {
    let mut heads = transaction.open_table(schema::HEADS).unwrap();
    let mut head = heads.get(NUMBER).unwrap().unwrap().value();
    change(&mut head);
    heads.insert(NUMBER, head).unwrap();
}

const ID: Option<&str> = Some("id");

#[test]
fn a_damaged_event_is_told_and_hides_no_other() {
    finds(
        |transaction| {
            altered_event(transaction, 7, |bytes| bytes[30] ^= 1);
            altered_event(transaction, EVENTS, |bytes| bytes.truncate(12));
        },
        &[
            (ID, Some(7), "not what was written"),
            (ID, Some(EVENTS), "not what was written"),
        ],
    );
}

#[test]
fn a_commit_that_the_journal_does_not_lead_to_is_told() {
    finds(
        |transaction| {
            let mut heads = transaction.open_table(schema::HEADS).unwrap();
            let mut head = heads.get(schema::LOG_HEAD).unwrap().unwrap().value();
            head.0 += 1 << 20;
            heads.insert(schema::LOG_HEAD, head).unwrap();
        },
        &[(None, None, "to which the journal does not lead")],
    );
}

#[test]
fn missing_events_are_told_as_one_gap() {
    finds(
        |transaction| {
            let mut events = transaction.open_table(EVENT_TABLE).unwrap();
            for position in 5..=6 {
                events.remove(position).unwrap();
            }
        },
        &[(ID, Some(5), "the events up to position 6 are missing")],
    );
}

#[test]
fn an_event_that_is_missing_at_the_end_is_told() {
    finds(
        |transaction| {
            let mut events = transaction.open_table(EVENT_TABLE).unwrap();
            events.remove(EVENTS).unwrap();
        },
        &[(ID, Some(EVENTS), "the events up to position 20 are missing")],
    );
}

#[test]
fn numbers_and_links_that_lead_elsewhere_are_told() {
    // Number 4 of its stream stands at position 10, three positions after number 3.
    for (sequence, back) in [
        (5, 3),
        (3, 3),
        (4, 2),
        (4, 6),
        (4, 0),
        (4, 10),
        (1, 0),
        (0, 0),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        log_at(&path);
        alter(&path, |transaction| {
            altered_event(transaction, 10, |bytes| rewritten(bytes, sequence, back));
        });
        let found = problems_at(&path);
        let text =
            format!("number {sequence} of the stream \"s0\" and leads {back} positions back");
        let told = |problem: &Problem| problem.position == Some(10) && problem.text.contains(&text);
        assert!(found.iter().any(told), "{found:#?}");
    }
}

#[test]
fn a_head_that_counts_wrongly_is_told_in_each_of_its_fields() {
    type Change = fn(&mut HeadValue);
    let changes: [(Change, &str); 5] = [
        (
            |head| head.0 -= 1,
            "expected 20 as the last position, found 19",
        ),
        (
            |head| head.1 += 1,
            "expected 3 as the number of streams, found 4",
        ),
        (|head| head.2 += 1, "as the bytes of its records"),
        (
            |head| head.4 = 9,
            "expected 1006 as the latest timestamp, found 9",
        ),
        (
            |head| head.5 = 3,
            "expected 20 as the late position, found 3",
        ),
    ];
    for (change, text) in changes {
        finds(
            |transaction| altered_head(transaction, change),
            &[(ID, None, text)],
        );
    }
    finds(
        |transaction| altered_head(transaction, |head| head.3 = -5),
        &[(ID, None, "changed before it was made")],
    );
}

#[test]
fn a_stream_that_stands_elsewhere_is_told() {
    for value in [(6, 17), (7, 17), (6, 20), (8, 23)] {
        finds(
            |transaction| {
                let mut streams = transaction.open_table(STREAM_TABLE).unwrap();
                streams.insert("s1", value).unwrap();
            },
            match value {
                // The numbers of all streams still add up.
                (7, _) => &[(ID, None, "the last event of the stream \"s1\"")],
                _ => &[
                    (ID, None, "the last event of the stream \"s1\""),
                    (ID, None, "expected 3 streams with 20 events"),
                ],
            },
        );
    }
    finds(
        |transaction| {
            let mut streams = transaction.open_table(STREAM_TABLE).unwrap();
            streams.remove("s1").unwrap();
        },
        &[(
            ID,
            None,
            "expected 3 streams with 20 events, found 2 with 13",
        )],
    );
}

#[test]
fn a_summary_that_is_not_what_its_events_say_is_told() {
    let alter_piece = |transaction: &WriteTransaction, key: PieceKey| {
        let mut blocks = transaction.open_table(BLOCK_TABLE).unwrap();
        let mut bytes = blocks.get(key).unwrap().unwrap().value().to_vec();
        bytes[3] ^= 1;
        blocks.insert(key, &*bytes).unwrap();
    };
    for piece in [0, 1] {
        finds(
            |transaction| alter_piece(transaction, (1, piece)),
            &[(
                ID,
                None,
                "the summary of block 1 is not what its events say",
            )],
        );
    }
    for (piece, text) in [
        (0, "piece 0 of block 1 is missing"),
        (1, "not what its events say"),
    ] {
        finds(
            |transaction| {
                let mut blocks = transaction.open_table(BLOCK_TABLE).unwrap();
                blocks.remove((1, piece)).unwrap();
            },
            &[(ID, None, text)],
        );
    }
    finds(
        |transaction| {
            let mut blocks = transaction.open_table(BLOCK_TABLE).unwrap();
            blocks.insert((2, 0), &b"x"[..]).unwrap();
        },
        &[(ID, None, "there is something of block 2")],
    );
}

#[test]
fn instances_whose_rows_do_not_agree_are_told() {
    finds(
        |transaction| {
            let mut names = transaction.open_table(schema::NAMES).unwrap();
            names.remove("name").unwrap();
            names.insert("nobody", 9).unwrap();
        },
        &[
            (ID, None, "expected \"name\" to lead to 1, found nothing"),
            (None, None, "\"nobody\" leads to 9"),
        ],
    );
    finds(
        |transaction| {
            let mut instances = transaction.open_table(schema::INSTANCES).unwrap();
            instances.insert(NUMBER, &b"{"[..]).unwrap();
        },
        &[(None, None, "instances: row 1")],
    );
    finds(
        |transaction| {
            let mut heads = transaction.open_table(schema::HEADS).unwrap();
            heads.insert(7, (0, 0, 0, 0, 0, 0)).unwrap();
            let mut log = heads.get(schema::LOG_HEAD).unwrap().unwrap().value();
            log.2 = 1;
            heads.insert(schema::LOG_HEAD, log).unwrap();
        },
        &[
            (None, None, "row 7 has no instance"),
            (None, None, "the next instance would be 1, and 1 is in use"),
        ],
    );
}

#[test]
fn tables_that_are_missing_or_not_known_are_told() {
    finds(
        |transaction| {
            transaction.delete_table(STREAM_TABLE).unwrap();
            let unknown = TableDefinition::<u64, u64>::new("events/2");
            transaction.open_table(unknown).unwrap();
        },
        &[
            (None, None, "the table streams/1 is missing"),
            (None, None, "the table events/2 is not known"),
            (ID, None, "'streams/1' does not exist"),
        ],
    );
}

#[test]
fn keys_that_lead_elsewhere_are_told() {
    finds(
        |transaction| {
            let mut keys = transaction.open_table(KEY_TABLE).unwrap();
            keys.insert("key", KEYED + 1).unwrap();
        },
        &[(ID, Some(KEYED), "its key \"key\" leads to 10")],
    );
    finds(
        |transaction| {
            let mut keys = transaction.open_table(KEY_TABLE).unwrap();
            keys.insert("another", 1).unwrap();
        },
        &[(ID, None, "1 keys, and the table of keys has 2")],
    );
    finds(
        |transaction| {
            transaction.delete_table(KEY_TABLE).unwrap();
        },
        &[
            (ID, Some(KEYED), "its key \"key\" leads to nothing"),
            (ID, None, "1 keys, and the table of keys has 0"),
        ],
    );
}

#[test]
fn states_that_are_not_what_was_put_are_told() {
    finds(
        |transaction| {
            let mut states = transaction.open_table(STATE_TABLE).unwrap();
            let mut bytes = states.get("state").unwrap().unwrap().value().to_vec();
            states.insert("another", &*bytes).unwrap();
            *bytes.last_mut().unwrap() ^= 1;
            states.insert("state", &*bytes).unwrap();
        },
        &[
            (ID, None, "the state \"another\" is not what was written"),
            (ID, None, "the state \"state\" is not what was written"),
        ],
    );
    finds(
        |transaction| {
            let mut bytes = Vec::new();
            let (name, value) = ("gone", None);
            State { name, value }.encode(&mut bytes);
            let mut states = transaction.open_table(STATE_TABLE).unwrap();
            states.insert(name, &*bytes).unwrap();
        },
        &[(ID, None, "the state \"gone\" was removed, and is there")],
    );
}
