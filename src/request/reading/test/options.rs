//! What is not understood of the options.

use super::step;
use crate::engine::test::{Site, run};
use crate::error::Code;
use crate::request::reading::{Reading, ReadingSource, StepBounds};

/// Options of a reading that are refused, each with what is told.
const REFUSED: &[(ReadingSource, &str, &str)] = &[
    (
        ReadingSource::Instance,
        "{}",
        "instance: expected the id or name of an instance, found nothing",
    ),
    (
        ReadingSource::Instance,
        r#"{"instance":7}"#,
        "instance: expected the id or name of an instance, found 7",
    ),
    (
        ReadingSource::Instance,
        r#"{"instance":"log","limit":-1}"#,
        "limit: expected a whole number",
    ),
    (
        ReadingSource::Instance,
        r#"{"instance":"log","afterPosition":1.5}"#,
        "afterPosition: expected a whole number",
    ),
    (
        ReadingSource::Instance,
        r#"{"instance":"log","direction":"up"}"#,
        "direction: expected \"forward\" or \"backward\", found \"up\"",
    ),
    (
        ReadingSource::Instance,
        r#"{"instance":"log","after_position":1}"#,
        "did you mean afterPosition?",
    ),
    (
        ReadingSource::Instance,
        r#"{"instance":"log","stream":"s"}"#,
        "stream: unknown key",
    ),
    (
        ReadingSource::Instance,
        r#"{"instance":"log","where":[{"field":"a","operator":"is","value":1}]}"#,
        "where[0].operator: expected",
    ),
    (
        ReadingSource::Instance,
        r#"{"instance":"log","correlationId":5}"#,
        "correlationId: expected a string, found 5",
    ),
    (
        ReadingSource::Stream,
        r#"{"instance":"log"}"#,
        "stream: expected the id of a stream, found nothing",
    ),
    (
        ReadingSource::Stream,
        r#"{"instance":"log","stream":""}"#,
        "stream: expected a string that is not empty, found \"\"",
    ),
    (
        ReadingSource::Stream,
        r#"{"instance":"log","stream":"s","where":[]}"#,
        "where: unknown key",
    ),
    (
        ReadingSource::Stream,
        r#"{"instance":"log","stream":"s","fromSequence":"1"}"#,
        "fromSequence: expected a whole number",
    ),
];

#[test]
fn an_option_that_is_not_understood_is_an_error_that_names_it() {
    let site = Site::new(4096, 8);
    let engine = site.open();
    run(&engine, |batch| batch.create("log", "log", None)).unwrap();
    for &(source, options, text) in REFUSED {
        let reading = Reading::new(source, options.to_owned());
        let error = step(&reading, &engine, StepBounds::DEFAULT).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument, "{options}");
        assert!(error.text().contains(text), "{options}: {error}");
    }
    engine.close().unwrap();
}
