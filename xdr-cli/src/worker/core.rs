//! The worker itself, whatever carries the messages: receive, map, store, settle.
//!
//! One task receives and maps, and hands output over to be stored; a second waits until it is, and only then settles the message. Between
//! them is a queue of limited length and size, so a broker that stores slowly is read slowly.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::time::{sleep, timeout};

use super::mapping::{Mapped, Mapping};
use super::meters::Meters;
use super::transport::{Kept, Out, Transport};
use super::warn::Warnings;
use crate::failure::Failure;

/// How long to wait after the first error of a broker, and at most.
const PAUSE: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(2)];
/// How often the broker is asked how many messages wait.
const ASK: Duration = Duration::from_secs(2);

/// How much may be on its way, and for how long the end waits for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Messages that were received and are not settled.
    pub(crate) messages: usize,
    /// Bytes of their output; one message may have more.
    pub(crate) bytes: u32,
    /// How long the worker waits, once it is to stop, until what it received is settled.
    pub(crate) grace: Duration,
}

/// A message on its way.
struct Flight<T: Transport> {
    outs: Vec<(Out, Option<T::Sent>)>,
    received: DateTime<Utc>,
    delivery: T::Delivery,
    _room: OwnedSemaphorePermit,
}

/// Works until `stop` says so, and then until what was received is settled.
///
/// # Errors
/// It could not be settled in time.
pub(crate) async fn run<T: Transport>(
    transport: Arc<T>,
    mapping: Mapping,
    meters: Arc<Meters>,
    limits: Limits,
    stop: watch::Receiver<bool>,
) -> Result<(), Failure> {
    let (to, from) = mpsc::channel(limits.messages.max(1));
    let settling = tokio::spawn(settle(Arc::clone(&transport), Arc::clone(&meters), from));
    let asking = tokio::spawn(ask(Arc::clone(&transport), Arc::clone(&meters)));
    let mut receiving =
        tokio::spawn(receive(Arc::clone(&transport), mapping, Arc::clone(&meters), limits, to, stop.clone()));
    let fault = |_| Failure::failed("a task ended by a fault of the program");
    let mut stop = stop;
    // Without a task that settles nothing is received any more, and only a fault ends either.
    let early = tokio::select! {
        ended = &mut receiving => Some(ended),
        _ = stop.wait_for(|stop| *stop) => None,
    };
    meters.stop();
    let settled = timeout(limits.grace, async {
        match early {
            Some(ended) => ended,
            None => receiving.await,
        }
        .map_err(fault)?;
        settling.await.map_err(fault)
    })
    .await;
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

/// Receives and maps, until the run is to stop.
async fn receive<T: Transport>(
    transport: Arc<T>,
    mapping: Mapping,
    meters: Arc<Meters>,
    limits: Limits,
    to: mpsc::Sender<Flight<T>>,
    mut stop: watch::Receiver<bool>,
) {
    let room = Arc::new(Semaphore::new(limits.bytes as usize));
    let mut warnings = Warnings::default();
    let mut pause = PAUSE[0];
    loop {
        let received = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            received = async {
                let place = to.reserve().await.ok()?;
                Some((place, transport.receive().await))
            } => received,
        };
        let Some((place, received)) = received else { return };
        let message = match received {
            Ok(message) => message,
            Err(why) => {
                warnings.say(&format!("no messages: {why}"));
                tokio::select! {
                    _ = stop.wait_for(|stop| *stop) => return,
                    () = sleep(pause) => {}
                }
                pause = (2 * pause).min(PAUSE[1]);
                continue;
            }
        };
        pause = PAUSE[0];
        meters.received.fetch_add(1, Ordering::Relaxed);
        meters.in_flight.fetch_add(1, Ordering::Relaxed);
        meters.maps(true);
        let Mapped { source, outs, summary } = mapping.map(&message);
        meters.maps(false);
        meters.add(source, &summary);
        let bytes: usize = outs.iter().map(|out| out.payload.len()).sum();
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX).min(limits.bytes);
        // The semaphore is never closed.
        let Ok(room) = Arc::clone(&room).acquire_many_owned(bytes).await else { return };
        let mut sent = Vec::with_capacity(outs.len());
        for out in outs {
            // What cannot be handed over now is by the other task, which may wait.
            let on_its_way = transport.send(&out).await.ok();
            sent.push((out, on_its_way));
        }
        place.send(Flight {
            outs: sent,
            received: message.received,
            delivery: message.delivery,
            _room: room,
        });
    }
}

/// Waits until output is stored, and settles messages in the order in which they came.
async fn settle<T: Transport>(transport: Arc<T>, meters: Arc<Meters>, mut from: mpsc::Receiver<Flight<T>>) {
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
