//! Damage at every page of a small log, with tables and two generations of a journal: pages that are lost, random,
//! altered in one bit, or another page's, and a file that ends there. What comes of it is an error, a problem that
//! a check tells, or the log as it was; where the last commits of the journal were, it may be the log before them,
//! since nothing tells a commit that was lost from one that was never written whole.
//!
//! By default each page is damaged in each way once. `DAMAGE_ROUNDS=50 cargo test --release damaged_pages` does so
//! fifty times, with other random bytes and bits.

mod damage;

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use self::damage::{DAMAGES, Damage, PAGE_BYTES, is_unused};
use super::memory_disk::MemoryDisk;
use super::random::Random;
use super::simulation::open;
use super::{append, run};
use crate::engine::Snapshot;
use crate::engine::journal::{Format, Header, Layout};
use crate::engine::storage::medium::Medium;
use crate::engine::{CallKey, Engine, Fault, NewEvent, verify};
use crate::error::{Code, Error};
use crate::progress::Progress;

const LAYOUT: Layout = Layout {
    format: Format::LAST,
    segment_bytes: 4 * PAGE_BYTES as u32,
    block_events: 8,
};

/// The events of each instance, in the order of their positions: stream, sequence number, id and payload.
type Content = BTreeMap<String, Vec<(String, u64, uuid::Uuid, String)>>;

/// What became of a damaged log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Noticed {
    /// It was not opened.
    AtOpening,
    /// A check told it.
    ByCheck,
    /// A change failed, though everything could be read.
    ByChange,
    /// It is as it was.
    NothingWrong,
    /// The last commits are gone, and nothing says so.
    Never,
}

/// A log as the loss of power leaves it.
struct Log {
    bytes: Vec<u8>,
    content: Content,
    /// Where its last commit begins, and the bytes that may come after it in the journal.
    end: Range<usize>,
}

fn log() -> Log {
    let disk = MemoryDisk::holding(Vec::new(), Random::of(1));
    let engine = open(&disk.process(), false, false, LAYOUT).unwrap();
    for name in ["a", "b", "gone"] {
        run(&engine, move |batch| batch.create(name, name, None)).unwrap();
    }
    run(&engine, |batch| append(batch, "gone", "s")).unwrap();
    run(&engine, |batch| {
        let number = batch.find("gone")?;
        batch.delete(number)
    })
    .unwrap();
    add(&engine, "a", 0..60, 40);
    add(&engine, "b", 0..5, 2000);
    engine.stop().unwrap();

    let engine = open(&disk.process(), false, false, LAYOUT).unwrap();
    add(&engine, "b", 5..15, 900);
    add(&engine, "a", 60..74, 900);
    let content = content(&engine, None).unwrap();
    let end = {
        let known = engine.open_log.view().known().unwrap();
        let segment = LAYOUT.segment_at(known.header.unwrap().segment()) as usize;
        segment + known.last.unwrap().offset as usize..segment + LAYOUT.segment_bytes as usize
    };
    let bytes = disk.lose_power();
    // The process is gone.
    let _ = engine.stop();
    Log {
        bytes,
        content,
        end,
    }
}

/// Whether nothing of a log is wrong but that events at the end of it are missing.
fn lacks_only_the_last(found: &Content, expected: &Content) -> bool {
    found.keys().eq(expected.keys())
        && found
            .iter()
            .all(|(instance, events)| expected[instance].starts_with(events))
}

/// Appends events, each in a commit of its own.
fn add(engine: &Engine, instance: &'static str, events: Range<usize>, payload_bytes: usize) {
    for event in events {
        run(engine, move |batch| {
            let number = batch.find(instance)?;
            let payload = format!(
                "{{\"n\":{event},\"text\":\"{}\"}}",
                "x".repeat(payload_bytes)
            );
            let key = format!("key {event}");
            batch.append(
                number,
                &NewEvent {
                    stream_id: ["s0", "s1", "s2"][event % 3],
                    event_type: "tested",
                    payload: &payload,
                    metadata: "{}",
                    timestamp_ms: None,
                    call: (event % 4 == 0).then_some(CallKey {
                        text: &key,
                        events: 1,
                    }),
                },
            )
        })
        .unwrap();
    }
}

