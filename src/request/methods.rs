//! The table of all methods.

use std::sync::Arc;

use super::append::{Appending, decision_extent, load_decision};
use super::call_text::CallText;
use super::delivery::AnswerForm;
use super::forgetting::{Forgetting, Rotating};
use super::query::Querying;
use super::reading::{Reading, ReadingForm, ReadingSource};
use super::transfer::{Export, Import};
use super::work::{Called, ChangeFunction, ReadFunction, Work};
use super::{
    consumers, copy, erasing, evidence, instances, operation, projections, retention, streams,
    trimming,
};
use crate::progress::Progress;

/// A method of the log, by which calls are made.
pub struct Method {
    name: &'static str,
    kind: MethodKind,
}

/// In which way a method is called.
enum MethodKind {
    /// With arguments, to read.
    Read(ReadFunction),
    /// With arguments, to change the log.
    Change(ChangeFunction),
    /// With arguments, which it takes its own way.
    Call(fn(String) -> Work),
    /// With the text of its one argument alone, which it takes its own way.
    Kept(fn(CallText) -> Work),
    /// As these, to be answered in either form.
    InEitherForm(fn(String, AnswerForm) -> Work),
    /// With arguments, and with a progress that tells how far it is.
    Operation(fn(&str, Progress) -> Work),
    /// Page by page.
    Reading(ReadingSource),
    /// Page by page.
    Export,
    /// Batch by batch.
    Import,
}

/// All methods. JavaScript calls them by their places in it.
pub static METHODS: [Method; 51] = [
    row("createInstance", MethodKind::Change(instances::create)),
    row(
        "getInstance",
        MethodKind::Read(ReadFunction::small(instances::get)),
    ),
    row(
        "listInstances",
        MethodKind::Read(ReadFunction::of(instances::extent, instances::list)),
    ),
    row("updateInstance", MethodKind::Change(instances::update)),
    row("deleteInstance", MethodKind::Change(instances::delete)),
    row(
        "getInstanceStats",
        MethodKind::Read(ReadFunction::of(instances::stats_extent, instances::stats)),
    ),
    row("appendEvent", MethodKind::InEitherForm(Appending::one)),
    row("appendKept", MethodKind::Kept(Appending::kept)),
    row("appendEvents", MethodKind::InEitherForm(Appending::many)),
    row("appendEventsKept", MethodKind::Kept(Appending::kept_events)),
    row("queryEvents", MethodKind::InEitherForm(Querying::in_form)),
    row(
        "listStreams",
        MethodKind::Read(ReadFunction::of(streams::extent, streams::list)),
    ),
    row("readAll", MethodKind::Reading(ReadingSource::Instance)),
    row("readStream", MethodKind::Reading(ReadingSource::Stream)),
    row(
        "subscribe",
        MethodKind::Reading(ReadingSource::Subscription),
    ),
    row(
        "listConsumers",
        MethodKind::Read(ReadFunction::of_events(consumers::extent, consumers::list)),
    ),
    row("resetConsumer", MethodKind::Change(consumers::reset)),
    row("deleteConsumer", MethodKind::Change(consumers::delete)),
    row(
        "listParked",
        MethodKind::Read(ReadFunction::of(
            consumers::parked_extent,
            consumers::list_parked,
        )),
    ),
    row("retryParked", MethodKind::Change(consumers::retry)),
    row("discardParked", MethodKind::Change(consumers::discard)),
    row(
        "loadSnapshot",
        MethodKind::Read(ReadFunction::small(projections::load)),
    ),
    row("storeSnapshot", MethodKind::Change(projections::store)),
    row("deleteSnapshots", MethodKind::Change(projections::delete)),
    row(
        "loadDecision",
        MethodKind::Read(ReadFunction::of_events(decision_extent, load_decision)),
    ),
    row("storeDecision", MethodKind::Call(Appending::decided)),
    row(
        "hashEvents",
        MethodKind::Read(ReadFunction::long(evidence::hash_events)),
    ),
    row("storeTree", MethodKind::Change(evidence::store_tree)),
    row(
        "checkTree",
        MethodKind::Read(ReadFunction::long(evidence::check_tree)),
    ),
    row(
        "proveInclusion",
        MethodKind::Read(ReadFunction::of(
            evidence::inclusion_extent,
            evidence::inclusion,
        )),
    ),
    row(
        "proveConsistency",
        MethodKind::Read(ReadFunction::of(
            evidence::consistency_extent,
            evidence::consistency,
        )),
    ),
    row(
        "measureTrim",
        MethodKind::Read(ReadFunction::long(trimming::measure)),
    ),
    row("storeTrim", MethodKind::Change(trimming::store)),
    row(
        "measureStreamTrim",
        MethodKind::Read(ReadFunction::long(trimming::measure_stream)),
    ),
    row(
        "storeStreamTrim",
        MethodKind::Change(trimming::store_stream),
    ),
    row(
        "dueRetention",
        MethodKind::Read(ReadFunction::long(retention::due)),
    ),
    row(
        "dueStreams",
        MethodKind::Read(ReadFunction::long(retention::due_streams)),
    ),
    row("noteRetention", MethodKind::Change(retention::note)),
    row("forgetSubject", MethodKind::Call(Forgetting::work)),
    row("rotateKey", MethodKind::Call(Rotating::work)),
    row(
        "copyInstances",
        MethodKind::Read(ReadFunction::of(
            copy::instances_extent,
            copy::list_instances,
        )),
    ),
    row(
        "copyStand",
        MethodKind::Read(ReadFunction::long(copy::stand)),
    ),
    row(
        "copyDigest",
        MethodKind::Read(ReadFunction::long(copy::digest)),
    ),
    row("exportEvents", MethodKind::Export),
    row("importEvents", MethodKind::Import),
    row("verify", MethodKind::Operation(operation::verify)),
    row("backup", MethodKind::Operation(operation::backup)),
    row("compact", MethodKind::Operation(operation::compact)),
    row("eraseEvents", MethodKind::Operation(erasing::erase)),
    row("findErasable", MethodKind::Reading(ReadingSource::Erasable)),
    row(
        "listErasures",
        MethodKind::Read(ReadFunction::long(erasing::list)),
    ),
];

