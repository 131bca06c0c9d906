//! Syslog headers: the forms that boxes and relays write.

use std::fmt::Write as _;

use xdr_codegen::ir::{Header, Target, To};
use xdr_model::time::{Item, parse_format};

use super::moment;
use super::steps::in_front;
use super::template::{Fill, Made, Piece, Writer, fill};
use super::value::{HOSTS, Value};

/// The number of forms below.
const FORMS: usize = 9;

/// Puts a header in front of a text.
pub(super) fn write(w: &mut Writer<'_, '_>, site: &str, header: &Header, inner: Piece) -> Made<Piece> {
    let mut draft = Draft { header, text: String::new(), fills: Vec::new() };
    let unwanted = header.parts.iter().take(2).any(|part| w.is_unwanted(&part.to));
    // Those without host and time.
    let suits = |form| !unwanted || form == 0 || form == FORMS - 1;
    let form = w.choose.choose_of(&format!("{site}, header"), FORMS, suits);
    let bounded = header.before.iter().any(|word| inner.text.starts_with(word.as_str()));
    let word = match w.choose.pick(&header.after) {
        Some(word) if form > 0 => word.as_str(),
        _ => "",
    };
    let is_sure = bounded || is_column(header, &inner.text);
    if form == 0 && !is_sure && is_risky(&inner.text) {
        return Err("without a header its text would be taken for one".to_owned());
    }
    if inner.text.starts_with([' ', '\t']) {
        return Err("blanks behind a header belong to no text".to_owned());
    }
    if form > 0 && !is_sure && word.is_empty() && is_tag(&inner.text) {
        return Err("its text would be taken for a part of the header".to_owned());
    }
    match form {
        0 => {}
        1 => draft.priority(w).stamp(w, BSD)?.host(w),
        2 => draft.priority(w).stamp(w, YEAR)?.host(w),
        3 => draft.priority(w).version().stamp(w, ISO)?.host(w),
        4 => draft.stamp(w, BSD)?.host(w),
        5 => draft.stamp(w, ISO)?.host(w),
        6 => {
            draft.priority(w).stamp(w, BSD)?.host(w);
        }
        7 => draft.relay(w)?,
        _ => {
            draft.priority(w);
        }
    }
    // A box that prints a colon behind its name.
    if bounded && matches!(form, 1 | 2 | 4) && w.choose.once_in(2) {
        draft.text.push_str(": ");
    }
    if form == 3 {
        draft.fields(w, word);
    } else if !word.is_empty() {
        draft.text.push_str(word);
        draft.put(3, word.trim_end_matches([':', ' ']));
        draft.text.push(' ');
    }
    let mut text = format!("{}{}", draft.text, inner.text);
    if form == 6 {
        text = format!("{} {text}", text.len());
    }
    Ok(in_front(draft.fills, inner, text))
}

/// Formats of stamps: of RFC 3164, with a year, of RFC 3339.
const BSD: &str = "%b %d %H:%M:%S";
const YEAR: &str = "%b %d %Y %H:%M:%S";
const ISO: &str = "%Y-%m-%dT%H:%M:%S%.f%z";

/// Whether a text without a header looks like one.
fn is_risky(text: &str) -> bool {
    let first = text.split(' ').next().unwrap_or_default();
    text.starts_with(|c: char| c.is_ascii_digit() || c == '<' || c.is_whitespace())
        || first.ends_with(':')
        || first.len() == 3
}

/// Whether a text begins with what a header may end in.
fn is_tag(text: &str) -> bool {
    let first = text.split([' ', '\t']).next().unwrap_or_default();
    let second = text.split([' ', '\t']).nth(1).unwrap_or_default();
    first.ends_with(':') || text.starts_with([':', '<']) || second == ":" || starts_with_stamp(text)
}

fn starts_with_stamp(text: &str) -> bool {
    stamp_ends(text, |_| true)
}

