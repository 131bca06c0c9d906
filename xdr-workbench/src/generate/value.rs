//! Values of fields: what was chosen, and the text that says it.

use std::net::{Ipv4Addr, Ipv6Addr};

use xdr_codegen::ir::{Condition, How, Input, Module, Otherwise, Slot, TimeRule, ValueMap};
use xdr_model::{Kind, Token};

use super::Run;
use super::moment::{self, Moment};
use super::random::Chooser;

/// How a value is written on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A text.
    Text,
    /// A JSON number.
    Number,
    /// `true` or `false` of JSON.
    Boolean,
    /// An array of JSON, with its members if all of them are texts.
    Array(Option<Vec<String>>),
    /// An object of JSON.
    Object,
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value {
    /// The text as it is meant, without the escapes of the wire; of arrays and objects their JSON.
    pub(super) text: String,
    pub(super) form: Form,
    /// The time that was chosen, if it is one.
    pub(super) moment: Option<Moment>,
    /// The seconds that were chosen, if it is a duration.
    pub(super) seconds: Option<u64>,
    /// The members that were chosen, if it is a list between separators.
    pub(super) members: Option<Vec<String>>,
    /// Host and port, if it was written as an address with a port.
    pub(super) socket: Option<(String, u16)>,
}

impl Value {
    pub(super) fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { text, form: Form::Text, moment: None, seconds: None, members: None, socket: None }
    }

    /// Whether it has something to say.
    pub(super) fn has_value(&self) -> bool {
        match &self.form {
            Form::Array(Some(members)) => members.iter().any(|member| !member.is_empty()),
            Form::Array(None) | Form::Object => !matches!(self.text.as_str(), "[]" | "{}"),
            _ => !self.text.is_empty(),
        }
    }
}

/// A way to make a value.
#[derive(Clone, Debug)]
enum Maker {
    Exact(String),
    Time(TimeRule, usize),
    Ipv4,
    Ipv6,
    /// An address with a port.
    Socket(bool),
    /// Several addresses between separators.
    Addresses(Option<String>),
    Integer,
    Port,
    Duration,
    Uuid,
    Hash(usize),
    Boolean,
    Path,
    List(Option<String>),
    Priority,
    Host,
    /// A number from one to the other.
    Range(i64, i64),
    /// A case of a map in other letters.
    OtherCase(String),
    Text,
    /// A text that most kinds refuse.
    Wrong,
    Empty,
}

/// Makes values for the fields of a source.
#[derive(Debug)]
pub(super) struct Makers {
    by_slot: Vec<Vec<Maker>>,
    /// Whether arrays of JSON may fill the field.
    lists: Vec<bool>,
}

impl Makers {
    pub(super) fn new(module: &Module) -> Self {
        let slots = 0..u16::try_from(module.fields.len()).unwrap_or(u16::MAX);
        let by_slot: Vec<_> = slots.clone().map(|slot| of_slot(module, slot)).collect();
        let lists = slots.map(|slot| takes_lists(module, slot)).collect();
        Self { by_slot, lists }
    }

    /// Whether arrays of JSON may fill the field.
    pub(super) fn takes_lists(&self, slot: Slot) -> bool {
        self.lists.get(usize::from(slot)).copied().unwrap_or_default()
    }

    /// A value for a field that rows read, or for one that none reads.
    pub(super) fn value(&self, slot: Option<Slot>, choose: &mut Chooser, run: &Run) -> Value {
        let makers = slot.and_then(|slot| self.by_slot.get(usize::from(slot)));
        let Some(makers) = makers.filter(|makers| !makers.is_empty()) else { return text(choose) };
        let site = format!("value of field {}", slot.unwrap_or_default());
        let index = choose.choose(&site, makers.len());
        makers.get(index).and_then(|maker| make(maker, choose, run)).unwrap_or_else(|| text(choose))
    }
}

