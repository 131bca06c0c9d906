//! How fast `xdr worker` is beside a plain loop of the same client that maps nothing, and two workers beside one.
//!
//! `.ci/worker bench` builds all and runs this. It starts a nats-server of its own, fills a stream with the samples of a source, and lets
//! the loop and the workers go through it in turn, round by round, each by a group of its own. Arguments: how many messages, how many
//! lines each, how many rounds.
//!
//! How a second worker scales shows only where processors are left for it. On a small machine each worker is therefore also given a
//! limited share of a processor, by a control group of Linux, so that two of them and the server do not meet at the processors' limit.
//! That needs root and a writable `/sys/fs/cgroup`; without them it is left out, and said so.
//!
//! The loop does what the worker does but for the mapping: it pulls messages, publishes for each what a worker made of one, so that the
//! bytes are alike, waits for the server's answers in order, and acknowledges. Both have as many messages on their way.
#![expect(clippy::print_stdout, reason = "a program that reports")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::consumer::{AckPolicy, pull};
use async_nats::jetstream::{self, Context};
use bytes::Bytes;
use futures_util::StreamExt;

type Done<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// The port of the server.
const PORT: u16 = 14_222;
/// How many messages the loop and each worker have on their way.
const IN_FLIGHT: usize = 512;
/// The source of the records.
const SOURCE: &str = "cisco-anyconnect";
/// How many output messages of a worker the loop publishes again and again.
const KEPT: u64 = 5000;
/// What of a processor a worker gets that has a share: milliseconds, of so many.
const SHARE: (u64, u64) = (6, 20);
/// The unit of `/proc/PID/stat`, in seconds.
const TICK: f64 = 0.01;

/// What goes through the stream.
#[derive(Clone, Copy, PartialEq)]
enum Runner {
    /// The plain loop.
    Plain,
    /// So many workers, each with so many threads that map.
    Workers(usize, usize),
    /// So many workers of one thread, each with [`SHARE`] of a processor.
    Shares(usize),
}

/// What one of them took.
#[derive(Clone, Copy, Default)]
struct Took {
    wall: f64,
    /// Processor time of the processes, and of the server.
    own: f64,
    server: f64,
    /// Bytes that the server stored.
    stored: f64,
}

/// A process that ends with this one.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Killed {
    /// Processor time that it has taken, in seconds; 0 where there is no `/proc`.
    fn processor(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap_or_default();
        // Behind the name, which may hold blanks: the times of the program and of the system are the 12th and the 13th.
        let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ').skip(11).take(2);
        fields.filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() * TICK
    }
}

#[tokio::main]
async fn main() -> Done<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [plain, group, payloads] = arguments.as_slice()
        && plain == "plain"
    {
        return copy(&connect().await?, group, Path::new(payloads)).await;
    }
    let number = |at: usize, default: usize| arguments.get(at).map_or(Ok(default), |text| text.parse());
    let (messages, lines, rounds) = (number(0, 50_000)?, number(1, 1)?, number(2, 3)?);
    let folder = std::env::temp_dir().join(format!("xdr-worker-speed-{}", std::process::id()));
    let program = std::env::var_os("NATS_SERVER").unwrap_or_else(|| "nats-server".into());
    let server = Command::new(program)
        .args(["-a", "127.0.0.1", "-p", &PORT.to_string(), "-js", "-sd"])
        .arg(&folder)
        .stderr(Stdio::null())
        .spawn();
    let server = Killed(server.map_err(|error| format!("nats-server: {error}"))?);
    let context = connect().await?;
    fill(&context, messages, lines).await?;
    let shares = match Shares::new(2) {
        Ok(shares) => Some(shares),
        Err(error) => {
            println!("workers with a share of a processor are left out: {error}");
            None
        }
    };
    let payloads = folder.join("payloads");
    let bench = Bench { context, server, payloads, records: messages * lines, shares };
    // The first is for the bytes that the loop publishes, and counts for nothing.
    bench.time("warm", Runner::Workers(1, 1)).await?;
    bench.keep_payloads().await?;
    bench.report(lines, rounds).await?;
    drop(bench);
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

/// All that the runs have in common.
struct Bench {
    context: Context,
    server: Killed,
    /// What the loop publishes.
    payloads: PathBuf,
    records: usize,
    /// The groups of workers that have a share of a processor, if they can be made.
    shares: Option<Shares>,
}

