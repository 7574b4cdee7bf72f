//! Whatever way is chosen, a query answers as one that looks at each event in turn.
//!
//! `EQUIVALENCE_SEEDS=0..100000 cargo test --release equivalence` tries other cases than the usual.

use std::cell::Cell;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::Value;

use super::{Setting, WayBounds, answer};
use crate::cancellation::Cancellation;
use crate::engine::test::{Random, Site, run};
use crate::engine::{Engine, Horizon, NewEvent, Pace, Snapshot};
use crate::error::Error;
use crate::query::test::Stored;
use crate::query::test::chunk::{List, one_by_one};
use crate::query::test::generate;
use crate::query::{Outcome, Query};
use crate::request::encryption::{Keys, Revealing};
use crate::request::retained::RetainedSnapshot;

const SEEDS: std::ops::Range<u64> = 0..4;

/// Stories told for each seed.
const STORIES: u32 = 16;

/// How a log comes about, and what it is asked.
#[derive(Clone, Debug)]
struct Story {
    segment_bytes: u32,
    block_events: u32,
    /// Whether whole blocks are sealed when they become whole.
    seals: bool,
    chapters: Vec<Chapter>,
    bounds: WayBounds,
}

/// What happens between queries.
#[derive(Clone, Debug)]
struct Chapter {
    /// Which of the processes appends.
    node: usize,
    events: Vec<Stored>,
    /// Whether its events have times of their own, and not those at which they are appended.
    has_times: bool,
    then: Then,
    queries: Vec<(Option<&'static str>, Value)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Nothing,
    /// The process closes the log and opens it again.
    Reopen,
    /// The instance is deleted and made anew.
    Begin,
    /// The log is compacted, by which all whole blocks are sealed.
    Compact,
    /// So many percent of the events that are left are trimmed.
    Trim(u64),
}

fn chapter() -> impl Strategy<Value = Chapter> {
    let stream = prop::option::of(prop::sample::select(vec!["a", "b", "c"]));
    (
        0..2_usize,
        generate::log(),
        any::<bool>(),
        prop_oneof![6 => Just(Then::Nothing), 2 => Just(Then::Reopen), 1 => Just(Then::Begin),
            2 => Just(Then::Compact), 3 => (0..=100_u64).prop_map(Then::Trim)],
        prop::collection::vec((stream, generate::parts()), 0..6),
    )
        .prop_map(|(node, events, has_times, then, queries)| Chapter {
            node,
            events,
            has_times,
            then,
            queries,
        })
}

fn story() -> impl Strategy<Value = Story> {
    let bounds = (0..2_u64, 0..20_u64).prop_map(|(alone, dense)| WayBounds {
        alone: Duration::from_secs(alone),
        dense,
    });
    (
        prop::sample::select(vec![2048, 4096, 16_384]),
        prop::sample::select(vec![1, 3, 8, 40]),
        any::<bool>(),
        prop::collection::vec(chapter(), 1..10),
        bounds,
    )
        .prop_map(
            |(segment_bytes, block_events, seals, chapters, bounds)| Story {
                segment_bytes,
                block_events,
                seals,
                chapters,
                bounds,
            },
        )
}

/// Two processes with one log, and what is in it.
struct World {
    site: Site,
    nodes: [Engine; 2],
    log: Vec<Stored>,
    /// Up to which position events were trimmed.
    horizon: u64,
}

impl World {
    fn new(story: &Story) -> Self {
        let site = Site::of(
            story.seals,
            story.segment_bytes,
            story.block_events,
            Random::of(1),
        );
        let nodes = [site.open(), site.open()];
        let world = Self {
            site,
            nodes,
            log: Vec::new(),
            horizon: 0,
        };
        run(&world.nodes[0], |batch| batch.create("log", "log", None)).unwrap();
        world
    }

