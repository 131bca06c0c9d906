//! Who the worker is to the server: a user and a password, a token, or a file of credentials. None of them is ever shown. And by
//! what it knows the server.

use std::path::Path;

use async_nats::rustls::RootCertStore;
use async_nats::rustls::pki_types::CertificateDer;
use async_nats::rustls::pki_types::pem::PemObject;
use async_nats::{ConnectOptions, ServerAddr};

use crate::failure::Failure;

/// By what the worker logs in.
#[derive(PartialEq, Eq)]
pub(super) enum Login {
    User(String, String),
    Token(String),
    /// The text of a file that NATS' own tools make.
    Credentials(String),
}

impl Login {
    /// The login that a file or the addresses hold; there may be none.
    ///
    /// # Errors
    /// There are several, or a file cannot be read.
    pub(super) fn find(
        servers: &[String],
        login: Option<&Path>,
        credentials: Option<&Path>,
    ) -> Result<Option<Self>, Failure> {
        let read = |path: &Path| {
            std::fs::read_to_string(path)
                .map_err(|error| Failure::reading(format!("`{}`", path.display()), &error))
        };
        let mut found = Vec::new();
        for server in servers {
            if let (_, Some(text)) = divided(server) {
                let login = Self::of(text, decoded);
                if !found.contains(&login) {
                    found.push(login);
                }
            }
        }
        if let Some(path) = login {
            let text = read(path)?;
            let line = text.trim_end_matches(['\r', '\n']);
            if line.is_empty() || line.contains('\n') {
                let message = format!("`{}` is no login", path.display());
                return Err(Failure::usage(message).help("expected one line, `user:password` or a token"));
            }
            found.push(Self::of(line, str::to_owned));
        }
        if let Some(path) = credentials {
            found.push(Self::Credentials(read(path)?));
        }
        if found.len() > 1 {
            return Err(Failure::usage("there are several logins").help(
                "give one: in the addresses of --server, where it is the same in all, by --login or by --credentials",
            ));
        }
        Ok(found.pop())
    }

    /// `user:password`, or else a token.
    fn of(text: &str, read: fn(&str) -> String) -> Self {
        match text.split_once(':') {
            Some((user, password)) => Self::User(read(user), read(password)),
            None => Self::Token(read(text)),
        }
    }

    /// Connects with it.
    ///
    /// # Errors
    /// A file of credentials is none.
    pub(super) fn with(&self, options: ConnectOptions) -> Result<ConnectOptions, Failure> {
        Ok(match self {
            Self::User(user, password) => options.user_and_password(user.clone(), password.clone()),
            Self::Token(token) => options.token(token.clone()),
            // What is wrong with it could quote it.
            Self::Credentials(text) => options
                .credentials(text)
                .map_err(|_| Failure::failed("the file of --credentials holds no credentials of NATS"))?,
        })
    }
}

/// Checks that the addresses can be those of servers: to wait for others is in vain.
///
/// # Errors
/// One cannot.
pub(crate) fn check(servers: &[String]) -> Result<(), Failure> {
    for server in servers {
        let (address, _) = divided(server);
        if !address.parse::<ServerAddr>().is_ok_and(|parsed| !parsed.host().is_empty()) {
            let message = format!("--server `{address}` is no address of a server");
            return Err(Failure::usage(message).help("expected one such as `nats://192.0.2.7:4222`"));
        }
    }
    Ok(())
}

/// Checks that a file holds authorities: a server may ask for encryption at any time, also behind `nats://`, and without one every
/// server would be unknown.
///
/// # Errors
/// It cannot be read, or holds none, or something else.
pub(crate) fn check_authorities(path: &Path) -> Result<(), Failure> {
    let name = path.display();
    let bytes = std::fs::read(path).map_err(|error| Failure::reading(format!("`{name}`"), &error))?;
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&bytes) {
        let added = certificate
            .map_err(|error| error.to_string())
            .and_then(|certificate| store.add(certificate).map_err(|error| error.to_string()));
        added.map_err(|error| Failure::failed(format!("`{name}` holds a broken certificate: {error}")))?;
    }
    if store.is_empty() {
        let message = format!("`{name}` holds no certificate");
        return Err(Failure::failed(message).help("--ca takes those of authorities, in PEM"));
    }
    Ok(())
}

