//! What a commit costs grows with what is in it, and with nothing else.

use super::{Site, append, events, run};
use crate::engine::effort::steps_of;
use crate::engine::{Batch, CallKey, Fault, NewEvent};
use crate::error::Code;

/// How many steps it takes to answer so many calls that are made once more in the commit of the first ones.
fn steps_to_retry(calls: u32) -> u64 {
    let site = Site::new(1 << 20, 8);
    let engine = site.open();
    run(&engine, |batch| append(batch, "log", "s")).unwrap();
    let steps = run(&engine, move |batch| {
        let number = batch.find("log")?;
        for n in 0..calls {
            let text = format!("key {n}");
            let call = Some(CallKey {
                text: &text,
                events: 1,
            });
            let event = NewEvent {
                stream_id: "s",
                event_type: "tested",
                payload: "{}",
                metadata: "{}",
                timestamp_ms: None,
                call,
            };
            batch.append(number, &event)?;
        }
        let mut sequences = Vec::new();
        let (retried, steps) = steps_of(|| -> Result<(), Fault> {
            for n in 0..calls {
                let position = batch.position_of_key(number, &format!("key {n}"))?.unwrap();
                batch.each_record(number, position..=position, |_, record| {
                    sequences.push(record.sequence);
                    Ok(())
                })?;
            }
            Ok(())
        });
        retried?;
        assert!(sequences.iter().copied().eq(2..=u64::from(calls) + 1));
        Ok(steps)
    });
    engine.close().unwrap();
    steps.unwrap()
}

#[test]
fn a_call_that_is_retried_in_its_commit_costs_as_much_however_many_there_are() {
    let few = steps_to_retry(50);
    assert!(steps_to_retry(20 * 50) <= 20 * few, "few: {few}");
}

#[test]
fn a_commit_that_does_not_know_where_its_instance_stands_is_a_failure_and_leaves_nothing() {
    let site = Site::new(2048, 8);
    let engine = site.open();
    run(&engine, |batch| append(batch, "log", "s")).unwrap();
    for with_tables in [false, true] {
        let lost = run(&engine, move |batch| {
            let appended = append(batch, "log", "s")?;
            if with_tables {
                batch.create("other", "other", None)?;
            }
            let number = batch.find("log")?;
            batch.forget_instance(number);
            Ok(appended)
        });
        let error = lost.unwrap_err();
        assert_eq!(error.code(), Code::Internal);
        assert!(error.text().contains("where instance 1 stands"), "{error}");
        assert_eq!(events(&engine, "log").unwrap().len(), 1);
    }
    let next = run(&engine, |batch| append(batch, "log", "s")).unwrap();
    assert_eq!(next.sequence_number, 2);
    engine.close().unwrap();
}

/// How many steps a page of ten streams and of ten states takes, if the journal has so many.
fn steps_of_pages(count: u32) -> u64 {
    let site = Site::new(4 << 20, 8);
    let engine = site.open();
    run(&engine, |batch| batch.create("log", "log", None)).unwrap();
    run(&engine, move |batch| {
        let number = batch.find("log")?;
        for n in 0..count {
            append(batch, "log", &format!("{n:06}"))?;
            batch.put_state(number, &format!("{n:06}"), b"value")?;
        }
        Ok(())
    })
    .unwrap();
    let snapshot = engine.snapshot().unwrap();
    let number = snapshot.find("log").unwrap();
    let after = format!("{:06}", count / 2);
    let (names, steps) = steps_of(|| {
        let streams = snapshot.streams(number, "", Some(&after), 10).unwrap();
        let states = snapshot.states(number, "", Some(&after), 10).unwrap();
        let streams = streams
            .into_iter()
            .map(|stream| stream.stream_id.to_string());
        let states = states.into_iter().map(|(name, _)| name);
        streams.chain(states).collect::<Vec<_>>()
    });
    let expected = (count / 2 + 1..=count / 2 + 10).map(|n| format!("{n:06}"));
    assert_eq!(names[..10], names[10..]);
    assert!(names[..10].iter().cloned().eq(expected));
    drop(snapshot);
    engine.close().unwrap();
    steps
}

#[test]
fn a_page_of_names_is_looked_out_without_the_names_that_follow_it() {
    assert_eq!(steps_of_pages(20 * 200), steps_of_pages(200));
}

/// How many steps it takes to name the states that begin so, among so many of the journal and of the same commit.
fn steps_of_names(count: u32) -> u64 {
    let site = Site::new(4 << 20, 8);
    let engine = site.open();
    run(&engine, |batch| batch.create("log", "log", None)).unwrap();
    let put = move |batch: &mut Batch<'_>, round: u32| -> Result<u32, Fault> {
        let number = batch.find("log")?;
        for n in 0..count {
            batch.put_state(number, &format!("{n:06}/{round}"), b"value")?;
        }
        Ok(number)
    };
    run(&engine, move |batch| put(batch, 0)).unwrap();
    let steps = run(&engine, move |batch| {
        let number = put(batch, 1)?;
        let (names, steps) = steps_of(|| batch.state_names(number, "000100/"));
        assert_eq!(names?, ["000100/0", "000100/1"]);
        Ok(steps)
    });
    engine.close().unwrap();
    steps.unwrap()
}

#[test]
fn states_are_named_without_looking_at_those_with_other_names() {
    assert_eq!(steps_of_names(20 * 200), steps_of_names(200));
}
