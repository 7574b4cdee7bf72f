//! A standby that has not heard yet of what its readers were shown before: none of them is shown less.

use std::sync::Arc;
use std::time::Duration;

use codebolt_eventlog::request::Log;
use codebolt_eventlog_postgres::Options;
use serde_json::{Value, json};

use crate::calls::{Answered, PATIENCE, append, begin, call, numbers, opened};
use crate::cluster::{Cluster, quoted_schema};

/// A log with five events, which is read by one that waits for servers so long.
struct Standby {
    reader: Arc<Log>,
    options: Options,
}

impl Standby {
    fn of(server_wait: Duration, name: &str) -> Self {
        let options = Cluster::shared().options();
        let log = opened(&options).unwrap();
        for n in 1..=5 {
            assert!(append(&log, n).is_success());
        }
        log.close_and_wait().unwrap();
        let reader = opened(&Options {
            address: format!("{}?application_name={name}", options.address),
            read_only: true,
            server_wait,
            ..options.clone()
        });
        Self {
            reader: reader.unwrap(),
            options,
        }
    }

    fn sql(&self, statements: &str) {
        let schema = quoted_schema(&self.options);
        Cluster::shared().sql(&format!("SET search_path = {schema}; {statements}"));
    }

    /// As one that has not heard of the last two events yet.
    fn fall_behind(&self) {
        self.sql(
            "CREATE TABLE later AS SELECT * FROM events WHERE position > 3; \
             CREATE TABLE heads_later AS SELECT * FROM heads; DELETE FROM events WHERE position > 3; \
             UPDATE heads SET position = 3, commits = commits - 2, token = token + 1",
        );
    }

    fn catch_up(&self) {
        self.sql(
            "BEGIN; INSERT INTO events SELECT * FROM later; DELETE FROM heads; \
             INSERT INTO heads SELECT * FROM heads_later; COMMIT",
        );
    }

    fn call(&self, method: &str, arguments: &Value) -> Answered {
        call(&self.reader, method, arguments)
    }
}

fn assert_behind(answered: &Answered) {
    assert_eq!(answered.code(), "STORAGE_FAILED");
    assert!(answered.text().contains("behind"), "{answered:?}");
}

/// How long one waits that is not to wait.
const SOON: Duration = Duration::from_millis(200);

#[test]
fn a_standby_that_is_behind_what_was_read_before_is_no_answer() {
    let standby = Standby::of(SOON, "impatient");
    assert!(standby.call("getInstanceStats", &json!(["i"])).is_success());
    standby.fall_behind();
    assert_behind(&standby.call("getInstanceStats", &json!(["i"])));
    assert_behind(&standby.call("queryEvents", &json!([{ "from": { "instance": "i" } }])));
    standby.catch_up();
    assert_eq!(numbers(&standby.reader), [1, 2, 3, 4, 5]);
    standby.reader.close_and_wait().unwrap();
}

#[test]
fn a_standby_that_is_behind_is_waited_for() {
    let standby = Standby::of(PATIENCE, "patient");
    assert_eq!(numbers(&standby.reader), [1, 2, 3, 4, 5]);
    standby.fall_behind();
    let cluster = Cluster::shared();
    let now = cluster.sql("SELECT clock_timestamp()").remove(0);
    let query = json!([{ "from": { "instance": "i" }, "select": ["payload.n"] }]);
    let answer = begin(&standby.reader, "queryEvents", &query);
    // It has found that out, and asks once more on another connection.
    cluster.sql_until_found(&format!(
        "SELECT 1 FROM pg_stat_activity WHERE application_name = 'patient' AND backend_start > '{now}'"
    ));
    assert!(answer.try_recv().is_err());
    standby.catch_up();
    let answered = answer.recv_timeout(PATIENCE).unwrap();
    assert!(answered.is_success(), "{answered:?}");
    assert_eq!(answered.numbers(), [1, 2, 3, 4, 5]);
    standby.reader.close_and_wait().unwrap();
}

#[test]
fn a_standby_that_has_not_heard_of_an_instance_yet_does_not_say_that_there_is_none() {
    let standby = Standby::of(SOON, "early");
    let log = opened(&standby.options).unwrap();
    let event = json!([{ "instanceId": "late", "eventType": "made", "autoCreateInstance": true }]);
    assert!(call(&log, "appendEvent", &event).is_success());
    log.close_and_wait().unwrap();
    let found = standby.call("getInstanceStats", &json!(["late"]));
    assert!(found.is_success(), "{found:?}");
    standby.sql(
        "DELETE FROM heads USING names WHERE name = 'late' AND names.instance = heads.instance; \
         DELETE FROM instances WHERE name = 'late'; DELETE FROM names WHERE name = 'late'; \
         UPDATE log SET commits = commits - 1",
    );
    assert_behind(&standby.call("getInstanceStats", &json!(["late"])));
    assert_behind(&standby.call("listInstances", &json!([])));
    standby.reader.close_and_wait().unwrap();
}
