//! Frames are found again by whoever reads the journal, whatever their size is, and for what they are.

use super::{Engine, LAYOUT, Site, append_payload, check_invariants, engine_at, events};

/// Appends an event with a payload of so many bytes. Returns how many bytes its frame has.
fn append_of(engine: &Engine, payload_bytes: usize) -> u64 {
    let payload = format!("{{\"n\":\"{}\"}}", "x".repeat(payload_bytes - 8));
    append_payload(engine, payload);
    let view = engine.open_log.view().known().unwrap();
    let (Some(header), Some(last)) = (view.header, view.last) else {
        return 0;
    };
    let journal = engine.open_log.storage.journal().unwrap();
    let frame = journal.frame_header(&header, last.offset).unwrap();
    frame.unwrap().frame_bytes()
}

/// What is left in the segment that frames are added to.
fn room(engine: &Engine) -> usize {
    (LAYOUT.segment_bytes - engine.open_log.view().known().unwrap().offset) as usize
}

fn generation(engine: &Engine) -> u64 {
    engine
        .open_log
        .view()
        .known()
        .unwrap()
        .header
        .unwrap()
        .generation
}

#[test]
fn a_frame_that_fills_its_segment_to_the_last_byte_is_found_by_another_process() {
    const PAYLOAD: usize = 200;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let engine = engine_at(&path);
    append_of(&engine, PAYLOAD);
    let mut count = 1;
    let (rest, frame_bytes) = loop {
        let frame_bytes = append_of(&engine, PAYLOAD) as usize;
        count += 1;
        let room = room(&engine);
        if (frame_bytes..3 * frame_bytes).contains(&room) {
            break (room, frame_bytes);
        }
    };
    let before = generation(&engine);
    assert_eq!(
        append_of(&engine, PAYLOAD + rest - frame_bytes),
        rest as u64
    );
    assert_eq!((room(&engine), generation(&engine)), (0, before));
    count += 1;
    // It has never been closed, so that all is in the journal.
    let other = engine_at(&path);
    assert_eq!(events(&other, "log").unwrap().len(), count);
    append_of(&other, PAYLOAD);
    assert_eq!(generation(&other), before + 1);
    assert_eq!(events(&engine, "log").unwrap().len(), count + 1);
    check_invariants(&engine);
    other.stop().unwrap();
    engine.stop().unwrap();
}

#[test]
fn a_frame_of_many_pages_is_found_by_another_process() {
    let site = Site::new(1 << 16, 8);
    let (engine, other) = (site.open(), site.open());
    for (count, bytes) in (1..).zip([100, 3_900, 4_000, 4_100, 9_000, 20_000]) {
        append_of(&engine, bytes);
        assert_eq!(events(&other, "log").unwrap().len(), count, "{bytes}");
    }
    // One that has never seen them.
    let third = site.open();
    assert_eq!(events(&third, "log").unwrap().len(), 6);
    for engine in [third, other, engine] {
        engine.close().unwrap();
    }
}

#[test]
fn a_frame_is_that_of_its_own_commit_and_generation_only() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    for _ in 0..3 {
        append_of(&engine, 20);
    }
    let view = engine.open_log.view().known().unwrap();
    let (header, last, commit) = (view.header.unwrap(), view.last.unwrap(), view.log.commits);
    let journal = engine.open_log.storage.journal().unwrap();
    let mut other = header;
    other.salt ^= 1;
    let frame = |header, commit| journal.frame(header, last.offset, commit).unwrap();
    assert_eq!(frame(&header, commit).unwrap().header().commit, commit);
    assert!(frame(&header, commit + 1).is_none());
    assert!(frame(&header, commit - 1).is_none());
    assert!(frame(&other, commit).is_none());
    engine.stop().unwrap();
}