/// Control groups, one a worker: each may use [`SHARE`] of a processor.
struct Shares(Vec<PathBuf>);

impl Shares {
    /// So many groups.
    fn new(count: usize) -> Result<Self, std::io::Error> {
        let (of_one, of_two) = (Path::new("/sys/fs/cgroup/cpu"), Path::new("/sys/fs/cgroup"));
        let (quota, period) = (SHARE.0 * 1000, SHARE.1 * 1000);
        let mut groups = Self(Vec::new());
        for number in 0..count {
            let name = format!("xdr-worker-speed-{}-{number}", std::process::id());
            // The first version has a folder for each resource.
            let first = of_one.is_dir();
            let folder = if first { of_one } else { of_two }.join(name);
            std::fs::create_dir(&folder)?;
            groups.0.push(folder.clone());
            if first {
                std::fs::write(folder.join("cpu.cfs_period_us"), period.to_string())?;
                std::fs::write(folder.join("cpu.cfs_quota_us"), quota.to_string())?;
            } else {
                std::fs::write(folder.join("cpu.max"), format!("{quota} {period}"))?;
            }
        }
        Ok(groups)
    }

    /// Moves a process, with all threads that it makes from now on, into a group.
    fn enter(&self, number: usize, process: u32) -> Result<(), std::io::Error> {
        let group = self.0.get(number).ok_or(std::io::ErrorKind::NotFound)?;
        std::fs::write(group.join("cgroup.procs"), process.to_string())
    }
}

impl Drop for Shares {
    fn drop(&mut self) {
        for group in &self.0 {
            // A group is empty when its workers have ended.
            let _ = std::fs::remove_dir(group);
        }
    }
}

