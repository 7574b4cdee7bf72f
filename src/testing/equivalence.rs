//! Whatever way is chosen, a query answers as one that looks at each event in turn: random logs, which two processes write,
//! are asked random queries. It knows an engine by the seam alone.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use super::PATIENCE;
use super::one_by_one::{List, one_by_one};
use super::stored::Stored;
pub use super::story::Cut;
use super::story::{Queries, Story, Then, story};
use crate::engine::{Fault, NewEvent, Pace};
use crate::error::Error;
use crate::query::Query;
use crate::request::{WayBounds, planned, put_out_of_stream, put_out_up_to};
use crate::seam::{LogEngine, Preview, QueuedChange, QueuedRead, ReadSnapshot, Transaction};

/// Two openings of one log, each as a process of its own has it.
pub trait Nodes {
    /// The engine of one of them.
    fn engine(&self, node: usize) -> &dyn LogEngine;

    /// Closes one, and opens it again.
    fn reopen(&mut self, node: usize);

    /// Has one compact the log, where there is such a thing.
    fn compact(&self, node: usize);

    /// Closes both.
    fn close(self);
}

/// A change that is made of a closure.
struct Staging<F, T> {
    stage: F,
    staged: Option<T>,
    made: Sender<Result<T, Error>>,
}

impl<F, T> QueuedChange for Staging<F, T>
where
    F: FnMut(&mut dyn Transaction) -> Result<T, Fault> + Send,
    T: Send,
{
    fn bytes(&self) -> usize {
        1
    }

    fn since(&self) -> Instant {
        Instant::now()
    }

    fn prepare(&mut self, _: &dyn Preview) {}

    fn apply(&mut self, transaction: &mut dyn Transaction) -> Result<(), Fault> {
        self.staged = Some((self.stage)(transaction)?);
        Ok(())
    }

    fn finish(self: Box<Self>, outcome: Result<(), Error>) {
        let Self { staged, made, .. } = *self;
        made.send(outcome.map(|()| staged.unwrap())).unwrap();
    }
}

/// Makes a change, and waits until it is durable.
fn change<T: Send + 'static>(
    engine: &dyn LogEngine,
    stage: impl FnMut(&mut dyn Transaction) -> Result<T, Fault> + Send + 'static,
) -> T {
    let (made, outcome) = channel();
    engine.change(Box::new(Staging {
        stage,
        staged: None,
        made,
    }));
    outcome.recv_timeout(PATIENCE).unwrap().unwrap()
}

/// Looks at a snapshot, on a thread of the engine.
struct Look<F>(F);

impl<F: FnOnce(&dyn ReadSnapshot) + Send> QueuedRead for Look<F> {
    fn is_long(&self, _: &dyn ReadSnapshot) -> bool {
        true
    }

    fn run(self: Box<Self>, snapshot: Result<&dyn ReadSnapshot, Error>, _: &Pace) {
        (self.0)(snapshot.unwrap());
    }
}

/// A snapshot that was taken, and that waits to be asked.
struct Taken {
    ask: Sender<()>,
    compared: Receiver<Result<usize, TestCaseError>>,
}

impl Taken {
    /// Takes a snapshot of the log, which is to have these events, and to answer these queries.
    fn of(engine: &dyn LogEngine, log: Vec<Stored>, queries: Queries, bounds: WayBounds) -> Self {
        let (taken, was_taken) = channel();
        let (ask, asked) = channel();
        let (answer, compared) = channel();
        engine.read(Box::new(Look(move |snapshot: &dyn ReadSnapshot| {
            taken.send(()).unwrap();
            asked.recv_timeout(PATIENCE).unwrap();
            answer
                .send(compare(snapshot, &log, &queries, bounds))
                .unwrap();
        })));
        was_taken.recv_timeout(PATIENCE).unwrap();
        Self { ask, compared }
    }

    /// How many answers were compared.
    fn compare(self) -> Result<usize, TestCaseError> {
        self.ask.send(()).unwrap();
        self.compared.recv_timeout(PATIENCE).unwrap()
    }
}

fn compare(
    snapshot: &dyn ReadSnapshot,
    log: &[Stored],
    queries: &Queries,
    bounds: WayBounds,
) -> Result<usize, TestCaseError> {
    for (stream, parts) in queries {
        let mut query = parts.clone();
        query["from"] = match stream {
            None => serde_json::json!({ "instance": "log" }),
            Some(stream) => serde_json::json!({ "instance": "log", "stream": stream }),
        };
        let query = Query::parse(&query.to_string()).unwrap();
        let asked: Vec<Stored> = log
            .iter()
            .filter(|event| query.stream().is_none_or(|stream| stream == event.stream))
            .cloned()
            .collect();
        let mut list = List::default();
        let found = planned(&query, snapshot, bounds, &mut list);
        let found = found.map(|outcome| list.into_result(outcome));
        prop_assert_eq!(found, one_by_one(&query, &asked), "{}", parts);
    }
    Ok(queries.len())
}

/// Two processes with one log, and what is in it.
struct World<N> {
    nodes: N,
    log: Vec<Stored>,
    /// Up to which position events were trimmed.
    horizon: u64,
    /// Before which number those of a stream were.
    firsts: BTreeMap<&'static str, u64>,
}

impl<N: Nodes> World<N> {
    fn new(nodes: N) -> Self {
        change(nodes.engine(0), |batch| batch.create("log", "log", None));
        Self {
            nodes,
            log: Vec::new(),
            horizon: 0,
            firsts: BTreeMap::new(),
        }
    }

