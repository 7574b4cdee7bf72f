//! A copy of a log is the same log, and nothing is left of one that fails.

use std::path::{Path, PathBuf};

use super::disk::Disk;
use super::{Options, append, check_invariants, engine_at, engine_on, events, run};
use crate::cancellation::Cancellation;
use crate::engine::Snapshot;
use crate::engine::backup::write;
use crate::engine::{CallKey, Engine, Fault, Instance, NewEvent, copy};
use crate::error::{Code, Error};
use crate::progress::Progress;

fn append_to(engine: &Engine, instance: &'static str, stream: u64, count: u64) {
    for _ in 0..count {
        let stream = format!("s{stream}");
        run(engine, move |batch| append(batch, instance, &stream)).unwrap();
    }
}

/// Appends an event whose call has a key.
fn append_keyed(engine: &Engine, key: &'static str) {
    run(engine, move |batch| {
        let number = batch.find("large")?;
        let event = NewEvent {
            stream_id: "keyed",
            event_type: "tested",
            payload: "{}",
            metadata: "{}",
            timestamp_ms: None,
            call: Some(CallKey {
                text: key,
                events: 1,
            }),
        };
        batch.append(number, &event)
    })
    .unwrap();
}

/// Puts states, and removes one that was there.
fn put_states(engine: &Engine, value: &'static [u8]) {
    run(engine, move |batch| {
        for instance in ["large", "empty"] {
            let number = batch.find(instance)?;
            batch.put_state(number, "replaced", value)?;
            if !batch.delete_state(number, "removed in turn")? {
                batch.put_state(number, "removed in turn", value)?;
            }
        }
        let name = std::str::from_utf8(value).unwrap();
        let number = batch.find("large")?;
        batch.put_state(number, name, b"")
    })
    .unwrap();
}

/// A log with events in the tables and in the journal, and with instances that were renamed and deleted.
fn filled(path: &Path) -> Engine {
    let engine = engine_at(path);
    append_to(&engine, "gone", 0, 30);
    append_to(&engine, "large", 1, 45);
    append_to(&engine, "renamed", 1, 3);
    append_keyed(&engine, "in the tables");
    run(&engine, |batch| {
        let number = batch.find("gone")?;
        batch.delete(number)?;
        let number = batch.find("renamed")?;
        batch.update(number, Some("other"), Some("text"))
    })
    .unwrap();
    run(&engine, |batch| batch.create("empty", "name", None)).unwrap();
    put_states(&engine, b"in the journal at first");
    // Through all of the journal.
    append_to(&engine, "large", 0, 60);
    put_states(&engine, b"in the journal");
    for stream in 0..5 {
        append_to(&engine, "large", stream, 1);
        append_to(&engine, "renamed", 2, 1);
    }
    append_keyed(&engine, "in the journal");
    engine
}

/// The stream, number and id of each event.
type Events = Vec<(String, u64, uuid::Uuid)>;

/// The names and values of an instance's states.
type States = Vec<(String, Vec<u8>)>;

/// What tells two logs apart.
fn contents(engine: &Engine) -> (u64, Vec<Instance>, Vec<Events>, Vec<States>) {
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let instances = snapshot.instances().unwrap();
    let all = instances.iter().map(|one| events(engine, &one.id).unwrap());
    let all = all.collect();
    let states = instances.iter().map(|one| {
        let number = snapshot.find(&one.id).unwrap();
        snapshot.states(number, "", None, usize::MAX).unwrap()
    });
    let states = states.collect();
    (snapshot.commits(), instances, all, states)
}

fn copied(engine: &Engine, path: &Path, progress: &Progress) -> Result<u64, Error> {
    let snapshot = Snapshot::of(&engine.open_log)?;
    let copied = copy(&snapshot, path, progress)?;
    drop(snapshot);
    Ok(copied.publish(progress)?.events)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort_unstable();
    files
}

#[test]
fn a_copy_is_the_same_log_and_goes_on_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let (path, target) = (folder.path().join("log"), folder.path().join("target"));
    let engine = filled(&path);
    let expected = contents(&engine);
    let progress = Progress::default();
    assert_eq!(copied(&engine, &target, &progress).unwrap(), 120);
    assert_eq!(progress.told(), (2 * 120, 2 * 120));
    assert_eq!(files(folder.path()), [path, target.clone()]);

    let other = engine_at(&target);
    assert_eq!(contents(&other), expected);
    check_invariants(&other);
    // A number that a deleted instance had is not used again there either.
    let create = |engine: &Engine| run(engine, |batch| batch.create("new", "new", None)).unwrap();
    assert_eq!(create(&other), create(&engine));
    append_to(&other, "large", 1, 40);
    append_to(&other, "empty", 1, 1);
    check_invariants(&other);
    other.stop().unwrap();
    let other = engine_at(&target);
    check_invariants(&other);
    other.stop().unwrap();
    assert_eq!(contents(&engine).2[0], expected.2[0]);
    engine.stop().unwrap();
}

#[test]
fn a_copy_is_of_its_snapshot_whatever_is_appended_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let (path, target) = (folder.path().join("log"), folder.path().join("target"));
    let engine = filled(&path);
    let expected = contents(&engine);
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    // Through all of the journal, more than once.
    append_to(&engine, "large", 7, 120);
    append_to(&engine, "made", 7, 1);
    let progress = Progress::default();
    let copied = copy(&snapshot, &target, &progress).unwrap();
    drop(snapshot);
    copied.publish(&progress).unwrap();
    let other = engine_at(&target);
    assert_eq!(contents(&other), expected);
    check_invariants(&other);
    other.stop().unwrap();
    engine.stop().unwrap();
}

