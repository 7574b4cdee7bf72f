//! Which servers, schemas and addresses are taken.

use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use codebolt_eventlog_postgres::{Durability, Options};

use crate::calls::{append, numbers, opened, refused};
use crate::cluster::{Cluster, options_at, quoted_schema};
use crate::proxy::Proxy;

#[test]
fn a_server_that_does_not_keep_what_it_has_stored_is_refused() {
    for setting in ["fsync", "full_page_writes"] {
        let cluster = Cluster::start(&[&format!("{setting}=off")]);
        let error = refused(&cluster.options());
        assert_eq!(error.code().as_str(), "INVALID_ARGUMENT");
        assert!(
            error.text().contains(setting) && error.text().contains("found off"),
            "{error}"
        );
    }
}

#[test]
fn a_database_of_another_encoding_is_refused() {
    let cluster = Cluster::shared();
    cluster.sql("CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII'");
    let url = format!("{}/ascii", cluster.url().trim_end_matches("/postgres"));
    let error = refused(&Options::at(&url));
    assert_eq!(error.code().as_str(), "INVALID_ARGUMENT", "{url}");
    assert!(error.text().contains("SQL_ASCII"), "{error}");
}

#[test]
fn a_server_without_standbys_does_not_replicate() {
    let options = Options {
        durability: Some(Durability::Replicated),
        ..Cluster::shared().options()
    };
    let error = refused(&options);
    assert_eq!(error.code().as_str(), "INVALID_ARGUMENT");
    assert!(
        error.text().contains("synchronous_standby_names"),
        "{error}"
    );
}

#[test]
fn those_who_open_a_log_at_once_open_the_same() {
    let options = Cluster::shared().options();
    let logs: Vec<_> = thread::scope(|scope| {
        #[expect(
            clippy::needless_collect,
            reason = "all are started before one is waited for"
        )]
        let threads: Vec<_> = (0..6)
            .map(|_| scope.spawn(|| opened(&options).unwrap()))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    for (n, log) in (0..).zip(&logs) {
        assert!(append(log, n).is_success());
    }
    assert_eq!(numbers(&logs[0]).len(), logs.len());
    for log in logs {
        log.close_and_wait().unwrap();
    }
}

#[test]
fn a_log_for_reading_only_has_to_be_there_and_takes_no_changes() {
    let options = Cluster::shared().options();
    let read_only = Options {
        read_only: true,
        ..options.clone()
    };
    assert_eq!(refused(&read_only).code().as_str(), "STORAGE_FAILED");
    let log = opened(&options).unwrap();
    assert!(append(&log, 1).is_success());
    let reader = opened(&read_only).unwrap();
    assert_eq!(append(&reader, 2).code(), "INVALID_ARGUMENT");
    assert_eq!(numbers(&reader), [1]);
    reader.close_and_wait().unwrap();
    log.close_and_wait().unwrap();
}

#[test]
fn a_server_that_is_not_there_is_waited_for_as_long_as_is_said() {
    let options = Options {
        server_wait: Duration::from_millis(50),
        ..Options::at("postgres://postgres@127.0.0.1:1/postgres")
    };
    let error = refused(&options);
    assert_eq!(error.code().as_str(), "STORAGE_FAILED");
    assert!(error.text().contains("connection"), "{error}");
}

#[test]
fn a_server_that_takes_connections_and_says_nothing_holds_up_no_other() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = Proxy::start(Cluster::shared());
    let port = silent.local_addr().unwrap().port();
    let url = proxy
        .url()
        .replace("@127", &format!("@127.0.0.1:{port},127"));
    let log = opened(&options_at(&url)).unwrap();
    assert!(append(&log, 1).is_success());
    assert_eq!(numbers(&log), [1]);
    log.close_and_wait().unwrap();
}

#[test]
fn tables_of_another_format_are_left_alone() {
    let cluster = Cluster::shared();
    let options = cluster.options();
    opened(&options).unwrap().close_and_wait().unwrap();
    let schema = quoted_schema(&options);
    cluster.sql(&format!("UPDATE {schema}.log SET format = 99"));
    let error = refused(&options);
    assert_eq!(error.code().as_str(), "UNSUPPORTED_FORMAT");
    assert!(error.text().contains("99"), "{error}");
}

#[test]
fn a_log_whose_tables_are_gone_is_not_made_again_while_it_is_open() {
    let cluster = Cluster::start(&[]);
    let options = cluster.options();
    let log = opened(&options).unwrap();
    assert!(append(&log, 1).is_success());
    let schema = quoted_schema(&options);
    cluster.sql(&format!("DROP SCHEMA {schema} CASCADE"));
    cluster.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'codebolt-eventlog'");
    assert_eq!(append(&log, 2).code(), "CORRUPTED");
    log.close_and_wait().unwrap();
    assert!(
        cluster
            .sql(&format!(
                "SELECT 1 WHERE to_regclass('{schema}.log') IS NOT NULL"
            ))
            .is_empty()
    );
}