    /// Appends events in commits of a few, or of more where these are many.
    fn append(&mut self, node: usize, events: &[Stored], has_times: bool) {
        for events in events.chunks((events.len() / 8).max(7)) {
            let given: Arc<[Stored]> = events.into();
            let appended = change(self.nodes.engine(node), move |batch| {
                let number = batch.find("log")?;
                let mut appended = Vec::new();
                for event in &*given {
                    appended.push(batch.append(
                        number,
                        &NewEvent {
                            stream_id: event.stream,
                            event_type: event.kind,
                            payload: &event.payload,
                            metadata: &event.metadata,
                            timestamp_ms: has_times.then_some(event.ms),
                            call: None,
                        },
                    )?);
                }
                Ok(appended)
            });
            for (event, appended) in events.iter().zip(appended) {
                self.log.push(Stored {
                    id: Some(appended.id),
                    ms: appended.timestamp_ms,
                    sequence: appended.sequence_number,
                    position: Some(self.log.len() as u64 + 1),
                    ..event.clone()
                });
            }
        }
    }

    /// The events that are left.
    fn left(&self) -> Vec<Stored> {
        let trimmed = usize::try_from(self.horizon).unwrap();
        let left = self.log[trimmed..].iter();
        left.filter(|event| {
            let first = self.firsts.get(event.stream);
            first.is_none_or(|first| event.sequence >= *first)
        })
        .cloned()
        .collect()
    }

    fn trim(&mut self, node: usize, percent: u64) {
        self.horizon += (self.log.len() as u64 - self.horizon) * percent / 100;
        let position = self.horizon;
        change(self.nodes.engine(node), move |batch| {
            let number = batch.find("log")?;
            put_out_up_to(batch, number, (position, 0))
        });
    }

    fn trim_stream(&mut self, node: usize, stream: &'static str, percent: u64) {
        let left = self.left();
        let left: Vec<&Stored> = left.iter().filter(|it| it.stream == stream).collect();
        let count = left.len() * usize::try_from(percent).unwrap() / 100;
        let Some(last) = count.checked_sub(1).map(|last| left[last].sequence) else {
            return;
        };
        let positions: Vec<u64> = left[..count].iter().filter_map(|it| it.position).collect();
        self.firsts.insert(stream, last + 1);
        change(self.nodes.engine(node), move |batch| {
            let number = batch.find("log")?;
            put_out_of_stream(batch, number, (stream, last + 1), (&positions, 0))
        });
    }

    fn then(&mut self, node: usize, then: Then) {
        match then {
            Then::Nothing => {}
            Then::Reopen => self.nodes.reopen(node),
            Then::Compact => self.nodes.compact(node),
            Then::Trim(percent) => self.trim(node, percent),
            Then::TrimStream(stream, percent) => self.trim_stream(node, stream, percent),
            Then::Begin => {
                change(self.nodes.engine(node), |batch| {
                    let number = batch.find("log")?;
                    batch.delete(number)?;
                    batch.create("log", "log", None)
                });
                self.log.clear();
                self.horizon = 0;
                self.firsts.clear();
            }
        }
    }
}

/// Returns how many answers were compared.
fn tell(story: &Story, nodes: impl Nodes) -> Result<usize, TestCaseError> {
    let mut world = World::new(nodes);
    let mut compared = 0;
    for (at, chapter) in story.chapters.iter().enumerate() {
        let events = match story.growth {
            None => chapter.events.clone(),
            Some(growth) => growth.of(&chapter.events),
        };
        world.append(chapter.node, &events, chapter.has_times);
        let reader = world.nodes.engine((chapter.node + at) % 2);
        let taken = Taken::of(reader, world.left(), chapter.queries.clone(), story.bounds);
        // What happens after the snapshot was taken is not seen in it.
        world.append(1 - chapter.node, &events, !chapter.has_times);
        compared += taken.compare()?;
        world.then(chapter.node, chapter.then);
    }
    let chapters = story.chapters.iter();
    let queries: Queries = chapters
        .flat_map(|chapter| chapter.queries.iter().cloned())
        .collect();
    for node in 0..2 {
        let engine = world.nodes.engine(node);
        compared += Taken::of(engine, world.left(), queries.clone(), story.bounds).compare()?;
    }
    world.nodes.close();
    Ok(compared)
}

/// Tells so many stories for each seed, of logs that `open` makes.
///
/// It prints how many answers were compared. The seeds are those of `EQUIVALENCE_SEEDS` in the environment, such as
/// `0..1000`, if that is there.
///
/// # Panics
///
/// A query was answered otherwise.
pub fn tell_stories<N: Nodes>(seeds: Range<u64>, stories: u32, open: impl Fn(Cut) -> N) {
    let seeds = match std::env::var("EQUIVALENCE_SEEDS") {
        Ok(seeds) => {
            let (start, end) = seeds.split_once("..").unwrap();
            start.parse().unwrap()..end.parse().unwrap()
        }
        Err(_) => seeds,
    };
    let compared = Cell::new(0);
    for seed in seeds.clone() {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let config = Config {
            cases: stories,
            failure_persistence: None,
            ..Config::default()
        };
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let told = TestRunner::new_with_rng(config, rng).run(&story(), |story| {
            compared.set(compared.get() + tell(&story, open(story.cut))?);
            Ok(())
        });
        assert!(told.is_ok(), "seed {seed}: {}", told.unwrap_err());
    }
    let figures = serde_json::json!({
        "seeds": format!("{}..{}", seeds.start, seeds.end),
        "stories": (seeds.end - seeds.start) * u64::from(stories),
        "answers": compared.get(),
    });
    println!("EQUIVALENCE {figures}");
}
