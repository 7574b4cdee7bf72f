//! One connection to a server, used without `async` by one thread at a time.
//!
//! It has an event loop of its own, which runs while something is asked of it. What the server says beside its answers
//! is kept: a warning within a commit changes what the commit's success means.

use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, join, join3, select};
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::{self, Runtime};
use tokio::sync::Notify;
use tokio::task::{JoinError, JoinHandle, yield_now};
use tokio::time::timeout;
use tokio_postgres::error::Severity;
use tokio_postgres::types::ToSql;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, Row, Statement};
use uuid::Uuid;

use crate::block_size::BlockSize;
use crate::failure::Failure;
use crate::hosts;
use crate::tls::Connector;

/// How long it may take to take leave of a server.
const LEAVING: Duration = Duration::from_secs(1);

/// Without knowing any values, the planner would take a table to be read whole for what an index finds.
const PLAN_ONCE: &str = "SELECT set_config(wanted.name, wanted.value, false) FROM (VALUES \
     ('plan_cache_mode', 'force_generic_plan'), ('enable_seqscan', 'off')) AS wanted (name, value) \
     JOIN pg_settings USING (name)";

/// The values of a statement.
pub(crate) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// What was asked, and not answered yet.
pub(crate) type Begun<T> = JoinHandle<T>;

/// An answer, unless asking has come to nothing by a panic.
pub(crate) type Heard<T> = Result<T, JoinError>;

/// What is there of a log on a server, as a session finds it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LogTables {
    /// The id of the log.
    pub(crate) log: Uuid,
    /// Whether there is a table of blocks that may be read, and one that may be changed.
    pub(crate) reads_blocks: bool,
    pub(crate) writes_blocks: bool,
    /// How many events a block has.
    pub(crate) block_size: BlockSize,
    /// Whether the server may be a standby, which is behind others.
    pub(crate) may_be_behind: bool,
}

/// One connection.
pub(crate) struct Session {
    /// What it leads to.
    pub(crate) tables: LogTables,
    /// There until the connection is closed.
    client: Option<Arc<Client>>,
    driver: Option<JoinHandle<()>>,
    /// What was prepared, by its text.
    statements: HashMap<&'static str, Statement>,
    said: Arc<Mutex<Said>>,
    /// Stirred by what is told on a channel, and by the end of the connection.
    told: Arc<Notify>,
    runtime: Runtime,
}

/// What a server has said unasked.
#[derive(Debug, Default)]
struct Said {
    warnings: Vec<String>,
    /// What was told on channels.
    told: Vec<String>,
    /// Why the connection has ended.
    ended: Option<String>,
}