/// What the readers of a field make of it decides which values are worth making.
fn of_slot(module: &Module, slot: Slot) -> Vec<Maker> {
    let mut makers = Vec::new();
    let mut exact = Vec::new();
    for plan in &module.plans {
        if let Some(by) = plan.by.as_ref().filter(|by| by.slot == slot) {
            exact.extend(by.cases.iter().map(|(text, _)| text.clone()));
        }
        for candidate in &plan.candidates {
            for condition in &candidate.when {
                if let Condition::Is(of, texts) = condition
                    && *of == slot
                {
                    exact.extend(texts.iter().cloned());
                }
            }
            match &candidate.input {
                Input::Field(of, how) if *of == slot => {
                    exact.extend(candidate.none.iter().cloned());
                    of_reader(module, plan.token, how, &mut makers, &mut exact);
                }
                _ => {}
            }
        }
    }
    exact.sort_unstable();
    exact.dedup();
    makers.extend(exact.into_iter().filter(|text| text.trim() == text.as_str()).map(Maker::Exact));
    if makers.is_empty() { vec![Maker::Text] } else { makers }
}

fn of_reader(module: &Module, token: Token, how: &How, makers: &mut Vec<Maker>, exact: &mut Vec<String>) {
    match how {
        How::Text | How::Phrase(..) => makers.extend([Maker::Text, Maker::Text, Maker::Text, Maker::Empty]),
        How::BaseName | How::DirName => makers.extend([Maker::Path, Maker::Path, Maker::Text]),
        How::Values(map) => of_map(module.values.get(*map), makers, exact),
        How::PriSeverity(_) => makers.extend([Maker::Priority, Maker::Range(0, 191)]),
        How::List(separator) => {
            makers.extend([Maker::List(separator.clone()), Maker::List(separator.clone()), Maker::Text]);
        }
        How::Addresses(separator, others) => {
            let addresses = Maker::Addresses(separator.clone());
            makers.extend([Maker::Ipv4, Maker::Ipv6, Maker::Socket(false), addresses]);
            of_others(others, makers);
        }
        How::Kind(others) => {
            let own = of_kind(token);
            makers.extend([own.clone(), own.clone(), own.clone(), own, Maker::Wrong]);
            of_others(others, makers);
        }
        How::Socket(others) => {
            makers.extend([Maker::Socket(false), Maker::Socket(false), Maker::Ipv4, Maker::Wrong]);
            if others.iter().any(|kind| matches!(kind, Kind::Ipv6 | Kind::Ip)) {
                makers.push(Maker::Socket(true));
            }
            of_others(others, makers);
        }
        How::Time(rule) => {
            let formats = (0..rule.formats.len()).map(|number| Maker::Time(rule.clone(), number));
            makers.extend(formats);
            exact.extend(rule.unset.iter().cloned());
            makers.push(Maker::Wrong);
        }
        How::Refused(_) | How::SocketRefused(_) | How::SocketPort => {}
    }
}

fn of_kind(token: Token) -> Maker {
    match token.kind() {
        Kind::Integer => Maker::Integer,
        Kind::Ipv4 | Kind::Ip | Kind::IpList => Maker::Ipv4,
        Kind::Ipv6 => Maker::Ipv6,
        Kind::Port => Maker::Port,
        Kind::Duration => Maker::Duration,
        Kind::Uuid => Maker::Uuid,
        Kind::Hash => Maker::Hash(token.hash_digits().unwrap_or(64)),
        Kind::Boolean => Maker::Boolean,
        Kind::StringList => Maker::List(None),
        Kind::String | Kind::Timestamp => Maker::Text,
    }
}

/// The kinds that may take what the row's own token refuses.
fn of_others(others: &[Kind], makers: &mut Vec<Maker>) {
    for kind in others {
        makers.push(match kind {
            Kind::Ipv6 | Kind::Ip => Maker::Ipv6,
            Kind::Ipv4 => Maker::Ipv4,
            _ => Maker::Host,
        });
    }
}

fn of_map(map: Option<&ValueMap>, makers: &mut Vec<Maker>, exact: &mut Vec<String>) {
    let Some(map) = map else { return };
    exact.extend(map.cases.iter().map(|(from, _)| from.clone()));
    if map.fold {
        makers.extend(map.cases.iter().map(|(from, _)| Maker::OtherCase(from.clone())));
    }
    for (low, high, _) in &map.ranges {
        exact.extend([low.to_string(), high.to_string()]);
        makers.push(Maker::Range(*low, *high));
    }
    // What becomes of a value outside the map.
    makers.push(match map.otherwise {
        Otherwise::Keep => Maker::Text,
        Otherwise::Refuse | Otherwise::Nothing => Maker::Wrong,
    });
}

