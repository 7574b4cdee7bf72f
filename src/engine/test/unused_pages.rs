//! The room of pages that the tables do not use any more is given back, and nobody loses anything by that.

use std::sync::Arc;
#[cfg(target_os = "linux")]
use std::sync::atomic::Ordering;

use super::disk::Disk;
#[cfg(target_os = "linux")]
use super::engine_in_file;
use super::random::Random;
use super::{
    NewEvent, Options, check_invariants, engine_at, engine_of, engine_on, found_or_made, run,
};
use crate::engine::journal::Layout;
#[cfg(target_os = "linux")]
use crate::engine::storage;
use crate::engine::{Engine, Fault, Snapshot};

/// The blocks are large, and the least that is given back is 64 KiB.
const LAYOUT: Layout = Layout {
    segment_bytes: 1 << 20,
    block_events: 64,
    ..Layout::NEW
};

/// How many bytes the payload of an event has.
const PAYLOAD_BYTES: usize = 20_000;

fn open(disk: &Arc<Disk>) -> Engine {
    engine_of(LAYOUT, disk, Options::default()).unwrap()
}

/// Appends events in one call, which goes to the tables at once. What they have, packing makes a third shorter, and a
/// block a hundred times: it is much the same in all of them.
fn append(engine: &Engine, count: usize) {
    let mut random = Random::of(1);
    let letters: Vec<u8> = (0..PAYLOAD_BYTES)
        .map(|_| b"0123456789abcdef"[random.below(16)])
        .collect();
    let text = String::from_utf8(letters).unwrap();
    run(engine, move |batch| {
        let number = found_or_made(batch, "log")?;
        for n in 0..count {
            let event = NewEvent {
                stream_id: "s",
                event_type: "tested",
                payload: &format!("{{\"text\":\"{text}\",\"n\" :{n}}}"),
                metadata: "{}",
                timestamp_ms: None,
                call: None,
            };
            batch.append(number, &event)?;
        }
        Ok(())
    })
    .unwrap();
}

/// The numbers of all events within the stream, and how long their payloads are together.
fn read_of(snapshot: &Snapshot) -> (Vec<u64>, usize) {
    let chunks = snapshot.chunks(snapshot.find("log").unwrap()).unwrap();
    let (mut sequences, mut bytes) = (Vec::new(), 0);
    let each = chunks.each(1..=chunks.events(), |_, record| {
        sequences.push(record.sequence);
        bytes += record.payload.len();
        Ok::<_, Fault>(())
    });
    each.unwrap();
    (sequences, bytes)
}

fn read(engine: &Engine) -> (Vec<u64>, usize) {
    read_of(&Snapshot::of(&engine.open_log).unwrap())
}

/// How many bytes of the disk the file takes.
#[cfg(target_os = "linux")]
fn room(path: &std::path::Path) -> u64 {
    std::os::unix::fs::MetadataExt::blocks(&std::fs::metadata(path).unwrap()) * 512
}

#[cfg(target_os = "linux")]
#[test]
fn closing_gives_back_the_room_that_rows_had_which_are_a_block_now() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let engine = engine_in_file(LAYOUT, &path).unwrap();
    append(&engine, 60);
    let as_rows = room(&path);
    assert!(as_rows > 60 * PAYLOAD_BYTES as u64 / 2, "{as_rows}");
    append(&engine, 4);
    let before = read(&engine);
    engine.stop().unwrap();
    let as_block = room(&path);
    assert!(as_block < as_rows / 4, "{as_block} of {as_rows}");

    // The pages are used again.
    let engine = engine_in_file(LAYOUT, &path).unwrap();
    assert_eq!(read(&engine), before);
    append(&engine, 60);
    assert!(room(&path) > as_rows / 2);
    check_invariants(&engine);
    engine.stop().unwrap();
    let engine = engine_in_file(LAYOUT, &path).unwrap();
    assert_eq!(read(&engine).0.len(), 124);
    check_invariants(&engine);
    engine.stop().unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn unused_pages_are_looked_for_once_much_was_written_to_the_tables() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let file = storage::file::LogFile::open(&path, &Options::default()).unwrap();
    let opener = move |again| storage::opening::open(&file, &Options::default(), LAYOUT, again);
    // Nothing is idle while this looks.
    let idle = std::time::Duration::from_secs(3600);
    let moments = Arc::default();
    let engine = Engine::start_with(Box::new(opener), Options::default(), moments, idle).unwrap();
    append(&engine, 60);
    append(&engine, 68);
    let as_rows = room(&path);
    let open = &engine.open_log.storage;
    let journal = open.journal().unwrap();
    let written = journal.written_to_tables();

    // As if it had been before.
    let all = written.swap(0, Ordering::Relaxed);
    assert!(all > 60 * PAYLOAD_BYTES as u64 / 2, "{all}");
    open.give_back_unused(&open.table_turn()).unwrap();
    assert_eq!(room(&path), as_rows);

    written.store(all, Ordering::Relaxed);
    open.give_back_unused(&open.table_turn()).unwrap();
    let as_block = room(&path);
    assert!(as_block < as_rows / 4, "{as_block} of {as_rows}");
    assert_eq!(written.load(Ordering::Relaxed), 0);
    check_invariants(&engine);
    drop(journal);
    engine.stop().unwrap();
}

#[test]
fn a_reader_in_another_process_keeps_what_it_reads_from() {
    let folder = tempfile::tempdir().unwrap();
    let disks = [(); 3].map(|()| Disk::at(&folder.path().join("log")));
    let [writer, reader] = [&disks[0], &disks[1]].map(open);
    append(&writer, 60);
    let rows = Snapshot::of(&reader.open_log).unwrap();
    let before = read_of(&rows);
    append(&writer, 4);
    writer.stop().unwrap();
    // Its rows are a block by now, and their pages wait for it.
    assert_eq!(read_of(&rows), before);
    drop(rows);
    assert_eq!(read(&reader).0.len(), 64);
    append(&reader, 64);
    reader.stop().unwrap();
    let engine = open(&disks[2]);
    assert_eq!(read(&engine).0.len(), 128);
    check_invariants(&engine);
    engine.stop().unwrap();
}

#[test]
fn a_log_that_is_only_read_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let engine = engine_at(&path);
    append(&engine, 12);
    engine.stop().unwrap();
    let before = std::fs::read(&path).unwrap();
    let options = Options {
        read_only: true,
        ..Options::default()
    };
    for options in [Options::default(), options] {
        let engine = engine_on(&Disk::at(&path), options).unwrap();
        assert_eq!(read(&engine).0.len(), 12);
        engine.stop().unwrap();
        assert!(before == std::fs::read(&path).unwrap());
    }
}
