//! A view of the log that was taken before something was erased.

use std::sync::Arc;

use super::{ERASED, PAYLOAD, Random, engine_at, erase, fill, payloads};
use crate::engine::Snapshot;
use crate::engine::storage::snapshot_gate::Duration;

#[test]
fn who_has_a_view_from_before_and_reads_after_is_given_nothing_that_was_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    fill(&engine, &mut Random::of(5));
    let before = payloads(&engine);
    let open_log = &engine.open_log;
    let (view, of_tables) = open_log.latest().unwrap();
    erase(&engine, &ERASED).unwrap();
    let reading = open_log.storage.gate().begin(Duration::Short);
    let transaction = open_log.storage.begin_read().unwrap();
    let snapshot = Snapshot::new(transaction, reading, &view, of_tables, Arc::clone(open_log));
    let snapshot = snapshot.unwrap();
    let chunks = snapshot.chunks(snapshot.find("log").unwrap()).unwrap();
    for (position, before) in (1..).zip(&before) {
        let found = chunks.at(position, |record| record.payload.to_owned());
        let expected = if ERASED.contains(&position) {
            PAYLOAD
        } else {
            before
        };
        assert_eq!(found.unwrap(), expected, "position {position}");
    }
    drop(chunks);
    drop(snapshot);
    engine.stop().unwrap();
}
