//! `--output` and `--compress`: where events go and how they are packed changes nothing of them.

use std::io::Read;
use std::process::Stdio;

use super::{Done, absent, fed, login, normalize, ran, temporary, xdr};

fn unpacked(kind: &str, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    match kind {
        "gzip" => flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut out)?,
        _ => zstd::stream::read::Decoder::new(bytes)?.read_to_end(&mut out)?,
    };
    Ok(out)
}

/// Lines of which some are no records.
fn input(count: usize) -> Vec<u8> {
    let line = |number| match number % 7 {
        3 => format!("no record {number}\n"),
        _ => login(&format!("user{number}")) + "\n",
    };
    (0..count).flat_map(|number| line(number).into_bytes()).collect()
}

#[test]
fn packed_events_and_rejects_are_those_that_are_not_packed() {
    let file = temporary("compress.log", &input(9000));
    let plain_rejects = absent("compress.rejects");
    let plain = ran(normalize("teleport", &["--rejects", &plain_rejects, &file])).expect(0).stdout;
    let plain_rejects = std::fs::read(plain_rejects).unwrap();
    for kind in ["gzip", "zstd"] {
        for threads in ["1", "2", "3"] {
            let output = absent(&format!("compress.{kind}.{threads}"));
            let rejects = absent(&format!("compress.{kind}.{threads}.rejects"));
            let to = ["--compress", kind, "--output", &output, "--rejects", &rejects, "--threads", threads];
            let done = ran(normalize("teleport", &[&to[..], &[&file]].concat())).expect(0);
            assert!(done.stdout.is_empty());
            let packed = std::fs::read(&output).unwrap();
            assert!(packed.len() < plain.len() / 4, "{} of {}", packed.len(), plain.len());
            assert!(unpacked(kind, &packed).unwrap() == plain, "{kind}, {threads} threads");
            assert!(unpacked(kind, &std::fs::read(&rejects).unwrap()).unwrap() == plain_rejects);
            // To standard output too.
            let done = ran(normalize(
                "teleport",
                &["--compress", kind, "--threads", threads, "--rejects", &rejects, &file],
            ));
            assert!(unpacked(kind, &done.expect(0).stdout).unwrap() == plain);
        }
    }
}

#[test]
fn a_packed_output_is_an_input_again() {
    let file = temporary("compress.again.log", &input(50));
    let packed = ran(normalize("teleport", &["--compress", "zstd", &file])).expect(0).stdout;
    let again = fed(normalize("teleport", &[]), &packed).expect(0);
    assert!(again.stderr.starts_with("teleport: 50 records, "), "{}", again.stderr);
}

#[test]
fn outputs_without_records_can_be_unpacked_too() {
    for kind in ["gzip", "zstd"] {
        let output = temporary("compress.empty", b"old");
        let rejects = temporary("compress.empty.rejects", b"old");
        let args = ["--compress", kind, "--output", &output, "--rejects", &rejects];
        fed(normalize("teleport", &args), b"").expect(0);
        for path in [&output, &rejects] {
            let packed = std::fs::read(path).unwrap();
            assert!(!packed.is_empty());
            assert_eq!(unpacked(kind, &packed).unwrap(), b"");
        }
        // With a checkpoint that is what the next run begins anew.
        let (input, state) = (temporary("compress.grows.log", b""), absent("compress.grows.state"));
        let output = absent("compress.grows");
        let args = ["--compress", kind, "--checkpoint", &state, "--output", &output, &input];
        for text in [String::new(), login("kim") + "\n"] {
            std::fs::write(&input, &text).unwrap();
            ran(normalize("teleport", &args)).expect(0);
            let text = fed(normalize("teleport", &[]), text.as_bytes()).expect(0).stdout;
            assert_eq!(unpacked(kind, &std::fs::read(&output).unwrap()).unwrap(), text);
        }
    }
}

