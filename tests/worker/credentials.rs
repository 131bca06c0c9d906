//! Credentials: a server with an operator knows who signed for a user, and the user shows a key by signing what the server asks.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nkeys::KeyPair;
use serde_json::json;

use super::*;

/// The window of these tests in which the server knows ids.
const WINDOW: Duration = Duration::from_secs(120);

/// What somebody says of somebody else, signed: a JSON Web Token as NATS has them.
fn token(issuer: &KeyPair, subject: &KeyPair, name: &str, claims: &Value) -> String {
    let part = |json: Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let head = part(json!({ "typ": "JWT", "alg": "ed25519-nkey" }));
    let body = part(json!({
        "jti": name, "iat": 1_700_000_000, "iss": issuer.public_key(), "sub": subject.public_key(), "name": name, "nats": claims,
    }));
    let signed = format!("{head}.{body}");
    let signature = URL_SAFE_NO_PAD.encode(issuer.sign(signed.as_bytes()).unwrap());
    format!("{signed}.{signature}")
}

/// An account without limits.
fn account(kind: &str) -> Value {
    let mut limits = json!({
        "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1, "leaf": -1,
    });
    if kind == "streams" {
        for limit in ["mem_storage", "disk_storage", "streams", "consumer"] {
            limits[limit] = json!(-1);
        }
    }
    json!({ "type": "account", "version": 2, "limits": limits })
}

/// A user that an account signed for, as the text of a `.creds` file whose key is another's if that is given.
fn credentials(account: &KeyPair, other: Option<&KeyPair>) -> String {
    let user = KeyPair::new_user();
    let claims = json!({ "type": "user", "version": 2, "subs": -1, "data": -1, "payload": -1 });
    let token = token(account, &user, "kim", &claims);
    let seed = other.unwrap_or(&user).seed().unwrap();
    format!(
        "-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n\
         -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
    )
}

/// Writes a file for these tests.
fn file(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("credentials-{name}"));
    fs::write(&path, text).unwrap();
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_are_a_login_and_others_are_refused_without_being_shown() {
    let operator = KeyPair::new_operator();
    let (ours, system) = (KeyPair::new_account(), KeyPair::new_account());
    let by_operator = |account: &KeyPair, kind: &str| token(&operator, account, kind, &self::account(kind));
    let config = format!(
        "operator: {}\nsystem_account: {system}\nresolver: MEMORY\nresolver_preload: {{\n  {system}: {}\n  {}: {}\n}}\n",
        token(&operator, &operator, "operator", &json!({ "type": "operator", "version": 2 })),
        by_operator(&system, "system"),
        ours.public_key(),
        by_operator(&ours, "streams"),
        system = system.public_key(),
    );
    let config = file("server.conf", &config);
    let arguments = ["-c".to_owned(), config.display().to_string()];
    let mut broker = Broker::with("credentials", process::free_port(), &arguments);

    let text = credentials(&ours, None);
    let options = async_nats::ConnectOptions::new().credentials(&text).unwrap();
    let context = connect_with(options, &broker.url(), WINDOW, 1).await;
    let known = file("known.creds", &text);
    publish(&context, "logs.teleport", "0", record(0)).await;
    let worker = Worker::start(&broker.url(), &format!("{SUBJECTS} --credentials {}", known.display()));
    settled(&context, "xdr").await;
    // It logs in again by itself, for which it signs something else.
    broker.kill();
    worker.until("/ready", 503);
    broker.again();
    worker.until("/ready", 200);
    publish(&context, "logs.teleport", "1", record(1)).await;
    settled(&context, "xdr").await;
    assert_eq!(count(&context, "events").await, 2);
    let (status, said) = worker.stop();
    assert_eq!(status, Some(0), "{said}");

    let others = credentials(&KeyPair::new_account(), None);
    let stolen = credentials(&ours, Some(&KeyPair::new_user()));
    for (name, text, reason) in [
        ("others", &*others, "authorization violation"),
        ("stolen", &stolen, "authorization violation"),
        ("none", "-----BEGIN NATS USER JWT-----\nhush\n", "holds no credentials of NATS"),
    ] {
        let path = file(name, text);
        let options = format!("{SUBJECTS} --credentials {} --patience 1s", path.display());
        let (status, said) = Worker::start(&broker.url(), &options).wait();
        assert_eq!(status, Some(1), "{name}: {said}");
        assert!(said.contains(reason), "{name}: {said}");
        let shown = text.lines().filter(|line| !line.starts_with('-') && !line.is_empty());
        for secret in shown {
            assert!(!said.contains(secret), "{name}: {said}");
        }
    }
}
