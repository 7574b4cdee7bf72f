//! The times of blocks, which are remembered.

use super::{LAYOUT, engine_at, found_or_made, run};
use crate::engine::{NewEvent, Snapshot};

const BLOCK_EVENTS: usize = LAYOUT.block_events as usize;

#[test]
fn times_that_are_remembered_are_those_of_their_block_in_their_instance() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    let instances = ["log", "other"];
    let time_of = |instance: usize, row: usize| (1_000 * instance + row) as i64;
    run(&engine, move |batch| {
        for (instance, name) in instances.iter().enumerate() {
            let number = found_or_made(batch, name)?;
            for row in 0..3 * BLOCK_EVENTS {
                batch.append(
                    number,
                    &NewEvent {
                        stream_id: "s",
                        event_type: "t",
                        payload: "{}",
                        metadata: "{}",
                        timestamp_ms: Some(time_of(instance, row)),
                        call: None,
                    },
                )?;
            }
        }
        Ok(())
    })
    .unwrap();
    engine.stop().unwrap();
    // All of them are in the tables.
    let engine = engine_at(&folder.path().join("log"));
    // The second time, they are remembered.
    for _ in 0..2 {
        let snapshot = Snapshot::of(&engine.open_log).unwrap();
        for (instance, name) in instances.iter().enumerate() {
            let chunks = snapshot.chunks(snapshot.find(name).unwrap()).unwrap();
            for block in 0..3 {
                let rows = block * BLOCK_EVENTS..(block + 1) * BLOCK_EVENTS;
                let times: Vec<i64> = rows.map(|row| time_of(instance, row)).collect();
                let chunk = chunks.chunk(block).unwrap();
                assert!(chunk.is_sealed());
                assert_eq!(chunk.times().unwrap(), Some(times));
            }
        }
    }
    engine.stop().unwrap();
}
