//! A response as the JSON text that `JSON.stringify` makes of the object which JavaScript would have.
//!
//! It is for whoever hands the text on, such as a server: nothing is made of it in JavaScript. The text goes beside the
//! values of its group, which say where it stands there.

use std::fmt::Write as _;
use std::ops::Range;

use uuid::Uuid;

use super::conflict_text::write_conflict;
use crate::error::Error;
use crate::{json, timestamp};

/// What every response begins with.
const TYPE: &str = "eventLog.";

/// What a call that succeeded has to say.
pub(super) struct JsonOutcome<'a> {
    /// JSON text of the response's `data`.
    pub(super) data: &'a str,
    /// What the caller should know although the call succeeded.
    pub(super) message: Option<String>,
}

/// What a response has beside its answer and the time.
#[derive(Clone, Debug)]
pub struct JsonEnvelope {
    /// The name of the method that was called.
    pub method: &'static str,
    /// The request's id, as JSON text, if whoever has called gives one.
    pub request_id: Option<String>,
}

impl JsonEnvelope {
    /// Appends the response of that time to `out`. Returns where its `data` stands there, if there is any.
    pub(super) fn write(
        &self,
        outcome: Result<JsonOutcome<'_>, &Error>,
        now_ms: i64,
        out: &mut String,
    ) -> Option<Range<usize>> {
        // Writing to a String cannot fail.
        let success = outcome.is_ok();
        let _ = write!(
            out,
            "{{\"type\":\"{TYPE}{}\",\"success\":{success}",
            self.method
        );
        let conflict = outcome.as_ref().err().and_then(|error| error.conflict());
        let data = match outcome {
            Ok(JsonOutcome { data, message }) => {
                out.push_str(",\"data\":");
                let start = out.len();
                out.push_str(data);
                let end = out.len();
                if let Some(message) = message {
                    out.push_str(",\"message\":");
                    json::write_string(out, &message);
                }
                Some(start..end)
            }
            Err(error) => {
                out.push_str(",\"error\":");
                json::write_string(out, error.text());
                let _ = write!(out, ",\"code\":\"{}\"", error.code().as_str());
                None
            }
        };
        out.push_str(",\"timestamp\":\"");
        timestamp::write(out, now_ms);
        out.push_str("\",\"requestId\":");
        match &self.request_id {
            Some(id) => out.push_str(id),
            None => {
                let _ = write!(out, "\"{}\"", Uuid::new_v4());
            }
        }
        if let Some(conflict) = conflict {
            out.push_str(",\"conflict\":");
            write_conflict(out, conflict);
        }
        out.push('}');
        data
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;
    use serde_json::{Value, json};

    fn written(
        outcome: Result<JsonOutcome<'_>, &Error>,
        request_id: Option<&str>,
    ) -> (String, Value) {
        let envelope = JsonEnvelope {
            method: "appendEvent",
            request_id: request_id.map(str::to_owned),
        };
        let mut text = String::from("before");
        let data = envelope.write(outcome, 1, &mut text);
        let response: Value = serde_json::from_str(&text["before".len()..]).unwrap();
        let data = data.map_or(Value::Null, |place| {
            serde_json::from_str(&text[place]).unwrap()
        });
        assert_eq!(data, response["data"]);
        (text, response)
    }

    #[test]
    fn a_success_has_its_members_in_the_order_of_the_object() {
        let outcome = |data, message: Option<&str>| {
            let message = message.map(str::to_owned);
            Ok(JsonOutcome { data, message })
        };
        let (text, _) = written(outcome("[]", None), Some("7"));
        assert_eq!(
            text,
            "before{\"type\":\"eventLog.appendEvent\",\"success\":true,\"data\":[],\
             \"timestamp\":\"1970-01-01T00:00:00.001Z\",\"requestId\":7}"
        );
        let outcome = outcome("{\"event\":[1]}", Some("a \"remark\""));
        let (_, response) = written(outcome, None);
        assert_eq!(response["message"], json!("a \"remark\""));
        assert_eq!(response["data"], json!({ "event": [1] }));
        let id = response["requestId"].as_str().unwrap();
        assert_eq!(Uuid::parse_str(id).unwrap().get_version_num(), 4);
    }

    #[test]
    fn a_failure_has_a_code_and_what_stood_in_the_way() {
        let error = Error::condition_failed("failIf", 0, 12);
        let (_, response) = written(Err(&error), Some("\"mine\""));
        let expected = json!({
            "type": "eventLog.appendEvent",
            "success": false,
            "error": error.text(),
            "code": "CONDITION_FAILED",
            "timestamp": "1970-01-01T00:00:00.001Z",
            "requestId": "mine",
            "conflict": { "position": 12 },
        });
        assert_eq!(response, expected);
        let (_, response) = written(Err(&Error::new(Code::InvalidArgument, "\n")), None);
        assert_eq!(response["error"], json!("\n"));
        assert!(response.get("conflict").is_none());
    }
}
