//! The worker: reads messages from a broker, maps their records, and writes what they become back to it.
//!
//! [`core`] is the worker, [`transport`] what it asks of a broker, [`nats`] and [`kafka`] are brokers. [`mapping`] makes messages of a
//! message, [`route`] finds its source. [`meters`] counts, and [`http`] tells.

mod core;
mod http;
#[cfg(feature = "kafka")]
mod kafka;
mod mapping;
mod meters;
#[cfg(feature = "nats")]
mod nats;
mod route;
mod transport;
mod warn;

use std::collections::BTreeMap;
use std::io::Write;
use std::num::NonZero;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use self::core::Limits;
use self::mapping::Mapping;
use self::meters::Meters;
use self::route::{Router, covers};
use self::transport::Transport;
use crate::cmd::worker::WorkerArgs;
use crate::config::{Config, MOST_THREADS};
use crate::failure::{DONE, Failure, REJECTS};
use crate::mapper::Mapper;
use crate::settings;
use crate::signals::Stop;

pub(crate) use self::route::Route;

/// How many bytes of output may be on their way.
const BYTES: u32 = 64 << 20;
/// How often signals are looked for.
const LISTEN: Duration = Duration::from_millis(50);

/// Works until a signal comes; the status tells of rejects under `--strict`.
pub(crate) fn run(args: &WorkerArgs) -> Result<u8, Failure> {
    let broker = broker(args)?;
    for (option, subject) in [("--output", &args.output), ("--rejects", &args.rejects)] {
        if covers(&args.input, subject) {
            let message = format!("{option} `{subject}` is among the subjects of --input `{}`", args.input);
            return Err(Failure::usage(message).help("what the worker writes would be read again"));
        }
    }
    let config = Config::open(args.settings.config.as_deref(), None)?;
    let mapping = mapping(args, &config)?;
    let stop =
        Stop::watch().map_err(|error| Failure::failed(format!("cannot watch for signals: {error}")))?;
    let threads = args.threads.or(config.limits.threads).map_or_else(
        || std::thread::available_parallelism().map_or(1, NonZero::get).min(usize::from(MOST_THREADS)),
        usize::from,
    );
    let runtime = tokio::runtime::Builder::new_multi_thread()
        // One more, so that messages come and go also while all others map.
        .worker_threads(threads + 1)
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("cannot start threads: {error}")))?;
    let meters = Arc::new(Meters::new());
    let started = Instant::now();
    let ended = runtime.block_on(work(args, broker, mapping, threads, Arc::clone(&meters), stop));
    // What still waits for a broker that is away must not hold up the end.
    runtime.shutdown_background();
    let summary = meters.total();
    if !args.how.quiet {
        summary
            .print(&mut std::io::stderr().lock(), "worker", started.elapsed())
            .map_err(|error| Failure::writing("standard error", &error))?;
    }
    ended?;
    Ok(if args.how.strict && summary.rejected > 0 { REJECTS } else { DONE })
}

/// What carries the messages.
enum Broker {
    #[cfg(feature = "nats")]
    Nats,
    #[cfg(feature = "kafka")]
    Kafka(Vec<String>),
}

/// Which broker the addresses name.
fn broker(args: &WorkerArgs) -> Result<Broker, Failure> {
    let hosts: Vec<&str> = args.server.iter().filter_map(|server| server.strip_prefix("kafka://")).collect();
    if hosts.is_empty() {
        #[cfg(feature = "nats")]
        return nats_arguments(args).map(|()| Broker::Nats);
        #[cfg(not(feature = "nats"))]
        return Err(Failure::usage("this xdr was built without NATS")
            .help("build it with `cargo build --release --features nats`"));
    }
    if hosts.len() < args.server.len() {
        return Err(Failure::usage("--server names brokers of several kinds"));
    }
    #[cfg(feature = "kafka")]
    return Ok(Broker::Kafka(hosts.into_iter().map(str::to_owned).collect()));
    #[cfg(not(feature = "kafka"))]
    Err(Failure::usage("this xdr was built without Kafka")
        .help("build it with `cargo build --release --features kafka`"))
}

/// Names of NATS are looked at before anything is asked for.
#[cfg(feature = "nats")]
fn nats_arguments(args: &WorkerArgs) -> Result<(), Failure> {
    nats::check(&args.server)?;
    if let Some(path) = &args.nats.ca {
        nats::check_authorities(path)?;
    }
    let odd =
        |character: char| matches!(character, '.' | '*' | '>' | '/' | '\\') || character.is_whitespace();
    if args.group.is_empty() || args.group.contains(odd) {
        let message = format!("--group `{}` is no name of a consumer", args.group);
        return Err(Failure::usage(message).help("expected a word without `.`, `*`, `>`, slashes and blanks"));
    }
    for (option, subject, wildcards) in [
        ("--input", &args.input, true),
        ("--output", &args.output, false),
        ("--rejects", &args.rejects, false),
    ] {
        let tokens: Vec<&str> = subject.split('.').collect();
        let wrong = |(at, token): (usize, &&str)| match *token {
            "" => true,
            "*" => !wildcards,
            ">" => !wildcards || at + 1 < tokens.len(),
            token => {
                token.contains(|character: char| character.is_whitespace() || matches!(character, '*' | '>'))
            }
        };
        if tokens.iter().enumerate().any(wrong) {
            let message = format!("{option} `{subject}` is no subject");
            let more =
                if wildcards { ", with `*` for one of them and `>` at the end for several" } else { "" };
            return Err(
                Failure::usage(message).help(format!("expected tokens with stops between them{more}"))
            );
        }
    }
    if let Some(window) = args.nats.dedup_window.filter(|window| *window < args.nats.ack_wait) {
        return Err(Failure::usage(format!(
            "--dedup-window {window:?} is shorter than --ack-wait {:?}",
            args.nats.ack_wait
        ))
        .help("a message that is delivered again would be stored again"));
    }
    Ok(())
}

