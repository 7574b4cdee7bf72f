//! The engine: what serves one opening of a log.

use std::sync::Arc;
use std::thread::JoinHandle;

use codebolt_eventlog::cancellation::Cancellation;
use codebolt_eventlog::engine::workings::{Counters, IDLE, Queue, start};
use codebolt_eventlog::engine::{Counts, Timed, read_only};
use codebolt_eventlog::error::{Code, Error};
use codebolt_eventlog::progress::Progress;
use codebolt_eventlog::seam::{
    EndWait, LogEngine, LogShare, OnOperated, Operated, Operation, QueuedChange, QueuedRead,
};
use parking_lot::Mutex;

use crate::blocks::KnownBlocks;
use crate::commit::Committer;
use crate::followers::Followers;
use crate::hints::Hints;
use crate::observed::Observed;
use crate::options::Options;
use crate::reads::Reads;
use crate::server::Server;
use crate::verify::verify;
use crate::writer::{Change, Writer};

/// An open log.
struct PostgresEngine {
    options: Options,
    writer: Writer,
    /// The thread that writes, or the last one that did.
    thread: Mutex<Option<JoinHandle<()>>>,
    /// Raised when nobody is left to hear what is read.
    unwanted: Cancellation,
}

/// Opens a log, and makes it if it is not there. It waits for a server as long as the options say, unless `unwanted` is
/// raised.
///
/// # Errors
///
/// `INVALID_ARGUMENT` for an address that is none, and a server whose settings break the promise; `STORAGE_FAILED` if no
/// server can be reached, or it refuses; `UNSUPPORTED_FORMAT` if the tables are of another format; `CLOSED`.
pub fn open(options: &Options, unwanted: &Cancellation) -> Result<Box<dyn LogShare>, Error> {
    let own = Cancellation::default();
    let server = Arc::new(Server::of(options, own.clone())?);
    let session = server.connect_until(server.patience(), unwanted);
    let session = session.map_err(|failure| failure.error())?;
    let observed = Arc::<Observed>::default();
    let known_blocks = Arc::new(KnownBlocks::new(options.cache_bytes));
    let shared = || (Arc::clone(&observed), Arc::clone(&known_blocks));
    let committer = Committer::new(Arc::clone(&server), shared());
    let writer = Writer {
        queue: Arc::new(Queue::new(IDLE)),
        committer: Arc::new(Mutex::new(committer)),
        reads: Reads::new(Arc::clone(&server), shared(), session),
        hints: Hints::new(Arc::clone(&server)),
        followers: Followers::new(server, Arc::clone(&observed)),
        observed,
        counters: Arc::<Counters>::default(),
        stirred: Arc::default(),
    };
    Ok(Box::new(PostgresEngine {
        options: options.clone(),
        writer,
        thread: Mutex::default(),
        unwanted: own,
    }))
}

impl PostgresEngine {
    fn start_writer(&self) -> std::io::Result<()> {
        let writer = self.writer.clone();
        let started = start("eventlog-writer", move || writer.run())?;
        // One that was there before has nothing more to do.
        *self.thread.lock() = Some(started);
        Ok(())
    }
}

impl LogEngine for PostgresEngine {
    fn event_bytes_max(&self) -> usize {
        self.options.event_bytes_max
    }

    fn counts(&self) -> Counts {
        Counts {
            queue: self.writer.queue.counts(),
            waiting: self.writer.followers.waiting_count(),
            ..self.writer.counters.counts()
        }
    }

    fn take_timed(&self) -> Vec<Timed> {
        self.writer.counters.take_timed()
    }

    fn change(&self, change: Box<dyn QueuedChange>) {
        if self.options.read_only {
            return change.finish(Err(read_only()));
        }
        let bytes_max = self.options.queued_bytes_max;
        let queued = self
            .writer
            .queue
            .push(Change(change), bytes_max, || self.start_writer());
        self.writer.stirred.look(&self.writer.queue);
        if let Err((Change(change), error)) = queued {
            change.finish(Err(error));
        }
    }

    fn read(&self, read: Box<dyn QueuedRead>) {
        self.writer.reads.read(read);
    }

    fn follow(
        &self,
        instance: Option<u32>,
        seen: u64,
        wake: Box<dyn FnOnce() + Send>,
    ) -> Result<EndWait, Error> {
        self.writer.followers.wait(instance, seen, wake)
    }

    fn operate(&self, operation: Operation, progress: Progress, done: OnOperated) {
        match operation {
            Operation::Verify => self.writer.reads.operate(
                progress,
                |snapshot, progress| Ok(Operated::Verified(verify(snapshot, progress)?)),
                done,
            ),
            Operation::Backup(_) | Operation::Compact => {
                let text = "expected a log in a file, found one in PostgreSQL, which has its own ways for that: \
                     pg_basebackup or pg_dump, and VACUUM";
                done(Err(Error::new(Code::InvalidArgument, text)));
            }
            Operation::Erase(_) => {
                let text = "expected a log in a file, found one in PostgreSQL, which keeps what was replaced in its own \
                     files, in its write-ahead log and in its replicas, so that nothing is promised to be gone";
                done(Err(Error::new(Code::InvalidArgument, text)));
            }
        }
    }
}

impl LogShare for PostgresEngine {
    fn engine(&self) -> &dyn LogEngine {
        self
    }

    fn read_only(&self) -> bool {
        self.options.read_only
    }

    fn release(self: Box<Self>, given_up: bool) -> Result<(), Error> {
        if given_up {
            self.unwanted.cancel();
        }
        self.writer.queue.close();
        let thread = self.thread.lock().take();
        if let Some(thread) = thread {
            // The writer catches every panic, so there is none to hear of.
            let _ = thread.join();
        }
        self.writer.hints.close();
        self.writer.followers.close();
        self.writer.reads.close();
        self.writer.committer.lock().close();
        Ok(())
    }
}
