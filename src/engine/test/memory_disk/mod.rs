//! A disk in memory, of which several processes have one file open: each of them can be killed or
//! meet faults at any operation, and the power can go at any operation.
//!
//! What was written is in the page cache at once, and on disk only after a sync that covers it.
//! Until then each sector is on disk in any of the versions that it has had since. After a sync
//! that failed, it may be in the page cache for good and never come to be on disk. Whoever else has the
//! file open is told of that by the next sync, as Linux does (`errseq_t`, since 4.13): what was lost
//! may have been another's.

mod opening;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use parking_lot::{Condvar, Mutex};
use redb::StorageBackend;

use self::opening::Opening;
use super::random::Random;

use crate::engine::Fault;
use crate::engine::holes::SparseStorage;
use crate::engine::seeded_bug::{Bug, OfThisThread, Seeded};
use crate::engine::storage::medium::Medium;

const SECTOR_BYTES: usize = 512;

/// The system's error numbers that operations fail with: of a disk that fails, and of a full one.
const FAULTS: [i32; 2] = [5, 28];

type Sector = [u8; SECTOR_BYTES];

/// A disk with one file.
#[derive(Debug)]
pub(super) struct MemoryDisk {
    state: Mutex<State>,
    unlocked: Condvar,
    bug: Option<Bug>,
}

#[derive(Debug)]
struct State {
    random: Random,
    /// The file as every process sees it.
    cache: Vec<u8>,
    /// What is on disk for sure.
    synced: Vec<u8>,
    /// What each sector has held since it was last synced.
    unsynced: BTreeMap<usize, Vec<Sector>>,
    /// The lengths that the file has had since it was last synced.
    lengths: Vec<usize>,
    locks: Vec<Lock>,
    openings: usize,
    fates: Vec<Fate>,
    until_power_loss: Option<usize>,
    /// How many syncs have failed.
    failed_syncs: usize,
    /// How many operations have failed of each of [`FAULTS`].
    faults: [usize; FAULTS.len()],
    /// What the power loss has left.
    left: Option<Vec<u8>>,
}

/// What is to become of a process.
#[derive(Clone, Copy, Debug, Default)]
struct Fate {
    dead: bool,
    until_kill: Option<usize>,
    until_fault: Option<usize>,
    /// How many operations fail after the first one, one after the other.
    more_faults: usize,
    faults: usize,
}

#[derive(Clone, Copy, Debug)]
struct Lock {
    process: usize,
    opening: usize,
    start: u64,
    end: u64,
    shared: bool,
}

/// What happens to an operation.
enum Event {
    Nothing,
    Fault,
    Kill,
}

/// A process that has the file open, as a medium of its log.
#[derive(Clone, Debug)]
pub(super) struct Process {
    disk: Arc<MemoryDisk>,
    number: usize,
}

impl MemoryDisk {
    pub(super) fn holding(content: Vec<u8>, random: Random) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                random,
                cache: content.clone(),
                synced: content,
                unsynced: BTreeMap::new(),
                lengths: Vec::new(),
                locks: Vec::new(),
                openings: 0,
                fates: Vec::new(),
                until_power_loss: None,
                failed_syncs: 0,
                faults: [0; FAULTS.len()],
                left: None,
            }),
            unlocked: Condvar::new(),
            bug: OfThisThread.seeded(),
        })
    }

    pub(super) fn process(self: &Arc<Self>) -> Process {
        let fates = &mut self.state.lock().fates;
        fates.push(Fate::default());
        Process {
            disk: Arc::clone(self),
            number: fates.len() - 1,
        }
    }

    /// What a power loss now can leave.
    pub(super) fn image(&self) -> Vec<u8> {
        self.state.lock().image()
    }

    /// Lets the power go after the next `count` changes.
    pub(super) fn lose_power_after(&self, count: usize) {
        self.state.lock().until_power_loss = Some(count);
    }

    pub(super) fn has_lost_power(&self) -> bool {
        self.state.lock().left.is_some()
    }

    /// How many operations have failed with EIO, and how many with ENOSPC.
    pub(super) fn faults(&self) -> [usize; 2] {
        self.state.lock().faults
    }

    /// What a power loss has left, which comes now if it has not come yet.
    pub(super) fn lose_power(&self) -> Vec<u8> {
        let mut state = self.state.lock();
        state.lose_power();
        self.unlocked.notify_all();
        state.left.clone().unwrap_or_default()
    }
}

impl Process {
    /// Kills the process at the change after the next `count` ones.
    pub(super) fn kill_after(&self, count: usize) {
        self.disk.state.lock().fates[self.number].until_kill = Some(count);
    }

    /// Kills the process.
    pub(super) fn kill_now(&self) {
        self.disk.state.lock().kill(self.number);
        self.disk.unlocked.notify_all();
    }

    /// Lets so many changes fail after the next `count` ones, one after the other.
    pub(super) fn fail_after(&self, count: usize, times: usize) {
        let fate = &mut self.disk.state.lock().fates[self.number];
        fate.until_fault = Some(count);
        fate.more_faults = times - 1;
    }

    /// Takes back the faults that have not come.
    pub(super) fn heal(&self) {
        let fate = &mut self.disk.state.lock().fates[self.number];
        fate.until_fault = None;
        fate.more_faults = 0;
    }

    pub(super) fn is_dead(&self) -> bool {
        self.disk.state.lock().fates[self.number].dead
    }

    /// How many faults it has met.
    pub(super) fn faults(&self) -> usize {
        self.disk.state.lock().fates[self.number].faults
    }

