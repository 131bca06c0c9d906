//! `xdr explain`: where each token of a record comes from, and where reading stopped if it did.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use serde_json::value::RawValue;
use xdr_runtime::engine::{Explanation, Source, Told};
use xdr_runtime::enrich::{By, Declared};
use xdr_runtime::info::Row;
use xdr_runtime::record::{Reject, Status};
use xdr_runtime::settings::Settings;

use crate::cli::{ExplainArgs, ListFormat};
use crate::config::Config;
use crate::enrich::told;
use crate::failure::{DONE, Failure};
use crate::input;
use crate::job::Sizes;
use crate::lines::Piece;
use crate::miss::{self, Stop};
use crate::reader::Reading;
use crate::settings;
use crate::text::{around, columns, shown};

/// The longest line that is read, in bytes.
const LIMIT: u32 = 1 << 20;
/// The reason of the pieces of a longer one, as `xdr normalize` has it.
const TOO_LONG: &str = "longer than 1048576 bytes";
/// How much of a value or a record is shown, in characters.
const LONG: usize = 1000;
const MEDIUM: usize = 80;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const SO_SO: Style = AnsiColor::Yellow.on_default().bold();

/// Explains the record of the command line, or each of standard input.
pub(super) fn run(args: &ExplainArgs, to: &mut dyn Write) -> Result<u8, Failure> {
    let source = super::source(&args.source.name)?;
    let config = Config::open(args.settings.config.as_deref(), Some(source.info.name))?;
    let settings = settings::resolve(&args.settings, &config, source.info)?.now();
    let mut explain = Explain { source, settings: &settings, format: args.format, number: 0 };
    if let Some(line) = args.line.as_deref().filter(|line| *line != "-") {
        for line in line.lines() {
            explain.line(line.as_bytes(), to)?;
        }
        return Ok(DONE);
    }
    let reading = Reading::start(input::open(&[])?, Arc::new(AtomicU64::new(0)), LIMIT, Sizes::new(1))?;
    for mut job in &reading.jobs {
        if let Some(last) = job.last {
            return last.map(|()| DONE);
        }
        while let Some((piece, _)) = job.block.next(LIMIT as usize) {
            match piece {
                Piece::Line(line) => explain.line(line, to)?,
                Piece::Long(piece) | Piece::More(piece) => explain.too_long(piece, to)?,
                // Why its rest could not be read follows.
                Piece::Torn(_) => {}
            }
        }
        reading.free(job);
    }
    Ok(DONE)
}

struct Explain<'s> {
    source: &'static Source,
    settings: &'s Settings,
    format: ListFormat,
    number: u64,
}

impl Explain<'_> {
    fn line(&mut self, line: &[u8], to: &mut dyn Write) -> Result<(), Failure> {
        if line.trim_ascii().is_empty() {
            return Ok(());
        }
        for record in self.source.records(line) {
            let explanation = self.source.explain(record, self.settings);
            self.tell(&explanation, to)?;
        }
        Ok(())
    }

    /// A piece of a line that is too long is a reject by itself.
    fn too_long(&mut self, piece: &[u8], to: &mut dyn Write) -> Result<(), Failure> {
        let expected = "the end of the line".to_owned();
        let explanation = Explanation {
            text: String::from_utf8_lossy(piece).into_owned(),
            status: Status::Rejected,
            message: None,
            told: Vec::new(),
            reject: Some(Reject { reason: TOO_LONG, at: piece.len(), expected }),
        };
        self.tell(&explanation, to)
    }

    fn tell(&mut self, explanation: &Explanation, to: &mut dyn Write) -> Result<(), Failure> {
        self.number += 1;
        let info = self.source.info;
        let stop = miss::stop(explanation, info.catalogue);
        let of = Of { rows: info.rows, enrich: info.enrich };
        match self.format {
            ListFormat::Json => json(explanation, stop.as_ref(), of, to)?,
            ListFormat::Text => {
                text(explanation, stop.as_ref(), of, self.number, to)?;
                if explanation.reject.is_none() {
                    not_enriched(info.enrich, self.settings, to)?;
                }
            }
        }
        // Somebody may type records and wait for each answer.
        to.flush()?;
        Ok(())
    }
}