/// Reads every event, as requests do: a panic of redb is an error there. With `expected`, an event that was
/// never written fails the test.
fn content(engine: &Engine, expected: Option<&Content>) -> Result<Content, Error> {
    let read = || -> Result<Content, Fault> {
        let snapshot = Snapshot::of(&engine.open_log)?;
        let mut content = Content::new();
        for instance in snapshot.instances()? {
            let number = snapshot.find(&instance.id)?;
            let chunks = snapshot.chunks(number)?;
            let mut found = Vec::new();
            for index in 0..chunks.len() {
                let chunk = chunks.chunk(index)?;
                chunk.rows(0..chunk.len(), |_, record| {
                    let event = (
                        record.stream_id.to_owned(),
                        record.sequence,
                        record.id,
                        record.payload.to_owned(),
                    );
                    found.push(event);
                    Ok::<_, Fault>(())
                })?;
            }
            content.insert(instance.id, found);
        }
        Ok(content)
    };
    let read = catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(Fault::refused(Code::Corrupted, "redb panicked")));
    if let (Ok(found), Some(expected)) = (&read, expected) {
        let written: Vec<_> = expected.values().flatten().collect();
        for event in found.values().flatten() {
            assert!(written.contains(&event), "never written: {event:?}");
        }
    }
    Ok(read?)
}

/// Opens a damaged log, checks it, reads it, appends to it, closes it and opens it again.
fn examine(bytes: Vec<u8>, exclusive: bool, expected: &Content) -> Noticed {
    let disk = MemoryDisk::holding(bytes, Random::of(1));
    let engine = match open(&disk.process(), exclusive, false, LAYOUT) {
        Ok(engine) => engine,
        Err(error) => {
            assert!(
                matches!(error.code(), Code::Corrupted | Code::UnsupportedFormat),
                "{error}"
            );
            return Noticed::AtOpening;
        }
    };
    let snapshot = catch_unwind(AssertUnwindSafe(|| Snapshot::of(&engine.open_log)));
    let check = match snapshot {
        Ok(Ok(snapshot)) => verify(&snapshot, &Progress::default()).map_err(Error::from),
        Ok(Err(fault)) => Err(fault.into()),
        Err(_) => Err(Error::new(Code::Corrupted, "redb panicked")),
    };
    let is_sound = check.is_ok_and(|report| report.problems.is_empty());
    let read = content(&engine, Some(expected));
    let noticed = match &read {
        Ok(found) if is_sound && found == expected => Noticed::NothingWrong,
        Ok(found) if is_sound => {
            assert!(lacks_only_the_last(found, expected));
            Noticed::Never
        }
        // A check that finds nothing promises that everything can be read.
        Err(error) if is_sound => panic!("sound, and yet: {error}"),
        _ => Noticed::ByCheck,
    };
    let appended = run(&engine, |batch| append(batch, "a", "new"));
    let closed = engine.stop();
    let changed = [appended.as_ref().err(), closed.as_ref().err()];
    let reopened = open(&disk.process(), exclusive, false, LAYOUT).and_then(|engine| {
        let found = content(&engine, None);
        engine.stop().and(found)
    });
    if noticed != Noticed::NothingWrong {
        return noticed;
    }
    let mut grown = read.unwrap();
    if let Ok(appended) = &appended {
        let event = ("new".to_owned(), 1, appended.id, "{\"n\":1}".to_owned());
        grown.entry("a".to_owned()).or_default().push(event);
    }
    match reopened {
        // What the tables keep for their own use is not looked at before they are changed.
        Ok(found) => assert_eq!(found, grown),
        Err(_) if changed.iter().any(Option::is_some) => return Noticed::ByChange,
        Err(error) => panic!("sound, and yet: {error}"),
    }
    if changed.iter().any(Option::is_some) {
        return Noticed::ByChange;
    }
    noticed
}

fn rounds() -> u64 {
    std::env::var("DAMAGE_ROUNDS").map_or(1, |rounds| rounds.parse().unwrap())
}

#[test]
fn damaged_pages_are_noticed_or_make_no_difference() {
    let log = log();
    for exclusive in [false, true] {
        let noticed = examine(log.bytes.clone(), exclusive, &log.content);
        assert_eq!(noticed, Noticed::NothingWrong);
    }
    let mut counts = BTreeMap::<Noticed, usize>::new();
    for round in 0..rounds() {
        let mut random = Random::of(round);
        for at in (0..log.bytes.len()).step_by(PAGE_BYTES) {
            for damage in DAMAGES {
                if at == 0 && matches!(damage, Damage::EndOfFile) {
                    // An empty file is a new log.
                    continue;
                }
                if is_unused(&log.bytes[at..]) && !matches!(damage, Damage::RandomBytes) {
                    // There is nothing to lose.
                    continue;
                }
                let bytes = damage.to(&log.bytes, at, &mut random);
                let exclusive = random.one_in(2);
                let examined = AssertUnwindSafe(|| examine(bytes, exclusive, &log.content));
                let noticed = catch_unwind(examined).unwrap_or_else(|_| {
                    panic!("round {round}, the page at {at}, {damage:?}, exclusive: {exclusive}")
                });
                *counts.entry(noticed).or_default() += 1;
                let may_be_lost = at + PAGE_BYTES > log.end.start && at < log.end.end;
                assert!(
                    noticed != Noticed::Never || may_be_lost,
                    "round {round}, the page at {at}, {damage:?}, exclusive: {exclusive}"
                );
            }
        }
    }
    println!("DAMAGE {counts:?}");
    for noticed in [Noticed::AtOpening, Noticed::ByCheck, Noticed::NothingWrong] {
        assert!(counts.contains_key(&noticed), "{counts:?}");
    }
}

