//! What a result is made of, and who takes it.

use crate::error::Error;
use crate::event::Event;

/// Takes what a result is made of.
pub trait Sink {
    /// Takes the next event of the result.
    ///
    /// # Errors
    ///
    /// `LIMIT_EXCEEDED` where the result is too large.
    fn event(&mut self, event: &Event<'_>) -> Result<(), Error>;

    /// Takes the next element of the result's list, as JSON text.
    ///
    /// # Errors
    ///
    /// `LIMIT_EXCEEDED` where the result is too large.
    fn value(&mut self, json: &str) -> Result<(), Error>;

    /// Fails once nobody wants the result any more: asked now and then while what it has is made.
    ///
    /// # Errors
    ///
    /// `ABORTED`.
    fn check_wanted(&self) -> Result<(), Error>;
}

/// What a result has beside the elements of its list.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The key of the list, or of the one value.
    pub key: &'static str,
    /// The JSON text of the one value, if there is no list.
    pub value: Option<String>,
    /// The members that follow, as JSON text.
    pub members: String,
    /// What the caller should know of the result.
    pub remarks: Vec<String>,
    /// What the reduction was made of, as JSON text, if the query has one and asks for it.
    pub explanation: Option<String>,
}
