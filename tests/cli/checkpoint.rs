//! `--checkpoint`: however a run is ended, the ones after it leave each record once, in the bytes of a run that nothing disturbed.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use super::{Done, fed, login, normalize, ran, xdr};

/// An empty folder of a test.
fn folder(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("checkpoint").join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

/// Numbers that nobody can foresee, of a seed that is told.
pub(crate) struct Dice(u64);

impl Dice {
    #[expect(clippy::print_stderr, reason = "a failure is told with its seed")]
    pub(crate) fn new() -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let seed = u64::try_from(now.as_nanos() % u128::from(u64::MAX)).unwrap() | 1;
        eprintln!("seed {seed}");
        Self(seed)
    }

    pub(crate) fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

/// Lines of records, of what are none, of arrays, and long ones; no line break at the end.
fn input(count: usize) -> Vec<u8> {
    let line = |number: usize| match number % 31 {
        5 => format!("no record {number}\n"),
        11 => format!("[{}, {}, 5]\r\n", login(&format!("a{number}")), login(&format!("b{number}"))),
        17 => "\n".to_owned(),
        23 => format!("{}\n", "long".repeat(700 + number % 100)),
        _ => login(&format!("user{number}")) + "\n",
    };
    let mut out: Vec<u8> = (0..count).flat_map(|number| line(number).into_bytes()).collect();
    out.extend_from_slice(login("last").as_bytes());
    out
}

/// The files of a run.
struct Files {
    output: String,
    rejects: String,
    checkpoint: String,
    inputs: Vec<String>,
    more: Vec<String>,
}

impl Files {
    fn new(folder: &Path, inputs: &[&str], more: &[&str]) -> Self {
        let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
        Self {
            output: path("events"),
            rejects: path("rejects"),
            checkpoint: path("state"),
            inputs: inputs.iter().map(|name| path(name)).collect(),
            more: more.iter().map(|word| (*word).to_owned()).collect(),
        }
    }

    fn args(&self) -> Vec<String> {
        let fixed = ["--max-record", "2000", "--output", &self.output, "--rejects", &self.rejects];
        let args = normalize("teleport", &fixed);
        let checkpoint = ["--checkpoint", &self.checkpoint];
        let words = args.into_iter().chain(checkpoint).map(str::to_owned);
        words.chain(self.more.clone()).chain(self.inputs.clone()).collect()
    }

    fn start(&self) -> Child {
        xdr(self.args()).spawn().unwrap()
    }

    /// What stands in the outputs, unpacked.
    fn written(&self) -> (Vec<u8>, Vec<u8>) {
        let read = |path: &str| {
            let bytes = fs::read(path).unwrap();
            match self.more.iter().map(String::as_str).collect::<Vec<_>>()[..] {
                [_, "zstd", ..] => zstd::decode_all(&bytes[..]).unwrap(),
                [_, "gzip", ..] => {
                    let mut out = Vec::new();
                    std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(&bytes[..]), &mut out)
                        .unwrap();
                    out
                }
                _ => bytes,
            }
        };
        (read(&self.output), read(&self.rejects))
    }

    /// What a run that nothing disturbs makes of the inputs.
    fn expected(&self) -> (Vec<u8>, Vec<u8>) {
        let rejects = format!("{}.expected", self.rejects);
        let inputs: Vec<&str> = self.inputs.iter().map(String::as_str).collect();
        let args = normalize("teleport", &["--max-record", "2000", "--quiet", "--rejects", &rejects]);
        let done = ran([&args[..], &inputs].concat()).expect(0);
        (done.stdout, fs::read(rejects).unwrap())
    }

    fn must_be_whole(&self, what: &str) {
        let ((events, rejects), expected) = (self.written(), self.expected());
        let count = |text: &[u8]| memchr::memchr_iter(b'\n', text).count();
        assert_eq!((count(&events), count(&rejects)), (count(&expected.0), count(&expected.1)), "{what}");
        assert!((events, rejects) == expected, "{what}: other bytes");
    }
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn a_hundred_kills_lose_and_double_nothing() {
    let mut dice = Dice::new();
    let (mut kills, mut rounds) = (0, 0);
    let text = input(36_000);
    let (half, gzip) = (text.len() / 2, {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&text).unwrap();
        encoder.finish().unwrap()
    });
    let variants: [(&[&str], &[&str]); 6] = [
        (&["a.log"], &["--threads", "1"]),
        (&["1.log", "2.log"], &["--threads", "2"]),
        (&["a.log"], &["--compress", "zstd", "--threads", "2"]),
        (&["a.gz"], &["--threads", "3"]),
        (&["1.log", "a.gz", "2.log"], &["--compress", "gzip", "--threads", "1"]),
        (&["a.log"], &["--threads", "4"]),
    ];
    while kills < 100 {
        let (inputs, more) = variants[rounds % variants.len()];
        let folder = folder("kills");
        fs::write(folder.join("a.log"), &text).unwrap();
        fs::write(folder.join("a.gz"), &gzip).unwrap();
        fs::write(folder.join("1.log"), &text[..half]).unwrap();
        fs::write(folder.join("2.log"), &text[half..]).unwrap();
        let files = Files::new(&folder, inputs, more);
        loop {
            let mut child = files.start();
            let wait = Duration::from_millis(dice.below(500));
            let began = std::time::Instant::now();
            let mut ended = None;
            while began.elapsed() < wait && ended.is_none() {
                std::thread::sleep(Duration::from_millis(1));
                ended = child.try_wait().unwrap();
            }
            if let Some(status) = ended {
                assert!(status.success(), "{}", Done::of(child).stderr);
                break;
            }
            signal(&child, "-KILL");
            child.wait().unwrap();
            kills += 1;
        }
        files.must_be_whole(&format!("round {rounds}, {kills} kills, {inputs:?} {more:?}"));
        // Once more: nothing is left to do, and nothing is done twice.
        Done::of(files.start()).expect(0);
        files.must_be_whole(&format!("round {rounds} again"));
        rounds += 1;
    }
}

