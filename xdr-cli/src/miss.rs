//! Where reading a record stopped, and what was expected there.
//!
//! A reject says so itself. Of a partial record the header was read; its message is not in the catalogue, or its text is
//! other than the message's templates say, and then they are tried once more for the furthest place. Only `xdr explain` needs
//! this, so a run does not pay for it.

use xdr_model::pattern::{Captures, Miss};
use xdr_runtime::catalogue::Catalogue;
use xdr_runtime::engine::{Explanation, Told};
use xdr_runtime::record::Status;

/// Where reading stopped.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stop {
    /// Why, in a few words.
    pub(crate) reason: String,
    /// The byte of the record, if the place is known.
    pub(crate) at: Option<usize>,
    /// What was expected there, if something was.
    pub(crate) expected: Option<String>,
}

/// Where reading the record stopped; `None` if all of it was read.
pub(crate) fn stop(explanation: &Explanation, catalogue: Option<&'static Catalogue>) -> Option<Stop> {
    if let Some(reject) = &explanation.reject {
        let expected = Some(reject.expected.clone());
        return Some(Stop { reason: reject.reason.to_owned(), at: Some(reject.at), expected });
    }
    if explanation.status != Status::Partial {
        return None;
    }
    let text = unread(explanation);
    let at = text.map(|(at, _)| at);
    let Some(key) = &explanation.message else {
        return Some(Stop {
            reason: "no message of the source was recognised".to_owned(),
            at,
            expected: None,
        });
    };
    let Some(message) = catalogue.and_then(|catalogue| catalogue.message(key)) else {
        return Some(Stop { reason: format!("message `{key}` is not in the catalogue"), at, expected: None });
    };
    let missed = text.and_then(|(start, text)| {
        let misses = message
            .templates
            .iter()
            .filter_map(|template| template.pattern.captures(text, &mut Captures::new()).err());
        // The first of those that came equally far, as the special stands before the general.
        let furthest = misses.reduce(|best: Miss<'_>, miss| if miss.at > best.at { miss } else { best })?;
        Some((start + furthest.at, furthest.expected.to_string()))
    });
    Some(match missed {
        Some((at, expected)) => Stop {
            reason: "no template of its message matches".to_owned(),
            at: Some(at),
            expected: Some(expected),
        },
        None => Stop { reason: "the text of its message was not read".to_owned(), at, expected: None },
    })
}

/// The text that was in hand when reading stopped, and its place: it travels unmapped, under this name, and nothing of the
/// record follows it but what no field takes.
fn unread(explanation: &Explanation) -> Option<(usize, &str)> {
    explanation.told.iter().find_map(|told| match told {
        Told::Unmapped { field, value } if field == "text" && !value.is_empty() => {
            Some((explanation.text.rfind(value.as_str())?, value.as_str()))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stopped(source: &str, record: &str) -> Option<Stop> {
        let source = crate::registry::source(source).unwrap();
        let settings = xdr_runtime::settings::Settings::new("2024-03-14T07:08:09Z".parse().unwrap());
        stop(&source.explain(record.as_bytes(), &settings), source.info.catalogue)
    }

    #[test]
    fn a_partial_record_says_how_far_its_message_was_read() {
        let check = |record: &str, reason: &str, at: usize, expected: Option<&str>| {
            let expected = expected.map(str::to_owned);
            let stop = Stop { reason: reason.to_owned(), at: Some(at), expected };
            assert_eq!(stopped("cisco-anyconnect", record), Some(stop), "{record}");
        };
        check("%ASA-1-999999: some text", "message `999999` is not in the catalogue", 15, None);
        let record = "%ASA-6-113005: AAA user";
        let found = stopped("cisco-anyconnect", record).unwrap();
        assert_eq!((&*found.reason, found.at), ("no template of its message matches", Some(23)));
        assert!(found.expected.is_some());
    }

    #[test]
    fn a_record_without_a_message_says_so() {
        let told = vec![Told::Unmapped { field: "text".to_owned(), value: "some text".to_owned() }];
        let explanation = Explanation {
            text: "Mar 14: some text".to_owned(),
            status: Status::Partial,
            message: None,
            told,
            reject: None,
        };
        let reason = "no message of the source was recognised".to_owned();
        assert_eq!(stop(&explanation, None), Some(Stop { reason, at: Some(8), expected: None }));
    }

    #[test]
    fn a_reject_says_it_itself_and_a_mapped_record_says_nothing() {
        let found = stopped("teleport", "{\"event\":7,}").unwrap();
        assert!(found.at.is_some() && found.expected.is_some());
        let record =
            r#"{"event":"session.start","code":"T2000I","user":"kim","time":"2024-03-14T07:08:09.5Z"}"#;
        assert_eq!(stopped("teleport", record), None);
    }
}