fn mapping(args: &WorkerArgs, config: &Config) -> Result<Mapping, Failure> {
    let max_record = args.how.max_record(config.limits);
    let mut mappers = BTreeMap::new();
    for source in crate::registry::sources() {
        let name = source.info.name;
        if args.source.is_empty() || args.source.iter().any(|wanted| wanted == name) {
            let settings = settings::resolve(&args.settings, config, source.info)?;
            mappers.insert(name, Mapper::new(source, settings, args.how.keep(), true, max_record));
        }
    }
    let only = if mappers.len() == 1 { mappers.keys().next().copied() } else { None };
    Ok(Mapping {
        mappers,
        router: Router { only, routes: args.route.clone() },
        lines: args.lines,
        batch: usize::try_from(args.batch).unwrap_or(usize::MAX),
        largest: usize::MAX,
        fixed: args.settings.received_at.is_some(),
    })
}

async fn work(
    args: &WorkerArgs,
    broker: Broker,
    mut mapping: Mapping,
    threads: usize,
    meters: Arc<Meters>,
    signals: Stop,
) -> Result<(), Failure> {
    let (stop, stopped) = watch::channel(false);
    let listening = tokio::spawn(async move {
        while signals.signal().is_none() {
            tokio::time::sleep(LISTEN).await;
        }
        // Nobody waits any more if the run has ended.
        let _ = stop.send(true);
    });
    if let Some(address) = args.metrics {
        let address = http::serve(address, Arc::clone(&meters)).await?;
        say(args, &format!("metrics at http://{address}/metrics"));
    }
    let limits = Limits { threads, messages: args.in_flight as usize, bytes: BYTES, grace: args.grace };
    let ended = match broker {
        #[cfg(feature = "nats")]
        Broker::Nats => {
            let options = nats_options(args);
            let mut early = stopped.clone();
            let opened = tokio::select! {
                opened = nats::Nats::open(&options) => Some(opened?),
                _ = early.wait_for(|stop| *stop) => None,
            };
            // Whoever is stopped before the broker was there has nothing to settle.
            let Some((nats, largest)) = opened else { return Ok(()) };
            mapping.largest = largest;
            start(args, nats, mapping, meters, limits, stopped).await
        }
        #[cfg(feature = "kafka")]
        Broker::Kafka(hosts) => {
            let (kafka, largest) = kafka::Kafka::open(args, &hosts)?;
            mapping.largest = largest;
            start(args, kafka, mapping, meters, limits, stopped).await
        }
    };
    listening.abort();
    ended
}

async fn start<T: Transport>(
    args: &WorkerArgs,
    transport: T,
    mapping: Mapping,
    meters: Arc<Meters>,
    limits: Limits,
    stop: watch::Receiver<bool>,
) -> Result<(), Failure> {
    say(args, &format!("`{}` reads `{}`", args.group, args.input));
    core::run(Arc::new(transport), mapping, meters, limits, stop).await
}

#[cfg(feature = "nats")]
fn nats_options(args: &WorkerArgs) -> nats::Options {
    let nats = &args.nats;
    nats::Options {
        servers: args.server.clone(),
        login: nats.login.clone(),
        credentials: nats.credentials.clone(),
        authorities: nats.ca.clone(),
        group: args.group.clone(),
        input: args.input.clone(),
        output: args.output.clone(),
        rejects: args.rejects.clone(),
        ahead: args.in_flight as usize,
        unsettled: i64::from(nats.max_ack_pending),
        ack_wait: nats.ack_wait,
        window: nats.dedup_window,
        patience: nats.patience,
        create: nats.create.then_some(usize::from(nats.replicas)),
    }
}

fn say(args: &WorkerArgs, text: &str) {
    if !args.how.quiet {
        // Nobody is left to be told that standard error cannot be written.
        let _ = writeln!(anstream::stderr(), "xdr: {text}");
    }
}

/// A span of time: `500ms`, `30s`, `2m` or `1h`.
///
/// # Errors
/// The text is none, or is 0.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let hint = || {
        format!(
            "`{text}` is no span of time, expected a number and its unit, such as `500ms`, `30s`, `2m` or `1h`"
        )
    };
    let end = text.find(|character: char| !character.is_ascii_digit()).ok_or_else(hint)?;
    let (number, unit) = text.split_at(end);
    let unit = match unit {
        "ms" => Duration::from_millis(1),
        "s" => Duration::from_secs(1),
        "m" => Duration::from_secs(60),
        "h" => Duration::from_secs(3600),
        _ => return Err(hint()),
    };
    let number: u32 = number.parse().map_err(|_| hint())?;
    unit.checked_mul(number).filter(|span| !span.is_zero()).ok_or_else(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_time_have_a_unit() {
        for (text, expected) in [("500ms", 500), ("30s", 30_000), ("2m", 120_000), ("1h", 3_600_000)] {
            assert_eq!(duration(text), Ok(Duration::from_millis(expected)));
        }
        for text in ["", "5", "s", "0s", "-1s", "1d", "99999999999s"] {
            assert!(duration(text).unwrap_err().contains("no span of time"), "{text}");
        }
    }
}
