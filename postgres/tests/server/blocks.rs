//! Summaries of whole blocks: they are made once, and queries answer by them what they would answer by the events, however
//! they are damaged.

use std::sync::Arc;
use std::thread;

use codebolt_eventlog::request::Log;
use codebolt_eventlog_postgres::Options;
use serde_json::{Value, json};

use crate::calls::{call, check, opened, verified};
use crate::cluster::{Cluster, quoted_schema};

/// How many events a block has.
const BLOCK: u64 = 4_096;

/// Two blocks and a little more.
const EVENTS: u64 = 2 * BLOCK + 100;

/// How many kinds of events there are.
const KINDS: u64 = 7;

/// Appends events with the numbers from `first` up to `end`.
fn append_all(log: &Log, numbers: std::ops::Range<u64>) {
    let event = |n: u64| {
        json!({
            "streamId": format!("s{}", n % 50), "eventType": format!("kind {}", n % KINDS),
            "payload": { "n": n, "kind": n % KINDS, "text": format!("the text of {n}") },
        })
    };
    let all: Vec<u64> = numbers.collect();
    for some in all.chunks(1_000) {
        let events: Vec<Value> = some.iter().copied().map(event).collect();
        let arguments =
            json!([{ "instanceId": "i", "events": events, "autoCreateInstance": true }]);
        let answered = call(log, "appendEvents", &arguments);
        assert!(answered.is_success(), "{answered:?}");
    }
}

/// A log that has events, and whose whole blocks are summarised.
fn filled(cluster: &Cluster, options: &Options) -> Arc<Log> {
    let log = opened(options).unwrap();
    append_all(&log, 0..EVENTS);
    until_summarised(cluster, options, EVENTS / BLOCK);
    log
}

fn until_summarised(cluster: &Cluster, options: &Options, blocks: u64) {
    let schema = quoted_schema(options);
    cluster.sql_until_found(&format!(
        "SELECT 1 FROM {schema}.blocks HAVING count(*) = {blocks}"
    ));
}

/// What is asked, and what the answer has in it if the events are those of [`append_all`].
fn questions() -> Vec<(Value, String)> {
    let of_kind = |kind: u64| (0..EVENTS).filter(move |n| n % KINDS == kind);
    let sum: u64 = of_kind(3).sum();
    let late = of_kind(5).filter(|n| *n > BLOCK).count();
    let kind = |value: u64| json!([{ "field": "payload.kind", "operator": "eq", "value": value }]);
    vec![
        (
            json!({ "where": kind(3), "reduce": { "type": "sum", "field": "payload.n" } }),
            format!("\"aggregation\": Number({sum})"),
        ),
        (
            json!({ "where": [
                { "field": "payload.kind", "operator": "eq", "value": 5 },
                { "field": "payload.n", "operator": "gt", "value": BLOCK },
            ], "reduce": { "type": "count" } }),
            format!("\"aggregation\": Number({late})"),
        ),
        (
            json!({ "where": [{ "field": "payload.text", "operator": "contains", "value": "text of 4099" }], "select": ["payload.n"] }),
            "\"n\": Number(4099)".to_owned(),
        ),
        (
            json!({ "where": [{ "field": "event_type", "operator": "eq", "value": "kind 6" }], "reduce": { "type": "count" } }),
            format!("\"aggregation\": Number({})", of_kind(6).count()),
        ),
        (
            json!({ "where": kind(2), "orderBy": { "field": "timestamp", "direction": "desc" }, "limit": 1, "select": ["payload.n"] }),
            format!("\"n\": Number({})", of_kind(2).max().unwrap()),
        ),
    ]
}

/// Asks all questions, and checks the answers.
fn ask(log: &Log, of: &str) {
    for (question, expected) in questions() {
        let answered = call(log, "queryEvents", &from_instance(&question));
        let text = answered.text();
        assert!(
            answered.is_success() && text.contains(&expected),
            "{of}: {question}: {text}"
        );
    }
}

fn from_instance(question: &Value) -> Value {
    let mut question = question.clone();
    question["from"] = json!({ "instance": "i" });
    json!([question])
}

/// What the table has of a block.
fn summary(cluster: &Cluster, options: &Options, block: u64) -> String {
    let schema = quoted_schema(options);
    let sql = format!(
        "SELECT md5(b::text) FROM {schema}.blocks b WHERE block = {block} AND instance = 1"
    );
    cluster.sql_until_found(&sql).remove(0)
}

