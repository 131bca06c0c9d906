//! What becomes of messages while nobody disturbs.

use super::*;

/// The window of these tests in which the server knows ids.
const WINDOW: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread")]
async fn the_source_is_found_and_what_has_none_or_is_too_large_is_rejected_once() {
    // A server that takes messages of 4096 bytes at most would refuse many an event.
    let config = format!("{}/nats-small.conf", env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(&config, "max_payload: 4096\n").unwrap();
    let broker = Broker::with("messages", process::free_port(), &["-c".to_owned(), config]);
    let context = connect(&broker.url(), WINDOW, 1).await;
    let options =
        format!("{SUBJECTS} --raw --route logs.access.*=teleport --source teleport --source citrix-vpn");
    let worker = Worker::start(&broker.url(), &options);
    let large = record(3).replace("\"x\"", &format!("\"{}\"", "y".repeat(3500)));
    publish(&context, "logs.teleport", "0", record(0)).await;
    publish(&context, "logs.access.a", "1", record(1)).await;
    let headers =
        async_nats::HeaderMap::from_iter([("Xdr-Source".parse().unwrap(), "teleport".parse().unwrap())]);
    context.publish_with_headers("logs.a", headers, record(2).into()).await.unwrap().await.unwrap();
    publish(&context, "logs.teleport", "3", large.clone()).await;
    publish(&context, "logs.nobody", "4", record(4)).await;
    publish(&context, "logs.qualys-endpoint", "5", record(5)).await;
    publish(&context, "logs.citrix-vpn", "6", "nonsense".to_owned()).await;
    publish(&context, "logs.teleport", "7", String::new()).await;
    settled(&context, "xdr").await;
    worker.until("/ready", 200);

    let mut events = Vec::new();
    for Kept { id, payload } in all(&context, "events").await {
        let event = json(&payload);
        assert_eq!(event["eventId"], id);
        events.push(event["xdr"]["raw"].as_str().unwrap().to_owned());
    }
    assert_eq!(events, [record(0), record(1), record(2)]);
    let mut rejects = Vec::new();
    let mut pieces = String::new();
    for Kept { id, payload } in all(&context, "rejects").await {
        let account = &json(&payload)["xdr"];
        let raw = account["raw"].as_str().unwrap();
        if account["part"].is_string() {
            pieces.push_str(raw);
        } else {
            rejects.push(format!("{id} {} {raw}", account["reject"]["reason"].as_str().unwrap()));
        }
    }
    assert_eq!(pieces, large);
    assert_eq!(rejects.len(), 3);
    assert_eq!(rejects[0], format!("logs:5:r0 no source {}", record(4)));
    assert_eq!(rejects[1], format!("logs:6:r0 no source {}", record(5)));
    assert!(rejects[2].starts_with("logs:7:r0 ") && rejects[2].ends_with(" nonsense"), "{}", rejects[2]);

    let (_, metrics) = worker.get("/metrics").unwrap();
    for line in [
        "xdr_worker_records_total{source=\"teleport\",status=\"mapped\"} 3",
        "xdr_worker_rejects_total{source=\"unknown\",reason=\"no source\"} 2",
        "xdr_worker_messages_settled_total 8",
        "xdr_worker_latency_seconds_count 8",
        "xdr_worker_ready 1",
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line}\n{metrics}");
    }
    assert_eq!(worker.get("/live").unwrap().0, 200);
    assert_eq!(worker.get("/other").unwrap().0, 404);
    let (status, said) = worker.stop();
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("mapped               3"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_of_a_message_go_out_in_messages_of_several() {
    let broker = Broker::start("lines");
    let context = connect(&broker.url(), WINDOW, 1).await;
    let lines: String = (0..25).map(|number| record(number) + "\n").collect();
    publish(&context, "logs.teleport", "0", format!("{lines}rubbish\n")).await;
    let worker = Worker::start(&broker.url(), &format!("{SUBJECTS} --lines --batch 10 --strict"));
    settled(&context, "xdr").await;
    let events = all(&context, "events").await;
    let sizes: Vec<usize> = events.iter().map(|kept| kept.payload.lines().count()).collect();
    assert_eq!(sizes, [10, 10, 5]);
    assert_eq!(events[1].id, "logs:1:e1");
    let users: Vec<Value> = events
        .iter()
        .flat_map(|kept| kept.payload.lines())
        .map(|line| json(line)["userName"].clone())
        .collect();
    assert_eq!(users, (0..25).map(|number| format!("user{number}")).collect::<Vec<_>>());
    assert_eq!(count(&context, "rejects").await, 1);
    let (status, said) = worker.stop();
    assert_eq!(status, Some(3), "rejects under --strict: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_again_is_dropped_within_the_window_and_stored_twice_outside_it() {
    let broker = Broker::start("window");
    let window = Duration::from_secs(4);
    let context = connect(&broker.url(), window, 1).await;
    for number in 0..50 {
        publish(&context, "logs.teleport", &number.to_string(), record(number)).await;
    }
    // Another group is delivered the same messages, as if the first had never settled one.
    let again = |group: &str| {
        let options = SUBJECTS.replace("--group xdr", &format!("--group {group}"));
        Worker::start(&broker.url(), &format!("{options} --ack-wait 1s --dedup-window 2s"))
    };
    let first = again("one");
    settled(&context, "one").await;
    let second = again("two");
    settled(&context, "two").await;
    assert_eq!(count(&context, "events").await, 50, "inside the window the server drops what it has");
    let (_, metrics) = second.get("/metrics").unwrap();
    assert!(metrics.contains("xdr_worker_outputs_repeated_total 50\n"), "{metrics}");
    tokio::time::sleep(2 * window).await;
    let third = again("three");
    settled(&context, "three").await;
    let events = all(&context, "events").await;
    assert_eq!(events.len(), 100, "outside it nobody knows");
    for (old, new) in events[..50].iter().zip(&events[50..]) {
        assert_eq!((&old.id, &old.payload), (&new.id, &new.payload), "but they are the same to the byte");
    }
    for worker in [first, second, third] {
        assert_eq!(worker.stop().0, Some(0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_says_what_it_lacks_and_makes_streams_if_it_may() {
    let broker = Broker::start("lacks");
    let ended = |options: &str| Worker::start(&broker.url(), options).wait();
    let (status, said) = ended(SUBJECTS);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("no stream holds the subject `logs.>`") && said.contains("--create"), "{said}");
    let (status, said) = ended("--group xdr --input logs.> --output logs.events --rejects rejects");
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("--output `logs.events` is among the subjects of --input `logs.>`"), "{said}");
    let (status, said) = ended(&format!("{SUBJECTS} --ack-wait 1m --dedup-window 30s"));
    assert_eq!(status, Some(2), "{said}");
    let worker = Worker::start(&broker.url(), &format!("{SUBJECTS} --create --dedup-window 70s"));
    worker.until("/ready", 200);
    let context = jetstream::new(async_nats::connect(broker.url()).await.unwrap());
    let stream = context.get_stream("events").await.unwrap();
    assert_eq!(stream.cached_info().config.duplicate_window, Duration::from_secs(70));
    let (status, said) = ended(&format!("{SUBJECTS} --dedup-window 5m"));
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("`events` knows ids for 70s, and 300s are needed"), "{said}");
    assert_eq!(worker.stop().0, Some(0));
    let (status, said) =
        Worker::start("nats://kim:secret@127.0.0.1:1", &format!("{SUBJECTS} --patience 1s")).wait();
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("cannot connect to nats://127.0.0.1:1: ") && !said.contains("secret"), "{said}");
}

#[test]
fn authorities_that_cannot_be_had_end_a_worker_at_once_whatever_the_address() {
    let file = |name: &str, text: &str| {
        let path = format!("{}/{name}", env!("CARGO_TARGET_TMPDIR"));
        std::fs::write(&path, text).unwrap();
        path
    };
    let none = file("none.pem", "no certificate\n");
    let broken = file("broken.pem", "-----BEGIN CERTIFICATE-----\nMTIz\n-----END CERTIFICATE-----\n");
    for (path, reason) in [
        ("no/such.pem", "cannot read `no/such.pem`: "),
        (&none, "holds no certificate\n"),
        (&broken, "holds a broken certificate: "),
    ] {
        for scheme in ["nats", "tls"] {
            // Nobody is there, and a worker would wait.
            let server = format!("{scheme}://127.0.0.1:{}", process::free_port());
            let began = std::time::Instant::now();
            let (status, said) = Worker::start(&server, &format!("{SUBJECTS} --ca {path}")).wait();
            assert_eq!(status, Some(1), "{said}");
            assert!(said.contains(reason) && said.contains(path), "{said}");
            assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
        }
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn peers_of_the_local_port_who_say_nothing_or_do_not_listen_take_few_files_and_no_answer_from_others() {
    use std::io::Write;
    let broker = Broker::start("peers");
    let _context = connect(&broker.url(), WINDOW, 1).await;
    let worker = Worker::start(&broker.url(), SUBJECTS);
    worker.until("/ready", 200);
    // Answers to all of these would fill what the system keeps for somebody who does not read.
    let request = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
    let peers: Vec<std::net::TcpStream> = (0..120)
        .map(|number| {
            let mut peer = std::net::TcpStream::connect(worker.address()).unwrap();
            let requests = if number % 2 == 0 { "GET /".to_owned() } else { request.repeat(2000) };
            peer.set_write_timeout(Some(Duration::from_millis(50))).unwrap();
            let _ = peer.write_all(requests.as_bytes());
            peer
        })
        .collect();
    let open = std::fs::read_dir(format!("/proc/{}/fd", worker.child.id())).unwrap().count();
    assert!(open < 100, "{open}");
    worker.until("/ready", 200);
    drop(peers);
    let (status, said) = worker.stop();
    assert_eq!(status, Some(0), "{said}");
}
