//! Tests of the worker over a broker that exists in memory and fails as it is told.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;

use bytes::Bytes;
use xdr_runtime::ndjson::Keep;
use xdr_runtime::settings::Settings;

use super::*;
use crate::mapper::Mapper;
use crate::worker::route::Router;
use crate::worker::transport::{Message, Place};

/// What happened, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Done {
    Stored(String),
    Settled(u64),
    Closed,
}

/// The number behind which no message will ever come.
const END: u64 = 99;

/// A broker whose every third storing fails, each in another way.
#[derive(Default)]
struct Fake {
    messages: Mutex<VecDeque<u64>>,
    done: Mutex<Vec<Done>>,
    attempts: AtomicU64,
    /// The most messages that were on their way at once.
    most: AtomicU64,
    on_the_way: AtomicU64,
    /// Whether nothing can be stored.
    is_full: bool,
}

impl Transport for Fake {
    type Delivery = u64;
    type Sent = String;

    async fn receive(&self) -> Result<Message<u64>, NoMessage> {
        let next = self.messages.lock().unwrap().pop_front();
        let Some(number) = next else {
            return std::future::pending().await;
        };
        if number == 13 {
            return Err("unlucky".to_owned().into());
        }
        if number == END {
            return Err(NoMessage::Ever("nothing more".to_owned()));
        }
        let now = self.on_the_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        Ok(Message {
            payload: Bytes::from(format!(
                r#"{{"event":"session.start","code":"T2000I","user":"u{number}","time":"2024-03-14T07:08:09Z"}}"#
            )),
            subject: "logs.teleport".to_owned(),
            source: None,
            place: Place::new(&Arc::from("logs"), number),
            received: SystemTime::now().into(),
            delivery: number,
        })
    }

    async fn send(&self, out: &Out) -> Result<String, String> {
        if self.attempts.fetch_add(1, Ordering::SeqCst) % 3 == 1 {
            return Err("away".to_owned());
        }
        Ok(out.id.clone())
    }

    async fn stored(&self, sent: String) -> Result<Kept, String> {
        if self.is_full || self.attempts.fetch_add(1, Ordering::SeqCst) % 3 == 1 {
            return Err("no answer".to_owned());
        }
        self.done.lock().unwrap().push(Done::Stored(sent));
        Ok(Kept::Stored)
    }

    async fn settle(&self, delivery: u64) -> Result<(), String> {
        self.done.lock().unwrap().push(Done::Settled(delivery));
        self.on_the_way.fetch_sub(1, Ordering::SeqCst);
        Ok(())
    }

    async fn lag(&self) -> Result<u64, String> {
        Ok(5)
    }

    async fn close(&self) {
        self.done.lock().unwrap().push(Done::Closed);
    }
}

fn mapping() -> Mapping {
    let source = crate::registry::source("teleport").unwrap();
    let settings = Settings::new("2024-03-14T07:08:09Z".parse().unwrap());
    let mapper = Mapper::new(source, settings, Keep { unmapped: true, raw: false }, true, 1 << 20);
    Mapping {
        mappers: [("teleport", mapper)].into(),
        router: Router::default(),
        lines: false,
        batch: 1,
        largest: 1 << 20,
        fixed: false,
    }
}

/// Runs until so many messages are settled, or for a moment; gives how it ended.
fn ran(fake: &Arc<Fake>, limits: Limits, until: u64) -> (Result<(), Failure>, Arc<Meters>) {
    let meters = Arc::new(Meters::new());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let ended = runtime.block_on(async {
        let (stop, stopped) = watch::channel(false);
        let (fake, counted) = (Arc::clone(fake), Arc::clone(&meters));
        let running = tokio::spawn(run(fake, mapping(), counted, limits, stopped));
        let waited = async {
            while meters.settled.load(Ordering::Relaxed) < until {
                sleep(Duration::from_millis(5)).await;
            }
        };
        let _ = timeout(Duration::from_secs(60), waited).await;
        stop.send(true).unwrap();
        running.await.unwrap()
    });
    (ended, meters)
}

#[test]
fn a_message_is_settled_behind_its_output_in_the_order_of_messages() {
    // One message in a batch, some, and as many as there are.
    for (threads, messages) in [(2, 4), (4, 32), (1, 512)] {
        let fake = Arc::new(Fake { messages: Mutex::new((0..40).collect()), ..Fake::default() });
        let limits = Limits { threads, messages, bytes: 1 << 20, grace: Duration::from_secs(30) };
        let (ended, meters) = ran(&fake, limits, 39);
        assert!(ended.is_ok());
        let done = fake.done.lock().unwrap().clone();
        let settled: Vec<u64> = done
            .iter()
            .filter_map(|done| if let Done::Settled(number) = done { Some(*number) } else { None })
            .collect();
        assert_eq!(settled, (0..40).filter(|number| *number != 13).collect::<Vec<_>>());
        for pair in done[..done.len() - 1].chunks(2) {
            assert!(matches!(pair, [Done::Stored(_), Done::Settled(_)]), "{pair:?}");
        }
        assert_eq!(done.last(), Some(&Done::Closed));
        assert!(fake.most.load(Ordering::SeqCst) <= messages as u64, "there is back-pressure");
        assert!(meters.retries.load(Ordering::Relaxed) > 0);
        assert_eq!(meters.in_flight.load(Ordering::Relaxed), 0);
        assert_eq!(meters.lag.load(Ordering::Relaxed), 5);
        assert!(!meters.is_ready(), "it is stopping");
        assert_eq!(meters.total().mapped, 39);
    }
}

#[test]
fn what_cannot_be_stored_is_never_settled_and_the_end_says_so() {
    let fake = Arc::new(Fake { messages: Mutex::new((0..9).collect()), is_full: true, ..Fake::default() });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let meters = Arc::new(Meters::new());
    let ended = runtime.block_on(async {
        let (stop, stopped) = watch::channel(false);
        let limits = Limits { threads: 2, messages: 3, bytes: 1 << 20, grace: Duration::from_millis(300) };
        let running = tokio::spawn(run(Arc::clone(&fake), mapping(), Arc::clone(&meters), limits, stopped));
        sleep(Duration::from_millis(200)).await;
        stop.send(true).unwrap();
        running.await.unwrap()
    });
    let Err(Failure::Error { message, .. }) = ended else { panic!("{ended:?}") };
    assert!(message.contains("could not be settled within 300ms"), "{message}");
    assert_eq!(*fake.done.lock().unwrap(), [Done::Closed]);
}

#[test]
fn where_no_message_will_ever_come_what_was_received_is_settled_and_the_run_ends() {
    let fake = Arc::new(Fake { messages: Mutex::new([1, 2, 3, END].into()), ..Fake::default() });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let meters = Arc::new(Meters::new());
    let ended = runtime.block_on(async {
        let (_stop, stopped) = watch::channel(false);
        let limits = Limits { threads: 2, messages: 8, bytes: 1 << 20, grace: Duration::from_secs(30) };
        let running = run(Arc::clone(&fake), mapping(), Arc::clone(&meters), limits, stopped);
        timeout(Duration::from_secs(60), running).await.unwrap()
    });
    let Err(Failure::Error { message, .. }) = ended else { panic!("{ended:?}") };
    assert_eq!(message, "nothing more");
    assert_eq!(meters.settled.load(Ordering::Relaxed), 3);
    assert_eq!(fake.done.lock().unwrap().last(), Some(&Done::Closed));
}
