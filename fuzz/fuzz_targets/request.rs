//! Calls as they come through the boundary: the input is lines, each a letter for the method and the JSON text of the
//! arguments.
//!
//! Each call is answered once, with values that are JSON, and never with a failure of the log itself. Nothing
//! panics, not even where it would be caught. Now and then the log is checked as a whole.

#![no_main]

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use codebolt_eventlog::cancellation::Cancellation;
use codebolt_eventlog::progress::Progress;
use codebolt_eventlog::request::{
    Call, Export, Import, Lines, Log, LogOptions, Method, Piece, Reading, ReadingSource, Recipient,
    Response, Work, parse_opening,
};
use libfuzzer_sys::fuzz_target;
use parking_lot::Mutex;
use serde_json::value::RawValue;

/// A call that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// After so many inputs the log is checked, and another one begun.
const INPUTS_PER_LOG: u64 = 2000;

/// How many steps an export or a reading takes at most: the log may be long by now.
const STEPS_MAX: usize = 8;

/// What only happens to a log whose file is damaged, or whose disk fails.
const FAILURES: [&str; 4] = [
    "\"CORRUPTED\"",
    "\"STORAGE_FAILED\"",
    "\"OUTCOME_UNKNOWN\"",
    "\"CLOSED\"",
];

static LOG: LazyLock<Mutex<Option<OpenLog>>> = LazyLock::new(Mutex::default);

fuzz_target!(|bytes: &[u8]| {
    let mut held = LOG.lock();
    let log = held.get_or_insert_with(OpenLog::new);
    for line in String::from_utf8_lossy(bytes).split('\n').take(16) {
        log.call(line);
    }
    log.inputs += 1;
    if log.inputs == INPUTS_PER_LOG
        && let Some(log) = held.take()
    {
        log.check_and_close();
    }
});

struct Inbox(Sender<String>);

impl Recipient for Inbox {
    fn receive_piece(&self, _: u32, piece: &Piece, _: &Cancellation) {
        let mut values = String::new();
        piece.write_values(&mut values);
        check_json(&values);
    }

    fn receive(&self, _: u32, response: &Response) {
        let mut values = String::new();
        response.write_values(&mut values);
        assert!(values.len() <= response.bytes() * 6, "{values}");
        self.0.send(values).expect("each call is waited for");
    }
}

struct OpenLog {
    log: Arc<Log>,
    path: PathBuf,
    inbox: Arc<Inbox>,
    answers: Receiver<String>,
    inputs: u64,
}

impl OpenLog {
    fn new() -> Self {
        let name = format!("eventlog-fuzz-{}.redb", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_file(&path);
        let (sender, opened) = channel();
        let done = Box::new(move |outcome| sender.send(outcome).expect("it is waited for"));
        let log = Log::open(path.clone(), LogOptions::default(), done);
        let opened = opened
            .recv_timeout(PATIENCE)
            .expect("opening does not hang");
        opened.expect("the log can be opened");
        let (sender, answers) = channel();
        Self {
            log,
            path,
            inbox: Arc::new(Inbox(sender)),
            answers,
            inputs: 0,
        }
    }

    fn call(&self, line: &str) {
        let mut characters = line.chars();
        let letter = characters.next().unwrap_or('?');
        let text = characters.as_str();
        let method = match letter {
            'c' => "createInstance",
            'g' => "getInstance",
            'l' => "listInstances",
            'u' => "updateInstance",
            'd' => "deleteInstance",
            'a' => "appendEvent",
            'b' => "appendEvents",
            'q' => "queryEvents",
            's' => "getInstanceStats",
            't' => "listStreams",
            'r' => return self.read(ReadingSource::Instance, text),
            'f' => return self.read(ReadingSource::Stream, text),
            'w' => return self.read(ReadingSource::Subscription, text),
            'e' => return self.export(text),
            'i' => return self.import(text),
            'o' => return parse(text),
            _ => return,
        };
        let method = Method::named(method).expect("the method is there");
        let work = method
            .call(text.to_owned())
            .expect("it is called with arguments");
        self.answered(work);
    }

    fn answered(&self, work: Work) -> String {
        let cancellation = Cancellation::default();
        self.log
            .call(Call::new(work, self.inbox.clone(), 0, cancellation));
        let answer = self
            .answers
            .recv_timeout(PATIENCE)
            .expect("each call is answered");
        check_json(&answer);
        if answer.starts_with('0') {
            let elements = elements(&answer);
            assert!(!FAILURES.contains(&elements[3].get()), "{answer}");
        }
        assert!(self.answers.try_recv().is_err(), "a call is answered once");
        answer
    }

    fn read(&self, source: ReadingSource, options: &str) {
        let reading = Arc::new(Reading::new(source, options.to_owned()));
        for _ in 0..STEPS_MAX {
            if self.answered(reading.page()).starts_with('0') {
                break;
            }
        }
    }

    fn export(&self, options: &str) {
        let export = Arc::new(Export::new(options.to_owned()));
        for _ in 0..STEPS_MAX {
            let failed = self.answered(export.next()).starts_with('0');
            match export.take_page() {
                Some(page) if !failed => page.lines().for_each(|line| check_object(line)),
                _ => break,
            }
        }
    }

    /// Tabs stand for the ends of lines.
    fn import(&self, text: &str) {
        let import = Arc::new(Import::default());
        let bytes = text.replace('\t', "\n").into_bytes();
        let (first, rest) = bytes.split_at(bytes.len() / 2);
        for (bytes, last) in [(first, false), (rest, true)] {
            let lines = Lines::new(Arc::clone(&import), bytes.to_vec(), last);
            if self.answered(lines.work()).starts_with('0') {
                break;
            }
        }
    }

    fn check_and_close(self) {
        let progress = Progress::default();
        let verify = Method::named("verify").and_then(|verify| verify.operation("[]", progress));
        let report = self.answered(verify.expect("it is an operation"));
        assert!(report.contains("\"intact\":true"), "{report}");
        self.log.close_and_wait().expect("the log can be closed");
        std::fs::remove_file(&self.path).expect("the log has a file");
    }
}

/// The options and the path of an opening.
fn parse(text: &str) {
    let _ = parse_opening(&format!("[{text},null,false]"));
    let _ = parse_opening(&format!("[\":memory:\",{text},true]"));
}

fn check_json(values: &str) {
    let text = format!("[{values}]");
    let parsed = serde_json::from_str::<Vec<&RawValue>>(&text);
    assert!(parsed.is_ok(), "expected values of JSON, found {values}");
}

fn check_object(line: &str) {
    let parsed = serde_json::from_str::<&RawValue>(line);
    assert!(parsed.is_ok_and(|raw| raw.get().starts_with('{')), "{line}");
}

fn elements(values: &str) -> Vec<Box<RawValue>> {
    serde_json::from_str(&format!("[{values}]")).expect("it was checked before")
}