#[test]
fn a_whole_block_is_summarised_and_its_events_are_not_read_any_more() {
    let cluster = Cluster::shared();
    let options = cluster.options();
    let log = filled(cluster, &options);
    ask(&log, "just made");
    check(&log);
    log.close_and_wait().unwrap();
    // Nobody would notice, but he who reads the events.
    let schema = quoted_schema(&options);
    cluster.sql(&format!(
        "UPDATE {schema}.events SET payload = '{{}}' WHERE position <= {}",
        2 * BLOCK
    ));
    let log = opened(&options).unwrap();
    for (question, expected) in questions() {
        if question.get("reduce").is_some() {
            let answered = call(&log, "queryEvents", &from_instance(&question));
            assert!(
                answered.text().contains(&expected),
                "{question}: {answered:?}"
            );
        }
    }
    assert!(verified(&log).contains("the summary of block 1 is not what was written"));
    log.close_and_wait().unwrap();
}

#[test]
fn a_summary_that_is_not_what_was_written_is_made_anew_and_answers_nothing() {
    let cluster = Cluster::shared();
    let (options, others) = (cluster.options(), cluster.options());
    filled(cluster, &options).close_and_wait().unwrap();
    filled(cluster, &others).close_and_wait().unwrap();
    let [schema, other] = [&options, &others].map(quoted_schema);
    let expected = [0, 1].map(|block| summary(cluster, &options, block));
    let copied = |from: &str, block: u64| {
        format!(
            "directory = o.directory, body = o.body FROM {from}.blocks o WHERE o.block = {block} AND"
        )
    };
    for damage in [
        "directory = '' WHERE".to_owned(),
        "body = '' WHERE".to_owned(),
        "directory = '', body = '' WHERE".to_owned(),
        "directory = set_byte(directory, 0, 0) WHERE".to_owned(),
        "directory = set_byte(directory, 3, get_byte(directory, 3) # 1) WHERE".to_owned(),
        "directory = set_byte(directory, 9, get_byte(directory, 9) # 1) WHERE".to_owned(),
        "directory = substring(directory FROM 1 FOR 60) WHERE".to_owned(),
        "directory = directory || '\\x00' WHERE".to_owned(),
        "body = substring(body FROM 1 FOR length(body) / 2) WHERE".to_owned(),
        "body = substring(body FROM 2) WHERE".to_owned(),
        "body = convert_to(repeat('x', length(body)), 'UTF8') WHERE".to_owned(),
        "last_id = gen_random_uuid() WHERE".to_owned(),
        // Those of another block, and of another log.
        copied(&schema, 0),
        copied(&other, 1),
        format!("last_id = o.last_id, {}", copied(&other, 1)),
        format!("last_id = o.last_id, {}", copied(&schema, 0)),
    ] {
        cluster.sql(&format!(
            "UPDATE {schema}.blocks b SET {damage} b.block = 1"
        ));
        assert_ne!(summary(cluster, &options, 1), expected[1], "{damage}");
        let log = opened(&options).unwrap();
        ask(&log, &damage);
        let sql = format!(
            "SELECT 1 FROM {schema}.blocks b WHERE block = 1 AND md5(b::text) = '{}'",
            expected[1]
        );
        cluster.sql_until_found(&sql);
        log.close_and_wait().unwrap();
    }
    assert_eq!(summary(cluster, &options, 0), expected[0]);

    // What a later version has written stays, and says nothing to this one.
    cluster.sql(&format!(
        "UPDATE {schema}.blocks SET directory = '\\xff' || directory WHERE block = 0"
    ));
    let newer = summary(cluster, &options, 0);
    let log = opened(&options).unwrap();
    ask(&log, "newer");
    check(&log);
    log.close_and_wait().unwrap();
    assert_eq!(summary(cluster, &options, 0), newer);
}

#[test]
fn a_query_relies_on_the_columns_that_it_asks_about_and_no_others() {
    let cluster = Cluster::shared();
    let options = cluster.options();
    filled(cluster, &options).close_and_wait().unwrap();
    let schema = quoted_schema(&options);
    let is_apart = format!(
        "SELECT 1 FROM pg_attribute WHERE attrelid = '{schema}.blocks'::regclass AND attname = 'body' AND attstorage = 'e'"
    );
    assert_eq!(cluster.sql(&is_apart).len(), 1);
    let blocks = 0..EVENTS / BLOCK;
    let expected: Vec<String> = blocks
        .clone()
        .map(|block| summary(cluster, &options, block))
        .collect();
    // The last column is that of the texts, of which the first question knows nothing.
    cluster.sql(&format!(
        "UPDATE {schema}.blocks SET body = set_byte(body, length(body) - 1, get_byte(body, length(body) - 1) # 1)"
    ));
    let damaged: Vec<String> = blocks
        .map(|block| summary(cluster, &options, block))
        .collect();
    let asked = |log: &Log, at: usize| {
        let (question, expected) = questions().remove(at);
        let text = call(log, "queryEvents", &from_instance(&question)).text();
        assert!(text.contains(&expected), "{question}: {text}");
    };
    let log = opened(&options).unwrap();
    asked(&log, 0);
    log.close_and_wait().unwrap();
    for (block, damaged) in (0..).zip(&damaged) {
        assert_eq!(summary(cluster, &options, block), *damaged);
    }
    // Who asks about the texts of a block finds that out, and has the summary made anew.
    let log = opened(&options).unwrap();
    asked(&log, 2);
    let sql = format!(
        "SELECT 1 FROM {schema}.blocks b WHERE block = 1 AND md5(b::text) = '{}'",
        expected[1]
    );
    cluster.sql_until_found(&sql);
    log.close_and_wait().unwrap();
}

