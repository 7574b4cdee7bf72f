//! Events that must not be there for a call to append.
//!
//! Whether they are is decided within the commit. What can be looked through before the call's turn is
//! looked through then, by what is known of blocks of events, so that the turn has to do with what was
//! appended since.

use serde_json::value::RawValue;

use super::fields::{Elements, Fields, describe};
use super::limits::CONDITIONS_MAX;
use super::query::BlockChunk;
use crate::engine::{Batch, Chunks, Fault, Snapshot};
use crate::error::{Code, Error};
use crate::query::Query;

/// The key of a call's conditions.
pub(super) const KEY: &str = "failIf";

const KEYS: [&str; 2] = ["where", "afterPosition"];

/// Up to how many events are tested one by one, rather than by their blocks.
const TESTED_MAX: u64 = 512;

/// Conditions of a call. It fails if there is an event that matches any of them.
#[derive(Debug, Default)]
pub(super) struct FailIf(Vec<Condition>);

#[derive(Debug)]
struct Condition {
    path: String,
    query: Query,
    /// Events up to this position do not count.
    after: u64,
    seen: Option<Seen>,
}

/// What was found before the call's turn.
#[derive(Clone, Copy, Debug)]
struct Seen {
    /// The number of the instance that was looked through.
    number: u32,
    /// Up to which position.
    last: u64,
    /// The position of the first event there that matches.
    matched: Option<u64>,
}

impl FailIf {
    /// Reads the value of [`KEY`]: a condition, or an array of them.
    pub(super) fn parse(raw: Option<&RawValue>) -> Result<Self, Error> {
        let Some(raw) = raw else {
            return Ok(Self::default());
        };
        if !raw.get().starts_with('[') {
            return Ok(Self(vec![Condition::parse(raw, KEY.to_owned())?]));
        }
        let Elements(elements) = Elements::parse(raw.get(), KEY)?;
        if elements.len() > CONDITIONS_MAX {
            let found = elements.len();
            let text =
                format!("{KEY}: expected at most {CONDITIONS_MAX} conditions, found {found}");
            return Err(Error::new(Code::LimitExceeded, text));
        }
        let elements = elements.into_iter().enumerate();
        let conditions =
            elements.map(|(index, raw)| Condition::parse(raw, format!("{KEY}[{index}]")));
        Ok(Self(conditions.collect::<Result<_, _>>()?))
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Looks through the events of an instance as they are before the call's turn.
    ///
    /// # Errors
    ///
    /// `INSTANCE_NOT_FOUND`; a storage fault. Then everything is looked through within the turn.
    pub(super) fn look_ahead(
        &mut self,
        id_or_name: &str,
        snapshot: &Snapshot,
    ) -> Result<(), Fault> {
        let number = snapshot.find(id_or_name)?;
        let instance = snapshot.instance(number)?;
        let chunks = snapshot.chunks(number)?;
        for condition in &mut self.0 {
            let matched = condition.first_match(&instance.id, &chunks, snapshot)?;
            condition.seen = Some(Seen {
                number,
                last: chunks.events(),
                matched,
            });
        }
        Ok(())
    }

    /// Fails with the first condition that an event matches. Without a `number` the instance does not
    /// exist yet, and has no events.
    pub(super) fn check(&self, number: Option<u32>, batch: &mut Batch<'_>) -> Result<(), Fault> {
        for condition in &self.0 {
            match number {
                Some(number) => condition.check(number, batch)?,
                None => condition.check_end(0)?,
            }
        }
        Ok(())
    }
}

impl Condition {
    fn parse(raw: &RawValue, path: String) -> Result<Self, Error> {
        let fields = Fields::parse(raw.get(), &path, &KEYS)?;
        if let Some(key) = fields.unknown.first() {
            // A condition that is half obeyed would store what was not to be stored.
            let text = format!("{path}: unknown key {key:?}, expected where or afterPosition");
            return Err(Error::new(Code::InvalidArgument, text));
        }
        let [conditions, after] = fields.values;
        let conditions = conditions.ok_or_else(|| {
            Error::expected(
                &format!("{path}.where"),
                "an array of conditions",
                "nothing",
            )
        })?;
        let query = Query::of_conditions(conditions.get());
        Ok(Self {
            // The paths in its errors begin with `where`.
            query: query.map_err(|error| {
                let text = format!("{path}.{}", error.text());
                error.with_text(text)
            })?,
            after: after.map_or(Ok(0), |raw| position(raw.get(), &path))?,
            path,
            seen: None,
        })
    }

