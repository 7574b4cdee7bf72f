//! Who calls a log and compares what it answers with what another one does.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use super::PATIENCE;
use crate::cancellation::Cancellation;
use crate::request::{Call, Done, Log, Piece, Recipient, Response, Work};

/// Hands on what a call is answered with, pieces first, and a mark after the response.
struct Inbox(Sender<Option<String>>);

impl Recipient for Inbox {
    fn receive_piece(&self, _: u32, piece: &Piece, _: &Cancellation) {
        let mut text = String::new();
        piece.write_values(&mut text);
        self.0.send(Some(text)).unwrap();
    }

    fn receive(&self, _: u32, response: &Response) {
        let mut text = String::new();
        response.write_values(&mut text);
        self.0.send(Some(without_request(&text))).unwrap();
        self.0.send(None).unwrap();
    }
}

/// The values of a response without the id of its request, of which there are as many as a reading has had pages.
fn without_request(values: &str) -> String {
    let (kind, rest) = values.split_once(',').unwrap();
    let (_, answer) = rest.split_once(',').unwrap();
    format!("{kind},{answer}")
}

/// A log, and what it has chosen by chance so far.
pub struct Caller {
    /// The log.
    pub log: Arc<Log>,
    inbox: Arc<Inbox>,
    answers: Receiver<Option<String>>,
    chances: Vec<String>,
}

impl Caller {
    /// Opens a log, and waits for it to be open.
    ///
    /// # Panics
    ///
    /// It cannot be opened.
    pub fn of(open: impl FnOnce(Done) -> Arc<Log>) -> Self {
        let (sender, opened) = channel();
        let log = open(Box::new(move |outcome| sender.send(outcome).unwrap()));
        opened.recv_timeout(PATIENCE).unwrap().unwrap();
        let (sender, answers) = channel();
        Self {
            log,
            inbox: Arc::new(Inbox(sender)),
            answers,
            chances: Vec::new(),
        }
    }

    /// What some work is answered with. What is chosen by chance, ids and the generations of consumers, is told by the
    /// order in which it came up.
    ///
    /// # Panics
    ///
    /// No answer comes.
    pub fn answer(&mut self, work: Work, now_ms: i64) -> String {
        self.log.set_time(now_ms);
        let wanted = Cancellation::default();
        self.log
            .call(Call::new(work, self.inbox.clone(), 0, wanted));
        let mut answer = String::new();
        while let Some(text) = self.answers.recv_timeout(PATIENCE).unwrap() {
            answer.push_str(&text);
            answer.push('\n');
        }
        self.without_chance(&answer)
    }

    fn without_chance(&mut self, answer: &str) -> String {
        const GENERATION: &str = "\"generation\":";
        let mut out = String::new();
        let mut rest = answer;
        while let Some(first) = rest.chars().next() {
            let id = (rest.get(..36)).filter(|text| uuid::Uuid::try_parse(text).is_ok());
            let number = out.ends_with(GENERATION).then(|| {
                let end = rest.find(|letter: char| !letter.is_ascii_digit());
                &rest[..end.unwrap_or(rest.len())]
            });
            let Some(chance) = id.or(number) else {
                out.push(first);
                rest = &rest[first.len_utf8()..];
                continue;
            };
            let known = self.chances.iter().position(|known| known == chance);
            let known = known.unwrap_or_else(|| {
                self.chances.push(chance.to_owned());
                self.chances.len() - 1
            });
            out.push_str(&format!("<{known}>"));
            rest = &rest[chance.len()..];
        }
        out
    }
}