#[test]
fn a_signal_keeps_a_checkpoint_of_what_was_done() {
    let folder = folder("signal");
    fs::write(folder.join("a.log"), input(60_000)).unwrap();
    for (name, status) in [("-TERM", 143), ("-INT", 130)] {
        let files = Files::new(&folder, &["a.log"], &["--threads", "2"]);
        for path in [&files.output, &files.rejects, &files.checkpoint] {
            let _ = fs::remove_file(path);
        }
        let mut stopped = 0;
        for wait in [100, 150, 200, 10_000] {
            let child = files.start();
            std::thread::sleep(Duration::from_millis(wait));
            let _ = Command::new("kill").args([name, &child.id().to_string()]).stderr(Stdio::null()).status();
            let done = Done::of(child);
            if done.status == Some(status) {
                stopped += 1;
                // What is in the outputs is what the checkpoint says.
                let kept: serde_json::Value =
                    serde_json::from_slice(&fs::read(&files.checkpoint).unwrap()).unwrap();
                assert_eq!(kept["output"]["length"], fs::metadata(&files.output).unwrap().len());
                assert_eq!(kept["rejects"]["length"], fs::metadata(&files.rejects).unwrap().len());
            } else {
                done.expect(0);
            }
        }
        assert!(stopped >= 1, "no run was stopped");
        files.must_be_whole(name);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_ends_a_run_and_the_next_one_goes_on() {
    let folder = folder("full");
    fs::write(folder.join("a.log"), input(30_000)).unwrap();
    for (more, limit) in
        [(&["--threads", "1"][..], 1000), (&["--threads", "2"], 5000), (&["--compress", "zstd"], 100)]
    {
        let files = Files::new(&folder, &["a.log"], more);
        for path in [&files.output, &files.rejects, &files.checkpoint] {
            let _ = fs::remove_file(path);
        }
        for limit in [limit, limit + limit / 2] {
            // Blocks of 512 bytes or of 1024, by the shell.
            let script = format!(
                "trap '' XFSZ; ulimit -f {limit}; exec '{}' {}",
                env!("CARGO_BIN_EXE_xdr"),
                files.args().join(" ")
            );
            let mut command = Command::new("sh");
            command.args(["-c", &script]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
            let done = Done::of(command.spawn().unwrap()).expect(1);
            assert!(done.stderr.contains("xdr: error: cannot write `"), "{}", done.stderr);
        }
        Done::of(files.start()).expect(0);
        files.must_be_whole(&format!("{more:?}"));
    }
}

#[test]
fn an_input_that_has_grown_is_read_on() {
    let folder = folder("grown");
    let text = input(300);
    let files = Files::new(&folder, &["a.log"], &[]);
    // Also within lines, whose first half was taken for a line by the run before.
    let mut ends: Vec<usize> = (0..20).map(|part| text.len() * part / 20).collect();
    ends.push(text.len());
    for end in ends {
        fs::write(folder.join("a.log"), &text[..end]).unwrap();
        Done::of(files.start()).expect(0);
        files.must_be_whole(&format!("{end} bytes"));
    }
    fs::write(folder.join("a.log"), [&text[..], b"\n", login("more").as_bytes(), b"\n"].concat()).unwrap();
    Done::of(files.start()).expect(0);
    files.must_be_whole("more");
}

#[test]
fn an_input_that_broke_off_is_read_on_when_it_is_whole() {
    let folder = folder("torn");
    let text = input(20_000);
    let packed = zstd::encode_all(&text[..], 1).unwrap();
    let files = Files::new(&folder, &["a.zst"], &["--threads", "2"]);
    for part in [3, 2] {
        fs::write(folder.join("a.zst"), &packed[..packed.len() / part]).unwrap();
        let done = Done::of(files.start()).expect(1);
        assert!(done.stderr.contains("xdr: error: cannot read `"), "{}", done.stderr);
    }
    fs::write(folder.join("a.zst"), &packed).unwrap();
    Done::of(files.start()).expect(0);
    files.must_be_whole("torn twice");
}

#[test]
fn the_moment_of_receipt_is_that_of_the_first_run() {
    let folder = folder("received");
    let line = "%ASA-6-113007: User kim unlocked by administrator\n";
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (log, output, state) = (path("a.log"), path("events"), path("state"));
    for count in [1, 2] {
        fs::write(&log, line.repeat(count)).unwrap();
        std::thread::sleep(Duration::from_millis(5));
        let args =
            ["normalize", "--source", "cisco-anyconnect", "--checkpoint", &state, "--output", &output, &log];
        ran(args).expect(0);
    }
    let text = fs::read_to_string(&output).unwrap();
    let times: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["collectorReceivedTime"].clone())
        .collect();
    assert!(times.len() == 2 && times[0] == times[1], "{times:?}");
}

#[test]
fn what_does_not_fit_the_checkpoint_is_an_error_and_nothing_is_touched() {
    let folder = folder("errors");
    let log = folder.join("a.log");
    let text = input(200);
    fs::write(&log, &text).unwrap();
    let files = Files::new(&folder, &["a.log"], &[]);
    Done::of(files.start()).expect(0);
    let whole = files.written();
    let says = |args: Vec<String>, status: i32, expected: &str| {
        let done = fed(&args, b"").expect(status);
        let first = done.stderr.lines().next().unwrap_or_default();
        assert!(
            first.starts_with("xdr: error: ") && first.contains(expected),
            "{first}\nexpected {expected}"
        );
        assert!(files.written() == whole, "{expected}");
    };
    let with = |from: &str, to: &str| -> Vec<String> {
        files.args().into_iter().map(|word| if word == from { to.to_owned() } else { word }).collect()
    };
    let also = |more: &[&str]| -> Vec<String> {
        files.args().into_iter().chain(more.iter().map(|word| (*word).to_owned())).collect()
    };
    says(with("teleport", "citrix-vpn"), 1, "is of a run with source \"teleport\", found \"citrix-vpn\"");
    says(also(&["--compress", "zstd"]), 1, "is of a run with --compress");
    says(also(&[files.inputs[0].as_str()]), 1, "is of a run with inputs");
    let other = folder.join("other").to_str().unwrap().to_owned();
    says(with(&files.output, &other), 1, "is of a run with output");
    fs::write(folder.join("b.log"), b"").unwrap();

    // Other inputs under the same name.
    fs::write(&log, b"short\n").unwrap();
    says(files.args(), 1, "is not the file that was read up to byte");
    let near = text.len() - 400;
    fs::write(&log, [&text[..near], b"x", &text[near + 1..]].concat()).unwrap();
    says(files.args(), 1, "is not the file that was read up to byte");
    fs::write(&log, &text).unwrap();

    // Outputs that are shorter, or of nobody.
    fs::write(&files.rejects, b"").unwrap();
    let done = fed(files.args(), b"").expect(1);
    assert!(done.stderr.contains("has 0 bytes, and the checkpoint is of "), "{}", done.stderr);
    fs::write(&files.rejects, &whole.1).unwrap();
    let elsewhere = folder.join("elsewhere").to_str().unwrap().to_owned();
    says(with(&files.checkpoint, &elsewhere), 1, "and there is no checkpoint that knows of them");
    assert!(!Path::new(&elsewhere).exists());
    fs::write(&elsewhere, b"{}").unwrap();
    says(with(&files.checkpoint, &elsewhere), 1, "is no checkpoint: missing field");

    // What cannot be read again or cut.
    let state = files.checkpoint.as_str();
    // Nobody writes to the pipe, so to open it would take forever.
    let pipe = folder.join("pipe").to_str().unwrap().to_owned();
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for (args, expected) in [
        (
            &["--checkpoint", state, "--output", &other, &pipe][..],
            "--checkpoint needs files that can be read again, and `",
        ),
        (
            &["--checkpoint", state, files.inputs[0].as_str()],
            "--checkpoint needs a file that it can cut, and standard output is none",
        ),
        (
            &["--checkpoint", state, "--output", &other],
            "--checkpoint needs files that can be read again, and standard input is none",
        ),
        (
            &["--checkpoint", state, "--output", &other, "--format", "parquet", files.inputs[0].as_str()],
            "a Parquet file is complete or not there",
        ),
        (
            &["--checkpoint", state, "--output", "/dev/null", files.inputs[0].as_str(), "--quiet"],
            "is of a run with",
        ),
    ] {
        let args = normalize("teleport", args).into_iter().map(str::to_owned).collect();
        says(args, if expected.starts_with("is of") { 1 } else { 2 }, expected);
    }
    // It still goes on.
    Done::of(files.start()).expect(0);
    assert!(files.written() == whole);
}

#[test]
fn two_runs_do_not_write_the_same_file() {
    let folder = folder("two");
    fs::write(folder.join("a.log"), input(60_000)).unwrap();
    let files = Files::new(&folder, &["a.log"], &[]);
    let first = files.start();
    while !Path::new(&files.checkpoint).exists() {
        std::thread::sleep(Duration::from_millis(2));
    }
    let second = Done::of(files.start()).expect(1);
    assert!(second.stderr.contains("is being written by another run"), "{}", second.stderr);
    Done::of(first).expect(0);
    files.must_be_whole("two runs");
}

#[test]
fn there_may_be_more_inputs_than_files_that_a_process_may_have_open() {
    let folder = folder("many");
    let names: Vec<String> = (0..120).map(|number| format!("{number:03}.log")).collect();
    for name in &names {
        fs::write(folder.join(name), login(&format!("user{name}")) + "\n").unwrap();
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let files = Files::new(&folder, &names, &[]);
    let args = files.args().join("' '");
    for _ in 0..2 {
        let script = format!("ulimit -n 40; exec '{}' '{args}'", env!("CARGO_BIN_EXE_xdr"));
        let mut command = Command::new("sh");
        command.args(["-c", &script]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Done::of(command.spawn().unwrap()).expect(0);
        files.must_be_whole("with 40 files");
        // And once more, from where it ended.
        fs::write(folder.join("119.log"), (login("user119.log") + "\n").repeat(2)).unwrap();
    }
}