impl Bench {
    /// Runs all in turn, and prints their rates and the medians of their ratios.
    async fn report(&self, lines: usize, rounds: usize) -> Done<()> {
        let all = std::thread::available_parallelism()?.get();
        let mut runners = vec![
            ("plain loop", Runner::Plain),
            ("1 worker", Runner::Workers(1, all)),
            ("1 worker, 1 thread", Runner::Workers(1, 1)),
            ("2 workers, 1 thread each", Runner::Workers(2, 1)),
        ];
        if self.shares.is_some() {
            runners.push(("1 worker with a share", Runner::Shares(1)));
            runners.push(("2 workers, a share each", Runner::Shares(2)));
            println!("a share is {} of {} ms of one processor", SHARE.0, SHARE.1);
        }
        println!("{} records, {lines} in a message, {all} processors, {rounds} rounds", self.records);
        let mut took: Vec<Vec<Took>> = vec![Vec::new(); runners.len()];
        for round in 0..rounds {
            // Whoever is first in a round is another each time.
            for offset in 0..runners.len() {
                let at = (round + offset) % runners.len();
                took[at].push(self.time(&format!("g{round}-{at}"), runners[at].1).await?);
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "they are printed roughly")]
        let (records, micro) = (self.records as f64, 1e6 / self.records as f64);
        println!(
            "{:<26}{:>12}{:>14}{:>14}{:>10}{:>14}",
            "medians", "records/s", "own us/rec", "server us/rec", "cores", "bytes/record"
        );
        for ((name, _), took) in runners.iter().zip(&took) {
            let of = |what: fn(&Took) -> f64| median(took.iter().map(what).collect());
            println!(
                "{name:<26}{:>12.0}{:>14.2}{:>14.2}{:>10.2}{:>14.0}",
                records / of(|took| took.wall),
                micro * of(|took| took.own),
                micro * of(|took| took.server),
                of(|took| (took.own + took.server) / took.wall),
                of(|took| took.stored) / records,
            );
        }
        let ratio = |what: &str, one: usize, other: usize, of: fn(&Took) -> f64| {
            let ratios: Vec<f64> =
                took[one].iter().zip(&took[other]).map(|(one, other)| of(other) / of(one)).collect();
            let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
            let most = ratios.iter().copied().fold(0.0, f64::max);
            println!("{what:<52}{:>6.2} ({least:.2} to {most:.2})", median(ratios));
        };
        ratio("1 worker / plain loop, records/s", 1, 0, |took| took.wall);
        ratio("1 worker / plain loop, records per processor time", 1, 0, |took| took.own + took.server);
        ratio("2 workers / 1 worker, 1 thread each, records/s", 3, 2, |took| took.wall);
        ratio("1 worker, all threads / 1 thread, records/s", 1, 2, |took| took.wall);
        if self.shares.is_some() {
            ratio("2 workers / 1 worker, a share each, records/s", 5, 4, |took| took.wall);
        }
        Ok(())
    }
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    let upper = numbers.get(middle).copied().unwrap_or_default();
    if numbers.len() % 2 == 1 { upper } else { f64::midpoint(numbers[middle - 1], upper) }
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

impl Bench {
    /// What all messages take.
    async fn time(&self, group: &str, runner: Runner) -> Done<Took> {
        let program = std::env::current_exe()?;
        let xdr = program.parent().and_then(Path::parent).ok_or("no folder")?.join("xdr");
        for name in ["events", "rejects", "copies"] {
            // Each round makes the same events: the server must not know those of the one before.
            let _ = self.context.delete_stream(name).await;
            make(&self.context, name, name).await?;
        }
        let consumer = self.context.get_stream("logs").await?.create_consumer(config(group)).await?;
        let (count, threads) = match runner {
            Runner::Plain => (1, 0),
            Runner::Workers(count, threads) => (count, threads),
            Runner::Shares(count) => (count, 1),
        };
        let mut running = Vec::new();
        for number in 0..count {
            let mut command = Command::new(if threads == 0 { &program } else { &xdr });
            if threads == 0 {
                command.args(["plain", group]).arg(&self.payloads);
            } else {
                let server = format!("nats://127.0.0.1:{PORT}");
                command.args(["worker", "--server", &server, "--group", group, "--input", "logs.>"]);
                command.args(["--output", "events", "--rejects", "rejects", "--lines", "--batch", "1000000"]);
                command.args(["--in-flight", &IN_FLIGHT.to_string(), "--threads", &threads.to_string()]);
                command.arg("--quiet");
            }
            let process = Killed(command.spawn().map_err(|error| format!("{}: {error}", xdr.display()))?);
            if let (Runner::Shares(_), Some(shares)) = (runner, &self.shares) {
                shares.enter(number, process.0.id())?;
            }
            running.push(process);
        }
        let processor = || (running.iter().map(Killed::processor).sum::<f64>(), self.server.processor());
        // Starting is no part of it.
        let mut began = None;
        loop {
            let info = consumer.get_info().await?;
            if began.is_none() && info.delivered.consumer_sequence > 0 {
                began = Some((Instant::now(), processor()));
            }
            if let Some((began, before)) = began
                && info.num_pending == 0
                && info.num_ack_pending == 0
            {
                let wall = began.elapsed().as_secs_f64();
                let after = processor();
                let mut stored = 0;
                for name in ["events", "rejects", "copies"] {
                    stored += self.context.get_stream(name).await?.cached_info().state.bytes;
                }
                #[expect(clippy::cast_precision_loss, reason = "it is printed roughly")]
                let stored = stored as f64;
                return Ok(Took { wall, own: after.0 - before.0, server: after.1 - before.1, stored });
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Keeps some of the events that a worker made, a line of JSON for each message: its payload as a text.
    async fn keep_payloads(&self) -> Done<()> {
        let stream = self.context.get_stream("events").await?;
        let count = stream.cached_info().state.messages.min(KEPT);
        let config = pull::Config { ack_policy: AckPolicy::None, ..pull::Config::default() };
        let mut messages = stream.create_consumer(config).await?.messages().await?;
        let mut kept = String::new();
        for _ in 0..count {
            let message = messages.next().await.ok_or("no more events")??;
            let text: &str = std::str::from_utf8(&message.payload)?;
            kept.push_str(&serde_json::to_string(text)?);
            kept.push('\n');
        }
        Ok(std::fs::write(&self.payloads, kept)?)
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

/// The plain loop: for each message something is published under an id as long as an event's, and the message is acknowledged when
/// that is stored.
async fn copy(context: &Context, group: &str, payloads: &Path) -> Done<()> {
    let mut kept: Vec<Bytes> = Vec::new();
    for line in std::fs::read_to_string(payloads)?.lines() {
        kept.push(serde_json::from_str::<String>(line)?.into());
    }
    let mut endless = kept.iter().cycle();
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
        headers.insert(NATS_MESSAGE_ID, format!("{group:-<16}{:020}", message.info()?.stream_sequence));
        let payload = endless.next().cloned().ok_or("no payloads")?;
        let sent = context.publish_with_headers("copies", headers, payload).await?;
        to.send((message, sent)).await?;
    }
    acknowledging.await?
}
