//! The rows of a spec, decided one by one from those of the guide.

use xdr_model::{Kind, Token};

use super::guide::{Guide, Note, Row};
use super::kinds::{Conversion, Habits, conversion};
use super::lines::Seen;
use super::text::{folded, is_nothing, without_places};
use super::token::{Match, find, names};

/// Where a row takes its value from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// A field of the record.
    Field,
    /// A constant.
    Value(String),
    /// A setting of the run.
    Setting(&'static str),
    /// A value of the run.
    Run(&'static str),
    /// What no record holds.
    Enrich(&'static str),
}

/// A row of the spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Planned {
    /// The guide's line.
    pub(super) line: usize,
    /// What the author should know, written above the row.
    pub(super) comments: Vec<String>,
    pub(super) from: Vec<String>,
    /// The token as it is written.
    pub(super) token: Option<String>,
    /// The token, where it is certain.
    pub(super) known: Option<Token>,
    pub(super) section: Option<&'static str>,
    /// The field's name in templates, where the guide's own cannot stand there.
    pub(super) field: Option<String>,
    pub(super) input: Input,
    /// The value map that the value goes through.
    pub(super) values: Option<String>,
    pub(super) sample: Option<String>,
    pub(super) conversion: Conversion,
    pub(super) waived: Option<String>,
}

impl Planned {
    fn of(row: &Row) -> Self {
        Self {
            line: row.line,
            comments: Vec::new(),
            from: row.from.clone(),
            token: None,
            known: None,
            section: None,
            field: None,
            input: Input::Field,
            values: None,
            sample: Some(row.sample.clone()).filter(|sample| !sample.is_empty()),
            conversion: Conversion::default(),
            waived: None,
        }
    }

    /// The field that the row reads.
    pub(super) fn reads(&self) -> Option<String> {
        let named = self.from.iter().any(|name| !name.is_empty());
        let reads = self.input == Input::Field && self.waived.is_none() && named;
        reads.then(|| self.field.clone().unwrap_or_else(|| self.from.join(".")))
    }

    /// How a policy of `fan-in` calls the row.
    pub(super) fn called(&self) -> Option<String> {
        match &self.input {
            _ if self.waived.is_some() => None,
            Input::Field => self.reads(),
            Input::Value(_) => Some("value".to_owned()),
            Input::Setting(_) => Some("setting".to_owned()),
            Input::Run(_) => Some("run".to_owned()),
            Input::Enrich(_) => Some("enrich".to_owned()),
        }
    }
}

/// The rows of the tables of fields.
pub(super) fn fields(guide: &Guide, seen: &Seen, habits: &Habits, notes: &mut Vec<Note>) -> Vec<Planned> {
    guide.rows.iter().flat_map(|row| field_row(guide, row, seen, habits, notes)).collect()
}

/// The rows of the table of internal fields.
pub(super) fn internal(guide: &Guide, notes: &mut Vec<Note>) -> Vec<Planned> {
    let mut rows = Vec::new();
    for row in &guide.internal {
        let mut planned = Planned::of(row);
        let found = find(&row.token);
        if let Some(token) = named(&mut planned, &row.token, &found, notes) {
            fill_from_outside(&mut planned, token, guide, notes);
        } else if found != Match::Nothing && planned.waived.is_none() {
            planned.input = Input::Value(row.sample.clone());
        }
        // A row of internal fields has no name of its own; one without a token needs one to be told by.
        if planned.token.is_none() {
            planned.from = vec![row.token.clone()];
        }
        doubts(&mut planned, row, notes);
        rows.push(planned);
    }
    rows
}

/// The section that the words in the field's place mean.
fn section(from: &[String]) -> Option<&'static str> {
    let [name] = from else { return None };
    match folded(name).as_str() {
        "internalfields" | "internalfield" | "qualysinternalfields" | "enrichedfields" | "enrichedfield" => {
            Some("internal")
        }
        "derivedfields" | "derivedfield" | "derived" | "deriveddata" => Some("derived"),
        _ => None,
    }
}

