//! Connections are lost at each step of a commit: what was answered with success is stored, once, and what was not
//! answered so is not.

use std::time::Duration;

use codebolt_eventlog::cancellation::Cancellation;
use codebolt_eventlog::request::Method;
use codebolt_eventlog_postgres::{Options, SeededBug};
use serde_json::json;

use crate::calls::{PATIENCE, append, begin, begin_unless, call, check, numbered, numbers, opened};
use crate::cluster::{Cluster, options_at, quoted_schema};
use crate::proxy::{Loss, Proxy};

/// Of what is lost at once.
const LOSSES: [Loss; 3] = [Loss::BeforeRequest, Loss::AfterRequest, Loss::BeforeAnswer];

#[test]
fn a_frame_is_stored_once_at_whichever_step_its_connection_is_lost() {
    let cluster = Cluster::shared();
    for loss in LOSSES {
        let proxy = Proxy::start(cluster);
        let log = opened(&options_at(&proxy.url())).unwrap();
        for n in 1..=3 {
            assert!(append(&log, n).is_success());
        }
        // Where the stream ends is known: the next request is the frame.
        proxy.lose(loss, 0);
        let answered = append(&log, 4);
        assert!(answered.is_success(), "{loss:?}: {answered:?}");
        assert_eq!(proxy.lose_no_more(), 1, "{loss:?}");
        assert!(append(&log, 5).is_success());
        assert_eq!(numbers(&log), [1, 2, 3, 4, 5], "{loss:?}");
        check(&log);
        log.close_and_wait().unwrap();
    }
}

/// Appends five events, of which the fourth is in a frame that comes to the server late: after so many of the requests by
/// which the log finds out what became of it, or after all of them. Returns whether there were so many, and the numbers of
/// the events that are stored then.
fn appended_late(passing: usize, bug: Option<SeededBug>) -> (bool, Vec<u64>) {
    let proxy = Proxy::start(Cluster::shared());
    let options = Options {
        seeded_bug: bug,
        ..options_at(&proxy.url())
    };
    let log = opened(&options).unwrap();
    for n in 1..=3 {
        assert!(append(&log, n).is_success());
    }
    proxy.let_go_after(passing);
    proxy.lose(Loss::LateRequest, 0);
    assert!(append(&log, 4).is_success(), "after {passing}");
    assert_eq!(proxy.lose_no_more(), 1);
    let came_before_the_end = proxy.has_let_go();
    proxy.let_go();
    assert!(append(&log, 5).is_success(), "after {passing}");
    let found = numbers(&log);
    check(&log);
    log.close_and_wait().unwrap();
    (came_before_the_end, found)
}

#[test]
fn a_frame_that_reaches_the_server_after_it_was_given_up_stores_nothing_whenever_that_is() {
    // Between any two of what the log asks to find out what became of the frame, and in the end after all of them.
    let mut passing = 0;
    let mut came_before_the_end = true;
    while came_before_the_end {
        let found;
        (came_before_the_end, found) = appended_late(passing, None);
        assert_eq!(found, [1, 2, 3, 4, 5], "after {passing}");
        passing += 1;
    }
    assert!(passing > 10, "{passing}");
}

#[test]
fn a_frame_that_is_not_fenced_is_noticed() {
    let found = (0..).map(|passing| appended_late(passing, Some(SeededBug::NoFence)));
    let mut found = found.take_while(|(came_before_the_end, _)| *came_before_the_end);
    assert!(found.any(|(_, found)| found == [1, 2, 3, 4, 4, 5]));
}

#[test]
fn a_transaction_is_made_once_at_whichever_step_its_connection_is_lost() {
    let cluster = Cluster::shared();
    for loss in LOSSES {
        let proxy = Proxy::start(cluster);
        let log = opened(&options_at(&proxy.url())).unwrap();
        assert!(append(&log, 0).is_success());
        let mut lost = 0;
        for passing in 0.. {
            let name = format!("made {passing}");
            proxy.lose(loss, passing);
            let answered = call(&log, "createInstance", &json!([name]));
            assert!(
                answered.is_success(),
                "{loss:?} after {passing}: {answered:?}"
            );
            if proxy.lose_no_more() == 0 {
                break;
            }
            lost += 1;
            let again = call(&log, "createInstance", &json!([name]));
            assert_eq!(again.code(), "INSTANCE_EXISTS", "{loss:?} after {passing}");
        }
        assert!(lost > 5, "{lost}");
        let listed = call(&log, "listInstances", &json!([])).text();
        for passing in 0..=lost {
            let name = format!("String(\"made {passing}\")");
            assert_eq!(listed.matches(&name).count(), 1, "{listed}");
        }
        check(&log);
        log.close_and_wait().unwrap();
    }
}