/// What values come from.
#[derive(Clone, Copy)]
struct Of {
    rows: &'static [Row],
    enrich: &'static [Declared],
}

/// Prints an explanation for people.
fn text(
    explanation: &Explanation,
    stop: Option<&Stop>,
    of: Of,
    number: u64,
    to: &mut dyn Write,
) -> std::io::Result<()> {
    let Explanation { status, message, told, .. } = explanation;
    let style = match status {
        Status::Mapped => GOOD,
        Status::Partial => SO_SO,
        Status::Rejected => BAD,
    };
    if number > 1 {
        writeln!(to)?;
    }
    write!(to, "{BOLD}record {number}{BOLD:#}  {style}{}{style:#}", status.word())?;
    match message {
        Some(message) => writeln!(to, "  message {}", shown(message, MEDIUM))?,
        None => writeln!(to)?,
    }
    writeln!(to, "  {}", shown(&explanation.text, LONG))?;
    if let Some(stop) = stop {
        point(to, &explanation.text, stop)?;
    }
    let (values, issues, unmapped) = tables(told, of);
    table(to, "tokens", ["token", "value", "row of the guide", "bytes of the record"], &values)?;
    table(to, "issues", ["token", "field", "value", "reason"], &issues)?;
    table(to, "unmapped", ["field", "value"], &unmapped)
}

/// Lists the enrichments that the spec declares and for which the run has nothing to look up in.
fn not_enriched(enrich: &[Declared], settings: &Settings, to: &mut dyn Write) -> std::io::Result<()> {
    // An event may have labels or none.
    let missing = enrich.iter().filter(|one| one.by != By::Tags && !settings.enrichment.can(one.by));
    let rows: Vec<[String; 4]> = missing
        .map(|one| {
            let (by, option) = (one.by.word().to_owned(), told::option(one.by).to_owned());
            [by, told::reads(one), told::fills(one), option]
        })
        .collect();
    table(to, "not enriched in this run", ["by", "would read", "would fill", "needs"], &rows)
}

type Tables = (Vec<[String; 4]>, Vec<[String; 4]>, Vec<[String; 2]>);

/// Values, issues and unmapped fields as rows to show.
fn tables(told: &[Told], of: Of) -> Tables {
    let (mut values, mut issues, mut unmapped) = (Vec::new(), Vec::new(), Vec::new());
    for told in told {
        match told {
            Told::Value { token, value, row, piece } => {
                let piece = match piece {
                    Some((at, text)) => format!("`{}` at {at}", shown(text, MEDIUM)),
                    None => match told::found_by(of.enrich, *token) {
                        Some(by) => format!("not of the record: {by}"),
                        None => "not of the record".to_owned(),
                    },
                };
                values.push([token.name().to_owned(), shown(value, MEDIUM), name(of.rows.get(*row)), piece]);
            }
            Told::Issue { token, field, value, reason } => {
                let token = token.map_or("-", xdr_model::Token::name).to_owned();
                let value = format!("`{}`", shown(value, MEDIUM));
                issues.push([token, shown(field, MEDIUM), value, shown(reason, MEDIUM)]);
            }
            Told::Unmapped { field, value } => {
                unmapped.push([shown(field, MEDIUM), format!("`{}`", shown(value, MEDIUM))]);
            }
        }
    }
    (values, issues, unmapped)
}

/// How a row is named: by the guide's first column, and by its table if that is not the field table.
fn name(row: Option<&Row>) -> String {
    let Some(row) = row else { return String::new() };
    let section = row.section.word();
    match (row.from, section) {
        ([], _) => format!("({section})"),
        (from, "field") => from.join(" › "),
        (from, _) => format!("{} ({section})", from.join(" › ")),
    }
}

