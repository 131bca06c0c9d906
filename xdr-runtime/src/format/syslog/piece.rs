//! Small pieces of syslog headers: PRI, octet counts, hosts, tags, structured data.

use std::net::IpAddr;

use crate::format::text::{after, is_blank, skip_blanks, skip_while, slice, trim_start, word};

/// The digits of the PRI that opens the text, and the text behind it.
pub(super) fn priority(text: &str) -> Option<(&str, &str)> {
    let (digits, rest) = text.strip_prefix('<')?.split_once('>')?;
    let is_digital = (1..=3).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    (is_digital && digits.parse::<u16>().is_ok_and(|pri| pri < 192)).then_some((digits, rest))
}

/// The text behind an octet count that a PRI follows; the text itself if there is none.
pub(super) fn after_octets(text: &str) -> &str {
    match after_number(text, 9).and_then(|rest| rest.strip_prefix(' ')) {
        Some(rest) if priority(rest).is_some() => rest,
        _ => text,
    }
}

/// The text behind a number of at most `max` digits.
fn after_number(text: &str, max: usize) -> Option<&str> {
    let length = skip_while(text.as_bytes(), 0, |byte| byte.is_ascii_digit());
    (1..=max).contains(&length).then(|| after(text, length))
}

/// The text behind a version of RFC 5424, a number of one or two digits with a blank behind it.
pub(super) fn after_version(text: &str) -> Option<&str> {
    let rest = after_number(text, 2).filter(|_| !text.starts_with('0'))?;
    rest.starts_with([' ', '\t']).then(|| trim_start(rest))
}

/// How often a relay saw the text that follows, and that text, which it puts into brackets: `message repeated 3 times: [`.
pub(super) fn repeated(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("message repeated ")?;
    let behind = after_number(rest, 9)?;
    Some((slice(rest, 0, rest.len() - behind.len()), behind.strip_prefix(" times: [")?))
}

/// Whether a word is the day of the week in front of a date: `Tue`.
pub(super) fn is_weekday(word: &str) -> bool {
    let word = word.strip_suffix(',').unwrap_or(word);
    ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].contains(&word)
}

/// Whether a word can be a host: an address, or a name with a letter in it.
pub(super) fn is_host(word: &str) -> bool {
    let is_name = word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
        && word.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !word.starts_with(['-', '.']);
    is_name || is_address(word)
}

/// Whether a word is an address, perhaps in brackets.
pub(super) fn is_address(word: &str) -> bool {
    let bare = word.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(word);
    bare.bytes().next().is_some_and(|byte| byte.is_ascii_hexdigit() || byte == b':')
        && bare.parse::<IpAddr>().is_ok()
}

/// The two addresses that a relay joined by a slash.
pub(super) fn address_pair(word: &str) -> Option<(&str, &str)> {
    word.split_once('/').filter(|(first, second)| is_address(first) && is_address(second))
}

/// An address of version 4, or one in brackets, and the port behind it: `192.0.2.1:514`.
pub(super) fn address_and_port(word: &str) -> Option<(&str, &str)> {
    let (host, port) = word.rsplit_once(':')?;
    let is_whole = host.ends_with(']') || !host.contains(':');
    (is_whole && is_address(host) && port.parse::<u16>().is_ok()).then_some((host, port))
}

/// Whether a word is a facility and a severity: `local4.err`.
pub(super) fn is_level(word: &str) -> bool {
    let Some((facility, severity)) = word.split_once('.') else {
        return false;
    };
    let is_in = |table: &[&str], text: &str| table.iter().any(|known| known.eq_ignore_ascii_case(text));
    is_in(&SEVERITIES, severity) && is_in(&FACILITIES, facility)
}

/// The name and process id of a program's tag without its colon: `name`, `name[pid]` or `[pid]`.
pub(super) fn tag(word: &str) -> Option<(&str, Option<&str>)> {
    let (name, pid) = match word.strip_suffix(']') {
        Some(rest) => {
            let (name, pid) = rest.split_once('[')?;
            (name, Some(pid))
        }
        None => (word, None),
    };
    let is_named =
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/'));
    let is_process = |pid: &str| !pid.is_empty() && pid.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let has_letter = name.bytes().any(|byte| byte.is_ascii_alphabetic());
    let is_tag = is_named && pid.map_or(has_letter, |pid| is_process(pid) && (has_letter || name.is_empty()));
    is_tag.then_some((name, pid))
}

/// The byte behind the structured data of RFC 5424 that opens the text: one or more `[id name="value" …]`.
pub(super) fn structured(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while bytes.get(at) == Some(&b'[') {
        if !bytes.get(at + 1).is_some_and(u8::is_ascii_graphic) {
            return None;
        }
        at = end_of_element(bytes, at + 1)?;
    }
    (at > 0 && bytes.get(at).is_none_or(|byte| is_blank(*byte))).then_some(at)
}

