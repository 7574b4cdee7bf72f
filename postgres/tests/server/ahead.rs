//! Frames that are sent behind one that was not answered yet: each is stored once, or not at all, and none without the one
//! before it.

use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use codebolt_eventlog::request::Log;
use codebolt_eventlog_postgres::{Options, SeededBug};
use serde_json::{Value, json};

use crate::calls::{Answered, PATIENCE, append, begin, check, numbered, numbers, opened};
use crate::cluster::{Cluster, options_at, quoted_schema};
use crate::proxy::{Loss, Proxy};

/// A log that has three events, and what stands between it and its server.
struct Begun {
    proxy: Proxy,
    options: Options,
    log: Arc<Log>,
}

fn begun(change: impl FnOnce(&mut Options)) -> Begun {
    let proxy = Proxy::start(Cluster::shared());
    let mut options = options_at(&proxy.url());
    change(&mut options);
    let log = opened(&options).unwrap();
    for n in 1..=3 {
        assert!(append(&log, n).is_success());
    }
    Begun {
        proxy,
        options,
        log,
    }
}

impl Begun {
    /// Another opening of the log, with nothing between it and the server.
    fn other(&self) -> Arc<Log> {
        let schema = self.options.schema.clone();
        opened(&Options {
            schema,
            ..Cluster::shared().options()
        })
        .unwrap()
    }

    /// Makes calls, each in a frame of its own, which is sent before the one before it is answered. They wait before the
    /// server until `meanwhile` has ended.
    fn frames<const COUNT: usize>(
        &self,
        calls: [&Value; COUNT],
        meanwhile: impl FnOnce(),
    ) -> [Receiver<Answered>; COUNT] {
        // More than there are to be, so that nothing goes on.
        self.proxy.gather(usize::MAX);
        let mut count = 0;
        let answers = calls.map(|call| {
            let answer = begin(&self.log, "appendEvent", call);
            count += 1;
            self.proxy.wait_for_gathered(count);
            answer
        });
        meanwhile();
        self.proxy.gather(COUNT);
        answers
    }

    fn end(&self, expected: &[u64]) {
        assert_eq!(numbers(&self.log), expected);
        check(&self.log);
        self.log.close_and_wait().unwrap();
    }
}

fn heard<const COUNT: usize>(answers: [Receiver<Answered>; COUNT]) -> [Answered; COUNT] {
    answers.map(|answer| answer.recv_timeout(PATIENCE).unwrap())
}

#[test]
fn frames_that_are_under_way_together_are_stored_once_at_whichever_step_their_connection_is_lost() {
    let losses = [
        None,
        Some(Loss::BeforeRequest),
        Some(Loss::AfterFirst),
        Some(Loss::AfterRequest),
        Some(Loss::BeforeAnswer),
    ];
    for loss in losses {
        let begun = begun(|_| {});
        if let Some(loss) = loss {
            begun.proxy.lose(loss, 0);
        }
        let calls = [&numbered(4), &numbered(5), &numbered(6)];
        let answers = heard(begun.frames(calls, || {}));
        assert_eq!(begun.proxy.lose_no_more(), usize::from(loss.is_some()));
        for answered in answers {
            assert!(answered.is_success(), "{loss:?}: {answered:?}");
        }
        assert!(append(&begun.log, 7).is_success(), "{loss:?}");
        begun.end(&[1, 2, 3, 4, 5, 6, 7]);
    }
}

/// Has two frames come to the server late: after so many of the requests by which the log finds out what became of them.
/// Returns whether there were so many, and the numbers of the events that are stored then.
fn appended_late(passing: usize, bug: Option<SeededBug>) -> (bool, Vec<u64>) {
    let begun = begun(|options| options.seeded_bug = bug);
    begun.proxy.let_go_after(passing);
    begun.proxy.lose(Loss::LateRequest, 0);
    for answered in heard(begun.frames([&numbered(4), &numbered(5)], || {})) {
        assert!(answered.is_success(), "after {passing}: {answered:?}");
    }
    let came_before_the_end = begun.proxy.has_let_go();
    begun.proxy.let_go();
    assert!(append(&begun.log, 6).is_success(), "after {passing}");
    let found = numbers(&begun.log);
    check(&begun.log);
    begun.log.close_and_wait().unwrap();
    (came_before_the_end, found)
}

#[test]
fn frames_that_reach_the_server_after_they_were_given_up_store_nothing_whenever_that_is() {
    let mut passing = 0;
    let mut came_before_the_end = true;
    while came_before_the_end {
        let found;
        (came_before_the_end, found) = appended_late(passing, None);
        assert_eq!(found, [1, 2, 3, 4, 5, 6], "after {passing}");
        passing += 1;
    }
    assert!(passing > 10, "{passing}");
}

#[test]
fn frames_under_way_are_decided_again_if_somebody_else_is_quicker() {
    let begun = begun(|_| {});
    let other = begun.other();
    let expecting = |n: u64, expected: u64| {
        let mut call = numbered(n);
        call[0]["expectedSequence"] = json!(expected);
        call
    };
    let calls = [&numbered(5), &expecting(6, 4)];
    let answers = begun.frames(calls, || assert!(append(&other, 4).is_success()));
    let [first, second] = heard(answers);
    assert!(first.is_success(), "{first:?}");
    // It would have been granted if the frames were stored as they were decided first.
    assert_eq!(second.code(), "SEQUENCE_CONFLICT");
    assert!(append(&other, 7).is_success());
    other.close_and_wait().unwrap();
    begun.end(&[1, 2, 3, 4, 5, 7]);
}

