//! What becomes of messages while workers and servers are killed, paused and added.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::*;
use crate::chance::Chance;

/// How often something is killed.
const KILLS: usize = 30;
/// The window in which the server knows ids; longer than the test.
const WINDOW: Duration = Duration::from_secs(600);

/// Publishes records one after the other until it is told to stop; every tenth cannot be mapped.
struct Load {
    done: Arc<AtomicBool>,
    published: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

fn line(number: usize) -> String {
    if number % 10 == 7 { format!("rubbish {number}") } else { record(number) }
}

impl Load {
    fn start(context: &Context) -> Self {
        let (done, published) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (context, ended, counted) = (context.clone(), Arc::clone(&done), Arc::clone(&published));
        let task = tokio::spawn(async move {
            while !ended.load(Ordering::Relaxed) {
                let from = counted.load(Ordering::Relaxed);
                // Some at once, so that there is always something to do.
                let some = (from..from + 20).map(|number| {
                    let context = context.clone();
                    async move { publish(&context, "logs.teleport", &number.to_string(), line(number)).await }
                });
                futures_util::future::join_all(some).await;
                counted.store(from + 20, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        Self { done, published, task }
    }

    /// Stops; gives how many were published.
    async fn stop(self) -> usize {
        self.done.store(true, Ordering::Relaxed);
        self.task.await.unwrap();
        self.published.load(Ordering::Relaxed)
    }
}

/// Compares what went in with what came out, record by record: each once, under its own id.
async fn compare(context: &Context, published: usize) {
    assert_eq!(count(context, "logs").await, published as u64, "the test itself lost or doubled some");
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for stream in ["events", "rejects"] {
        for Kept { id, payload } in all(context, stream).await {
            let out = json(&payload);
            assert_eq!(out["xdr"]["status"] == "rejected", stream == "rejects", "{payload}");
            if stream == "events" {
                assert_eq!(out["eventId"], id);
            }
            *found.entry(out["xdr"]["raw"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    let doubled: Vec<_> = found.iter().filter(|(_, times)| **times > 1).collect();
    let lost: Vec<usize> = (0..published).filter(|number| !found.contains_key(&line(*number))).collect();
    eprintln!("{published} records in, {} lost, {} doubled", lost.len(), doubled.len());
    assert!(doubled.is_empty(), "doubled: {doubled:?}");
    assert!(lost.is_empty(), "lost: {lost:?}");
    assert_eq!(found.len(), published, "something came out that never went in");
}

async fn pause(chance: &mut Chance, most: u64) {
    tokio::time::sleep(Duration::from_millis(50 + chance.below(most))).await;
}

const OPTIONS: &str = "--raw --ack-wait 2s --in-flight 64 --quiet";

#[tokio::test(flavor = "multi_thread")]
async fn killing_pausing_and_adding_workers_and_killing_the_server_loses_and_doubles_nothing() {
    let mut chance = Chance::new();
    let mut broker = Broker::start("kills");
    let context = connect(&broker.url(), WINDOW, 1).await;
    let url = broker.url();
    let start = || Worker::start(&url, &format!("{SUBJECTS} {OPTIONS}"));
    let mut workers: Vec<Worker> = (0..3).map(|_| start()).collect();
    workers[0].until("/ready", 200);
    let load = Load::start(&context);
    let (mut killed, mut restarted, mut paused, mut added) = (0, 0, 0, 0);
    while killed + restarted < KILLS {
        pause(&mut chance, 700).await;
        let number = usize::try_from(chance.below(workers.len() as u64)).unwrap();
        match chance.below(10) {
            0..6 => {
                workers[number].kill();
                pause(&mut chance, 300).await;
                workers[number] = start();
                killed += 1;
            }
            6..8 => {
                broker.kill();
                pause(&mut chance, 500).await;
                broker.again();
                restarted += 1;
            }
            8 => {
                // So long that its messages are given to another, and then it goes on with them.
                workers[number].signal("STOP");
                tokio::time::sleep(Duration::from_millis(2500)).await;
                workers[number].signal("CONT");
                paused += 1;
            }
            _ => {
                workers.push(start());
                added += 1;
                if workers.len() > 4 {
                    // A worker may also go as it should.
                    let (status, said) = workers.remove(0).stop();
                    assert_eq!(status, Some(0), "{said}");
                }
            }
        }
    }
    let published = load.stop().await;
    settled(&context, "xdr").await;
    eprintln!("{killed} workers and {restarted} times the server killed, {paused} paused, {added} added");
    for worker in workers {
        let (status, said) = worker.stop();
        assert_eq!(status, Some(0), "{said}");
    }
    compare(&context, published).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_waits_for_a_server_that_is_away_and_goes_on_when_it_is_back() {
    let mut broker = Broker::start("away");
    let context = connect(&broker.url(), WINDOW, 1).await;
    let worker = Worker::start(&broker.url(), &format!("{SUBJECTS} {OPTIONS}"));
    worker.until("/ready", 200);
    for number in 0..100 {
        publish(&context, "logs.teleport", &number.to_string(), line(number)).await;
    }
    broker.kill();
    worker.until("/ready", 503);
    assert_eq!(worker.get("/live").unwrap().0, 200, "it is not the worker's fault");
    broker.again();
    worker.until("/ready", 200);
    for number in 100..200 {
        publish(&context, "logs.teleport", &number.to_string(), line(number)).await;
    }
    settled(&context, "xdr").await;
    let (status, said) = worker.stop();
    assert_eq!(status, Some(0), "{said}");
    compare(&context, 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_of_three_goes_on_without_one_of_its_nodes() {
    let mut chance = Chance::new();
    let ports: Vec<(u16, u16)> = (0..3).map(|_| (process::free_port(), process::free_port())).collect();
    let routes: Vec<String> = ports.iter().map(|(_, port)| format!("nats://127.0.0.1:{port}")).collect();
    let mut brokers: Vec<Broker> = ports
        .iter()
        .enumerate()
        .map(|(number, (port, cluster))| {
            let name = format!("node{number}");
            let arguments = [
                format!("--name={name}"),
                "--cluster_name=xdr".to_owned(),
                format!("--cluster=nats://127.0.0.1:{cluster}"),
                format!("--routes={}", routes.join(",")),
            ];
            Broker::with(&name, *port, &arguments)
        })
        .collect();
    let urls = brokers.iter().map(Broker::url).collect::<Vec<_>>().join(",");
    let context = connect_any(&brokers).await;
    let start = || Worker::start(&urls, &format!("{SUBJECTS} {OPTIONS}"));
    let mut workers: Vec<Worker> = (0..3).map(|_| start()).collect();
    workers[0].until("/ready", 200);
    let load = Load::start(&context);
    for round in 0..3 {
        tokio::time::sleep(Duration::from_secs(2)).await;
        brokers[round].kill();
        pause(&mut chance, 500).await;
        workers[round].kill();
        tokio::time::sleep(Duration::from_secs(2)).await;
        workers[round] = start();
        brokers[round].again();
        // The node has to catch up before another one may go.
        tokio::time::sleep(Duration::from_secs(3)).await;
    }
    let published = load.stop().await;
    settled(&context, "xdr").await;
    for worker in workers {
        let (status, said) = worker.stop();
        assert_eq!(status, Some(0), "{said}");
    }
    compare(&context, published).await;
}

/// Connects to a cluster, whichever of its nodes is there.
async fn connect_any(brokers: &[Broker]) -> Context {
    connect(&brokers.iter().map(Broker::url).collect::<Vec<_>>().join(","), WINDOW, 3).await
}
