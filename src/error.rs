//! The public failure codes, and the one error type that carries them.

use std::fmt;

use crate::expected_sequence::SequenceConflict;

/// What kind of failure a caller meets. A code exists only where a caller would act differently
/// on it; its text is the `code` of a failed response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// An argument is missing, mistyped or contradictory, or cannot be JSON.
    InvalidArgument,
    /// An identifier, event, batch or result is over a documented limit.
    LimitExceeded,
    /// No instance has the given id or name.
    InstanceNotFound,
    /// Another instance has the given name as its id or name.
    InstanceExists,
    /// A stream does not stand where the caller expected it to.
    SequenceConflict,
    /// An event is there that was not to be there.
    ConditionFailed,
    /// No consumer has the given name.
    ConsumerNotFound,
    /// A consumer is not where a checkpoint or an acknowledgement takes it to be.
    CheckpointConflict,
    /// A call has the idempotency key of another one.
    IdempotencyMismatch,
    /// What is asked for begins before the first event that is left: others were trimmed.
    Trimmed,
    /// What is imported and what the log has differ.
    ImportConflict,
    /// What is encrypted cannot be decrypted, or nothing can be encrypted: the key is not given, or is another one.
    KeyUnavailable,
    /// The log was closed.
    Closed,
    /// The caller has called it off.
    Aborted,
    /// More bytes are queued than the log's limit.
    Overloaded,
    /// Another holder of the file excludes this one.
    Locked,
    /// The disk refused; nothing of the call was stored.
    StorageFailed,
    /// The disk failed during the commit and the truth could not be read back.
    OutcomeUnknown,
    /// The file is damaged, or is not a log.
    Corrupted,
    /// The file was written by a newer version.
    UnsupportedFormat,
    /// This package has a fault.
    Internal,
}

impl Code {
    /// The code as callers see it, such as `INVALID_ARGUMENT`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidArgument => "INVALID_ARGUMENT",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
            Self::InstanceNotFound => "INSTANCE_NOT_FOUND",
            Self::InstanceExists => "INSTANCE_EXISTS",
            Self::SequenceConflict => "SEQUENCE_CONFLICT",
            Self::ConditionFailed => "CONDITION_FAILED",
            Self::ConsumerNotFound => "CONSUMER_NOT_FOUND",
            Self::CheckpointConflict => "CHECKPOINT_CONFLICT",
            Self::IdempotencyMismatch => "IDEMPOTENCY_MISMATCH",
            Self::Trimmed => "TRIMMED",
            Self::ImportConflict => "IMPORT_CONFLICT",
            Self::KeyUnavailable => "KEY_UNAVAILABLE",
            Self::Closed => "CLOSED",
            Self::Aborted => "ABORTED",
            Self::Overloaded => "OVERLOADED",
            Self::Locked => "LOCKED",
            Self::StorageFailed => "STORAGE_FAILED",
            Self::OutcomeUnknown => "OUTCOME_UNKNOWN",
            Self::Corrupted => "CORRUPTED",
            Self::UnsupportedFormat => "UNSUPPORTED_FORMAT",
            Self::Internal => "INTERNAL",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A failure: its code, and a sentence for a person that names the place, what was expected there
/// and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    code: Code,
    text: String,
    conflict: Option<Box<Conflict>>,
}

/// What stands in the way of a call that makes a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// A stream does not stand where it was expected to.
    Sequence(SequenceConflict),
    /// There is an event that matches, at this position.
    Event(u64),
    /// A consumer does not stand before a position.
    Checkpoint(CheckpointConflict),
    /// The events of the instance before this position were trimmed.
    FirstPosition(u64),
    /// The events of the stream before this number were trimmed.
    FirstSequence(u64),
}

/// A consumer that does not stand where a checkpoint or an acknowledgement takes it to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointConflict {
    /// The consumer's name.
    pub consumer: String,
    /// The position that it was to be moved to.
    pub position: u64,
    /// Where it stands.
    pub actual: u64,
}

