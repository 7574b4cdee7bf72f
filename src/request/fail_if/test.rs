//! Conditions on what is there before and within the turn of a call.

use super::*;
use crate::engine::test::{Site, run};
use crate::engine::{Engine, NewEvent};
use crate::error::{Code, Conflict};
use crate::request::encryption::Keys;

fn parse(json: &str) -> Result<FailIf, Error> {
    FailIf::parse(Some(json))
}

/// A condition on the type and on a field of the payload.
fn condition(event_type: &str, n: u64, after: u64) -> FailIf {
    let json = format!(
        r#"{{"where":[{{"field":"event_type","operator":"eq","value":"{event_type}"}},
        {{"field":"payload.n","operator":"eq","value":{n}}}],"afterPosition":{after}}}"#
    );
    parse(&json).unwrap()
}

/// The stream of the event with that number: one of them has more events than are tested one by one.
const fn stream_of(n: u64) -> &'static str {
    if n.is_multiple_of(10) {
        "rare"
    } else {
        "dense"
    }
}

/// Appends events whose payloads have these numbers.
fn append(engine: &Engine, numbers: std::ops::Range<u64>) {
    run(engine, move |batch| {
        let number = batch.find("log")?;
        for n in numbers.clone() {
            let event = NewEvent {
                stream_id: stream_of(n),
                event_type: if n % 3 == 0 { "a" } else { "b" },
                payload: &format!("{{\"n\":{}}}", n % 100),
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

/// The position that is told when the conditions are checked, if they fail.
fn check(engine: &Engine, fail_if: FailIf) -> Option<u64> {
    let checked = run(engine, move |batch| {
        let number = batch.find("log")?;
        fail_if.check(Some(number), batch, &Revealing::by(&Keys::default()))
    });
    let error = checked.err()?;
    assert_eq!(error.code(), Code::ConditionFailed, "{error}");
    match error.conflict() {
        Some(Conflict::Event(position)) => Some(*position),
        other => panic!("{other:?}"),
    }
}

fn make(engine: &Engine) {
    run(engine, |batch| batch.create("log", "log", None)).unwrap();
}

#[test]
fn the_first_event_that_matches_is_found_wherever_it_is() {
    let site = Site::new(4096, 8);
    let engine = site.open();
    make(&engine);
    // More than are tested one by one, in blocks, parts of a block, and the journal.
    for start in (0..700).step_by(70) {
        append(&engine, start..start + 70);
    }
    let mut found = 0;
    for after in [
        0, 1, 7, 8, 9, 100, 103, 150, 187, 188, 189, 400, 690, 695, 699, 700,
    ] {
        for (event_type, n) in [
            ("a", 0),
            ("a", 1),
            ("b", 7),
            ("b", 50),
            ("a", 99),
            ("b", 98),
            ("c", 1),
        ] {
            let expected = (after..700).find(|index| {
                index % 100 == n && (index % 3 == 0) == (event_type == "a") && event_type != "c"
            });
            let expected = expected.map(|index| index + 1);
            found += usize::from(expected.is_some());
            // By what is known before the turn, or all of it within the turn.
            let mut ahead = condition(event_type, n, after);
            ahead
                .look_ahead(
                    "log",
                    &engine.snapshot().unwrap(),
                    &Revealing::by(&Keys::default()),
                )
                .unwrap();
            let FailIf(conditions) = &ahead;
            let seen = conditions[0].seen.unwrap();
            assert_eq!(
                (seen.last, seen.matched),
                (700, expected),
                "{event_type} {n} {after}"
            );
            assert_eq!(check(&engine, ahead), expected);
            assert_eq!(check(&engine, condition(event_type, n, after)), expected);
        }
    }
    assert!(found > 30);

    // Nobody can know of an event that is not there.
    let beyond = condition("a", 0, 701);
    let checked = run(&engine, move |batch| {
        let number = batch.find("log")?;
        beyond.check(Some(number), batch, &Revealing::by(&Keys::default()))
    });
    assert_eq!(checked.unwrap_err().code(), Code::InvalidArgument);
    engine.close().unwrap();
}

#[test]
fn of_a_stream_the_first_event_that_matches_is_found_however_long_it_is() {
    let site = Site::new(4096, 8);
    let engine = site.open();
    make(&engine);
    for start in (0..700).step_by(70) {
        append(&engine, start..start + 70);
    }
    let mut found = 0;
    for stream in ["rare", "dense", "none"] {
        for after in [0, 1, 9, 10, 11, 100, 187, 188, 400, 690, 691, 699, 700] {
            for n in [0, 1, 9, 10, 50, 90, 99] {
                let matches = |index: &u64| index % 100 == n && stream_of(*index) == stream;
                let expected = (after..700).find(matches).map(|index| index + 1);
                found += usize::from(expected.is_some());
                let condition = || {
                    let json = format!(
                        r#"[{{"where":[{{"field":"stream_id","operator":"eq","value":"{stream}"}},
                        {{"field":"payload.n","operator":"eq","value":{n}}}],
                        "afterPosition":{after}}}]"#
                    );
                    parse(&json).unwrap()
                };
                let mut ahead = condition();
                let snapshot = engine.snapshot().unwrap();
                ahead
                    .look_ahead("log", &snapshot, &Revealing::by(&Keys::default()))
                    .unwrap();
                assert_eq!(
                    ahead.0[0].seen.unwrap().matched,
                    expected,
                    "{stream} {after} {n}"
                );
                assert_eq!(check(&engine, ahead), expected);
                assert_eq!(check(&engine, condition()), expected);
            }
        }
    }
    assert!(found > 60);
    engine.close().unwrap();
}

#[test]
fn what_is_appended_after_the_look_ahead_counts() {
    let site = Site::new(4096, 8);
    let (engine, other) = (site.open(), site.open());
    make(&engine);
    append(&engine, 0..20);
    let ahead = |after| {
        let mut fail_if = condition("b", 31, after);
        fail_if
            .look_ahead(
                "log",
                &engine.snapshot().unwrap(),
                &Revealing::by(&Keys::default()),
            )
            .unwrap();
        fail_if
    };
    assert_eq!(check(&engine, ahead(0)), None);
    let before = [ahead(0), ahead(20), ahead(3)];
    append(&other, 20..40);
    for fail_if in before {
        assert_eq!(check(&engine, fail_if), Some(32));
    }
    // Within one commit, too.
    let fail_if = condition("a", 60, 40);
    let checked = run(&engine, move |batch| {
        let number = batch.find("log")?;
        fail_if.check(Some(number), batch, &Revealing::by(&Keys::default()))?;
        let event = NewEvent {
            stream_id: "s",
            event_type: "a",
            payload: "{\"n\":60}",
            metadata: "{}",
            timestamp_ms: None,
            call: None,
        };
        batch.append(number, &event)?;
        fail_if.check(Some(number), batch, &Revealing::by(&Keys::default()))
    });
    assert_eq!(checked.unwrap_err().conflict(), Some(&Conflict::Event(41)));

    // What was seen of an instance that is gone is no news of the one that has its name.
    let stale = [ahead(0), condition("b", 31, 0)];
    run(&other, |batch| {
        let number = batch.find("log")?;
        batch.delete(number)?;
        batch.create("log", "log", None)
    })
    .unwrap();
    append(&other, 0..1);
    for fail_if in stale {
        assert_eq!(check(&engine, fail_if), None);
    }
    for engine in [engine, other] {
        engine.close().unwrap();
    }
}

#[test]
fn a_condition_is_read_whole_or_refused() {
    for (json, text) in [
        (
            "7",
            "failIf: expected an object with where and afterPosition, found 7",
        ),
        (
            "null",
            "failIf: expected an object with where and afterPosition, found null",
        ),
        (
            "[7]",
            "failIf[0]: expected an object with where and afterPosition, found 7",
        ),
        (
            "{}",
            "failIf.where: expected an array of conditions, found nothing",
        ),
        (
            r#"{"where":7}"#,
            "failIf.where: expected an array of conditions { field",
        ),
        (
            r#"{"where":[{}]}"#,
            "failIf.where[0].field: expected the name of a field",
        ),
        (
            r#"[{"where":[]},{"where":[{"field":"a","operator":"is","value":1}]}]"#,
            "failIf[1].where[0].operator: ",
        ),
        (
            r#"{"where":[],"after":1}"#,
            "failIf.after: unknown key, expected where or afterPosition",
        ),
        (
            r#"{"where":[],"afterPosition":-1}"#,
            "failIf.afterPosition: expected a whole number from 0 to 9007199254740991, found -1",
        ),
        (
            r#"{"where":[],"afterPosition":"1"}"#,
            "failIf.afterPosition: expected a whole number from 0 to 9007199254740991, found \"1\"",
        ),
    ] {
        let error = parse(json).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument);
        assert!(error.text().starts_with(text), "{error}");
    }
    let many = format!("[{}{{}}]", "{},".repeat(CONDITIONS_MAX));
    assert_eq!(parse(&many).unwrap_err().code(), Code::LimitExceeded);
    assert!(FailIf::parse(None).unwrap().is_empty());
}
