//! The durable consumer that the workers of a group share: found or made at the beginning, and made again if it is deleted under them.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull};
use async_nats::jetstream::context::ConsumerInfoErrorKind;
use async_nats::jetstream::stream::{ConsumerErrorKind, Stream};

use super::{Lack, Options};
use crate::failure::Failure;
use crate::worker::transport::NoMessage;
use crate::worker::warn::Warnings;

/// The consumer of a group.
pub(super) struct Durable {
    /// As it was at the beginning.
    stream: Stream,
    consumer: PullConsumer,
    config: pull::Config,
    /// Up to which message the server last said that the whole group has settled all.
    floor: AtomicU64,
    warnings: Mutex<Warnings>,
}

impl Durable {
    /// Finds the consumer, or makes it. One that is there goes on from where it is, and is told what the worker was told.
    ///
    /// # Errors
    /// It cannot be had.
    pub(super) async fn open(stream: Stream, options: &Options) -> Result<Self, Lack> {
        let cannot = |error: &dyn std::fmt::Display| {
            Failure::failed(format!("the consumer `{}` cannot be had: {error}", options.group))
        };
        // Where a consumer begins can be said only once.
        let deliver_policy = match stream.consumer_info(&options.group).await {
            Ok(found) => found.config.deliver_policy,
            Err(error) if error.kind() == ConsumerInfoErrorKind::NotFound => DeliverPolicy::All,
            Err(error) => return Err(Lack::Away(cannot(&error))),
        };
        let config = pull::Config {
            durable_name: Some(options.group.clone()),
            deliver_policy,
            ack_policy: AckPolicy::Explicit,
            ack_wait: options.ack_wait,
            max_deliver: -1,
            max_ack_pending: options.unsettled,
            filter_subject: options.input.clone(),
            ..pull::Config::default()
        };
        let consumer = stream.create_consumer(config.clone()).await.map_err(|error| match error.kind() {
            // Of the kinds of errors one is the server's own word.
            ConsumerErrorKind::JetStream(_) => Lack::Wrong(cannot(&error)),
            _ => Lack::Away(cannot(&error)),
        })?;
        let floor = AtomicU64::new(consumer.cached_info().ack_floor.stream_sequence);
        Ok(Self { stream, consumer, config, floor, warnings: Mutex::default() })
    }

    /// The name of the stream.
    pub(super) fn stream(&self) -> &str {
        &self.consumer.cached_info().stream_name
    }

    /// How many messages the group has not settled.
    ///
    /// # Errors
    /// The server does not answer, or the consumer is gone.
    pub(super) async fn lag(&self) -> Result<u64, String> {
        let info = self.consumer.get_info().await.map_err(|error| error.to_string())?;
        self.floor.store(info.ack_floor.stream_sequence, Ordering::Relaxed);
        Ok(info.num_pending.saturating_add(info.num_ack_pending as u64))
    }

    /// The consumer, which is made again if it is gone, so that it begins behind what is known to be settled: what came since is
    /// delivered, some of it once more. Where several workers make it at once, the first one does.
    ///
    /// # Errors
    /// It cannot be had now; or the stream is another one, of which nobody knows what is settled.
    pub(super) async fn there(&self) -> Result<&PullConsumer, NoMessage> {
        let name = &self.consumer.cached_info().name;
        match self.stream.consumer_info(name).await {
            Ok(_) => return Ok(&self.consumer),
            Err(error) if error.kind() == ConsumerInfoErrorKind::NotFound => {}
            Err(error) => return Err(error.to_string().into()),
        }
        let floor = self.floor.load(Ordering::Relaxed);
        let now = self.stream.get_info().await.map_err(|error| error.to_string())?;
        if now.created != self.stream.cached_info().created || now.state.last_sequence < floor {
            let stream = self.stream();
            return Err(NoMessage::Ever(format!(
                "the consumer `{name}` is gone, and the stream `{stream}` is another one than at the beginning"
            )));
        }
        let config = pull::Config {
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: floor + 1 },
            ..self.config.clone()
        };
        self.stream.create_consumer(config).await.map_err(|error| error.to_string())?;
        // What is behind the lock is whole at any time.
        let mut warnings = self.warnings.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        warnings.say(&format!("the consumer `{name}` was gone, and is made again behind message {floor}"));
        Ok(&self.consumer)
    }
}
