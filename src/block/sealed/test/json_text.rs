//! JSON texts of all odd kinds.

use proptest::prelude::*;

/// A value, as text that is written in one way or another.
pub(super) fn value() -> impl Strategy<Value = String> {
    scalar().prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6)
                .prop_map(|elements| format!("[{}]", elements.join(","))),
            prop::collection::vec((key(), inner.clone()), 0..6)
                .prop_map(|members| object(&members)),
            (prop::collection::vec((key(), inner), 0..4), "[ \n\t]{1,3}")
                .prop_map(|(members, space)| object(&members).replace(':', &format!(":{space}"))),
        ]
    })
}

/// An object, whose keys may be there twice.
fn object(members: &[(String, String)]) -> String {
    let members = members
        .iter()
        .map(|(key, value)| format!("\"{key}\":{value}"));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        12 => prop::sample::select(&["a", "b", "c", "id", "name"][..]).prop_map(str::to_owned),
        2 => "[a-z]{0,3}",
        1 => prop::sample::select(&["", "0", "é", "\\u0061", "a\\\"b", "a.b", "\\ud800"][..])
            .prop_map(str::to_owned),
        1 => any::<u16>().prop_map(|n| format!("key-{n}")),
    ]
}

fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => number(),
        3 => string(),
        1 => prop::sample::select(&["true", "false", "null", "{}", "[]"][..])
            .prop_map(str::to_owned),
    ]
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        (-1000_i64..1000).prop_map(|n| n.to_string()),
        any::<i64>().prop_map(|n| n.to_string()),
        (-100_000_i64..100_000, 0_i32..6).prop_map(|(n, d)| {
            #[expect(clippy::cast_precision_loss, reason = "any number will do")]
            let number = n as f64 / 10_f64.powi(d);
            number.to_string()
        }),
        "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?",
        prop::sample::select(
            &[
                "1e2",
                "-0",
                "1.0",
                "9007199254740993",
                "1E400",
                "0.10",
                "-0.0",
                "5e-324",
                "1e+2"
            ][..]
        )
        .prop_map(str::to_owned),
    ]
}

fn string() -> impl Strategy<Value = String> {
    prop_oneof![
        (0_u32..100_000).prop_map(|n| format!("\"user-{n}\"")),
        "\"[a-z ]{0,40}\"",
        any::<[u8; 8]>().prop_map(|bytes| {
            let digits = bytes.map(|byte| format!("{byte:02x}"));
            format!("\"{}\"", digits.concat())
        }),
        (0_i64..4_000_000_000_000).prop_map(|ms| format!("\"{}\"", crate::timestamp::format(ms))),
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap_or_default()),
        prop::sample::select(
            &[
                r#""\ud800""#,
                r#""\u0061\n\\\"""#,
                r#""{[,:]}""#,
                r#""2026-02-30T00:00:00.000Z""#,
                r#""007""#,
                r#""é😀""#,
            ][..]
        )
        .prop_map(str::to_owned),
    ]
}
