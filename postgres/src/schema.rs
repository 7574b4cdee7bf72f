//! The tables of a log, and how they are made.
//!
//! Plain tables, which every relative of `PostgreSQL` has: no functions, triggers, sequences, extensions or foreign keys.
//! Names that callers choose are `bytea`, because a text cannot have U+0000 in `PostgreSQL`, and because their order is that
//! of their bytes whatever the database collates by. JSON texts have no such character: JSON writes it as an escape.

use codebolt_eventlog::engine::Fault;
use codebolt_eventlog::error::{Code, Error};
use uuid::Uuid;

use crate::failure::Failure;
use crate::session::{LogTables, Session};

/// The format of the tables. A change that an older version cannot read has another number.
const FORMAT: i32 = 1;

/// Heads and writers are updated in place over and over: there is room for new versions beside the old ones.
const TABLES: &str = "
    -- One row: what the whole log has.
    CREATE TABLE log (
        one boolean PRIMARY KEY CHECK (one),
        format int NOT NULL,
        id uuid NOT NULL,
        -- Moves on with each instance that is made, renamed or deleted.
        commits bigint NOT NULL,
        -- Of the last such change.
        token bigint NOT NULL,
        next_instance bigint NOT NULL
    ) WITH (fillfactor = 10);

    -- Ids and names of instances, which are one namespace.
    CREATE TABLE names (
        name bytea PRIMARY KEY,
        instance int NOT NULL
    );

    CREATE TABLE instances (
        instance int PRIMARY KEY,
        id bytea NOT NULL,
        name bytea NOT NULL,
        description bytea,
        created_at bigint NOT NULL
    );

    -- Where each instance stands. Whoever moves it on knows its token.
    CREATE TABLE heads (
        instance int PRIMARY KEY,
        position bigint NOT NULL,
        commits bigint NOT NULL,
        token bigint NOT NULL,
        streams bigint NOT NULL,
        bytes bigint NOT NULL,
        updated_at bigint NOT NULL,
        latest bigint NOT NULL,
        late_position bigint NOT NULL
    ) WITH (fillfactor = 10);

    CREATE TABLE events (
        position bigint NOT NULL,
        sequence bigint NOT NULL,
        -- The position of the event before it in its stream; 0 if it is the first one.
        previous bigint NOT NULL,
        -- Milliseconds since 1970.
        at bigint NOT NULL,
        instance int NOT NULL,
        -- With a key: how many events the call has, from this one on.
        call_events int,
        id uuid NOT NULL,
        stream bytea NOT NULL,
        type bytea NOT NULL,
        -- The idempotency key of the call whose first event it is.
        key bytea,
        payload text NOT NULL,
        metadata text NOT NULL,
        PRIMARY KEY (instance, position)
    );
    CREATE UNIQUE INDEX events_stream ON events (instance, stream, sequence);
    CREATE UNIQUE INDEX events_key ON events (instance, key) WHERE key IS NOT NULL;

    CREATE TABLE states (
        instance int NOT NULL,
        name bytea NOT NULL,
        value bytea NOT NULL,
        PRIMARY KEY (instance, name)
    );

    -- The last frame of everybody who writes, by which it is known after a lost connection whether it was stored.
    CREATE TABLE writers (
        writer uuid PRIMARY KEY,
        frame bigint NOT NULL,
        began_at bigint NOT NULL
    ) WITH (fillfactor = 10);
";

/// Apart from the others, since the log is whole without it: a log that was made before there was this table gets it later.
/// For the same reason it is no other format.
const BLOCKS: &str = "
    -- What is known of the events of whole blocks, for queries. It follows from the events.
    CREATE TABLE IF NOT EXISTS blocks (
        instance int NOT NULL,
        block int NOT NULL,
        -- Of the last event of the block.
        last_id uuid NOT NULL,
        directory bytea NOT NULL,
        body bytea NOT NULL,
        PRIMARY KEY (instance, block)
    );
    -- As it is, so that a part of it can be read by itself: its columns are compressed already.
    ALTER TABLE blocks ALTER COLUMN body SET STORAGE EXTERNAL;
";

