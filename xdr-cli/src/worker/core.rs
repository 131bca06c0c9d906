//! The worker itself, whatever carries the messages: receive, map, store, settle.
//!
//! One task receives messages, and takes together what is there already; several map such batches at once; one hands output over to be
//! stored, in the order in which the messages came; a last one waits until it is, and only then settles a message. How many messages and
//! batches may be between them is limited, and so are the bytes of output: a broker that stores slowly is read slowly.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::mapping::{Batch, Mapping};
use super::meters::Meters;
use super::transport::{Kept, Message, NoMessage, Out, Transport};
use super::warn::Warnings;
use crate::failure::Failure;

/// How long to wait after the first error of a broker, and at most.
const PAUSE: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(2)];
/// How often the broker is asked how many messages wait.
const ASK: Duration = Duration::from_secs(2);
/// How many messages are mapped together at most, and at how many bytes of them no further one is added.
const BATCH: usize = 64;
const BYTES: usize = 64 << 10;

/// How much may be on its way, and for how long the end waits for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Batches of messages that are mapped at once.
    pub(crate) threads: usize,
    /// Messages that were received and are not settled.
    pub(crate) messages: usize,
    /// Bytes of their output; one message may have more.
    pub(crate) bytes: u32,
    /// How long the worker waits, once it is to stop, until what it received is settled.
    pub(crate) grace: Duration,
}

/// Messages that are being mapped together.
type Mapped<T> = JoinHandle<Vec<Ready<<T as Transport>::Delivery>>>;

/// A message that was mapped.
struct Ready<D> {
    outs: Vec<Out>,
    received: DateTime<Utc>,
    delivery: D,
    place: OwnedSemaphorePermit,
}

/// A message whose output is on its way.
struct Flight<T: Transport> {
    outs: Vec<(Out, Option<T::Sent>)>,
    received: DateTime<Utc>,
    delivery: T::Delivery,
    /// Given back when it is settled: that of its output's bytes, and its place among the messages.
    _room: (OwnedSemaphorePermit, OwnedSemaphorePermit),
}

/// Works until `stop` says so, or no message will ever come, and then until what was received is settled.
///
/// # Errors
/// It could not be settled in time, or no message will ever come.
pub(crate) async fn run<T: Transport>(
    transport: Arc<T>,
    mapping: Mapping,
    meters: Arc<Meters>,
    limits: Limits,
    stop: watch::Receiver<bool>,
) -> Result<(), Failure> {
    let mapping = Arc::new(mapping);
    // While one batch is waited for, each thread has one, and another that is ready.
    let (mapped, to_publish) = mpsc::channel(2 * limits.threads.max(1));
    // No more than messages have places.
    let (published, to_settle) = mpsc::unbounded_channel();
    let settling = tokio::spawn(settle(Arc::clone(&transport), Arc::clone(&meters), to_settle));
    let mut publishing = tokio::spawn(publish(Arc::clone(&transport), limits, to_publish, published));
    let asking = tokio::spawn(ask(Arc::clone(&transport), Arc::clone(&meters)));
    let receiving =
        receive(Arc::clone(&transport), mapping, Arc::clone(&meters), limits, mapped, stop.clone());
    let mut receiving = tokio::spawn(receiving);
    let mut stop = stop;
    // Only a fault, or that no message will ever come, ends what hands output over before the run is to stop.
    let early = tokio::select! {
        ended = &mut publishing => Some(ended),
        _ = stop.wait_for(|stop| *stop) => None,
    };
    meters.stop();
    let settled = timeout(limits.grace, async {
        let published = match early {
            Some(ended) => ended,
            None => publishing.await,
        };
        published.map_err(|_| fault())??;
        settling.await.map_err(|_| fault())?;
        (&mut receiving).await.map_err(|_| fault())?
    })
    .await;
    // It has ended, unless there was a fault.
    receiving.abort();
    asking.abort();
    // Also if not all is settled: what is, is to be told.
    let _ = timeout(limits.grace, transport.close()).await;
    settled.unwrap_or_else(|_| {
        let left = meters.in_flight.load(Ordering::Relaxed);
        Err(Failure::failed(format!(
            "stopped, and {left} messages could not be settled within {:?}; they will be delivered again",
            limits.grace
        )))
    })
}

fn fault() -> Failure {
    Failure::failed("a task ended by a fault of the program")
}

/// Receives messages and has them mapped, until the run is to stop.
///
/// # Errors
/// No message will ever come.
async fn receive<T: Transport>(
    transport: Arc<T>,
    mapping: Arc<Mapping>,
    meters: Arc<Meters>,
    limits: Limits,
    to: mpsc::Sender<Mapped<T>>,
    mut stop: watch::Receiver<bool>,
) -> Result<(), Failure> {
    let places = Arc::new(Semaphore::new(limits.messages.max(1)));
    let turns = Arc::new(Semaphore::new(limits.threads.max(1)));
    // Few messages that are large or wait long are still divided among all threads.
    let most = (limits.messages / (2 * limits.threads.max(1))).clamp(1, BATCH);
    let mut warnings = Warnings::default();
    let mut pause = PAUSE[0];
    loop {
        let first = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return Ok(()),
            first = async {
                // Neither is ever closed, but for the queue if its other end came to a bad end.
                let queue = to.reserve().await.ok()?;
                let place = Arc::clone(&places).acquire_owned().await.ok()?;
                Some((queue, place, transport.receive().await))
            } => first,
        };
        let Some((queue, place, received)) = first else { return Ok(()) };
        let mut batch = Vec::new();
        let mut why = None;
        let mut bytes = 0;
        let mut next = Some((place, received));
        // What is there already is mapped along.
        while let Some((place, received)) = next.take() {
            match received {
                Ok(message) => {
                    bytes += message.payload.len();
                    batch.push((message, place));
                }
                Err(error) => why = Some(error),
            }
            if why.is_none() && batch.len() < most && bytes < BYTES {
                let place = Arc::clone(&places).try_acquire_owned().ok();
                next = place.and_then(|place| Some((place, transport.receive().now_or_never()?)));
            }
        }
        if !batch.is_empty() {
            pause = PAUSE[0];
            meters.received.fetch_add(batch.len() as u64, Ordering::Relaxed);
            meters.in_flight.fetch_add(batch.len() as u64, Ordering::Relaxed);
            let task = map(Arc::clone(&mapping), Arc::clone(&meters), Arc::clone(&turns), batch);
            queue.send(tokio::spawn(task));
        }
        if let Some(why) = why {
            let why = match why {
                NoMessage::Now(why) => why,
                NoMessage::Ever(why) => return Err(Failure::failed(why)),
            };
            warnings.say(&format!("no messages: {why}"));
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return Ok(()),
                () = sleep(pause) => {}
            }
            pause = (2 * pause).min(PAUSE[1]);
        }
    }
}

