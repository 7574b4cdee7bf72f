//! What a key that is not known was likely meant to be.

/// A longer key is none that was misspelt, in bytes.
const KEY_BYTES_MAX: usize = 64;

/// What other stores and libraries name the same thing, without case and separators. They are looked for among the
/// keys that are known where they are met, so that one word may stand for several.
const SYNONYMS: [(&str, &[&str]); 44] = [
    (
        "payload",
        &[
            "data",
            "body",
            "content",
            "eventdata",
            "eventbody",
            "eventpayload",
        ],
    ),
    ("metadata", &["meta", "headers", "context", "eventmetadata"]),
    (
        "eventType",
        &[
            "type",
            "kind",
            "name",
            "event",
            "eventname",
            "eventkind",
            "typename",
        ],
    ),
    (
        "streamId",
        &[
            "stream",
            "streamname",
            "streamkey",
            "aggregate",
            "aggregateid",
            "entityid",
            "partitionkey",
        ],
    ),
    (
        "timestamp",
        &[
            "time",
            "date",
            "datetime",
            "ts",
            "createdat",
            "occurredat",
            "eventtime",
        ],
    ),
    (
        "instanceId",
        &["instance", "instancename", "log", "logid", "eventlogid"],
    ),
    (
        "autoCreateInstance",
        &[
            "autocreate",
            "createinstance",
            "createifmissing",
            "createifnotexists",
        ],
    ),
    ("expectedSequence", GUARDS_OF_STREAM),
    ("expectedSequences", GUARDS_OF_STREAM),
    ("idempotencyKey", &["messagededuplicationid"]),
    (
        "failIf",
        &[
            "condition",
            "conditions",
            "appendcondition",
            "precondition",
            "preconditions",
            "unless",
            "guard",
        ],
    ),
    ("checkpoint", &["consumer", "cursor", "ack"]),
    ("events", &["items", "records", "batch"]),
    (
        "where",
        &["filter", "filters", "condition", "conditions", "match"],
    ),
    ("select", &["fields", "columns", "projection"]),
    ("orderBy", &["sort", "sortby", "sortorder"]),
    ("limit", &["top", "take", "pagesize", "maxcount"]),
    ("offset", &["skip"]),
    ("reduce", &["aggregate", "aggregation"]),
    ("operator", &["op", "comparison"]),
    ("any", &["or", "anyof", "oneof", "some", "should"]),
    ("all", &["and", "allof", "every", "must"]),
    ("not", &["nor", "noneof", "none", "mustnot"]),
    (
        "valueField",
        &["otherfield", "comparefield", "tofield", "field2"],
    ),
    ("ignoreCase", &["caseinsensitive", "insensitive", "nocase"]),
    ("eq", &["=", "==", "===", "equals", "equal", "is"]),
    (
        "neq",
        &[
            "!=",
            "!==",
            "<>",
            "ne",
            "not",
            "notequals",
            "notequal",
            "isnot",
        ],
    ),
    ("gt", &[">", "greaterthan", "after"]),
    (
        "gte",
        &[">=", "ge", "greaterthanorequal", "atleast", "since"],
    ),
    ("lt", &["<", "lessthan", "before"]),
    ("lte", &["<=", "le", "lessthanorequal", "atmost"]),
    (
        "contains",
        &["like", "ilike", "icontains", "includes", "has"],
    ),
    ("startsWith", &["prefix", "beginswith", "istartswith"]),
    ("endsWith", &["suffix", "iendswith"]),
    ("matches", &["regex", "regexp", "~", "=~", "rlike"]),
    ("in", &["oneof", "any", "anyof"]),
    ("notIn", &["nin", "noneof"]),
    ("between", &["range"]),
    ("exists", &["isset", "defined", "ispresent", "present"]),
    ("field", &["path", "key", "column"]),
    ("direction", &["dir", "order"]),
    (
        "afterPosition",
        &["after", "position", "fromposition", "startafter"],
    ),
    ("fromSequence", &["from", "fromversion", "fromrevision"]),
    // Of queries, which say in it what appends and readers say beside the rest.
    (
        "from",
        &["instance", "instanceid", "stream", "streamid", "log"],
    ),
];

const GUARDS_OF_STREAM: &[&str] = &[
    "ifmatch",
    "ifsequence",
    "ifversion",
    "ifrevision",
    "streamrevision",
    "streamversion",
];

/// What begins so is meant to guard, however it goes on. The beginnings are written as the words above are.
const BEGINNINGS: [(&str, &[&str]); 4] = [
    ("expectedSequence", &["expect"]),
    ("expectedSequences", &["expect"]),
    ("idempotencyKey", &["idempot", "dedup"]),
    (
        "failIf",
        &[
            "failif",
            "failon",
            "failunless",
            "failwhen",
            "onlyif",
            "rejectif",
            "abortif",
        ],
    ),
];

/// The one of the `known` keys that `key`, which is none of them, was likely meant to be: one that differs in case and
/// separators alone, or by up to two letters, or that has another name elsewhere.
#[must_use]
pub fn meant<'k>(key: &str, known: &[&'k str]) -> Option<&'k str> {
    if key.len() > KEY_BYTES_MAX {
        return None;
    }
    let plain = without_style(key);
    let near = known.iter().filter_map(|known| {
        let other = without_style(known);
        let distance = strsim::osa_distance(&plain, &other);
        let is_near = distance <= letters_off_max(&other)
            // A letter that is there twice leaves all of a short word.
            || without_repetition(&plain) == without_repetition(&other);
        is_near.then_some((distance, *known))
    });
    // Of those that are as near, the first.
    let nearest = near.min_by_key(|(distance, _)| *distance);
    nearest
        .map(|(_, known)| known)
        .or_else(|| synonym(&plain, known))
}

