//! Rows: each is a mapping that fits its token, or waived with a reason.

use xdr_model::{Kind, Token, read, time as model_time};

use super::fields::Fields;
use super::json::Trees;
use crate::ast::{self, Conversion, Row, RunValue, Test};
use crate::diag::{Code, Diagnostic, Diagnostics, near, quote};
use crate::ir::{self, Candidate, Condition, How, Input, Section};
use crate::node::Text;
use crate::source::Span;

/// All rows of a spec, in order.
pub(super) fn all(spec: &ast::Spec) -> impl Iterator<Item = &Row> {
    spec.map.iter().chain(&spec.internal).chain(&spec.beyond)
}

/// The field that a row reads, and where it is named; `None` for waived rows and those with another input.
pub(super) fn field(row: &Row) -> Option<(String, Span)> {
    let other = row.value.is_some() || row.setting.is_some() || row.run.is_some() || row.enrich.is_some();
    if row.waived.is_some() || other {
        return None;
    }
    if let Some(field) = &row.field {
        return Some((field.text.clone(), field.span));
    }
    let from = row.from.as_ref()?;
    let parts: Vec<&str> = from.iter().map(|text| text.text.as_str()).collect();
    Some((parts.join("."), from.span))
}

/// What drafts write where the author has to decide.
pub(super) const OPEN: &str = "?";

/// Says that a draft left something open.
pub(super) fn open(code: Code, text: &Text, what: &str) -> Diagnostic {
    Diagnostic::new(code, text.span, format!("`?` stands for {what} that a draft could not tell"))
        .help("the comment above it, which begins with `Decide:`, says what is to be decided")
}

/// A token by its name.
pub(super) fn token(text: &Text, diags: &mut Diagnostics) -> Option<Token> {
    let found = Token::from_name(&text.text);
    if found.is_none() && text.text == OPEN {
        diags.push(open(Code::UnknownToken, text, "a token"));
    } else if found.is_none() {
        let message = format!("there is no token {}", quote(&text.text));
        let near = near(&text.text, Token::ALL.iter().map(|token| token.name()));
        let diagnostic = Diagnostic::new(Code::UnknownToken, text.span, message);
        diags.push(match near {
            Some(near) => diagnostic.suggest(Some(near)),
            None => diagnostic.help("`xdr tokens` lists the schema"),
        });
    }
    found
}

/// Conditions on fields that something defines.
pub(super) fn conditions(when: &ast::When, fields: &Fields) -> Vec<Condition> {
    let condition = |(name, test): &(Text, Test)| {
        let slot = fields.slot(&name.text)?;
        Some(match test {
            Test::Is(words) => Condition::Is(slot, words.iter().map(|text| text.text.clone()).collect()),
            Test::Present(_) => Condition::Present(slot),
            Test::Absent(_) => Condition::Absent(slot),
        })
    };
    when.tests.iter().filter_map(condition).collect()
}

/// The texts that mean "no value" in a row.
fn none(row: &Row) -> Vec<String> {
    row.none.iter().flat_map(|none| none.iter()).map(|text| text.text.clone()).collect()
}

/// A mapping: a way to a token, and how the fan-in policy calls it.
pub(super) struct Mapping {
    pub(super) token: Token,
    /// The name in `fan-in`: the field's, or `setting`, `value`, `run`, or a value map's.
    pub(super) name: String,
    pub(super) candidate: Candidate,
    pub(super) span: Span,
}

/// What the rows became.
pub(super) struct Lowered {
    pub(super) rows: Vec<ir::Row>,
    /// Mappings that the spec's author ordered.
    pub(super) mappings: Vec<Mapping>,
    /// Ways that follow from `otherwise` and `socket`: they fill a token only where no mapping does.
    pub(super) spare: Vec<Mapping>,
}

