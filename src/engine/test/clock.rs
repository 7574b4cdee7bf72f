//! Timestamps that the log makes never run backwards within an instance, even where the clock does.

use std::sync::Arc;

use super::disk::Disk;
use super::{Appended, Batch, append};
use crate::engine::Options;
use crate::engine::commit::batch::Finished;
use crate::engine::commit::{checkpoint, settling};
use crate::engine::journal::Frame;
use crate::engine::storage::opening;

#[test]
fn a_clock_that_is_set_back_does_not_set_timestamps_back() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::at(&folder.path().join("log"));
    let options = Options::default();
    let own = options.clone();
    let opener =
        Box::new(move |again| opening::open(&Arc::clone(&disk), &own, super::LAYOUT, again));
    let open_log = settling::open(opener, &options).unwrap();
    let at = |now_ms: i64| -> (Appended, i64, i64) {
        let turn = open_log.storage.turn();
        let locked = checkpoint::lock(&open_log, &turn).unwrap();
        let mut frame = Frame::default();
        let view = open_log.view().known().unwrap();
        let mut memory = open_log.memory(&view);
        let mut batch = Batch::begin(&open_log, view, &mut memory, &mut frame, now_ms);
        let appended = append(&mut batch, "log", "s").unwrap();
        let number = batch.find("log").unwrap();
        let before = batch.instance(number).unwrap().head.updated_at_ms;
        let updated = batch.update(number, None, Some("d")).unwrap();
        let Finished::Tables {
            writing, header, ..
        } = batch.finish(1, usize::MAX).unwrap()
        else {
            unreachable!("an update changes the tables");
        };
        locked.journal.write_header(&header).unwrap();
        writing.transaction.commit().unwrap();
        // What is remembered is not of this commit: it is read again.
        drop(memory);
        open_log.forget();
        (appended, before, updated.head.updated_at_ms)
    };
    assert_eq!(at(2_000).0.timestamp_ms, 2_000);
    let (appended, updated_by_append, updated) = at(500);
    assert_eq!(appended.timestamp_ms, 2_000);
    assert_eq!((updated_by_append, updated), (2_000, 2_000));
    assert_eq!(at(3_000).0.timestamp_ms, 3_000);
}
