//! Hints of what other processes have committed, to those who wait.

use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Instant;

use codebolt_eventlog::request::{Log, Reading, ReadingSource};
use codebolt_eventlog_postgres::Options;
use serde_json::json;

use crate::calls::{Answered, PATIENCE, append, begin_work, opened};
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
