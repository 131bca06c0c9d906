//! `--threads`: how many threads map changes nothing of what a run writes, says or leaves behind.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{Done, fed, login, normalize, ran, temporary, xdr};

/// The numbers of threads that are compared with one.
const SEVERAL: [&str; 3] = ["2", "3", "8"];

/// What a run wrote: its events, its rejects and the account but for its first line, which tells the time it took.
#[derive(PartialEq)]
struct Written {
    status: Option<i32>,
    events: Vec<u8>,
    rejects: Vec<u8>,
    account: String,
}

impl Written {
    /// Runs with so many threads. `name` is that of the file of rejects.
    fn by(threads: &str, name: &str, source: &str, more: &[&str], input: &[u8]) -> Self {
        let rejects = temporary(&format!("{name}.{threads}.rejects"), b"");
        let mut args = normalize(source, &["--threads", threads, "--rejects", &rejects]);
        args.extend(more);
        Self::of(fed(args, input), &rejects)
    }

    fn of(done: Done, rejects: &str) -> Self {
        let (first, account) = done.stderr.split_once('\n').unwrap_or_default();
        let counted = first.split_once(" in ").map_or(first, |(counted, _)| counted);
        Self {
            status: done.status,
            account: format!("{counted}\n{account}"),
            events: done.stdout,
            rejects: std::fs::read(rejects).unwrap(),
        }
    }

    fn must_equal(&self, other: &Self, of: &str) {
        assert_eq!(self.account, other.account, "{of}");
        assert_eq!(self.status, other.status, "{of}");
        assert!(self.events == other.events && self.rejects == other.rejects, "{of}: other bytes");
    }
}

/// Every sample of a source and what else may stand in an input, several times, up to about so many bytes. No final line break.
fn mixed(source: &str, length: usize) -> Vec<u8> {
    let folder = format!("{}/mapping-specs/{source}/samples", env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let samples: Vec<u8> = paths.iter().flat_map(|path| std::fs::read(path).unwrap()).collect();
    let mut out = Vec::new();
    let mut round = 0;
    while out.len() < length {
        for (number, line) in samples.split(|byte| *byte == b'\n').enumerate() {
            out.extend(line);
            out.extend(if (number + round) % 5 == 0 { &b"\r\n"[..] } else { b"\n" });
            match (number + round) % 97 {
                0 => out.extend(b"\n \n\r\n"),
                // Longer than a record may be in these runs.
                20 => out.extend([&b"y".repeat(9_000 + round), &b"\r\n"[..]].concat()),
                40 => out.extend(format!("[{}, {}, 5, {{}}]\n[]\n", login("kim"), login("lee")).bytes()),
                60 => out.extend([format!("no record {round}\n").as_bytes(), b"\xff\n"].concat()),
                80 => out.extend(b"{\"event\": \xff\xfe\n"),
                _ => {}
            }
            if out.len() >= length {
                break;
            }
        }
        round += 1;
    }
    out.extend(b"the end");
    out
}

const MIXED: [&str; 2] = ["--max-record", "4000"];

#[test]
fn any_number_of_threads_writes_the_same_bytes() {
    for source in xdr_sources::sources() {
        let name = source.info.name;
        let input = mixed(name, 700_000);
        let file = temporary(&format!("threads.{name}.log"), &input);
        let args = [&MIXED[..], &[&file]].concat();
        let one = Written::by("1", name, name, &args, b"");
        assert_eq!(one.status, Some(0), "{}", one.account);
        assert!(one.rejects.len() > 1000 && one.events.len() > input.len(), "{name}");
        let piped = Written::by("1", name, name, &MIXED, &input);
        one.must_equal(&piped, &format!("{name}: file and pipe"));
        for threads in SEVERAL {
            let several = Written::by(threads, name, name, &args, b"");
            one.must_equal(&several, &format!("{name}: {threads} threads"));
        }
        let piped = Written::by("3", name, name, &MIXED, &input);
        one.must_equal(&piped, &format!("{name}: a pipe, 3 threads"));
    }
}

#[test]
fn rejects_among_the_events_stay_in_their_places() {
    let input = mixed("citrix-vpn", 400_000);
    let file = temporary("threads.among.log", &input);
    let run = |threads| {
        fed(normalize("citrix-vpn", &["--raw", "--strict", "--threads", threads, &file]), b"").expect(3)
    };
    let one = run("1");
    for threads in SEVERAL {
        assert!(run(threads).stdout == one.stdout, "{threads} threads");
    }
}

#[test]
fn packed_inputs_and_several_files_are_the_same_for_any_number_of_threads() {
    let input = mixed("teleport", 600_000);
    let gzip = {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&input).unwrap();
        encoder.finish().unwrap()
    };
    let zstd = zstd::encode_all(&input[..], 1).unwrap();
    let whole = temporary("threads.whole.log", &input);
    let gzip = temporary("threads.whole.log.gz", &gzip);
    let zstd = temporary("threads.whole.log.zst", &zstd);
    // The first ends within a line, the second is empty, the third has one line only.
    let parts = [
        temporary("threads.part.1", &input[..250_000]),
        temporary("threads.part.2", b""),
        temporary("threads.part.3", b"alone"),
        temporary("threads.part.4", &input[250_000..]),
    ];
    let parts: Vec<&str> = parts.iter().map(|part| &**part).collect();
    for files in [&[&*gzip][..], &[&zstd], &[&whole, &gzip, &zstd], &parts] {
        let args = [&MIXED[..], files].concat();
        let one = Written::by("1", "packed", "teleport", &args, b"");
        assert_eq!(one.status, Some(0), "{}", one.account);
        for threads in SEVERAL {
            let several = Written::by(threads, "packed", "teleport", &args, b"");
            one.must_equal(&several, &format!("{files:?}, {threads} threads"));
        }
    }
}

