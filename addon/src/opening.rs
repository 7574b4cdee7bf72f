//! How a log is opened: by the engine that its path asks for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use napi_derive::napi;

use codebolt_eventlog::engine::IN_MEMORY;
use codebolt_eventlog::error::{Code, Error};
use codebolt_eventlog::request::{self, Done, Log, LogOptions};

/// Begins to open the log whose path and options the arguments are, as JSON text, and tells `done` how that went.
pub(super) fn open(arguments: &str, done: Done) -> Arc<Log> {
    match request::parse_opening(arguments) {
        Ok((address, options)) if request::is_server_path(&address) => {
            open_server(&address, options, done)
        }
        Ok((path, options)) => match absolute(&path) {
            Ok(path) => Log::open(path, options, done),
            Err(error) => failed(error, done),
        },
        Err(error) => failed(error, done),
    }
}

/// Where logs can be that this addon opens: `file`, and `postgres` where it was built for that.
#[napi(catch_unwind)]
pub(super) fn engines() -> Vec<&'static str> {
    if cfg!(feature = "postgres") {
        vec!["file", "postgres"]
    } else {
        vec!["file"]
    }
}

fn absolute(path: &str) -> Result<PathBuf, Error> {
    if path == IN_MEMORY {
        return Ok(PathBuf::from(path));
    }
    std::path::absolute(Path::new(path))
        .map_err(|error| Error::new(Code::InvalidArgument, format!("path: {path:?}: {error}")))
}

fn failed(error: Error, done: Done) -> Arc<Log> {
    done(Err(error.clone()));
    Log::failed(error)
}

#[cfg(feature = "postgres")]
fn open_server(address: &str, options: LogOptions, done: Done) -> Arc<Log> {
    use codebolt_eventlog_postgres::{Durability, Options};

    let own = Options::at(address);
    let server = &options.server;
    let server_options = Options {
        ca: server.ca.clone(),
        own: server.cert.clone().zip(server.key.clone()),
        schema: server.schema.clone(),
        durability: server.replicated.map(|replicated| match replicated {
            true => Durability::Replicated,
            false => Durability::Disk,
        }),
        read_only: options.engine.read_only,
        event_bytes_max: options.engine.event_bytes_max,
        queued_bytes_max: options.engine.queued_bytes_max,
        cache_bytes: options.engine.cache_bytes,
        server_wait: server.wait.unwrap_or(own.server_wait),
        ..own
    };
    let opener =
        Box::new(move |unwanted: &_| codebolt_eventlog_postgres::open(&server_options, unwanted));
    Log::open_by(opener, &options, done)
}

#[cfg(not(feature = "postgres"))]
fn open_server(_: &str, _: LogOptions, done: Done) -> Arc<Log> {
    let text = format!(
        "path: expected the package codebolt-eventlog-postgres, which opens such logs, found none: \
         npm install codebolt-eventlog-postgres@{} adds it",
        env!("CARGO_PKG_VERSION")
    );
    failed(Error::new(Code::InvalidArgument, text), done)
}