#[test]
fn what_is_read_is_read_anew_at_whichever_step_its_connection_is_lost() {
    let guarded = |n: u64| {
        let mut call = numbered(n);
        let taken = json!([{ "field": "payload.n", "operator": "eq", "value": n }]);
        call[0]["failIf"] = json!({ "where": taken });
        call
    };
    for loss in LOSSES {
        let proxy = Proxy::start(Cluster::shared());
        let log = opened(&options_at(&proxy.url())).unwrap();
        assert!(append(&log, 0).is_success());
        for (name, appends) in [("reading", false), ("a guard", true)] {
            let mut lost = 0;
            for passing in 0.. {
                let of = format!("{loss:?} of {name} after {passing}");
                let mut before = numbers(&log);
                proxy.lose(loss, passing);
                if appends {
                    let n = before.len() as u64;
                    let answered = call(&log, "appendEvent", &guarded(n));
                    assert!(answered.is_success(), "{of}: {answered:?}");
                    before.push(n);
                }
                assert_eq!(numbers(&log), before, "{of}");
                if proxy.lose_no_more() == 0 {
                    break;
                }
                lost += 1;
            }
            assert!(lost > 3, "{name}: {lost}");
        }
        let again = call(&log, "appendEvent", &guarded(0));
        assert_eq!(again.code(), "CONDITION_FAILED");
        check(&log);
        log.close_and_wait().unwrap();
    }
}

#[test]
fn the_outcome_is_unknown_only_while_no_server_can_be_reached() {
    for (loss, is_stored) in [(Loss::BeforeRequest, false), (Loss::BeforeAnswer, true)] {
        let proxy = Proxy::start(Cluster::shared());
        let options = Options {
            server_wait: Duration::from_millis(300),
            ..options_at(&proxy.url())
        };
        let log = opened(&options).unwrap();
        for n in 1..=3 {
            assert!(append(&log, n).is_success());
        }
        proxy.refuse(true);
        proxy.lose(loss, 0);
        assert_eq!(append(&log, 4).code(), "OUTCOME_UNKNOWN", "{loss:?}");
        // Nothing was sent of this one.
        assert!(
            ["OUTCOME_UNKNOWN", "STORAGE_FAILED"].contains(&append(&log, 5).code()),
            "{loss:?}"
        );
        proxy.refuse(false);
        assert!(append(&log, 6).is_success(), "{loss:?}");
        let expected: &[u64] = if is_stored {
            &[1, 2, 3, 4, 6]
        } else {
            &[1, 2, 3, 6]
        };
        assert_eq!(numbers(&log), expected, "{loss:?}");
        check(&log);
        log.close_and_wait().unwrap();
    }
}

#[test]
fn connections_that_the_server_ends_are_made_anew() {
    let cluster = Cluster::start(&[]);
    let log = opened(&cluster.options()).unwrap();
    for n in 0..10 {
        assert!(append(&log, n).is_success(), "{n}");
        let expected: Vec<u64> = (0..=n).collect();
        assert_eq!(numbers(&log), expected);
        cluster.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'codebolt-eventlog'");
    }
    check(&log);
    log.close_and_wait().unwrap();
}

#[test]
fn a_server_that_has_less_than_was_answered_is_told_of_with_both_numbers() {
    let cluster = Cluster::shared();
    let options = cluster.options();
    let log = opened(&options).unwrap();
    for n in 1..=5 {
        assert!(append(&log, n).is_success());
    }
    // As a standby has it that was promoted without having heard of the last two.
    let schema = quoted_schema(&options);
    cluster.sql(&format!(
        "BEGIN; DELETE FROM {schema}.events WHERE position > 3; \
         UPDATE {schema}.heads SET position = 3, commits = commits - 2, token = 1; \
         UPDATE {schema}.writers SET frame = frame - 2; COMMIT"
    ));
    let proven = append(&log, 6);
    assert_eq!(proven.code(), "CORRUPTED");
    assert!(
        proven.text().contains("at position 5") && proven.text().contains("at position 3"),
        "{proven:?}"
    );
    assert_eq!(append(&log, 7).code(), "CORRUPTED");
    log.close_and_wait().unwrap();
    let again = opened(&options).unwrap();
    assert!(append(&again, 8).is_success());
    assert_eq!(numbers(&again), [1, 2, 3, 8]);
    again.close_and_wait().unwrap();
}

#[test]
fn calls_that_wait_for_a_lost_connection_keep_their_order() {
    let proxy = Proxy::start(Cluster::shared());
    let log = opened(&options_at(&proxy.url())).unwrap();
    assert!(append(&log, 0).is_success());
    proxy.lose(Loss::AfterRequest, 0);
    let answers: Vec<_> = (1..200)
        .map(|n| begin(&log, "appendEvent", &numbered(n)))
        .collect();
    for answer in answers {
        assert!(answer.recv_timeout(PATIENCE).unwrap().is_success());
    }
    assert_eq!(proxy.lose_no_more(), 1);
    let expected: Vec<u64> = (0..200).collect();
    assert_eq!(numbers(&log), expected);
    log.close_and_wait().unwrap();
}

#[test]
fn a_query_that_was_called_off_before_its_turn_asks_the_server_nothing() {
    let proxy = Proxy::start(Cluster::shared());
    let log = opened(&options_at(&proxy.url())).unwrap();
    assert!(append(&log, 1).is_success());
    let query = json!([{ "from": { "instance": "i" } }]).to_string();
    let work = Method::named("queryEvents").unwrap().call(query).unwrap();
    let called_off = Cancellation::default();
    called_off.cancel();
    // Whatever is sent is lost.
    proxy.lose(Loss::BeforeRequest, 0);
    let answer = begin_unless(&log, work, called_off);
    let answered = answer.recv_timeout(PATIENCE).unwrap();
    assert_eq!(answered.code(), "ABORTED");
    assert_eq!(proxy.lose_no_more(), 0);
    assert_eq!(numbers(&log), [1]);
    log.close_and_wait().unwrap();
}
