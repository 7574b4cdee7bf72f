//! The room of the journal is given back once the tables have what was in it, and nobody loses anything by that.

use std::path::Path;

use super::disk::Disk;
use super::idle::{restless, writer_ends};
use super::{Options, append, append_payload, check_invariants, engine_at, engine_on, events, run};
use crate::engine::Engine;
use crate::engine::commit::idling;
use crate::engine::locks::Patience;

/// The journal on a file system that knows its holes.
#[cfg(target_os = "linux")]
mod on_disk {
    use std::fs::OpenOptions;
    use std::sync::Arc;
    use std::thread;

    use same_file::Handle;

    use super::super::{engine_in_file, engine_of};
    use super::*;
    use crate::engine::holes::Holes;
    use crate::engine::journal::Layout;
    use crate::error::{Code, Error};

    /// Its segments are as small as they can be for what is kept of them to be whole pages.
    const LAYOUT: Layout = Layout {
        segment_bytes: 1 << 20,
        ..Layout::NEW
    };

    fn open(path: &Path) -> Result<Engine, Error> {
        engine_in_file(LAYOUT, path)
    }

    /// Appends so many events, each of so many bytes in a frame of its own.
    fn append_large(engine: &Engine, count: usize, bytes: usize) {
        for _ in 0..count {
            let payload = format!("\"{}\"", "x".repeat(bytes));
            append_payload(engine, payload);
        }
    }

    /// Whether each segment has bytes that take room, beyond those that always do.
    fn takes_room(path: &Path) -> [bool; 2] {
        let holes = Holes::of(Arc::new(Handle::from_path(path).unwrap()));
        [0, 1].map(|segment| {
            let kept = LAYOUT.segment_at(segment) + u64::from(LAYOUT.kept_bytes());
            holes.next_data(kept).unwrap() < LAYOUT.segment_at(segment + 1)
        })
    }

    #[test]
    fn closing_gives_back_the_room_and_a_short_use_takes_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let engine = open(&path).unwrap();
        append_large(&engine, 6, 300 << 10);
        assert_eq!(takes_room(&path), [true; 2]);
        engine.stop().unwrap();
        assert_eq!(takes_room(&path), [false; 2]);