fn field_row(guide: &Guide, row: &Row, seen: &Seen, habits: &Habits, notes: &mut Vec<Note>) -> Vec<Planned> {
    let (mended, row) = (mended(&row.sample), row.clone());
    let row = &Row { sample: mended.clone().unwrap_or_else(|| row.sample.clone()), ..row };
    let tokens = names(&row.token);
    let several = tokens.len() > 1;
    let pair = several.then(|| addresses(&tokens)).flatten();
    let mut rows = Vec::new();
    for printed in &tokens {
        // One row fills both versions of an address.
        if pair.is_some_and(|(_, other)| find(printed).certain() == Some(other)) {
            continue;
        }
        let mut planned = Planned::of(row);
        planned.section = section(&row.from);
        planned.field = usable(&row.from.join("."), habits.json);
        let found = find(printed);
        let token = named(&mut planned, printed, &found, notes);
        match (token, planned.section) {
            _ if row.heading && found == Match::Nothing => {
                planned.waived = Some("heading of the nested rows".to_owned());
            }
            (Some(token), Some("internal")) => fill_from_outside(&mut planned, token, guide, notes),
            (Some(token), Some(_)) => {
                planned.waived = Some("derived, and the guide does not say from what".to_owned());
                say(
                    &mut planned,
                    notes,
                    &format!(
                        "`{token}` is derived: name the field, the constant or the value map that gives it"
                    ),
                );
            }
            (Some(token), None) => {
                let values = seen.values(&row.from.join("."));
                planned.conversion = conversion(token, &row.sample, values, habits);
                unset(&mut planned, token, values, notes);
                if let Some(doubt) = planned.conversion.doubt.clone() {
                    open(&mut planned, notes, &doubt);
                }
            }
            (None, _) if found == Match::Nothing => planned.waived = Some(without_token(row)),
            (None, None) => near_conversion(&mut planned, &found, row, seen, habits),
            (None, Some(_)) => {}
        }
        if row.from.iter().all(String::is_empty) {
            open(&mut planned, notes, "the cell of the field is empty: name the field");
        }
        if mended.is_some() {
            say(&mut planned, notes, "a blank in the sample is taken for the break of a line in one word");
        }
        if several {
            say(&mut planned, notes, &format!("the guide prints several tokens in one cell: {}", row.token));
        }
        doubts(&mut planned, row, notes);
        if let Some((_, other)) = pair {
            planned.conversion.otherwise = Some(other);
        }
        rows.push(planned);
    }
    rows
}

/// How a value becomes that of the only token that is near to the printed one: if that is meant, its name alone is to be mended.
fn near_conversion(planned: &mut Planned, found: &Match, row: &Row, seen: &Seen, habits: &Habits) {
    let Match::Near(near) = found else { return };
    let [token] = near.as_slice() else { return };
    let conversion = conversion(*token, &row.sample, seen.values(&row.from.join(".")), habits);
    if conversion.doubt.is_none() {
        planned.conversion = conversion;
    }
}

/// A list of words such as `LOGIN_FAILED`, of which the guide's page has broken one in two.
fn mended(sample: &str) -> Option<String> {
    let word = |part: &str| {
        part.contains('_')
            && part.chars().all(|character| {
                character.is_ascii_uppercase() || character.is_ascii_digit() || character == '_'
            })
    };
    let parts: Vec<&str> = sample.split(", ").collect();
    let broken = |part: &&str| part.split(' ').count() == 2 && word(&part.replace(' ', ""));
    let one = parts.iter().filter(|part| broken(part)).count() == 1;
    let others = parts.iter().filter(|part| !broken(part)).all(|part| word(part));
    (parts.len() > 1 && one && others)
        .then(|| parts.iter().map(|part| part.replace(' ', "")).collect::<Vec<_>>().join(", "))
}

/// The two versions of one address, if these are their tokens: one row fills both.
fn addresses(tokens: &[String]) -> Option<(Token, Token)> {
    let [one, other] = tokens else { return None };
    let (one, other) = (find(one).certain()?, find(other).certain()?);
    match (one.kind(), other.kind()) {
        (Kind::Ipv4, Kind::Ipv6) => Some((one, other)),
        (Kind::Ipv6, Kind::Ipv4) => Some((other, one)),
        _ => None,
    }
}

fn without_token(row: &Row) -> String {
    let what = if row.sample.is_empty() { "neither token nor sample" } else { "no token" };
    format!("the guide prints {what}; the value stays under unmapped")
}

/// Writes the token into the row, or why there is none; gives it where it is certain.
fn named(planned: &mut Planned, printed: &str, found: &Match, notes: &mut Vec<Note>) -> Option<Token> {
    match found {
        Match::Exact(token) => {
            planned.token = Some(token.name().to_owned());
            planned.known = Some(*token);
        }
        Match::Drift(token) => {
            planned.token = Some(token.name().to_owned());
            planned.known = Some(*token);
            say(planned, notes, &format!("the guide prints `{printed}` for `{token}`"));
        }
        Match::Near(near) => {
            let near: Vec<String> = near.iter().map(|token| format!("`{token}`")).collect();
            planned.token = Some(printed.to_owned());
            open(planned, notes, &format!("`{printed}` is no token; near to it: {}", near.join(", ")));
        }
        Match::Unknown => {
            planned.waived =
                Some(format!("the schema has no token `{printed}`; the value stays under unmapped"));
            say(planned, notes, &format!("the schema has no token `{printed}`: the row is waived"));
        }
        Match::Nothing => {}
    }
    planned.known
}