impl Error {
    /// Makes a failure of the given code and text.
    #[must_use]
    pub fn new(code: Code, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
            conflict: None,
        }
    }

    /// A failure for something that stands in the way.
    fn in_conflict(code: Code, text: String, conflict: Conflict) -> Self {
        Self {
            conflict: Some(Box::new(conflict)),
            ..Self::new(code, text)
        }
    }

    /// A fault of this package, by which `what` has failed: its reader can do nothing but report the `text`.
    #[must_use]
    pub fn internal(what: &str, text: &str) -> Self {
        const VERSION: &str = env!("CARGO_PKG_VERSION");
        Self::new(
            Code::Internal,
            format!(
                "{what} failed by a fault of codebolt-eventlog {VERSION}, and not of the call or of the \
                 file; please report it with this text: {text}"
            ),
        )
    }

    /// A stream at `path` that does not stand where it has to.
    #[must_use]
    pub fn sequence_conflict(path: &str, conflict: SequenceConflict) -> Self {
        let SequenceConflict {
            stream_id,
            expected,
            actual,
        } = &conflict;
        let found = match actual {
            0 => "no events".to_owned(),
            _ => format!("number {actual} as its last"),
        };
        let text = format!(
            "{path}: expected the stream {stream_id:?} {expected}, found {found}: read what was \
             appended since, and decide again"
        );
        Self::in_conflict(Code::SequenceConflict, text, Conflict::Sequence(conflict))
    }

    /// An event at `position` that matches the condition at `path`, where none was to be after the
    /// position `after`.
    #[must_use]
    pub fn condition_failed(path: &str, after: u64, position: u64) -> Self {
        let text = format!(
            "{path}: expected no event after position {after} that matches, found one at position \
             {position}: read what was appended since, and decide again"
        );
        Self::in_conflict(Code::ConditionFailed, text, Conflict::Event(position))
    }

    /// A consumer that is done already with what the checkpoint at `path` is about.
    #[must_use]
    pub fn checkpoint_conflict(path: &str, conflict: CheckpointConflict) -> Self {
        let CheckpointConflict {
            consumer,
            position,
            actual,
        } = &conflict;
        let text = format!(
            "{path}: expected the consumer {consumer:?} to stand before position {position}, found it at \
             {actual}: what was made of this event is stored already"
        );
        Self::in_conflict(
            Code::CheckpointConflict,
            text,
            Conflict::Checkpoint(conflict),
        )
    }

    /// A consumer that is not done with all events that a trim up to the position at `path` takes away.
    #[must_use]
    pub fn not_acknowledged(path: &str, conflict: CheckpointConflict) -> Self {
        let CheckpointConflict {
            consumer,
            position,
            actual,
        } = &conflict;
        let text = format!(
            "{path}: expected the consumer {consumer:?} to be done with the events up to position {position}, \
             found it at {actual}: trim less, or have it miss them with `force`"
        );
        Self::in_conflict(
            Code::CheckpointConflict,
            text,
            Conflict::Checkpoint(conflict),
        )
    }

    /// An event which the checkpoint at `path` says was put back to a consumer, and which is not to be done by it.
    #[must_use]
    pub fn not_retrying(path: &str, conflict: CheckpointConflict) -> Self {
        let CheckpointConflict {
            consumer, position, ..
        } = &conflict;
        let text = format!(
            "{path}: expected the event at position {position} to be put back to the consumer \
             {consumer:?}, found that it is not: what was made of it is stored already, or it was parked \
             again or discarded"
        );
        Self::in_conflict(
            Code::CheckpointConflict,
            text,
            Conflict::Checkpoint(conflict),
        )
    }

    /// A consumer that was reset after the subscription had begun which takes it to `position`.
    #[must_use]
    pub fn consumer_was_reset(conflict: CheckpointConflict) -> Self {
        let CheckpointConflict {
            consumer, actual, ..
        } = &conflict;
        let text = format!(
            "the consumer {consumer:?} was reset, and stands at position {actual} now: subscribe again"
        );
        Self::in_conflict(
            Code::CheckpointConflict,
            text,
            Conflict::Checkpoint(conflict),
        )
    }

    /// Events that were trimmed, where the first one that is left is at position `first`.
    #[must_use]
    pub fn trimmed(first: u64) -> Self {
        let text = format!(
            "the events before position {first} were trimmed since they were found: begin at {first}"
        );
        Self::in_conflict(Code::Trimmed, text, Conflict::FirstPosition(first))
    }

    /// The event at a position that was trimmed since it was found, between others.
    #[must_use]
    pub fn event_trimmed(position: u64) -> Self {
        let text = format!("the event at position {position} was trimmed with its stream");
        Self::new(Code::Trimmed, text)
    }

    /// Events of a stream that were trimmed since they were found: those before the sequence number `first`.
    #[must_use]
    pub fn stream_trimmed(stream_id: &str, first: u64) -> Self {
        let text = format!(
            "the events of the stream {stream_id:?} before the number {first} were trimmed since they were found: \
             begin at {first}"
        );
        Self::in_conflict(Code::Trimmed, text, Conflict::FirstSequence(first))
    }

    /// A position at `path`, where events before `first` were trimmed and that is one too many.
    #[must_use]
    pub fn before_first_position(path: impl fmt::Display, first: u64, found: &str) -> Self {
        let after = first - 1;
        let text = format!(
            "{path}: expected at least {after}, as the events before position {first} were trimmed, found {found}"
        );
        Self::in_conflict(Code::Trimmed, text, Conflict::FirstPosition(first))
    }

    /// A position at `path`, after which events were trimmed between others, up to the position `last_out`.
    #[must_use]
    pub fn before_gap(path: impl fmt::Display, last_out: u64, found: &str) -> Self {
        let text = format!(
            "{path}: expected at least {last_out}, as events up to that position were trimmed between others, found {found}"
        );
        Self::new(Code::Trimmed, text)
    }

    /// A position at `path`, after which events of the stream were trimmed up to the position `last_out`. Its first event that
    /// is left has the number `first`.
    #[must_use]
    pub fn before_stream(path: impl fmt::Display, last_out: u64, first: u64, found: &str) -> Self {
        let text = format!(
            "{path}: expected at least {last_out}, as the events of the stream before the number {first} were trimmed, found {found}"
        );
        Self::in_conflict(Code::Trimmed, text, Conflict::FirstSequence(first))
    }

    /// A sequence number at `path`, where events of the stream before `first` were trimmed.
    #[must_use]
    pub fn before_first_sequence(path: impl fmt::Display, first: u64, found: u64) -> Self {
        let text = format!(
            "{path}: expected at least {first}, as the events of the stream before that number were trimmed, found {found}"
        );
        Self::in_conflict(Code::Trimmed, text, Conflict::FirstSequence(first))
    }

    /// The same failure with another text.
    #[must_use]
    pub fn with_text(self, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..self
        }
    }

    /// An argument at `path` that is not what it has to be.
    ///
    /// The text reads `path: expected <expected>, found <found>`.
    #[must_use]
    pub fn expected(path: impl fmt::Display, expected: &str, found: &str) -> Self {
        Self::new(
            Code::InvalidArgument,
            format!("{path}: expected {expected}, found {found}"),
        )
    }

    /// The code that a caller acts on.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.code
    }

    /// What stands in the way, where that is the failure.
    #[must_use]
    pub fn conflict(&self) -> Option<&Conflict> {
        self.conflict.as_deref()
    }

    /// The sentence for a person.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.text)
    }
}

impl std::error::Error for Error {}