/// Reports rows that read a field of several values as if it had one.
pub(super) fn report_several(rows: &Lowered, trees: &Trees, diags: &mut Diagnostics) {
    for mapping in &rows.mappings {
        let Input::Field(slot, how) = &mapping.candidate.input else { continue };
        let Some((_, each)) = trees.each.iter().find(|(other, _)| other == slot) else { continue };
        if !matches!(how, How::List(_) | How::Addresses(..)) {
            let message = format!("`{}` takes one value, and each element has one", mapping.token.name());
            diags.push(
                Diagnostic::new(Code::ConversionMisfit, mapping.span, message)
                    .also(*each, "each element of the array speaks")
                    .help("choose one element with `first`, `{ highest: key }` or `{ by: key }`, or a list token"),
            );
        }
    }
}

/// Lowers the rows of one spec.
pub(super) struct Rows<'r> {
    spec: &'r ast::Spec,
    values: &'r [ir::ValueMap],
    enrich: &'r [ir::Enrichment],
    fields: &'r Fields,
    diags: &'r mut Diagnostics,
    out: Lowered,
}

impl<'r> Rows<'r> {
    pub(super) fn new(
        spec: &'r ast::Spec,
        values: &'r [ir::ValueMap],
        enrich: &'r [ir::Enrichment],
        fields: &'r Fields,
        diags: &'r mut Diagnostics,
    ) -> Self {
        Self {
            spec,
            values,
            enrich,
            fields,
            diags,
            out: Lowered { rows: Vec::new(), mappings: Vec::new(), spare: Vec::new() },
        }
    }

    pub(super) fn all(mut self) -> Lowered {
        let spec = self.spec;
        for (rows, section) in [
            (&spec.map, Section::Field),
            (&spec.internal, Section::Internal),
            (&spec.beyond, Section::Beyond),
        ] {
            for row in rows {
                self.row(row, section);
            }
        }
        for (index, (name, map)) in spec.values.iter().enumerate() {
            self.value_map(index, name, map);
        }
        self.out
    }

    fn row(&mut self, row: &Row, default: Section) {
        let number = self.out.rows.len();
        let token = row.token.as_ref().and_then(|text| token(text, self.diags));
        let text = |text: &Option<Text>| text.as_ref().map(|text| text.text.clone()).unwrap_or_default();
        self.out.rows.push(ir::Row {
            section: match row.section.map(|section| section.value) {
                Some(ast::Section::Field) => Section::Field,
                Some(ast::Section::Derived) => Section::Derived,
                Some(ast::Section::Internal) => Section::Internal,
                None => default,
            },
            from: row.from.iter().flat_map(|from| from.iter()).map(|text| text.text.clone()).collect(),
            token,
            sample: text(if row.sample.is_some() { &row.sample } else { &row.value }),
            decision: text(&row.decision),
            waived: text(&row.waived),
            span: row.span,
        });
        if let Some(waived) = &row.waived {
            self.waived(row, waived);
            return;
        }
        let Some(token) = token else {
            if row.token.is_none() && !self.diags.has_error_in(row.span) {
                self.diags.push(
                    Diagnostic::new(
                        Code::RowWithoutToken,
                        row.from.as_ref().map_or(row.span, |from| from.span),
                        "this row has neither a token nor a reason",
                    )
                    .help("add `token`, or `waived` with the reason why it is not mapped"),
                );
            }
            return;
        };
        let Some((name, input)) = self.input(row, token) else { return };
        self.sample(row, token, &input);
        self.extras(row, token, &input, number);
        let candidate = Candidate { row: number, when: self.conditions(row), none: none(row), input };
        self.out.mappings.push(Mapping {
            token,
            name,
            candidate,
            span: row.token.as_ref().map_or(row.span, |text| text.span),
        });
    }

    fn waived(&mut self, row: &Row, waived: &Text) {
        let inputs = [&row.value, &row.field, &row.values];
        let used = inputs.into_iter().flatten().map(|text| text.span).next();
        let used = used.or(row.otherwise.as_ref().map(|tokens| tokens.span));
        let used = used.or(row.setting.map(|setting| setting.span)).or(row.run.map(|run| run.span));
        let used = used.or(row.enrich.map(|enricher| enricher.span));
        let used = used
            .or(row.conversion.as_ref().map(Conversion::span))
            .or(row.when.as_ref().map(|when| when.span));
        if let Some(at) = used {
            self.diags.push(
                Diagnostic::new(
                    Code::WaivedAndMapped,
                    at,
                    "a waived row is not mapped, and needs no mapping",
                )
                .also(waived.span, "waived here")
                .help("keep one of both"),
            );
        }
    }

