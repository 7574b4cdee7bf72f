//! Lines written and read again.

use std::sync::Arc;
use std::sync::mpsc::channel;

use super::{Export, Import, Lines};
use crate::engine::test::{Site, run};
use crate::engine::{Batch, Engine, Fault, Job, NewEvent};
use crate::error::{Code, Error};
use crate::json;
use crate::request::work::Changes as _;

const EVENT_BYTES_MAX: usize = 1 << 16;

/// A place for a log of small segments and blocks.
fn site() -> Site {
    Site::new(4096, 8)
}

/// Appends events of several streams to two instances, with texts that JSON escapes.
fn fill(engine: &Engine, events: usize) {
    for name in ["first \"é\"", "second"] {
        run(engine, move |batch| {
            let description = (name == "second").then(|| "a\nb".to_owned());
            let number = batch.create(&format!("{name} id"), name, description)?;
            for index in 0..events {
                let stream_id = format!("s\u{1f600}{}", index % 3);
                let event = NewEvent {
                    stream_id: &stream_id,
                    event_type: "t",
                    payload: "{\"a\": [1.50, \"\\ud800\", \"é\"], \"__proto__\":-0}",
                    metadata: "[]",
                    timestamp_ms: Some(1_000 - index as i64 % 5),
                    call: None,
                };
                batch.append(number, &event)?;
            }
            Ok(())
        })
        .unwrap();
    }
}

fn export(engine: &Engine) -> Result<String, Error> {
    let export = Export::new("{}".to_owned());
    let mut text = String::new();
    loop {
        let answer = export.step(&engine.snapshot()?)?;
        if let Some(page) = export.take_page() {
            text.push_str(&page);
        }
        if answer.values.contains("\"ended\":true") {
            return Ok(text);
        }
    }
}

/// Imports the next bytes. Returns what is answered.
fn import(
    engine: &Engine,
    import: &Arc<Import>,
    bytes: &[u8],
    last: bool,
) -> Result<String, Error> {
    let mut lines = Lines::new(Arc::clone(import), bytes.to_vec(), last);
    lines.read(EVENT_BYTES_MAX);
    run(engine, move |batch| Ok(lines.apply(batch)?.values))
}

fn import_all(engine: &Engine, text: &str) -> Result<String, Error> {
    import(engine, &Arc::default(), text.as_bytes(), true)
}

#[test]
fn lines_are_withdrawn_while_they_wait_and_not_once_they_are_on_their_way() {
    let source = site().open();
    fill(&source, 5);
    let text = export(&source).unwrap();
    let target = site().open();
    let state = Arc::<Import>::default();
    let (first, second) = text.as_bytes().split_at(text.len() / 2);
    import(&target, &state, first, false).unwrap();
    assert!(!state.withdraw(), "they are stored");
    let before = export(&target).unwrap();

    let mut waiting = Lines::new(Arc::clone(&state), second.to_vec(), true);
    waiting.read(EVENT_BYTES_MAX);
    assert!(state.withdraw() && state.withdraw());
    let refused = run(&target, move |batch| waiting.apply(batch).map(drop));
    assert_eq!(refused.unwrap_err().code(), Code::Aborted);
    // Nor is anything that follows.
    let late = import(&target, &state, second, true);
    assert_eq!(late.unwrap_err().code(), Code::Aborted);
    assert_eq!(export(&target).unwrap(), before);
    import_all(&target, &text).unwrap();
    assert_eq!(export(&target).unwrap(), text);
}

#[test]
fn what_was_exported_is_imported_wherever_it_is_cut() {
    let source = site().open();
    fill(&source, 5);
    let text = export(&source).unwrap();
    assert_eq!(text.lines().count(), 2 * (5 + 1) + 2);
    let target = site().open();
    for cut in 0..=text.len() {
        let state = Arc::default();
        let (first, second) = text.as_bytes().split_at(cut);
        import(&target, &state, first, false).unwrap();
        let answer = import(&target, &state, second, true).unwrap();
        // The first time all is stored, and then all is compared.
        let skipped = if cut == 0 { 0 } else { 10 };
        let expected = format!("\"skippedEvents\":{skipped}}}");
        assert!(answer.contains(&expected), "cut at {cut}: {answer}");
    }
    assert_eq!(export(&target).unwrap(), text);
    target.close().unwrap();
    source.close().unwrap();
}

#[test]
fn lines_of_any_batches_and_processes_make_the_same_log() {
    let source = site().open();
    fill(&source, 40);
    let text = export(&source).unwrap();
    for size in [1, 97, 1_000, 6_000, text.len()] {
        let (site, state) = (site(), Arc::default());
        let engines = [site.open(), site.open()];
        let count = text.len().div_ceil(size);
        for (index, bytes) in text.as_bytes().chunks(size).enumerate() {
            import(&engines[index % 2], &state, bytes, index + 1 == count).unwrap();
        }
        for engine in &engines {
            assert_eq!(export(engine).unwrap(), text, "{size}");
            let again = import_all(engine, &text).unwrap();
            assert!(
                again.contains("\"skippedInstances\":2,\"skippedEvents\":80"),
                "{again}"
            );
        }
        for engine in engines {
            engine.close().unwrap();
        }
    }
    source.close().unwrap();
}

