//! How fast `xdr worker` is beside a loop of the same client that copies messages and maps nothing.
//!
//! ```sh
//! cargo build --release --features nats && cargo run --release --features nats --example worker_speed
//! ```
//!
//! Starts a nats-server of its own, fills a stream with the samples of a source, and lets the loop, one worker and two workers go
//! through it, each by a group of its own. Arguments: how many messages, how many lines each, how many rounds.
#![expect(clippy::print_stdout, reason = "a program that reports")]

use std::error::Error;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::consumer::{AckPolicy, pull};
use async_nats::jetstream::{self, Context};
use futures_util::StreamExt;

type Done<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// The port of the server.
const PORT: u16 = 14_222;
/// How many messages the loop and the workers have on their way.
const IN_FLIGHT: usize = 512;
/// The source of the records.
const SOURCE: &str = "cisco-anyconnect";

/// A process that ends with this one.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::main]
async fn main() -> Done<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [plain, group] = arguments.as_slice()
        && plain == "plain"
    {
        return copy(&connect().await?, group).await;
    }
    let number = |at: usize, default: usize| arguments.get(at).map_or(Ok(default), |text| text.parse());
    let (messages, lines, rounds) = (number(0, 50_000)?, number(1, 1)?, number(2, 3)?);
    let folder = std::env::temp_dir().join(format!("xdr-worker-speed-{}", std::process::id()));
    let server = Command::new("nats-server")
        .args(["-a", "127.0.0.1", "-p", &PORT.to_string(), "-js", "-sd"])
        .arg(&folder)
        .stderr(Stdio::null())
        .spawn();
    let server = Killed(server.map_err(|error| format!("nats-server: {error}"))?);
    let context = connect().await?;
    fill(&context, messages, lines).await?;
    let records = messages * lines;
    println!("{records} records, {lines} in a message; records a second:");
    println!("{:>12} {:>12} {:>12}   {:>8} {:>8}", "plain loop", "1 worker", "2 workers", "1/plain", "2/1");
    for round in 0..rounds {
        let mut rates = Vec::new();
        for (name, count) in [("plain", 1), ("one", 1), ("two", 2)] {
            let group = format!("{name}{round}");
            let took = time(&context, &group, count, name == "plain").await?;
            rates.push(as_rate(records, took));
        }
        let [plain, one, two] = rates[..] else { return Err("three rates".into()) };
        println!("{plain:>12.0} {one:>12.0} {two:>12.0}   {:>8.2} {:>8.2}", one / plain, two / one);
    }
    drop(server);
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "it is printed in whole numbers")]
fn as_rate(records: usize, took: Duration) -> f64 {
    records as f64 / took.as_secs_f64()
}

async fn connect() -> Done<Context> {
    let mut tries = 0;
    loop {
        match async_nats::connect(format!("127.0.0.1:{PORT}")).await {
            Ok(client) => {
                let context = jetstream::context::ContextBuilder::new().timeout(Duration::from_secs(30));
                return Ok(context.max_ack_inflight(1 << 20).build(client));
            }
            Err(error) if tries == 100 => return Err(error.into()),
            Err(_) => tries += 1,
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Makes a stream.
async fn make(context: &Context, name: &str, subject: &str) -> Done<()> {
    let config = jetstream::stream::Config {
        name: name.to_owned(),
        subjects: vec![subject.to_owned()],
        ..jetstream::stream::Config::default()
    };
    context.create_stream(config).await?;
    Ok(())
}

/// Makes and fills the stream that is read.
async fn fill(context: &Context, messages: usize, lines: usize) -> Done<()> {
    make(context, "logs", "logs.>").await?;
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("mapping-specs").join(SOURCE).join("samples");
    let mut records = Vec::new();
    for entry in std::fs::read_dir(samples)? {
        let path = entry?.path();
        // Rubbish is not what a worker meets all day.
        if path.file_stem().is_some_and(|name| name != "rubbish") {
            let text = String::from_utf8_lossy(&std::fs::read(path)?).into_owned();
            records.extend(text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned));
        }
    }
    let mut endless = records.iter().cycle();
    let mut sent = Vec::new();
    for number in 0..messages {
        let some: Vec<&str> = endless.by_ref().take(lines).map(String::as_str).collect();
        sent.push(context.publish(format!("logs.{SOURCE}"), some.join("\n").into()).await?);
        if sent.len() == IN_FLIGHT || number + 1 == messages {
            for sent in sent.drain(..) {
                sent.await?;
            }
        }
    }
    Ok(())
}

/// How long so many processes take for all messages.
async fn time(context: &Context, group: &str, count: usize, is_plain: bool) -> Done<Duration> {
    let program = std::env::current_exe()?;
    let xdr = program.parent().and_then(Path::parent).ok_or("no folder")?.join("xdr");
    for name in ["events", "rejects", "copies"] {
        // Each round makes the same events: the server must not know those of the one before.
        let _ = context.delete_stream(name).await;
        make(context, name, name).await?;
    }
    let stream = context.get_stream("logs").await?;
    let consumer = stream.create_consumer(config(group)).await?;
    let mut running = Vec::new();
    for _ in 0..count {
        let mut command = Command::new(if is_plain { &program } else { &xdr });
        if is_plain {
            command.args(["plain", group]);
        } else {
            let server = format!("nats://127.0.0.1:{PORT}");
            command.args([
                "worker", "--server", &server, "--group", group, "--input", "logs.>", "--output", "events",
            ]);
            command.args(["--rejects", "rejects", "--lines", "--batch", "1000000", "--quiet"]);
        }
        running.push(Killed(command.spawn().map_err(|error| format!("{}: {error}", xdr.display()))?));
    }
    // Starting is no part of it.
    let mut began = None;
    loop {
        let info = consumer.get_info().await?;
        if began.is_none() && info.delivered.consumer_sequence > 0 {
            began = Some(Instant::now());
        }
        if let Some(began) = began
            && info.num_pending == 0
            && info.num_ack_pending == 0
        {
            return Ok(began.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn config(group: &str) -> pull::Config {
    pull::Config {
        durable_name: Some(group.to_owned()),
        ack_policy: AckPolicy::Explicit,
        ack_wait: Duration::from_secs(30),
        max_deliver: -1,
        max_ack_pending: 20_000,
        filter_subject: "logs.>".to_owned(),
        ..pull::Config::default()
    }
}

/// Copies messages: each is published under an id, and acknowledged when that is stored.
async fn copy(context: &Context, group: &str) -> Done<()> {
    let consumer = context.get_stream("logs").await?.create_consumer(config(group)).await?;
    let (to, mut from) = tokio::sync::mpsc::channel(IN_FLIGHT);
    let acknowledging = tokio::spawn(async move {
        while let Some((message, sent)) = from.recv().await {
            let (message, sent): (jetstream::Message, jetstream::context::PublishAckFuture) = (message, sent);
            sent.await?;
            message.ack().await?;
        }
        Done::Ok(())
    });
    let mut messages = consumer.stream().max_messages_per_batch(IN_FLIGHT).messages().await?;
    while let Some(message) = messages.next().await {
        let message = message?;
        let mut headers = async_nats::HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, format!("{group}-{}", message.info()?.stream_sequence));
        let sent = context.publish_with_headers("copies", headers, message.payload.clone()).await?;
        to.send((message, sent)).await?;
    }
    acknowledging.await?
}
