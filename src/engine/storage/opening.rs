//! Opening what a log consists of: its journal and its tables.

use std::sync::Arc;

use redb::{
    Builder, ConcurrencyMode, Database, ReadOnlyDatabase, ReadableDatabase, StorageBackend,
};

use super::medium::Medium;
use super::name::Name;
use super::region::Region;
use super::unwritten::{Unwritten, opened_to_read};
use crate::engine::journal::{JournalFile, Layout, Signature};
use crate::engine::tables::creation;
use crate::engine::{Fault, Options};
use crate::error::{Code, Error};

/// A log that is open.
pub(in crate::engine) struct Opened {
    pub(in crate::engine) tables: Tables,
    pub(in crate::engine) journal: JournalFile,
    pub(in crate::engine) name: Option<Arc<Name>>,
}

/// A redb database, in one of the ways it can be open.
pub(in crate::engine) enum Tables {
    Unwritten(Unwritten),
    Writable(Database),
    ReadOnly(ReadOnlyDatabase),
}

/// Opens a log, making it if the medium is empty and may be written: then of the layout `new`. One that is opened
/// `again` has to be the log that it was.
pub(in crate::engine) fn open<M: Medium + Clone + Send + Sync + 'static>(
    medium: &M,
    options: &Options,
    new: Layout,
    again: Option<Signature>,
) -> Result<Opened, Fault> {
    let writable = !options.read_only;
    let (backend, synced_writes) = medium.journal(writable)?;
    let wait = options.lock_wait;
    let journal = JournalFile::open(backend, synced_writes, writable, new, wait, again)?;
    let tables = if writable {
        to_be_written(medium.clone(), &journal, options.clone())?
    } else {
        Tables::ReadOnly(read_only(medium, &journal, options)?)
    };
    let name = medium.name().map(Arc::new);
    Ok(Opened {
        tables,
        journal,
        name,
    })
}

/// The tables of a log that may be written to.
fn to_be_written(
    medium: impl Medium + Send + Sync + 'static,
    journal: &JournalFile,
    options: Options,
) -> Result<Tables, Fault> {
    // What keeps others out with `exclusive` are the locks of a database that is open for writing.
    let reading = if options.exclusive || is_new(journal)? {
        None
    } else {
        let region = region(&medium, journal, true)?;
        opened_to_read(&builder(&options, journal), region, journal)?
    };
    let open = move |journal: &JournalFile| for_writing(&medium, journal, &options);
    Ok(match reading {
        Some(reading) => Tables::Unwritten(Unwritten {
            reading,
            opener: Arc::new(open),
        }),
        None => Tables::Writable(open(journal)?),
    })
}

fn for_writing(
    medium: &impl Medium,
    journal: &JournalFile,
    options: &Options,
) -> Result<Database, Fault> {
    let region = region(medium, journal, true)?;
    let file = region.file();
    let database = builder(options, journal).create_with_backend(region)?;
    creation::prepare(&database)?;
    journal.write_unsynced_through(file);
    Ok(database)
}

/// Whether nothing was written to the journal yet. The tables are there before that.
fn is_new(journal: &JournalFile) -> Result<bool, Fault> {
    Ok(journal.headers()?.iter().all(Option::is_none))
}

/// The part of the file that the tables are in.
fn region(medium: &impl Medium, journal: &JournalFile, write: bool) -> Result<Region, Fault> {
    let new = is_new(journal)?;
    let region = Region::new(medium.tables(write)?, journal.layout().tables_at(), new)
        .counted(journal.written_to_tables());
    if !new && region.len()? == 0 {
        return Err(Fault::Corrupted("the tables are missing".to_owned()));
    }
    Ok(region)
}

fn read_only(
    medium: &impl Medium,
    journal: &JournalFile,
    options: &Options,
) -> Result<ReadOnlyDatabase, Fault> {
    let open = || -> Result<_, Fault> {
        let region = region(medium, journal, false)?;
        Ok(builder(options, journal).open_read_only_with_backend(region)?)
    };
    let database = match open() {
        Err(Fault::Storage(redb::Error::RepairAborted)) => {
            recover(medium, journal, options)?;
            open()?
        }
        opened => opened?,
    };
    if creation::check(&database.begin_read()?)? {
        Ok(database)
    } else {
        Err(Fault::refused(
            Code::Corrupted,
            "the file is not a log yet: no log has been opened for writing in it",
        ))
    }
}

/// Brings tables that were not closed cleanly back to their last commit. Only a writer can.
fn recover(medium: &impl Medium, journal: &JournalFile, options: &Options) -> Result<(), Fault> {
    let region = region(medium, journal, true).map_err(|fault| {
        let error = Error::from(fault);
        Fault::refused(
            Code::StorageFailed,
            format!(
                "the log was not closed cleanly, and what a crash has left can only be recovered \
                 by writing to it: {}",
                error.text()
            ),
        )
    })?;
    Ok(builder(options, journal)
        .create_with_backend(region)?
        .close()?)
}

/// What the tables are opened with.
fn builder(options: &Options, journal: &JournalFile) -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(options.page_cache_bytes(journal.layout().format));
    builder.set_concurrency_mode(if options.exclusive {
        ConcurrencyMode::ExclusiveWriter
    } else {
        ConcurrencyMode::MultiWriter
    });
    builder
}
