//! A query is never half-obeyed.

use super::refusal;
use crate::error::Code;
use crate::query::Query;

fn whole_refusal(text: &str) -> (Code, String) {
    let error = Query::parse(text).unwrap_err();
    (error.code(), error.text().to_owned())
}

#[test]
fn a_query_is_an_object_with_an_instance() {
    for (query, start) in [
        ("", "query: expected JSON text, found "),
        ("{\"from\":", "query: expected JSON text, found "),
        ("null", "query: expected an object with from, where"),
        ("[]", "query: expected an object with from, where"),
        (
            "{}",
            "from: expected an object with instance and stream, found nothing",
        ),
        (
            r#"{"from":null}"#,
            "from: expected an object with instance and stream, found nothing",
        ),
        (
            r#"{"from":"log"}"#,
            "from: expected an object with instance and stream, found \"log\"",
        ),
        (
            r#"{"from":{}}"#,
            "from.instance: expected the id or name of an instance, found nothing",
        ),
        (
            r#"{"from":{"instance":1}}"#,
            "from.instance: expected the id or name of an instance, found 1",
        ),
        (
            r#"{"from":{"instance":""}}"#,
            "from.instance: expected a string that is not empty, found \"\"",
        ),
        (
            r#"{"from":{"instance":"\ud800"}}"#,
            "from.instance: expected a string of well-formed Unicode, found a lone surrogate",
        ),
        (
            r#"{"from":{"instance":"a","stream":""}}"#,
            "from.stream: expected a string that is not empty, found \"\"",
        ),
    ] {
        let (code, text) = whole_refusal(query);
        assert_eq!(code, Code::InvalidArgument, "{query}");
        assert!(text.starts_with(start), "{text}");
    }
}

#[test]
fn unknown_keys_are_named_everywhere() {
    for (parts, expected) in [
        (
            r#""filter":[]"#,
            "filter: unknown key, expected from, where, select, orderBy, limit, offset, reduce or explain; did you mean where?",
        ),
        (
            r#""instanceId":"log""#,
            "instanceId: unknown key, expected from, where, select, orderBy, limit, offset, reduce or explain; did you mean from?",
        ),
        (
            r#""orderby":{"field":"a"}"#,
            "orderby: unknown key, expected from, where, select, orderBy, limit, offset, reduce or explain; did you mean orderBy?",
        ),
        (
            r#""where":[{"field":"a","operator":"eq","value":1},{"field":"a","op":"eq","value":1}]"#,
            "where[1].op: unknown key, expected field, operator, value, valueField, ignoreCase, any, all or not; did you mean operator?",
        ),
        (
            r#""orderBy":{"field":"a","dir":"asc"}"#,
            "orderBy.dir: unknown key, expected field or direction; did you mean direction?",
        ),
        (
            r#""reduce":{"type":"count","group_by":"a"}"#,
            "reduce.group_by: unknown key, expected type, field, groupBy, aggregates, having, p or k; did you mean groupBy?",
        ),
    ] {
        assert_eq!(refusal(parts), (Code::InvalidArgument, expected.to_owned()));
    }
    let (_, text) = whole_refusal(r#"{"from":{"instance":"a","streamId":"b"}}"#);
    assert_eq!(
        text,
        "from.streamId: unknown key, expected instance or stream; did you mean stream?"
    );
}

/// Asserts that each of the parts is an invalid argument whose text starts so.
fn refused(cases: &[(&str, &str)]) {
    for (parts, start) in cases {
        let (code, text) = refusal(parts);
        assert_eq!(code, Code::InvalidArgument, "{parts}");
        assert!(text.starts_with(start), "{text}");
    }
}

#[test]
fn conditions_have_a_shape() {
    refused(&[
        (
            r#""where":{"field":"a"}"#,
            "where: expected an array of conditions",
        ),
        (
            r#""where":[1]"#,
            "where[0]: expected an object with field, operator and value, or with any, all or not, found 1",
        ),
        (
            r#""where":[{"operator":"eq","value":1}]"#,
            "where[0].field: expected the name of a field, found nothing",
        ),
        (
            r#""where":[{"field":"a","value":1}]"#,
            "where[0].operator: expected an operator such as eq, found nothing",
        ),
        (
            r#""where":[{"field":"a","operator":"eq"}]"#,
            "where[0].value: expected a value to compare with, found nothing",
        ),
        (
            r#""where":[{"field":"a","operator":"like","value":1}]"#,
            "where[0].operator: expected one of eq, neq, gt, gte, lt, lte, contains, startsWith, endsWith, matches, in, notIn, between and exists, found \"like\"; did you mean \"contains\"?",
        ),
        (
            r#""where":[{"field":"a..b","operator":"eq","value":1}]"#,
            "where[0].field: expected a field such as",
        ),
        (
            r#""where":[{"field":1,"operator":"eq","value":1}]"#,
            "where[0].field: expected a field such as",
        ),
    ]);
}

#[test]
fn a_selection_has_a_shape() {
    refused(&[
        (
            r#""select":"a""#,
            "select: expected an array of fields, found \"a\"",
        ),
        (
            r#""select":["a",null]"#,
            "select[1]: expected a field such as",
        ),
    ]);
}

#[test]
fn an_order_has_a_shape() {
    refused(&[
        (
            r#""orderBy":[{"field":"a"}]"#,
            "orderBy: expected an object with field and direction, found an array",
        ),
        (
            r#""orderBy":{"direction":"asc"}"#,
            "orderBy.field: expected the name of a field, found nothing",
        ),
        (
            r#""orderBy":{"field":""}"#,
            "orderBy.field: expected a field such as",
        ),
        (
            r#""orderBy":{"field":"a","direction":"DESC"}"#,
            "orderBy.direction: expected \"asc\" or \"desc\", found \"DESC\"",
        ),
    ]);
}

#[test]
fn limit_and_offset_are_whole_numbers() {
    refused(&[
        (
            r#""limit":-1"#,
            "limit: expected a whole number from 0 to 9007199254740991, found -1",
        ),
        (
            r#""offset":1.5"#,
            "offset: expected a whole number from 0 to 9007199254740991, found 1.5",
        ),
        (
            r#""offset":"1""#,
            "offset: expected a whole number from 0 to 9007199254740991, found \"1\"",
        ),
    ]);
}

#[test]
fn a_reduction_has_a_shape() {
    refused(&[
        (
            r#""reduce":"count""#,
            "reduce: expected an object with type, field, groupBy, aggregates, having, p and k",
        ),
        (
            r#""reduce":{}"#,
            "reduce.type: expected one of count, sum, avg, min, max, collect, percentile, countDistinct, first, last, stddev and topK, found nothing",
        ),
        (
            r#""reduce":{"type":"median","field":"a"}"#,
            "reduce.type: expected one of count, sum, avg, min, max, collect, percentile, countDistinct, first, last, stddev and topK, found \"median\"",
        ),
        (
            r#""reduce":{"type":"sum"}"#,
            "reduce.field: expected the name of a field, which sum, avg, min and max need, found nothing",
        ),
        (
            r#""reduce":{"type":"count","groupBy":["a",2]}"#,
            "reduce.groupBy[1]: expected a field such as",
        ),
    ]);
}

#[test]
fn what_is_null_was_not_given() {
    let plain = r#"{"from":{"instance":"a"}}"#;
    let nulls = r#"{"from":{"instance":"a","stream":null},"where":null,"select":null,"orderBy":null,
        "limit":null,"offset":null,"reduce":null,"explain":null,"other":null}"#;
    let shown = |text: &str| format!("{:?}", Query::parse(text).unwrap());
    assert_eq!(shown(nulls), shown(plain));
    let count =
        r#"{"from":{"instance":"a"},"reduce":{"type":"count","field":null,"groupBy":null}}"#;
    let plain = r#"{"from":{"instance":"a"},"reduce":{"type":"count"}}"#;
    assert_eq!(shown(count), shown(plain));
    let order = r#"{"from":{"instance":"a"},"orderBy":{"field":"a","direction":null}}"#;
    let plain = r#"{"from":{"instance":"a"},"orderBy":{"field":"a"}}"#;
    assert_eq!(shown(order), shown(plain));
}

