//! NATS JetStream: a durable consumer that workers pull from together; output goes out under ids by which the server drops repeats.

mod answers;
mod durable;
mod login;
mod streams;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use async_nats::HeaderMap;
use async_nats::connection::State;
use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::consumer::pull;
use async_nats::jetstream::{self, AckKind};
use async_nats::{Client, ConnectOptions, Subject};
use futures_util::{FutureExt, StreamExt};
use tokio::sync::Mutex;
use tokio::time::timeout;

use self::answers::Answers;
use self::durable::Durable;
use self::login::{Login, divided};
pub(crate) use self::login::{check, check_authorities};
use super::transport::{Kept, Kind, Message, NoMessage, Out, Place, Transport};
use super::warn::Warnings;
use crate::failure::Failure;

/// The header that names a message's source.
const SOURCE: &str = "Xdr-Source";
/// The pause between two attempts to connect again.
const AGAIN: Duration = Duration::from_millis(250);
/// How long the server may take to store a message, or to answer.
const ANSWER: Duration = Duration::from_secs(5);
/// How often to look, while an answer does not come, whether it still can.
const LOOK: Duration = Duration::from_millis(100);
/// For how long an answer may come although the connection is a new one: what was not sent by then went through that.
const LOST: Duration = Duration::from_millis(500);
/// A request for messages is renewed so often, and between them the server says so often that it is there.
const PULL: [Duration; 2] = [Duration::from_secs(10), Duration::from_secs(2)];
/// How many answers, or messages, may wait to be read. Of one message there may be hundreds of thousands.
const ANSWERS: usize = 1 << 20;
/// What a message's headers take of what a server carries, in bytes: its id, with room for a stream's name, and their names.
const HEADERS: usize = 1024;

/// What the transport is told.
pub(crate) struct Options {
    pub(crate) servers: Vec<String>,
    pub(crate) login: Option<PathBuf>,
    pub(crate) credentials: Option<PathBuf>,
    pub(crate) authorities: Option<PathBuf>,
    pub(crate) group: String,
    pub(crate) input: String,
    pub(crate) output: String,
    pub(crate) rejects: String,
    /// How many messages are asked for at once.
    pub(crate) ahead: usize,
    /// How many messages of the group may be delivered and not settled.
    pub(crate) unsettled: i64,
    /// After how long a message that is not settled is delivered again.
    pub(crate) ack_wait: Duration,
    /// For how long the server is to know ids.
    pub(crate) window: Option<Duration>,
    /// How long a server that is away is waited for at the beginning.
    pub(crate) patience: Duration,
    /// Whether streams that are missing are made, and with how many replicas.
    pub(crate) create: Option<usize>,
}

/// A connection to a server.
pub(crate) struct Nats {
    client: Client,
    answers: Answers,
    durable: Durable,
    /// The name of the stream that messages come from.
    log: Arc<str>,
    output: Subject,
    rejects: Subject,
    ahead: usize,
    messages: Mutex<Option<pull::Stream>>,
}

impl Nats {
    /// Connects, and makes the consumer unless it is there; gives the connection and the largest payload that can be stored. A server
    /// that is away is waited for.
    ///
    /// # Errors
    /// The server cannot be reached in time, or its streams are not as they must be.
    pub(crate) async fn open(options: &Options) -> Result<(Self, usize), Failure> {
        let began = Instant::now();
        let mut warnings = Warnings::default();
        loop {
            match Self::attempt(options).await {
                Ok(opened) => return Ok(opened),
                Err(Lack::Away(Failure::Error { message, .. })) if began.elapsed() < options.patience => {
                    warnings.say(&format!("{message}; tried again"));
                    tokio::time::sleep(AGAIN).await;
                }
                Err(Lack::Away(failure) | Lack::Wrong(failure)) => return Err(failure),
            }
        }
    }

    async fn attempt(options: &Options) -> Result<(Self, usize), Lack> {
        let client = connect(options).await?;
        let context = jetstream::context::ContextBuilder::new().timeout(2 * ANSWER).build(client.clone());
        let found = streams::find(&context, options).await?;
        let durable = Durable::open(found.input, options).await?;
        let largest = client.max_payload().min(found.largest).saturating_sub(HEADERS);
        let answers = Answers::subscribe(&client)
            .await
            .map_err(|error| Lack::Away(Failure::failed(format!("cannot subscribe to answers: {error}"))))?;
        let nats = Self {
            client,
            answers,
            log: Arc::from(durable.stream()),
            durable,
            output: Subject::from(options.output.as_str()),
            rejects: Subject::from(options.rejects.as_str()),
            ahead: options.ahead,
            messages: Mutex::new(None),
        };
        Ok((nats, largest))
    }
}

/// Why a worker cannot begin.
enum Lack {
    /// The server is not there, or not yet in order.
    Away(Failure),
    /// Waiting does not help.
    Wrong(Failure),
}

