//! Events of all kinds that JSON allows.

use proptest::prelude::*;
use uuid::Uuid;

use crate::event::Event;

/// A key that is too long to be followed.
pub(super) const LONG_KEY: &str = concat!(
    "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
    "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
    "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
    "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
);

/// What an event is made of.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) id: u128,
    pub(super) stream_id: String,
    pub(super) event_type: String,
    pub(super) payload: String,
    pub(super) metadata: String,
    pub(super) timestamp_ms: i64,
    pub(super) sequence_number: u64,
}

impl Given {
    /// An event whose payload is all that matters.
    pub(super) fn with_payload(payload: impl Into<String>) -> Self {
        Self {
            id: 0,
            stream_id: "s".to_owned(),
            event_type: "t".to_owned(),
            payload: payload.into(),
            metadata: "{}".to_owned(),
            timestamp_ms: 0,
            sequence_number: 1,
        }
    }

    pub(super) fn event(&self) -> Event<'_> {
        Event {
            id: Uuid::from_u128(self.id),
            instance_id: "i",
            stream_id: &self.stream_id,
            event_type: &self.event_type,
            payload: &self.payload,
            metadata: &self.metadata,
            timestamp_ms: self.timestamp_ms,
            sequence_number: self.sequence_number,
            position: 1,
        }
    }
}

/// The events of a block.
pub(super) fn events() -> impl Strategy<Value = Vec<Given>> {
    prop_oneof![
        prop::collection::vec(given(any_object().boxed()), 0..12),
        // Many of few shapes, as there are in a log.
        (
            prop::collection::vec(any_object(), 1..4),
            prop::collection::vec(any::<prop::sample::Index>(), 1..60),
        )
            .prop_flat_map(|(shapes, order)| {
                let events: Vec<_> = order
                    .iter()
                    .map(|at| given(Just(at.get(&shapes).clone()).boxed()))
                    .collect();
                events
            }),
    ]
}

fn given(payload: BoxedStrategy<String>) -> impl Strategy<Value = Given> {
    let stream_id = prop_oneof!["[ab]{1,2}", any::<String>()];
    let event_type = prop_oneof!["[ab\"]", "[a-z\u{1}]{1,9}"];
    let payload = prop_oneof![8 => payload, 1 => any_array()];
    let metadata = prop_oneof![2 => Just("{}".to_owned()), 1 => any_object(), 1 => any_array()];
    let sequence = prop_oneof![4 => 1_u64..100, 1 => any::<u64>()];
    let time = prop_oneof![4 => 0_i64..100, 1 => any::<i64>()];
    let texts = (stream_id, event_type, payload, metadata);
    (any::<u128>(), texts, time, sequence).prop_map(
        |(id, (stream_id, event_type, payload, metadata), timestamp_ms, sequence_number)| Given {
            id,
            stream_id,
            event_type,
            payload,
            metadata,
            timestamp_ms,
            sequence_number,
        },
    )
}

/// Keys, quoted. Few, so that paths are met again.
fn key() -> impl Strategy<Value = String> {
    let often = vec!["a", "b", "c", "d", "items", ""];
    let seldom = vec![
        "0",
        "1",
        "12",
        "01",
        "007",
        "-1",
        "é",
        "a b",
        "a:b",
        "😀",
        "__proto__",
        "99999999999999999999",
        r"\u0061",
        r"\n",
        r"\ud800",
        r#"\""#,
        r"a\/b",
    ];
    prop_oneof![
        30 => prop::sample::select(often).prop_map(str::to_owned),
        4 => prop::sample::select(seldom).prop_map(str::to_owned),
        1 => Just(LONG_KEY.to_owned()),
    ]
    .prop_map(|key| format!("\"{key}\""))
}

fn leaf() -> impl Strategy<Value = String> {
    let literals = vec![
        "null",
        "true",
        "false",
        "0",
        "-0",
        "1",
        "12",
        "-3",
        "0.5",
        "1.0",
        "1e3",
        "1E3",
        "-0.0",
        "12345678901234567890",
        "1e400",
        "0.1",
        "100.25",
        "9007199254740993",
        "1e-7",
        "{}",
        "[]",
        r#""""#,
        r#""a""#,
        r#""ab""#,
        r#""a\n""#,
        r#""\u0061""#,
        r#""\ud800""#,
        r#""\"""#,
        r#""\\""#,
        r#""é😀""#,
        "[5]",
        "[0,[1]]",
        "[{\"a\":1}]",
    ];
    prop_oneof![
        12 => prop::sample::select(literals).prop_map(str::to_owned),
        2 => any::<i32>().prop_map(|it| it.to_string()),
        2 => any::<f64>().prop_map(|it| if it.is_finite() { it.to_string() } else { "1".to_owned() }),
        2 => any::<String>().prop_map(|it| serde_json::to_string(&it).unwrap()),
        1 => (240_usize..270).prop_map(|length| format!("\"{}\"", "x".repeat(length))),
        1 => (10_usize..40).prop_map(|length| format!("[{}1]", "1,".repeat(length))),
    ]
}

fn any_value() -> impl Strategy<Value = String> {
    leaf().prop_recursive(
        4,
        24,
        4,
        |inner| prop_oneof![3 => object_of(inner.clone()), 1 => array_of(inner)],
    )
}

fn any_object() -> impl Strategy<Value = String> {
    object_of(any_value())
}

fn any_array() -> impl Strategy<Value = String> {
    array_of(any_value())
}

fn blank() -> impl Strategy<Value = &'static str> {
    prop_oneof![20 => Just(""), 1 => Just(" "), 1 => Just("\n\t ")]
}

fn object_of(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let member = (key(), blank(), value, blank());
    let members = prop::collection::vec(member, 0..5);
    (members, blank(), any::<prop::sample::Index>()).prop_map(|(members, blank, repeated)| {
        let mut keys = std::collections::HashSet::new();
        // Now and then a key stays that is there already.
        let keeps = repeated.index(10) == 0;
        let members: Vec<String> = members
            .into_iter()
            .filter(|(key, ..)| keys.insert(key.clone()) || keeps)
            .map(|(key, before, value, after)| {
                format!("{blank}{key}{before}:{after}{value}{before}")
            })
            .collect();
        format!("{{{}{blank}}}", members.join(","))
    })
}

fn array_of(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (prop::collection::vec(value, 0..4), blank())
        .prop_map(|(elements, blank)| format!("[{}{blank}]", elements.join(",")))
}
