//! Kafka: a consumer group whose offsets are committed behind what is stored, and an idempotent producer. A record is stored at least
//! once, under its event's id as the key.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use chrono::DateTime;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{CommitMode, Consumer, StreamConsumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Headers, Message as _};
use rdkafka::producer::Producer;
use rdkafka::producer::future_producer::{DeliveryFuture, FutureProducer, FutureRecord};
use rdkafka::topic_partition_list::Offset;
use tokio::task::block_in_place;

use super::transport::{Kept, Kind, Message, NoMessage, Out, Place, Transport};
use crate::cmd::worker::WorkerArgs;
use crate::failure::Failure;

/// The header that names a message's source.
const SOURCE: &str = "Xdr-Source";
/// How long the broker may take to answer a question.
const ANSWER: Duration = Duration::from_secs(5);
/// librdkafka's own limit of a message, in bytes.
const LARGEST: usize = 1_000_000;
/// What a message has besides its payload, in bytes, and more: its key, and the frame of its batch.
const FRAME: usize = 1024;
/// What the worker's promise rests on; nobody else sets these.
const OURS: [&str; 7] = [
    "acks",
    "bootstrap.servers",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "enable.idempotence",
    "group.id",
    "message.timeout.ms",
];

/// A connection to a cluster.
pub(crate) struct Kafka {
    consumer: StreamConsumer,
    /// Replaced if it says that it cannot go on.
    producer: Mutex<FutureProducer>,
    producing: ClientConfig,
    input: String,
    output: String,
    rejects: String,
}

impl Kafka {
    /// Joins the group; gives the connection and the largest payload that can be stored. The cluster need not be there yet.
    ///
    /// # Errors
    /// A property is wrong.
    pub(crate) fn open(args: &WorkerArgs, hosts: &[String]) -> Result<(Self, usize), Failure> {
        if args.input.starts_with('^') {
            let message = format!("--input `{}` is a pattern, and one topic is expected", args.input);
            return Err(Failure::usage(message));
        }
        let mut common = ClientConfig::new();
        common.set("bootstrap.servers", hosts.join(","));
        if let Some(path) = &args.kafka.properties {
            for (name, value) in properties(path)? {
                common.set(name, value);
            }
        }
        let largest = match common.get("message.max.bytes") {
            None => LARGEST,
            Some(text) => text.parse().map_err(|_| {
                Failure::usage(format!("`message.max.bytes` is `{text}`, a number of bytes is expected"))
            })?,
        };
        let mut consuming = common.clone();
        if common.get("partition.assignment.strategy").is_none() {
            consuming.set("partition.assignment.strategy", "cooperative-sticky");
        }
        if common.get("auto.offset.reset").is_none() {
            consuming.set("auto.offset.reset", "earliest");
        }
        consuming
            .set("group.id", &args.group)
            .set("enable.auto.commit", "true")
            .set("auto.commit.interval.ms", "1000")
            // An offset is stored, to be committed, when all that came before it is delivered.
            .set("enable.auto.offset.store", "false");
        let mut producing = common;
        producing
            .set("enable.idempotence", "true")
            .set("acks", "all")
            // Without end: to give up a message would be to send it once more.
            .set("message.timeout.ms", "0");
        let wrong = |error: KafkaError| Failure::usage(format!("librdkafka refuses its settings: {error}"));
        let consumer: StreamConsumer = consuming.create().map_err(wrong)?;
        let producer = producing.create().map_err(wrong)?;
        consumer
            .subscribe(&[&args.input])
            .map_err(|error| Failure::usage(format!("--input `{}` cannot be read: {error}", args.input)))?;
        let kafka = Self {
            consumer,
            producer: Mutex::new(producer),
            producing,
            input: args.input.clone(),
            output: args.output.clone(),
            rejects: args.rejects.clone(),
        };
        Ok((kafka, largest.saturating_sub(FRAME)))
    }

    fn waiting(&self) -> Result<u64, KafkaError> {
        // Somebody is there, also if there are fewer partitions than workers and this one has none.
        self.consumer.fetch_metadata(Some(&self.input), ANSWER)?;
        let assigned = self.consumer.assignment()?;
        let mut waiting = 0;
        if assigned.count() == 0 {
            return Ok(waiting);
        }
        for partition in self.consumer.committed_offsets(assigned, ANSWER)?.elements() {
            let (low, high) =
                self.consumer.fetch_watermarks(partition.topic(), partition.partition(), ANSWER)?;
            let done = match partition.offset() {
                Offset::Offset(done) => done,
                _ => low,
            };
            waiting += u64::try_from(high - done).unwrap_or_default();
        }
        Ok(waiting)
    }
}

