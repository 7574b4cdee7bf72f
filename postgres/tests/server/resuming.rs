//! Connections are lost while something is read step by step: it has each event once, in order and without a failure.

use std::sync::Arc;

use codebolt_eventlog::request::{
    Course, Failed, Log, Method, Move, Reading, ReadingForm, ReadingSource, Work,
};
use codebolt_eventlog_postgres::Options;
use serde_json::{Value, json};

use crate::calls::{Answered, PATIENCE, begin_work, call, check, opened};
use crate::cluster::{Cluster, options_at};
use crate::proxy::{Loss, Proxy};

/// More than a whole block, of which there is a summary.
const EVENTS: u64 = 4_200;

/// From this number on, events are so long that a part of a page goes ahead.
const LONG_FROM: u64 = 4_050;

const TEXT_BYTES: usize = 2_500;

/// Before the server hears of a request, and before the log hears of an answer or of a part of it.
const LOSSES: [Loss; 2] = [Loss::BeforeRequest, Loss::BeforeAnswer];

fn answer(log: &Log, work: Work) -> Answered {
    let answered = begin_work(log, work).recv_timeout(PATIENCE).unwrap();
    assert!(answered.is_success(), "{answered:?}");
    answered
}

/// A log that keeps no summaries in memory, with numbered events of three streams.
fn log(proxy: &Proxy) -> Arc<Log> {
    let log = opened(&Options {
        cache_bytes: 0,
        ..options_at(&proxy.url())
    });
    let log = log.unwrap();
    let event = |n: u64| {
        let text = "x".repeat(if n < LONG_FROM { 0 } else { TEXT_BYTES });
        let stream = format!("s{}", n % 3);
        json!({ "streamId": stream, "eventType": "made", "payload": { "n": n, "text": text } })
    };
    let events: Vec<Value> = (1..=EVENTS).map(event).collect();
    let batch = json!([{ "instanceId": "i", "autoCreateInstance": true, "events": events }]);
    assert!(call(&log, "appendEvents", &batch).is_success());
    log
}

/// The numbers of the events of JSON Lines.
fn numbers_of_lines(lines: &str) -> Vec<u64> {
    let numbers = lines.split("{\"n\":").skip(1);
    let number = |rest: &str| rest.split_once(',').unwrap().0.parse().unwrap();
    numbers.map(number).collect()
}

/// All that a reading gives out until it has come to the end.
fn read(log: &Log, reading: &Arc<Reading>) -> Vec<u64> {
    let mut all = Vec::new();
    loop {
        let page = answer(log, reading.page());
        all.extend(page.numbers());
        all.extend(numbers_of_lines(&reading.take_lines().unwrap_or_default()));
        if page.text().contains("\"caughtUp\": Bool(true)") {
            return all;
        }
    }
}

fn read_by(log: &Log, method: &str, form: ReadingForm, options: &Value) -> Vec<u64> {
    let method = Method::named(method).unwrap();
    let Some(Course::Reading(reading)) = method.begin(options.to_string(), form) else {
        panic!("it is no reading");
    };
    read(log, &reading)
}

/// Reads at each step of which a connection is lost, and expects the same events each time.
fn lost_at_each_step(name: &str, read: impl Fn(&Log) -> Vec<u64>, expected: &[u64]) {
    for loss in LOSSES {
        let proxy = Proxy::start(Cluster::shared());
        let log = log(&proxy);
        // Summaries are made, and what the connections are to say is prepared.
        assert_eq!(read(&log), expected, "{name}");
        let mut lost = 0;
        for passing in 0.. {
            proxy.lose(loss, passing);
            let found = read(&log);
            assert_eq!(found, expected, "{name}, {loss:?} after {passing}");
            if proxy.lose_no_more() == 0 {
                break;
            }
            lost += 1;
        }
        assert!(lost > 4, "{name}, {loss:?}: {lost}");
        log.close_and_wait().unwrap();
    }
}

