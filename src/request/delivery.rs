//! The way of a call's answer to whoever waits for it.

use std::sync::Arc;

use super::json_response::JsonEnvelope;
use super::piece::Piece;
use super::response::{Answer, Response};
use crate::cancellation::Cancellation;
use crate::error::Error;

/// Takes what calls are answered with, on any thread.
pub trait Recipient: Send + Sync {
    /// Takes a piece of the result of the call of that number, whose response follows. It need not
    /// be kept once the `cancellation` is raised.
    fn receive_piece(&self, number: u32, piece: &Piece, cancellation: &Cancellation);

    /// Takes the response to the call of that number. It comes once for each call, and last.
    fn receive(&self, number: u32, response: &Response);
}

/// In which form a call is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum AnswerForm {
    /// As values, which JavaScript makes an object of.
    #[default]
    Values,
    /// As values, without those of the events that JavaScript has kept as it gave them.
    Kept,
    /// As JSON text, which is handed on.
    Json,
}

/// Where a call's answer goes.
pub(super) struct Delivery {
    /// There until the call is answered.
    recipient: Option<Arc<dyn Recipient>>,
    /// What the recipient knows the call by.
    number: u32,
    /// Whether pieces of the result went ahead.
    in_pieces: bool,
    /// There if the answer goes as JSON text.
    envelope: Option<JsonEnvelope>,
}

impl Delivery {
    pub(super) fn new(recipient: Arc<dyn Recipient>, number: u32) -> Self {
        Self {
            recipient: Some(recipient),
            number,
            in_pieces: false,
            envelope: None,
        }
    }

    /// Has the answer go as JSON text, in that envelope.
    pub(super) fn in_json(&mut self, envelope: JsonEnvelope) {
        self.envelope = Some(envelope);
    }

    /// In which form the answer goes.
    pub(super) const fn form(&self) -> AnswerForm {
        match self.envelope {
            None => AnswerForm::Values,
            Some(_) => AnswerForm::Json,
        }
    }

    /// Sends a piece of the result ahead. What the call is then answered with completes it, or is a
    /// failure and takes its place.
    pub(super) fn send(&mut self, piece: &Piece, cancellation: &Cancellation) {
        if let Some(recipient) = &self.recipient {
            self.in_pieces = true;
            recipient.receive_piece(self.number, piece, cancellation);
        }
    }

    /// Answers the call, unless it was answered before.
    pub(super) fn answer(&mut self, outcome: Result<Answer, Error>) {
        if let Some(recipient) = &self.recipient {
            let response = match &self.envelope {
                None => Response::new(outcome, self.in_pieces),
                Some(envelope) => Response::in_json(outcome, envelope.clone()),
            };
            recipient.receive(self.number, &response);
            // Not before: if that panics, the call is still to be answered.
            self.recipient = None;
        }
    }

    /// Whether a piece of the result went ahead.
    pub(super) const fn has_sent(&self) -> bool {
        self.in_pieces
    }

    pub(super) const fn is_answered(&self) -> bool {
        self.recipient.is_none()
    }
}
