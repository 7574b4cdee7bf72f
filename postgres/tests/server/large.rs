//! What is large, or has in it what `PostgreSQL` does not like.

use serde_json::json;

use crate::calls::{call, check, numbers, opened};
use crate::cluster::Cluster;

#[test]
fn a_batch_of_the_most_events_is_stored_whole() {
    let log = opened(&Cluster::shared().options()).unwrap();
    let events: Vec<_> = (0..100_000)
        .map(|n| json!({ "streamId": format!("s{}", n % 700), "eventType": "made", "payload": { "n": n } }))
        .collect();
    let batch = json!([{ "instanceId": "i", "events": events, "autoCreateInstance": true }]);
    let answered = call(&log, "appendEvents", &batch);
    assert!(answered.is_success(), "{}", answered.values[1]);
    assert_eq!(numbers(&log), (0..100_000).collect::<Vec<u64>>());
    check(&log);
    log.close_and_wait().unwrap();
}

#[test]
fn an_event_of_the_largest_size_is_stored_whole() {
    let log = opened(&Cluster::shared().options()).unwrap();
    let text = "x".repeat((16 << 20) - 100);
    for n in 0..3 {
        let event = json!([{
            "instanceId": "i", "eventType": "made", "payload": { "n": n, "text": text }, "autoCreateInstance": true,
        }]);
        let answered = call(&log, "appendEvent", &event);
        assert!(answered.is_success(), "{}", answered.values[1]);
    }
    assert_eq!(numbers(&log), [0, 1, 2]);
    check(&log);
    log.close_and_wait().unwrap();
}

#[test]
fn texts_that_the_server_would_not_take_come_back_as_they_were() {
    let log = opened(&Cluster::shared().options()).unwrap();
    let name = "a\u{0}b'\"\\ ü 😀";
    let payload =
        serde_json::from_str::<serde_json::Value>(r#"{"n":1,"\u0000":"\u0000","e":1E+2,"z":-0.0}"#)
            .unwrap();
    let event = json!([{
        "instanceId": name, "streamId": name, "eventType": name, "payload": payload, "idempotencyKey": name,
        "autoCreateInstance": true,
    }]);
    let stored = call(&log, "appendEvent", &event);
    assert!(stored.is_success(), "{stored:?}");
    let read = call(
        &log,
        "queryEvents",
        &json!([{ "from": { "instance": name, "stream": name } }]),
    );
    let text = read.text();
    assert!(
        text.contains(&format!("{name:?}")) && text.contains("\\0"),
        "{text}"
    );
    check(&log);
    log.close_and_wait().unwrap();
}
