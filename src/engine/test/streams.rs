//! Counters and chains, whatever way events come in.

use proptest::prelude::*;

use super::{append, check_invariants, engine_at, events, run, submit};
use crate::engine::Fault;
use crate::error::Code;

/// One job of a random run.
#[derive(Clone, Debug)]
enum Step {
    /// Appends to these streams of an instance, as one job.
    Append { instance: u8, streams: Vec<u8> },
    /// Deletes an instance if it is there.
    Delete { instance: u8 },
    /// Stages appends and then refuses: nothing may stay of it. The refusal comes first, as in
    /// every real job.
    Refuse { instance: u8 },
    /// Closes the file and opens it again.
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let instance = 0..3u8;
    prop_oneof![
        6 => (instance.clone(), proptest::collection::vec(0..5u8, 1..8))
            .prop_map(|(instance, streams)| Step::Append { instance, streams }),
        1 => instance.clone().prop_map(|instance| Step::Delete { instance }),
        1 => instance.prop_map(|instance| Step::Refuse { instance }),
        1 => Just(Step::Reopen),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn sequences_and_chains_hold_through_any_run_of_jobs(
        steps in proptest::collection::vec(step(), 1..40),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut engine = engine_at(&path);
        let mut model = std::collections::BTreeMap::<u8, Vec<u8>>::new();
        let mut waiting = Vec::new();
        for step in steps {
            match step {
                Step::Append { instance, streams } => {
                    model.entry(instance).or_default().extend(&streams);
                    waiting.push(submit(&engine, move |batch| {
                        for stream in &streams {
                            append(batch, &format!("i{instance}"), &format!("s{stream}"))?;
                        }
                        Ok(())
                    }));
                }
                Step::Delete { instance } => {
                    model.remove(&instance);
                    waiting.push(submit(&engine, move |batch| {
                        match batch.find(&format!("i{instance}")) {
                            Ok(number) => batch.delete(number).map(|_| ()),
                            Err(Fault::Refused(_)) => Ok(()),
                            Err(fault) => Err(fault),
                        }
                    }));
                }
                Step::Refuse { instance } => {
                    let refused = run(&engine, move |batch| {
                        let _ = batch.find(&format!("i{instance}"));
                        batch.find("no such instance")
                    });
                    prop_assert_eq!(refused.unwrap_err().code(), Code::InstanceNotFound);
                }
                Step::Reopen => {
                    engine.stop().unwrap();
                    engine = engine_at(&path);
                }
            }
        }
        for answer in waiting {
            prop_assert!(answer.recv().unwrap().is_ok());
        }
        check_invariants(&engine);
        for (instance, streams) in model {
            let stored: Vec<_> = events(&engine, &format!("i{instance}"))
                .unwrap()
                .into_iter()
                .map(|event| event.0)
                .collect();
            let expected: Vec<_> = streams.iter().map(|stream| format!("s{stream}")).collect();
            prop_assert_eq!(stored, expected);
        }
        engine.stop().unwrap();
    }
}

#[test]
fn a_refused_job_leaves_its_neighbours_in_the_commit_alone() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    // The first job holds the writer until the other three are queued, so that they are one batch.
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let first = submit(&engine, move |_| {
        wait.recv().unwrap();
        Ok(())
    });
    let before = submit(&engine, |batch| append(batch, "log", "s"));
    let refused = submit(&engine, |batch| batch.find("nothing"));
    let after = submit(&engine, |batch| append(batch, "log", "s"));
    go.send(()).unwrap();

    first.recv().unwrap().unwrap();
    assert_eq!(before.recv().unwrap().unwrap().sequence_number, 1);
    assert_eq!(
        refused.recv().unwrap().unwrap_err().code(),
        Code::InstanceNotFound
    );
    assert_eq!(after.recv().unwrap().unwrap().sequence_number, 2);
    engine.stop().unwrap();
}

#[test]
fn a_queue_that_is_full_refuses_and_takes_calls_again_once_it_has_room() {
    let folder = tempfile::tempdir().unwrap();
    let disk = super::Disk::at(&folder.path().join("log"));
    let options = super::Options {
        queued_bytes_max: 2,
        ..super::Options::default()
    };
    let engine = super::engine_on(&disk, options).unwrap();
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let first = submit(&engine, move |_| {
        wait.recv().unwrap();
        Ok(())
    });
    let second = submit(&engine, |batch| append(batch, "log", "s"));
    let third = run(&engine, |batch| append(batch, "log", "s"));
    assert_eq!(third.unwrap_err().code(), Code::Overloaded);
    go.send(()).unwrap();
    first.recv().unwrap().unwrap();
    second.recv().unwrap().unwrap();
    assert!(run(&engine, |batch| append(batch, "log", "s")).is_ok());
    engine.stop().unwrap();
}
