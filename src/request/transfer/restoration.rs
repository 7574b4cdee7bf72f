//! What a batch of lines adds to the log: first everything is compared and checked, then everything
//! is staged, so that lines which are refused have changed nothing.

use super::conflict::{compare_event, compare_instance, name_taken, other_salts};
use super::import::{ImportCounts, ImportItem, LineBatch, Section};
use super::line::{GivenInstance, LineNumber};
use super::stored_event::StoredEvent;
use super::target::{Holder, ImportTarget};
use crate::engine::Fault;
use crate::error::Code;
use crate::evidence::salts::Salts;
use crate::hashing::{TextMap, TextSet};
use crate::request::evidence;
use crate::request::retained::{GapsInBatch, horizon_in};
use crate::seam::Transaction;

/// Lines that can be stored.
pub(super) struct Restoration<'a> {
    text: &'a str,
    targets: Vec<ImportTarget<'a>>,
    by_id: TextMap<&'a str, usize>,
    /// The one that events are checked against.
    current: Option<usize>,
    counts: ImportCounts,
}

impl<'a> Restoration<'a> {
    /// Compares the lines with what the log has.
    ///
    /// # Errors
    ///
    /// `IMPORT_CONFLICT`; `INVALID_ARGUMENT` for a sequence number that is not the next one;
    /// `INSTANCE_NOT_FOUND` if the instance was deleted since its line was read; a storage fault.
    pub(super) fn check(lines: &'a LineBatch, batch: &mut dyn Transaction) -> Result<Self, Fault> {
        let mut restoration = Self {
            text: &lines.text,
            targets: Vec::new(),
            by_id: TextMap::default(),
            current: None,
            counts: ImportCounts::default(),
        };
        if let (Some(section), Some((number, ImportItem::Event(_)))) =
            (&lines.section, lines.items.first())
        {
            restoration.go_on(section, *number, batch)?;
        }
        let mut taken = TextSet::default();
        for (number, item) in &lines.items {
            match item {
                ImportItem::Instance(instance) => {
                    restoration.compare_known(batch)?;
                    restoration.instance(instance, *number, &mut taken, batch)?;
                }
                ImportItem::Event(event) => restoration.event(event, *number, batch)?,
            }
        }
        restoration.compare_known(batch)?;
        Ok(restoration)
    }

    /// Stages what is not there yet. Returns what was stored and skipped, and the number of the last
    /// line's instance.
    pub(super) fn stage(
        self,
        batch: &mut dyn Transaction,
    ) -> Result<(ImportCounts, Option<u32>), Fault> {
        let mut number = None;
        for (index, target) in self.targets.iter().enumerate() {
            let staged = target.stage(self.text, batch).map_err(undone)?;
            if self.current == Some(index) {
                number = Some(staged);
            }
        }
        Ok((self.counts, number))
    }

    /// Goes on with the instance of the batch before.
    fn go_on(
        &mut self,
        section: &'a Section,
        line: LineNumber,
        batch: &mut dyn Transaction,
    ) -> Result<(), Fault> {
        let number = batch.holder(&section.id)?;
        let Some(number) = number.filter(|number| section.number == Some(*number)) else {
            return Err(Fault::refused(
                Code::InstanceNotFound,
                format!(
                    "{line}: the instance with the id {:?} was deleted while it was imported",
                    section.id
                ),
            ));
        };
        let stored = batch.instance(number)?.head.last_position;
        let target = ImportTarget::new(&section.id, Holder::Stored(number), stored);
        self.begin(ImportTarget {
            position: section.position,
            ..target
        });
        Ok(())
    }

    /// Begins with an instance: one that is there and equal, or a new one.
    fn instance(
        &mut self,
        given: &'a GivenInstance,
        line: LineNumber,
        taken: &mut TextSet<&'a str>,
        batch: &mut dyn Transaction,
    ) -> Result<(), Fault> {
        if let Some(index) = self.by_id.get(given.id.as_str()) {
            return self.instance_again(*index, given, line, batch);
        }
        let mut target = match batch.holder(&given.id)? {
            Some(number) => {
                let instance = batch.instance(number)?;
                compare_instance(given, &instance.into(), line)?;
                self.counts.skipped_instances += 1;
                let stored = instance.head.last_position;
                let salts = match &given.salts {
                    Some(salts) if missing_salts(salts, number, given, line, batch)? => Some(salts),
                    _ => None,
                };
                ImportTarget {
                    updated_at_ms: given.updated_at_ms,
                    salts,
                    ..ImportTarget::new(&given.id, Holder::Stored(number), stored)
                }
            }
            None => {
                if let Some(number) = batch.holder(&given.name)? {
                    let other = &batch.instance(number)?.id;
                    return Err(name_taken(given, line, other));
                }
                for name in [&given.id, &given.name] {
                    if taken.contains(name.as_str()) {
                        return Err(name_taken(given, line, name));
                    }
                }
                taken.extend([given.id.as_str(), given.name.as_str()]);
                self.counts.instances += 1;
                ImportTarget {
                    salts: given.salts.as_ref(),
                    ..ImportTarget::new(&given.id, Holder::New(given), 0)
                }
            }
        };
        target.begin_after(given, line)?;
        self.begin(target);
        Ok(())
    }

