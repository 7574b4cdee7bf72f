//! Whatever was done to a database, the pages are found that are in use, and no others.

use std::sync::Arc;

use redb::backends::InMemoryBackend;
use redb::{Database, ReadableTable, TableDefinition};

use super::*;
use crate::engine::zeroing::zero;
use crate::testing::random::Random;

const PAGE: u64 = 4096;

/// A storage that the test has as well as the database.
#[derive(Clone, Debug, Default)]
struct Shared(Arc<InMemoryBackend>);

impl StorageBackend for Shared {
    fn len(&self) -> std::io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> std::io::Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, len: u64) -> std::io::Result<()> {
        self.0.set_len(len)
    }

    fn sync_data(&self) -> std::io::Result<()> {
        self.0.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> std::io::Result<()> {
        self.0.write(offset, data)
    }
}

fn table(number: usize) -> String {
    format!("table {number}")
}

/// Puts values into tables, and removes some.
fn change(database: &Database, random: &mut Random) {
    let mut transaction = database.begin_write().unwrap();
    transaction.set_quick_repair(random.below(2) == 0);
    for _ in 0..=random.below(3) {
        let name = table(random.below(20));
        let name = TableDefinition::<u64, &[u8]>::new(&name);
        let mut table = transaction.open_table(name).unwrap();
        for _ in 0..random.below(60) {
            let key = random.below(500) as u64;
            if random.below(3) == 0 {
                table.remove(key).unwrap();
            } else {
                let length = [10, 300, 5_000, 70_000][random.below(16).min(3)];
                table.insert(key, &*vec![key as u8; length]).unwrap();
            }
        }
    }
    if random.below(4) == 0 {
        let name = table(random.below(20));
        let name = TableDefinition::<u64, &[u8]>::new(&name);
        transaction.delete_table(name).unwrap();
    }
    transaction.commit().unwrap();
}

fn content(database: &Database) -> Vec<(usize, u64, usize)> {
    let transaction = database.begin_write().unwrap();
    let mut found = Vec::new();
    for number in 0..20 {
        let name = table(number);
        let name = TableDefinition::<u64, &[u8]>::new(&name);
        let table = transaction.open_table(name).unwrap();
        for entry in table.iter().unwrap() {
            let (key, value) = entry.unwrap();
            assert!(value.value().iter().all(|byte| *byte == key.value() as u8));
            found.push((number, key.value(), value.value().len()));
        }
    }
    transaction.abort().unwrap();
    found
}

#[test]
fn all_pages_are_known_that_are_in_use_and_the_others_are_not_missed() {
    for seed in 0..3 {
        let mut random = Random::of(seed);
        let storage = Shared::default();
        let mut database = Database::builder()
            .create_with_backend(storage.clone())
            .unwrap();
        for _ in 0..3 {
            for _ in 0..=random.below(6) {
                change(&database, &mut random);
            }
            let before = content(&database);
            database.compact().unwrap();
            let transaction = database.begin_write().unwrap();
            let allocated = transaction.stats().unwrap().allocated_pages();
            let bytes = storage.len().unwrap();
            let pages = Pages::of(&storage, 0, bytes).unwrap();
            assert_eq!(pages.used_count(), allocated, "seed {seed}");
            let unused = pages.unused();
            let unused_pages: u64 = unused.iter().map(|it| (it.end - it.start) / PAGE).sum();
            assert_eq!(unused_pages + allocated + PAGES_BEFORE, bytes / PAGE);
            for range in unused {
                zero(&storage, range).unwrap();
            }
            transaction.abort().unwrap();
            assert!(database.check_integrity().unwrap());
            assert_eq!(content(&database), before);
        }
    }
}

#[test]
fn what_is_no_database_or_was_altered_is_not_taken_for_one() {
    let storage = Shared::default();
    let database = Database::builder()
        .create_with_backend(storage.clone())
        .unwrap();
    change(&database, &mut Random::of(1));
    drop(database);
    let bytes = storage.len().unwrap();
    let used = Pages::of(&storage, 0, bytes).unwrap().used_count();
    let mut whole = vec![0; bytes as usize];
    storage.read(0, &mut whole).unwrap();
    let altered = |at: usize, byte: u8| {
        let storage = Shared::default();
        storage.set_len(bytes).unwrap();
        let mut altered = whole.clone();
        altered[at] ^= byte;
        storage.write(0, &altered).unwrap();
        let pages = Pages::of(&storage, 0, bytes);
        pages.map(|pages| pages.used_count())
    };
    // The magic, the bytes in a page, and how many pages there are.
    for at in [0, 8, 12, 28] {
        assert!(altered(at, 1).is_err(), "byte {at}");
    }
    for at in 0..HEADER_BYTES {
        for bit in 0..8 {
            // Whatever it is, it ends.
            let _ = altered(at, 1 << bit);
        }
    }
    assert!(Pages::of(&storage, 0, bytes - PAGE).is_err());
    assert!(used > 0 && altered(HEADER_BYTES + 1, 1).is_ok());
}
