//! Hints of what other processes have committed, to those who wait.

use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Instant;

use codebolt_eventlog::request::{Log, Reading, ReadingSource};
use codebolt_eventlog_postgres::Options;
use serde_json::json;

use crate::calls::{Answered, PATIENCE, append, begin_work, call, numbers, opened};
use crate::cluster::Cluster;

/// Reads up to the end, and begins to wait for what comes then. The first time, the database is asked whether there is
/// something: once this returns, nobody looks without a hint.
fn wait(reader: &Log, reading: &Arc<Reading>, is_first: bool) -> Receiver<Answered> {
    for _ in 0..2 {
        let page = begin_work(reader, reading.page());
        page.recv_timeout(PATIENCE).unwrap();
    }
    let cluster = Cluster::shared();
    let now = cluster.sql("SELECT clock_timestamp()").remove(0);
    let woken = begin_work(reader, reading.next_commit());
    if is_first {
        cluster.sql_until_found(&format!(
            "SELECT 1 FROM pg_stat_activity WHERE application_name = 'hinted' AND state = 'idle' \
             AND query LIKE 'SELECT NULL::int, commits%' AND query_start > '{now}'"
        ));
    }
    woken
}

#[test]
fn who_waits_gets_a_hint_of_what_another_appends() {
    let options = Options {
        without_hints: false,
        ..Cluster::shared().options()
    };
    let seldom = Options {
        address: format!("{}?application_name=hinted", options.address),
        // So that nobody finds it by looking.
        interval: Some(2 * PATIENCE),
        ..options.clone()
    };
    let (reader, writer) = (opened(&seldom).unwrap(), opened(&options).unwrap());
    assert!(append(&writer, 0).is_success());
    let options = json!({ "instance": "i" }).to_string();
    let reading = Arc::new(Reading::new(ReadingSource::Subscription, options));

    // Hints begin some time after the log was opened, and after somebody has begun to wait where nobody did.
    for turn in 0..4 {
        let woken = wait(&reader, &reading, turn == 0);
        assert!(woken.try_recv().is_err());
        let began = Instant::now();
        for n in 1.. {
            assert!(append(&writer, n).is_success());
            if woken.try_recv().is_ok() {
                break;
            }
            assert!(began.elapsed() < PATIENCE);
        }
    }
    reading.interrupt();
    reader.close_and_wait().unwrap();
    writer.close_and_wait().unwrap();
}

#[test]
fn who_follows_gets_each_event_once_and_in_order_however_many_have_come() {
    let options = Cluster::shared().options();
    let [reader, writer] = [(); 2].map(|()| opened(&options).unwrap());
    assert!(append(&writer, 0).is_success());
    let options = json!({ "instance": "i" }).to_string();
    let reading = Arc::new(Reading::new(ReadingSource::Subscription, options));
    let mut found = Vec::new();
    let read = |found: &mut Vec<u64>| {
        let page = begin_work(&reader, reading.page());
        let page = page.recv_timeout(PATIENCE).unwrap();
        assert!(page.is_success(), "{page:?}");
        found.extend(page.numbers());
    };
    let mut count = 1;
    // One alone; as many as come with the beginning of a snapshot, about; and more.
    for some in [1, 7, 8, 9, 1, 100, 2, 1] {
        while found.len() < count {
            read(&mut found);
        }
        let woken = begin_work(&reader, reading.next_commit());
        let event = |n| json!({ "eventType": "made", "payload": { "n": n } });
        let events: Vec<_> = (count..count + some).map(event).collect();
        count += some;
        let batch = json!([{ "instanceId": "i", "events": events }]);
        assert!(call(&writer, "appendEvents", &batch).is_success());
        woken.recv_timeout(PATIENCE).unwrap();
        if some == 9 {
            // Somebody else reads what the next page has.
            assert_eq!(numbers(&reader).len(), count);
        }
    }
    read(&mut found);
    assert_eq!(found, (0..count as u64).collect::<Vec<u64>>());
    reading.interrupt();
    reader.close_and_wait().unwrap();
    writer.close_and_wait().unwrap();
}
