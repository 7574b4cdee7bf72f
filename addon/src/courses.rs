//! What is done step by step: events that are read, exports, imports and copies. Lines and pages cross as bytes rather than
//! within responses.

use std::sync::Arc;

use napi::bindgen_prelude::{Buffer, External, Result};
use napi_derive::napi;

use crate::methods::{method_at, wrong_kind};
use codebolt_eventlog::request::{
    CopyPage, Course, Export, Failed, Hold, Import, Move, Reading, ReadingForm,
};

/// Makes a reading as a method does, which no page has been read of; `options` is JSON text. Its events come as `lines`,
/// or within responses.
#[napi(catch_unwind)]
pub(super) fn create_reading(
    method: u32,
    options: String,
    lines: Option<bool>,
) -> Result<External<Arc<Reading>>> {
    let method = method_at(method)?;
    let form = match lines {
        Some(true) => ReadingForm::Lines,
        Some(false) | None => ReadingForm::Values,
    };
    match method.begin(options, form) {
        Some(Course::Reading(reading)) => Ok(External::new(reading)),
        Some(Course::Export(_) | Course::Import(_)) | None => Err(wrong_kind(method)),
    }
}

/// Takes the next piece of the lines that the last step of a reading has read; `null` if there is no other.
#[napi(catch_unwind)]
pub(super) fn take_lines(reading: &External<Arc<Reading>>) -> Option<Buffer> {
    reading.take_lines().map(|lines| lines.into_bytes().into())
}

/// Ends a reading: nobody wants its events any more, and a subscription waits for no commit.
#[napi(catch_unwind)]
pub(super) fn interrupt_reading(reading: &External<Arc<Reading>>) {
    reading.leave();
}

/// Makes a hold, which keeps the process alive from when it is waited for until it is ended.
#[napi(catch_unwind)]
pub(super) fn create_hold() -> External<Arc<Hold>> {
    External::new(Arc::default())
}

/// Ends a hold.
#[napi(catch_unwind)]
pub(super) fn end_hold(hold: &External<Arc<Hold>>) {
    hold.end();
}

/// How a consumer is moved by so many positions.
pub(super) fn move_of(positions: &[f64]) -> Result<Move> {
    match *positions {
        [] => Ok(Move::Register),
        [position] => Ok(Move::Acknowledge(position as u64)),
        [given, passed] => Ok(Move::Advance {
            given: given as u64,
            passed: passed as u64,
        }),
        _ => Err(napi::Error::from_reason(
            "a consumer is moved by two positions at the most",
        )),
    }
}

/// An event that is to be parked.
#[napi(object)]
pub struct FailedEvent {
    /// Where it stands.
    pub position: f64,
    /// In which turn it was put back, if it was.
    pub turn: Option<f64>,
    /// How often it was given out.
    pub attempts: f64,
    /// What it has failed with.
    pub error: Option<String>,
}

impl From<FailedEvent> for Failed {
    fn from(failed: FailedEvent) -> Self {
        let FailedEvent {
            position,
            turn,
            attempts,
            error,
        } = failed;
        Self::new(
            position as u64,
            turn.map(|turn| turn as u64),
            attempts as u64,
            error,
        )
    }
}

/// Makes an export that no step has been made of; `options` is JSON text.
#[napi(catch_unwind)]
pub(super) fn create_export(method: u32, options: String) -> Result<External<Arc<Export>>> {
    let method = method_at(method)?;
    match method.begin(options, ReadingForm::Values) {
        Some(Course::Export(export)) => Ok(External::new(export)),
        Some(Course::Reading(_) | Course::Import(_)) | None => Err(wrong_kind(method)),
    }
}

/// Takes the lines that the last step of an export has read; `null` if it has read none.
#[napi(catch_unwind)]
pub(super) fn take_page(course: &External<Arc<Export>>) -> Option<Buffer> {
    course.take_page().map(|page| page.into_bytes().into())
}

/// Withdraws the lines of an import that wait to be stored, and all that follow. Returns whether nothing of them is
/// stored; if not, their call tells what has become of them.
#[napi(catch_unwind)]
pub(super) fn withdraw_lines(course: &External<Arc<Import>>) -> bool {
    course.withdraw()
}

/// Makes an import that no line has been read of.
#[napi(catch_unwind)]
pub(super) fn create_import(method: u32) -> Result<External<Arc<Import>>> {
    let method = method_at(method)?;
    match method.begin(String::new(), ReadingForm::Values) {
        Some(Course::Import(import)) => Ok(External::new(import)),
        Some(Course::Reading(_) | Course::Export(_)) | None => Err(wrong_kind(method)),
    }
}

/// Makes a page of an instance that is to be copied, which was not read; `asked` is JSON text.
#[napi(catch_unwind)]
pub(super) fn create_copy_page(asked: String) -> External<Arc<CopyPage>> {
    External::new(Arc::new(CopyPage::new(asked)))
}

/// Takes the bytes of such a page; `null` if there are none.
#[napi(catch_unwind)]
pub(super) fn take_copy_page(page: &External<Arc<CopyPage>>) -> Option<Buffer> {
    page.take().map(Buffer::from)
}
