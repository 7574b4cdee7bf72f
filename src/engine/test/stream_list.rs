//! Listing streams.

use std::collections::BTreeMap;

use super::{Site, append, run};
use crate::engine::{Snapshot, StreamEnd};

/// Each stream with the number and the position of its last event.
type Ends = BTreeMap<String, (u64, u64)>;

fn found(streams: Vec<StreamEnd>) -> Vec<(String, (u64, u64))> {
    let pairs = streams.into_iter().map(|stream| {
        let StreamEnd {
            stream_id,
            sequence,
            position,
        } = stream;
        (stream_id.to_string(), (sequence, position))
    });
    pairs.collect()
}

/// Compares all that can be asked for with what there is.
fn check(snapshot: &Snapshot, ends: &Ends) {
    let number = snapshot.find("log").unwrap();
    for prefix in ["", "s1", "s", "é", "t", "none"] {
        for after in [
            None,
            Some(""),
            Some("s1"),
            Some("s15"),
            Some("s2x"),
            Some("é"),
            Some("~"),
        ] {
            for limit in [0, 1, 3, 1_000] {
                let streams = snapshot.streams(number, prefix, after, limit).unwrap();
                let expected = ends
                    .iter()
                    .filter(|(id, _)| id.starts_with(prefix))
                    .filter(|(id, _)| after.is_none_or(|after| id.as_str() > after))
                    .map(|(id, end)| (id.clone(), *end))
                    .take(limit);
                let expected: Vec<_> = expected.collect();
                assert_eq!(found(streams), expected, "{prefix:?} {after:?} {limit}");
            }
        }
    }
}

#[test]
fn streams_are_listed_as_the_snapshot_has_them_wherever_their_events_are() {
    let site = Site::new(2048, 8);
    let engines = [site.open(), site.open()];
    run(&engines[0], |batch| batch.create("log", "log", None)).unwrap();
    let mut ends = Ends::new();
    check(&engines[0].snapshot().unwrap(), &ends);
    let mut position = 0;
    for round in 0_usize..60 {
        let streams = [
            format!("s{}", round % 23),
            format!("é{}", round / 10),
            "t".to_owned(),
        ];
        let before = engines[round % 2].snapshot().unwrap();
        let given = streams.clone();
        run(&engines[(round / 3) % 2], move |batch| {
            given
                .iter()
                .try_for_each(|stream| append(batch, "log", stream).map(drop))
        })
        .unwrap();
        if round % 5 == 0 {
            // It was taken before, and does not have what the journal has by now.
            check(&before, &ends);
        }
        for stream in streams {
            position += 1;
            let end = ends.entry(stream).or_default();
            *end = (end.0 + 1, position);
        }
        if round % 5 == 1 {
            check(&engines[round % 2].snapshot().unwrap(), &ends);
        }
    }
    for engine in engines {
        engine.close().unwrap();
    }
    let engine = site.open();
    check(&engine.snapshot().unwrap(), &ends);
    engine.close().unwrap();
}