    /// The position of the first event that matches, in a snapshot.
    fn first_match(
        &self,
        instance_id: &str,
        chunks: &Chunks<'_>,
        snapshot: &Snapshot,
    ) -> Result<Option<u64>, Fault> {
        let last = chunks.events();
        if last.saturating_sub(self.after) <= TESTED_MAX {
            let mut found = None;
            chunks.each(
                self.after + 1..=last,
                |position, record| -> Result<(), Fault> {
                    if found.is_none() && self.query.matches(&record.event(instance_id)) {
                        found = Some(position);
                    }
                    Ok(())
                },
            )?;
            return Ok(found);
        }
        let first = usize::try_from(self.after / chunks.block_events()).unwrap_or(usize::MAX);
        for index in first..chunks.len() {
            snapshot.check_wanted()?;
            let chunk = chunks.chunk(index)?;
            if chunk.first_position() + chunk.len() as u64 <= self.after + 1 {
                continue;
            }
            let block = BlockChunk { chunk, instance_id };
            let examined = self.query.examine(instance_id, &block)?;
            let found = examined.places().find(|position| *position > self.after);
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    fn check(&self, number: u32, batch: &mut Batch<'_>) -> Result<(), Fault> {
        let instance = batch.instance(number)?;
        let last = instance.head.last_position;
        self.check_end(last)?;
        // An instance that was deleted since is another one.
        let seen = self.seen.filter(|seen| seen.number == number);
        if let Some(position) = seen.and_then(|seen| seen.matched) {
            return Err(self.failed(position));
        }
        let after = seen.map_or(self.after, |seen| self.after.max(seen.last));
        if last <= after {
            return Ok(());
        }
        let instance_id = instance.id.clone();
        batch.each_record(number, after + 1..=last, |position, record| {
            if self.query.matches(&record.event(&instance_id)) {
                return Err(self.failed(position));
            }
            Ok(())
        })
    }

    fn failed(&self, position: u64) -> Fault {
        Error::condition_failed(&self.path, self.after, position).into()
    }

    /// Whoever knows of events that are not there has them from another log, or from an instance that
    /// was deleted.
    fn check_end(&self, last: u64) -> Result<(), Error> {
        if self.after <= last {
            return Ok(());
        }
        Err(Error::expected(
            &format!("{}.afterPosition", self.path),
            &format!("at most {last}, the position of the instance's last event"),
            &self.after.to_string(),
        ))
    }
}

fn position(raw: &str, path: &str) -> Result<u64, Error> {
    /// What a JavaScript number can tell from its neighbours: 2^53 - 1.
    const POSITION_MAX: f64 = 9_007_199_254_740_991.0;

    match raw.parse::<f64>() {
        Ok(number) if (0.0..=POSITION_MAX).contains(&number) && number.fract() == 0.0 => {
            Ok(number as u64)
        }
        number => Err(Error::expected(
            &format!("{path}.afterPosition"),
            "a whole number from 0",
            match number {
                Ok(_) => raw,
                Err(_) => describe(raw),
            },
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::test::{Site, run};
    use crate::engine::{Engine, NewEvent};
    use crate::error::Conflict;

    fn parse(json: &str) -> Result<FailIf, Error> {
        let raw = RawValue::from_string(json.to_owned()).unwrap();
        FailIf::parse(Some(&raw))
    }

    /// A condition on the type and on a field of the payload.
    fn condition(event_type: &str, n: u64, after: u64) -> FailIf {
        let json = format!(
            r#"{{"where":[{{"field":"event_type","operator":"eq","value":"{event_type}"}},
            {{"field":"payload.n","operator":"eq","value":{n}}}],"afterPosition":{after}}}"#
        );
        parse(&json).unwrap()
    }

    /// Appends events whose payloads have these numbers.
    fn append(engine: &Engine, numbers: std::ops::Range<u64>) {
        run(engine, move |batch| {
            let number = batch.find("log")?;
            for n in numbers.clone() {
                let event = NewEvent {
                    stream_id: "s",
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
            fail_if.check(Some(number), batch)
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
                    .look_ahead("log", &engine.snapshot().unwrap())
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
                .look_ahead("log", &engine.snapshot().unwrap())
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
            fail_if.check(Some(number), batch)?;
            let event = NewEvent {
                stream_id: "s",
                event_type: "a",
                payload: "{\"n\":60}",
                metadata: "{}",
                timestamp_ms: None,
                call: None,
            };
            batch.append(number, &event)?;
            fail_if.check(Some(number), batch)
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
            ("7", "failIf: expected an object, found a number"),
            ("null", "failIf: expected an object, found null"),
            ("[7]", "failIf[0]: expected an object, found a number"),
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
            (r#"{"where":[],"after":1}"#, "failIf: unknown key \"after\""),
            (
                r#"{"where":[],"afterPosition":-1}"#,
                "failIf.afterPosition: expected a whole number from 0, found -1",
            ),
            (
                r#"{"where":[],"afterPosition":"1"}"#,
                "failIf.afterPosition: expected a whole number from 0, found a string",
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
}