/// Rows that no record fills: settings, values of the run, constants of the device, and enrichment.
fn fill_from_outside(planned: &mut Planned, token: Token, guide: &Guide, notes: &mut Vec<Note>) {
    let sample = planned.sample.clone().unwrap_or_default();
    let constant = |said: &Option<String>| said.clone().filter(|said| !said.is_empty());
    let said = match token {
        Token::DeviceType => constant(&guide.device.kind),
        Token::DeviceVendor => constant(&guide.device.vendor),
        _ => None,
    };
    planned.input = match token {
        Token::DeviceHost => Input::Setting("deviceHost"),
        Token::CustomerId => Input::Setting("customerId"),
        Token::CollectorId => Input::Setting("collectorId"),
        Token::EventSourceId => Input::Setting("eventSourceId"),
        Token::EventId => Input::Run("event-id"),
        Token::CollectorReceivedTime => Input::Run("received-time"),
        Token::Tags => Input::Enrich("tags"),
        Token::EventContext => Input::Enrich("networks"),
        Token::UserEmployeeId | Token::UserDepartment | Token::UserStatus => Input::Enrich("directory"),
        token if token.name().starts_with("geo") => Input::Enrich("geo"),
        Token::DeviceType | Token::DeviceVendor | Token::DeviceModel => {
            let value = said.clone().unwrap_or_else(|| sample.clone());
            if !sample.is_empty() && value != sample {
                say(
                    planned,
                    notes,
                    &format!("the guide's details say `{value}` where this row's sample is `{sample}`"),
                );
            }
            Input::Value(value)
        }
        _ => {
            planned.waived = Some("internal, and the guide does not say what fills it".to_owned());
            say(
                planned,
                notes,
                &format!("`{token}` is an internal field of which the guide does not say what fills it"),
            );
            return;
        }
    };
    if let Input::Value(value) = &planned.input
        && is_nothing(value)
    {
        planned.waived = Some("the guide prints no value".to_owned());
    }
    let places =
        matches!(planned.input, Input::Enrich("geo" | "networks")) && !token.name().ends_with("Coordinates");
    if places && sample.contains(", ") {
        planned.conversion.alternatives = Some(", ");
    }
}

/// Texts of the guide and of real records that stand for no value.
fn unset(planned: &mut Planned, token: Token, values: &[String], notes: &mut Vec<Note>) {
    let address = matches!(token.kind(), Kind::Ipv4 | Kind::Ipv6 | Kind::Ip | Kind::IpList);
    let printed = planned.sample.iter().filter(|_| token.kind() == Kind::String);
    let stands = |text: &&String| {
        !text.is_empty() && ["na", ""].contains(&folded(text).as_str()) && !text.contains(['*', '%'])
            || address && ["0.0.0.0", "::"].contains(&text.as_str())
    };
    let found: Vec<String> = printed.chain(values).filter(stands).cloned().collect();
    for text in found {
        if !planned.conversion.none.contains(&text) {
            planned.conversion.none.push(text.clone());
            say(planned, notes, &format!("`{text}` is taken for no value"));
        }
    }
}

/// The name of a field as templates and paths can have it, where it must be another one than the guide's.
fn usable(name: &str, json: bool) -> Option<String> {
    let clean = if json {
        without_places(name).0
    } else {
        let odd = |character: char| "{}:=|*?@".contains(character);
        name.split(|character| odd(character) || character == ' ')
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let clean = clean.trim_start_matches('_').to_owned();
    (clean != name && !clean.is_empty()).then_some(clean)
}

/// What was uncertain about how the row was read.
fn doubts(planned: &mut Planned, row: &Row, notes: &mut Vec<Note>) {
    for doubt in &row.doubts {
        say(planned, notes, doubt);
    }
}

/// A remark above the row and in the report.
pub(super) fn say(planned: &mut Planned, notes: &mut Vec<Note>, text: &str) {
    let name = called(planned);
    planned.comments.push(text.to_owned());
    notes.push(Note::new(planned.line, format!("{name}{text}")));
}

/// Something that the check refuses until it is decided.
fn open(planned: &mut Planned, notes: &mut Vec<Note>, text: &str) {
    let name = called(planned);
    planned.comments.push(format!("Decide: {text}."));
    notes.push(Note::open(planned.line, format!("{name}{text}")));
}

fn called(planned: &Planned) -> String {
    if planned.from.iter().all(String::is_empty) {
        String::new()
    } else {
        format!("`{}`: ", planned.from.join("."))
    }
}