#[test]
fn what_was_packed_before_the_end_of_the_run_can_be_unpacked() {
    use std::io::Write;
    for kind in ["gzip", "zstd"] {
        let args = normalize("teleport", &["--quiet", "--compress", kind]);
        let mut child = xdr(args).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        for user in ["kim", "lee"] {
            writeln!(stdin, "{}", login(user)).unwrap();
            // A frame for what waits, though it is little.
            let mut frame = vec![0; 64 << 10];
            let length = stdout.read(&mut frame).unwrap();
            let text = String::from_utf8(unpacked(kind, &frame[..length]).unwrap()).unwrap();
            assert!(text.contains(user) && text.ends_with("}\n"), "{text}");
        }
        drop(stdin);
        Done::of(child).expect(0);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_packed_file_that_cannot_grow_ends_behind_a_whole_frame() {
    // Names that do not repeat, so that packing does not make the file small.
    let lines: String = (0..20_000_u64)
        .map(|n| login(&format!("{:x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))) + "\n")
        .collect();
    let input = temporary("compress.grow.log", lines.as_bytes());
    for (kind, threads) in [("gzip", "1"), ("gzip", "2"), ("zstd", "1"), ("zstd", "2")] {
        let output = absent(&format!("compress.grow.{kind}"));
        // Blocks of 512 bytes or of 1024, by the shell.
        let script = format!(
            "trap '' XFSZ; ulimit -f 300; exec '{}' normalize --source teleport --threads {threads} --compress {kind} '{input}' --output '{output}'",
            env!("CARGO_BIN_EXE_xdr")
        );
        let mut command = std::process::Command::new("sh");
        command.args(["-c", &script]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let done = Done::of(command.spawn().unwrap()).expect(1);
        assert!(
            done.stderr.starts_with(&format!("xdr: error: cannot write `{output}`: ")),
            "{}",
            done.stderr
        );
        let text = unpacked(kind, &std::fs::read(&output).unwrap()).unwrap();
        assert!(text.ends_with(b"}\n") && text.len() > 100_000, "{} bytes", text.len());
    }
}

#[test]
fn an_output_is_not_an_input_and_not_the_file_of_rejects() {
    let path = temporary("compress.both.log", login("kim").as_bytes());
    ran(normalize("teleport", &["--output", &path, &path]))
        .expect(2)
        .says(&format!("xdr: error: `{path}` is read, so events cannot be written to it"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), login("kim"));
    let other = absent("compress.both.ndjson");
    ran(normalize("teleport", &["--output", &other, "--rejects", &other, &path]))
        .expect(2)
        .says(&format!("xdr: error: `{other}` is to take both events and rejects"));
}

#[test]
#[cfg(unix)]
fn no_other_name_lets_two_things_be_one_file() {
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("apart");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("sub")).unwrap();
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (input, link, new) = (path("in.log"), path("link.log"), path("new"));
    let (other, state) = (path("sub/../new"), path("state"));
    std::fs::write(&input, login("kim")).unwrap();
    std::fs::hard_link(&input, &link).unwrap();
    let users = path("users.csv");
    std::fs::write(&users, "user,userDepartment\nkim,Engineering\n").unwrap();
    let config = path("xdr.toml");
    std::fs::write(&config, "[sources.teleport]\ndirectory = \"users.csv\"\n").unwrap();
    let read = |of: &str, what: &str| format!("`{of}` is read, so {what} cannot be written to it");
    let both = |of: &str, what: &str| format!("`{of}` is to take both {what}");
    for (args, message) in [
        (&["--output", &link, &input][..], read(&input, "events")),
        (&["--output", &new, "--rejects", &link, &input], read(&input, "rejects")),
        (&["--output", &new, "--rejects", &other, &input], both(&other, "events and rejects")),
        (&["--output", &new, "--checkpoint", &other, &input], both(&other, "events and the checkpoint")),
        (
            &["--output", &new, "--rejects", &state, "--checkpoint", &state, &input],
            both(&state, "rejects and the checkpoint"),
        ),
        (&["--output", &new, "--checkpoint", &link, &input], read(&input, "the checkpoint")),
        (&["--output", &users, "--directory", &users, &input], read(&users, "events")),
        (&["--output", &users, "--config", &config, &input], read(&users, "events")),
    ] {
        let done = ran(normalize("teleport", args)).expect(2);
        done.says(&format!("xdr: error: {message}"));
        assert!(!std::path::Path::new(&new).exists() && !std::path::Path::new(&state).exists());
    }
    // What the shell opened.
    let open = || std::fs::File::options().append(true).read(true).open(&input).unwrap();
    let command = |args: &[&str], stdin: Stdio, stdout: Stdio| {
        let child = xdr(normalize("teleport", args)).stdin(stdin).stdout(stdout).spawn().unwrap();
        Done::of(child).expect(2)
    };
    command(&[&link], Stdio::null(), open().into()).says(&format!("xdr: error: {}", read(&link, "events")));
    let of_stdin = "xdr: error: the file of standard input is read, so events cannot be written to it";
    command(&["--output", &input], open().into(), Stdio::piped()).says(of_stdin);
    command(&["-"], open().into(), open().into()).says(of_stdin);
    command(&["--rejects", &new, &users], Stdio::null(), std::fs::File::create(&new).unwrap().into())
        .says(&format!("xdr: error: `{new}` is to take both events and rejects"));
    assert_eq!(std::fs::read_to_string(&input).unwrap(), login("kim"));
    // Devices are no files.
    ran(normalize("teleport", &["--output", "/dev/null", "--rejects", "/dev/null", &input])).expect(0);
}