fn end_of_element(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    let mut quoted = false;
    loop {
        match bytes.get(at)? {
            b'"' => quoted = !quoted,
            b'\\' if quoted => at += 1,
            b']' if !quoted => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
}

/// The text behind the process id, message id and structured data of RFC 5424 that may follow a program's name, and the data, if
/// there is any. They are taken for such only if nothing is in the others but a number; anything else is body.
pub(super) fn after_nil_fields(text: &str) -> (Option<&str>, &str) {
    let mut rest = trim_start(text);
    for index in 0..3 {
        if index == 2
            && let Some(length) = structured(rest)
        {
            return (Some(slice(rest, 0, length)), after_mark(trim_start(after(rest, length))));
        }
        let (field, behind) = word(rest);
        let is_number = index == 0 && !field.is_empty() && field.bytes().all(|byte| byte.is_ascii_digit());
        if field != "-" && !is_number {
            return (None, text);
        }
        rest = trim_start(behind);
    }
    (None, after_mark(rest))
}

/// The text behind the byte order mark that may open a message of RFC 5424.
fn after_mark(text: &str) -> &str {
    text.trim_start_matches('\u{feff}')
}

/// What RFC 5424 puts between its time stamp and its message.
pub(super) struct Fields<'a> {
    pub(super) host: &'a str,
    pub(super) program: &'a str,
    pub(super) pid: &'a str,
    pub(super) msgid: &'a str,
    pub(super) data: &'a str,
    pub(super) rest: &'a str,
}

impl<'a> Fields<'a> {
    /// All of them, or nothing: structured data, or the dash in its place, proves that the words before it are no body.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let mut rest = text;
        let mut next = || {
            let (field, behind) = word(trim_start(rest));
            rest = behind;
            field
        };
        let (host, program, pid, msgid) = (next(), next(), next(), next());
        let rest = after(rest, skip_blanks(rest.as_bytes(), 0));
        let end = match structured(rest) {
            Some(end) => end,
            None => skip_while(rest.as_bytes(), 0, |byte| !is_blank(byte)),
        };
        let data = slice(rest, 0, end);
        let is_data = data == "-" || data.starts_with('[');
        let rest = trim_start(after(rest, end));
        let rest = rest.trim_start_matches('\u{feff}');
        let is_whole = is_data && structured(data).is_some_and(|end| end == data.len()) || data == "-";
        is_whole.then_some(Self { host, program: program.trim_end_matches(':'), pid, msgid, data, rest })
    }
}

const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
    "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6",
    "local7",
];

const SEVERITIES: [&str; 14] = [
    "emerg",
    "emergency",
    "panic",
    "alert",
    "crit",
    "critical",
    "err",
    "error",
    "warn",
    "warning",
    "notice",
    "info",
    "informational",
    "debug",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priorities() {
        assert_eq!(priority("<134>x"), Some(("134", "x")));
        for text in ["<192>", "<>", "<1a>", "<IP>", "<0134>", "134>", "<13"] {
            assert_eq!(priority(text), None, "{text}");
        }
    }

    #[test]
    fn octet_counts_stand_in_front_of_a_priority() {
        assert_eq!(after_octets("412 <134>1 x"), "<134>1 x");
        assert_eq!(after_octets("412 x"), "412 x");
        assert_eq!(after_octets("4 12 <134>"), "4 12 <134>");
    }

    #[test]
    fn hosts() {
        for word in ["fw1", "fw-7.example.com", "192.0.2.1", "2001:db8::1", "[2001:db8::1]", "fw_1"] {
            assert!(is_host(word), "{word}");
        }
        for word in [
            "",
            "-",
            "12",
            "1.2",
            "a:b",
            "{x}",
            "a=b",
            "CEF:0|Citrix",
            "-x",
            "kim(Users)[]",
            "07:08:09",
            "03/14/2024:07:08:09",
        ] {
            assert!(!is_host(word), "{word}");
        }
    }

    #[test]
    fn tags() {
        assert_eq!(tag("sshd"), Some(("sshd", None)));
        assert_eq!(tag("CiscoASA[4711]"), Some(("CiscoASA", Some("4711"))));
        assert_eq!(tag("[289]"), Some(("", Some("289"))));
        for word in ["", "12", "x[", "x[]", "%ASA-6-1", "[x y]", "12[3]", "a=b"] {
            assert_eq!(tag(word), None, "{word}");
        }
    }

    #[test]
    fn structured_data_may_hold_brackets_in_quotes() {
        assert_eq!(structured(r#"[a@1 x="]\" " y="2"][b] msg"#), Some(23));
        assert_eq!(structured("[audit] msg"), Some(7));
        for text in ["[a", "[a \"]", "-", "", "[ x]", "[a]b"] {
            assert_eq!(structured(text), None, "{text}");
        }
    }

    #[test]
    fn nil_fields_go_only_together() {
        assert_eq!(after_nil_fields(" - - - body"), (None, "body"));
        assert_eq!(after_nil_fields(" 123 - - \u{feff}body"), (None, "body"));
        assert_eq!(after_nil_fields(" - - [meta a=\"b c\"] body"), (Some("[meta a=\"b c\"]"), "body"));
        for body in [" - - body", " - - [x", " [x] - - body", " 2024-03-14 07:08:09 - ive"] {
            assert_eq!(after_nil_fields(body), (None, body));
        }
    }

    #[test]
    fn levels() {
        assert!(is_level("local4.err") && is_level("Local0.Info"));
        assert!(!is_level("local9.err") && !is_level("fw.example") && !is_level("err"));
    }
}
