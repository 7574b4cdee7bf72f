//! The options of a log that a server keeps.

use std::borrow::Cow;
use std::time::Duration;

use super::LOCK_WAIT_MS_MAX;
use crate::arguments;
use crate::error::Error;
use crate::json::{Kind, Text};

/// With what the path of such a log begins, in any case.
const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

/// How a log is opened that a server keeps. What is not given is as the engine has it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ServerOptions {
    /// The name of the schema that has the log.
    pub schema: Option<String>,
    /// Whether an event has to be on a standby too before its append is answered.
    pub replicated: Option<bool>,
    /// How long a server that takes changes is waited for.
    pub wait: Option<Duration>,
    /// The certificates that a server's has to be signed by: a PEM file, or its text.
    pub ca: Option<String>,
    /// The certificate by which the server knows who asks: a PEM file, or its text.
    pub cert: Option<String>,
    /// The key of that certificate: a PEM file, or its text.
    pub key: Option<String>,
}

impl std::fmt::Debug for ServerOptions {
    /// Without the key, which may be the text of one.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerOptions")
            .field("schema", &self.schema)
            .field("replicated", &self.replicated)
            .field("wait", &self.wait)
            .finish_non_exhaustive()
    }
}

/// The raw values of the options, in the order of [`SERVER_KEYS`].
pub(super) type Raw<'a> = [Option<&'a str>; 6];

/// The names of the options, which [`super::OPTION_KEYS`] ends with. The first one is one of a log in a file too, which has
/// another meaning there.
pub(super) const SERVER_KEYS: [&str; 6] =
    ["key", "schema", "durability", "serverWaitMs", "ca", "cert"];

/// Where a key is given, and what it has to be.
const KEY: &str = "options.key";
const OF_CERT: &str = "the key of options.cert, since a log in PostgreSQL encrypts no events and takes no key for that";

/// Whether a path names a log that a server keeps.
#[must_use]
pub fn is_server_path(path: &str) -> bool {
    SCHEMES.iter().any(|scheme| {
        let start = path.as_bytes().get(..scheme.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(scheme.as_bytes()))
    })
}

impl ServerOptions {
    /// Reads the options.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT`, naming the option. The text has no part of a key.
    pub(super) fn parse(raw: Raw<'_>) -> Result<Self, Error> {
        let [key, schema, durability, wait, ca, cert] = raw;
        let durabilities = [("disk", false), ("replicated", true)];
        let choose = |raw| arguments::choice("options.durability", raw, &durabilities);
        let schema = schema.map(|raw| arguments::string("options.schema", raw, "a string"));
        let wait = wait.map(|raw| {
            let path = "options.serverWaitMs";
            arguments::whole_number_within(path, raw, "milliseconds", 0..=LOCK_WAIT_MS_MAX)
        });
        let options = Self {
            schema: schema.transpose()?.map(Cow::into_owned),
            replicated: durability.map(choose).transpose()?,
            wait: wait.transpose()?.map(|ms| Duration::from_millis(ms as u64)),
            ca: ca.map(|raw| parse_pem("options.ca", raw)).transpose()?,
            cert: cert.map(|raw| parse_pem("options.cert", raw)).transpose()?,
            key: key.map(parse_key).transpose()?,
        };
        match (&options.cert, &options.key) {
            (Some(_), None) => {
                let expected = "it with options.key";
                Err(Error::expected("options.cert", expected, "it alone"))
            }
            (None, Some(_)) => Err(Error::expected(KEY, OF_CERT, "one without options.cert")),
            _ => Ok(options),
        }
    }
}

/// Whoever gives the key of a log in a file, which encrypts, gives it here in vain.
fn parse_key(raw: &str) -> Result<String, Error> {
    parse_pem(KEY, raw).map_err(|_| {
        let found = "something else than the path of a PEM file, or its text";
        Error::expected(KEY, OF_CERT, found)
    })
}

/// What is not shown may be a key.
fn parse_pem(place: &str, raw: &str) -> Result<String, Error> {
    let text = (Kind::of(raw) == Kind::String).then(|| Text::decode(raw));
    match text.as_ref().and_then(Text::as_str) {
        Some(text) if !text.is_empty() && !text.contains('\0') => Ok(text.to_owned()),
        _ => {
            let expected = "the path of a PEM file, or its text";
            Err(Error::expected(place, expected, "something else"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_a_server_by_how_it_begins() {
        for path in ["postgres://", "postgresql://h/d", "Postgres://me@h"] {
            assert!(is_server_path(path), "{path}");
        }
        for path in [
            "postgres",
            "postgres:/h",
            "./postgres://h",
            "é",
            "file:///h",
            ":memory:",
        ] {
            assert!(!is_server_path(path), "{path}");
        }
    }

    #[test]
    fn options_are_read() {
        assert_eq!(
            ServerOptions::parse([None; 6]),
            Ok(ServerOptions::default())
        );
        let raw = [
            "\"k\"",
            "\"logs\"",
            "\"replicated\"",
            "5e2",
            "\"/ca.pem\"",
            "\"c\"",
        ];
        let options = ServerOptions::parse(raw.map(Some)).unwrap();
        assert_eq!(options.schema.as_deref(), Some("logs"));
        assert_eq!(options.replicated, Some(true));
        assert_eq!(options.wait, Some(Duration::from_millis(500)));
        assert_eq!(options.ca.as_deref(), Some("/ca.pem"));
        assert_eq!(options.cert.as_deref(), Some("c"));
        assert_eq!(options.key.as_deref(), Some("k"));
        assert!(!format!("{options:?}").contains("\"k\""));
    }

    #[test]
    fn what_is_no_option_is_refused_by_its_name_and_no_key_is_shown() {
        for (at, raw, part) in [
            (1, "7", "options.schema: expected a string, found 7"),
            (
                2,
                "\"both\"",
                "options.durability: expected one of disk and replicated",
            ),
            (
                3,
                "-1",
                "options.serverWaitMs: expected a whole number of milliseconds",
            ),
            (
                4,
                "7",
                "options.ca: expected the path of a PEM file, or its text",
            ),
            (
                5,
                "\"c\"",
                "options.cert: expected it with options.key, found it alone",
            ),
            (
                0,
                "\"secret\"",
                "options.key: expected the key of options.cert, since a log in PostgreSQL encrypts no events and \
                 takes no key for that, found one without options.cert",
            ),
            (
                0,
                "[\"secret\"]",
                "takes no key for that, found something else than the path of a PEM file, or its text",
            ),
        ] {
            let mut given = [None; 6];
            given[at] = Some(raw);
            let error = ServerOptions::parse(given).unwrap_err();
            assert_eq!(error.code().as_str(), "INVALID_ARGUMENT", "{raw}");
            assert!(error.text().contains(part), "{raw}: {error}");
            assert!(!error.text().contains("secret"), "{error}");
        }
    }
}