const fn row(name: &'static str, kind: MethodKind) -> Method {
    Method { name, kind }
}

impl Method {
    /// The method of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        METHODS.iter().find(|method| method.name == name)
    }

    /// The method's name in JavaScript.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What a call with `arguments` does, which is the JSON text of an array, or of the one argument if the method takes
    /// that; `None` if it is not called with its arguments alone.
    #[must_use]
    pub fn call(&self, arguments: impl Into<CallText>) -> Option<Work> {
        let arguments = arguments.into();
        if let MethodKind::Kept(work) = self.kind {
            return Some(work(arguments));
        }
        let arguments = arguments.into_string();
        match self.kind {
            MethodKind::Read(function) => Some(Work::Read(Box::new(Called {
                function,
                arguments,
            }))),
            MethodKind::Change(function) => Some(Work::Change(Box::new(Called {
                function,
                arguments,
            }))),
            MethodKind::Call(work) => Some(work(arguments)),
            MethodKind::InEitherForm(work) => Some(work(arguments, AnswerForm::Values)),
            MethodKind::Kept(_)
            | MethodKind::Operation(_)
            | MethodKind::Reading(_)
            | MethodKind::Export
            | MethodKind::Import => None,
        }
    }

    /// What a call with `arguments` does whose answer is JSON text; `None` if the method has no such answers.
    #[must_use]
    pub fn json_call(&self, arguments: String) -> Option<Work> {
        match self.kind {
            MethodKind::InEitherForm(work) => Some(work(arguments, AnswerForm::Json)),
            MethodKind::Read(_)
            | MethodKind::Change(_)
            | MethodKind::Call(_)
            | MethodKind::Kept(_)
            | MethodKind::Operation(_)
            | MethodKind::Reading(_)
            | MethodKind::Export
            | MethodKind::Import => None,
        }
    }

    /// What a call of an operation does; `None` if the method is none.
    #[must_use]
    pub fn operation(&self, arguments: &str, progress: Progress) -> Option<Work> {
        match self.kind {
            MethodKind::Operation(work) => Some(work(arguments, progress)),
            MethodKind::Read(_)
            | MethodKind::Change(_)
            | MethodKind::Call(_)
            | MethodKind::Kept(_)
            | MethodKind::InEitherForm(_)
            | MethodKind::Reading(_)
            | MethodKind::Export
            | MethodKind::Import => None,
        }
    }

    /// Begins what the method does step by step, as `options` asks for it, which is JSON text; `None` if it does all
    /// at once. Events are read in that `form`.
    #[must_use]
    pub fn begin(&self, options: String, form: ReadingForm) -> Option<Course> {
        match self.kind {
            MethodKind::Reading(source) => {
                let reading = Reading::in_form(form, source, options);
                Some(Course::Reading(Arc::new(reading)))
            }
            MethodKind::Export => Some(Course::Export(Arc::new(Export::new(options)))),
            MethodKind::Import => Some(Course::Import(Arc::default())),
            MethodKind::Read(_)
            | MethodKind::Change(_)
            | MethodKind::Call(_)
            | MethodKind::Kept(_)
            | MethodKind::InEitherForm(_)
            | MethodKind::Operation(_) => None,
        }
    }
}

/// What is done step by step. Each step is a call.
pub enum Course {
    /// Events are read.
    Reading(Arc<Reading>),
    /// Lines are written.
    Export(Arc<Export>),
    /// Lines are stored.
    Import(Arc<Import>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_method_has_one_row_and_one_way_to_be_called() {
        for (index, method) in METHODS.iter().enumerate() {
            let first = METHODS.iter().position(|other| other.name == method.name);
            assert_eq!(first, Some(index), "{}", method.name);
            let ways = [
                method.call("[]".to_owned()).is_some(),
                method.operation("[]", Progress::default()).is_some(),
                method.begin("{}".to_owned(), ReadingForm::Values).is_some(),
            ];
            let count = ways.into_iter().filter(|way| *way).count();
            assert_eq!(count, 1, "{}", method.name);
        }
        assert!(Method::named("verify").is_some() && Method::named("Verify").is_none());
    }

    #[test]
    fn those_that_change_the_log_are_known_by_what_they_do() {
        let writes = |method: &&Method| {
            let call = method.call("[]".to_owned());
            let work = call.or_else(|| method.operation("[]", Progress::default()));
            work.is_some_and(|work| work.writes())
        };
        let names: Vec<&str> = METHODS.iter().filter(writes).map(Method::name).collect();
        let expected = [
            "createInstance",
            "updateInstance",
            "deleteInstance",
            "appendEvent",
            "appendKept",
            "appendEvents",
            "appendEventsKept",
            "resetConsumer",
            "deleteConsumer",
            "retryParked",
            "discardParked",
            "storeSnapshot",
            "deleteSnapshots",
            "storeDecision",
            "storeTree",
            "storeTrim",
            "storeStreamTrim",
            "noteRetention",
            "forgetSubject",
            "rotateKey",
            "compact",
        ];
        assert_eq!(names, expected);
    }
}
