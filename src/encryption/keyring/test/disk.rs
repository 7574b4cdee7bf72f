//! A disk that loses power: what was done since the last sync may be there or not, in part, and in any order.

use std::io;
use std::sync::Arc;

use parking_lot::Mutex;

use super::super::medium::{Locked, Medium};
use crate::error::Error;

/// What is wrong with a disk, or with who uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A sync does nothing.
    NoSync,
    /// A key that is forgotten is marked, and not written over.
    KeyLeft,
    /// What replaces a keyring is written in its place.
    WrittenInPlace,
    /// What was to replace a keyring stays beside it.
    NextLeft,
}

/// A disk with a keyring, and what is to take its place.
#[derive(Clone, Default)]
pub(super) struct Disk(Arc<Mutex<DiskState>>);

/// What is on a disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Image {
    pub(super) keyring: Option<Vec<u8>>,
    pub(super) next: Option<Vec<u8>>,
}

#[derive(Default)]
struct DiskState {
    /// What is there after a loss of power.
    durable: Image,
    /// What those see who read it.
    current: Image,
    /// What was done since the last sync.
    pending: Vec<Pending>,
    /// How many operations there are until the power is lost.
    left: Option<usize>,
    fault: Option<Fault>,
}

/// What a loss of power may take back.
#[derive(Clone)]
enum Pending {
    Write(u64, Vec<u8>),
    Cut(u64),
    WriteNext(Vec<u8>),
    UseNext,
    RemoveNext,
}

impl Pending {
    /// Does it, or only so many bytes of it.
    fn on(&self, image: &mut Image, bytes_max: usize) {
        match self {
            Self::Cut(at) => image.keyring.get_or_insert_default().truncate(*at as usize),
            Self::Write(at, bytes) => {
                let file = image.keyring.get_or_insert_default();
                let bytes = &bytes[..bytes.len().min(bytes_max)];
                let end = *at as usize + bytes.len();
                if file.len() < end {
                    file.resize(end, 0);
                }
                file[*at as usize..end].copy_from_slice(bytes);
            }
            Self::WriteNext(bytes) => {
                image.next = Some(bytes[..bytes.len().min(bytes_max)].to_vec());
            }
            Self::UseNext => {
                if let Some(next) = image.next.take() {
                    image.keyring = Some(next);
                }
            }
            Self::RemoveNext => image.next = None,
        }
    }

    /// How many bytes of it may be there.
    fn lengths(&self) -> Vec<usize> {
        match self {
            Self::Write(_, bytes) | Self::WriteNext(bytes) => {
                vec![1, bytes.len() / 2, bytes.len() - 1, bytes.len()]
            }
            Self::Cut(_) | Self::UseNext | Self::RemoveNext => vec![0],
        }
    }
}

impl Disk {
    /// A disk that has an image on it, and loses the power after so many operations.
    pub(super) fn with(image: Image, left: Option<usize>, fault: Option<Fault>) -> Self {
        Self(Arc::new(Mutex::new(DiskState {
            durable: image.clone(),
            current: image,
            left,
            fault,
            ..DiskState::default()
        })))
    }

    /// Has it lose the power after so many operations from now on, or never.
    pub(super) fn lose_after(&self, left: Option<usize>) {
        self.0.lock().left = left;
    }

    /// What those see who read it. It is what a kill leaves.
    pub(super) fn current(&self) -> Image {
        self.0.lock().current.clone()
    }

    /// What may be on it after a loss of power at this moment.
    pub(super) fn images(&self) -> Vec<Image> {
        let state = self.0.lock();
        let mut images = vec![state.durable.clone()];
        for pending in &state.pending {
            for image in images.clone() {
                for length in pending.lengths() {
                    let mut image = image.clone();
                    pending.on(&mut image, length);
                    images.push(image);
                }
            }
        }
        images.sort_unstable();
        images.dedup();
        images
    }

    /// Makes a change, unless the power is lost; the last one before that may have been made in part. One that `is_synced`
    /// is on disk once it was made.
    fn change(&self, change: Option<Pending>, is_synced: bool) -> io::Result<()> {
        let mut state = self.0.lock();
        match &mut state.left {
            Some(0) => return Err(io::Error::other("the power is lost")),
            Some(left) => *left -= 1,
            None => {}
        }
        if let Some(change) = change {
            change.on(&mut state.current, usize::MAX);
            state.pending.push(change);
        }
        if state.left == Some(0) {
            return Err(io::Error::other("the power is lost"));
        }
        if is_synced && state.fault != Some(Fault::NoSync) {
            state.durable = state.current.clone();
            state.pending.clear();
        }
        Ok(())
    }

    fn has(&self, fault: Fault) -> bool {
        self.0.lock().fault == Some(fault)
    }
}

impl Medium for Disk {
    fn lock(&self) -> Result<Box<dyn Locked>, Error> {
        Ok(Box::new(()))
    }

    fn beginning(&self, bytes: usize) -> io::Result<Option<(Vec<u8>, u64)>> {
        let state = self.0.lock();
        Ok(state.current.keyring.as_ref().map(|all| {
            let first = all[..all.len().min(bytes)].to_vec();
            (first, all.len() as u64)
        }))
    }

    fn read(&self) -> io::Result<Option<Vec<u8>>> {
        Ok(self.0.lock().current.keyring.clone())
    }

    fn write(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let is_left = self.has(Fault::KeyLeft) && bytes.len() == 76;
        let write = (!is_left).then(|| Pending::Write(at, bytes.to_vec()));
        self.change(write, false)
    }

    fn cut(&self, length: u64) -> io::Result<()> {
        self.change(Some(Pending::Cut(length)), false)
    }

    fn sync(&self) -> io::Result<()> {
        self.change(None, true)
    }

    fn write_next(&self, bytes: &[u8]) -> io::Result<()> {
        let write = match self.has(Fault::WrittenInPlace) {
            true => Pending::Write(0, bytes.to_vec()),
            false => Pending::WriteNext(bytes.to_vec()),
        };
        self.change(Some(write), true)
    }

    fn use_next(&self) -> io::Result<()> {
        self.change(Some(Pending::UseNext), false)
    }

    fn sync_name(&self) -> io::Result<()> {
        self.change(None, true)
    }

    fn wipe_next(&self) -> io::Result<()> {
        if self.has(Fault::NextLeft) || self.current().next.is_none() {
            return Ok(());
        }
        self.change(Some(Pending::RemoveNext), true)
    }
}
