//! Texts without quotes that some YAML reader takes for something else: the traps of YAML 1.1 and 1.2.

/// What a YAML 1.1 or 1.2 reader could take a text without quotes for, when that is no text.
/// Whole numbers and dates are not among it: they keep their spelling with every reader that is asked for a text.
pub fn trap(text: &str) -> Option<&'static str> {
    const TRUTH: [&str; 8] = ["y", "n", "yes", "no", "on", "off", "true", "false"];
    const ODD_FLOATS: [&str; 3] = [".inf", ".nan", "+.inf"];
    if text == "~" || text.eq_ignore_ascii_case("null") {
        return Some("null");
    }
    if TRUTH.iter().any(|word| text.eq_ignore_ascii_case(word)) {
        return Some("a truth value");
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if ODD_FLOATS.iter().any(|word| digits.eq_ignore_ascii_case(word)) {
        return Some("a number");
    }
    if !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    let all = |text: &str, wanted: fn(char) -> bool| !text.is_empty() && text.chars().all(wanted);
    let number = |character: char| character.is_ascii_digit() || character == '_';
    for (prefix, name, base) in
        [("0x", "a hexadecimal number", 16), ("0o", "an octal number", 8), ("0b", "a binary number", 2)]
    {
        let rest = digits.get(..2).filter(|start| start.eq_ignore_ascii_case(prefix)).and(digits.get(2..));
        let in_base = |rest: &str| rest.chars().all(|character| character.is_digit(base) || character == '_');
        if rest.is_some_and(|rest| !rest.is_empty() && in_base(rest)) {
            return Some(name);
        }
    }
    if all(digits, number) {
        let plain = all(digits, |character| character.is_ascii_digit());
        return match digits.strip_prefix('0') {
            Some(rest) if !rest.is_empty() => Some("an octal number"),
            _ if !plain || text.starts_with('+') => Some("a number that is written otherwise"),
            _ => None,
        };
    }
    if is_float(digits) {
        return Some("a number");
    }
    // Base 60, as `00:05:07` or `1:30.5`.
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let mut groups = whole.split(':');
    let first = groups.next().is_some_and(|group| all(group, number));
    let mut others =
        groups.map(|group| group.len() <= 2 && all(group, |character| character.is_ascii_digit()));
    let sexagesimal = whole.contains(':') && first && others.all(|other| other);
    let tail = fraction.chars().all(number);
    (sexagesimal && tail).then_some("a number of base 60")
}

/// Whether it is digits with a dot or an exponent.
fn is_float(digits: &str) -> bool {
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (digits, None),
    };
    let power = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !exponent.is_empty() && exponent.bytes().all(|byte| byte.is_ascii_digit())
    });
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let some = mantissa.bytes().any(|byte| byte.is_ascii_digit());
    power && some && number(whole) && number(fraction) && (exponent.is_some() || mantissa.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_some_reader_takes_for_something_else_are_traps() {
        for (text, taken_for) in [
            ("no", "a truth value"),
            ("No", "a truth value"),
            ("off", "a truth value"),
            ("YES", "a truth value"),
            ("on", "a truth value"),
            ("true", "a truth value"),
            ("y", "a truth value"),
            ("null", "null"),
            ("Null", "null"),
            ("~", "null"),
            ("10.0", "a number"),
            ("1.10", "a number"),
            ("-3.", "a number"),
            (".5", "a number"),
            ("1e3", "a number"),
            ("1E+3", "a number"),
            ("6.02e23", "a number"),
            ("1_0.5", "a number"),
            (".inf", "a number"),
            ("-.INF", "a number"),
            (".NaN", "a number"),
            ("0x10", "a hexadecimal number"),
            ("0XfF", "a hexadecimal number"),
            ("022", "an octal number"),
            ("08", "an octal number"),
            ("0o17", "an octal number"),
            ("0b101", "a binary number"),
            ("1_000", "a number that is written otherwise"),
            ("+5", "a number that is written otherwise"),
            ("00:05:07", "a number of base 60"),
            ("1:30", "a number of base 60"),
            ("190:20:30.15", "a number of base 60"),
        ] {
            assert_eq!(trap(text), Some(taken_for), "{text}");
        }
    }

    #[test]
    fn texts_that_every_reader_takes_for_texts_and_whole_numbers_are_none() {
        for text in [
            "",
            "443",
            "0",
            "-5",
            "2",
            "2022-02-16",
            "2024-03-14T07:08:09Z",
            "192.0.2.7",
            "1.2.3",
            "2001:db8::7",
            "::1",
            "10.0.0.1:22",
            "0-10",
            "7-9",
            "n/a",
            "none",
            "nothing",
            "N/A",
            "1a",
            "0x",
            "0xfg",
            "0b2",
            "1e",
            "e3",
            ".",
            "..",
            "-",
            "_",
            "1:",
            ":1",
            "1:234",
            "1:2:x",
            "noé",
            "é",
            "1é",
            "0é",
            "%Y",
            "=",
            "1:30 h",
            "1.5.",
            "99999999999999999999",
            "d656b196-edb7-45e6-8485-3748a740d002",
            "Mar 14 07:08:09",
            "..5",
            "1..2",
            "+",
            "+x",
            "1 000",
        ] {
            assert_eq!(trap(text), None, "{text}");
        }
    }

    #[test]
    fn looking_for_traps_takes_linear_time() {
        for piece in ["1", "1:", "1_", "0", "1e", "."] {
            let _ = trap(&piece.repeat(1 << 20));
        }
    }
}
