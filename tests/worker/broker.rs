//! NATS servers that tests start, kill and start again.

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::process::free_port;

/// A server with a folder of its own.
pub(crate) struct Broker {
    folder: PathBuf,
    pub(crate) port: u16,
    arguments: Vec<String>,
    child: Child,
}

impl Broker {
    /// Starts a server that keeps what it has in a folder of this name.
    pub(crate) fn start(name: &str) -> Self {
        Self::with(name, free_port(), &[])
    }

    /// Starts a server at this port, with further arguments.
    pub(crate) fn with(name: &str, port: u16, arguments: &[String]) -> Self {
        let folder =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("nats-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let child = run(&folder, port, arguments);
        let broker = Self { folder, port, arguments: arguments.to_vec(), child };
        broker.wait();
        broker
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// `kill -9`, and nothing else.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts the server again over what it had.
    pub(crate) fn again(&mut self) {
        self.child = run(&self.folder, self.port, &self.arguments);
        self.wait();
    }

    /// Waits until it answers.
    fn wait(&self) {
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(30), "nats-server does not answer");
            sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn run(folder: &Path, port: u16, arguments: &[String]) -> Child {
    let program = std::env::var_os("NATS_SERVER").unwrap_or_else(|| "nats-server".into());
    Command::new(program)
        .args(["-a", "127.0.0.1", "-p", &port.to_string(), "-js", "-sd"])
        .arg(folder)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("nats-server is needed, by its name or as NATS_SERVER; .ci/worker fetches it")
}