/// Says where reading stopped, and points at the byte if it is known.
fn point(to: &mut dyn Write, text: &str, stop: &Stop) -> std::io::Result<()> {
    let reason = shown(&stop.reason, LONG);
    match stop.at {
        Some(at) => {
            let (line, column) = around(text, at);
            writeln!(to, "\n  {line}")?;
            write!(to, "  {:column$}{BAD}^ {reason}{BAD:#} at byte {at}", "")?;
        }
        None => write!(to, "\n  {BAD}{reason}{BAD:#}")?,
    }
    match &stop.expected {
        Some(expected) => writeln!(to, ": expected {}", shown(expected, LONG)),
        None => writeln!(to),
    }
}

fn table<const N: usize>(
    to: &mut dyn Write,
    title: &str,
    heading: [&str; N],
    rows: &[[String; N]],
) -> std::io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut all = vec![heading.map(str::to_owned)];
    all.extend_from_slice(rows);
    writeln!(to, "\n  {BOLD}{title}{BOLD:#}")?;
    for (at, line) in columns(&all).iter().enumerate() {
        if at == 0 {
            writeln!(to, "    {DIM}{line}{DIM:#}")?;
        } else {
            writeln!(to, "    {line}")?;
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct JsonRecord<'e> {
    record: &'e str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'e str>,
    tokens: Vec<JsonToken<'e>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    issues: Vec<JsonIssue<'e>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unmapped: Vec<JsonField<'e>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped: Option<JsonStop<'e>>,
}

#[derive(Serialize)]
struct JsonToken<'e> {
    token: &'static str,
    value: Box<RawValue>,
    section: Option<&'static str>,
    from: &'static [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enrich: Option<&'static str>,
}

#[derive(Serialize)]
struct JsonIssue<'e> {
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'static str>,
    field: &'e str,
    value: &'e str,
    reason: &'e str,
}

#[derive(Serialize)]
struct JsonField<'e> {
    field: &'e str,
    value: &'e str,
}

#[derive(Serialize)]
struct JsonStop<'e> {
    reason: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<&'e str>,
}

