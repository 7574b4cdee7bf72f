//! Changes to instances, with events before or after them in the same commit.

use std::collections::BTreeMap;

use super::Simulation;
use super::model::Change;
use super::node::{apply, stage};
use crate::engine::Batch;
use crate::engine::test::submit;

impl Simulation {
    /// Makes, renames or deletes an instance, perhaps with events.
    pub(super) fn change(&mut self, number: usize) {
        self.revive(number);
        let certain = self.model.certain();
        self.model.numbers += 1;
        let new = format!("new {}", self.model.numbers);
        let chosen = (!certain.is_empty()).then(|| self.random.below(certain.len()));
        let change = match (
            self.random.below(6),
            chosen.map(|chosen| &certain[chosen].0),
        ) {
            (_, None) => Change::Make(new),
            (0 | 1, _) if certain.len() < 6 => Change::Make(new),
            (2 | 3, Some(id)) => Change::Rename(id.clone(), new),
            (4, Some(id)) => Change::Delete(id.clone()),
            _ => Change::None,
        };
        let mut appends = Vec::new();
        let ids = certain.iter().map(|(id, _)| id.clone());
        let made = match &change {
            Change::Make(id) => Some(id.clone()),
            _ => None,
        };
        for id in ids.chain(made) {
            if self.random.one_in(2) {
                appends.extend(self.model.appends(&mut self.random, &id, self.streams));
            }
        }
        let node = &self.nodes[number];
        let Some(engine) = node.engine.as_ref().filter(|_| !node.read_only) else {
            return;
        };
        let mut names: BTreeMap<_, _> = certain.iter().cloned().collect();
        let (first, asked) = (self.random.one_in(2), change.clone());
        if let (Change::Rename(id, name), true) = (&change, first) {
            names.insert(id.clone(), name.clone());
        }
        let staged = appends.clone();
        let job = move |batch: &mut Batch<'_>| {
            if !first && !matches!(asked, Change::Make(_)) {
                let appended = stage(batch, &staged, &names)?;
                apply(batch, &asked)?;
                return Ok(appended);
            }
            apply(batch, &asked)?;
            let deleted = match &asked {
                Change::Delete(id) => Some(id),
                _ => None,
            };
            let left: Vec<_> = staged
                .iter()
                .filter(|append| Some(&append.instance) != deleted)
                .cloned()
                .collect();
            stage(batch, &left, &names)
        };
        if let Change::Delete(id) = &change {
            appends.retain(|append| append.instance != *id);
        }
        let receiver = submit(engine, job);
        let call = self.begin(appends);
        let mut outcome = receiver.recv().unwrap();
        if matches!(change, Change::Delete(_)) {
            // The sequences of what was deleted with it are in the way.
            outcome = outcome.map(|_| Vec::new());
        }
        let truth = self.finish(number, call, outcome);
        self.model.learn(change, truth);
    }
}
