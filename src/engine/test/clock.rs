//! Timestamps that the log makes never run backwards within an instance, even where the clock does.

use redb::backends::InMemoryBackend;

use super::{Appended, Batch, append, schema};
use crate::engine::cache::Cache;

#[test]
fn a_clock_that_is_set_back_does_not_set_timestamps_back() {
    let backend = InMemoryBackend::new();
    let database = redb::Builder::new().create_with_backend(backend).unwrap();
    schema::prepare(&database).unwrap();
    let at = |now_ms: i64, cached: &mut Cache| -> (Appended, i64, i64) {
        let transaction = database.begin_write().unwrap();
        let mut batch = Batch::begin(&transaction, cached, now_ms).unwrap();
        let appended = append(&mut batch, "log", "s").unwrap();
        let number = batch.find("log").unwrap();
        let before = batch.instance(number).unwrap().head.updated_at_ms;
        let updated = batch.update(number, None, Some("d")).unwrap();
        let head = batch.flush(1).unwrap();
        transaction.commit().unwrap();
        cached.committed(head);
        (appended, before, updated.head.updated_at_ms)
    };
    // Once with what the writer remembers, and once with what the tables say.
    let mut kept = Cache::default();
    assert_eq!(at(2_000, &mut kept).0.timestamp_ms, 2_000);
    assert_eq!(at(1_000, &mut kept).0.timestamp_ms, 2_000);
    let (appended, updated_by_append, updated) = at(500, &mut Cache::default());
    assert_eq!(appended.timestamp_ms, 2_000);
    assert_eq!((updated_by_append, updated), (2_000, 2_000));
    assert_eq!(at(3_000, &mut Cache::default()).0.timestamp_ms, 3_000);
}
