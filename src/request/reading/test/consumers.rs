//! Where consumers stand, and what it takes to move them.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::{STREAMS, Site, step};
use crate::engine::test::run;
use crate::engine::{Engine, NewEvent};
use crate::error::{Code, Conflict, Error};
use crate::request::Method;
use crate::request::consumers::{ConsumerPlace, Failed, Parking, Retry};
use crate::request::reading::{Move, Reading, ReadingSource, StepBounds};
use crate::request::work::Work;

/// However long a page takes, it is whole.
const UNHURRIED: StepBounds = StepBounds {
    step: Duration::MAX,
    ..StepBounds::DEFAULT
};

fn append(engine: &Engine, count: usize) {
    run(engine, move |batch| {
        let number = match batch.holder("log")? {
            Some(number) => number,
            None => batch.create("log", "log", None)?,
        };
        for stream_id in STREAMS.iter().cycle().take(count) {
            let event = NewEvent {
                stream_id,
                event_type: "made",
                payload: "{}",
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

fn subscription(options: &serde_json::Value) -> Arc<Reading> {
    Arc::new(Reading::new(
        ReadingSource::Subscription,
        options.to_string(),
    ))
}

fn moved(engine: &Engine, reading: &Arc<Reading>, change: Move) -> Result<ConsumerPlace, Error> {
    let reading = Arc::clone(reading);
    run(engine, move |batch| reading.move_consumer(&change, batch))
}

/// Has the consumer made anew, as far as its subscriptions know, at a position.
fn reset(engine: &Engine, position: u64) {
    run(engine, move |batch| {
        let number = batch.find("log")?;
        let place = ConsumerPlace::in_batch(batch, number, "mailer")?.unwrap();
        place.reset(position, 1).put(batch, number, "mailer")
    })
    .unwrap();
}

fn refusal(engine: &Engine, reading: &Reading) -> Error {
    step(reading, engine, UNHURRIED).unwrap_err()
}

/// Where the consumer stands, and how many commits the log has.
fn stands(engine: &Engine) -> (Option<u64>, u64) {
    let snapshot = engine.snapshot().unwrap();
    let number = snapshot.find("log").unwrap();
    let place = ConsumerPlace::in_snapshot(&snapshot, number, "mailer").unwrap();
    (place.map(|place| place.position), snapshot.commits())
}

fn positions(engine: &Engine, reading: &Reading) -> Vec<u64> {
    let (events, ended) = step(reading, engine, UNHURRIED).unwrap();
    assert!(!ended);
    events.iter().map(|event| event.position).collect()
}

#[test]
fn a_subscription_begins_after_what_was_acknowledged_and_nothing_moves_it_back() {
    let site = Site::new(4096, 4);
    let engine = site.open();
    append(&engine, 10);
    let options = json!({ "instance": "log", "consumer": "mailer", "afterPosition": 2 });
    let first = subscription(&options);
    moved(&engine, &first, Move::Register).unwrap();
    assert_eq!(stands(&engine).0, Some(2));
    assert_eq!(positions(&engine, &first), (3..=10).collect::<Vec<_>>());
    moved(&engine, &first, Move::Acknowledge(7)).unwrap();
    let stood = stands(&engine);
    assert_eq!(stood.0, Some(7));
    for position in [7, 3, 0] {
        let place = moved(&engine, &first, Move::Acknowledge(position)).unwrap();
        assert_eq!(place.position, 7);
    }
    // Nothing was to be written.
    assert_eq!(stands(&engine), stood);

    let second = subscription(&options);
    moved(&engine, &second, Move::Register).unwrap();
    assert_eq!(stands(&engine), stood);
    assert_eq!(positions(&engine, &second), [8, 9, 10]);
    // One that is behind does no harm.
    moved(&engine, &second, Move::Acknowledge(9)).unwrap();
    moved(&engine, &first, Move::Acknowledge(8)).unwrap();
    assert_eq!(stands(&engine).0, Some(9));
    engine.close().unwrap();
}

#[test]
fn it_is_moved_over_what_is_not_asked_for_once_what_was_is_done() {
    let site = Site::new(4096, 4);
    let engine = site.open();
    append(&engine, 12);
    let options = json!({ "instance": "log", "consumer": "mailer", "stream": "b" });
    let reading = subscription(&options);
    moved(&engine, &reading, Move::Register).unwrap();
    assert_eq!(positions(&engine, &reading), [2, 6, 10]);
    let advance = Move::Advance {
        given: 10,
        passed: 12,
    };
    let stood = stands(&engine);
    moved(&engine, &reading, advance.clone()).unwrap();
    assert_eq!(stands(&engine), stood);
    moved(&engine, &reading, Move::Acknowledge(6)).unwrap();
    moved(&engine, &reading, advance.clone()).unwrap();
    assert_eq!(stands(&engine).0, Some(6));
    moved(&engine, &reading, Move::Acknowledge(10)).unwrap();
    moved(&engine, &reading, advance.clone()).unwrap();
    let stood = stands(&engine);
    assert_eq!(stood.0, Some(12));
    moved(&engine, &reading, advance).unwrap();
    assert_eq!(stands(&engine), stood);
    engine.close().unwrap();
}

#[test]
fn a_subscription_from_before_a_reset_or_a_deletion_moves_nothing() {
    let site = Site::new(4096, 4);
    let engine = site.open();
    append(&engine, 5);
    let options = json!({ "instance": "log", "consumer": "mailer" });
    let reading = subscription(&options);
    moved(&engine, &reading, Move::Register).unwrap();
    moved(&engine, &reading, Move::Acknowledge(2)).unwrap();
    reset(&engine, 1);
    let error = moved(&engine, &reading, Move::Acknowledge(4)).unwrap_err();
    assert_eq!(error.code(), Code::CheckpointConflict);
    let Some(Conflict::Checkpoint(conflict)) = error.conflict() else {
        panic!("{error}");
    };
    assert_eq!((conflict.position, conflict.actual), (4, 1));
    assert_eq!(stands(&engine).0, Some(1));
    // One that was registered before, and begins after.
    assert!(step(&reading, &engine, UNHURRIED).is_err());

    let reading = subscription(&options);
    moved(&engine, &reading, Move::Register).unwrap();
    // The instance is made anew in the commit that deletes it, and an acknowledgement is in it too.
    let late = Arc::clone(&reading);
    let refused = run(&engine, move |batch| {
        let number = batch.find("log")?;
        batch.delete(number)?;
        let before = late.move_consumer(&Move::Acknowledge(3), batch);
        batch.create("log", "log", None)?;
        let after = late.move_consumer(&Move::Acknowledge(3), batch);
        Ok([before, after].map(|refused| Error::from(refused.unwrap_err()).code()))
    })
    .unwrap();
    assert_eq!(refused, [Code::InstanceNotFound; 2]);
    assert_eq!(stands(&engine).0, None);
    engine.close().unwrap();
}

#[test]
fn a_subscription_reads_nothing_more_once_its_consumer_is_another_one_or_is_no_more() {
    let site = Site::new(4096, 4);
    let engine = site.open();
    append(&engine, 5);
    let options = json!({ "instance": "log", "consumer": "mailer" });
    let begun = || {
        let reading = subscription(&options);
        moved(&engine, &reading, Move::Register).unwrap();
        positions(&engine, &reading);
        reading
    };
    let reading = begun();
    append(&engine, 5);
    reset(&engine, 3);
    let error = refusal(&engine, &reading);
    assert_eq!(error.code(), Code::CheckpointConflict);
    let Some(Conflict::Checkpoint(conflict)) = error.conflict() else {
        panic!("{error}");
    };
    assert_eq!((conflict.position, conflict.actual), (3, 3));

    let reading = begun();
    run(&engine, |batch| {
        let number = batch.find("log")?;
        ConsumerPlace::delete(batch, number, "mailer")
    })
    .unwrap();
    assert_eq!(refusal(&engine, &reading).code(), Code::ConsumerNotFound);
    // One of the same name is another one.
    let another = begun();
    assert_eq!(refusal(&engine, &reading).code(), Code::CheckpointConflict);

    run(&engine, |batch| {
        let number = batch.find("log")?;
        batch.delete(number).map(drop)
    })
    .unwrap();
    assert_eq!(refusal(&engine, &another).code(), Code::InstanceNotFound);
    engine.close().unwrap();
}

#[test]
fn a_new_consumer_begins_within_the_log() {
    let site = Site::new(4096, 4);
    let engine = site.open();
    append(&engine, 5);
    let after = |after: serde_json::Value| {
        let options = json!({ "instance": "log", "consumer": "mailer", "afterPosition": after });
        moved(&engine, &subscription(&options), Move::Register).map(drop)
    };
    let error = after(json!(6)).unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument);
    assert!(error.text().starts_with("afterPosition: "), "{error}");
    assert_eq!(stands(&engine).0, None);
    after(json!("end")).unwrap();
    assert_eq!(stands(&engine).0, Some(5));
    engine.close().unwrap();
}

/// How many events the consumer has parked, and how many of them were put back.
fn parked(engine: &Engine) -> (u64, u64) {
    let snapshot = engine.snapshot().unwrap();
    let number = snapshot.find("log").unwrap();
    let consumer = "mailer";
    let tally = Parking { number, consumer }.tally_in_snapshot(&snapshot);
    let tally = tally.unwrap();
    (tally.parked, tally.retrying)
}

fn park(position: u64, turn: Option<u64>) -> Move {
    Move::Park(Failed::new(position, turn, 1, None))
}

/// Calls a method of a consumer that changes what it has parked.
fn called(engine: &Engine, method: &str) {
    let options = json!([{ "instance": "log", "consumer": "mailer" }]).to_string();
    let Some(Work::Change(mut change)) = Method::named(method).unwrap().call(options) else {
        panic!("{method}");
    };
    run(engine, move |batch| change.apply(batch).map(drop)).unwrap();
}

#[test]
fn what_was_put_back_is_given_out_page_by_page_before_the_others_and_once() {
    let site = Site::new(4096, 4);
    let engine = site.open();
    append(&engine, 10);
    let options = json!({ "instance": "log", "consumer": "mailer" });
    let reading = subscription(&options);
    moved(&engine, &reading, Move::Register).unwrap();
    for position in 1..=5 {
        moved(&engine, &reading, park(position, None)).unwrap();
    }
    assert_eq!((stands(&engine).0, parked(&engine)), (Some(5), (5, 0)));
    called(&engine, "retryParked");
    assert_eq!(parked(&engine), (5, 5));
    let small = StepBounds {
        page_events: 2,
        ..UNHURRIED
    };
    let reading = subscription(&options);
    moved(&engine, &reading, Move::Register).unwrap();
    let page = |bounds| {
        let (events, _) = step(&reading, &engine, bounds).unwrap();
        let positions = events.iter().map(|event| event.position);
        positions.collect::<Vec<_>>()
    };
    let pages = [page(small), page(small), page(small), page(small)];
    assert_eq!(pages, [vec![1, 2], vec![3, 4], vec![5], vec![6, 7]]);
    // Nothing is done by what comes from another turn than the last.
    let finish = |turn, position| Move::Finish { turn, position };
    for change in [finish(2, 1), park(2, Some(2)), finish(0, 3), finish(1, 6)] {
        moved(&engine, &reading, change).unwrap();
    }
    assert_eq!(parked(&engine), (5, 5));
    moved(&engine, &reading, finish(1, 1)).unwrap();
    moved(&engine, &reading, park(2, Some(1))).unwrap();
    assert_eq!(parked(&engine), (4, 3));
    // The newest of what it is about is parked once.
    moved(&engine, &reading, park(3, None)).unwrap();
    assert_eq!(parked(&engine), (4, 2));
    called(&engine, "retryParked");
    assert_eq!(page(UNHURRIED), [2, 3]);
    called(&engine, "discardParked");
    assert_eq!(parked(&engine), (0, 0));
    assert_eq!(page(UNHURRIED), [8, 9, 10]);
    engine.close().unwrap();
}

#[test]
fn an_event_is_not_parked_past_the_end_nor_after_a_reset() {
    let site = Site::new(4096, 4);
    let engine = site.open();
    append(&engine, 5);
    let options = json!({ "instance": "log", "consumer": "mailer" });
    let reading = subscription(&options);
    moved(&engine, &reading, Move::Register).unwrap();
    let error = moved(&engine, &reading, park(6, None)).unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument);
    reset(&engine, 0);
    let retry = Move::Finish {
        turn: 1,
        position: 1,
    };
    for change in [park(1, None), park(1, Some(1)), retry] {
        let error = moved(&engine, &reading, change).unwrap_err();
        assert_eq!(error.code(), Code::CheckpointConflict);
    }
    assert_eq!((stands(&engine).0, parked(&engine)), (Some(0), (0, 0)));
    engine.close().unwrap();
}

#[test]
fn what_an_older_version_has_left_of_a_deleted_consumer_is_not_of_a_new_one() {
    let site = Site::new(4096, 4);
    let engine = site.open();
    append(&engine, 5);
    let options = json!({ "instance": "log", "consumer": "mailer" });
    let reading = subscription(&options);
    moved(&engine, &reading, Move::Register).unwrap();
    for position in 1..=3 {
        moved(&engine, &reading, park(position, None)).unwrap();
    }
    called(&engine, "retryParked");
    run(&engine, |batch| {
        let number = batch.find("log")?;
        // It knows of nothing else.
        ConsumerPlace::delete(batch, number, "mailer")
    })
    .unwrap();
    assert_eq!(parked(&engine), (3, 3));
    let reading = subscription(&options);
    moved(&engine, &reading, Move::Register).unwrap();
    assert_eq!(parked(&engine), (0, 0));
    let snapshot = engine.snapshot().unwrap();
    let number = snapshot.find("log").unwrap();
    let consumer = "mailer";
    let retries = Parking { number, consumer }.retries(None::<Retry>, 10, &snapshot);
    assert_eq!(retries.unwrap(), []);
    drop(snapshot);
    assert_eq!(positions(&engine, &reading), [1, 2, 3, 4, 5]);
    engine.close().unwrap();
}
