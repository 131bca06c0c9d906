//! What surrounds a run: pipes that close, disks that are full, signals, inputs without end.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};

use super::{Done, fed, login, normalize, ran, temporary, xdr};

/// Lines of so many records.
fn lines(count: usize) -> Vec<u8> {
    (0..count).flat_map(|number| (login(&format!("user{number}")) + "\n").into_bytes()).collect()
}

#[test]
fn a_reader_that_goes_away_ends_the_run_quietly() {
    let input = temporary("pipe.log", &lines(20_000));
    for args in [normalize("teleport", &[&input]), vec!["tokens"]] {
        let mut child = xdr(&args).spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut [0; 10]).unwrap();
        drop(stdout);
        let done = Done::of(child).expect(0);
        if args.len() > 1 {
            assert_eq!(done.stderr, "");
        }
    }
}

#[test]
fn rejects_are_written_though_nobody_reads_the_events() {
    let input = temporary("half-read.log", &[b"bad\n", &lines(20_000)[..]].concat());
    let rejects = temporary("half-read.ndjson", b"");
    let mut child = xdr(normalize("teleport", &["--rejects", &rejects, &input])).spawn().unwrap();
    drop(child.stdout.take());
    Done::of(child).expect(0);
    assert_eq!(std::fs::read_to_string(&rejects).unwrap().lines().count(), 1);
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_device_is_an_error_that_names_the_output() {
    for args in [normalize("teleport", &["--quiet"]), vec!["tokens"], vec!["guide", "teleport"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let mut child = xdr(&args).stdin(Stdio::piped()).stdout(full).spawn().unwrap();
        // The program may have ended already.
        let _ = child.stdin.take().unwrap().write_all(&lines(2000));
        let done = Done::of(child).expect(1);
        done.says("xdr: error: cannot write standard output: No space left on device (os error 28)");
    }
    let done = fed(normalize("teleport", &["--rejects", "/dev/full"]), b"bad\n").expect(1);
    done.says("xdr: error: cannot write `/dev/full`: No space left on device (os error 28)");
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_that_cannot_grow_ends_behind_a_whole_record() {
    let input = temporary("grow.log", &lines(2000));
    let output = temporary("grow.ndjson", b"");
    // Blocks of 512 bytes or of 1024, by the shell.
    let script = format!(
        "trap '' XFSZ; ulimit -f 100; exec '{}' normalize --source teleport '{input}' > '{output}'",
        env!("CARGO_BIN_EXE_xdr")
    );
    let done = Done::of(
        Command::new("sh")
            .args(["-c", &script])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let done = done.expect(1);
    assert!(done.stderr.starts_with("xdr: error: cannot write standard output: "), "{}", done.stderr);
    let written = std::fs::read_to_string(&output).unwrap();
    assert!(written.ends_with('\n') && written.len() > 10_000, "{} bytes", written.len());
    for line in written.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
}

#[test]
#[cfg(target_os = "linux")]
fn sixty_four_megabytes_without_a_line_break_do_not_fill_the_memory() {
    const MEGABYTES: usize = 64;
    // A debug build takes 31 MiB, 24 of them for a single short line.
    const ENOUGH: usize = 40 << 20;
    let mut child = xdr(normalize("teleport", &["--quiet"])).stdin(Stdio::piped()).spawn().unwrap();
    let stdout = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        let (mut records, mut raw) = (0, 0);
        for line in BufReader::new(stdout).lines() {
            let event: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
            records += 1;
            raw += event["xdr"]["raw"].as_str().unwrap().len();
        }
        (records, raw)
    });
    let mut stdin = child.stdin.take().unwrap();
    for _ in 0..MEGABYTES {
        stdin.write_all(&vec![b'x'; 1 << 20]).unwrap();
    }
    let peak = peak_memory(&child);
    drop(stdin);
    Done::of(child).expect(0);
    assert_eq!(reader.join().unwrap(), (MEGABYTES, MEGABYTES << 20));
    assert!(peak < ENOUGH, "{peak} bytes at the peak");
}

/// The most memory a process has used so far, in bytes.
#[cfg(target_os = "linux")]
fn peak_memory(child: &Child) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() << 10
}

#[test]
fn what_is_done_is_written_while_the_input_waits() {
    let mut child = xdr(normalize("teleport", &["--quiet"])).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for user in ["kim", "lee"] {
        writeln!(stdin, "{}", login(user)).unwrap();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert!(line.contains(user) && line.ends_with("}\n"), "{line}");
    }
    drop(stdin);
    Done::of(child).expect(0);
}

#[test]
fn a_signal_ends_the_run_behind_a_record_with_its_account() {
    for (signal, name, status) in [("-INT", "SIGINT", 130), ("-TERM", "SIGTERM", 143)] {
        let mut child = xdr(normalize("teleport", &[])).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let first = login("kim") + "\n";
        write!(stdin, "{first}{{\"event\":\"half").unwrap();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let killed = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        // The input is still open: the run must not wait for it.
        let done = Done::of(child).expect(status);
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "half a record is not taken for one");
        assert!(done.stderr.starts_with("teleport: 1 record, "), "{}", done.stderr);
        let last = format!(
            "xdr: error: stopped by {name}, the records before byte {} of the input are done\n",
            first.len()
        );
        assert!(done.stderr.ends_with(&last), "{}", done.stderr);
        drop(stdin);
    }
}

#[test]
fn what_was_read_from_a_pipe_is_done_when_a_signal_comes() {
    for threads in ["1", "2", "4"] {
        // As much as a pipe takes at once; its events are more than that.
        let input = lines(400);
        assert!(input.len() < 60_000);
        let mut child =
            xdr(normalize("teleport", &["--threads", threads])).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(&input).unwrap();
        // Now the input is read, and the run waits for the reader of its output.
        std::thread::sleep(std::time::Duration::from_millis(500));
        assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
        std::thread::sleep(std::time::Duration::from_millis(200));
        let done = Done::of(child).expect(143);
        assert_eq!(done.events().len(), 400, "{threads} threads");
        assert!(done.stderr.starts_with("teleport: 400 records, "), "{}", done.stderr);
        let last =
            format!("stopped by SIGTERM, the records before byte {} of the input are done\n", input.len());
        assert!(done.stderr.ends_with(&last), "{}", done.stderr);
        drop(stdin);
    }
}

#[test]
fn what_comes_through_a_pipe_is_received_when_it_is_read() {
    let mut child =
        xdr(["normalize", "--quiet", "--source", "cisco-anyconnect"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut times = Vec::new();
    for _ in 0..2 {
        writeln!(stdin, "%ASA-6-113007: User kim unlocked by administrator").unwrap();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let event: serde_json::Value = serde_json::from_str(&line).unwrap();
        times.push(event["collectorReceivedTime"].as_str().unwrap().to_owned());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(times[0] < times[1], "{times:?}");
    drop(stdin);
    Done::of(child).expect(0);
}

#[test]
fn a_named_pipe_is_read_like_a_file() {
    let path = format!("{}/named.pipe", env!("CARGO_TARGET_TMPDIR"));
    let _ = std::fs::remove_file(&path);
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    let target = path.clone();
    let writer = std::thread::spawn(move || std::fs::write(target, lines(3)).unwrap());
    let done = ran(normalize("teleport", &[&path])).expect(0);
    writer.join().unwrap();
    assert_eq!(done.events().len(), 3);
}
