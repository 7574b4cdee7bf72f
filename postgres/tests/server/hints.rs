//! Hints of what other processes have committed, to those who wait.

use std::sync::Arc;
use std::time::Instant;

use codebolt_eventlog::request::{Log, Reading, ReadingSource};
use codebolt_eventlog_postgres::Options;
use serde_json::json;

use crate::calls::{PATIENCE, append, begin_work, call, numbers, opened};
use crate::cluster::Cluster;

/// Has a page read, and adds the numbers of its events.
fn read(reader: &Log, reading: &Arc<Reading>, found: &mut Vec<u64>) {
    let page = begin_work(reader, reading.page());
    let page = page.recv_timeout(PATIENCE).unwrap();
    assert!(page.is_success(), "{page:?}");
    found.extend(page.numbers());
}

/// Waits until the database was asked whether there is something. Once this returns, nobody looks without a hint.
fn await_first_look(since: &str) {
    Cluster::shared().sql_until_found(&format!(
        "SELECT 1 FROM pg_stat_activity WHERE application_name = 'hinted' AND state = 'idle' \
         AND query LIKE 'SELECT NULL::int, commits%' AND query_start > '{since}'"
    ));
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
    let (mut found, mut count) = (Vec::new(), 1);

    // Hints begin some time after the log was opened, and after somebody has begun to wait where nobody did.
    for turn in 0..4 {
        // Whoever has not read all, up to a page that has nothing, does not wait for a hint.
        loop {
            let before = found.len();
            read(&reader, &reading, &mut found);
            if before == count {
                break;
            }
        }
        let now = Cluster::shared().sql("SELECT clock_timestamp()").remove(0);
        let woken = begin_work(&reader, reading.next_commit());
        if turn == 0 {
            await_first_look(&now);
        }
        // A hint of what was read already may come late, and wakes as well.
        let began = Instant::now();
        while woken.try_recv().is_err() {
            assert!(append(&writer, count as u64).is_success());
            count += 1;
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
    let mut count = 1;
    // One alone; as many as come with the beginning of a snapshot, about; and more.
    for some in [1, 7, 8, 9, 1, 100, 2, 1] {
        while found.len() < count {
            read(&reader, &reading, &mut found);
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
    read(&reader, &reading, &mut found);
    assert_eq!(found, (0..count as u64).collect::<Vec<u64>>());
    reading.interrupt();
    reader.close_and_wait().unwrap();
    writer.close_and_wait().unwrap();
}