/// An address without its login, and the login.
pub(super) fn divided(server: &str) -> (String, Option<&str>) {
    let (scheme, rest) = server.split_once("://").unwrap_or(("nats", server));
    match rest.rsplit_once('@') {
        None => (format!("{scheme}://{rest}"), None),
        Some((login, host)) => (format!("{scheme}://{host}"), Some(login)),
    }
}

/// A part of an address, in which `%40` is an `@` and so on.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        rest = behind;
        let code = behind.get(..2).filter(|code| *first == b'%' && code.iter().all(u8::is_ascii_hexdigit));
        let code = code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        bytes.push(code.unwrap_or(*first));
        if code.is_some() {
            rest = behind.get(2..).unwrap_or_default();
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_divided_from_their_logins() {
        for (server, address, login) in [
            ("tls://kim:p@ss@nats.example.com:4222", "tls://nats.example.com:4222", Some("kim:p@ss")),
            ("nats://t0ken@[2001:db8::7]:4222", "nats://[2001:db8::7]:4222", Some("t0ken")),
            ("127.0.0.1:4222", "nats://127.0.0.1:4222", None),
        ] {
            assert_eq!(divided(server), (address.to_owned(), login));
        }
    }

    #[test]
    fn what_cannot_be_a_server_is_wrong_usage_and_its_login_is_not_shown() {
        let known = |server: &str| check(&[server.to_owned()]);
        for server in
            ["nats://192.0.2.7", "tls://k:hu#sh/@nats.example.com:4222", "t@[2001:db8::7]:4222", "n1"]
        {
            assert!(known(server).is_ok(), "{server}");
        }
        for server in ["", "nats://", "http://192.0.2.7", "nats://k:hush@192.0.2.7:99999", "hush@"] {
            let Err(Failure::Error { message, status, .. }) = known(server) else { panic!("{server}") };
            assert_eq!(status, crate::failure::USAGE);
            assert!(message.ends_with("is no address of a server") && !message.contains("hush"), "{message}");
        }
    }

    #[test]
    fn a_login_is_a_user_and_a_password_or_a_token_and_there_is_one() {
        let find = |servers: &[&str], login: Option<&Path>| {
            let servers: Vec<String> = servers.iter().map(|server| (*server).to_owned()).collect();
            Login::find(&servers, login, None)
        };
        let user = |user: &str, password: &str| Some(Login::User(user.to_owned(), password.to_owned()));
        assert!(find(&["192.0.2.7"], None).unwrap().is_none());
        assert!(find(&["nats://kim:a%40b%3Ac%zz%@192.0.2.7"], None).unwrap() == user("kim", "a@b:c%zz%"));
        assert!(find(&["t@192.0.2.7"], None).unwrap() == Some(Login::Token("t".to_owned())));
        assert!(
            find(&["nats://k:p@192.0.2.7", "192.0.2.8", "k:p@192.0.2.9"], None).unwrap() == user("k", "p")
        );

        let path = std::env::temp_dir().join(format!("xdr-login-{}", std::process::id()));
        std::fs::write(&path, "kim:50%41\n").unwrap();
        assert!(find(&[], Some(&path)).unwrap() == user("kim", "50%41"), "a file is no address");
        let several =
            [find(&["k:hush@192.0.2.7", "l:hush@192.0.2.8"], None), find(&["hush@192.0.2.7"], Some(&path))];
        std::fs::write(&path, "hush\nhush\n").unwrap();
        for wrong in several.into_iter().chain([find(&[], Some(&path))]) {
            let Err(Failure::Error { message, .. }) = wrong else { panic!("it is wrong") };
            assert!(!message.contains("hush"), "{message}");
        }
        std::fs::remove_file(&path).unwrap();
    }
}
