//! Making sessions, with servers that keep the promise.

use std::time::{Duration, Instant};

use codebolt_eventlog::cancellation::Cancellation;
use codebolt_eventlog::engine::closed;
use codebolt_eventlog::error::{Code, Error};
use parking_lot::Mutex;
use tokio_postgres::Config;
use uuid::Uuid;

use crate::address::Address;
use crate::failure::Failure;
use crate::hosts;
use crate::options::{Durability, Options};
use crate::schema;
use crate::session::Session;
use crate::tls::{self, Connector};

/// How long it takes until a server is asked again that was not there: at first, and at the most.
const PAUSES: [Duration; 2] = [Duration::from_millis(10), Duration::from_millis(100)];

/// The servers of a log.
pub(crate) struct Server {
    address: Address,
    /// What leads to each of them.
    hosts: Vec<Config>,
    /// What encrypts connections, by the certificates that were read last.
    connector: Mutex<Connector>,
    pub(crate) options: Options,
    /// By which this opening of the log knows its own hints.
    pub(crate) own: Uuid,
    /// Which log it is, once that is known.
    id: Mutex<Option<Uuid>>,
    /// Raised when nobody is left to hear anything.
    pub(crate) unwanted: Cancellation,
}

impl Server {
    /// # Errors
    ///
    /// `INVALID_ARGUMENT`.
    pub(crate) fn of(options: &Options, unwanted: Cancellation) -> Result<Self, Error> {
        let variable = |name: &str| std::env::var(name).ok();
        let address = Address::parse(options, variable)?;
        Ok(Self {
            connector: Mutex::new(tls::connector(&address.tls)?),
            hosts: hosts::each(&address.config),
            address,
            options: options.clone(),
            own: Uuid::new_v4(),
            id: Mutex::default(),
            unwanted,
        })
    }

    /// A session with a server that takes changes, or any where the log is only read.
    pub(crate) fn connect(&self) -> Result<Session, Failure> {
        let mut session = Session::connect(&self.hosts, &self.connector())?;
        self.check_settings(&mut session)?;
        session.plan_once()?;
        let known = *self.id.lock();
        let options = &self.options;
        // Nothing is made in the place of a log that is gone.
        let no_making = options.read_only || known.is_some();
        let prepared = schema::prepare(&mut session, &self.address.schema, no_making);
        match (known, prepared) {
            (Some(known), Ok(found)) if known != found.log => {
                let text = "there is another log in the schema";
                return Err(Failure::Gone(text.to_owned()));
            }
            (_, Ok(found)) => {
                *self.id.lock() = Some(found.log);
                session.tables = found;
                session.tables.writes_blocks &= !options.read_only;
                session.tables.block_size = options.block_size();
                session.tables.may_be_behind = options.read_only;
            }
            (Some(_), Err(Failure::Told(error))) if error.code() == Code::StorageFailed => {
                let text = "the tables of the log are not there";
                return Err(Failure::Gone(text.to_owned()));
            }
            (_, Err(failure)) => return Err(failure),
        }
        Ok(session)
    }

    /// What encrypts the next connection. Certificates in files may have been renewed since the last one. What cannot be
    /// read, such as a file that is just being written, is as it was.
    fn connector(&self) -> Connector {
        let mut last = self.connector.lock();
        if self.address.tls.has_files()
            && let Ok(renewed) = tls::connector(&self.address.tls)
        {
            *last = renewed;
        }
        last.clone()
    }

    /// A session, as soon as there is a server, if that is before `until` or at once.
    pub(crate) fn connect_until(
        &self,
        until: Instant,
        unwanted: &Cancellation,
    ) -> Result<Session, Failure> {
        let [mut pause, longest] = PAUSES;
        loop {
            let failure = match self.connect() {
                Err(failure @ (Failure::Lost(_) | Failure::Undone(_))) => failure,
                other => return other,
            };
            if unwanted.is_cancelled() {
                return Err(Failure::Told(closed()));
            }
            if Instant::now() + pause > until {
                return Err(failure);
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(longest);
        }
    }

    /// Until when a server is waited for from now on.
    pub(crate) fn patience(&self) -> Instant {
        Instant::now() + self.options.server_wait
    }

    /// Refuses a server whose settings break the promise, and sets those of the session.
    fn check_settings(&self, session: &mut Session) -> Result<(), Failure> {
        let rows = session.rows(
            "SELECT name, setting FROM pg_settings WHERE name IN ('server_encoding', 'fsync', 'full_page_writes', \
             'synchronous_standby_names', 'synchronous_commit')",
            &[],
        )?;
        let mut commits = "on";
        for row in &rows {
            let (name, found): (&str, &str) = (row.get(0), row.get(1));
            let expected = match name {
                "server_encoding" => "UTF8",
                "fsync" | "full_page_writes" => "on",
                "synchronous_commit" => {
                    if found == "remote_apply" {
                        commits = "remote_apply";
                    }
                    continue;
                }
                _ if self.address.durability == Durability::Replicated && found.is_empty() => {
                    if self.id.lock().is_some() {
                        // One that has just taken another one's place may come to it.
                        let text =
                            "the server waits for no standby: synchronous_standby_names is empty";
                        return Err(Failure::Lost(text.to_owned()));
                    }
                    let expected =
                        "a server that waits for a standby, with synchronous_standby_names";
                    let error = Error::expected("durability", expected, "one that waits for none");
                    return Err(Failure::Told(error));
                }
                _ => continue,
            };
            if found != expected && !self.options.read_only {
                let expected =
                    format!("a server with {name} = {expected}, so that what is stored stays");
                return Err(Failure::Told(Error::expected("path", &expected, found)));
            }
        }
        session.run(&format!(
            "SET search_path = {}; SET synchronous_commit = {commits}; SET statement_timeout = 0; SET lock_timeout = 0; \
             SET idle_in_transaction_session_timeout = 0; SET default_transaction_isolation = 'read committed'; \
             SET client_min_messages = warning",
            schema::quoted(&self.address.schema)
        ))
    }
}