#[test]
fn a_broken_input_ends_alike_for_any_number_of_threads() {
    let packed = zstd::encode_all(&mixed("teleport", 500_000)[..], 1).unwrap();
    let path = temporary("threads.broken.zst", &packed[..packed.len() * 2 / 3]);
    let one = Written::by("1", "broken", "teleport", &[&path], b"");
    assert_eq!(one.status, Some(1));
    assert!(one.account.contains(&format!("xdr: error: cannot read `{path}`: ")), "{}", one.account);
    assert!(String::from_utf8_lossy(&one.rejects).contains("input broke off"));
    for threads in SEVERAL {
        one.must_equal(&Written::by(threads, "broken", "teleport", &[&path], b""), threads);
    }
}

#[test]
fn strict_has_its_status_for_any_number_of_threads() {
    let good: String = (0..3000).map(|number| login(&format!("user{number}")) + "\n").collect();
    let bad = format!("{good}bad\n{good}");
    for threads in ["1", "2", "8"] {
        let args = normalize("teleport", &["--strict", "--threads", threads]);
        fed(&args, good.as_bytes()).expect(0);
        fed(&args, bad.as_bytes()).expect(3);
    }
}

#[test]
fn a_number_of_threads_that_cannot_be_is_wrong_usage() {
    for threads in ["0", "257", "many"] {
        ran(normalize("teleport", &["--threads", threads])).expect(2);
    }
}

#[test]
fn what_is_done_is_written_at_once_for_any_number_of_threads() {
    for threads in ["1", "2", "8"] {
        let mut child =
            xdr(normalize("teleport", &["--threads", threads])).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        for user in ["kim", "lee", "max"] {
            // With each line comes the beginning of another, for which nobody must wait.
            write!(stdin, "{}\n{{\"event\":\"h", login(user)).unwrap();
            let mut line = String::new();
            stdout.read_line(&mut line).unwrap();
            assert!(line.contains(user) && line.ends_with("}\n"), "{threads} threads: {line}");
            writeln!(stdin).unwrap();
            line.clear();
            stdout.read_line(&mut line).unwrap();
            assert!(line.contains("\"rejected\""), "{threads} threads: {line}");
        }
        drop(stdin);
        Done::of(child).expect(0);
    }
}

/// Lines of which every tenth is no record, at least so many bytes.
fn some_bad(length: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for number in 0.. {
        if out.len() >= length {
            break;
        }
        out.extend(if number % 10 == 3 {
            format!("bad {number}\n").into_bytes()
        } else {
            (login(&format!("user{number}")) + "\n").into_bytes()
        });
    }
    out
}

#[test]
fn a_signal_ends_a_run_behind_a_record_whoever_maps() {
    let input = some_bad(8 << 20);
    let file = temporary("threads.signal.log", &input);
    for (threads, taken) in [("1", 300_000), ("2", 1), ("2", 300_000), ("3", 1_500_000), ("8", 100_000)] {
        let rejects = temporary("threads.signal.rejects", b"");
        let args = normalize("teleport", &["--threads", threads, "--rejects", &rejects, &file]);
        let mut child = xdr(args).spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let mut events = vec![0; taken];
        stdout.read_exact(&mut events).unwrap();
        // Now the pipe fills and the run waits for its reader, in the middle of a block.
        std::thread::sleep(Duration::from_millis(300));
        assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
        stdout.read_to_end(&mut events).unwrap();
        let done = Done::of(child).expect(143);
        assert_eq!(events.last(), Some(&b'\n'), "{threads} threads");

        let last = done.stderr.lines().last().unwrap().to_owned();
        let at = last
            .strip_prefix("xdr: error: stopped by SIGTERM, the records before byte ")
            .and_then(|rest| rest.strip_suffix(" of the input are done"))
            .unwrap_or_else(|| panic!("{last}"));
        let at: usize = at.parse().unwrap();
        assert!(at > 0 && at < input.len() && input[at - 1] == b'\n', "{threads} threads: {at}");
        let stopped = Written::of(Done { stdout: events, ..done }, &rejects);
        // Exactly what a run over the bytes before makes of them.
        let before = Written::by("1", "signal", "teleport", &[], &input[..at]);
        assert!(before.rejects.len() > 100);
        assert!(stopped.events == before.events, "{threads} threads");
        assert!(stopped.rejects == before.rejects, "{threads} threads");
        let account = stopped.account.strip_suffix(&format!("{last}\n")).unwrap();
        assert_eq!(account, before.account, "{threads} threads");
    }
}

