//! Named states are what was put last, wherever they are.

use std::collections::BTreeMap;

use super::random::Random;
use super::{append, check_invariants, engine_at, found_or_made, run};
use crate::engine::Engine;
use crate::engine::Snapshot;
use crate::engine::tables::schema;

type States = BTreeMap<String, Vec<u8>>;

/// Compares all states with what they must be, in lists of several lengths and one by one.
fn check(engine: &Engine, expected: &States, random: &mut Random) {
    check_invariants(engine);
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let number = snapshot.find("log").unwrap();
    let all: Vec<_> = expected.clone().into_iter().collect();
    assert_eq!(snapshot.states(number, "", None, usize::MAX).unwrap(), all);
    for prefix in ["", "a/", "b/", "c/", "a/1"] {
        let after = match random.below(3) {
            0 => None,
            1 => Some(format!("b/{}", random.below(20))),
            _ => Some(format!("{prefix}{}", random.below(20))),
        };
        let limit = random.below(12);
        let listed = snapshot.states(number, prefix, after.as_deref(), limit);
        let is_asked_for = |name: &String| {
            name.starts_with(prefix) && after.as_ref().is_none_or(|after| name > after)
        };
        let asked_for = expected.iter().filter(|(name, _)| is_asked_for(name));
        let first: Vec<_> = asked_for
            .take(limit)
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        assert_eq!(listed.unwrap(), first, "{prefix} {after:?} {limit}");
    }
    for name in names() {
        let state = snapshot.state(number, &name).unwrap();
        assert_eq!(state.as_ref(), expected.get(&name), "{name}");
    }
    drop(snapshot);
    let in_batch = run(engine, move |batch| {
        let number = batch.find("log")?;
        let states = names().map(|name| Ok((name.clone(), batch.state(number, &name)?)));
        states.collect::<Result<Vec<_>, _>>()
    });
    for (name, state) in in_batch.unwrap() {
        assert_eq!(state.as_ref(), expected.get(&name), "{name}");
    }
    check_names(engine, expected);
}

fn check_names(engine: &Engine, expected: &States) {
    for prefix in ["", "a/", "b/1", "c"] {
        let with_prefix = |name: &&String| name.starts_with(prefix);
        let all: Vec<_> = expected.keys().filter(with_prefix).cloned().collect();
        let all_names = run(engine, move |batch| {
            let number = batch.find("log")?;
            let mut names = batch.state_names(number, prefix)?;
            names.sort_unstable();
            Ok(names)
        })
        .unwrap();
        assert_eq!(all_names, all, "{prefix}");
    }
}

fn names() -> impl Iterator<Item = String> {
    (0..20).flat_map(|index| [format!("a/{index}"), format!("b/{index}")])
}

#[test]
fn states_are_found_in_every_generation_in_the_tables_by_other_processes_and_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let mut random = Random::of(3);
    let mut engines = [engine_at(&path), engine_at(&path)];
    run(&engines[0], |batch| batch.create("log", "log", None)).unwrap();
    let mut expected = States::new();
    for step in 0..300 {
        let engine = &engines[random.below(2)];
        let index = random.below(20);
        let name = format!("{}/{index}", ["a", "b"][random.below(2)]);
        let other = name.clone();
        if random.one_in(4) {
            let deleted = run(engine, move |batch| {
                let number = batch.find("log")?;
                batch.delete_state(number, &name)
            });
            assert_eq!(deleted.unwrap(), expected.remove(&other).is_some());
        } else {
            // A large one goes to the tables at once.
            let bytes = [random.below(60), 3000][usize::from(random.one_in(20))];
            let value = vec![step as u8; bytes];
            let put = value.clone();
            let (with_event, with_instance) = (random.one_in(3), random.one_in(20));
            run(engine, move |batch| {
                let number = batch.find("log")?;
                batch.put_state(number, &name, b"replaced in the same commit")?;
                if with_event {
                    append(batch, "log", "s")?;
                }
                if with_instance {
                    let made = format!("instance {step}");
                    let made = batch.create(&made, &made, None)?;
                    batch.put_state(made, &name, b"another's")?;
                }
                assert!(batch.state(number, &name)?.is_some());
                batch.put_state(number, &name, &put)
            })
            .unwrap();
            expected.insert(other, value);
        }
        match step % 30 {
            0 => check(&engines[random.below(2)], &expected, &mut random),
            15 => {
                let index = random.below(2);
                let closed = std::mem::replace(&mut engines[index], engine_at(&path));
                closed.stop().unwrap();
                check(&engines[index], &expected, &mut random);
            }
            _ => {}
        }
    }
    for engine in engines {
        check(&engine, &expected, &mut random);
        engine.stop().unwrap();
    }
    let engine = engine_at(&path);
    check(&engine, &expected, &mut random);
    engine.stop().unwrap();
}

#[test]
fn a_snapshot_has_the_states_of_its_commit() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    let put = |value: &'static str| {
        run(&engine, move |batch| {
            let number = found_or_made(batch, "log")?;
            match value {
                "" => batch.delete_state(number, "state").map(drop),
                value => batch.put_state(number, "state", value.as_bytes()),
            }
        })
        .unwrap();
    };
    let values = ["one", "two", "", "three"];
    let snapshots = values.map(|value| {
        put(value);
        Snapshot::of(&engine.open_log).unwrap()
    });
    for (value, snapshot) in values.iter().zip(&snapshots) {
        let number = snapshot.find("log").unwrap();
        let expected = (!value.is_empty()).then(|| value.as_bytes().to_vec());
        assert_eq!(snapshot.state(number, "state").unwrap(), expected);
        let named = expected.map(|value| ("state".to_owned(), value));
        let listed = snapshot.states(number, "", None, 9).unwrap();
        assert_eq!(listed, named.into_iter().collect::<Vec<_>>());
    }
    drop(snapshots);
    engine.stop().unwrap();
}

#[test]
fn states_are_an_instances_own_and_gone_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    for stored in [false, true] {
        let number = run(&engine, |batch| {
            let number = batch.create("a", "a", None)?;
            batch.put_state(number, "state", b"a's")?;
            Ok(number)
        })
        .unwrap();
        if stored {
            for _ in 0..60 {
                run(&engine, |batch| append(batch, "a", "s")).unwrap();
            }
        }
        let again = run(&engine, move |batch| {
            batch.put_state(number, "state", b"put, and then the instance is deleted")?;
            batch.delete(number)?;
            let again = batch.create("a", "a", None)?;
            assert_eq!(batch.state(again, "state")?, None);
            Ok(again)
        })
        .unwrap();
        let transaction = engine.open_log.storage.begin_read().unwrap();
        assert!(schema::open_states(&transaction, number).unwrap().is_none());
        drop(transaction);
        check_invariants(&engine);
        run(&engine, move |batch| batch.delete(again)).unwrap();
    }
    engine.stop().unwrap();
}

#[test]
fn a_state_says_nothing_of_when_the_instance_was_changed() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    let number = run(&engine, |batch| {
        append(batch, "log", "s")?;
        batch.find("log")
    })
    .unwrap();
    let head = |engine: &Engine| {
        let snapshot = Snapshot::of(&engine.open_log).unwrap();
        snapshot.instance(number).unwrap().head
    };
    let before = head(&engine);
    run(&engine, move |batch| batch.put_state(number, "state", b"1")).unwrap();
    assert_eq!(head(&engine), before);
    engine.stop().unwrap();
}