        for count in 7..10 {
            let engine = open(&path).unwrap();
            append_large(&engine, 1, 100);
            assert_eq!(takes_room(&path), [false; 2]);
            assert_eq!(events(&engine, "log").unwrap().len(), count);
            engine.stop().unwrap();
        }
        let engine = open(&path).unwrap();
        append_large(&engine, 1, 300 << 10);
        assert!(takes_room(&path).contains(&true));
        check_invariants(&engine);
        engine.stop().unwrap();
        assert_eq!(takes_room(&path), [false; 2]);
    }

    #[test]
    fn compacting_gives_back_the_room_and_the_log_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let engine = open(&path).unwrap();
        append_large(&engine, 6, 300 << 10);
        engine.compacted().unwrap();
        assert_eq!(takes_room(&path), [false; 2]);
        append_large(&engine, 1, 300 << 10);
        assert!(takes_room(&path).contains(&true));
        // Also where there is nothing to bring into the tables.
        engine.compacted().unwrap();
        engine.compacted().unwrap();
        assert_eq!(takes_room(&path), [false; 2]);
        assert_eq!(events(&engine, "log").unwrap().len(), 7);
        check_invariants(&engine);
        engine.stop().unwrap();
    }

    /// Closes a log while another process reads the journal: the sync after `syncs` others is held up until that has read so
    /// often, and then all the rest is done at once. Returns whether it came to that.
    fn is_closed_while_read(syncs: usize, reads: usize, is_known: bool) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let [disk, readers_disk] = [(); 2].map(|()| Disk::at(&folder.path().join("log")));
        let open = |disk: &Arc<Disk>| engine_of(LAYOUT, disk, Options::default()).unwrap();
        let closed = open(&disk);
        append_large(&closed, 1, 10);
        let reader = open(&readers_disk);
        if is_known {
            assert_eq!(events(&reader, "log").unwrap().len(), 1);
        }
        append_large(&closed, 8, 2 << 10);
        // It knows of a commit that what is kept of the room does not lead to.
        append_large(&reader, 1, 2 << 10);
        disk.hold_after(syncs);
        let closing = thread::spawn(move || closed.stop().unwrap());
        assert!(disk.wait_until_held(|| false));
        readers_disk.before_read(reads, move || {
            disk.let_go();
            closing.join().unwrap();
        });
        let found = events(&reader, "log").map(|events| events.len());
        assert_eq!(found, Ok(10), "{syncs} syncs, {reads} reads, {is_known}");
        let undone = readers_disk.undone();
        let is_read = undone.is_none();
        if let Some(close) = undone {
            close();
        }
        check_invariants(&reader);
        reader.stop().unwrap();
        is_read
    }

    #[test]
    fn whoever_reads_the_journal_while_its_room_is_given_back_does_not_take_the_log_for_damaged() {
        // The header of the generation before which nothing counts any more, and the first of what makes it count.
        for (syncs, is_known) in [(0, false), (0, true), (1, false), (1, true)] {
            let reads = (0..).take_while(|reads| is_closed_while_read(syncs, *reads, is_known));
            let reads = reads.count();
            assert!(reads > 5, "{reads}");
        }
    }

    #[test]
    fn a_frame_that_follows_on_a_hole_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let (path, killed) = (folder.path().join("log"), folder.path().join("killed"));
        let engine = open(&path).unwrap();
        append_large(&engine, 1, 10);
        append_large(&engine, 3, 300 << 10);
        assert_eq!(takes_room(&path).iter().filter(|takes| **takes).count(), 1);
        std::fs::copy(&path, &killed).unwrap();
        engine.stop().unwrap();

        // Two of the three frames, with the start of the generation.
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(&killed)
            .unwrap();
        let holes = Holes::of(Arc::new(Handle::from_file(file).unwrap()));
        for segment in 0..2 {
            let start = LAYOUT.segment_at(segment);
            holes.punch(start..start + (500 << 10)).unwrap();
        }
        let error = open(&killed).err().unwrap();
        assert_eq!(error.code(), Code::Corrupted, "{error}");
        assert!(
            error.text().contains("is not there, though commit"),
            "{error}"
        );
    }
}

#[test]
fn others_that_have_the_file_open_go_on() {
    for appended in 1..25 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let read_only = Options {
            read_only: true,
            ..Options::default()
        };
        let [closed, other] = [engine_at(&path), engine_at(&path)];
        for number in 0..appended {
            let engine = [&closed, &other][number % 2];
            run(engine, |batch| append(batch, "log", "s")).unwrap();
        }
        let reader = engine_on(&Disk::at(&path), read_only).unwrap();
        let seen = events(&other, "log").unwrap();
        assert_eq!(events(&reader, "log").unwrap(), seen);
        // All that they have read from the journal is gone from there.
        closed.stop().unwrap();
        assert_eq!(events(&other, "log").unwrap(), seen);
        assert_eq!(events(&reader, "log").unwrap(), seen);
        for number in seen.len()..seen.len() + 25 {
            let last = run(&other, |batch| append(batch, "log", "s")).unwrap();
            assert_eq!(last.sequence_number, number as u64 + 1);
        }
        for engine in [other, reader] {
            assert_eq!(events(&engine, "log").unwrap().len(), seen.len() + 25);
            check_invariants(&engine);
            engine.stop().unwrap();
        }
    }
}

