//! The worker over a real NATS server: what goes in comes out, once, whatever is killed meanwhile.
//!
//! `.ci/worker` fetches the server and runs these. Each test has a server of its own.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "helpers of tests may fail as tests do, and tell what they did"
)]

mod broker;
mod chance;
#[cfg(feature = "certificates")]
mod credentials;
mod gone;
mod kills;
#[cfg(feature = "certificates")]
mod login;
mod messages;
mod process;

use std::time::Duration;

use async_nats::jetstream::{self, Context};
use futures_util::StreamExt;
use serde_json::Value;

use broker::Broker;
use process::Worker;

/// The subjects of every test.
const SUBJECTS: &str = "--group xdr --input logs.> --output events --rejects rejects";

/// A record of `teleport` that is told from all others by its user.
fn record(number: usize) -> String {
    format!(
        r#"{{"event":"session.start","code":"T2000I","user":"user{number}","time":"2024-03-14T07:08:09Z","uid":"x"}}"#
    )
}

/// Connects to a server, and makes the three streams.
async fn connect(url: &str, window: Duration, replicas: usize) -> Context {
    connect_with(async_nats::ConnectOptions::new(), url, window, replicas).await
}

/// Connects with these options, and makes the three streams.
async fn connect_with(
    options: async_nats::ConnectOptions,
    url: &str,
    window: Duration,
    replicas: usize,
) -> Context {
    let url: Vec<&str> = url.split(',').collect();
    let options = options.reconnect_delay_callback(|_| Duration::from_millis(50));
    let context = jetstream::new(options.connect(url).await.unwrap());
    for (name, subject) in [("logs", "logs.>"), ("events", "events"), ("rejects", "rejects")] {
        let config = jetstream::stream::Config {
            name: name.to_owned(),
            subjects: vec![subject.to_owned()],
            duplicate_window: window,
            num_replicas: replicas,
            ..jetstream::stream::Config::default()
        };
        let mut tries = 0;
        // A cluster takes a moment until it has a leader.
        while let Err(error) = context.create_stream(config.clone()).await {
            tries += 1;
            assert!(tries < 100, "{error}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    context
}

/// Publishes a message until the server has it, under an id by which it is there once.
async fn publish(context: &Context, subject: &str, id: &str, payload: String) {
    for _ in 0..600 {
        let message =
            jetstream::message::PublishMessage::build().message_id(id).payload(payload.clone().into());
        if let Ok(sent) = context.send_publish(subject.to_owned(), message).await
            && sent.await.is_ok()
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the server is gone for good");
}

/// A message of a stream.
struct Kept {
    id: String,
    payload: String,
}

/// All messages of a stream.
async fn all(context: &Context, stream: &str) -> Vec<Kept> {
    let mut stream = context.get_stream(stream).await.unwrap();
    let count = stream.info().await.unwrap().state.messages;
    let consumer = stream
        .create_consumer(jetstream::consumer::pull::Config {
            ack_policy: jetstream::consumer::AckPolicy::None,
            ..Default::default()
        })
        .await
        .unwrap();
    let mut found = Vec::new();
    let mut messages = consumer.messages().await.unwrap();
    while (found.len() as u64) < count {
        let message = messages.next().await.unwrap().unwrap();
        let id = message.headers.as_ref().unwrap().get("Nats-Msg-Id").unwrap().as_str().to_owned();
        found.push(Kept { id, payload: String::from_utf8(message.payload.to_vec()).unwrap() });
    }
    found
}

/// How many messages a stream has.
async fn count(context: &Context, stream: &str) -> u64 {
    context.get_stream(stream).await.unwrap().info().await.unwrap().state.messages
}

/// Waits until the group has settled all messages.
async fn settled(context: &Context, group: &str) {
    let mut last = None;
    for _ in 0..900 {
        if let Ok(stream) = context.get_stream_no_info("logs").await
            && let Ok(info) = stream.consumer_info(group).await
        {
            if info.num_pending == 0 && info.num_ack_pending == 0 {
                return;
            }
            last = Some(info);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("messages stay unsettled: {last:?}");
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}
