//! Workers that tests start, kill, pause and stop, and what their local port says.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A worker.
pub(crate) struct Worker {
    pub(crate) child: Child,
    port: u16,
}

impl Worker {
    /// Starts a worker; `options` are divided at blanks.
    pub(crate) fn start(server: &str, options: &str) -> Self {
        Self::with(&[], &format!("--server {server} {options}"))
    }

    /// Starts a worker with these variables in its environment.
    pub(crate) fn with(environment: &[(&str, String)], options: &str) -> Self {
        let port = free_port();
        let child = Command::new(env!("CARGO_BIN_EXE_xdr"))
            .args(["worker", "--metrics", &format!("127.0.0.1:{port}")])
            .args(options.split_whitespace())
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self { child, port }
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args([format!("-{name}"), self.child.id().to_string()]).status();
        assert!(status.unwrap().success());
    }

    /// Asks it to stop, once it listens: a signal that comes before ends a process at once, and it has no status then. Gives the exit
    /// status and what it said.
    pub(crate) fn stop(mut self) -> (Option<i32>, String) {
        let began = Instant::now();
        while TcpStream::connect(self.address()).is_err() && self.child.try_wait().unwrap().is_none() {
            assert!(began.elapsed() < Duration::from_secs(40), "it does not begin");
            std::thread::sleep(Duration::from_millis(10));
        }
        self.signal("TERM");
        self.wait()
    }

    /// Waits until it ends; gives the exit status and what it said.
    pub(crate) fn wait(&mut self) -> (Option<i32>, String) {
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap().code(), said)
    }

    /// Where the local port is.
    pub(crate) fn address(&self) -> (&'static str, u16) {
        ("127.0.0.1", self.port)
    }

    /// What the local port answers: the status, and the text.
    pub(crate) fn get(&self, path: &str) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(self.address()).ok()?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
    }

    /// Waits until the local port answers with this status.
    pub(crate) fn until(&self, path: &str, status: u16) {
        let began = Instant::now();
        while self.get(path).is_none_or(|(found, _)| found != status) {
            assert!(began.elapsed() < Duration::from_secs(40), "{path} does not become {status}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // A test that fails leaves nothing running.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
