//! Logging in, and encryption: a worker talks to the server that it was told to, under the name that it was given, and shows no secret.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

use super::*;

/// The window of these tests in which the server knows ids.
const WINDOW: Duration = Duration::from_secs(120);
/// With signs that mean something in an address, and how they are written there.
const PASSWORD: [&str; 2] = ["hush:50%41@home", "hush%3A50%2541%40home"];
const TOKEN: &str = "hush-t0ken";

/// An authority, and the certificate of a server at 127.0.0.1 that it has signed.
struct Certificates {
    authority: PathBuf,
    certificate: PathBuf,
    key: PathBuf,
}

impl Certificates {
    /// Makes them, as files that begin with this name.
    fn make(name: &str) -> Self {
        let file = |what: &str, text: String| {
            let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{what}.pem"));
            fs::write(&path, text).unwrap();
            path
        };
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let authority = file("authority", params.self_signed(&key).unwrap().pem());
        let issuer = Issuer::new(params, key);
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let certificate = file("server", params.signed_by(&key, &issuer).unwrap().pem());
        Self { authority, certificate, key: file("key", key.serialize_pem()) }
    }

    /// What the server's configuration says of them.
    fn config(&self) -> String {
        format!(
            "tls {{ cert_file: \"{}\", key_file: \"{}\", timeout: 20 }}\n",
            self.certificate.display(),
            self.key.display()
        )
    }
}

/// Starts a server with this configuration.
fn server(name: &str, config: &str) -> Broker {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.conf"));
    fs::write(&path, config).unwrap();
    Broker::with(name, process::free_port(), &["-c".to_owned(), path.display().to_string()])
}

fn user() -> String {
    format!("authorization {{ user: kim, password: \"{}\", timeout: 20 }}\n", PASSWORD[0])
}

/// What a worker is told by its environment.
fn address(scheme: &str, login: &str, broker: &Broker) -> [(&'static str, String); 1] {
    [("XDR_SERVER", format!("{scheme}://{login}127.0.0.1:{}", broker.port))]
}

/// What others may see of a worker.
fn seen(worker: &Worker) -> String {
    let line = fs::read(format!("/proc/{}/cmdline", worker.child.id())).unwrap_or_default();
    format!("{} {}", String::from_utf8_lossy(&line), worker.get("/metrics").unwrap().1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_logs_in_over_tls_by_its_environment_or_a_file_and_again_when_the_server_was_away() {
    let certificates = Certificates::make("login");
    let mut broker = server("login", &(certificates.config() + &user()));
    let options = async_nats::ConnectOptions::new()
        .user_and_password("kim".to_owned(), PASSWORD[0].to_owned())
        .add_root_certificates(certificates.authority.clone())
        .require_tls(true);
    let context = connect_with(options, &broker.url(), WINDOW, 1).await;
    let options = format!("{SUBJECTS} --ca {}", certificates.authority.display());

    publish(&context, "logs.teleport", "0", record(0)).await;
    let worker = Worker::with(&address("tls", &format!("kim:{}@", PASSWORD[1]), &broker), &options);
    settled(&context, "xdr").await;
    broker.kill();
    worker.until("/ready", 503);
    broker.again();
    worker.until("/ready", 200);
    publish(&context, "logs.teleport", "1", record(1)).await;
    settled(&context, "xdr").await;
    assert_eq!(count(&context, "events").await, 2);
    let seen_of = seen(&worker);
    let (status, said) = worker.stop();
    assert_eq!(status, Some(0), "{said}");
    assert!(!seen_of.contains("hush") && !said.contains("hush"), "{seen_of} {said}");

    let login = Path::new(env!("CARGO_TARGET_TMPDIR")).join("login.txt");
    fs::write(&login, format!("kim:{}\n", PASSWORD[0])).unwrap();
    publish(&context, "logs.teleport", "2", record(2)).await;
    let options = format!("{options} --login {}", login.display());
    let worker = Worker::with(&address("tls", "", &broker), &options);
    settled(&context, "xdr").await;
    assert_eq!(count(&context, "events").await, 3);
    let seen_of = seen(&worker);
    let (status, said) = worker.stop();
    assert_eq!(status, Some(0), "{said}");
    assert!(!seen_of.contains("hush") && !said.contains("hush"), "{seen_of} {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_a_login() {
    let broker = server("token", &format!("authorization {{ token: \"{TOKEN}\", timeout: 20 }}\n"));
    let options = async_nats::ConnectOptions::new().token(TOKEN.to_owned());
    let context = connect_with(options, &broker.url(), WINDOW, 1).await;
    publish(&context, "logs.teleport", "0", record(0)).await;
    let worker = Worker::with(&address("nats", &format!("{TOKEN}@"), &broker), SUBJECTS);
    settled(&context, "xdr").await;
    assert_eq!(count(&context, "events").await, 1);
    let (status, said) = worker.stop();
    assert_eq!(status, Some(0), "{said}");
    assert!(!said.contains("hush"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_login_and_a_server_that_is_not_known_are_refused_and_no_secret_is_shown() {
    let (certificates, other) = (Certificates::make("refused"), Certificates::make("other"));
    let locked = server("refused", &(certificates.config() + &user()));
    let plain = server("plain", "max_payload: 65536\n");
    let known = format!("--ca {}", certificates.authority.display());
    let unknown = format!("--ca {}", other.authority.display());
    let right = format!("kim:{}@", PASSWORD[1]);
    for (broker, scheme, login, ca, reason) in [
        (&locked, "tls", "kim:hush@", &known, "authorization violation"),
        (&locked, "tls", "hush@", &known, "authorization violation"),
        (&locked, "tls", "", &known, "authorization violation"),
        (&locked, "tls", &right, &unknown, "UnknownIssuer"),
        (&locked, "nats", &right, &unknown, "UnknownIssuer"),
        // Nothing is sent to a server that does not encrypt, if that was asked for.
        (&plain, "tls", &right, &known, "received corrupt message"),
    ] {
        let options = format!("{SUBJECTS} {ca} --patience 1s");
        let (status, said) = Worker::with(&address(scheme, login, broker), &options).wait();
        let case = format!("{scheme}://{login}… {ca}: {said}");
        assert_eq!(status, Some(1), "{case}");
        assert!(said.contains(reason), "{case}");
        assert!(!said.contains("hush"), "{case}");
        assert!(
            said.contains(&format!("cannot connect to {scheme}://127.0.0.1:{}: ", broker.port)),
            "{case}"
        );
    }
}