#[test]
fn what_is_known_of_events_that_a_failed_server_had_says_nothing_of_others() {
    let cluster = Cluster::shared();
    let options = cluster.options();
    let log = filled(cluster, &options);
    ask(&log, "before");
    // As a standby has it that had less, and has got other events since: from within the second block on.
    let schema = quoted_schema(&options);
    cluster.sql(&format!(
        "BEGIN; DELETE FROM {schema}.blocks WHERE block > 0; \
         UPDATE {schema}.events SET id = gen_random_uuid(), type = 'other', payload = '{{\"kind\":3,\"n\":1}}' \
         WHERE position > {}; COMMIT",
        BLOCK + 10
    ));
    let (question, _) = questions().remove(0);
    let sum: u64 = (0..BLOCK + 10).filter(|n| n % KINDS == 3).sum::<u64>() + EVENTS - BLOCK - 10;
    for _ in 0..2 {
        let text = call(&log, "queryEvents", &from_instance(&question)).text();
        assert!(
            text.contains(&format!("\"aggregation\": Number({sum})")),
            "{sum}: {text}"
        );
    }
    log.close_and_wait().unwrap();
}

#[test]
fn who_may_not_keep_summaries_makes_them_for_himself() {
    let cluster = Cluster::shared();
    let options = cluster.options();
    filled(cluster, &options).close_and_wait().unwrap();
    let schema = quoted_schema(&options);
    cluster.sql(&format!("TRUNCATE {schema}.blocks"));
    let reader = opened(&Options {
        read_only: true,
        ..options.clone()
    })
    .unwrap();
    ask(&reader, "read-only");
    check(&reader);
    reader.close_and_wait().unwrap();
    assert!(
        cluster
            .sql(&format!("SELECT 1 FROM {schema}.blocks"))
            .is_empty()
    );

    // A log that was made before there was the table, for one who may not make it, and one who may.
    cluster.sql(&format!(
        "DROP TABLE {schema}.blocks; CREATE ROLE \"app of {}\" LOGIN; \
         GRANT USAGE ON SCHEMA {schema} TO \"app of {}\"; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO \"app of {}\"",
        std::process::id(),
        std::process::id(),
        std::process::id()
    ));
    let app = Options {
        address: options
            .address
            .replace("postgres@", &format!("app%20of%20{}@", std::process::id())),
        ..options.clone()
    };
    let log = opened(&app).unwrap();
    ask(&log, "without the table");
    assert!(call(&log, "createInstance", &json!(["another"])).is_success());
    assert!(call(&log, "deleteInstance", &json!(["another"])).is_success());
    check(&log);
    log.close_and_wait().unwrap();

    let log = opened(&options).unwrap();
    ask(&log, "with a new table");
    until_summarised(cluster, &options, EVENTS / BLOCK);
    assert!(call(&log, "deleteInstance", &json!(["i"])).is_success());
    assert!(
        cluster
            .sql(&format!("SELECT 1 FROM {schema}.blocks"))
            .is_empty()
    );
    log.close_and_wait().unwrap();
}

#[test]
fn those_who_write_at_once_have_each_block_summarised() {
    let cluster = Cluster::shared();
    let options = Options {
        // No more than a few summaries.
        cache_bytes: 1 << 18,
        ..cluster.options()
    };
    let logs: Vec<Arc<Log>> = (0..2).map(|_| opened(&options).unwrap()).collect();
    thread::scope(|scope| {
        for log in &logs {
            scope.spawn(|| append_all(log, 0..3 * BLOCK));
        }
    });
    until_summarised(cluster, &options, 6);
    let count = json!({ "where": [{ "field": "payload.kind", "operator": "eq", "value": 3 }], "reduce": { "type": "count" } });
    let expected = 2 * (0..3 * BLOCK).filter(|n| n % KINDS == 3).count();
    for log in &logs {
        let text = call(log, "queryEvents", &from_instance(&count)).text();
        assert!(
            text.contains(&format!("\"aggregation\": Number({expected})")),
            "{expected}: {text}"
        );
    }
    check(&logs[0]);
    for log in logs {
        log.close_and_wait().unwrap();
    }
}
