//! What follows is read as well, once it is there.

use serde_json::json;

use super::{append, bounds, expected, step};
use crate::engine::test::{Site, run};
use crate::request::reading::{Reading, ReadingSource};

#[test]
fn a_subscription_reads_each_event_once_and_in_order() {
    for block_events in [3, 40] {
        for (dense, page_events) in [(0, 4), (1_000, 4_096)] {
            let site = Site::new(4096, block_events);
            let engines = [site.open(), site.open()];
            run(&engines[0], |batch| batch.create("log", "log", None)).unwrap();
            let mut log = Vec::new();
            append(&engines, &mut log, 30);
            let third = json!([{ "field": "payload.third", "operator": "eq", "value": 1 }]);
            let asked = [
                json!({ "instance": "log" }),
                json!({ "instance": "log", "afterPosition": 7, "where": third }),
                json!({ "instance": "log", "afterPosition": 30, "stream": "a" }),
                json!({ "instance": "log", "stream": "b", "where": third }),
            ];
            let mut subscriptions = asked.map(|options| {
                let reading = Reading::new(ReadingSource::Subscription, options.to_string());
                (options, reading, Vec::new())
            });
            let end = json!({ "instance": "log", "afterPosition": "end" });
            let end = Reading::new(ReadingSource::Subscription, end.to_string());
            let bounds = bounds(1 << 20, page_events, page_events == 4, dense);
            assert_eq!(step(&end, &engines[0], bounds).unwrap().0, []);
            for round in 0..80 {
                append(&engines, &mut log, 3);
                for (index, (_, reading, found)) in subscriptions.iter_mut().enumerate() {
                    // Some fall behind.
                    if round % (index + 1) == 0 {
                        let (events, ended) = step(reading, &engines[round % 2], bounds).unwrap();
                        assert!(!ended);
                        found.extend(events);
                    }
                }
            }
            for (options, reading, found) in &mut subscriptions {
                let expected = expected(&log, options);
                while found.len() < expected.len() {
                    found.extend(step(reading, &engines[0], bounds).unwrap().0);
                }
                assert_eq!(*found, expected, "{options}");
                assert_eq!(step(reading, &engines[1], bounds).unwrap(), (vec![], false));
            }
            let mut since = Vec::new();
            while since.len() < 240 {
                since.extend(step(&end, &engines[1], bounds).unwrap().0);
            }
            assert_eq!(since, log[30..]);
            for engine in engines {
                engine.close().unwrap();
            }
        }
    }
}
