//! Reading a page of an instance, for the log that it is copied to.

use std::ops::ControlFlow;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use parking_lot::Mutex;

use super::digest::copied;
use super::page::{self, Gathered, GatheredStates};
use super::place::{by_id, changing, time_of};
use super::stand::bits_of;
use super::states::{StateSums, bucket_of, each_state};
use crate::arguments;
use crate::engine::{Fault, Instance};
use crate::error::{Code, Error};
use crate::request::encryption::Revealing;
use crate::request::erasing::erased_up_to;
use crate::request::extent::Extent;
use crate::request::listing::{instance_of, options};
use crate::request::page::read_page;
use crate::request::response::Answer;
use crate::request::result::ResultWriter;
use crate::request::work::{Reads, Work};
use crate::seam::ReadSnapshot;

/// From so many bytes of records on, a page has no more events.
const EVENTS_BYTES: usize = 2 << 20;

/// From so many bytes on, it has no more states. An instance's states are copied as they were at one moment if those that
/// change meanwhile are not more than that.
const STATES_BYTES: usize = 32 << 20;

/// A page of an instance that is to be copied.
///
/// A step reads it, and it is then to be [taken](CopyPage::take).
pub struct CopyPage {
    /// The JSON text of what is asked for.
    asked: String,
    page: Mutex<Option<Vec<u8>>>,
}

/// What is asked for.
struct Asked {
    instance: String,
    created_at_ms: i64,
    /// Up to which position the other log has the events.
    after: u64,
    /// The id of the last one.
    last_id: Option<String>,
    /// What states the other log has; `None` if only events are asked for.
    states: Option<AskedStates>,
}

struct AskedStates {
    bits: u32,
    /// The sums of the buckets.
    sums: Vec<u8>,
    /// The name of the last state that was copied.
    after: Option<String>,
}

impl CopyPage {
    /// A page as `asked` says, which is JSON text.
    #[must_use]
    pub const fn new(asked: String) -> Self {
        Self {
            asked,
            page: Mutex::new(None),
        }
    }

    /// Takes the bytes of the page that was read.
    pub fn take(&self) -> Option<Vec<u8>> {
        self.page.lock().take()
    }

    /// What a call does that reads the page. Its answer says what it has.
    #[must_use]
    pub fn work(self: &Arc<Self>) -> Work {
        Work::Read(Box::new(PageRead(Arc::clone(self))))
    }

    pub(super) fn read(&self, snapshot: &dyn ReadSnapshot) -> Result<Answer, Fault> {
        let asked = Asked::parse(&self.asked)?;
        let found = by_id(snapshot, &asked.instance)?;
        let found = found.filter(|(_, instance)| instance.created_at_ms == asked.created_at_ms);
        let Some((number, instance)) = found else {
            return Ok(Answer::of_data("{\"found\":false}".to_owned()));
        };
        let last_out = snapshot.chunks(number)?.last_out();
        if asked.after < last_out {
            return Err(Fault::Refused(trimmed(&instance, last_out, asked.after)));
        }
        if !goes_on(snapshot, number, &instance, &asked)? {
            return Ok(Answer::of_data(
                "{\"found\":true,\"goesOn\":false}".to_owned(),
            ));
        }
        let events = events_after(snapshot, number, &instance, asked.after)?;
        let position = asked.after + events.count;
        let last = instance.head.last_position;
        // States may say something of any event that there is.
        let states = match asked.states {
            Some(states) if position == last => Some(differing(snapshot, number, states)?),
            _ => None,
        };
        let [before, erased] = erased_up_to(snapshot, number, [asked.after, position])?;
        let last_id = events.last_id.map(|id| format!("\"{id}\""));
        let mut data = format!(
            "{{\"found\":true,\"goesOn\":true,\"position\":{position},\"last\":{last},\"events\":{},\
             \"lastId\":{},\"erased\":[\"{before}\",\"{erased}\"],\"changing\":\"{}\",\"states\":",
            events.count,
            last_id.as_deref().unwrap_or("null"),
            changing(&instance)
        );
        match &states {
            None => data.push_str("null}"),
            Some((gathered, all)) => {
                let (count, whole) = (gathered.states.count, gathered.whole.is_some());
                let differ = gathered.buckets.contains(&true);
                data.push_str(&format!(
                    "{{\"count\":{count},\"all\":{all},\"differ\":{differ},\"whole\":{whole},\"through\":"
                ));
                match &gathered.through {
                    None => data.push_str("null"),
                    Some(name) => crate::json::write_string(&mut data, name),
                }
                data.push_str("}}");
            }
        }
        let states = states.as_ref().map(|(gathered, _)| gathered);
        *self.page.lock() = Some(page::encode(&instance, asked.after, &events, states));
        Ok(Answer::of_data(data))
    }
}

/// The reading of a page.
struct PageRead(Arc<CopyPage>);

impl Reads for PageRead {
    fn extent(&self, _: &dyn ReadSnapshot) -> Result<Extent, Fault> {
        Ok(Extent::Long)
    }