    fn input(&mut self, row: &Row, token: Token) -> Option<(String, Input)> {
        if let Some(enricher) = row.enrich {
            let declared = (self.spec.enrich.as_ref(), self.enrich);
            return super::enrich::input(row, enricher, token, declared, self.diags);
        }
        let given = [
            row.value.as_ref().map(|text| text.span),
            row.setting.map(|setting| setting.span),
            row.run.map(|run| run.span),
            row.field.as_ref().map(|text| text.span),
        ];
        let mut given = given.into_iter().flatten();
        if let (Some(first), Some(second)) = (given.next(), given.next()) {
            self.diags.push(
                Diagnostic::new(Code::SeveralInputs, second, "this row has several inputs")
                    .also(first, "the other one")
                    .help("keep one of `field`, `value`, `setting` and `run`"),
            );
            return None;
        }
        if let Some(text) = &row.value {
            let fits = token.kind() == Kind::StringList
                || token.kind() != Kind::Timestamp && read::kind_accepts(token, &text.text).is_ok();
            if !fits {
                let message = format!("{} is no value of the token `{}`", quote(&text.text), token.name());
                self.diags.push(
                    Diagnostic::new(Code::SampleRefused, text.span, message)
                        .help(format!("its kind is {}", token.kind().name())),
                );
            }
            return Some(("value".to_owned(), Input::Constant(text.text.clone())));
        }
        if let Some(setting) = row.setting {
            let (setting_token, value) = match setting.value {
                ast::Setting::CustomerId => (Token::CustomerId, ir::Setting::CustomerId),
                ast::Setting::CollectorId => (Token::CollectorId, ir::Setting::CollectorId),
                ast::Setting::EventSourceId => (Token::EventSourceId, ir::Setting::EventSourceId),
                ast::Setting::DeviceHost => (Token::DeviceHost, ir::Setting::DeviceHost),
            };
            if setting_token.kind() != token.kind() {
                self.misfit(setting.span, token, &format!("the setting `{}`", setting_token.name()));
            }
            return Some(("setting".to_owned(), Input::Setting(value)));
        }
        if let Some(run) = row.run {
            let (kind, input) = match run.value {
                RunValue::EventId => (Kind::Uuid, Input::EventId),
                RunValue::ReceivedTime => (Kind::Timestamp, Input::Received),
            };
            if kind != token.kind() {
                self.misfit(run.span, token, &format!("`{}`", run.value.word()));
            }
            return Some(("run".to_owned(), input));
        }
        let Some((name, at)) = field(row) else {
            if !self.diags.has_error_in(row.span) {
                self.diags.push(
                    Diagnostic::new(Code::NoInput, row.span, "this row has no input").help(
                        "name a field with `from` or `field`, or give a `value`, a `setting`, a `run` or an `enrich`",
                    ),
                );
            }
            return None;
        };
        let slot = self.fields.slot(&name)?;
        let how = self.how(row, token, at)?;
        Some((name, Input::Field(slot, how)))
    }

    fn misfit(&mut self, at: Span, token: Token, what: &str) {
        let message = format!(
            "{what} does not fit the token `{}`, whose kind is {}",
            token.name(),
            token.kind().name()
        );
        self.diags.push(
            Diagnostic::new(Code::ConversionMisfit, at, message)
                .help("choose a token of a kind that fits, or leave it to the token's kind"),
        );
    }

