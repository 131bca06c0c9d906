//! What the server says of the messages that it was sent: whether it stored them.
//!
//! Each message names a subject of its own for the answer, and all of these are one subscription, which whoever waits for an answer
//! reads. So an answer costs neither a timer nor a task, as a request of the client does, and hundreds may be on their way.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use async_nats::{Client, Message, StatusCode, Subject, SubscribeError, Subscriber};
use futures_util::{FutureExt, StreamExt};
use serde::Deserialize;

use crate::worker::transport::Kept;

/// What the server said of a message, or why it did not store it.
type Answer = Result<Kept, String>;

/// The answers that are waited for.
pub(super) struct Answers {
    /// What their subjects begin with.
    prefix: String,
    inbox: tokio::sync::Mutex<Subscriber>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// By the numbers of their messages; those that came are kept until somebody asks.
    awaited: HashMap<u64, Option<Answer>>,
    next: u64,
}

impl Answers {
    pub(super) async fn subscribe(client: &Client) -> Result<Self, SubscribeError> {
        let prefix = client.new_inbox();
        let answers = client.subscribe(format!("{prefix}.*")).await?;
        Ok(Self { prefix, inbox: tokio::sync::Mutex::new(answers), state: Mutex::default() })
    }

    /// The number of the next message, and the subject for its answer.
    pub(super) fn next(&self) -> (u64, Subject) {
        let mut state = self.state();
        let number = state.next;
        state.next += 1;
        state.awaited.insert(number, None);
        (number, Subject::from(format!("{}.{number}", self.prefix)))
    }

    /// The answer of this number, if it came; then it is forgotten.
    pub(super) fn take(&self, number: u64) -> Option<Answer> {
        let mut state = self.state();
        let answer = state.awaited.get_mut(&number)?.take()?;
        state.awaited.remove(&number);
        Some(answer)
    }

    /// Nobody waits for the answer of this number any more.
    pub(super) fn forget(&self, number: u64) {
        self.state().awaited.remove(&number);
    }

    /// Waits until at least one came.
    ///
    /// # Errors
    /// The client has ended.
    pub(super) async fn more(&self) -> Result<(), String> {
        let mut answers = self.inbox.lock().await;
        let mut next = answers.next().await;
        if next.is_none() {
            return Err("the client has ended".to_owned());
        }
        while let Some(message) = next {
            self.came(&message);
            next = answers.next().now_or_never().flatten();
        }
        Ok(())
    }

    fn came(&self, message: &Message) {
        let number = message.subject.rsplit('.').next().and_then(|number| number.parse().ok());
        let mut state = self.state();
        // Those that nobody waits for any more come too late.
        if let Some(awaited) = number.and_then(|number: u64| state.awaited.get_mut(&number)) {
            *awaited = Some(read(message.status, &message.payload));
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // What is behind the lock is whole at any time.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the server writes.
#[derive(Deserialize)]
struct Written {
    seq: Option<u64>,
    #[serde(default)]
    duplicate: bool,
    error: Option<Wrong>,
}

/// An error, as the server writes it.
#[derive(Deserialize)]
struct Wrong {
    #[serde(default)]
    description: String,
    #[serde(default)]
    err_code: u64,
}

fn read(status: Option<StatusCode>, payload: &[u8]) -> Answer {
    if status == Some(StatusCode::NO_RESPONDERS) {
        return Err("no stream holds its subject".to_owned());
    }
    let written: Written =
        serde_json::from_slice(payload).map_err(|error| format!("an answer that is none: {error}"))?;
    match written {
        Written { error: Some(Wrong { description, err_code }), .. } => {
            Err(format!("{description} (error {err_code})"))
        }
        Written { seq: None, .. } => Err("an answer without a number".to_owned()),
        Written { duplicate: true, .. } => Ok(Kept::Repeat),
        Written { .. } => Ok(Kept::Stored),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_say_what_became_of_a_message() {
        for (payload, expected) in [
            (r#"{"stream":"events","seq":7}"#, Ok(Kept::Stored)),
            (r#"{"stream":"events","domain":"a","seq":7,"duplicate":true}"#, Ok(Kept::Repeat)),
            (
                r#"{"type":"x","error":{"code":503,"err_code":10077,"description":"maximum messages exceeded"},"stream":"events","seq":0}"#,
                Err("maximum messages exceeded (error 10077)"),
            ),
            ("{}", Err("an answer without a number")),
        ] {
            assert_eq!(read(None, payload.as_bytes()), expected.map_err(str::to_owned), "{payload}");
        }
        assert!(read(None, b"").unwrap_err().starts_with("an answer that is none: "));
        let nobody = read(Some(StatusCode::NO_RESPONDERS), b"");
        assert_eq!(nobody, Err("no stream holds its subject".to_owned()));
    }
}