    /// Appends events in commits of a few.
    fn append(&mut self, node: usize, events: &[Stored], has_times: bool) {
        for events in events.chunks(7) {
            let given = events.to_vec();
            let appended = run(&self.nodes[node], move |batch| {
                let number = batch.find("log")?;
                let mut appended = Vec::new();
                for event in &given {
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
            for (event, appended) in events.iter().zip(appended.unwrap()) {
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
        self.log[trimmed..].to_vec()
    }

    fn trim(&mut self, node: usize, percent: u64) {
        self.horizon += (self.log.len() as u64 - self.horizon) * percent / 100;
        let horizon = Horizon {
            position: self.horizon,
            bytes: 0,
        };
        run(&self.nodes[node], move |batch| {
            let number = batch.find("log")?;
            batch.put_state(number, Horizon::STATE, &horizon.encode())
        })
        .unwrap();
    }

    fn then(&mut self, node: usize, then: Then) {
        match then {
            Then::Nothing => {}
            Then::Reopen => {
                let opened = self.site.open();
                std::mem::replace(&mut self.nodes[node], opened)
                    .close()
                    .unwrap();
            }
            Then::Compact => self.nodes[node].compacted().unwrap(),
            Then::Trim(percent) => self.trim(node, percent),
            Then::Begin => {
                run(&self.nodes[node], |batch| {
                    let number = batch.find("log")?;
                    batch.delete(number)?;
                    batch.create("log", "log", None)
                })
                .unwrap();
                self.log.clear();
                self.horizon = 0;
            }
        }
    }

    fn end(self) {
        for node in self.nodes {
            node.close().unwrap();
        }
    }
}

/// The text of the result, by the way that is chosen.
fn planned(query: &Query, snapshot: &Snapshot, bounds: WayBounds) -> Result<String, Error> {
    let mut list = List::default();
    let keys = Keys::default();
    let setting = Setting {
        snapshot: &RetainedSnapshot::over(snapshot),
        revealing: &Revealing::by(&keys),
        cancellation: &Cancellation::default(),
        pace: &Pace::at_once(),
        bounds,
    };
    let (outcome, _) = answer(query, setting, &mut list)?;
    let Outcome {
        key,
        value,
        members,
        ..
    } = outcome;
    let value = value.unwrap_or_else(|| list.into_json());
    Ok(format!("{{\"{key}\":{value},{members}}}"))
}

fn compare(
    snapshot: &Snapshot,
    log: &[Stored],
    chapter: &Chapter,
    bounds: WayBounds,
) -> Result<usize, TestCaseError> {
    for (stream, parts) in &chapter.queries {
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
        let found = planned(&query, snapshot, bounds);
        prop_assert_eq!(found, one_by_one(&query, &asked), "{}", parts);
    }
    Ok(chapter.queries.len())
}

/// Returns how many answers were compared.
fn tell(story: &Story) -> Result<usize, TestCaseError> {
    let mut world = World::new(story);
    let mut compared = 0;
    for (at, chapter) in story.chapters.iter().enumerate() {
        world.append(chapter.node, &chapter.events, chapter.has_times);
        let reader = &world.nodes[(chapter.node + at) % 2];
        let snapshot = reader.snapshot().unwrap();
        let log = world.left();
        // What happens after the snapshot was taken is not seen in it.
        world.append(1 - chapter.node, &chapter.events, !chapter.has_times);
        compared += compare(&snapshot, &log, chapter, story.bounds)?;
        drop(snapshot);
        world.then(chapter.node, chapter.then);
    }
    for node in &world.nodes {
        let snapshot = node.snapshot().unwrap();
        for chapter in &story.chapters {
            compared += compare(&snapshot, &world.left(), chapter, story.bounds)?;
        }
    }
    world.end();
    Ok(compared)
}

#[test]
fn every_way_answers_like_looking_at_each_event() {
    let seeds = match std::env::var("EQUIVALENCE_SEEDS") {
        Ok(seeds) => {
            let (start, end) = seeds.split_once("..").unwrap();
            start.parse().unwrap()..end.parse().unwrap()
        }
        Err(_) => SEEDS,
    };
    let compared = Cell::new(0);
    for seed in seeds.clone() {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let config = Config {
            cases: STORIES,
            failure_persistence: None,
            ..Config::default()
        };
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let told = TestRunner::new_with_rng(config, rng).run(&story(), |story| {
            compared.set(compared.get() + tell(&story)?);
            Ok(())
        });
        assert!(told.is_ok(), "seed {seed}: {}", told.unwrap_err());
    }
    let stories = (seeds.end - seeds.start) * u64::from(STORIES);
    let figures = serde_json::json!({
        "seeds": format!("{}..{}", seeds.start, seeds.end),
        "stories": stories,
        "answers": compared.get(),
    });
    println!("EQUIVALENCE {figures}");
}
