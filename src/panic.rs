//! Panics that are caught, and whose fault they are.
//!
//! A file that was altered behind the back of redb makes it panic: that is what the bytes of the file say, and no fault of
//! this package. Any other panic is one. They are told apart by the place in the sources that a panic comes from.

use std::any::Any;
use std::cell::RefCell;
use std::fmt;
use std::panic::{self, AssertUnwindSafe, Location, catch_unwind};
use std::sync::Once;

use crate::error::{Code, Error};

thread_local! {
    /// The last panic of this thread.
    static LAST: RefCell<Option<Panic>> = const { RefCell::new(None) };
}

/// A panic that was caught, or that unwinds.
#[derive(Clone, Debug)]
pub struct Panic {
    text: String,
    place: Option<SourcePlace>,
}

/// A place in the sources.
#[derive(Clone, Debug)]
struct SourcePlace {
    file: String,
    line: u32,
}

/// Does `work`, and catches its panic. What it has shared with others must not be used any more, or bear that.
///
/// # Errors
///
/// The panic.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Panic> {
    note_places();
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        LAST.take().unwrap_or_else(|| Panic {
            text: text_of(&*payload).to_owned(),
            place: None,
        })
    })
}

/// The panic that unwinds this thread, for what it drops.
#[must_use]
pub fn panic_of_unwinding() -> Panic {
    let last = LAST.with_borrow(Clone::clone);
    last.unwrap_or_else(|| Panic {
        text: "it was dropped".to_owned(),
        place: None,
    })
}

/// Has each panic note where it comes from, which those who catch it are not told.
fn note_places() {
    static NOTING: Once = Once::new();
    NOTING.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            LAST.set(Some(Panic {
                text: text_of(info.payload()).to_owned(),
                place: info.location().map(SourcePlace::of),
            }));
            before(info);
        }));
    });
}

impl Panic {
    /// Whether it came from the storage engine, which reads what is in the file.
    #[must_use]
    pub fn is_of_storage(&self) -> bool {
        self.place.as_ref().is_some_and(SourcePlace::is_of_storage)
    }

    /// What `what` has failed with, where the storage engine panics for what it has read: `CORRUPTED` or `INTERNAL`.
    #[must_use]
    pub fn error(&self, what: &str) -> Error {
        if self.is_of_storage() {
            return Error::new(Code::Corrupted, self.damage(what));
        }
        self.fault(what)
    }

    /// What is said of a file for which the storage engine panics.
    #[must_use]
    pub fn damage(&self, what: &str) -> String {
        format!("{what} failed unexpectedly, as it does where the file is damaged: {self}")
    }

    /// The fault of this package by which `what` has failed.
    #[must_use]
    pub fn fault(&self, what: &str) -> Error {
        Error::internal(what, &self.to_string())
    }
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(place) => write!(f, "{} ({place})", self.text),
            None => f.write_str(&self.text),
        }
    }
}

impl SourcePlace {
    fn of(location: &Location<'_>) -> Self {
        Self {
            file: location.file().to_owned(),
            line: location.line(),
        }
    }

    /// Whether it is in the sources of redb, which are in a folder of that name and its version.
    fn is_of_storage(&self) -> bool {
        let mut folders = self.file.split(['/', '\\']);
        folders.any(|folder| folder.starts_with("redb-") || folder == "redb")
    }
}

impl fmt::Display for SourcePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Where the sources are on the machine that has built this tells nothing.
        let from = self.file.rfind("/src/").map_or(0, |at| {
            self.file[..at]
                .rfind(['/', '\\'])
                .map_or(0, |slash| slash + 1)
        });
        write!(f, "{}:{}", &self.file[from..], self.line)
    }
}

/// The text of a panic's payload.
fn text_of(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_this_package_is_its_fault_and_says_where() {
        let panic = caught(|| panic!("on {}", "purpose")).unwrap_err();
        let error = panic.error("reading");
        assert_eq!(error.code(), Code::Internal);
        let version = env!("CARGO_PKG_VERSION");
        let begin = format!("reading failed by a fault of codebolt-eventlog {version}, ");
        assert!(error.text().starts_with(&begin), "{error}");
        assert!(
            error.text().contains("on purpose (src/panic.rs:"),
            "{error}"
        );
        assert_eq!(caught(|| 5).unwrap(), 5);
    }

    #[test]
    fn a_panic_of_the_storage_engine_says_that_the_file_is_damaged() {
        for (file, is_of_storage, shown) in [
            (
                "/home/me/.cargo/registry/src/index/redb-4.6.0/src/tree.rs",
                true,
                "redb-4.6.0/src/tree.rs:7",
            ),
            (
                "C:\\registry\\redb-4.6.0\\src\\tree.rs",
                true,
                "C:\\registry\\redb-4.6.0\\src\\tree.rs:7",
            ),
            ("src/engine/store.rs", false, "src/engine/store.rs:7"),
            (
                "/rustc/5980/library/core/src/option.rs",
                false,
                "core/src/option.rs:7",
            ),
        ] {
            let place = SourcePlace {
                file: file.to_owned(),
                line: 7,
            };
            assert_eq!(place.to_string(), shown);
            let panic = Panic {
                text: "no such page".to_owned(),
                place: Some(place),
            };
            assert_eq!(panic.is_of_storage(), is_of_storage, "{file}");
            let code = if is_of_storage {
                Code::Corrupted
            } else {
                Code::Internal
            };
            assert_eq!(panic.error("reading").code(), code, "{file}");
        }
    }
}