/// Whether a text begins with a stamp that a separator of the columns behind the header follows.
fn is_column(header: &Header, text: &str) -> bool {
    stamp_ends(text, |rest| rest.bytes().next().is_some_and(|byte| header.columns.contains(&byte)))
}

/// Whether a text begins with a stamp behind which stands such a rest.
fn stamp_ends(text: &str, rest: impl Fn(&str) -> bool) -> bool {
    [BSD, YEAR, ISO].iter().any(|format| {
        let items = parse_format(format).unwrap_or_default();
        let fits = |(head, behind): (&str, &str)| moment::fits(&items, head) && rest(behind);
        (10..40).any(|end| text.split_at_checked(end).is_some_and(fits))
    })
}

struct Draft<'h> {
    header: &'h Header,
    text: String,
    fills: Vec<Fill>,
}

impl Draft<'_> {
    fn put(&mut self, part: usize, text: &str) {
        self.put_value(part, Value::text(text));
    }

    fn put_value(&mut self, part: usize, value: Value) {
        if let Some(Target { to, .. }) = self.header.parts.get(part) {
            self.fills.extend(fill(to, value));
        }
    }

    fn keep(&mut self, name: &str, text: &str) {
        self.fills.push(Fill::Extra(name.to_owned(), Value::text(text)));
    }

    fn priority(&mut self, w: &mut Writer<'_, '_>) -> &mut Self {
        let mut number = w.choose.within(1, 191).to_string();
        if let Some(Target { to: to @ To::Field(_), .. }) = self.header.parts.get(2) {
            let fits = |text: &str| {
                text.parse().is_ok_and(|number: u16| number < 192)
                    && !(text.len() > 1 && text.starts_with('0'))
            };
            if let Ok(value) = w.value(to, fits, |_| number.clone()) {
                number = value.text;
            }
        }
        let _ = write!(self.text, "<{number}>");
        self.put(2, &number);
        self
    }

    fn version(&mut self) -> &mut Self {
        self.text.push_str("1 ");
        self
    }

    fn stamp(&mut self, w: &mut Writer<'_, '_>, format: &str) -> Made<&mut Self> {
        let items: Vec<Item> = parse_format(format).map_err(|error| error.to_string())?;
        let (text, moment) =
            moment::write(&items, w.choose, w.run.received).ok_or("no time could be written")?;
        self.text.push_str(&text);
        self.text.push(' ');
        self.put_value(1, Value { moment: Some(moment), ..Value::text(text) });
        Ok(self)
    }

    fn host(&mut self, w: &mut Writer<'_, '_>) {
        let host =
            if w.choose.once_in(4) { super::value::ipv4(w.choose) } else { w.choose.word(&HOSTS).to_owned() };
        self.text.push_str(&host);
        self.text.push(' ');
        self.put(0, &host);
    }

    /// Program, process, message id and data of RFC 5424.
    fn fields(&mut self, w: &mut Writer<'_, '_>, word: &str) {
        if !word.is_empty() {
            let _ = write!(self.text, "{word} - - - ");
            self.put(3, word.trim_end_matches([':', ' ']));
            return;
        }
        let nil = w.choose.once_in(2);
        let [program, pid, id] = if nil { ["-"; 3] } else { ["agent", "4711", "ID7"] };
        let _ = write!(self.text, "{program} {pid} {id} - ");
        if !nil {
            self.put(3, program);
            self.put(4, pid);
            self.put(5, id);
        }
    }

    /// A header in front of another one.
    fn relay(&mut self, w: &mut Writer<'_, '_>) -> Made<()> {
        let items: Vec<Item> = parse_format(BSD).map_err(|error| error.to_string())?;
        let (stamp, _) = moment::write(&items, w.choose, w.run.received).ok_or("no time could be written")?;
        let priority = w.choose.within(1, 191);
        let _ = write!(self.text, "<{priority}>{stamp} relay7 ");
        self.priority(w).stamp(w, YEAR)?.host(w);
        self.put(6, "relay7");
        self.keep("syslog.relay.pri", &priority.to_string());
        self.put(7, &stamp);
        Ok(())
    }
}