/// The letters of a word, of which those that follow themselves are there once.
fn without_repetition(word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    letters.dedup();
    letters.into_iter().collect()
}

/// How many letters of a word may be wrong. Of a short one, more would leave too little of it.
const fn letters_off_max(word: &str) -> usize {
    match word.len() {
        0..=3 => 0,
        4..=5 => 1,
        _ => 2,
    }
}

fn synonym<'k>(plain: &str, known: &[&'k str]) -> Option<&'k str> {
    known.iter().copied().find(|known| {
        let of_word = |(word, _): &&(&str, &[&str])| word == known;
        let mut others = SYNONYMS.iter().filter(of_word);
        let mut beginnings = BEGINNINGS.iter().filter(of_word);
        others.any(|(_, others)| others.contains(&plain))
            || beginnings.any(|(_, starts)| starts.iter().any(|start| plain.starts_with(start)))
    })
}

/// A key without what only style tells apart: case and separators.
fn without_style(key: &str) -> String {
    let letters = key.chars().filter(|c| !matches!(c, '_' | '-' | ' ' | '.'));
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const APPEND: [&str; 9] = [
        "streamId",
        "eventType",
        "payload",
        "metadata",
        "timestamp",
        "instanceId",
        "expectedSequence",
        "idempotencyKey",
        "failIf",
    ];

    #[test]
    fn a_key_is_near_by_style_by_letters_and_by_other_names() {
        for (key, likely) in [
            ("failif", "failIf"),
            ("fail_if", "failIf"),
            ("Fail-If", "failIf"),
            ("idempotencykey", "idempotencyKey"),
            ("idempotency_key", "idempotencyKey"),
            ("idempotentKey", "idempotencyKey"),
            ("playload", "payload"),
            ("paylaod", "payload"),
            ("payloads", "payload"),
            ("pyload", "payload"),
            ("ayload", "payload"),
            ("pay", ""),
            ("instance", "instanceId"),
            ("instance_ids", "instanceId"),
            ("timestmap", "timestamp"),
            ("event_typ", "eventType"),
            ("expectedVersion", "expectedSequence"),
            ("EXPECTED_REVISION", "expectedSequence"),
            ("data", "payload"),
            ("type", "eventType"),
            ("dedupeKey", "idempotencyKey"),
            ("dedupe", "idempotencyKey"),
            ("idempotency", "idempotencyKey"),
            ("idempotencyToken", "idempotencyKey"),
            ("expectedSeq", "expectedSequence"),
            ("expectedVersions", "expectedSequence"),
            ("expectedStreamRevision", "expectedSequence"),
            ("expect", "expectedSequence"),
            ("ifVersion", "expectedSequence"),
            ("failIfExists", "failIf"),
            ("failWhen", "failIf"),
            ("stream", "streamId"),
        ] {
            let likely = Some(likely).filter(|likely| !likely.is_empty());
            assert_eq!(meant(key, &APPEND), likely, "{key}");
        }
    }

    #[test]
    fn a_key_that_is_far_is_near_to_none() {
        for key in [
            "",
            "id",
            "position",
            "sequence_number",
            "correlationId",
            "causationId",
            "userId",
            "source",
            "version",
            "tags",
            "level",
            "severity",
            "description",
            "requestId",
            "sessionId",
            "agentId",
            "threadId",
            "priority",
            "upload",
        ] {
            assert_eq!(meant(key, &APPEND), None, "{key}");
        }
        assert_eq!(meant(&"payload".repeat(20), &APPEND), None);
        assert_eq!(meant("data", &["name", "description"]), None);
    }

    #[test]
    fn the_nearest_is_taken_and_short_words_are_near_to_less() {
        let known = ["limit", "list", "in"];
        assert_eq!(meant("limt", &known), Some("limit"));
        assert_eq!(meant("lsit", &known), Some("list"));
        assert_eq!(meant("IN", &known), Some("in"));
        assert_eq!(meant("on", &known), None);
        assert_eq!(meant("lost", &known), Some("list"));
        assert_eq!(meant("lmtt", &known), None);
    }

    #[test]
    fn a_letter_too_many_of_the_same_leaves_a_short_word() {
        let known = ["any", "all", "not"];
        for (key, likely) in [
            ("anyy", Some("any")),
            ("annY", Some("any")),
            ("alll", Some("all")),
            ("al", Some("all")),
            ("nott", Some("not")),
            ("OR", Some("any")),
            ("AND", Some("all")),
            ("nor", Some("not")),
            ("many", None),
            ("ball", None),
            ("note", None),
        ] {
            assert_eq!(meant(key, &known), likely, "{key}");
        }
    }

    #[test]
    fn a_word_of_the_table_is_written_as_it_is_compared() {
        for (_, others) in SYNONYMS.iter().chain(&BEGINNINGS) {
            for other in *others {
                assert_eq!(without_style(other), *other);
            }
        }
    }
}