/// Whether the table of blocks may be read, and whether it may be changed.
const RIGHTS: &str = "SELECT has_table_privilege(t, 'SELECT'), has_table_privilege(t, 'INSERT') \
     AND has_table_privilege(t, 'UPDATE') AND has_table_privilege(t, 'DELETE') \
     AND has_table_privilege(t, 'SELECT') FROM to_regclass('blocks') t WHERE t IS NOT NULL";

/// A name as SQL has it.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Finds the log in the schema that the session looks into, and makes it if there is none.
pub(crate) fn prepare(
    session: &mut Session,
    schema: &str,
    read_only: bool,
) -> Result<LogTables, Failure> {
    let log = prepare_log(session, schema, read_only)?;
    let mut rights = session.rows(RIGHTS, &[])?;
    if rights.is_empty() && !read_only {
        match session.run(BLOCKS) {
            // Who may not make it goes without, unless somebody else has made it meanwhile.
            Ok(()) | Err(Failure::Refused(_)) => rights = session.rows(RIGHTS, &[])?,
            Err(failure) => return Err(failure),
        }
    }
    let right = |at| rights.first().is_some_and(|row| row.get(at));
    Ok(LogTables {
        log,
        reads_blocks: right(0),
        writes_blocks: right(1),
        ..LogTables::default()
    })
}

/// Finds the log, and makes it if there is none. Returns its id.
fn prepare_log(session: &mut Session, schema: &str, read_only: bool) -> Result<Uuid, Failure> {
    if let Some(id) = found(session)? {
        return Ok(id);
    }
    let is_there = is_there(session, schema)?;
    if read_only {
        let text = format!("there is no log in the schema {schema:?} of the database");
        return Err(Failure::Told(Error::new(Code::StorageFailed, text)));
    }
    let made = make(session, schema, is_there);
    if made.is_err() && !session.is_closed() {
        // Somebody else may have made it meanwhile.
        session.run("ROLLBACK")?;
        if let Some(id) = found(session)? {
            return Ok(id);
        }
    }
    made
}

/// Whether there is the schema. What is in one that may not be looked into seems not to be there.
fn is_there(session: &mut Session, schema: &str) -> Result<bool, Failure> {
    let rows = session.rows(
        "SELECT has_schema_privilege(oid, 'USAGE'), current_user::text FROM pg_namespace WHERE nspname = $1",
        &[&schema],
    )?;
    match rows.first().map(|row| (row.get(0), row.get(1))) {
        None => Ok(false),
        Some((true, _)) => Ok(true),
        Some((false, user)) => {
            let user: &str = user;
            let text = format!(
                "the database refused: permission denied for schema {schema:?}: {user:?} needs USAGE on it"
            );
            Err(Failure::Told(Error::new(Code::StorageFailed, text)))
        }
    }
}

/// The id of the log, if there is one.
fn found(session: &mut Session) -> Result<Option<Uuid>, Failure> {
    let is_there = session.rows("SELECT to_regclass('log') IS NOT NULL", &[])?;
    let is_there = is_there.first().is_some_and(|row| row.get(0));
    if !is_there {
        return Ok(None);
    }
    let rows = session.rows("SELECT format, id FROM log", &[])?;
    let row = rows
        .first()
        .ok_or_else(|| Failure::corrupted("the table log is empty"))?;
    let format: i32 = row.get(0);
    if format != FORMAT {
        let fault = Fault::UnsupportedFormat {
            found: format as u32,
            expected: FORMAT as u32,
        };
        return Err(Failure::Told(fault.into()));
    }
    Ok(Some(row.get(1)))
}

fn make(session: &mut Session, schema: &str, is_there: bool) -> Result<Uuid, Failure> {
    let id = Uuid::new_v4();
    session.run("BEGIN")?;
    if !is_there {
        session.run(&format!("CREATE SCHEMA {}", quoted(schema)))?;
    }
    session.run(TABLES)?;
    session.run(BLOCKS)?;
    session.rows(
        "INSERT INTO log (one, format, id, commits, token, next_instance) VALUES (true, $1, $2, 0, 0, 1)",
        &[&FORMAT, &id],
    )?;
    session.run("COMMIT")?;
    Ok(id)
}