/// Prints an explanation as one line of JSON.
fn json(
    explanation: &Explanation,
    stop: Option<&Stop>,
    Of { rows, enrich }: Of,
    to: &mut dyn Write,
) -> std::io::Result<()> {
    let mut record = JsonRecord {
        record: &explanation.text,
        status: explanation.status.word(),
        message: explanation.message.as_deref(),
        tokens: Vec::new(),
        issues: Vec::new(),
        unmapped: Vec::new(),
        stopped: stop.map(|stop| JsonStop {
            reason: &stop.reason,
            at: stop.at,
            expected: stop.expected.as_deref(),
        }),
    };
    for told in &explanation.told {
        match told {
            Told::Value { token, value, row, piece } => record.tokens.push(JsonToken {
                token: token.name(),
                value: RawValue::from_string(value.clone()).map_err(std::io::Error::from)?,
                section: rows.get(*row).map(|row| row.section.word()),
                from: rows.get(*row).map(|row| row.from).unwrap_or_default(),
                at: piece.as_ref().map(|(at, _)| *at),
                bytes: piece.as_ref().map(|(_, text)| text.as_str()),
                enrich: enrich
                    .iter()
                    .find(|one| piece.is_none() && one.fills.contains(token))
                    .map(|one| one.by.word()),
            }),
            Told::Issue { token, field, value, reason } => {
                let token = token.map(xdr_model::Token::name);
                record.issues.push(JsonIssue { token, field, value, reason });
            }
            Told::Unmapped { field, value } => record.unmapped.push(JsonField { field, value }),
        }
    }
    serde_json::to_writer(&mut *to, &record).map_err(std::io::Error::from)?;
    writeln!(to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use xdr_model::Token;
    use xdr_runtime::info::Section;

    static ROWS: [Row; 2] = [
        Row {
            section: Section::Field,
            from: &["User", "name"],
            token: Some(Token::SourceUser),
            sample: "kim",
            decision: "",
            waived: "",
        },
        Row {
            section: Section::Internal,
            from: &[],
            token: Some(Token::DeviceType),
            sample: "VPN",
            decision: "",
            waived: "",
        },
    ];

    static ENRICH: [Declared; 2] = [
        Declared {
            by: By::Geo,
            reads: &[&[Token::SourceIpv4, Token::SourceIpv6]],
            fills: &[Token::GeoSourceCity],
            ahead: false,
        },
        Declared { by: By::Tags, reads: &[], fills: &[Token::Tags], ahead: false },
    ];

    const OF: Of = Of { rows: &ROWS, enrich: &ENRICH };

    fn partial() -> Explanation {
        let value =
            |token, value: &str, row, piece| Told::Value { token, value: value.to_owned(), row, piece };
        Explanation {
            text: "id 7: user kim rest".to_owned(),
            status: Status::Partial,
            message: Some("7".to_owned()),
            told: vec![
                value(Token::SourceUser, "\"kim\"", 0, Some((11, "kim".to_owned()))),
                value(Token::DeviceType, "\"VPN\"", 1, None),
                value(Token::GeoSourceCity, "\"Oslo\"", 1, None),
                value(Token::Tags, "[\"dmz\"]", 1, None),
                Told::Issue {
                    token: None,
                    field: "text".to_owned(),
                    value: "rest".to_owned(),
                    reason: "no template of its message matches".to_owned(),
                },
                Told::Unmapped { field: "x".to_owned(), value: "a\x1bb".to_owned() },
            ],
            reject: None,
        }
    }

    fn stop() -> Stop {
        let expected = Some("`.`".to_owned());
        Stop { reason: "no template of its message matches".to_owned(), at: Some(15), expected }
    }

    fn printed(explanation: &Explanation, stop: &Stop) -> String {
        let mut out = Vec::new();
        text(explanation, Some(stop), OF, 1, &mut out).unwrap();
        anstream::adapter::strip_str(&String::from_utf8(out).unwrap()).to_string()
    }

    #[test]
    fn each_token_is_traced_to_its_row_and_its_bytes() {
        assert_eq!(
            printed(&partial(), &stop()),
            "\
record 1  partial  message 7
  id 7: user kim rest

  id 7: user kim rest
                 ^ no template of its message matches at byte 15: expected `.`

  tokens
    token          value    row of the guide  bytes of the record
    sourceUser     \"kim\"    User › name       `kim` at 11
    deviceType     \"VPN\"    (internal)        not of the record
    geoSourceCity  \"Oslo\"   (internal)        not of the record: geo of sourceIpv4 or sourceIpv6
    tags           [\"dmz\"]  (internal)        not of the record: tags

  issues
    token  field  value   reason
    -      text   `rest`  no template of its message matches

  unmapped
    field  value
    x      `a\\u{1b}b`
"
        );
    }

    #[test]
    fn what_the_run_cannot_enrich_is_listed_with_its_option() {
        let settings = Settings::new("2024-03-14T07:08:09Z".parse().unwrap());
        let mut out = Vec::new();
        not_enriched(&ENRICH, &settings, &mut out).unwrap();
        assert_eq!(
            anstream::adapter::strip_str(&String::from_utf8(out).unwrap()).to_string(),
            "
  not enriched in this run
    by   would read                would fill     needs
    geo  sourceIpv4 or sourceIpv6  geoSourceCity  --geo
"
        );
    }

    #[test]
    fn a_place_that_is_not_known_is_not_pointed_at() {
        let stop =
            Stop { reason: "the text of its message was not read".to_owned(), at: None, expected: None };
        assert!(printed(&partial(), &stop).contains("\n\n  the text of its message was not read\n\n"));
    }

    #[test]
    fn json_tells_the_same() {
        let mut out = Vec::new();
        json(&partial(), Some(&stop()), OF, &mut out).unwrap();
        let found: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(
            found["tokens"][0],
            serde_json::json!({ "token": "sourceUser", "value": "kim", "section": "field", "from": ["User", "name"], "at": 11, "bytes": "kim" })
        );
        assert_eq!(
            (&found["tokens"][2]["enrich"], &found["tokens"][1]["enrich"]),
            (&"geo".into(), &serde_json::Value::Null)
        );
        assert_eq!((&found["stopped"]["at"], &found["stopped"]["expected"]), (&15.into(), &"`.`".into()));
        assert_eq!(found["unmapped"][0]["value"], "a\x1bb");
        assert_eq!(out.split(|&byte| byte == b'\n').count(), 2, "one line and its break");
    }
}