async fn connect(options: &Options) -> Result<Client, Lack> {
    let mut connect = ConnectOptions::new()
        .name(format!("xdr worker {}", options.group))
        .reconnect_delay_callback(|_| AGAIN)
        .subscription_capacity(ANSWERS)
        .request_timeout(Some(ANSWER));
    let login = Login::find(&options.servers, options.login.as_deref(), options.credentials.as_deref());
    if let Some(login) = login.map_err(Lack::Wrong)? {
        connect = login.with(connect).map_err(Lack::Wrong)?;
    }
    if let Some(path) = &options.authorities {
        connect = connect.add_root_certificates(path.clone());
    }
    let servers: Vec<String> = options.servers.iter().map(|server| divided(server).0).collect();
    if servers.iter().any(|server| server.starts_with("tls://")) {
        // Also with those nodes of the cluster that the server names: else a login could be sent to them in the clear.
        connect = connect.require_tls(true);
    }
    let shown = servers.join(", ");
    connect
        .connect(servers)
        .await
        .map_err(|error| Lack::Away(Failure::failed(format!("cannot connect to {shown}: {error}"))))
}

/// A message on its way to the server.
pub(crate) struct Sent {
    /// The number of its answer.
    number: u64,
    /// The connection that it was sent through, or was to be.
    connection: u64,
    at: Instant,
}

impl Transport for Nats {
    type Delivery = jetstream::message::Acker;
    type Sent = Sent;

    async fn receive(&self) -> Result<Message<Self::Delivery>, NoMessage> {
        let mut messages = self.messages.lock().await;
        if messages.is_none() {
            let [renewed, heartbeat] = PULL;
            let consumer = self.durable.there().await?;
            let stream = consumer
                .stream()
                .max_messages_per_batch(self.ahead)
                .expires(renewed)
                .heartbeat(heartbeat)
                .messages()
                .await
                .map_err(|error| error.to_string())?;
            *messages = Some(stream);
        }
        let Some(stream) = &mut *messages else { return Err("no request for messages".to_owned().into()) };
        match stream.next().await {
            Some(Ok(message)) => Ok(self.message(message)?),
            other => {
                // A new request is made; what is not settled comes again.
                *messages = None;
                let why = match other {
                    Some(Err(error)) => error.to_string(),
                    _ => "the request for messages ended".to_owned(),
                };
                Err(why.into())
            }
        }
    }

    async fn send(&self, out: &Out) -> Result<Sent, String> {
        let subject = match out.kind {
            Kind::Event => &self.output,
            Kind::Reject => &self.rejects,
        };
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, out.id.as_str());
        let connection = self.connection();
        let (number, answer) = self.answers.next();
        let sent =
            self.client.publish_with_reply_and_headers(subject.clone(), answer, headers, out.payload.clone());
        if let Err(error) = sent.await {
            self.answers.forget(number);
            return Err(error.to_string());
        }
        Ok(Sent { number, connection, at: Instant::now() })
    }

    async fn stored(&self, sent: Sent) -> Result<Kept, String> {
        let Sent { number, connection, at } = sent;
        loop {
            if let Some(answer) = self.answers.take(number) {
                return answer;
            }
            // Many wait for one answer after the other, and all of them wait no longer than one of them.
            let why = if at.elapsed() >= ANSWER {
                Some("no answer")
            } else if connection != self.connection() && at.elapsed() >= LOST {
                Some("the connection is a new one")
            } else {
                None
            };
            let more = timeout(why.map_or(LOOK, |_| Duration::ZERO), self.answers.more()).await;
            match (more, why) {
                (Ok(Ok(())), _) | (Err(_), None) => {}
                (Ok(Err(why)), _) => {
                    self.answers.forget(number);
                    return Err(why);
                }
                (Err(_), Some(why)) => {
                    self.answers.forget(number);
                    return Err(why.to_owned());
                }
            }
        }
    }

    async fn settle(&self, delivery: Self::Delivery) -> Result<(), String> {
        delivery.ack().await.map_err(|error| error.to_string())
    }

    async fn lag(&self) -> Result<u64, String> {
        if self.client.connection_state() != State::Connected {
            return Err("not connected".to_owned());
        }
        self.durable.lag().await
    }

    async fn close(&self) {
        if let Some(mut stream) = self.messages.lock().await.take() {
            while let Some(Some(message)) = stream.next().now_or_never() {
                if let Ok(message) = message {
                    // If the server does not hear of it, it waits before it delivers the message again.
                    let _ = message.ack_with(AckKind::Nak(None)).await;
                }
            }
        }
        let _ = self.client.flush().await;
    }
}

impl Nats {
    /// The number of the connection: an answer does not come through another one than the question.
    fn connection(&self) -> u64 {
        self.client.statistics().connects.load(Ordering::Relaxed)
    }

    fn message(&self, message: jetstream::Message) -> Result<Message<jetstream::message::Acker>, String> {
        let info = message.info().map_err(|error| error.to_string())?;
        let place = Place::new(&self.log, info.stream_sequence);
        let received = info.published;
        let (message, delivery) = message.split();
        let source = message.headers.as_ref().and_then(|headers| headers.get(SOURCE));
        Ok(Message {
            subject: message.subject.to_string(),
            source: source.map(|name| name.as_str().to_owned()),
            place,
            received,
            payload: message.payload,
            delivery,
        })
    }
}
