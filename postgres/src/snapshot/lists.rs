//! What an instance has by name: streams and states, in the order of the bytes of their names.

use codebolt_eventlog::engine::{Fault, StreamEnd};

use super::Snapshot;
use crate::rows::text;

/// Where streams end. It goes from one stream to the next in the index, and stops after the first that does not begin
/// with `$3`.
macro_rules! streams {
    ($from:literal) => {
        concat!(
            "WITH RECURSIVE found (stream) AS (",
            "(SELECT stream FROM events WHERE instance = $1 AND stream ", $from, " $2 ORDER BY stream LIMIT 1) ",
            "UNION ALL SELECT (SELECT stream FROM events WHERE instance = $1 AND stream > found.stream ",
            "ORDER BY stream LIMIT 1) FROM found WHERE substring(found.stream FROM 1 FOR octet_length($3::bytea)) = $3::bytea) ",
            "SELECT found.stream, e.sequence, e.position FROM found CROSS JOIN LATERAL (SELECT sequence, position ",
            "FROM events WHERE instance = $1 AND stream = found.stream ORDER BY sequence DESC LIMIT 1) e ",
            "WHERE substring(found.stream FROM 1 FOR octet_length($3::bytea)) = $3::bytea ORDER BY found.stream LIMIT $4"
        )
    };
}

const STREAMS_FROM: &str = streams!(">=");

const STREAMS_AFTER: &str = streams!(">");

macro_rules! states {
    ($from:literal) => {
        concat!(
            "SELECT name, value FROM states WHERE instance = $1 AND name ",
            $from,
            " $2 AND substring(name FROM 1 FOR octet_length($3::bytea)) = $3::bytea ORDER BY name LIMIT $4"
        )
    };
}

const STATES_FROM: &str = states!(">=");

const STATES_AFTER: &str = states!(">");

/// Which of two statements is meant, and with which name it begins: the first takes the name as well.
fn start<'a>(
    [from, behind]: [&'static str; 2],
    prefix: &'a str,
    after: Option<&'a str>,
) -> (&'static str, &'a [u8]) {
    match after {
        Some(after) if after >= prefix => (behind, after.as_bytes()),
        _ => (from, prefix.as_bytes()),
    }
}

pub(super) fn streams(
    snapshot: &Snapshot,
    number: u32,
    prefix: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<StreamEnd>, Fault> {
    let (sql, first) = start([STREAMS_FROM, STREAMS_AFTER], prefix, after);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = snapshot.rows(sql, &[&(number as i32), &first, &prefix.as_bytes(), &limit])?;
    let end = |row: &tokio_postgres::Row| {
        let stream_id = text(row.get(0)).ok_or_else(|| no_text("stream"))?;
        Ok(StreamEnd {
            stream_id: stream_id.into(),
            sequence: row.get::<_, i64>(1) as u64,
            position: row.get::<_, i64>(2) as u64,
        })
    };
    rows.iter().map(end).collect()
}

pub(super) fn states(
    snapshot: &Snapshot,
    number: u32,
    prefix: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<(String, Vec<u8>)>, Fault> {
    let (sql, first) = start([STATES_FROM, STATES_AFTER], prefix, after);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = snapshot.rows(sql, &[&(number as i32), &first, &prefix.as_bytes(), &limit])?;
    let state = |row: &tokio_postgres::Row| {
        let name = text(row.get(0)).ok_or_else(|| no_text("state"))?;
        Ok((name.to_owned(), row.get(1)))
    };
    rows.iter().map(state).collect()
}

fn no_text(what: &str) -> Fault {
    Fault::Corrupted(format!("the name of a {what} is no text"))
}
