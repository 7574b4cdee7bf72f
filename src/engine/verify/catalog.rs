//! Which instances there are: their rows, their names and their tables agree.

use std::collections::BTreeSet;

use redb::{ReadTransaction, ReadableTable, TableHandle};

use super::{Check, Checked, text_of_damage};
use crate::engine::Fault;
use crate::engine::tables::log_head::LogHead;
use crate::engine::tables::schema::{self, LOG_HEAD};

impl Check<'_> {
    /// Checks what all instances have in common, and returns those that can be read.
    pub(super) fn catalog(&mut self) -> Result<Vec<Checked>, Fault> {
        let (instances, unreadable) = self.instances()?;
        let readable = instances.iter().map(|checked| checked.number);
        let numbers: BTreeSet<u32> = readable.chain(unreadable.iter().copied()).collect();
        self.attempt(None, |check| check.check_names(&instances, &unreadable))?;
        self.attempt(None, |check| check.check_heads(&numbers))?;
        self.attempt(None, |check| check.check_tables(&numbers))?;
        Ok(instances)
    }

    /// The instances that can be read, and the numbers of those that cannot.
    fn instances(&mut self) -> Result<(Vec<Checked>, BTreeSet<u32>), Fault> {
        let transaction = self.snapshot.transaction();
        let table = transaction.open_table(schema::INSTANCES)?;
        let (mut instances, mut unreadable) = (Vec::new(), BTreeSet::new());
        for entry in table.iter()? {
            self.check_wanted()?;
            let number = entry?.0.value();
            match self.snapshot.instance(number) {
                Ok(instance) => instances.push(Checked { number, instance }),
                Err(fault) => {
                    let text = text_of_damage(fault)?;
                    self.add(None, text);
                    unreadable.insert(number);
                }
            }
        }
        Ok((instances, unreadable))
    }

    /// Each instance is found by its id and by its name, and nothing else is found.
    fn check_names(
        &mut self,
        instances: &[Checked],
        unreadable: &BTreeSet<u32>,
    ) -> Result<(), Fault> {
        let names = self.snapshot.transaction().open_table(schema::NAMES)?;
        let mut expected = BTreeSet::new();
        for Checked { number, instance } in instances {
            for name in BTreeSet::from([&instance.id, &instance.name]) {
                self.check_wanted()?;
                expected.insert(name.as_str());
                let found = names.get(name.as_str())?.map(|guard| guard.value());
                if found != Some(*number) {
                    let found =
                        found.map_or_else(|| "nothing".to_owned(), |found| found.to_string());
                    let text =
                        format!("names: expected {name:?} to lead to {number}, found {found}");
                    self.add(Some(&instance.id), text);
                }
            }
        }
        for entry in names.iter()? {
            self.check_wanted()?;
            let (name, number) = entry?;
            if !expected.contains(name.value()) && !unreadable.contains(&number.value()) {
                let (name, number) = (name.value(), number.value());
                let text = format!("names: {name:?} leads to {number}, which has no such name");
                self.add(None, text);
            }
        }
        Ok(())
    }

    /// Where instances stand is told of just those that there are, and their numbers were given out.
    fn check_heads(&mut self, numbers: &BTreeSet<u32>) -> Result<(), Fault> {
        let transaction = self.snapshot.transaction();
        let heads = transaction.open_table(schema::HEADS)?;
        let rows = transaction.open_table(schema::INSTANCES)?;
        for entry in heads.iter()? {
            let number = entry?.0.value();
            if number != LOG_HEAD && rows.get(number)?.is_none() {
                self.add(None, format!("heads: row {number} has no instance"));
            }
        }
        let next = LogHead::read(&heads)?.next_instance;
        if let Some(last) = numbers.last()
            && next <= u64::from(*last)
        {
            let text = format!("heads: the next instance would be {next}, and {last} is in use");
            self.add(None, text);
        }
        Ok(())
    }

    /// The tables are those of the log and of each instance, and no others.
    fn check_tables(&mut self, numbers: &BTreeSet<u32>) -> Result<(), Fault> {
        let mut expected: BTreeSet<String> = [
            schema::NAMES.name(),
            schema::INSTANCES.name(),
            schema::HEADS.name(),
        ]
        .map(str::to_owned)
        .into();
        for number in numbers {
            expected.extend(<[String; 3]>::from(schema::tables_of(*number)));
        }
        let found = tables(self.snapshot.transaction())?;
        for name in expected.difference(&found) {
            self.add(None, format!("the table {name} is missing"));
        }
        // An instance has these from its first key and its first state on.
        expected.extend(numbers.iter().map(|number| schema::keys_table(*number)));
        expected.extend(numbers.iter().map(|number| schema::states_table(*number)));
        expected.insert(schema::UNERASED.name().to_owned());
        for name in found.difference(&expected) {
            self.add(None, format!("the table {name} is not known"));
        }
        Ok(())
    }
}

fn tables(transaction: &ReadTransaction) -> Result<BTreeSet<String>, Fault> {
    let tables = transaction.list_tables()?;
    let names: BTreeSet<String> = tables.map(|table| table.name().to_owned()).collect();
    let multimaps = transaction.list_multimap_tables()?;
    let multimaps = multimaps.map(|table| redb::MultimapTableHandle::name(&table).to_owned());
    Ok(names.into_iter().chain(multimaps).collect())
}
