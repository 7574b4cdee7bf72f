//! What is refused of groups of spans of time and of bins, and of choices among rows.

use super::refusal;
use crate::error::Code;

/// Asserts that each of the parts of a reduction is an invalid argument whose text starts so.
fn refused(cases: &[(&str, &str)]) {
    for (reduce, start) in cases {
        let (code, text) = refusal(&format!("\"reduce\":{{\"type\":\"count\",{reduce}}}"));
        assert_eq!(code, Code::InvalidArgument, "{reduce}");
        assert!(text.starts_with(start), "{text}");
    }
}

#[test]
fn spans_have_shapes() {
    refused(&[
        (
            r#""groupBy":{"field":"timestamp","every":"1M"}"#,
            "reduce.groupBy.every: expected a number and a unit, such as 30s, 15m, 1h, 1d, 1w, 1mo (a month), 1q or 1y, found \"1M\"",
        ),
        (
            r#""groupBy":[{"field":"timestamp","every":""}]"#,
            "reduce.groupBy[0].every: expected a number and a unit",
        ),
        (
            r#""groupBy":{"field":"timestamp","every":60}"#,
            "reduce.groupBy.every: expected a number and a unit",
        ),
        (
            r#""groupBy":{"field":"timestamp","every":"0h"}"#,
            "reduce.groupBy.every: expected a step of 1 to 10000 units",
        ),
        (
            r#""groupBy":{"field":"timestamp","every":"7h"}"#,
            "reduce.groupBy.every: expected seconds, minutes or hours that divide a day",
        ),
        (
            r#""groupBy":{"field":"timestamp","every":"99999999999999999999d"}"#,
            "reduce.groupBy.every: expected a number and a unit",
        ),
        (
            r#""groupBy":{"field":"payload.at","every":"1h"}"#,
            "reduce.groupBy.field: expected timestamp, which is the one field with times",
        ),
        (
            r#""groupBy":{"field":"timestamp","every":"1h","timeZone":"Europe/Berlim"}"#,
            "reduce.groupBy.timeZone: expected the name of a time zone, such as Europe/Berlin or UTC, or an offset such as +05:30, found \"Europe/Berlim\"; did you mean \"Europe/Berlin\"?",
        ),
        (
            r#""groupBy":{"field":"timestamp","timeZone":"UTC"}"#,
            "reduce.groupBy.timeZone: expected nothing without every",
        ),
        (
            r#""groupBy":{"field":"timestamp","bins":[1]}"#,
            "reduce.groupBy.bins: expected every, such as 1h, for timestamp",
        ),
        (
            r#""groupBy":{"field":"a","every":"1h","bins":[1]}"#,
            "reduce.groupBy.bins: expected every, or bins, and not both",
        ),
    ]);
}

#[test]
fn bins_have_shapes() {
    refused(&[
        (
            r#""groupBy":{"field":"a","bins":[]}"#,
            "reduce.groupBy.bins: expected an array of numbers, each the lower bound of a bin, found an empty one",
        ),
        (
            r#""groupBy":{"field":"a","bins":[0,10,5]}"#,
            "reduce.groupBy.bins[2]: expected a number greater than the one before, 10, found 5",
        ),
        (
            r#""groupBy":{"field":"a","bins":[0,0]}"#,
            "reduce.groupBy.bins[1]: expected a number greater than the one before, 0, found 0",
        ),
        (
            r#""groupBy":{"field":"a","bins":[0,"1"]}"#,
            "reduce.groupBy.bins[1]: expected a number, found \"1\"",
        ),
        (
            r#""groupBy":{"field":"a","bins":5}"#,
            "reduce.groupBy.bins: expected an array of numbers",
        ),
        (
            r#""groupBy":{"field":"a","fill":true}"#,
            "reduce.groupBy.fill: expected every or bins beside fill",
        ),
        (
            r#""groupBy":{"field":"a","bins":[1],"fill":1}"#,
            "reduce.groupBy.fill: expected a boolean, found 1",
        ),
        (
            r#""groupBy":{"every":"1h"}"#,
            "reduce.groupBy.field: expected the name of a field, found nothing",
        ),
        (
            r#""groupBy":{"field":"timestamp","interval":"1h"}"#,
            "reduce.groupBy.interval: unknown key, expected field, every, timeZone, bins or fill",
        ),
        (
            r#""groupBy":{"field":"timestamp","timezone":"UTC"}"#,
            "reduce.groupBy.timezone: unknown key, expected field, every, timeZone, bins or fill; did you mean timeZone?",
        ),
        (
            r#""groupBy":["a",{"field":"a","bins":[1]}]"#,
            "reduce.groupBy[1].field: expected each field once",
        ),
        (
            r#""groupBy":{"field":"count","bins":[1]}"#,
            "reduce.groupBy.field: expected a name that the rows do not have already",
        ),
    ]);
}

#[test]
fn choices_have_shapes() {
    refused(&[
        (
            r#""having":[]"#,
            "reduce.having: expected groupBy beside it, whose rows it chooses from, found an array alone",
        ),
        (
            r#""groupBy":"a","having":[{"field":"sum","operator":"gt","value":1}]"#,
            "reduce.having[0].field: expected a column of the rows, a or count, found \"sum\"",
        ),
        (
            r#""groupBy":"a","having":{"any":[{"field":"count","operator":"exists","value":true}]}"#,
            "reduce.having.any[0].operator: expected another operator, as every row has the column",
        ),
        (
            r#""groupBy":"a","having":[{"field":"count","operator":"gt","valueField":"a"}]"#,
            "reduce.having[0].valueField: unknown key, expected field, operator, value,",
        ),
        (
            r#""groupBy":"a","having":5"#,
            "reduce.having: expected an array of conditions",
        ),
        (
            r#""groupBy":{"field":"timestamp","every":"1h"},"having":[{"field":"timestamp","operator":"gt","value":"x"}]"#,
            "reduce.having[0].value: expected an ISO 8601 date-time",
        ),
    ]);
}
