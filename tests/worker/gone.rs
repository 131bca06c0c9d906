//! What becomes of messages when the consumer, or the stream, is deleted under workers.

use std::collections::BTreeSet;

use super::*;

/// The window of these tests in which the server knows ids.
const WINDOW: Duration = Duration::from_secs(120);

/// Deletes the consumer as soon as it is there.
async fn delete_consumer(context: &Context) {
    let stream = context.get_stream_no_info("logs").await.unwrap();
    for _ in 0..300 {
        if stream.delete_consumer("xdr").await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the consumer is not made again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_is_deleted_under_load_is_made_again_and_each_record_is_there_once() {
    let broker = Broker::start("gone-load");
    let context = connect(&broker.url(), WINDOW, 1).await;
    let workers: Vec<Worker> =
        (0..3).map(|_| Worker::start(&broker.url(), &format!("{SUBJECTS} --ack-wait 5s"))).collect();
    for worker in &workers {
        worker.until("/ready", 200);
    }
    let total = 5000;
    for number in 0..total {
        publish(&context, "logs.teleport", &number.to_string(), record(number)).await;
        if number % 900 == 450 {
            delete_consumer(&context).await;
        }
    }
    settled(&context, "xdr").await;
    let events = all(&context, "events").await;
    let ids: BTreeSet<&str> = events.iter().map(|kept| kept.id.as_str()).collect();
    assert_eq!((events.len(), ids.len()), (total, total));
    assert_eq!(count(&context, "rejects").await, 0);
    let mut again = 0;
    for worker in workers {
        worker.until("/ready", 200);
        let (status, said) = worker.stop();
        assert_eq!(status, Some(0), "{said}");
        again += said.matches("the consumer `xdr` was gone, and is made again behind message ").count();
    }
    assert!(again > 0, "nobody made it again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_is_made_again_does_not_begin_from_the_first_message() {
    let broker = Broker::start("gone-floor");
    let window = Duration::from_secs(2);
    let context = connect(&broker.url(), window, 1).await;
    let options = format!("{SUBJECTS} --ack-wait 1s --dedup-window 2s");
    let worker = Worker::start(&broker.url(), &options);
    for number in 0..300 {
        publish(&context, "logs.teleport", &number.to_string(), record(number)).await;
    }
    settled(&context, "xdr").await;
    // By then the server has forgotten all ids, and the worker has asked it what is settled.
    tokio::time::sleep(3 * window).await;
    delete_consumer(&context).await;
    for number in 300..400 {
        publish(&context, "logs.teleport", &number.to_string(), record(number)).await;
    }
    settled(&context, "xdr").await;
    assert_eq!(count(&context, "events").await, 400);
    let (status, said) = worker.stop();
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("the consumer `xdr` was gone, and is made again behind message 300\n"), "{said}");

    // A worker that begins later takes it as it is.
    let worker = Worker::start(&broker.url(), &options);
    publish(&context, "logs.teleport", "400", record(400)).await;
    settled(&context, "xdr").await;
    assert_eq!(count(&context, "events").await, 401);
    assert_eq!(worker.stop().0, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_ends_when_its_stream_is_another_one() {
    let broker = Broker::start("gone-stream");
    let context = connect(&broker.url(), WINDOW, 1).await;
    let mut worker = Worker::start(&broker.url(), SUBJECTS);
    for number in 0..20 {
        publish(&context, "logs.teleport", &number.to_string(), record(number)).await;
    }
    settled(&context, "xdr").await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    context.delete_stream("logs").await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(worker.child.try_wait().unwrap().is_none(), "a stream may come again");
    let context = connect(&broker.url(), WINDOW, 1).await;
    publish(&context, "logs.teleport", "20", record(20)).await;
    let (status, said) = worker.wait();
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("the stream `logs` is another one than at the beginning"), "{said}");

    // Whoever begins now reads it from its first message.
    let worker = Worker::start(&broker.url(), SUBJECTS);
    settled(&context, "xdr").await;
    assert_eq!(count(&context, "events").await, 21);
    assert_eq!(worker.stop().0, Some(0));
}
