//! Which source a message is of.

use std::str::FromStr;

use xdr_codegen::diag::near;

/// Says which source messages of a subject are of: `SUBJECT=SOURCE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pattern: String,
    source: &'static str,
}

impl FromStr for Route {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (pattern, name) =
            text.rsplit_once('=').ok_or("expected SUBJECT=SOURCE, such as `logs.vpn.*=citrix-vpn`")?;
        if pattern.is_empty() {
            return Err("the subject is empty".to_owned());
        }
        let source = known(name).ok_or_else(|| {
            match near(name, crate::registry::sources().iter().map(|source| source.info.name)) {
                Some(near) => format!("unknown source `{name}`, did you mean `{near}`?"),
                None => format!("unknown source `{name}`, see `xdr sources`"),
            }
        })?;
        Ok(Self { pattern: pattern.to_owned(), source })
    }
}

/// Finds the source of a message.
#[derive(Debug, Default)]
pub(crate) struct Router {
    /// The source of all messages, if they are all of one.
    pub(crate) only: Option<&'static str>,
    pub(crate) routes: Vec<Route>,
}

impl Router {
    /// The source of a message with this header and this subject, or what was found instead.
    pub(crate) fn source(&self, header: Option<&str>, subject: &str) -> Result<&'static str, String> {
        if let Some(only) = self.only {
            return Ok(only);
        }
        if let Some(name) = header {
            return known(name)
                .ok_or_else(|| format!("a source's name in the header Xdr-Source, found `{name}`"));
        }
        if let Some(route) = self.routes.iter().find(|route| covers(&route.pattern, subject)) {
            return Ok(route.source);
        }
        let last = subject.rsplit('.').next().unwrap_or(subject);
        known(last).ok_or_else(|| {
            format!("the header Xdr-Source, or a subject that ends with a source's name, found `{subject}`")
        })
    }
}

fn known(name: &str) -> Option<&'static str> {
    crate::registry::source(name).map(|source| source.info.name)
}

/// Whether a subject is one of those that a pattern stands for: `*` is any one token, `>` at the end any further ones. The subject
/// may be a pattern itself; then it says whether one subject can be of both.
pub(crate) fn covers(pattern: &str, subject: &str) -> bool {
    let (mut wanted, mut found) = (pattern.split('.'), subject.split('.'));
    loop {
        match (wanted.next(), found.next()) {
            (None, None) | (Some(">"), Some(_)) | (Some(_), Some(">")) => return true,
            (Some(wanted), Some(found)) if wanted == found || wanted == "*" || found == "*" => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_covered_as_the_broker_has_it() {
        for (pattern, subject, expected) in [
            ("logs.vpn", "logs.vpn", true),
            ("logs.vpn", "logs.vpn.a", false),
            ("logs.vpn.a", "logs.vpn", false),
            ("logs.*", "logs.vpn", true),
            ("logs.*", "logs.vpn.a", false),
            ("logs.>", "logs.vpn.a", true),
            ("logs.>", "logs", false),
            ("*.vpn", "logs.vpn", true),
            ("logs.vpn", "logs.*", true),
            ("logs.vpn.a", "logs.>", true),
            ("events", "logs.>", false),
        ] {
            assert_eq!(covers(pattern, subject), expected, "{pattern} {subject}");
        }
    }

    #[test]
    fn the_header_comes_before_routes_and_routes_before_the_last_token() {
        let router = Router { only: None, routes: vec!["logs.vpn.*=citrix-vpn".parse().unwrap()] };
        assert_eq!(router.source(Some("teleport"), "logs.vpn.a"), Ok("teleport"));
        assert_eq!(router.source(None, "logs.vpn.teleport"), Ok("citrix-vpn"));
        assert_eq!(router.source(None, "logs.teleport"), Ok("teleport"));
        assert!(router.source(None, "logs.vpn").unwrap_err().contains("found `logs.vpn`"));
        assert!(router.source(Some("teleprt"), "logs.teleport").unwrap_err().contains("found `teleprt`"));
        let fixed = Router { only: Some("teleport"), routes: Vec::new() };
        assert_eq!(fixed.source(Some("citrix-vpn"), "logs.citrix-vpn"), Ok("teleport"));
    }

    #[test]
    fn routes_name_sources_that_are_compiled_in() {
        let wrong = |text: &str| text.parse::<Route>().unwrap_err();
        assert_eq!(wrong("logs"), "expected SUBJECT=SOURCE, such as `logs.vpn.*=citrix-vpn`");
        assert_eq!(wrong("=teleport"), "the subject is empty");
        assert_eq!(wrong("logs=teleprt"), "unknown source `teleprt`, did you mean `teleport`?");
    }
}
