//! `--follow`: files that grow and are rotated, by runs that are stopped and killed; each record is in the output once.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::checkpoint::Dice;
use super::{Done, login, normalize, ran, xdr};

fn folder(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("follow").join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

/// Waits until this is so, but not for ever.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(60), "there is not {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A run that ends with its test, also if that fails.
struct Running(Option<Child>);

impl Running {
    fn child(&mut self) -> &mut Child {
        self.0.as_mut().unwrap()
    }

    fn kill(mut self) {
        let child = self.child();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Asks it to stop.
    fn stop(mut self) -> Done {
        let child = self.0.take().unwrap();
        assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
        Done::of(child).expect(143)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A log that is written and rotated, and a run that follows it.
struct Log {
    folder: PathBuf,
    /// How many records were written.
    count: usize,
    more: Vec<&'static str>,
}

impl Log {
    fn new(name: &str, more: &[&'static str]) -> Self {
        let folder = folder(name);
        File::create(folder.join("a.log")).unwrap();
        Self { folder, count: 0, more: more.to_vec() }
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    fn start(&self) -> Running {
        let (log, output, state) = (self.path("a.log"), self.path("events"), self.path("state"));
        let args = ["--follow", "--output", &output, "--checkpoint", &state, &log];
        let child = xdr(normalize("teleport", &[&args[..], &self.more].concat())).spawn().unwrap();
        // What is rotated before a first run has opened it is none of its business.
        let mut running = Running(Some(child));
        until("a first checkpoint", || {
            Path::new(&state).exists() || running.child().try_wait().unwrap().is_some()
        });
        running
    }

    /// Appends so many records to a file.
    fn write(&mut self, file: &mut File, count: usize) {
        for _ in 0..count {
            let line = login(&format!("user{}", self.count)) + "\n";
            // A part first: nobody must take it for a line.
            let (head, tail) = line.split_at(self.count % line.len());
            file.write_all(head.as_bytes()).unwrap();
            if self.count.is_multiple_of(50) {
                std::thread::sleep(Duration::from_millis(2));
            }
            file.write_all(tail.as_bytes()).unwrap();
            self.count += 1;
        }
    }

    fn append(&mut self, count: usize) {
        let mut file = File::options().append(true).open(self.path("a.log")).unwrap();
        self.write(&mut file, count);
    }

    /// How often each user is in the output.
    fn users(&self) -> BTreeMap<String, usize> {
        let mut users = BTreeMap::new();
        let text = fs::read_to_string(self.path("events")).unwrap_or_default();
        for line in text.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            let event: Value = serde_json::from_str(line).unwrap();
            assert_eq!(event["xdr"]["status"], "mapped", "{event}");
            let is_user =
                |text: &&str| text.strip_prefix("user").is_some_and(|rest| rest.parse::<usize>().is_ok());
            let user = event.as_object().unwrap().values().filter_map(Value::as_str).find(is_user);
            *users.entry(user.unwrap().to_owned()).or_default() += 1;
        }
        users
    }

    /// Waits until all records are in the output; each must be there once.
    fn await_all(&self, what: &str) {
        let began = Instant::now();
        loop {
            let users = self.users();
            let doubled: Vec<_> = users.iter().filter(|(_, times)| **times > 1).collect();
            assert!(doubled.is_empty(), "{what}: {} records twice, {doubled:?}", doubled.len());
            if users.len() == self.count {
                return;
            }
            let state = || fs::read_to_string(self.path("state")).unwrap_or_default();
            let missing =
                || (0..self.count).filter(|n| !users.contains_key(&format!("user{n}"))).collect::<Vec<_>>();
            assert!(
                began.elapsed() < Duration::from_secs(20),
                "{what}: without {:?}\n{}",
                missing(),
                state()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn rename(&self) {
        for number in (1..9).rev() {
            let _ = fs::rename(
                self.path(&format!("a.log.{number}")),
                self.path(&format!("a.log.{}", number + 1)),
            );
        }
        fs::rename(self.path("a.log"), self.path("a.log.1")).unwrap();
        File::create(self.path("a.log")).unwrap();
    }

    /// Rotates as programs do that give the newest file the highest number.
    fn rename_upwards(&self, number: usize) {
        fs::rename(self.path("a.log"), self.path(&format!("a.log.{number}"))).unwrap();
        File::create(self.path("a.log")).unwrap();
    }

    fn copy_and_cut(&self) {
        for number in (1..9).rev() {
            let _ = fs::rename(
                self.path(&format!("a.log.{number}")),
                self.path(&format!("a.log.{}", number + 1)),
            );
        }
        fs::copy(self.path("a.log"), self.path("a.log.1")).unwrap();
        File::options().write(true).open(self.path("a.log")).unwrap().set_len(0).unwrap();
    }
}

#[test]
fn records_come_out_as_they_are_written_and_a_signal_ends_it() {
    let mut log = Log::new("grows", &["--threads", "1"]);
    log.append(3);
    let child = log.start();
    log.await_all("at the beginning");
    for _ in 0..5 {
        log.append(20);
        log.await_all("while it grows");
    }
    // Half a line is not taken for one.
    let mut file = File::options().append(true).open(log.path("a.log")).unwrap();
    file.write_all(b"{\"event\":\"half").unwrap();
    let done = child.stop();
    log.await_all("at the end");
    assert!(done.stderr.contains("teleport: 103 records, "), "{}", done.stderr);
    assert!(done.stderr.contains("stopped by SIGTERM"), "{}", done.stderr);
}

#[test]
fn a_file_that_is_renamed_is_read_to_its_end_then_the_new_one() {
    let mut log = Log::new("renamed", &["--threads", "2"]);
    let child = log.start();
    for round in 0..3 {
        log.append(100);
        let mut old = File::options().append(true).open(log.path("a.log")).unwrap();
        log.rename();
        // Its writer does not know yet.
        log.write(&mut old, 20);
        log.append(30);
        std::thread::sleep(Duration::from_millis(100));
        log.write(&mut old, 5);
        log.await_all(&format!("round {round}"));
    }
    child.stop();
    log.await_all("at the end");
}

#[test]
fn files_that_are_rotated_faster_than_they_are_read_are_all_read() {
    let mut log = Log::new("fast", &[]);
    let child = log.start();
    for _ in 0..6 {
        log.append(40);
        log.rename();
    }
    log.append(10);
    log.await_all("after six rotations at once");
    child.stop();
    log.await_all("at the end");
}

#[test]
fn numbers_that_count_up_are_told_by_the_times_of_the_files() {
    let mut log = Log::new("upwards", &[]);
    let mut child = log.start();
    for number in 1..6 {
        log.append(40);
        log.await_all(&format!("before {number}"));
        if number == 4 {
            // Two rotations that nobody sees.
            child.stop();
            log.append(10);
            log.rename_upwards(14);
            log.append(10);
            std::thread::sleep(Duration::from_millis(1100));
            log.rename_upwards(15);
            child = log.start();
        } else {
            log.rename_upwards(if number < 4 { 10 + number } else { 11 + number });
        }
        log.append(20);
        std::thread::sleep(Duration::from_millis(1100));
    }
    log.await_all("after the last");
    child.stop();
    log.await_all("at the end");
}

#[test]
fn a_file_that_is_copied_and_cut_is_read_to_its_end_then_anew() {
    let mut log = Log::new("cut", &[]);
    let child = log.start();
    for round in 0..6 {
        log.append(200);
        if round % 2 == 0 {
            log.await_all(&format!("round {round}, before"));
            log.append(10);
        }
        log.copy_and_cut();
        // More, or fewer, than were there before.
        log.append(if round % 3 == 0 { 300 } else { 7 });
        log.await_all(&format!("round {round}"));
    }
    child.stop();
    log.await_all("at the end");
}

#[test]
fn kills_and_rotations_at_any_moment_lose_and_double_nothing() {
    let mut dice = Dice::new();
    let mut log = Log::new("kills", &["--threads", "2"]);
    let mut child = log.start();
    let (mut kills, mut rotations) = (0, 0);
    while kills < 30 {
        log.append(usize::try_from(dice.below(400)).unwrap());
        std::thread::sleep(Duration::from_millis(dice.below(300)));
        match dice.below(6) {
            // Rotation by number would end at 9, so what is older must be done.
            0 | 1 if rotations % 4 == 3 => {
                log.await_all("before a rotation");
                rotations += 1;
            }
            0 => {
                log.rename();
                rotations += 1;
            }
            1 => {
                // Some of it must have been read, or a copy cannot be known for one.
                log.await_all("before a copy");
                log.append(usize::try_from(1 + dice.below(50)).unwrap());
                log.copy_and_cut();
                rotations += 1;
            }
            2 if rotations % 4 != 3 => {
                log.rename();
                rotations += 1;
                child.kill();
                kills += 1;
                log.append(50);
                child = log.start();
            }
            _ => {
                child.kill();
                kills += 1;
                log.append(usize::try_from(dice.below(50)).unwrap());
                child = log.start();
            }
        }
        if let Some(status) = child.child().try_wait().unwrap() {
            panic!("{status}: {}", Done::of(child.0.take().unwrap()).stderr);
        }
    }
    log.await_all(&format!("{kills} kills, {rotations} rotations"));
    child.stop();
    log.await_all("at the end");
}

#[test]
fn several_files_are_followed_at_once_and_equal_lines_have_ids_of_their_own() {
    let folder = folder("several");
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (a, b, output) = (path("a.log"), path("b.log"), path("events"));
    for file in [&a, &b] {
        fs::write(file, login("kim") + "\n").unwrap();
    }
    let child = xdr(normalize("teleport", &["--follow", "--output", &output, &a, &b])).spawn().unwrap();
    let child = Running(Some(child));
    let lines = |count: usize| {
        let began = Instant::now();
        loop {
            let text = fs::read_to_string(&output).unwrap_or_default();
            if text.lines().count() == count {
                return text;
            }
            assert!(began.elapsed() < Duration::from_secs(20), "{text}");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    lines(2);
    for (number, file) in [&b, &a, &b, &b].into_iter().enumerate() {
        let mut file = File::options().append(true).open(file).unwrap();
        writeln!(file, "{}", login("lee")).unwrap();
        lines(number + 3);
    }
    let text = lines(6);
    let ids: std::collections::BTreeSet<String> = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["eventId"].to_string())
        .collect();
    assert_eq!(ids.len(), 6);
    child.stop();
}

#[test]
fn a_file_that_was_rotated_away_while_nobody_looked_is_found_or_missed_aloud() {
    let mut log = Log::new("away", &[]);
    let child = log.start();
    log.append(100);
    log.await_all("before");
    child.stop();
    log.append(10);
    log.rename();
    log.append(20);
    std::thread::sleep(Duration::from_millis(20));
    log.rename();
    log.append(30);
    let child = log.start();
    log.await_all("after two rotations");
    child.stop();
    for number in 1..9 {
        let _ = fs::remove_file(log.path(&format!("a.log.{number}")));
    }
    fs::remove_file(log.path("a.log")).unwrap();
    File::create(log.path("a.log")).unwrap();
    let done = Done::of(log.start().0.take().unwrap()).expect(1);
    assert!(done.stderr.contains("records may be missing"), "{}", done.stderr);
}

/// Packs a file as logrotate does: beside it, with its time, and then it is gone.
fn pack(path: &str) {
    let mut packed = flate2::write::GzEncoder::new(
        File::create(format!("{path}.gz")).unwrap(),
        flate2::Compression::fast(),
    );
    packed.write_all(&fs::read(path).unwrap()).unwrap();
    packed.finish().unwrap().set_modified(fs::metadata(path).unwrap().modified().unwrap()).unwrap();
    fs::remove_file(path).unwrap();
}

#[test]
fn what_came_behind_a_file_that_is_gone_is_read_or_missed_aloud() {
    for packs in [false, true] {
        let mut log = Log::new(if packs { "packed" } else { "gone" }, &[]);
        let child = log.start();
        log.append(40);
        log.await_all("before");
        // All within the time in which the first file, which is still open, could grow.
        log.rename();
        std::thread::sleep(Duration::from_millis(20));
        log.append(50);
        log.rename();
        if packs {
            pack(&log.path("a.log.2"));
        } else {
            fs::remove_file(log.path("a.log.2")).unwrap();
        }
        log.append(60);
        log.await_all("after two rotations");
        child.stop();
        log.await_all("at the end");
    }
    let mut log = Log::new("unread", &[]);
    let mut child = log.start();
    log.append(40);
    log.await_all("before");
    for _ in 0..2 {
        log.rename();
        std::thread::sleep(Duration::from_millis(20));
        log.append(50);
    }
    pack(&log.path("a.log.2"));
    pack(&log.path("a.log.1"));
    let done = Done::of(child.0.take().unwrap()).expect(1);
    assert!(done.stderr.contains("a.log.1.gz` came after what was read, and is packed"), "{}", done.stderr);
}

#[test]
fn what_cannot_be_followed_is_wrong_usage() {
    let folder = folder("usage");
    let packed = folder.join("a.log.zst");
    fs::write(&packed, zstd::encode_all(login("kim").as_bytes(), 1).unwrap()).unwrap();
    let packed = packed.to_str().unwrap();
    for (args, message) in [
        (&["--follow"][..], "--follow needs the name of a file".to_owned()),
        (&["--follow", "-"], "--follow needs regular files, and `-` is none".to_owned()),
        (&["--follow", packed], format!("`{packed}` is packed, and such files do not grow")),
    ] {
        ran(normalize("teleport", args)).expect(2).says(&format!("xdr: error: {message}"));
    }
    assert!(Path::new(packed).exists());
}

#[test]
fn a_run_that_goes_on_and_reads_nothing_says_up_to_where_all_is_done() {
    let mut log = Log::new("stopped", &[]);
    let running = log.start();
    log.append(20);
    log.await_all("the first run");
    let first = running.stop();
    let size = fs::metadata(log.path("a.log")).unwrap().len();
    let expected = format!("stopped by SIGTERM, the records before byte {size} of the input are done\n");
    assert!(first.stderr.ends_with(&expected), "{}", first.stderr);
    let state = || fs::metadata(log.path("state")).unwrap().modified().unwrap();
    let before = state();
    let running = log.start();
    // It listens to signals when it has kept a checkpoint.
    until("a checkpoint of the second run", || state() != before);
    let second = running.stop();
    assert!(second.stderr.ends_with(&expected), "{}", second.stderr);
}

#[test]
fn a_run_that_begins_between_the_steps_of_a_rotation_waits_for_the_new_file() {
    let mut log = Log::new("between", &[]);
    log.append(5);
    let (name, output) = (log.path("a.log"), log.path("events"));
    fs::rename(&name, log.path("a.log.1")).unwrap();
    log.count = 0;
    let command = || xdr(normalize("teleport", &["--follow", "--output", &output, &name]));
    let mut running = Running(Some(command().spawn().unwrap()));
    std::thread::sleep(Duration::from_millis(500));
    assert!(running.child().try_wait().unwrap().is_none(), "it waits");
    File::create(&name).unwrap();
    log.append(7);
    log.await_all("of the new file");
    let done = running.stop();
    let waits = format!("xdr: warning: `{name}` was rotated away, the new one is waited for, up to 10s\n");
    assert_eq!(done.stderr.matches(&waits).count(), 1, "{}", done.stderr);
    log.await_all("at the end");

    // Not for ever, not without --follow, and not for a file that never was.
    let missing = format!("xdr: error: cannot read `{name}`: ");
    fs::remove_file(&name).unwrap();
    fs::remove_file(&output).unwrap();
    let done = ran(normalize("teleport", &["--follow", "--output", &output, &name])).expect(1);
    assert!(done.stderr.starts_with(&(waits + &missing)), "{}", done.stderr);
    let at_once = |args: &[&str]| {
        let done = ran(normalize("teleport", args)).expect(1);
        assert!(done.stderr.starts_with(&missing), "{}", done.stderr);
    };
    at_once(&[&name]);
    fs::remove_file(log.path("a.log.1")).unwrap();
    at_once(&["--follow", &name]);
}

#[test]
fn what_takes_the_name_of_a_file_and_cannot_be_followed_ends_the_run() {
    type Replace = fn(&str);
    let cases: [(&str, Replace, &str); 3] = [
        (
            "pipe",
            |path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
            "it is no regular file any more",
        ),
        ("folder", |path| fs::create_dir(path).unwrap(), "it is no regular file any more"),
        (
            "zstd",
            |path| fs::write(path, zstd::encode_all(login("kim").as_bytes(), 1).unwrap()).unwrap(),
            "it is packed now, and such files do not grow",
        ),
    ];
    for (name, replace, reason) in cases {
        let mut log = Log::new(name, &[]);
        let mut running = log.start();
        log.append(10);
        log.await_all("before");
        let path = log.path("a.log");
        fs::rename(&path, log.path("a.log.1")).unwrap();
        replace(&path);
        until("an end", || running.child().try_wait().unwrap().is_some());
        let done = Done::of(running.0.take().unwrap()).expect(1);
        let expected = format!("xdr: error: cannot read `{path}`: {reason}\n");
        assert!(done.stderr.ends_with(&expected), "{}", done.stderr);
        log.await_all("at the end");
    }
}