    fn how(&mut self, row: &Row, token: Token, at: Span) -> Option<How> {
        let kind = token.kind();
        if let Some(name) = &row.values {
            let Some(index) = self.spec.values.iter().position(|(map, _)| map.text == name.text) else {
                let message = format!("there is no value map {}", quote(&name.text));
                let near = near(&name.text, self.spec.values.iter().map(|(map, _)| map.text.as_str()));
                self.diags.push(
                    Diagnostic::new(Code::UnknownValueMap, name.span, message)
                        .help("value maps are defined under `values` of the spec")
                        .suggest(near),
                );
                return None;
            };
            let priority = matches!(row.conversion, Some(Conversion::PriSeverity(_)));
            if kind == Kind::String && priority {
                return Some(How::PriSeverity(Some(index)));
            }
            if kind != Kind::String || row.conversion.is_some() {
                self.misfit(name.span, token, "a value map");
            }
            return Some(How::Values(index));
        }
        let others: Vec<Kind> = self.otherwise(row, token).into_iter().map(Token::kind).collect();
        let addresses = matches!(kind, Kind::Ipv4 | Kind::Ipv6 | Kind::Ip);
        match (&row.conversion, kind) {
            (Some(Conversion::Time(rule)), Kind::Timestamp) => {
                let slot = |name: &Text| self.fields.slot(&name.text);
                let (zone_from, year_from) =
                    (rule.zone_from.as_ref().and_then(slot), rule.year_from.as_ref().and_then(slot));
                let order = rule.order_from.iter().flat_map(|all| all.iter());
                let order_from = order.filter_map(slot).collect();
                super::time::rule(rule, self.diags)
                    .map(|rule| How::Time(ir::TimeRule { zone_from, year_from, order_from, ..rule }))
            }
            (None, Kind::Timestamp) => {
                let message = format!("nothing says how the token `{}` reads its time", token.name());
                self.diags.push(
                    Diagnostic::new(Code::ConversionMisfit, at, message)
                        .help("add `as: { time: [formats], zone: … }`"),
                );
                None
            }
            (Some(Conversion::Socket { .. }), _) if addresses || kind == Kind::String => {
                Some(How::Socket(others))
            }
            (None | Some(Conversion::Socket { .. }), Kind::IpList) => Some(How::Addresses(None, others)),
            (Some(Conversion::Split { separator, .. }), Kind::StringList) => {
                Some(How::List(Some(separator.text.clone())))
            }
            (Some(Conversion::Split { separator, .. }), Kind::IpList) => {
                Some(How::Addresses(Some(separator.text.clone()), others))
            }
            (Some(Conversion::Phrase { phrase, .. }), Kind::String) => {
                let around = phrase.text.split_once("{}").filter(|(_, after)| !after.contains("{}"));
                if let Some((before, after)) = around {
                    Some(How::Phrase(before.to_owned(), after.to_owned()))
                } else {
                    let message = format!("{} does not have one place for the value", quote(&phrase.text));
                    self.diags.push(
                        Diagnostic::new(Code::ConversionMisfit, phrase.span, message)
                            .help("write `{}` once, where the value stands"),
                    );
                    None
                }
            }
            (Some(Conversion::PriSeverity(_)), Kind::String) => Some(How::PriSeverity(None)),
            (Some(Conversion::BaseName(_)), Kind::String) => Some(How::BaseName),
            (Some(Conversion::DirName(_)), Kind::String) => Some(How::DirName),
            (Some(conversion), _) => {
                self.misfit(conversion.span(), token, "this conversion");
                None
            }
            (None, Kind::String) => Some(How::Text),
            (None, Kind::StringList) => Some(How::List(None)),
            (None, _) => Some(How::Kind(others)),
        }
    }

    /// The tokens that get what this one refuses, each of them what those before it refuse.
    fn otherwise(&mut self, row: &Row, token: Token) -> Vec<Token> {
        if let (Some(tokens), Some(Conversion::Split { .. })) = (&row.otherwise, &row.conversion) {
            let message = "`split` makes several values, and `otherwise` takes one";
            self.diags
                .push(Diagnostic::new(Code::OtherwiseMisfit, tokens.span, message).help("keep one of both"));
            return Vec::new();
        }
        let mut takers = vec![token];
        for text in row.otherwise.iter().flat_map(|tokens| tokens.iter()) {
            let Some(other) = self::token(text, self.diags) else { continue };
            if let Some((by, help)) = misfit(&takers, other) {
                let message = format!("`{}` cannot take what `{}` refuses", other.name(), by.name());
                self.diags.push(Diagnostic::new(Code::OtherwiseMisfit, text.span, message).help(help));
            } else {
                takers.push(other);
            }
        }
        takers.split_off(1)
    }