    fn read(
        &mut self,
        snapshot: &dyn ReadSnapshot,
        _: ResultWriter<'_>,
        _: &Revealing<'_>,
    ) -> Result<Answer, Fault> {
        self.0.read(snapshot)
    }
}

impl Asked {
    fn parse(text: &str) -> Result<Self, Error> {
        let keys = [
            "instance",
            "createdAt",
            "after",
            "lastId",
            "bits",
            "buckets",
            "statesAfter",
        ];
        let text = arguments::checked("options", text)?;
        let [
            instance,
            created,
            after,
            last_id,
            bits,
            buckets,
            states_after,
        ] = options(Some(text), keys)?;
        let after = arguments::required("after", after, "a whole number")?;
        let states = match buckets {
            None => None,
            Some(raw) => Some(AskedStates {
                bits: bits_of(bits)?,
                sums: bytes_of("buckets", raw)?,
                after: text_of("statesAfter", states_after)?,
            }),
        };
        Ok(Self {
            instance: instance_of(instance)?,
            created_at_ms: time_of("createdAt", created)?,
            after: arguments::whole_number("after", after)?,
            last_id: text_of("lastId", last_id)?,
            states,
        })
    }
}

fn text_of(path: &str, raw: Option<&str>) -> Result<Option<String>, Error> {
    let text = raw.map(|raw| arguments::string(path, raw, "a string"));
    Ok(text.transpose()?.map(std::borrow::Cow::into_owned))
}

/// Bytes that the package's JavaScript gives back in base64.
fn bytes_of(path: &str, raw: &str) -> Result<Vec<u8>, Error> {
    let expected = "base64";
    let text = arguments::string(path, raw, expected)?;
    let bytes = BASE64.decode(text.as_bytes());
    bytes.map_err(|_| Error::expected(path, expected, "another string"))
}

/// The refusal of a copy that would have to begin with events which were trimmed.
fn trimmed(instance: &Instance, last_out: u64, after: u64) -> Error {
    let text = format!(
        "instance {:?}: expected the events from position {} on, found events before position {} trimmed: a copy \
         has to have begun before that",
        instance.id,
        after + 1,
        last_out + 1
    );
    Error::new(Code::Trimmed, text)
}

/// Whether the event that the other log has as its last one is here in the same place. One that was trimmed cannot be
/// looked at: it is what a copy has stored.
fn goes_on(
    snapshot: &dyn ReadSnapshot,
    number: u32,
    instance: &Instance,
    asked: &Asked,
) -> Result<bool, Fault> {
    if asked.after > instance.head.last_position {
        return Ok(false);
    }
    let chunks = snapshot.chunks(number)?;
    if asked.after == 0 || chunks.is_out(asked.after)? {
        return Ok(true);
    }
    let mut is_same = false;
    chunks.at(asked.after, &mut |record| {
        is_same = asked.last_id.as_deref() == Some(record.id.to_string().as_str());
    })?;
    Ok(is_same)
}

/// Gathers the events after a position, as many as a page has.
fn events_after(
    snapshot: &dyn ReadSnapshot,
    number: u32,
    instance: &Instance,
    after: u64,
) -> Result<Gathered, Fault> {
    let last = instance.head.last_position;
    let mut gathered = Gathered::default();
    let mut position = after;
    while position < last && gathered.bytes.len() < EVENTS_BYTES {
        snapshot.check_wanted()?;
        position = read_page(snapshot, number, position + 1..=last, |_, record| {
            gathered.add(&copied(record));
            gathered.bytes.len() < EVENTS_BYTES
        })?;
    }
    Ok(gathered)
}

/// Gathers the states that the other log does not have, or has otherwise, as many as a page has. Also returns how many
/// states there are in all.
fn differing(
    snapshot: &dyn ReadSnapshot,
    number: u32,
    asked: AskedStates,
) -> Result<(GatheredStates, u64), Fault> {
    let sums = StateSums::of(snapshot, number, asked.bits)?;
    let buckets = sums.differing(&asked.sums)?;
    let mut states = Gathered::default();
    let mut through = None;
    if buckets.contains(&true) {
        let mut visit = |name: &str, value: &[u8]| {
            if !buckets[bucket_of(name, asked.bits)] {
                return Ok(ControlFlow::Continue(()));
            }
            states.add_state(name, value);
            if states.bytes.len() < STATES_BYTES {
                return Ok(ControlFlow::Continue(()));
            }
            through = Some(name.to_owned());
            Ok(ControlFlow::Break(()))
        };
        each_state(snapshot, number, asked.after.as_deref(), &mut visit)?;
    }
    let is_whole = asked.after.is_none() && through.is_none();
    let gathered = GatheredStates {
        bits: asked.bits,
        buckets,
        after: asked.after,
        through,
        states,
        whole: is_whole.then_some(sums.total),
    };
    Ok((gathered, sums.count))
}