/// Maps messages when it is their turn.
async fn map<D>(
    mapping: Arc<Mapping>,
    meters: Arc<Meters>,
    turns: Arc<Semaphore>,
    messages: Vec<(Message<D>, OwnedSemaphorePermit)>,
) -> Vec<Ready<D>> {
    // The semaphore is never closed.
    let _turn = turns.acquire().await;
    let number = meters.begins();
    let mut batch = Batch::new(&mapping);
    let ready = messages
        .into_iter()
        .map(|(message, place)| Ready {
            outs: batch.map(&message),
            received: message.received,
            delivery: message.delivery,
            place,
        })
        .collect();
    for (source, summary) in batch.counts() {
        meters.add(source, &summary);
    }
    meters.ends(number);
    ready
}

/// Hands output over, in the order in which its messages were received.
///
/// # Errors
/// Messages could not be mapped by a fault of the program.
async fn publish<T: Transport>(
    transport: Arc<T>,
    limits: Limits,
    mut from: mpsc::Receiver<Mapped<T>>,
    to: mpsc::UnboundedSender<Flight<T>>,
) -> Result<(), Failure> {
    let room = Arc::new(Semaphore::new(limits.bytes as usize));
    while let Some(mapped) = from.recv().await {
        for Ready { outs, received, delivery, place } in mapped.await.map_err(|_| fault())? {
            let bytes: usize = outs.iter().map(|out| out.payload.len()).sum();
            let bytes = u32::try_from(bytes).unwrap_or(u32::MAX).min(limits.bytes);
            // The semaphore is never closed.
            let Ok(room) = Arc::clone(&room).acquire_many_owned(bytes).await else { break };
            let mut sent = Vec::with_capacity(outs.len());
            for out in outs {
                // What cannot be handed over now is by the task that settles, which may wait.
                let on_its_way = transport.send(&out).await.ok();
                sent.push((out, on_its_way));
            }
            let flight = Flight { outs: sent, received, delivery, _room: (room, place) };
            // What settles ends after this, unless by a fault.
            to.send(flight).map_err(|_| fault())?;
        }
    }
    Ok(())
}

/// Waits until output is stored, and settles messages in the order in which they came.
async fn settle<T: Transport>(
    transport: Arc<T>,
    meters: Arc<Meters>,
    mut from: mpsc::UnboundedReceiver<Flight<T>>,
) {
    let mut warnings = Warnings::default();
    while let Some(flight) = from.recv().await {
        for (out, sent) in flight.outs {
            let kept = store(&*transport, &meters, &out, sent, &mut warnings).await;
            meters.stored.fetch_add(1, Ordering::Relaxed);
            meters.repeats.fetch_add(u64::from(kept == Kept::Repeat), Ordering::Relaxed);
        }
        if let Err(why) = transport.settle(flight.delivery).await {
            warnings.say(&format!("a message could not be settled, it may come again: {why}"));
        }
        meters.settled.fetch_add(1, Ordering::Relaxed);
        meters.in_flight.fetch_sub(1, Ordering::Relaxed);
        let took = DateTime::<Utc>::from(SystemTime::now()).signed_duration_since(flight.received);
        // Clocks of two machines may differ.
        meters.took(took.as_seconds_f64().max(0.0));
    }
}

/// Hands over again what is not known to be stored, until it is.
async fn store<T: Transport>(
    transport: &T,
    meters: &Meters,
    out: &Out,
    mut sent: Option<T::Sent>,
    warnings: &mut Warnings,
) -> Kept {
    let mut pause = Duration::ZERO;
    loop {
        let why = match sent.take() {
            None => match transport.send(out).await {
                Ok(again) => {
                    sent = Some(again);
                    continue;
                }
                Err(why) => why,
            },
            Some(sent) => match transport.stored(sent).await {
                Ok(kept) => return kept,
                Err(why) => why,
            },
        };
        meters.retries.fetch_add(1, Ordering::Relaxed);
        warnings.say(&format!("output is not stored, and is sent again: {why}"));
        // At once the first time: behind a connection that broke many wait that were lost with it.
        sleep(pause).await;
        pause = (2 * pause).clamp(PAUSE[0], PAUSE[1]);
    }
}

/// Asks the broker how many messages wait, again and again: so it is known whether it is there.
async fn ask<T: Transport>(transport: Arc<T>, meters: Arc<Meters>) {
    loop {
        if let Ok(lag) = transport.lag().await {
            meters.lag.store(lag, Ordering::Relaxed);
            meters.answered();
        }
        sleep(ASK).await;
    }
}

#[cfg(test)]
#[path = "core_tests.rs"]
mod tests;
