//! Rules of retention that are set, changed and applied, with a loss of power at each operation of the disk.

use serde_json::{Value, json};

use super::process::{Outcome, Process};
use crate::engine::test::{Random, Site, check_invariants};
use crate::testing::trim_as_measured;

/// How many events there are before the first rule.
const EVENTS: u64 = 20;

/// Which rules are set, one after the other: how many events are kept, or all.
const RULES: [Option<u64>; 4] = [Some(13), Some(9), None, Some(4)];

/// What was asked for and answered, one thing after the other.
#[derive(Debug, Default)]
struct Told {
    /// How many events were asked for, and how many were answered to be stored.
    events: [u64; 2],
    /// The rule that was asked for, and the one that was answered to be set.
    rule: [Option<u64>; 2],
    /// The lowest position with which the instance may begin, and the highest one.
    first: [u64; 2],
}

impl Told {
    fn append(&mut self, process: &Process) -> bool {
        self.events[0] += 1;
        let event = json!({ "instanceId": "log", "eventType": "made", "autoCreateInstance": true });
        let is_answered = data_of(process, "appendEvent", &[&event]).is_some();
        self.events[1] += u64::from(is_answered);
        is_answered
    }

    fn set(&mut self, process: &Process, rule: Option<u64>) -> bool {
        self.rule[0] = rule;
        let retention = rule.map_or(Value::Null, |max| json!({ "maxEvents": max }));
        let updates = json!({ "retention": retention });
        let is_answered = data_of(process, "updateInstance", &[&json!("log"), &updates]).is_some();
        if is_answered {
            self.rule[1] = rule;
        }
        is_answered
    }

    /// Applies the rule. Returns whether all of that was answered.
    fn apply(&mut self, process: &Process) -> bool {
        let asked = json!({ "now": 0, "isExact": true });
        let Some(found) = data_of(process, "dueRetention", &[&asked]) else {
            return false;
        };
        let Some(due) = found["due"].get(0) else {
            assert_eq!(self.rule[1], None);
            return true;
        };
        let max = self.rule[1].unwrap();
        let before = due["before"].as_u64().unwrap();
        assert_eq!(
            before,
            (self.events[1].saturating_sub(max) + 1).max(self.first[1])
        );
        let options = json!({
            "instance": "log", "beforePosition": before, "number": due["number"],
            "retention": due["retention"],
        });
        let Some(measured) = data_of(process, "measureTrim", &[&options]) else {
            return false;
        };
        let given = trim_as_measured(&options, &measured);
        self.first[1] = before;
        let is_answered = data_of(process, "storeTrim", &[&given]).is_some();
        if is_answered {
            self.first[0] = before;
        }
        is_answered
    }

    /// Compares with what is there, and applies the rule once more.
    fn check(mut self, process: &Process) {
        let Some(stats) = data_of(process, "getInstanceStats", &[&json!("log")]) else {
            assert_eq!(self.events[1], 0, "an answered event is lost");
            return;
        };
        let first = stats["firstPosition"].as_u64().unwrap();
        assert!(self.first.contains(&first), "{first}: {self:?}");
        let count = stats["eventCount"].as_u64().unwrap();
        assert!(
            self.events.contains(&(first - 1 + count)),
            "{count}: {self:?}"
        );
        let found = data_of(process, "getInstance", &[&json!("log")]).unwrap();
        let rule = found["instance"]["retention"]["maxEvents"].as_u64();
        assert!(self.rule.contains(&rule), "{rule:?}: {self:?}");
        self.events[1] = first - 1 + count;
        self.rule[1] = rule;
        self.first = [first; 2];
        assert!(self.apply(process));
        let stats = data_of(process, "getInstanceStats", &[&json!("log")]).unwrap();
        let left = rule.map_or(count, |max| max.min(count));
        assert_eq!(stats["eventCount"], left, "{self:?}");
    }
}

fn data_of(process: &Process, method: &str, arguments: &[&Value]) -> Option<Value> {
    match process.call(method, arguments).outcome() {
        Outcome::Success(mut values) => values.response.pop(),
        Outcome::Failure { .. } => None,
    }
}

#[test]
fn a_rule_takes_what_is_over_it_and_nothing_else_wherever_the_power_goes() {
    let mut within = 0;
    for operations in 0.. {
        let random = || Random::of(operations as u64);
        let site = Site::of(true, 2048, [3, 8][operations % 2], random());
        let mut told = Told {
            first: [1; 2],
            ..Told::default()
        };
        let mut process = Process::new(site.process(), false).opened().unwrap();
        while told.events[0] < EVENTS {
            assert!(told.append(&process));
        }
        site.lose_power_after(operations);
        for (step, rule) in RULES.into_iter().enumerate() {
            let goes_on = told.set(&process, rule)
                && told.append(&process)
                && told.apply(&process)
                && told.append(&process);
            if !goes_on {
                break;
            }
            if step == 1 {
                // The journal goes into the tables, and blocks are dropped.
                process.leave();
                let Ok(opened) = Process::new(site.process(), false).opened() else {
                    break;
                };
                process = opened;
            }
        }
        process.leave();
        let was_lost = site.has_lost_power();
        let left = site.lose_power(random());
        let mut process = Process::new(left.process(), false).opened().unwrap();
        check_invariants(process.engine());
        within += usize::from(told.first[0] != told.first[1] || told.rule[0] != told.rule[1]);
        told.check(&process);
        check_invariants(process.engine());
        process.leave();
        if !was_lost {
            assert!(operations > 20 && within > 4, "{operations}, {within}");
            return;
        }
    }
}
