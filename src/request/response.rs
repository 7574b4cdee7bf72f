//! The JSON text of a response: the envelope that every method answers with.

use uuid::Uuid;

use super::Method;
use super::limits::REMARKS_MAX;
use crate::engine::Instance;
use crate::error::Error;
use crate::{json, timestamp};

/// What a call that succeeded has to say.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// JSON text of the envelope's `data`.
    pub(super) data: String,
    /// What the caller should know although the call succeeded.
    pub(super) remarks: Remarks,
}

/// Remarks for a person, such as a key that was not understood.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    texts: Vec<String>,
    more: usize,
}

impl Remarks {
    pub(super) fn add(&mut self, text: String) {
        if self.texts.len() < REMARKS_MAX {
            self.texts.push(text);
        } else {
            self.more += 1;
        }
    }

    /// Names the keys of the object at `prefix` that were not understood.
    pub(super) fn unknown_keys(&mut self, prefix: &str, keys: &[String]) {
        for key in keys {
            let path = format!("{prefix}{key}");
            self.add(format!("the unknown key {path:?} was ignored"));
        }
    }

    /// The failure, with the remarks after its text: a key that was not understood is often the one
    /// that is missing.
    pub(super) fn added_to(&self, error: Error) -> Error {
        match self.message() {
            Some(message) => Error::new(error.code(), format!("{}; {message}", error.text())),
            None => error,
        }
    }

    fn message(&self) -> Option<String> {
        if self.texts.is_empty() {
            return None;
        }
        let mut message = self.texts.join("; ");
        if self.more > 0 {
            message.push_str(&format!("; and {} more", self.more));
        }
        Some(message)
    }
}

/// The text of a response.
pub(super) fn envelope(method: Method, outcome: &Result<Answer, Error>) -> String {
    match outcome {
        Ok(answer) => {
            let mut out = opened(method.name(), answer.data.len());
            out.push_str("\",\"success\":true,\"data\":");
            out.push_str(&answer.data);
            if let Some(message) = answer.remarks.message() {
                out.push_str(",\"message\":");
                json::write_string(&mut out, &message);
            }
            closed(out)
        }
        Err(error) => refusal(method.name(), error.code().as_str(), error.text()),
    }
}

/// The text of a failed response to the method of that name.
#[must_use]
pub fn refusal(method: &str, code: &str, error: &str) -> String {
    let mut out = opened(method, error.len());
    out.push_str("\",\"success\":false,\"error\":");
    json::write_string(&mut out, error);
    out.push_str(",\"code\":");
    json::write_string(&mut out, code);
    closed(out)
}

/// The text that tells how an opening or a closing went. It is no response of a method: the
/// package's JavaScript makes an `Error` of a failure.
#[must_use]
pub fn outcome(outcome: &Result<(), Error>) -> String {
    match outcome {
        Ok(()) => "{\"success\":true}".to_owned(),
        Err(error) => refusal("open", error.code().as_str(), error.text()),
    }
}

fn opened(method: &str, bytes: usize) -> String {
    let mut out = String::with_capacity(bytes + 256);
    out.push_str("{\"type\":\"eventLog.");
    out.push_str(method);
    out
}

fn closed(mut out: String) -> String {
    out.push_str(",\"timestamp\":\"");
    out.push_str(&timestamp::format(timestamp::now()));
    out.push_str("\",\"requestId\":\"");
    let mut uuid = Uuid::encode_buffer();
    out.push_str(Uuid::new_v4().as_hyphenated().encode_lower(&mut uuid));
    out.push_str("\"}");
    out
}

/// Appends an instance as JSON.
pub(super) fn write_instance(out: &mut String, instance: &Instance) {
    out.push_str("{\"id\":");
    json::write_string(out, &instance.id);
    out.push_str(",\"name\":");
    json::write_string(out, &instance.name);
    if let Some(description) = &instance.description {
        out.push_str(",\"description\":");
        json::write_string(out, description);
    }
    write_times(out, instance);
    out.push('}');
}

/// Appends the members that say when an instance was made and last changed.
pub(super) fn write_times(out: &mut String, instance: &Instance) {
    out.push_str(",\"createdAt\":\"");
    out.push_str(&timestamp::format(instance.created_at_ms));
    out.push_str("\",\"updatedAt\":\"");
    out.push_str(&timestamp::format(instance.head.updated_at_ms));
    out.push('"');
}