    /// The ways to other tokens that follow from `otherwise` and `socket`.
    fn extras(&mut self, row: &Row, token: Token, input: &Input, number: usize) {
        let Input::Field(slot, how) = input else { return };
        let quiet = &mut Diagnostics::new();
        if let How::Socket(_) | How::Kind(_) | How::Addresses(..) = how {
            let socket = matches!(row.conversion, Some(Conversion::Socket { .. }));
            let mut by = vec![token];
            for other in row.otherwise.iter().flat_map(|tokens| tokens.iter()) {
                let Some(other) = self::token(other, quiet) else { continue };
                let how = if socket { How::SocketRefused(by.clone()) } else { How::Refused(by.clone()) };
                self.spare(row, other, *slot, how, number);
                by.push(other);
            }
        }
        if let Some(Conversion::Socket { port: Some(port), .. }) = &row.conversion
            && let Some(other) = self::token(port, self.diags)
        {
            if other.kind() == Kind::Port {
                self.spare(row, other, *slot, How::SocketPort, number);
            } else {
                self.misfit(port.span, other, "a port");
            }
        }
    }

    fn spare(&mut self, row: &Row, token: Token, slot: ir::Slot, how: How, number: usize) {
        let candidate = Candidate {
            row: number,
            when: self.conditions(row),
            none: none(row),
            input: Input::Field(slot, how),
        };
        self.out.spare.push(Mapping { token, name: String::new(), candidate, span: row.span });
    }

    fn conditions(&self, row: &Row) -> Vec<Condition> {
        row.when.as_ref().map(|when| conditions(when, self.fields)).unwrap_or_default()
    }

    /// A value map that is a mapping of its own.
    fn value_map(&mut self, index: usize, name: &Text, map: &ast::ValueMap) {
        let (Some(from), Some(text)) = (&map.from, &map.token) else { return };
        let Some(token) = token(text, &mut Diagnostics::new()) else { return };
        if token.kind() != Kind::String {
            self.misfit(text.span, token, "a value map");
            return;
        }
        let Some(slot) = self.fields.slot(&from.text) else { return };
        let row = self.out.rows.len();
        self.out.rows.push(ir::Row {
            section: Section::ValueMap,
            from: vec![from.text.clone()],
            token: Some(token),
            sample: String::new(),
            decision: String::new(),
            waived: String::new(),
            span: name.span,
        });
        let candidate = Candidate {
            row,
            when: Vec::new(),
            none: Vec::new(),
            input: Input::Field(slot, How::Values(index)),
        };
        self.out.mappings.push(Mapping { token, name: name.text.clone(), candidate, span: text.span });
    }

    /// The guide's sample must become a value as the row says.
    fn sample(&mut self, row: &Row, token: Token, input: &Input) {
        let (Some(sample), Input::Field(_, how)) = (&row.sample, input) else { return };
        let none = none(row);
        let separator = row.alternatives.as_ref().map(|text| text.text.as_str());
        let all: Vec<&str> = match separator {
            Some(separator) if !separator.is_empty() => sample.text.split(separator).collect(),
            _ => vec![&sample.text],
        };
        for text in all {
            if text.is_empty() || text == "null" || none.iter().any(|word| word == text) {
                continue;
            }
            if let Err(reason) = self.converts(row, token, how, text) {
                let message =
                    format!("the sample {} is no value of `{}`: {reason}", quote(text), token.name());
                self.diags.push(Diagnostic::new(Code::SampleRefused, sample.span, message).help(
                    "mend the sample or the conversion; a cell with several values needs `alternatives`",
                ));
            }
        }
    }

