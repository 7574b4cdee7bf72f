//! The decoder of sealed blocks: bytes as they are, and a block some of whose bytes were altered, with
//! checksums that are right all the same.
//!
//! The first byte says which. Nothing panics, and no memory is taken that the bytes do not account for.

#![no_main]

use std::sync::LazyLock;

use codebolt_eventlog::block::sealed::{Builder, Row, fuzzing};
use libfuzzer_sys::fuzz_target;
use uuid::Uuid;

/// Events that are taken apart, with an odd one among them; and some that are kept as texts.
static BLOCKS: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| {
    let narrow = |n: usize| match n {
        9 => "{ \"odd\": 1 }".to_owned(),
        _ => format!(
            r#"{{"id":{n},"price":{}.25,"at":"2026-01-{:02}T00:00:00Z","hash":"{:08x}","path":"/a/{}/b/{n}","note":"{}","items":[{{"n":{n}}},{{"n":1,"x":[true]}}]}}"#,
            n % 90,
            1 + n % 28,
            n * 0x9e37 % 0xffff_ffff,
            n % 7,
            "a text of words ".repeat(1 + n % 5),
        ),
    };
    let wide = |n: usize| {
        let fields: Vec<String> = (0..130).map(|f| format!("\"f{f}\":{}", f * n)).collect();
        format!("{{{}}}", fields.join(","))
    };
    [seal(200, &narrow), seal(140, &wide)]
});

fn seal(rows: usize, payload: &dyn Fn(usize) -> String) -> Vec<u8> {
    let mut builder = Builder::new();
    for n in 0..rows {
        builder.push(&Row {
            id: Uuid::from_u128(n as u128 + (0x0190_0000_0000_7000_8000 << 64)),
            timestamp_ms: 1_700_000_000_000 + n as i64,
            sequence: 1 + n as u64,
            back: (n % 3) as u64,
            stream_id: ["s", "t"][n % 2],
            event_type: "tested",
            call: (n % 5 == 0).then_some(("key", 1)),
            payload: &payload(n),
            metadata: "{}",
        });
    }
    builder.finish()
}

fuzz_target!(|bytes: &[u8]| {
    let Some((way, rest)) = bytes.split_first() else {
        return;
    };
    let Some(block) = BLOCKS.get(usize::from(*way) % 3) else {
        fuzzing::read_all(&rest.to_vec());
        fuzzing::read_all(&fuzzing::sign(rest.to_vec()));
        return;
    };
    let mut altered = block.clone();
    for change in rest.chunks_exact(4).take(24) {
        let at = u32::from_le_bytes([change[0], change[1], change[2], 0]) as usize;
        let at = at % altered.len();
        altered[at] = change[3];
    }
    fuzzing::read_all(&fuzzing::sign(altered));
});