#[test]
fn frames_that_are_decided_again_keep_their_order_and_stay_before_what_was_called_later() {
    let begun = begun(|_| {});
    let other = begun.other();
    let mut last = None;
    let calls = [&numbered(5), &numbered(6), &numbered(7)];
    let answers = begun.frames(calls, || {
        assert!(append(&other, 4).is_success());
        // There are as many under way as there may be.
        last = Some(begin(&begun.log, "appendEvent", &numbered(8)));
    });
    for answer in answers.into_iter().chain(last) {
        assert!(answer.recv_timeout(PATIENCE).unwrap().is_success());
    }
    other.close_and_wait().unwrap();
    begun.end(&[1, 2, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn what_is_refused_by_a_frame_that_is_under_way_is_not_answered_before_that_is_stored() {
    let begun = begun(|_| {});
    let expecting = |n: u64, expected: u64| {
        let mut call = numbered(n);
        call[0]["expectedSequence"] = json!(expected);
        call
    };
    begun.proxy.gather(2);
    let first = begin(&begun.log, "appendEvent", &expecting(4, 3));
    begun.proxy.wait_for_gathered(1);
    let second = begin(&begun.log, "appendEvent", &expecting(5, 3));
    assert!(second.try_recv().is_err());
    begun.proxy.lose(Loss::BeforeRequest, 0);
    begun.proxy.gather(1);
    let [first, second] = heard([first, second]);
    assert!(first.is_success(), "{first:?}");
    assert_eq!(second.code(), "SEQUENCE_CONFLICT");
    begun.end(&[1, 2, 3, 4]);
}

#[test]
fn of_frames_under_way_nothing_is_known_only_while_no_server_can_be_reached() {
    for (loss, stored) in [
        (Loss::BeforeRequest, &[1, 2, 3, 6][..]),
        (Loss::AfterFirst, &[1, 2, 3, 4, 6]),
    ] {
        let begun = begun(|options| options.server_wait = Duration::from_millis(300));
        let refuse = || {
            begun.proxy.refuse(true);
            begun.proxy.lose(loss, 0);
        };
        for answered in heard(begun.frames([&numbered(4), &numbered(5)], refuse)) {
            assert_eq!(answered.code(), "OUTCOME_UNKNOWN", "{loss:?}");
        }
        if loss == Loss::AfterFirst {
            // Whoever comes before the server has stored it keeps it from being stored.
            begun.proxy.wait_for_answered();
        }
        begun.proxy.refuse(false);
        assert!(append(&begun.log, 6).is_success(), "{loss:?}");
        begun.end(stored);
    }
}

#[test]
fn a_server_that_lacks_frames_that_were_answered_while_another_one_was_under_way_is_told_of() {
    let begun = begun(|_| {});
    begun.proxy.lose(Loss::BeforeRequest, 0);
    let schema = quoted_schema(&begun.options);
    let lose = || {
        Cluster::shared().sql(&format!(
            "BEGIN; DELETE FROM {schema}.events WHERE position > 1; \
             UPDATE {schema}.heads SET position = 1, commits = commits - 2, token = 1; \
             UPDATE {schema}.writers SET frame = frame - 2; COMMIT"
        ));
    };
    for answered in heard(begun.frames([&numbered(4), &numbered(5)], lose)) {
        assert_eq!(answered.code(), "CORRUPTED");
    }
    begun.log.close_and_wait().unwrap();
}

#[test]
fn who_waits_for_another_one_to_commit_takes_on_what_is_called_meanwhile() {
    let cluster = Cluster::shared();
    let options = cluster.options();
    let named = Options {
        address: format!("{}?application_name=locks", options.address),
        ..options.clone()
    };
    let [log, other] = [&named, &options].map(|options| opened(options).unwrap());
    for (n, log) in [(1, &log), (2, &other), (3, &log)] {
        // The last one is too late at first, and locks from then on.
        assert!(append(log, n).is_success());
    }
    let commits = || log.counts().unwrap().commits;
    let before = commits();
    let schema = quoted_schema(&options);
    let held = cluster.hold(&format!("SELECT FROM {schema}.heads FOR UPDATE"));
    let first = begin(&log, "appendEvent", &numbered(4));
    cluster.sql_until_found(
        "SELECT 1 FROM pg_stat_activity WHERE application_name = 'locks' AND wait_event_type = 'Lock'",
    );
    let others: Vec<_> = (5..8)
        .map(|n| begin(&log, "appendEvent", &numbered(n)))
        .collect();
    while log.counts().unwrap().queue.calls < 3 {
        std::thread::yield_now();
    }
    drop(held);
    for answer in std::iter::once(first).chain(others) {
        assert!(answer.recv_timeout(PATIENCE).unwrap().is_success());
    }
    assert_eq!(commits(), before + 1);
    assert_eq!(numbers(&log), [1, 2, 3, 4, 5, 6, 7]);
    check(&log);
    other.close_and_wait().unwrap();
    log.close_and_wait().unwrap();
}