#[test]
fn a_reader_that_goes_away_ends_the_run_quietly_whoever_maps() {
    let file = temporary("threads.pipe.log", &some_bad(4 << 20));
    for threads in ["1", "2", "8"] {
        let mut child = xdr(normalize("teleport", &["--threads", threads, &file])).spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut vec![0; 200_000]).unwrap();
        drop(stdout);
        assert_eq!(Done::of(child).expect(0).stderr, "", "{threads} threads");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_device_is_an_error_whoever_maps() {
    let file = temporary("threads.full.log", &some_bad(1 << 20));
    for threads in ["1", "2", "8"] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let child = xdr(normalize("teleport", &["--threads", threads, &file])).stdout(full).spawn().unwrap();
        let done = Done::of(child).expect(1);
        done.says("xdr: error: cannot write standard output: No space left on device (os error 28)");
        let args = ["--threads", threads, "--rejects", "/dev/full", &file];
        let done = ran(normalize("teleport", &args)).expect(1);
        done.says("xdr: error: cannot write `/dev/full`: No space left on device (os error 28)");
    }
}

/// The most memory a process has used so far, in bytes.
#[cfg(target_os = "linux")]
fn peak_memory(child: &Child) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() << 10
}

/// Reads some of the output, then waits until the program, which is not to be read further, uses no more processor time.
#[cfg(target_os = "linux")]
fn peak_of_a_stalled_run(threads: &str, file: &str, taken: usize) -> usize {
    let used = |child: &Child| {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
        let fields: Vec<u64> = stat
            .rsplit(')')
            .next()
            .unwrap()
            .split_whitespace()
            .filter_map(|field| field.parse().ok())
            .collect();
        // Fields 14 and 15 of the whole line; the numbers behind the name begin with the fourth.
        fields[10] + fields[11]
    };
    let mut child = xdr(normalize("teleport", &["--threads", threads, file])).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut vec![0; taken]).unwrap();
    let (began, mut before, mut still) = (Instant::now(), used(&child), 0);
    while still < 4 {
        assert!(began.elapsed() < Duration::from_secs(120), "the run goes on though nobody reads it");
        std::thread::sleep(Duration::from_millis(250));
        let now = used(&child);
        still = if now == before { still + 1 } else { 0 };
        before = now;
    }
    let peak = peak_memory(&child);
    drop(stdout);
    Done::of(child).expect(0);
    peak
}

/// What the program has at its start, tables and threads included, before there is much to map.
#[cfg(target_os = "linux")]
fn peak_at_the_start(threads: &str) -> usize {
    let mut child =
        xdr(normalize("teleport", &["--threads", threads, "-"])).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"x\n").unwrap();
    child.stdout.as_mut().unwrap().read_exact(&mut [0; 16]).unwrap();
    let peak = peak_memory(&child);
    drop(stdin);
    Done::of(child).expect(0);
    peak
}

#[test]
#[cfg(target_os = "linux")]
fn a_slow_reader_stops_the_run_not_its_memory() {
    let usual = temporary("threads.slow.log", &some_bad(60 << 20));
    // Each makes some 90 times as many bytes of rejects.
    let hostile = temporary("threads.hostile.log", &b"x\n".repeat(4 << 20));
    let long = temporary("threads.long.log", &[&b"x".repeat(1 << 20)[..], b"\n"].concat().repeat(60));
    for (threads, most) in [("1", 14 << 20), ("2", 38 << 20), ("8", 86 << 20)] {
        let start = peak_at_the_start(threads);
        for file in [&usual, &hostile, &long] {
            let peak = peak_of_a_stalled_run(threads, file, 100_000);
            assert!(
                peak < start + most,
                "{threads} threads, {file}: {peak} bytes at the peak, {start} at the start"
            );
        }
    }
}