#[test]
fn a_header_that_was_lost_is_noticed_by_what_its_segment_holds() {
    let log = log();
    for segment in [0, 1] {
        let at = Layout::header_at(segment) as usize;
        let mut bytes = log.bytes.clone();
        bytes[at..at + Header::BYTES].fill(0);
        let disk = MemoryDisk::holding(bytes, Random::of(1));
        let error = open(&disk.process(), false, false, LAYOUT).err().unwrap();
        assert_eq!(error.code(), Code::Corrupted);
        assert!(
            error.text().contains(&format!("segment {segment}")),
            "{error}"
        );
    }
}

#[test]
fn commits_that_were_lost_are_noticed_by_those_that_follow() {
    let log = log();
    // All that comes before the last commit in its segment.
    let segment = log.end.end - LAYOUT.segment_bytes as usize;
    for lost in [segment..segment + 8, segment..log.end.start] {
        let mut bytes = log.bytes.clone();
        bytes[lost].fill(0);
        let disk = MemoryDisk::holding(bytes, Random::of(1));
        let error = open(&disk.process(), false, false, LAYOUT).err().unwrap();
        assert_eq!(error.code(), Code::Corrupted);
        assert!(error.text().contains("is not there"), "{error}");
    }
}

#[test]
fn what_is_damaged_in_two_places_is_not_opened_and_no_panic_gets_out() {
    let log = log();
    let segment = log.end.end - LAYOUT.segment_bytes as usize;
    let tables = LAYOUT.tables_at() as usize;
    for round in 0..rounds() {
        let mut random = Random::of(round);
        let pages = (tables..log.bytes.len()).step_by(PAGE_BYTES);
        for at in pages.filter(|at| !is_unused(&log.bytes[*at..])) {
            for damage in DAMAGES {
                let mut bytes = damage.to(&log.bytes, at, &mut random);
                // The commits of the journal that follow are evidence of those that were there.
                bytes[segment..segment + 8].fill(0);
                let disk = MemoryDisk::holding(bytes, Random::of(1));
                let opened = open(&disk.process(), random.one_in(2), false, LAYOUT);
                let code = opened.err().map(|error| error.code());
                // The tables may look like those of another version of redb.
                let codes = [Code::Corrupted, Code::UnsupportedFormat];
                assert!(code.is_some_and(|code| codes.contains(&code)), "{code:?}");
            }
        }
    }
}

#[test]
fn a_commit_that_is_lost_beside_the_log_is_noticed_by_a_check() {
    let log = log();
    let disk = MemoryDisk::holding(log.bytes.clone(), Random::of(1));
    let engine = open(&disk.process(), false, false, LAYOUT).unwrap();
    let segment = log.end.end - LAYOUT.segment_bytes as usize;
    let other = disk.process().tables(true).unwrap();
    other.write(segment as u64, &[0; 8]).unwrap();
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let report = verify(&snapshot, &Progress::default()).unwrap();
    assert_eq!(report.problems.len(), 1, "{report:?}");
    assert!(
        report.problems[0].text.contains("is not there"),
        "{report:?}"
    );
    drop(snapshot);
    engine.stop().unwrap();
}

#[test]
fn a_file_of_another_program_is_refused_and_left_as_it_is() {
    let mut sqlite = b"SQLite format 3\0\x10\0\x01\x01\0\x40\x20\x20".to_vec();
    sqlite.resize(2 * PAGE_BYTES, 0);
    let mut zip = b"PK\x05\x06".to_vec();
    zip.resize(22, 0);
    let mut redb = b"redb\x1a\x0a\xa9\x0d\x0a".to_vec();
    redb.resize(1 << 20, 0);
    let mut other_mark = log().bytes;
    other_mark[..16].copy_from_slice(b"SOMEBODYELSESLOG");
    let files = [
        sqlite,
        zip,
        redb,
        other_mark,
        b"{\"event_type\":\"not a log\"}\n".to_vec(),
        b"x".to_vec(),
        vec![0; 1],
        vec![0; Layout::BYTES],
        vec![0; 1 << 20],
        vec![0xff; 1 << 20],
    ];
    for bytes in files {
        for exclusive in [false, true] {
            let disk = MemoryDisk::holding(bytes.clone(), Random::of(1));
            let error = open(&disk.process(), exclusive, false, LAYOUT)
                .err()
                .unwrap();
            assert_eq!(error.code(), Code::Corrupted, "{error}");
            assert!(error.text().contains("is not a log"), "{error}");
            assert!(disk.image() == bytes);
        }
    }
}
