//! What an operator asks of a whole log. It takes long, and has a thread of its own.

use std::path::Path;

use super::options::parse_file_path;
use super::response::Answer;
use super::work::Work;
use crate::arguments::Arguments;
use crate::engine::{Compacted, IN_MEMORY, Report};
use crate::error::{Code, Error};
use crate::json;
use crate::progress::Progress;
use crate::seam::{Operated, Operation};

/// What a call of `verify` does.
pub(super) fn verify(_: &str, progress: Progress) -> Work {
    Work::Operation(Ok(Operation::Verify), progress)
}

/// What a call of `backup` does, whose arguments are JSON text. A relative path starts at the working directory of
/// this moment.
pub(super) fn backup(arguments: &str, progress: Progress) -> Work {
    let path = Arguments::parse(arguments).and_then(|arguments| {
        let path = parse_file_path(arguments.get(0))?;
        if path == IN_MEMORY {
            let found = format!("{path:?}, which would be gone at once");
            return Err(Error::expected("path", "the path of a file", &found));
        }
        std::path::absolute(Path::new(&path))
            .map_err(|error| Error::new(Code::InvalidArgument, format!("path: {path:?}: {error}")))
    });
    Work::Operation(path.map(Operation::Backup), progress)
}

/// What a call of `compact` does.
pub(super) fn compact(_: &str, progress: Progress) -> Work {
    Work::Operation(Ok(Operation::Compact), progress)
}

/// What an operation is answered with.
pub(super) fn answer(operated: Operated) -> Answer {
    match operated {
        Operated::Verified(report) => verified(&report),
        Operated::BackedUp(path, report) => backed_up(&path, &report),
        Operated::Compacted(freed) => compacted(freed),
        Operated::Erased(data) => Answer::of_data(data),
    }
}

fn verified(report: &Report) -> Answer {
    let mut data = format!("{{\"intact\":{},", report.problem_count == 0);
    write_counts(&mut data, report);
    data.push_str(&format!(
        ",\"problemCount\":{},\"problems\":[",
        report.problem_count
    ));
    for (index, problem) in report.problems.iter().enumerate() {
        data.push_str(if index == 0 { "{" } else { ",{" });
        if let Some(id) = &problem.instance_id {
            data.push_str("\"instanceId\":");
            json::write_string(&mut data, id);
            data.push(',');
        }
        if let Some(position) = problem.position {
            data.push_str(&format!("\"position\":{position},"));
        }
        data.push_str("\"what\":");
        json::write_string(&mut data, &problem.text);
        data.push('}');
    }
    data.push_str("]}");
    Answer::of_data(data)
}

fn backed_up(path: &Path, report: &Report) -> Answer {
    let mut data = "{\"path\":".to_owned();
    json::write_string(&mut data, &path.to_string_lossy());
    data.push(',');
    write_counts(&mut data, report);
    data.push('}');
    Answer::of_data(data)
}

fn compacted(compacted: Compacted) -> Answer {
    let Compacted { before, after } = compacted;
    Answer::of_data(format!(
        "{{\"bytesBefore\":{before},\"bytesAfter\":{after}}}"
    ))
}

fn write_counts(out: &mut String, report: &Report) {
    out.push_str(&format!(
        "\"instances\":{},\"streams\":{},\"events\":{},\"bytes\":{}",
        report.instances, report.streams, report.events, report.bytes
    ));
}
