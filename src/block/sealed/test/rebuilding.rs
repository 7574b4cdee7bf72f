//! Events are rebuilt byte for byte.

use proptest::prelude::*;

use super::json_text::value;
use super::{Given, check};
use crate::block::EVENTS;
use crate::block::sealed::Block;

fn given() -> impl Strategy<Value = Given> {
    let own = (any::<u128>(), any::<i64>(), any::<u64>(), any::<u64>());
    let texts = (value(), value(), any::<String>(), "[ab]?");
    let call = prop::option::of((any::<String>(), any::<u64>()));
    (own, texts, call).prop_map(|(own, texts, call)| Given {
        id: own.0,
        timestamp_ms: own.1,
        sequence: own.2,
        back: own.3,
        stream_id: texts.2,
        event_type: texts.3,
        call,
        payload: texts.0,
        metadata: texts.1,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn any_events_are_rebuilt(rows in prop::collection::vec(given(), 0..40)) {
        check(&rows);
    }

    #[test]
    fn events_that_are_alike_are_rebuilt(
        values in prop::collection::vec(value(), 1..4),
        rows in prop::collection::vec((0..4_usize, value()), 0..300),
    ) {
        let rows: Vec<Given> = rows.iter().enumerate().map(|(number, (kind, value))| {
            let other = &values[kind % values.len()];
            Given::of(number, format!("{{\"a\":{value},\"b\":{other},\"c\":{{\"d\":[{value}]}}}}"))
        }).collect();
        check(&rows);
    }

    #[test]
    fn texts_that_are_no_json_are_rebuilt(
        rows in prop::collection::vec("[\\[\\]{}\",:\\\\ua0é \n-]{0,30}", 0..60),
    ) {
        let rows: Vec<Given> =
            rows.into_iter().enumerate().map(|(number, text)| Given::of(number, text)).collect();
        check(&rows);
    }
}

/// A sequence of numbers that looks random and is the same in every run (xorshift).
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end
    }
}

/// The payload of a request, with fields of most forms that columns have.
pub(super) fn request(random: &mut Random) -> String {
    let items: Vec<String> = (0..random.below(4))
        .map(|_| {
            let (sku, price) = (random.below(5_000), random.below(10_000));
            format!(
                "{{\"sku\":\"S-{sku:06}\",\"price\":{}.{}5}}",
                price / 10,
                price % 10
            )
        })
        .collect();
    let note = match random.below(4) {
        0 => "null".to_owned(),
        1 => format!("\"the user {} has left\"", random.below(90)),
        _ => format!(
            "\"saved in {} ms by worker {}\"",
            random.below(900),
            random.below(7)
        ),
    };
    let mut text = format!(
        r#"{{"method":"{}","path":"/api/projects/{}/tasks/{}","id":"{:08x}-{:04x}","at":"{}","ok":{},"items":[{}],"note":{note}"#,
        ["GET", "POST", "PUT"][random.below(3) as usize],
        random.below(900),
        random.below(90_000),
        random.below(1 << 32),
        random.below(1 << 16),
        crate::timestamp::format(1_700_000_000_000 + random.below(1 << 40) as i64),
        random.below(2) == 0,
        items.join(","),
    );
    if random.below(3) == 0 {
        text.push_str(&format!(
            ",\"more\":{{\"a\":{},\"b\":[]}}",
            random.below(99)
        ));
    }
    text.push('}');
    text
}

#[test]
fn a_whole_block_is_rebuilt() {
    let mut random = Random(7);
    let rows: Vec<Given> = (0..EVENTS)
        .map(|number| match random.below(200) {
            0 => Given::of(number, "{ \"odd\" : 1 }".to_owned()),
            _ => Given::of(number, request(&mut random)),
        })
        .collect();
    let bytes = check(&rows);
    let block = Block::open(&bytes).unwrap();
    let odd = rows
        .iter()
        .filter(|given| given.payload.starts_with("{ "))
        .count();
    assert_eq!(block.directory().kept_rows(), odd);
    let given: usize = rows
        .iter()
        .map(|row| row.payload.len() + row.metadata.len())
        .sum();
    assert!(bytes.len() * 3 < given, "{} of {given}", bytes.len());
}

#[test]
fn events_with_very_many_fields_are_kept_as_texts() {
    let mut random = Random(3);
    let rows: Vec<Given> = (0..700)
        .map(|number| {
            let fields: Vec<String> = (0..200)
                .map(|field| format!("\"field{field}\":\"{}\"", random.below(1 << 20)))
                .collect();
            Given::of(number, format!("{{{}}}", fields.join(",")))
        })
        .collect();
    let bytes = check(&rows);
    let block = Block::open(&bytes).unwrap();
    assert_eq!(block.directory().kept_rows(), rows.len());
}