/// A job that holds the writer until it is told to go on, or that has lines.
struct Together<F>(F, std::sync::mpsc::Sender<Result<(), Error>>);

impl<F: FnMut(&mut Batch<'_>) -> Result<(), Fault> + Send> Job for Together<F> {
    fn bytes(&self) -> usize {
        0
    }

    fn apply(&mut self, batch: &mut Batch<'_>) -> Result<(), Fault> {
        (self.0)(batch)
    }

    fn finish(self: Box<Self>, outcome: Result<(), Error>) {
        self.1.send(outcome).unwrap();
    }
}

/// Makes one commit of all these texts, each an import of its own. Returns what became of each.
fn import_in_one_commit(engine: &Engine, texts: &[String]) -> Vec<Result<(), Error>> {
    let (go, wait) = channel::<()>();
    let (sender, held) = channel();
    let hold = move |_: &mut Batch<'_>| {
        wait.recv().unwrap();
        Ok(())
    };
    assert!(engine.submit(Box::new(Together(hold, sender))).is_ok());
    let answers: Vec<_> = texts
        .iter()
        .map(|text| {
            let mut lines = Lines::new(Arc::default(), text.clone().into_bytes(), true);
            lines.read(EVENT_BYTES_MAX);
            let (sender, answer) = channel();
            let apply = move |batch: &mut Batch<'_>| lines.apply(batch).map(|_| ());
            assert!(engine.submit(Box::new(Together(apply, sender))).is_ok());
            answer
        })
        .collect();
    go.send(()).unwrap();
    held.recv().unwrap().unwrap();
    answers
        .iter()
        .map(|answer| answer.recv().unwrap())
        .collect()
}

#[test]
fn imports_in_one_commit_see_each_other_and_a_refused_one_leaves_nothing() {
    let source = site().open();
    fill(&source, 12);
    let text = export(&source).unwrap();
    // Its conflict comes last, after an instance and events that would be new.
    let mut quoted = String::new();
    json::write_string(&mut quoted, "new");
    let mut lines: Vec<&str> = text.lines().collect();
    let header = lines.remove(0);
    let other = format!(
        "{{\"instance\":{{\"id\":{quoted},\"name\":{quoted},\"createdAt\":\"2026-01-01\"}}}}"
    );
    let changed = lines[12].replace("\"event_type\":\"t\"", "\"event_type\":\"u\"");
    let end = "{\"end\":{\"instances\":2,\"events\":12}}";
    let mut refused = vec![header, &other];
    refused.extend(&lines[..12]);
    refused.extend([changed.as_str(), end]);
    let refused = refused.join("\n");

    for order in [[0, 1, 0, 0], [0, 0, 1, 0]] {
        let target = site().open();
        let texts = [text.clone(), refused.clone()];
        let texts = order.map(|index| texts[index].clone());
        let outcomes = import_in_one_commit(&target, &texts);
        for (outcome, which) in outcomes.iter().zip(order) {
            let code = outcome.as_ref().err().map(Error::code);
            assert_eq!(
                code,
                (which == 1).then_some(Code::ImportConflict),
                "{outcome:?}"
            );
        }
        assert_eq!(export(&target).unwrap(), text);
        target.close().unwrap();
    }
    source.close().unwrap();
}

#[test]
fn an_instance_may_come_in_several_parts_that_repeat_what_was_there() {
    let source = site().open();
    fill(&source, 6);
    let text = export(&source).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let (header, first, second) = (lines[0], &lines[1..8], &lines[8..15]);
    let end = "{\"end\":{\"instances\":3,\"events\":15}}";
    let parts = [&[header], &first[..4], second, first, &[end]].concat();
    let repeated = parts.join("\n");
    let target = site().open();
    let answer = import_all(&target, &repeated).unwrap();
    assert!(
        answer.contains("\"instances\":2,\"events\":12,\"skippedInstances\":1,\"skippedEvents\":3")
    );
    assert_eq!(export(&target).unwrap(), text);

    // The same, but what is repeated differs: in one batch, and against what is stored.
    let wrong = repeated.replacen("\"sequence_number\":1}\n", "\"sequence_number\":1 }\n", 1);
    assert!(import_all(&target, &wrong).is_ok());
    let at = repeated.rfind(first[1]).unwrap();
    let wrong = format!(
        "{}{}",
        &repeated[..at],
        repeated[at..].replacen("[1.50,", "[1.5,", 1)
    );
    let fresh = site().open();
    for engine in [&target, &fresh] {
        let error = import_all(engine, &wrong).unwrap_err();
        assert_eq!(error.code(), Code::ImportConflict);
        assert!(
            error.text().contains("found one whose payload differs"),
            "{error}"
        );
    }
    assert_eq!(export(&fresh).unwrap().lines().count(), 2);
    for engine in [source, target, fresh] {
        engine.close().unwrap();
    }
}
