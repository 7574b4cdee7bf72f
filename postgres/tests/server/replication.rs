//! A server that waits for a standby.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use codebolt_eventlog::request::Log;
use codebolt_eventlog_postgres::{Durability, Options, SeededBug};

use crate::calls::{Answered, PATIENCE, append, begin, numbered, numbers, open, opened};
use crate::cluster::{Cluster, quoted_schema};

/// Those who wait for a standby.
const WAITING: &str = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'";

/// Has each commit wait for a standby that there is not.
fn wait_for_nobody(cluster: &Cluster) {
    cluster.sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    cluster.sql("SELECT pg_reload_conf()");
    cluster
        .sql_until_found("SELECT 1 WHERE current_setting('synchronous_standby_names') = 'nobody'");
    // That is what sessions read. Commits wait from when another process of the server has read it too.
    while !waits(cluster) {}
}

/// Whether a commit waits for a standby. It does so no more when this returns.
fn waits(cluster: &Cluster) -> bool {
    let name = "application_name = 'trying'";
    let waiting = format!("{WAITING} AND {name}");
    std::thread::scope(|scope| {
        let trying = scope.spawn(|| {
            // Something is to be on disk.
            cluster.sql(&format!(
                "SET {name}; SELECT pg_logical_emit_message(true, '', '')"
            ));
        });
        while !trying.is_finished() {
            if let [waiting] = &*cluster.sql(&waiting) {
                cluster.sql(&format!("SELECT pg_cancel_backend({waiting})"));
                trying.join().unwrap();
                return true;
            }
        }
        false
    })
}

fn wait_no_more(cluster: &Cluster) {
    cluster.sql("ALTER SYSTEM RESET synchronous_standby_names");
    cluster.sql("SELECT pg_reload_conf()");
}

/// A log whose third append was told not to wait for a standby any more: the server answers with success and a warning.
struct Cancelled {
    cluster: Cluster,
    log: Arc<Log>,
    answer: Receiver<Answered>,
}

fn cancelled(bug: Option<SeededBug>) -> Cancelled {
    let cluster = Cluster::start(&[]);
    let options = Options {
        seeded_bug: bug,
        ..cluster.options()
    };
    let log = opened(&options).unwrap();
    for n in 1..=2 {
        assert!(append(&log, n).is_success());
    }
    wait_for_nobody(&cluster);
    let answer = begin(&log, "appendEvent", &numbered(3));
    let waiting = cluster.sql_until_found(WAITING);
    cluster.sql(&format!("SELECT pg_cancel_backend({})", waiting[0]));
    Cancelled {
        cluster,
        log,
        answer,
    }
}

#[test]
fn a_commit_that_was_told_not_to_wait_for_a_standby_any_more_is_no_success_before_another_one_is() {
    let Cancelled {
        cluster,
        log,
        answer,
    } = cancelled(None);
    // Whoever takes the warning for success does not wait once more.
    cluster.sql_until_found(&format!(
        "{WAITING} AND query LIKE 'UPDATE heads SET token%'"
    ));
    assert!(
        answer.try_recv().is_err(),
        "it was answered before it was on a standby"
    );
    wait_no_more(&cluster);
    let answered = answer.recv_timeout(PATIENCE).unwrap();
    assert!(answered.is_success(), "{answered:?}");
    assert!(append(&log, 4).is_success());
    assert_eq!(numbers(&log), [1, 2, 3, 4]);
    log.close_and_wait().unwrap();
}

#[test]
fn a_warning_that_is_taken_for_success_is_noticed() {
    let Cancelled {
        cluster,
        log,
        answer,
    } = cancelled(Some(SeededBug::WarningIsSuccess));
    // There is no standby still.
    assert!(answer.recv_timeout(PATIENCE).unwrap().is_success());
    wait_no_more(&cluster);
    log.close_and_wait().unwrap();
}

#[test]
fn a_server_that_waits_for_no_standby_yet_is_waited_for_once_the_log_is_open() {
    let cluster = Cluster::start(&[]);
    let options = cluster.options();
    let log = opened(&options).unwrap();
    assert!(append(&log, 1).is_success());
    log.close_and_wait().unwrap();

    wait_for_nobody(&cluster);
    let replicated = Options {
        durability: Some(Durability::Replicated),
        server_wait: PATIENCE,
        ..options
    };
    // Nothing is stored for that, so nothing waits.
    let log = opened(&replicated).unwrap();
    wait_no_more(&cluster);
    cluster.sql_until_found("SELECT 1 WHERE current_setting('synchronous_standby_names') = ''");
    let mut last = cluster.sql("SELECT clock_timestamp()");
    let answer = begin(&log, "appendEvent", &numbered(2));
    // It does not take the server, and tries again.
    for _ in 0..2 {
        last = cluster.sql_until_found(&format!(
            "SELECT backend_start FROM pg_stat_activity WHERE application_name = 'codebolt-eventlog' \
             AND backend_start > '{}'",
            last[0]
        ));
    }
    // The log may learn of standbys before commits wait for them. So its own comes later.
    let schema = quoted_schema(&replicated);
    let held = cluster.hold(&format!("SELECT FROM {schema}.heads FOR UPDATE"));
    wait_for_nobody(&cluster);
    drop(held);
    // It has taken the server only now.
    cluster.sql_until_found(WAITING);
    assert!(answer.try_recv().is_err());
    wait_no_more(&cluster);
    let answered = answer.recv_timeout(PATIENCE).unwrap();
    assert!(answered.is_success(), "{answered:?}");
    assert_eq!(numbers(&log), [1, 2]);
    log.close_and_wait().unwrap();
}

#[test]
fn a_server_that_waits_for_standbys_replicates() {
    let cluster = Cluster::start(&[]);
    wait_for_nobody(&cluster);
    let options = Options {
        durability: Some(Durability::Replicated),
        ..cluster.options()
    };
    let (sender, outcomes) = channel();
    let log = open(
        &options,
        Box::new(move |outcome| sender.send(outcome).unwrap()),
    );
    // It is taken, and the tables are made as all is stored: so that waits.
    cluster.sql_until_found(WAITING);
    assert!(outcomes.try_recv().is_err());
    wait_no_more(&cluster);
    outcomes.recv_timeout(PATIENCE).unwrap().unwrap();
    log.close_and_wait().unwrap();
}