#[test]
fn readers_go_on_at_whichever_step_their_connection_is_lost() {
    let long = || LONG_FROM..=EVENTS;
    let conditions = json!([{ "field": "payload.n", "operator": "gte", "value": LONG_FROM }]);
    let options = json!({ "instance": "i", "where": conditions });
    lost_at_each_step(
        "what matches",
        |log| read_by(log, "readAll", ReadingForm::Values, &options),
        &long().collect::<Vec<_>>(),
    );
    let options = json!({ "instance": "i", "afterPosition": LONG_FROM - 1 });
    lost_at_each_step(
        "lines",
        |log| read_by(log, "readAll", ReadingForm::Lines, &options),
        &long().collect::<Vec<_>>(),
    );
    let options = json!({ "instance": "i", "stream": "s1", "direction": "backward", "limit": 200 });
    lost_at_each_step(
        "a stream, backward",
        |log| read_by(log, "readStream", ReadingForm::Values, &options),
        &(1..=EVENTS)
            .rev()
            .filter(|n| n % 3 == 1)
            .take(200)
            .collect::<Vec<_>>(),
    );
}

/// What a consumer is given that begins anew, two of whose events were parked and are put back.
fn consumed(log: &Log) -> Vec<u64> {
    let named = json!([{ "instance": "i", "consumer": "c" }]);
    let begin = || {
        let options = json!({ "instance": "i", "consumer": "c" }).to_string();
        let reading = Arc::new(Reading::new(ReadingSource::Subscription, options));
        answer(log, reading.moving(Move::Register));
        reading
    };
    let first = begin();
    for position in [LONG_FROM, LONG_FROM + 7] {
        let failed = Failed {
            position,
            turn: None,
            attempts: 1,
            error: None,
        };
        answer(log, first.moving(Move::Park(failed)));
    }
    answer(log, first.moving(Move::Acknowledge(LONG_FROM + 50)));
    assert!(call(log, "retryParked", &named).is_success());
    let given = read(log, &begin());
    assert!(call(log, "deleteConsumer", &named).is_success());
    given
}

#[test]
fn consumers_go_on_at_whichever_step_their_connection_is_lost() {
    let expected: Vec<u64> = [LONG_FROM, LONG_FROM + 7]
        .into_iter()
        .chain(LONG_FROM + 51..=EVENTS)
        .collect();
    lost_at_each_step("a consumer", consumed, &expected);
}

/// All that an export has.
fn exported(log: &Log) -> Vec<u64> {
    let method = Method::named("exportEvents").unwrap();
    let options = json!({ "instance": "i", "first": LONG_FROM }).to_string();
    let Some(Course::Export(export)) = method.begin(options, ReadingForm::Values) else {
        panic!("it is no export");
    };
    let mut lines = String::new();
    loop {
        let step = answer(log, export.next());
        lines.push_str(&export.take_page().unwrap_or_default());
        if step.text().contains("\"ended\": Bool(true)") {
            // The header, the instance, and the end.
            assert_eq!(lines.lines().count() as u64, EVENTS + 1 - LONG_FROM + 3);
            return numbers_of_lines(&lines);
        }
    }
}

#[test]
fn exports_go_on_at_whichever_step_their_connection_is_lost() {
    let expected: Vec<u64> = (LONG_FROM..=EVENTS).collect();
    lost_at_each_step("an export", exported, &expected);
}

#[test]
fn a_check_begins_anew_at_whichever_step_its_connection_is_lost() {
    let checked = |log: &Log| {
        check(log);
        Vec::new()
    };
    lost_at_each_step("a check", checked, &[]);
}

#[test]
fn a_connection_that_was_lost_while_nobody_used_it_is_no_failure_though_no_server_is_waited_for() {
    let cluster = Cluster::start(&[]);
    let log = opened(&Options {
        server_wait: std::time::Duration::ZERO,
        ..cluster.options()
    });
    let log = log.unwrap();
    let batch = json!([{
        "instanceId": "i", "autoCreateInstance": true,
        "events": [{ "eventType": "made", "payload": { "n": 1 } }],
    }]);
    assert!(call(&log, "appendEvents", &batch).is_success());
    let options = json!({ "instance": "i" });
    for _ in 0..3 {
        let found = read_by(&log, "readAll", ReadingForm::Values, &options);
        assert_eq!(found, [1]);
        cluster.sql(
            "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity \
             WHERE application_name = 'codebolt-eventlog'",
        );
    }
    log.close_and_wait().unwrap();
}