    fn begin(&mut self, target: ImportTarget<'a>) {
        self.current = Some(self.targets.len());
        self.by_id.insert(target.id, self.targets.len());
        self.targets.push(target);
    }

    /// Begins again with an instance that the same batch has had already.
    fn instance_again(
        &mut self,
        index: usize,
        given: &'a GivenInstance,
        line: LineNumber,
        batch: &mut dyn Transaction,
    ) -> Result<(), Fault> {
        match self.targets.get(index).map(|target| target.holder) {
            Some(Holder::Stored(number)) => {
                compare_instance(given, &batch.instance(number)?.into(), line)?;
            }
            Some(Holder::New(first)) => compare_instance(given, &first.into(), line)?,
            None => {}
        }
        self.counts.skipped_instances += 1;
        self.current = Some(index);
        if let Some(target) = self.targets.get_mut(index) {
            if let Some(salts) = &given.salts {
                let is_missing = match (target.salts, target.holder) {
                    (Some(first), _) if first == salts => false,
                    (Some(_), _) => return Err(other_salts(given, line)),
                    (None, Holder::Stored(number)) => {
                        missing_salts(salts, number, given, line, batch)?
                    }
                    (None, Holder::New(_)) => true,
                };
                if is_missing {
                    target.salts = Some(salts);
                }
            }
            target.begin_after(given, line)?;
        }
        Ok(())
    }

    fn event(
        &mut self,
        event: &'a StoredEvent,
        line: LineNumber,
        batch: &mut dyn Transaction,
    ) -> Result<(), Fault> {
        let Some(target) = self.current_mut() else {
            return Ok(());
        };
        target.go_on_to(event, line)?;
        if target.position <= target.stored {
            target.know(event, line);
            self.counts.skipped_events += 1;
            return Ok(());
        }
        // First, since a sequence number that is wrong may follow from a conflict.
        self.compare_known(batch)?;
        let text = self.text;
        let Some(target) = self.current_mut() else {
            return Ok(());
        };
        let index = target.position - target.stored - 1;
        if let Some(pending) = target.pending.get(index as usize) {
            let difference = event.difference(text, &pending.record(text));
            compare_event(target.id, event, line, text, difference)?;
            self.counts.skipped_events += 1;
        } else {
            target.push(event, line, text, batch)?;
            self.counts.events += 1;
        }
        Ok(())
    }

    fn current_mut(&mut self) -> Option<&mut ImportTarget<'a>> {
        self.targets.get_mut(self.current?)
    }

    /// Compares what lines of the current instance say with what is there.
    fn compare_known(&mut self, batch: &mut dyn Transaction) -> Result<(), Fault> {
        let text = self.text;
        let Some(target) = self.current_mut() else {
            return Ok(());
        };
        let known = std::mem::take(&mut target.known);
        let Holder::Stored(number) = target.holder else {
            return Ok(());
        };
        let id = target.id;
        let horizon = horizon_in(batch, number)?;
        let gaps = GapsInBatch::of(batch, number, horizon)?;
        // Nothing is left to compare those with that are out here.
        let mut left = Vec::with_capacity(known.len());
        for (position, line, event) in known {
            if !gaps.is_out(batch, position)? {
                left.push((position, line, event));
            }
        }
        // What lines do not tell of is not read.
        for run in left.chunk_by(|(one, ..), (next, ..)| one + 1 == *next) {
            let [(first, ..), ..] = run else { continue };
            let positions = *first..=first + run.len() as u64 - 1;
            let mut run = run.iter();
            batch.each_record(number, positions, &mut |_, record| match run.next() {
                Some((_, line, event)) => {
                    compare_event(id, event, *line, text, event.difference(text, record))
                }
                None => Ok(()),
            })?;
        }
        Ok(())
    }
}

/// Whether the salts that a line says are still to be kept. Without salts an instance has no tree.
fn missing_salts(
    salts: &Salts,
    number: u32,
    given: &GivenInstance,
    line: LineNumber,
    batch: &mut dyn Transaction,
) -> Result<bool, Fault> {
    match evidence::salts_of(batch, number)? {
        None => Ok(true),
        Some(found) if found == *salts => Ok(false),
        Some(_) => Err(other_salts(given, line)),
    }
}

/// A refusal after something was staged would leave that behind; as a fault, it undoes the commit.
fn undone(fault: Fault) -> Fault {
    match fault {
        Fault::Refused(error) => std::io::Error::other(error).into(),
        other => other,
    }
}
