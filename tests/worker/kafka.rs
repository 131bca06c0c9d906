//! The worker over Kafka: what goes in comes out at least once, whatever workers are killed, and repeats are known by their keys.
//!
//! The broker is librdkafka's mock cluster in a process of its own, which is this program once more, or whatever `XDR_KAFKA_BROKERS`
//! names. The mock cluster drops what is old when a partition has 5 MB, without a word: the test stays below that and looks.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "helpers of tests may fail as tests do, and tell what they did"
)]

mod chance;
mod process;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use serde_json::Value;

use chance::Chance;
use process::Worker;

/// How many partitions each topic has.
const PARTITIONS: i32 = 4;
/// How often a worker is killed.
const KILLS: usize = 30;
/// How many records go in. With their repeats they stay below what the mock cluster keeps.
const RECORDS: usize = 6000;
/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The process of the mock cluster: it tells its address, and lives until its standard input is closed.
#[test]
#[ignore = "it is a process of its own, started by the other test"]
fn cluster() {
    let cluster = MockCluster::new(3).unwrap();
    for topic in ["logs.teleport", "events", "rejects"] {
        cluster.create_topic(topic, PARTITIONS, 3).unwrap();
    }
    println!("\nbrokers {}", cluster.bootstrap_servers());
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

/// A cluster to talk to.
struct Cluster {
    brokers: String,
    /// What topics and groups are called, so that a real broker may be used again.
    suffix: String,
    process: Option<(Child, ChildStdin)>,
}

impl Cluster {
    fn start() -> Self {
        if let Ok(brokers) = std::env::var("XDR_KAFKA_BROKERS") {
            let suffix = format!("-{}", std::time::UNIX_EPOCH.elapsed().unwrap().as_secs());
            let cluster = Self { brokers, suffix, process: None };
            cluster.make_topics();
            return cluster;
        }
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "cluster", "--ignored", "--nocapture"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let brokers =
            lines.map_while(Result::ok).find_map(|line| line.strip_prefix("brokers ").map(str::to_owned));
        Self { brokers: brokers.unwrap(), suffix: String::new(), process: Some((child, stdin)) }
    }

    /// A name of a topic or a group.
    fn name(&self, name: &str) -> String {
        // The last token says the source.
        if name == "logs.teleport" {
            format!("logs{}.teleport", self.suffix)
        } else {
            format!("{name}{}", self.suffix)
        }
    }

    fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.brokers);
        config
    }

    fn make_topics(&self) {
        let admin: AdminClient<DefaultClientContext> = self.config().create().unwrap();
        let names = ["logs.teleport", "events", "rejects"].map(|topic| self.name(topic));
        let topics = names.each_ref().map(|name| NewTopic::new(name, PARTITIONS, TopicReplication::Fixed(1)));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        for made in runtime.block_on(admin.create_topics(&topics, &AdminOptions::new())).unwrap() {
            made.unwrap();
        }
    }

    fn worker(&self) -> Worker {
        let (input, output, rejects) =
            (self.name("logs.teleport"), self.name("events"), self.name("rejects"));
        let group = self.name("xdr");
        let properties = format!("{}/kafka.properties", env!("CARGO_TARGET_TMPDIR"));
        // Who is gone is found out soon.
        std::fs::write(&properties, "session.timeout.ms=3000\nheartbeat.interval.ms=300\n").unwrap();
        let options = format!(
            "--group {group} --input {input} --output {output} --rejects {rejects} --properties {properties} --in-flight 64 --quiet"
        );
        Worker::start(&format!("kafka://{}", self.brokers.replace(',', ",kafka://")), &options)
    }

    /// The first offset and the one behind the last of each partition.
    fn ends(&self, consumer: &BaseConsumer, topic: &str) -> Vec<(i64, i64)> {
        (0..PARTITIONS)
            .map(|number| consumer.fetch_watermarks(&self.name(topic), number, PATIENCE).unwrap())
            .collect()
    }

    /// Waits until the group has committed all of the input.
    fn settled(&self) {
        let consumer: BaseConsumer = self.config().set("group.id", self.name("xdr")).create().unwrap();
        let began = Instant::now();
        loop {
            let mut asked = TopicPartitionList::new();
            asked.add_partition_range(&self.name("logs.teleport"), 0, PARTITIONS - 1);
            let committed = consumer.committed_offsets(asked, PATIENCE).unwrap();
            let ends = self.ends(&consumer, "logs.teleport");
            let done = committed
                .elements()
                .iter()
                .zip(&ends)
                .all(|(found, (_, end))| *end == 0 || found.offset() == Offset::Offset(*end));
            if done {
                return;
            }
            assert!(began.elapsed() < 3 * PATIENCE, "not settled: {committed:?} of {ends:?}");
            sleep(Duration::from_millis(200));
        }
    }

    /// All keys and payloads of a topic.
    fn all(&self, topic: &str) -> Vec<(String, String)> {
        let consumer: BaseConsumer = self.config().set("group.id", self.name("reader")).create().unwrap();
        let ends = self.ends(&consumer, topic);
        assert!(ends.iter().all(|(first, _)| *first == 0), "the cluster has dropped some: {ends:?}");
        let mut assigned = TopicPartitionList::new();
        for number in 0..PARTITIONS {
            assigned.add_partition_offset(&self.name(topic), number, Offset::Beginning).unwrap();
        }
        consumer.assign(&assigned).unwrap();
        let expected = usize::try_from(ends.iter().map(|(_, end)| end).sum::<i64>()).unwrap();
        let mut found = Vec::new();
        while found.len() < expected {
            let message = consumer.poll(PATIENCE).expect("a message that the offsets promise").unwrap();
            let text = |bytes: Option<&[u8]>| String::from_utf8(bytes.unwrap().to_vec()).unwrap();
            found.push((text(message.key()), text(message.payload())));
        }
        found
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some((mut child, stdin)) = self.process.take() {
            drop(stdin);
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A record that is told from all others by its user; every tenth cannot be mapped.
fn line(number: usize) -> String {
    if number % 10 == 7 {
        return format!("rubbish user{number}");
    }
    format!(
        r#"{{"event":"session.start","code":"T2000I","user":"user{number}","time":"2024-03-14T07:08:09Z"}}"#
    )
}

/// Publishes some records, and waits until they are there.
fn publish(producer: &BaseProducer, topic: &str, numbers: std::ops::Range<usize>) {
    for number in numbers {
        let (key, payload) = (number.to_string(), line(number));
        producer.send(BaseRecord::to(topic).key(&key).payload(&payload)).map_err(|(error, _)| error).unwrap();
    }
    producer.flush(PATIENCE).unwrap();
}

#[test]
fn killing_workers_of_a_group_loses_nothing_and_repeats_have_the_same_key() {
    let mut chance = Chance::new();
    let cluster = Cluster::start();
    let producer: BaseProducer = cluster.config().set("enable.idempotence", "true").create().unwrap();
    let input = cluster.name("logs.teleport");
    let mut workers: Vec<Worker> = (0..3).map(|_| cluster.worker()).collect();
    workers[0].until("/ready", 200);
    for round in 0..KILLS {
        let share = RECORDS / KILLS;
        publish(&producer, &input, round * share..(round + 1) * share);
        sleep(Duration::from_millis(100 + chance.below(1200)));
        let number = usize::try_from(chance.below(workers.len() as u64)).unwrap();
        workers[number].kill();
        workers[number] = cluster.worker();
    }
    cluster.settled();
    for worker in workers {
        let (status, said) = worker.stop();
        assert_eq!(status, Some(0), "{said}");
    }

    // Which keys each record has.
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut messages = 0;
    for topic in ["events", "rejects"] {
        for (key, payload) in cluster.all(topic) {
            let out: Value = serde_json::from_str(&payload).unwrap();
            let user = if topic == "events" {
                assert_eq!(out["eventId"], key);
                out["userName"].as_str().unwrap()
            } else {
                out["xdr"]["raw"].as_str().unwrap().strip_prefix("rubbish ").unwrap()
            };
            found.entry(user.to_owned()).or_default().push(key);
            messages += 1;
        }
    }
    let lost: Vec<usize> =
        (0..RECORDS).filter(|number| !found.contains_key(&format!("user{number}"))).collect();
    eprintln!(
        "{RECORDS} records in, {KILLS} workers killed, {} lost, {} repeats",
        lost.len(),
        messages - found.len()
    );
    assert!(lost.is_empty(), "lost: {lost:?}");
    assert_eq!(found.len(), RECORDS, "something came out that never went in");
    for (user, keys) in &found {
        assert!(keys.iter().all(|key| *key == keys[0]), "{user}: {keys:?}");
    }
    let mut keys: Vec<&String> = found.values().map(|keys| &keys[0]).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), RECORDS, "two records share a key");
}