/// Gives back the room of an idle log's journal, and once more after `hinder` has kept it from being done. Returns whether it
/// has.
fn is_hindered<H>(
    hinder: impl FnOnce(&Disk, &Engine) -> H,
    let_go: impl FnOnce(H, &Disk) -> bool,
) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let disk = Disk::at(&path);
    let idle = engine_on(&disk, Options::default()).unwrap();
    let other = engine_at(&path);
    while !idling::is_worthwhile(&idle.open_log) {
        run(&idle, |batch| append(batch, "log", "s")).unwrap();
    }
    let count = events(&idle, "log").unwrap().len();
    let hindrance = hinder(&disk, &other);
    let given_back = Patience::none().during(|| idling::give_back(&idle.open_log));
    let was_hindered = let_go(hindrance, &disk);
    assert_eq!(given_back.is_err(), was_hindered);
    idling::give_back(&idle.open_log).unwrap();
    for engine in [idle, other] {
        assert_eq!(events(&engine, "log").unwrap().len(), count);
        engine.stop().unwrap();
    }
    // What is read now is from the tables alone.
    let again = engine_at(&path);
    assert_eq!(events(&again, "log").unwrap().len(), count);
    check_invariants(&again);
    again.stop().unwrap();
    was_hindered
}

#[test]
fn whatever_has_hindered_an_idle_log_it_brings_in_all_that_it_has() {
    // Another process is at work in the tables.
    let begin = |_: &Disk, other: &Engine| {
        let storage = &other.open_log.storage;
        storage.begin_write(&storage.table_turn()).unwrap()
    };
    let is_busy = is_hindered(begin, |transaction, _| transaction.abort().is_ok());
    assert!(is_busy);
    // The disk fails.
    let failed = (0..)
        .take_while(|count| is_hindered(|disk, _| disk.fail_after(*count), |(), disk| disk.heal()));
    assert!(failed.count() > 3);
}

#[test]
fn an_idle_log_gives_back_the_room_beside_what_is_appended() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let engine = restless(&path);
    let other = engine_at(&path);
    let layout = engine.open_log.storage.layout().unwrap();
    let mut given_back = 0;
    for round in 0..60 {
        // A commit of the other one in between is that of who was the last.
        let last = if round % 4 == 3 { &other } else { &engine };
        run(&engine, |batch| append(batch, "log", "s")).unwrap();
        run(last, |batch| append(batch, "log", "s")).unwrap();
        writer_ends(&engine);
        engine.until_idle();
        let view = engine.open_log.latest_view().unwrap();
        let is_given_back = view.room_beyond(layout.kept_bytes()) == 0 && view.last.is_none();
        given_back += usize::from(is_given_back);
        if is_given_back {
            let tables = engine.open_log.storage.log_in_tables().unwrap();
            assert_eq!(tables.commits, view.log.commits);
        }
    }
    assert!(given_back >= 10, "{given_back}");
    for engine in [engine, other] {
        assert_eq!(events(&engine, "log").unwrap().len(), 120);
        check_invariants(&engine);
        engine.stop().unwrap();
    }
}

#[test]
fn whoever_opens_the_log_again_knows_where_writing_takes_room_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let filled = |engine: &Engine| {
        let view = engine.open_log.view().known().unwrap();
        let header = view.header.unwrap();
        let next = crate::engine::journal::Header {
            generation: header.generation + 1,
            ..header
        };
        [view.filled(&header), view.filled(&next)]
    };
    let engine = engine_at(&path);
    let kept = engine.open_log.storage.layout().unwrap().kept_bytes();
    for _ in 0..40 {
        run(&engine, |batch| append(batch, "log", "s")).unwrap();
    }
    assert!(filled(&engine).iter().all(|filled| *filled > kept));
    // A change of an instance begins a fresh generation, and gives nothing back.
    run(&engine, |batch| batch.create("other", "other", None)).unwrap();
    assert!(filled(&engine).iter().all(|filled| *filled > kept));
    engine.compacted().unwrap();
    assert!(filled(&engine).iter().all(|filled| *filled <= kept));
    for _ in 0..40 {
        run(&engine, |batch| append(batch, "log", "s")).unwrap();
    }
    engine.stop().unwrap();
    let engine = engine_at(&path);
    run(&engine, |batch| batch.find("log")).unwrap();
    assert!(filled(&engine).iter().all(|filled| *filled <= kept));
    engine.stop().unwrap();
}
