//! Certificates and keys, which are in a file or are given as text.

use std::fmt;
use std::path::PathBuf;

use codebolt_eventlog::error::Error;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// With what each part of such a text begins.
const BEGINNING: &str = "-----BEGIN ";

/// Certificates, or a key. No error has a part of what was given, which may be a key in whatever place.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Pem {
    /// Where it was given, which is what errors call it.
    place: &'static str,
    source: Source,
}

#[derive(Clone, PartialEq, Eq)]
enum Source {
    File(PathBuf),
    Text(String),
}

impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.place)
    }
}

impl Pem {
    /// What is given: the path of a file, unless it has what such a text has.
    pub(crate) fn of(place: &'static str, given: String) -> Self {
        let source = if given.contains(BEGINNING) {
            Source::Text(given)
        } else {
            Source::File(given.into())
        };
        Self { place, source }
    }

    /// Whether it is in a file, which may have another text later.
    pub(crate) const fn is_file(&self) -> bool {
        matches!(self.source, Source::File(_))
    }

    /// The certificates that it has.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if there are none.
    pub(crate) fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, Error> {
        let read = || -> Result<Vec<_>, pem::Error> {
            match &self.source {
                Source::File(path) => CertificateDer::pem_file_iter(path)?.collect(),
                Source::Text(text) => CertificateDer::pem_slice_iter(text.as_bytes()).collect(),
            }
        };
        let found = read().map_err(|error| self.unread(&error))?;
        if found.is_empty() {
            return Err(self.refused("none"));
        }
        Ok(found)
    }

    /// The first key that it has.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` if there is none.
    pub(crate) fn key(&self) -> Result<PrivateKeyDer<'static>, Error> {
        let found = match &self.source {
            Source::File(path) => PrivateKeyDer::from_pem_file(path),
            Source::Text(text) => PrivateKeyDer::from_pem_slice(text.as_bytes()),
        };
        found.map_err(|error| self.unread(&error))
    }

    fn unread(&self, error: &pem::Error) -> Error {
        match error {
            pem::Error::Io(error) => self.refused(&error.to_string()),
            pem::Error::NoItemsFound => self.refused("none"),
            // Its own text has lines of what was read.
            _ => self.refused("a part that is not in the form of PEM"),
        }
    }

    /// That it is not what TLS can use.
    pub(crate) fn refused(&self, found: &str) -> Error {
        let expected = "what TLS can use, in a PEM file or as its text";
        match &self.source {
            // What is no file may be a text without its beginning.
            Source::File(path) if path.is_file() => {
                let place = format!("{}: {}", self.place, path.display());
                Error::expected(place, expected, found)
            }
            _ => Error::expected(self.place, expected, found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABEL: &str = "PRIVATE KEY-----";

    #[test]
    fn no_error_has_a_part_of_what_was_given() {
        let body = "c2VjcmV0".repeat(100);
        for given in [
            body.clone(),
            body.chars().take(40).collect(),
            format!("/{body}"),
            format!("-----BEGIN {LABEL} {body} -----END {LABEL}"),
            format!("-----BEGIN {LABEL}{body}"),
            format!("-----BEGIN {body}"),
            format!("-----BEGIN {LABEL}\n{body}\n"),
            format!("-----BEGIN {LABEL}\n{body}?\n-----END {LABEL}\n"),
            format!("-----BEGIN {body}-----\n{body}\n"),
        ] {
            let pem = Pem::of("options.key", given.clone());
            for error in [pem.key().unwrap_err(), pem.certificates().unwrap_err()] {
                let text = format!("{} {error:?} {pem:?}", error.text());
                assert!(text.starts_with("options.key: expected what TLS"), "{text}");
                // As a text, and as numbers of bytes.
                assert!(!text.contains("c2Vj"), "{text}");
                assert!(!text.contains("99, 50"), "{text}");
            }
        }
    }

    #[test]
    fn a_file_that_is_there_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().display().to_string();
        let error = Pem::of("sslrootcert", path.clone()).certificates();
        let text = error.unwrap_err().text().to_owned();
        assert!(text.starts_with(&format!("sslrootcert: {path}: expected")));
        assert!(text.ends_with("found none"), "{text}");
    }
}
