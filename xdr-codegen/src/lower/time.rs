//! Time rules: formats as items, and the policies that they need.

use xdr_model::time::{Year, ambiguity, has_date, has_optional_zone, has_year, has_zone, parse_format};

use super::rows::{OPEN, open};
use crate::ast;
use crate::diag::{Code, Diagnostic, Diagnostics, near, quote};
use crate::ir::{TimeRule, Zone};
use crate::node::Text;

pub(super) fn rule(rule: &ast::TimeRule, diags: &mut Diagnostics) -> Option<TimeRule> {
    let mut formats = Vec::new();
    for text in rule.formats.iter() {
        match parse_format(&text.text) {
            Ok(items) if !has_date(&items) => diags.push(
                Diagnostic::new(Code::BadTimeFormat, text.span, format!("{} has no day", quote(&text.text)))
                    .help("a time needs `%d` and a month, `%s` or `%Q`"),
            ),
            Ok(items) => formats.push((text, items)),
            Err(_) if text.text == OPEN => diags.push(open(Code::BadTimeFormat, text, "a format")),
            Err(error) => diags.push(
                Diagnostic::new(
                    Code::BadTimeFormat,
                    text.span,
                    format!("{}: {}", quote(&text.text), error.message),
                )
                .help("known pieces: %Y %m %b %d %H %I %p %M %S %.f %z %Z %s %Q %6Q %9Q %a and `{? …}`"),
            ),
        }
    }
    let zone = zone(rule, &formats, diags);
    if let Some(from) = &rule.zone_from
        && zone.is_some()
        && zone != Some(Zone::Device)
    {
        diags.push(
            Diagnostic::new(
                Code::ConflictingKeys,
                from.span,
                "`zone-from` is for times in the device's zone",
            )
            .help("write `zone: device`, or delete `zone-from`"),
        );
    }
    let other = |from: &Text, what: &str, with: &str| {
        Diagnostic::new(Code::ConflictingKeys, from.span, format!("`{what}` is for times with `{with}`"))
            .help(format!("add `{with}`, or delete `{what}`"))
    };
    if let (Some(from), None) = (&rule.year_from, &rule.year) {
        diags.push(other(from, "year-from", "year"));
    }
    if let (Some(from), None) = (rule.order_from.iter().flat_map(|all| all.iter()).next(), &rule.order) {
        diags.push(other(from, "order-from", "order"));
    }
    if rule.year.is_none()
        && let Some((text, _)) = formats.iter().find(|(_, items)| !has_year(items))
    {
        let message = format!("{} has no year, and nothing says which one is meant", quote(&text.text));
        diags.push(Diagnostic::new(Code::YearMissing, text.span, message).help(
            "add `year: past`, the latest year that is not after the moment of receipt, or `year: nearest`",
        ));
    }
    if rule.order.is_none() {
        order(&formats, diags);
    }
    if formats.is_empty() {
        return None;
    }
    Some(TimeRule {
        formats: formats.into_iter().map(|(_, items)| items).collect(),
        zone: zone?,
        zone_from: None,
        year_from: None,
        year: match rule.year.map(|year| year.value) {
            None => Year::Stated,
            Some(ast::YearPolicy::Nearest) => Year::Nearest,
            Some(ast::YearPolicy::Past) => Year::Past,
        },
        order_setting: rule.order.is_some(),
        order_from: Vec::new(),
        unset: rule.unset.iter().flat_map(|texts| texts.iter()).map(|text| text.text.clone()).collect(),
    })
}

type Formats<'t> = [(&'t Text, Vec<xdr_model::time::Item>)];

fn zone(rule: &ast::TimeRule, formats: &Formats<'_>, diags: &mut Diagnostics) -> Option<Zone> {
    let Some(text) = &rule.zone else {
        let silent = formats.iter().find(|(_, items)| !has_zone(items));
        if let Some((text, items)) = silent {
            let may = if has_optional_zone(items) { "may have no zone" } else { "has no zone" };
            let message = format!("{} {may}, and nothing says which one is meant", quote(&text.text));
            diags.push(
                Diagnostic::new(Code::ZoneMissing, text.span, message)
                    .help("add `zone: device` (a setting of the run), `zone: utc`, or a name such as `zone: Europe/Paris`"),
            );
            return None;
        }
        return Some(Zone::Stated);
    };
    match text.text.as_str() {
        "device" => Some(Zone::Device),
        "utc" => Some(Zone::Utc),
        name => {
            if let Ok(zone) = name.parse::<xdr_model::Tz>() {
                Some(Zone::Named(zone))
            } else {
                let message = format!("there is no zone {}", quote(name));
                let known = xdr_model::time::zone_names();
                let diagnostic = Diagnostic::new(Code::UnknownZone, text.span, message);
                // A near offset is another one.
                let near = near(name, known.chain(["device", "utc"]))
                    .filter(|_| !name.contains(|c: char| c.is_ascii_digit()));
                diags.push(match near {
                    Some(near) => diagnostic.suggest(Some(near)),
                    None => diagnostic.help("write `device`, `utc`, or a name such as `Europe/Paris`"),
                });
                None
            }
        }
    }
}

fn order(formats: &Formats<'_>, diags: &mut Diagnostics) {
    for (index, (first, a)) in formats.iter().enumerate() {
        for (second, b) in formats.iter().skip(index + 1) {
            if let Some(witness) = ambiguity(a, b) {
                let message = format!("two formats read {} as two days", quote(&witness));
                diags.push(
                    Diagnostic::new(Code::OrderAmbiguous, second.span, message)
                        .also(first.span, "the other format")
                        .help("add `order: setting`: then the run's `--date-order` decides"),
                );
                return;
            }
        }
    }
}