#[test]
fn no_fields_select_all_and_make_no_groups() {
    let shown = |parts: &str| {
        let text = format!(r#"{{"from":{{"instance":"a"}}{parts}}}"#);
        format!("{:?}", Query::parse(&text).unwrap())
    };
    assert_eq!(shown(r#","select":[]"#), shown(""));
    let count = r#","reduce":{"type":"count"}"#;
    let grouped = r#","reduce":{"type":"count","groupBy":[]}"#;
    assert_eq!(shown(grouped), shown(count));
}

#[test]
fn values_must_fit_their_operator() {
    for (operator, value, start) in [
        (
            "gt",
            "null",
            "where[0].value: expected a number, a string or a boolean, found null",
        ),
        (
            "gte",
            "[1]",
            "where[0].value: expected a number, a string or a boolean, found an array",
        ),
        (
            "lt",
            "{}",
            "where[0].value: expected a number, a string or a boolean, found an object",
        ),
        (
            "lte",
            "null",
            "where[0].value: expected a number, a string or a boolean, found null",
        ),
        (
            "in",
            "1",
            "where[0].value: expected an array of values, found 1",
        ),
        (
            "in",
            "null",
            "where[0].value: expected an array of values, found null",
        ),
        (
            "between",
            "1",
            "where[0].value: expected an array of exactly two numbers, strings or booleans, found 1",
        ),
        (
            "between",
            "[1]",
            "where[0].value: expected an array of exactly two numbers, strings or booleans, found an array of 1",
        ),
        (
            "between",
            "[1,2,3]",
            "where[0].value: expected an array of exactly two numbers, strings or booleans, found an array of 3",
        ),
        (
            "between",
            r#"[1,"2"]"#,
            "where[0].value[1]: expected a number like the first, found \"2\"",
        ),
        (
            "between",
            "[null,2]",
            "where[0].value[0]: expected a number, a string or a boolean, found null",
        ),
    ] {
        let (code, text) = refusal(&format!(
            r#""where":[{{"field":"a","operator":"{operator}","value":{value}}}]"#
        ));
        assert_eq!(code, Code::InvalidArgument, "{operator} {value}");
        assert_eq!(text, start);
    }
}
