//! What the worker counts, and the text in which Prometheus reads it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::summary::Summary;

/// The upper bounds of the classes of times, in seconds; the class above has none.
const BOUNDS: [f64; 14] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0];
/// For how long an answer of the broker says that it is there.
const FRESH: Duration = Duration::from_secs(15);
/// How long messages may be mapped before the worker is taken for dead.
const STUCK: Duration = Duration::from_secs(60);

/// The counts of a worker.
#[derive(Debug)]
pub(crate) struct Meters {
    /// What became of records, by source.
    records: Mutex<BTreeMap<&'static str, Summary>>,
    /// From the broker's receipt of a message until all of it was stored.
    latency: Mutex<Times>,
    pub(crate) received: AtomicU64,
    pub(crate) settled: AtomicU64,
    pub(crate) stored: AtomicU64,
    pub(crate) repeats: AtomicU64,
    pub(crate) retries: AtomicU64,
    pub(crate) in_flight: AtomicU64,
    pub(crate) lag: AtomicU64,
    stopping: AtomicBool,
    /// When the worker began.
    began: Instant,
    /// When the broker answered last, in milliseconds since then; 0 is never.
    answered: AtomicU64,
    /// When each mapping that has not ended began.
    mapping: Mutex<BTreeMap<u64, Instant>>,
    /// How many have begun.
    mappings: AtomicU64,
}

/// How often something took how long.
#[derive(Debug, Default)]
struct Times {
    classes: [u64; BOUNDS.len()],
    count: u64,
    sum: f64,
}

impl Meters {
    pub(crate) fn new() -> Self {
        Self {
            records: Mutex::default(),
            latency: Mutex::default(),
            received: AtomicU64::new(0),
            settled: AtomicU64::new(0),
            stored: AtomicU64::new(0),
            repeats: AtomicU64::new(0),
            retries: AtomicU64::new(0),
            in_flight: AtomicU64::new(0),
            lag: AtomicU64::new(0),
            stopping: AtomicBool::new(false),
            began: Instant::now(),
            answered: AtomicU64::new(0),
            mapping: Mutex::default(),
            mappings: AtomicU64::new(0),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX).max(1)
    }

    /// Counts what became of a message's records.
    pub(crate) fn add(&self, source: &'static str, summary: &Summary) {
        // What is behind the locks is whole at any time.
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        records.entry(source).or_default().merge(summary);
    }

    /// Counts a message whose output was stored so long after the broker had received it.
    pub(crate) fn took(&self, seconds: f64) {
        let mut times = self.latency.lock().unwrap_or_else(PoisonError::into_inner);
        times.count += 1;
        times.sum += seconds;
        if let Some(class) = BOUNDS.iter().position(|bound| seconds <= *bound)
            && let Some(count) = times.classes.get_mut(class)
        {
            *count += 1;
        }
    }

    /// The broker answered.
    pub(crate) fn answered(&self) {
        self.answered.store(self.now(), Ordering::Relaxed);
    }

    /// The mapping of some messages begins; gives its number.
    pub(crate) fn begins(&self) -> u64 {
        let number = self.mappings.fetch_add(1, Ordering::Relaxed);
        self.mapping.lock().unwrap_or_else(PoisonError::into_inner).insert(number, Instant::now());
        number
    }

    /// The mapping of this number ends.
    pub(crate) fn ends(&self, number: u64) {
        self.mapping.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
    }

    /// The worker takes no more messages.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Whether the broker answers and messages are taken.
    pub(crate) fn is_ready(&self) -> bool {
        let answered = self.answered.load(Ordering::Relaxed);
        !self.stopping.load(Ordering::Relaxed) && answered > 0 && self.within(answered, FRESH)
    }

    /// Whether the worker does something, or would if there were something to do.
    pub(crate) fn is_live(&self) -> bool {
        let mapping = self.mapping.lock().unwrap_or_else(PoisonError::into_inner);
        mapping.values().all(|began| began.elapsed() <= STUCK)
    }

    fn within(&self, moment: u64, span: Duration) -> bool {
        u128::from(self.now().saturating_sub(moment)) <= span.as_millis()
    }

    /// What became of all records.
    pub(crate) fn total(&self) -> Summary {
        let mut total = Summary::default();
        for summary in self.records.lock().unwrap_or_else(PoisonError::into_inner).values() {
            total.merge(summary);
        }
        total
    }

    /// All counts, in Prometheus' text format.
    pub(crate) fn text(&self) -> String {
        let mut text = Text(String::new());
        self.records(&mut text);
        for (name, help, count) in [
            ("messages_received_total", "Messages that were delivered", &self.received),
            ("messages_settled_total", "Messages whose output is stored", &self.settled),
            ("outputs_stored_total", "Output messages that the broker has", &self.stored),
            ("outputs_repeated_total", "Output messages that the broker had already", &self.repeats),
            ("store_retries_total", "Output messages that had to be handed over again", &self.retries),
        ] {
            text.head(name, help, "counter");
            text.line(name, &[], count.load(Ordering::Relaxed));
        }
        for (name, help, count) in [
            ("messages_in_flight", "Messages that were delivered and are not settled", &self.in_flight),
            ("lag_messages", "Messages that the group has not settled", &self.lag),
        ] {
            text.head(name, help, "gauge");
            text.line(name, &[], count.load(Ordering::Relaxed));
        }
        text.head("ready", "Whether the broker answers and messages are taken", "gauge");
        text.line("ready", &[], u64::from(self.is_ready()));
        self.times(&mut text);
        text.0
    }

