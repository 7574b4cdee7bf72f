//! Certificates and keys, which are in a file or are given as text.

use std::fmt;
use std::path::PathBuf;

use rustls::pki_types::pem::{self, PemObject};

/// With what each part of such a text begins.
const BEGINNING: &str = "-----BEGIN ";

/// Certificates, or a key.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Pem {
    /// In that file.
    File(PathBuf),
    /// The text itself.
    Text(String),
}

impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name("text"))
    }
}

impl Pem {
    /// What is given: the path of a file, unless it has what such a text has.
    pub(crate) fn of(given: String) -> Self {
        if given.contains(BEGINNING) {
            Self::Text(given)
        } else {
            Self::File(given.into())
        }
    }

    /// What it is called in an error: by its file, or by where it was given.
    pub(crate) fn name(&self, place: &str) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Text(_) => place.to_owned(),
        }
    }

    /// Everything of a kind that it has.
    pub(crate) fn all<T: PemObject>(&self) -> Result<Vec<T>, pem::Error> {
        match self {
            Self::File(path) => T::pem_file_iter(path)?.collect(),
            Self::Text(text) => T::pem_slice_iter(text.as_bytes()).collect(),
        }
    }

    /// The first one of a kind that it has.
    pub(crate) fn first<T: PemObject>(&self) -> Result<T, pem::Error> {
        match self {
            Self::File(path) => T::from_pem_file(path),
            Self::Text(text) => T::from_pem_slice(text.as_bytes()),
        }
    }
}