/// Arrays are joined, listed or refused by rows; only where all rows that read the field do the first two is one made.
fn takes_lists(module: &Module, slot: Slot) -> bool {
    let mut any = false;
    for plan in &module.plans {
        if plan.by.as_ref().is_some_and(|by| by.slot == slot) {
            return false;
        }
        for candidate in &plan.candidates {
            let about = |condition: &Condition| matches!(condition, Condition::Is(of, _) if *of == slot);
            if candidate.when.iter().any(about) {
                return false;
            }
            if let Input::Field(of, how) = &candidate.input
                && *of == slot
            {
                if !matches!(how, How::Text | How::List(_)) || !candidate.none.is_empty() {
                    return false;
                }
                any = true;
            }
        }
    }
    any
}

fn make(maker: &Maker, choose: &mut Chooser, run: &Run) -> Option<Value> {
    Some(match maker {
        Maker::Exact(text) => Value::text(text.clone()),
        Maker::Time(rule, number) => {
            let (text, moment) = (0..20).find_map(|_| moment::make(rule, *number, choose, run.received))?;
            Value { moment: Some(moment), ..Value::text(text) }
        }
        Maker::Ipv4 => Value::text(ipv4(choose)),
        Maker::Ipv6 => Value::text(ipv6(choose)),
        Maker::Socket(six) => {
            let port = port(choose);
            let host = if *six { ipv6(choose) } else { ipv4(choose) };
            let text = if *six { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
            Value { socket: Some((host, port)), ..Value::text(text) }
        }
        Maker::Addresses(separator) => {
            let members: Vec<_> = (0..=choose.below(3)).map(|_| ipv4(choose)).collect();
            joined(members, separator.as_deref())
        }
        Maker::Integer => {
            let edges = ["0", "1", "-1", "9223372036854775807", "-9223372036854775808", "007"];
            let size = u32::try_from(choose.below(12)).unwrap_or_default();
            let number = choose.within(0, 10_i64.pow(size)).to_string();
            Value::text(if choose.once_in(4) { choose.word(&edges).to_owned() } else { number })
        }
        Maker::Port => Value::text(port(choose).to_string()),
        Maker::Duration => duration(choose),
        Maker::Uuid => Value::text(uuid::Uuid::from_u128(wide(choose)).to_string()),
        Maker::Hash(digits) => {
            let text: String = (0..*digits).map(|_| choose.word(&HEX)).collect();
            Value::text(if choose.once_in(3) { text.to_ascii_uppercase() } else { text })
        }
        Maker::Boolean => Value::text(choose.word(&["true", "false", "True", "FALSE"])),
        Maker::Path => {
            let (folder, name) =
                (choose.word(&FOLDERS), choose.word(&["report.txt", "a b.exe", "x", "café.dll"]));
            let slash = if folder.contains('\\') { "\\" } else { "/" };
            Value::text(format!("{folder}{slash}{name}"))
        }
        Maker::List(separator) => {
            let count = 1 + choose.below(3);
            let separator = separator.as_deref();
            let words = ["Staff", "Admins (all)", "Portal (a, b)", "vpn", "Büro"];
            // A separator in parentheses is none.
            let whole = |word: &&&str| {
                separator.is_none_or(|separator| {
                    !word.split('(').next().is_some_and(|head| head.contains(separator))
                })
            };
            let words: Vec<&str> = words.iter().filter(whole).copied().collect();
            let members = (0..count).map(|_| choose.word(&words).to_owned());
            joined(members.collect(), separator)
        }
        Maker::Priority => Value::text(choose.within(0, 191).to_string()),
        Maker::Host => Value::text(choose.word(&HOSTS)),
        Maker::Range(low, high) => Value::text(choose.within(*low, *high).to_string()),
        Maker::OtherCase(text) => {
            let up = choose.once_in(2);
            Value::text(if up { text.to_ascii_uppercase() } else { text.to_ascii_lowercase() })
        }
        Maker::Text => text(choose),
        Maker::Wrong => Value::text(choose.word(&["none such", "n.a", "gone away", "q?"])),
        Maker::Empty => Value::text(""),
    })
}

/// Members between separators; without a separator a value of one member.
fn joined(members: Vec<String>, separator: Option<&str>) -> Value {
    match separator {
        Some(separator) => {
            let text = members.join(separator);
            Value { members: Some(members), ..Value::text(text) }
        }
        None => Value::text(members.into_iter().next().unwrap_or_default()),
    }
}

fn duration(choose: &mut Chooser) -> Value {
    let most = if choose.once_in(4) { 500_000 } else { 9000 };
    let seconds = choose.within(0, most);
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let text = match choose.below(3) {
        0 => seconds.to_string(),
        1 => format!("{hours:02}:{minutes:02}:{rest:02}"),
        _ if hours >= 24 => format!("{}d {}h:{minutes:02}m:{rest:02}s", hours / 24, hours % 24),
        _ => format!("{hours}h:{minutes:02}m:{rest:02}s"),
    };
    Value { seconds: u64::try_from(seconds).ok(), ..Value::text(text) }
}

const HEX: [&str; 16] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b", "c", "d", "e", "f"];
const FOLDERS: [&str; 4] = ["/usr/share/docs", "C:\\Program Files\\Acme", "C:", "/srv"];
/// Names of hosts, none of which is made of digits and dots alone.
pub(super) const HOSTS: [&str; 4] = ["gw1.example.com", "fw-7", "ns2.example.com", "desk7"];

pub(super) fn ipv4(choose: &mut Chooser) -> String {
    let last = u8::try_from(choose.within(1, 254)).unwrap_or(7);
    let nets = [[192, 0, 2], [198, 51, 100], [203, 0, 113], [10, 1, 9]];
    let [a, b, c] = choose.pick(&nets).copied().unwrap_or_default();
    Ipv4Addr::new(a, b, c, last).to_string()
}

fn ipv6(choose: &mut Chooser) -> String {
    let [a, b] = [1, 2].map(|_| u16::try_from(choose.within(0, 0xffff)).unwrap_or(1));
    let address = Ipv6Addr::new(0x2001, 0xdb8, a, 0, 0, 0, 0, b);
    match choose.below(3) {
        0 => format!("2001:0DB8:{a:04X}:0000:0000:0000:0000:{b:04X}"),
        _ => address.to_string(),
    }
}

fn port(choose: &mut Chooser) -> u16 {
    let edges = [1, 22, 443, 1023, 1024, 65535];
    if choose.once_in(3) {
        choose.pick(&edges).copied().unwrap_or(1)
    } else {
        u16::try_from(choose.within(1, 65535)).unwrap_or(1)
    }
}

fn wide(choose: &mut Chooser) -> u128 {
    (0..4).fold(0, |number, _| number << 32 | u128::try_from(choose.within(0, 0xffff_ffff)).unwrap_or(0))
}

/// A text for a field that takes any: mostly a name or some words, now and then characters that formats stumble over.
pub(super) fn text(choose: &mut Chooser) -> Value {
    const WORDS: [&str; 12] = [
        "kim",
        "lee",
        "Staff",
        "portal",
        "Zürich",
        "audit",
        "north7",
        "office",
        "example.com",
        "blue",
        "DESK-7",
        "w9",
    ];
    const ODD: [&str; 9] =
        ["kim \"the\" lee", "a\\b", "日本語 x", "O'Brien", "a=b", "50%", "<kim>", "{kim}", "x; y, z"];
    Value::text(match choose.below(8) {
        0 => choose.word(&ODD).to_owned(),
        1 | 2 => format!("{} {}", choose.word(&WORDS), choose.word(&WORDS)),
        3 => format!("{}{}", choose.word(&WORDS), choose.below(1000)),
        _ => choose.word(&WORDS).to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_say_their_seconds() {
        let mut choose = Chooser::new(5);
        for _ in 0..200 {
            let value = duration(&mut choose);
            assert_eq!(xdr_model::read::duration(&value.text).ok(), value.seconds, "{}", value.text);
        }
    }

    #[test]
    fn addresses_are_those_of_documentation_and_of_inside() {
        let mut choose = Chooser::new(5);
        for _ in 0..100 {
            assert!(ipv4(&mut choose).parse::<Ipv4Addr>().is_ok());
            assert!(ipv6(&mut choose).parse::<Ipv6Addr>().unwrap().segments()[..2] == [0x2001, 0xdb8]);
        }
    }
}