/// A message as the worker takes it.
fn received(message: &BorrowedMessage<'_>) -> Message<(i32, i64)> {
    let (partition, offset) = (message.partition(), message.offset());
    let source = message.headers().and_then(|headers| {
        headers.iter().find(|header| header.key == SOURCE).and_then(|header| header.value)
    });
    let received = message.timestamp().to_millis().and_then(DateTime::from_timestamp_millis);
    Message {
        payload: Bytes::copy_from_slice(message.payload().unwrap_or_default()),
        subject: message.topic().to_owned(),
        source: source.map(|name| String::from_utf8_lossy(name).into_owned()),
        place: Place::new(
            &Arc::from(format!("{}/{partition}", message.topic())),
            u64::try_from(offset).unwrap_or_default(),
        ),
        // Brokers of ten years ago kept no times.
        received: received.unwrap_or_else(|| SystemTime::now().into()),
        delivery: (partition, offset),
    }
}

/// The lines `name=value` of a file. Blank ones, and those that begin with `#`, say nothing.
fn properties(path: &Path) -> Result<Vec<(String, String)>, Failure> {
    let name = path.display();
    let text =
        std::fs::read_to_string(path).map_err(|error| Failure::reading(format!("`{name}`"), &error))?;
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        // What stands there may be a secret, so it is not shown.
        let wrong = |what: &str| Failure::usage(format!("{name}:{}: {what}", number + 1));
        let (key, value) = line.split_once('=').ok_or_else(|| wrong("no `=`, expected `name=value`"))?;
        let key = key.trim();
        if OURS.contains(&key) {
            return Err(wrong(&format!("`{key}` is set by the worker: what it promises rests on it")));
        }
        found.push((key.to_owned(), value.trim().to_owned()));
    }
    Ok(found)
}

impl Transport for Kafka {
    /// Partition and offset.
    type Delivery = (i32, i64);
    type Sent = DeliveryFuture;

    async fn receive(&self) -> Result<Message<(i32, i64)>, NoMessage> {
        let message = self.consumer.recv().await.map_err(|error| error.to_string())?;
        Ok(received(&message))
    }

    async fn send(&self, out: &Out) -> Result<DeliveryFuture, String> {
        let topic = match out.kind {
            Kind::Event => &self.output,
            Kind::Reject => &self.rejects,
        };
        // What is behind the lock is whole at any time.
        let mut producer = self.producer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((code, why)) = producer.client().fatal_error() {
            *producer = self.producing.create().map_err(|error| format!("{code}, {why}; then {error}"))?;
        }
        producer
            .send_result(FutureRecord::to(topic).key(&out.id).payload(&*out.payload))
            .map_err(|(error, _)| error.to_string())
    }

    async fn stored(&self, sent: DeliveryFuture) -> Result<Kept, String> {
        match sent.await {
            Ok(Ok(_)) => Ok(Kept::Stored),
            Ok(Err((error, _))) => Err(error.to_string()),
            Err(_) => Err("the producer is gone".to_owned()),
        }
    }

    async fn settle(&self, (partition, offset): Self::Delivery) -> Result<(), String> {
        match self.consumer.store_offset(&self.input, partition, offset) {
            // The partition went to another worker, which reads the message again.
            Ok(()) | Err(KafkaError::StoreOffset(RDKafkaErrorCode::State)) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }

    async fn lag(&self) -> Result<u64, String> {
        block_in_place(|| self.waiting()).map_err(|error| error.to_string())
    }

    async fn close(&self) {
        block_in_place(|| {
            // An error says that there is nothing to commit, or nobody to be told: then messages come again.
            let _ = self.consumer.commit_consumer_state(CommitMode::Sync);
            self.consumer.unsubscribe();
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_lines_and_those_of_the_worker_are_its_own() {
        let path = std::env::temp_dir().join(format!("xdr-kafka-{}.properties", std::process::id()));
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            properties(&path).map_err(|failure| match failure {
                Failure::Error { message, .. } => message,
                Failure::Closed => String::new(),
            })
        };
        assert_eq!(
            read("# login\n\nsasl.password = a=b \nclient.id=x\n").unwrap(),
            [("sasl.password".to_owned(), "a=b".to_owned()), ("client.id".to_owned(), "x".to_owned())]
        );
        let wrong = read("client.id=x\nhush").unwrap_err();
        assert!(wrong.ends_with(":2: no `=`, expected `name=value`") && !wrong.contains("hush"), "{wrong}");
        assert!(read("acks=1").unwrap_err().contains(":1: `acks` is set by the worker"));
        std::fs::remove_file(&path).unwrap();
    }
}