    fn backend(&self, writes_through: bool) -> Opening {
        let mut state = self.disk.state.lock();
        state.openings += 1;
        Opening {
            process: self.clone(),
            number: state.openings,
            writes_through,
            told_syncs: AtomicUsize::new(state.failed_syncs),
        }
    }
}

impl Medium for Process {
    fn journal(&self, _write: bool) -> Result<(Box<dyn SparseStorage>, bool), Fault> {
        let synced = self.disk.bug != Some(Bug::AnswerBeforeSync);
        Ok((Box::new(self.backend(synced)), true))
    }

    fn tables(&self, _write: bool) -> Result<Box<dyn StorageBackend>, Fault> {
        Ok(Box::new(self.backend(false)))
    }
}

impl State {
    /// Begins a change that a process makes.
    fn begin(&mut self, process: usize) -> io::Result<Event> {
        if self.fates[process].dead {
            return Err(fault());
        }
        match &mut self.until_power_loss {
            Some(0) => {
                self.lose_power();
                return Err(fault());
            }
            Some(count) => *count -= 1,
            None => {}
        }
        let fate = &mut self.fates[process];
        match &mut fate.until_kill {
            Some(0) => return Ok(Event::Kill),
            Some(count) => *count -= 1,
            None => {}
        }
        match &mut fate.until_fault {
            Some(0) => {
                match fate.more_faults {
                    0 => fate.until_fault = None,
                    left => fate.more_faults = left - 1,
                }
                fate.faults += 1;
                return Ok(Event::Fault);
            }
            Some(count) => *count -= 1,
            None => {}
        }
        Ok(Event::Nothing)
    }

    /// The error of an operation that fails.
    fn fault(&mut self) -> io::Error {
        let kind = self.random.below(FAULTS.len());
        self.faults[kind] += 1;
        io::Error::from_raw_os_error(FAULTS[kind])
    }

    fn kill(&mut self, process: usize) {
        self.fates[process].dead = true;
        self.locks.retain(|lock| lock.process != process);
    }

    fn lose_power(&mut self) {
        if self.left.is_none() {
            self.left = Some(self.image());
        }
        for process in 0..self.fates.len() {
            self.kill(process);
        }
    }

    fn image(&mut self) -> Vec<u8> {
        let mut image = self.synced.clone();
        let chosen = self.random.below(self.lengths.len() + 1);
        let length = self.lengths.get(chosen).copied().unwrap_or(image.len());
        // In some losses all or nothing of what was not synced is there.
        let kind = self.random.below(4);
        for (sector, versions) in &self.unsynced {
            let version = match kind {
                0 => versions.len(),
                1 => versions.len() - 1,
                _ => self.random.below(versions.len() + 1),
            };
            if let Some(version) = versions.get(version) {
                place(&mut image, *sector, version);
            }
        }
        image.resize(length, 0);
        image
    }

    fn write(&mut self, offset: usize, data: &[u8]) {
        let end = offset + data.len();
        if end > self.cache.len() {
            self.cache.resize(end, 0);
            self.lengths.push(end);
        }
        self.cache[offset..end].copy_from_slice(data);
        if data.is_empty() {
            return;
        }
        for sector in offset / SECTOR_BYTES..=(end - 1) / SECTOR_BYTES {
            let mut version = [0; SECTOR_BYTES];
            let at = sector * SECTOR_BYTES;
            let present = &self.cache[at..self.cache.len().min(at + SECTOR_BYTES)];
            version[..present.len()].copy_from_slice(present);
            self.unsynced.entry(sector).or_default().push(version);
        }
    }

    /// Brings to disk what lies in those bytes of the file. A sync that `fails` does so with some
    /// of it, and leaves some in the page cache for good.
    fn sync(&mut self, start: usize, end: usize, fails: bool) {
        self.failed_syncs += usize::from(fails);
        if !fails && (end > self.synced.len() || end == self.cache.len()) {
            self.synced.resize(self.cache.len(), 0);
            self.lengths.clear();
        }
        let sectors = start / SECTOR_BYTES..end.div_ceil(SECTOR_BYTES);
        let dirty: Vec<usize> = self.unsynced.range(sectors).map(|(key, _)| *key).collect();
        for sector in dirty {
            let what = if fails { self.random.below(3) } else { 0 };
            if what == 2 {
                continue;
            }
            let versions = self.unsynced.remove(&sector);
            if let (0, Some(version)) = (what, versions.as_ref().and_then(|all| all.last())) {
                place(&mut self.synced, sector, version);
            }
        }
    }

    fn conflicts(&self, opening: usize, range: (u64, u64), shared: bool) -> bool {
        self.locks.iter().any(|lock| {
            lock.opening != opening
                && !(shared && lock.shared)
                && lock.start < range.1
                && range.0 < lock.end
        })
    }

    /// Gives up what an opening has locked of that range.
    fn release(&mut self, opening: usize, range: (u64, u64)) {
        let mut rest = Vec::new();
        for lock in self.locks.drain(..) {
            if lock.opening != opening || lock.end <= range.0 || range.1 <= lock.start {
                rest.push(lock);
                continue;
            }
            if lock.start < range.0 {
                rest.push(Lock {
                    end: range.0,
                    ..lock
                });
            }
            if range.1 < lock.end {
                rest.push(Lock {
                    start: range.1,
                    ..lock
                });
            }
        }
        self.locks = rest;
    }
}

fn place(image: &mut Vec<u8>, sector: usize, version: &Sector) {
    let at = sector * SECTOR_BYTES;
    if image.len() < at + SECTOR_BYTES {
        image.resize(at + SECTOR_BYTES, 0);
    }
    image[at..at + SECTOR_BYTES].copy_from_slice(version);
}

fn fault() -> io::Error {
    io::Error::other("the test's disk fault")
}