impl Session {
    /// Connects to the first of the servers that will do.
    pub(crate) fn connect(servers: &[Config], tls: &Connector) -> Result<Self, Failure> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::Refused(format!("no event loop can be had: {error}")))?;
        let (client, connection) = runtime.block_on(hosts::connect(servers, tls))?;
        let said = Arc::<Mutex<Said>>::default();
        let told = Arc::<Notify>::default();
        let driver = runtime.spawn(drive(connection, Arc::clone(&said), Arc::clone(&told)));
        Ok(Self {
            tables: LogTables::default(),
            client: Some(Arc::new(client)),
            driver: Some(driver),
            statements: HashMap::new(),
            said,
            told,
            runtime,
        })
    }

    /// Whether the server is known to be gone.
    pub(crate) fn is_closed(&self) -> bool {
        self.client.as_ref().is_none_or(|client| client.is_closed())
    }

    /// Runs statements without values, such as `BEGIN`.
    pub(crate) fn run(&self, sql: &str) -> Result<(), Failure> {
        self.ask(async |client| client.batch_execute(sql).await)
    }

    /// Runs a statement, and returns its rows.
    pub(crate) fn rows(
        &mut self,
        sql: &'static str,
        values: Values<'_>,
    ) -> Result<Vec<Row>, Failure> {
        let statement = self.statement(sql)?;
        self.ask(async |client| client.query(&statement, values).await)
    }

    /// Runs statements without values, and right behind them one that has rows, in one turn.
    pub(crate) fn run_then(
        &mut self,
        first: &str,
        sql: &'static str,
        values: Values<'_>,
    ) -> Result<Vec<Row>, Failure> {
        let statement = self.statement(sql)?;
        self.ask(async |client| {
            // Each is sent when it is first polled, which `join` does in this order.
            let both = join(
                client.batch_execute(first),
                client.query(&statement, values),
            );
            let (first, rows) = both.await;
            first.and(rows)
        })
    }

    /// The same with two that have rows.
    pub(crate) fn run_then_both(
        &mut self,
        first: &str,
        (second, second_values): (&'static str, Values<'_>),
        (third, third_values): (&'static str, Values<'_>),
    ) -> Result<[Vec<Row>; 2], Failure> {
        let (second, third) = (self.statement(second)?, self.statement(third)?);
        self.ask(async |client| {
            let all = join3(
                client.batch_execute(first),
                client.query(&second, second_values),
                client.query(&third, third_values),
            );
            let (first, second, third) = all.await;
            first?;
            Ok::<_, tokio_postgres::Error>([second?, third?])
        })
    }

    /// Has statements planned once, for any values, rather than anew for each: it is for look-ups by keys alone, for which
    /// planning costs more than what it saves. A relative of `PostgreSQL` that has no such setting goes on as it is.
    pub(crate) fn plan_once(&mut self) -> Result<(), Failure> {
        self.rows(PLAN_ONCE, &[]).map(drop)
    }

    /// What the server has warned of since this was last asked.
    pub(crate) fn take_warnings(&self) -> Vec<String> {
        std::mem::take(&mut self.said.lock().warnings)
    }

    /// What was told on channels that it listens to, since this was last asked.
    pub(crate) fn take_told(&self) -> Vec<String> {
        std::mem::take(&mut self.said.lock().told)
    }

    /// Waits until something is told on a channel that it listens to, the connection ends, or `stirred` is; but no longer
    /// than that. Returns whether any of it has happened.
    pub(crate) fn rest(&self, stirred: &Notify, longest: Duration) -> bool {
        self.runtime.block_on(async {
            let told = pin!(self.told.notified());
            let stirred = pin!(stirred.notified());
            timeout(longest, select(told, stirred)).await.is_ok()
        })
    }

    /// Takes leave of the server.
    pub(crate) fn close(mut self) {
        self.leave();
    }

    fn leave(&mut self) {
        drop(self.client.take());
        if let Some(driver) = self.driver.take() {
            // It says goodbye once there is no client any more. A server that does not listen is left all the same.
            let leave = async { timeout(LEAVING, driver).await };
            let _ = self.runtime.block_on(leave);
        }
    }

    /// A statement that was prepared before.
    pub(crate) fn prepared(&self, sql: &'static str) -> Option<Statement> {
        self.statements.get(sql).cloned()
    }

    /// Begins to ask something: it is sent, and its answer is [heard](Session::hear) later. What else is asked meanwhile comes
    /// to the server behind it.
    pub(crate) fn begin<F>(&self, ask: impl FnOnce(Arc<Client>) -> F) -> Option<Begun<F::Output>>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let client = self.client.clone()?;
        let begun = self.runtime.spawn(ask(client));
        // In one turn of the event loop, what is asked is handed to who carries messages, and sent.
        self.runtime.block_on(yield_now());
        Some(begun)
    }

    /// Waits for the answer to what was begun, or until `stirred` is.
    pub(crate) fn hear<T>(&self, begun: &mut Begun<T>, stirred: &Notify) -> Option<Heard<T>> {
        self.runtime.block_on(async {
            match select(begun, pin!(stirred.notified())).await {
                Either::Left((heard, _)) => Some(heard),
                Either::Right(_) => None,
            }
        })
    }

    /// A statement, which is prepared unless that was done.
    pub(crate) fn statement(&mut self, sql: &'static str) -> Result<Statement, Failure> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.ask(async |client| client.prepare(sql).await)?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }

    /// Asks something, and waits for the answer.
    pub(crate) fn ask<T, E: Into<Failure>>(
        &self,
        ask: impl AsyncFnOnce(&Client) -> Result<T, E>,
    ) -> Result<T, Failure> {
        let gone = || Failure::Lost("it was closed".to_owned());
        let client = self.client.as_deref().ok_or_else(gone)?;
        let answer = self.runtime.block_on(ask(client));
        answer.map_err(|error| self.explained(error.into()))
    }

    /// Of a connection that has ended, the server may have said why before.
    pub(crate) fn explained(&self, failure: Failure) -> Failure {
        match failure {
            Failure::Lost(text) => match &self.said.lock().ended {
                Some(why) if *why != text => Failure::Lost(format!("{text}: {why}")),
                _ => Failure::Lost(text),
            },
            other => other,
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Carries messages to and fro until the connection ends.
async fn drive<S, T>(connection: Connection<S, T>, said: Arc<Mutex<Said>>, told: Arc<Notify>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    carry(connection, &said, &told).await;
    told.notify_one();
}

async fn carry<S, T>(mut connection: Connection<S, T>, said: &Mutex<Said>, told: &Notify)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        match poll_fn(|context| connection.poll_message(context)).await {
            Some(Ok(AsyncMessage::Notice(notice))) => {
                // What is less than a warning, such as a table that is there already, means nothing here.
                if notice.parsed_severity() == Some(Severity::Warning) {
                    let text = format!("{} ({})", notice.message(), notice.code().code());
                    said.lock().warnings.push(text);
                }
            }
            Some(Ok(AsyncMessage::Notification(notification))) => {
                said.lock().told.push(notification.payload().to_owned());
                told.notify_one();
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => {
                let text = match Failure::from(error) {
                    Failure::Lost(text)
                    | Failure::Undone(text)
                    | Failure::Refused(text)
                    | Failure::Gone(text) => text,
                    failure @ (Failure::Behind | Failure::Told(_)) => {
                        failure.error().text().to_owned()
                    }
                };
                said.lock().ended = Some(text);
                return;
            }
            None => return,
        }
    }
}