    fn converts(&self, row: &Row, token: Token, how: &How, text: &str) -> Result<(), String> {
        let accepts = |text: &str| read::kind_accepts(token, text).map_err(|refusal| refusal.to_string());
        let other = |text: &str| {
            let mut others = row.otherwise.iter().flat_map(|names| names.iter());
            others.any(|name| {
                Token::from_name(&name.text).is_some_and(|other| read::kind_accepts(other, text).is_ok())
            })
        };
        match how {
            How::Kind(_) => accepts(text).or_else(|reason| if other(text) { Ok(()) } else { Err(reason) }),
            How::Socket(_) => {
                let (host, _) = read::socket(text).map_err(|refusal| refusal.to_string())?;
                accepts(host).or_else(|reason| if other(host) { Ok(()) } else { Err(reason) })
            }
            How::Addresses(separator, _) => {
                let members: Vec<&str> = separator
                    .as_ref()
                    .map_or_else(|| vec![text], |separator| text.split(separator).collect());
                members.into_iter().try_for_each(|member| {
                    let (host, _) = read::socket(member.trim()).map_err(|refusal| refusal.to_string())?;
                    read::ip(host).map(|_| ()).map_err(|refusal| refusal.to_string())
                })
            }
            How::Values(index) => match self.values.get(*index) {
                Some(map) if map.otherwise == ir::Otherwise::Refuse && !knows(map, text) => {
                    Err(format!("the value map {} does not hold it", quote(&map.name)))
                }
                _ => Ok(()),
            },
            How::Time(rule) => time(rule, text),
            _ => Ok(()),
        }
    }
}

/// Which of these tokens leaves nothing for another one, and what helps; `None` if something is left.
fn misfit(takers: &[Token], other: Token) -> Option<(Token, String)> {
    let (first, rest) = takers.split_first()?;
    if matches!(first.kind(), Kind::String | Kind::StringList | Kind::Timestamp) {
        return Some((*first, format!("leave it away: `{}` is not known to refuse texts", first.name())));
    }
    let address = |kind| matches!(kind, Kind::Ipv4 | Kind::Ipv6 | Kind::Ip);
    let covers = |kind: Kind| match kind {
        Kind::Ip | Kind::IpList => address(other.kind()),
        kind => kind == other.kind(),
    };
    let suits = address(other.kind()) && address(first.kind()) || other.kind() == Kind::String;
    if !suits || covers(first.kind()) {
        return Some((*first, "name a text token, or for an address one of another version".to_owned()));
    }
    let takes_all = |taker: &&Token| taker.kind() == Kind::String || covers(taker.kind());
    rest.iter().find(takes_all).map(|taker| (*taker, format!("`{}` takes it first", taker.name())))
}

/// Whether a map has a sample, as a source value or as a normalised one: guides print either.
fn knows(map: &ir::ValueMap, text: &str) -> bool {
    value(map, text).is_some() || map.cases.iter().any(|(_, value)| value == text)
}

fn value<'m>(map: &'m ir::ValueMap, text: &str) -> Option<&'m str> {
    if !map.ranges.is_empty() {
        let number = read::integer(text).ok()?;
        return map
            .ranges
            .iter()
            .find(|(low, high, _)| (*low..=*high).contains(&number))
            .map(|(_, _, value)| value.as_str());
    }
    let same = |key: &str| if map.fold { key.eq_ignore_ascii_case(text) } else { key == text };
    map.cases.iter().find(|(key, _)| same(key)).map(|(_, value)| value.as_str())
}

fn time(rule: &ir::TimeRule, text: &str) -> Result<(), String> {
    let formats: Vec<&[model_time::Item]> = rule.formats.iter().map(Vec::as_slice).collect();
    let unset: Vec<&str> = rule.unset.iter().map(String::as_str).collect();
    let zone = match &rule.zone {
        ir::Zone::Stated => model_time::Zone::Stated,
        ir::Zone::Device => model_time::Zone::Device,
        ir::Zone::Utc => model_time::Zone::Utc,
        ir::Zone::Named(zone) => model_time::Zone::Named(*zone),
    };
    let rule = model_time::TimeRule {
        formats: &formats,
        zone,
        year: rule.year,
        order_setting: rule.order_setting,
        either_order: false,
        alone: 0,
        unset: &unset,
    };
    let clock =
        model_time::Clock { zone: None, order: model_time::DateOrder::Auto, received: model_time::epoch() };
    match model_time::read(&rule, text, &clock) {
        Ok(_) | Err(xdr_model::Refusal::UnsetTime) => Ok(()),
        Err(refusal) => Err(refusal.to_string()),
    }
}
