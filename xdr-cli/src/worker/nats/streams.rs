//! The streams that a worker reads from and writes to: found by their subjects, made if that was asked for, and looked at before the
//! first message is taken.

use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::context::GetStreamByNameErrorKind;
use async_nats::jetstream::stream::{Config, Stream};

use super::{Lack, Options};
use crate::failure::Failure;

/// For how long streams that the worker makes know ids, unless it is told otherwise: as long as the server's own default.
const WINDOW: Duration = Duration::from_secs(120);

/// What was found.
pub(super) struct Found {
    pub(super) input: Stream,
    /// The largest message that the streams for output take, in bytes.
    pub(super) largest: usize,
}

/// Finds the streams of all three subjects.
///
/// # Errors
/// There is none, or it forgets ids too soon.
pub(super) async fn find(context: &Context, options: &Options) -> Result<Found, Lack> {
    let input = get(context, &options.input, options).await?;
    let mut largest = usize::MAX;
    for subject in [&options.output, &options.rejects] {
        let config = get(context, subject, options).await?.cached_info().config.clone();
        let least = options.window.unwrap_or(options.ack_wait.saturating_mul(2));
        if config.duplicate_window < least {
            let message = format!(
                "the stream `{}` knows ids for {:?}, and {least:?} are needed so that no repeat gets through",
                config.name, config.duplicate_window
            );
            return Err(Lack::Wrong(Failure::failed(message).help(
                "set the stream's duplicate window, or give another --dedup-window or a shorter --ack-wait",
            )));
        }
        // -1 is no limit.
        largest = largest.min(
            usize::try_from(config.max_message_size).ok().filter(|size| *size > 0).unwrap_or(usize::MAX),
        );
    }
    Ok(Found { input, largest })
}

async fn get(context: &Context, subject: &str, options: &Options) -> Result<Stream, Lack> {
    let wrong = |error: &dyn std::fmt::Display| {
        Lack::Away(Failure::failed(format!("the stream of the subject `{subject}` cannot be had: {error}")))
    };
    let name = match context.stream_by_subject(subject).await {
        Ok(name) => name,
        Err(error) if error.kind() == GetStreamByNameErrorKind::NotFound => {
            let Some(replicas) = options.create else {
                return Err(Lack::Wrong(
                    Failure::failed(format!("no stream holds the subject `{subject}`"))
                        .help("make one that does, or give --create"),
                ));
            };
            let config = Config {
                name: name(subject),
                subjects: vec![subject.to_owned()],
                num_replicas: replicas,
                duplicate_window: options.window.unwrap_or(WINDOW),
                ..Config::default()
            };
            // Of several workers that begin together all make the same one.
            return context.get_or_create_stream(config).await.map_err(|error| wrong(&error));
        }
        Err(error) => return Err(wrong(&error)),
    };
    context.get_stream(name).await.map_err(|error| wrong(&error))
}

/// The name of a stream that is made for a subject.
fn name(subject: &str) -> String {
    let subject = subject.trim_end_matches(".>").trim_end_matches(".*");
    subject.replace(|character: char| matches!(character, '.' | '*' | '>') || character.is_whitespace(), "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_named_by_their_subjects() {
        for (subject, expected) in [("logs.>", "logs"), ("logs.*.vpn", "logs___vpn"), ("events", "events")] {
            assert_eq!(name(subject), expected);
        }
    }
}