#[test]
fn an_empty_log_is_copied() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("target");
    let engine = engine_at(&folder.path().join("log"));
    let cancellation = Cancellation::default();
    let progress = Progress::of(cancellation.clone());
    let unwanted = copy(&Snapshot::of(&engine.open_log).unwrap(), &target, &progress).unwrap();
    cancellation.cancel();
    let aborted = unwanted.publish(&progress).map(drop);
    assert_eq!(Error::from(aborted.unwrap_err()).code(), Code::Aborted);
    assert_eq!(copied(&engine, &target, &Progress::default()).unwrap(), 0);
    let other = engine_at(&target);
    append_to(&other, "i", 1, 20);
    check_invariants(&other);
    other.stop().unwrap();
    engine.stop().unwrap();
}

#[test]
fn a_path_where_something_is_or_no_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let engine = filled(&path);
    let refused = |target: &Path| {
        let error = copied(&engine, target, &Progress::default()).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument, "{error}");
        assert_eq!(files(folder.path()), std::slice::from_ref(&path));
    };
    refused(&path);
    refused(folder.path());
    refused(&folder.path().join("no").join("folder"));
    refused(Path::new("/"));

    // It is still so when the copy is there to get its name.
    let target = folder.path().join("target");
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let copied = copy(&snapshot, &target, &Progress::default()).unwrap();
    std::fs::write(&target, "another's").unwrap();
    let error = Error::from(copied.publish(&Progress::default()).unwrap_err());
    assert_eq!(error.code(), Code::InvalidArgument, "{error}");
    assert_eq!(std::fs::read(&target).unwrap(), b"another's");
    assert_eq!(files(folder.path()), [path.clone(), target]);
    drop(snapshot);
    engine.stop().unwrap();
}

#[test]
fn nothing_is_left_of_a_copy_that_is_called_off() {
    let folder = tempfile::tempdir().unwrap();
    let (path, target) = (folder.path().join("log"), folder.path().join("target"));
    let engine = filled(&path);
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let cancellation = Cancellation::default();
    let progress = Progress::of(cancellation.clone());
    let copied = copy(&snapshot, &target, &progress).unwrap();
    assert_eq!(files(folder.path()).len(), 2);
    cancellation.cancel();
    let is_aborted = |outcome: Result<(), Fault>| {
        let code = outcome.map_err(Error::from).unwrap_err().code();
        assert_eq!(code, Code::Aborted);
        assert_eq!(files(folder.path()), std::slice::from_ref(&path));
    };
    is_aborted(copied.publish(&progress).map(drop));
    is_aborted(copy(&snapshot, &target, &progress).map(drop));
    drop(snapshot);
    engine.stop().unwrap();
}

#[test]
fn a_damaged_log_is_not_copied() {
    let folder = tempfile::tempdir().unwrap();
    let (path, target) = (folder.path().join("log"), folder.path().join("target"));
    let engine = engine_at(&path);
    append_to(&engine, "i", 1, 4);
    engine.stop().unwrap();
    // The payload of a record, which only the record's own checksum covers where pages are not verified.
    let mut bytes = std::fs::read(&path).unwrap();
    let text = b"tested";
    let mut windows = bytes.windows(text.len());
    let at = windows.rposition(|window| window == text).unwrap();
    bytes[at] ^= 1;
    std::fs::write(&path, bytes).unwrap();

    let engine = engine_at(&path);
    let error = copied(&engine, &target, &Progress::default()).unwrap_err();
    assert_eq!(error.code(), Code::Corrupted, "{error}");
    assert!(error.text().contains("the event at position"), "{error}");
    assert_eq!(files(folder.path()), [path]);
    engine.stop().unwrap();
}

#[test]
fn a_log_that_is_read_only_or_exclusive_is_copied() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let engine = filled(&path);
    let expected = contents(&engine);
    engine.stop().unwrap();
    for (index, exclusive) in [false, true].into_iter().enumerate() {
        let options = Options {
            exclusive,
            read_only: !exclusive,
            ..Options::default()
        };
        let engine = engine_on(&Disk::at(&path), options).unwrap();
        let target = folder.path().join(format!("target {index}"));
        copied(&engine, &target, &Progress::default()).unwrap();
        let other = engine_at(&target);
        assert_eq!(contents(&other), expected);
        other.stop().unwrap();
        engine.stop().unwrap();
    }
}

/// How often the disk of a copy is synced for a log of so many instances, with an event each in the tables, another
/// one in the journal, a key and a state.
fn syncs_of_copy(instances: usize) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    for _ in 0..2 {
        run(&engine, move |batch| {
            for n in 0..instances {
                append(batch, &format!("i{n}"), "s")?;
                let number = batch.find(&format!("i{n}"))?;
                batch.put_state(number, "state", b"value")?;
            }
            Ok(())
        })
        .unwrap();
    }
    let disk = Disk::at(&folder.path().join("copy"));
    let snapshot = engine.snapshot().unwrap();
    write(&snapshot, &disk, super::LAYOUT, &Progress::default()).unwrap();
    let syncs = disk.syncs();
    drop(snapshot);
    engine.stop().unwrap();

    let copy = engine_on(&disk, Options::default()).unwrap();
    check_invariants(&copy);
    assert_eq!(
        copy.snapshot().unwrap().instances().unwrap().len(),
        instances
    );
    copy.stop().unwrap();
    syncs
}

#[test]
fn a_copy_of_many_instances_is_synced_no_more_often_than_one_of_few() {
    let (few, many) = (syncs_of_copy(2), syncs_of_copy(60));
    // As the file grows, redb syncs it now and then.
    assert!(many <= few + 6, "{many} and {few} syncs");
}
