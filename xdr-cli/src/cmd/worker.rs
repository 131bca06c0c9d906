//! `xdr worker`: messages of a broker in, events and rejects back to it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::cli::{self, HowArgs, SettingsArgs};
use crate::config::MOST_THREADS;
use crate::failure::Failure;
use crate::worker::{self, Route};

const WORKER: &str = "\
Examples:
  xdr worker --group xdr --input 'logs.>' --output events --rejects rejects --create
  xdr worker --server nats://192.0.2.7:4222 --group xdr --input logs.vpn --source citrix-vpn \\
      --output events --rejects rejects --lines --batch 100 --metrics 127.0.0.1:9464
  xdr worker --server kafka://192.0.2.7:9092 --group xdr --input logs.citrix-vpn \\
      --output events --rejects rejects

The source of a message is what its header Xdr-Source says; else what --route says of its
subject; else the last token of its subject. With one --source all messages are of that.
A message without a source is a reject, and so is one whose record cannot be mapped, or
whose event is too large for the broker.

A message is settled only when all that it became is stored. An event goes out under its
eventId, which is made of the message's place in its stream: so what is delivered twice is
stored once, as long as JetStream remembers the id (--dedup-window). Kafka stores it twice,
under the same key. docs/worker.md has the guarantees, and on what they were tested.

A first SIGTERM or Ctrl-C ends the worker when what it received is settled, with status 0.
A second one ends it at once; then what was not settled is delivered again.

Exit status: 0 stopped, 1 failed, also if not all could be settled within --grace, 2 wrong
usage, 3 stopped, but there were rejects and --strict was given.";

/// Map messages of a broker: NATS JetStream or Kafka.
///
/// Any number of workers of one group share the messages of its input. Events and rejects go to subjects (or topics) of their own.
#[derive(Debug, Args)]
#[command(after_long_help = WORKER)]
pub(crate) struct WorkerArgs {
    /// The broker: `nats://HOST:PORT`, `tls://HOST:PORT` or `kafka://HOST:PORT`; several with commas between them
    #[arg(
        long,
        value_name = "URL",
        env = "XDR_SERVER",
        hide_env_values = true,
        default_value = "nats://127.0.0.1:4222",
        value_delimiter = ','
    )]
    pub(crate) server: Vec<String>,

    /// The name that workers who share messages have in common: the durable consumer, or the consumer group
    #[arg(long, value_name = "NAME")]
    pub(crate) group: String,

    /// The subject or topic to read; in NATS it may have wildcards
    #[arg(long, value_name = "SUBJECT")]
    pub(crate) input: String,

    /// The subject or topic that events go to
    #[arg(long, value_name = "SUBJECT")]
    pub(crate) output: String,

    /// The subject or topic that rejects go to
    #[arg(long, value_name = "SUBJECT")]
    pub(crate) rejects: String,

    /// The sources that messages may be of, may be repeated; if it is one, all messages are of it [default: all]
    #[arg(long, short, value_name = "NAME", value_parser = cli::source_names())]
    pub(crate) source: Vec<String>,

    /// Messages of this subject, which may have wildcards, are of this source; may be repeated
    #[arg(long, value_name = "SUBJECT=SOURCE")]
    pub(crate) route: Vec<Route>,

    /// A message holds records as lines, and not one record
    #[arg(long)]
    pub(crate) lines: bool,

    /// Put up to so many events, or rejects, of one message into one message, a line each
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) batch: u32,

    /// How many messages may be on their way at once in this worker
    #[arg(long, value_name = "N", default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..=65536))]
    pub(crate) in_flight: u32,

    /// How many threads map messages; 1 to 256 [default: one for each processor]
    ///
    /// What is written, and in which order, does not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=i64::from(MOST_THREADS)))]
    pub(crate) threads: Option<u16>,

    /// How long a worker that was told to stop waits for what it received to be settled
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = worker::duration)]
    pub(crate) grace: Duration,

    /// Answer /metrics, /ready and /live at this address, such as 127.0.0.1:9464
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) metrics: Option<SocketAddr>,

    #[command(flatten)]
    #[cfg(feature = "nats")]
    pub(crate) nats: NatsArgs,

    #[command(flatten)]
    #[cfg(feature = "kafka")]
    pub(crate) kafka: KafkaArgs,

    #[command(flatten)]
    pub(crate) how: HowArgs,

    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
}

/// What only NATS is told.
#[cfg(feature = "nats")]
#[derive(Debug, Args)]
#[command(next_help_heading = "NATS")]
pub(crate) struct NatsArgs {
    /// Log in with what this file holds in one line: `user:password`, or a token
    #[arg(long, value_name = "FILE")]
    pub(crate) login: Option<PathBuf>,

    /// Log in with this file of credentials (`.creds`)
    #[arg(long, value_name = "FILE")]
    pub(crate) credentials: Option<PathBuf>,

    /// Know a server that encrypts by the authorities in this file (PEM), and not by those of the system
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,

    /// Make streams that are missing; else their lack is an error
    #[arg(long)]
    pub(crate) create: bool,

    /// Make them with so many replicas
    #[arg(long, value_name = "N", default_value_t = 1, requires = "create", value_parser = clap::value_parser!(u8).range(1..=5))]
    pub(crate) replicas: u8,

    /// For how long the streams that are written to must remember ids, such as 10m: streams that are made do, others are checked
    /// [default: 2m for those that are made, twice --ack-wait for others]
    #[arg(long, value_name = "TIME", value_parser = worker::duration)]
    pub(crate) dedup_window: Option<Duration>,

    /// After how long a message that is not settled is delivered again
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = worker::duration)]
    pub(crate) ack_wait: Duration,

    /// How long to wait, at the beginning, for a server that is away
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = worker::duration)]
    pub(crate) patience: Duration,

    /// How many messages of the whole group may be delivered and not settled
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_ack_pending: u32,
}

/// What only Kafka is told.
#[cfg(feature = "kafka")]
#[derive(Debug, Args)]
#[command(next_help_heading = "Kafka")]
pub(crate) struct KafkaArgs {
    /// Settings of librdkafka, a line `name=value` each, such as those of encryption and of the login
    #[arg(long, value_name = "FILE")]
    pub(crate) properties: Option<PathBuf>,
}

/// Works until a signal comes.
pub(super) fn run(args: &WorkerArgs) -> Result<u8, Failure> {
    worker::run(args)
}