    fn records(&self, text: &mut Text) {
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        text.head("records_total", "Records, by what became of them", "counter");
        for (source, summary) in &*records {
            for (status, count) in
                [("mapped", summary.mapped), ("partial", summary.partial), ("rejected", summary.rejected)]
            {
                text.line("records_total", &[("source", source), ("status", status)], count);
            }
        }
        text.head("issues_total", "What could not be mapped as the spec says", "counter");
        for (source, summary) in &*records {
            for (token, reason, count) in summary.issues() {
                let token = token.map_or("", |token| token.name());
                text.line("issues_total", &[("source", source), ("token", token), ("reason", reason)], count);
            }
        }
        text.head("rejects_total", "Rejects, by reason", "counter");
        for (source, summary) in &*records {
            for (reason, count) in summary.refused() {
                text.line("rejects_total", &[("source", source), ("reason", reason)], count);
            }
        }
        text.head("input_bytes_total", "Bytes of messages", "counter");
        for (source, summary) in &*records {
            text.line("input_bytes_total", &[("source", source)], summary.bytes);
        }
    }

    fn times(&self, text: &mut Text) {
        let times = self.latency.lock().unwrap_or_else(PoisonError::into_inner);
        let name = "latency_seconds";
        text.head(name, "From the broker's receipt of a message until its output was stored", "histogram");
        let mut sum = 0;
        for (bound, count) in BOUNDS.iter().zip(times.classes) {
            sum += count;
            text.line("latency_seconds_bucket", &[("le", &bound.to_string())], sum);
        }
        text.line("latency_seconds_bucket", &[("le", "+Inf")], times.count);
        text.line("latency_seconds_sum", &[], times.sum);
        text.line("latency_seconds_count", &[], times.count);
    }
}

/// Lines of Prometheus' text format. Writing to a string does not fail.
struct Text(String);

impl Text {
    fn head(&mut self, name: &str, help: &str, kind: &str) {
        let _ = writeln!(self.0, "# HELP xdr_worker_{name} {help}.\n# TYPE xdr_worker_{name} {kind}");
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        let _ = write!(self.0, "xdr_worker_{name}");
        for (number, (label, text)) in labels.iter().enumerate() {
            let _ = write!(self.0, "{}{label}=\"", if number == 0 { '{' } else { ',' });
            for character in text.chars() {
                match character {
                    '\\' => self.0.push_str("\\\\"),
                    '"' => self.0.push_str("\\\""),
                    '\n' => self.0.push_str("\\n"),
                    other => self.0.push(other),
                }
            }
            self.0.push('"');
        }
        let _ = writeln!(self.0, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xdr_model::Token;
    use xdr_runtime::engine::{Issues, Outcome};
    use xdr_runtime::record::Status;
    use xdr_runtime::sink::Reason;

    #[test]
    fn counts_are_text_that_prometheus_reads() {
        let meters = Meters::new();
        let mut summary = Summary::default();
        summary.bytes = 99;
        let issues = Issues::from_iter([(Some(Token::SourcePort), Reason::Other("odd \"word\" \\ \n"))]);
        summary.add(&Outcome { status: Some(Status::Partial), issues, ..Outcome::default() }, 9);
        summary.reject("no header");
        for _ in 0..2 {
            meters.add("acme", &summary);
        }
        for seconds in [0.0009, 0.3, 99.0] {
            meters.took(seconds);
        }
        meters.lag.store(7, Ordering::Relaxed);
        let text = meters.text();
        for line in [
            "# TYPE xdr_worker_records_total counter",
            "xdr_worker_records_total{source=\"acme\",status=\"mapped\"} 0",
            "xdr_worker_records_total{source=\"acme\",status=\"partial\"} 2",
            "xdr_worker_records_total{source=\"acme\",status=\"rejected\"} 2",
            "xdr_worker_issues_total{source=\"acme\",token=\"sourcePort\",reason=\"odd \\\"word\\\" \\\\ \\n\"} 2",
            "xdr_worker_rejects_total{source=\"acme\",reason=\"no header\"} 2",
            "xdr_worker_input_bytes_total{source=\"acme\"} 198",
            "xdr_worker_lag_messages 7",
            "xdr_worker_ready 0",
            "xdr_worker_latency_seconds_bucket{le=\"0.001\"} 1",
            "xdr_worker_latency_seconds_bucket{le=\"0.25\"} 1",
            "xdr_worker_latency_seconds_bucket{le=\"0.5\"} 2",
            "xdr_worker_latency_seconds_bucket{le=\"60\"} 2",
            "xdr_worker_latency_seconds_bucket{le=\"+Inf\"} 3",
            "xdr_worker_latency_seconds_sum 99.3009",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }

    #[test]
    fn a_worker_is_ready_while_the_broker_answers_and_it_is_not_stopping() {
        let meters = Meters::new();
        assert!(!meters.is_ready() && meters.is_live());
        meters.answered();
        let (one, two) = (meters.begins(), meters.begins());
        assert!(meters.is_ready() && meters.is_live());
        meters.stop();
        assert!(!meters.is_ready() && meters.is_live());
        let early = Instant::now().checked_sub(2 * STUCK).unwrap();
        meters.mapping.lock().unwrap().insert(two, early);
        meters.ends(one);
        assert!(!meters.is_live(), "one is stuck");
        meters.ends(two);
        assert!(meters.is_live());
    }
}
