//! The formats of times, told by samples of them.

use chrono::DateTime;
use xdr_model::time::{self, Clock, DateOrder, TimeRule, Year, Zone, parse_format};

use super::yaml::quoted;

/// Which orders of day and month were seen where only one can be meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Orders {
    day_first: bool,
    month_first: bool,
}

const DATES: [&str; 21] = [
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%m-%d-%Y",
    "%d-%m-%Y",
    "%d.%m.%Y",
    "%m.%d.%Y",
    "%d-%b-%Y",
    "%d/%b/%Y",
    "%b %d %Y",
    "%b %d, %Y",
    "%d %b %Y",
    "%a %b %d %Y",
    "%a, %d %b %Y",
    "%a, %b %d, %Y",
    "%b %d",
    "%d %b",
    "%a %b %d",
    "%b-%d-%Y",
];
const BETWEEN: [&str; 7] = [" ", "T", ":", ", ", "_", " - ", "-"];
const CLOCKS: [&str; 5] = ["%H:%M:%S", "%H:%M:%S%.f", "%I:%M:%S %p", "%I:%M:%S%.f %p", "%H:%M"];
const ENDS: [&str; 8] = ["", "%z", " %z", " %Z", " %Y", " %Z %Y", " %z %Y", " GMT%z"];

/// Whether the whole text is a time of this format.
fn fits(text: &str, written: &str) -> bool {
    let Ok(items) = parse_format(written) else { return false };
    let rule = TimeRule {
        formats: &[&items],
        zone: Zone::Utc,
        year: Year::Past,
        order_setting: false,
        either_order: false,
        alone: 0,
        unset: &[],
    };
    let clock = Clock { zone: None, order: DateOrder::Auto, received: DateTime::UNIX_EPOCH };
    time::read(&rule, text, &clock).is_ok()
}

/// The formats that a text has, the plainest first; more than one only if day and month could be either way.
pub(super) fn formats(text: &str, orders: Orders) -> Option<Vec<String>> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        let moment = match text.len() {
            9..=10 => "%s",
            13 => "%Q",
            16 => "%6Q",
            19 => "%9Q",
            _ => return None,
        };
        return fits(text, moment).then(|| vec![moment.to_owned()]);
    }
    if fits(text, "%s%.f") {
        return Some(vec!["%s%.f".to_owned()]);
    }
    for date in DATES {
        let Some(found) = with_date(text, date) else { continue };
        let Some(turned) = turned(date) else { return Some(vec![found]) };
        let other = found.replacen(date, turned, 1);
        let both = fits(text, &other) || orders.day_first && orders.month_first;
        return Some(if both { vec![found, other] } else { vec![found] });
    }
    None
}

/// The format that begins with this date and that the text has.
fn with_date(text: &str, date: &str) -> Option<String> {
    for between in BETWEEN {
        for clock in CLOCKS {
            for end in ENDS {
                let written = format!("{date}{between}{clock}{end}");
                if fits(text, &written) {
                    return Some(written);
                }
            }
        }
    }
    None
}

/// The same date with day and month in the other order, where a text could be both.
fn turned(date: &str) -> Option<&'static str> {
    const PAIRS: [[&str; 2]; 3] =
        [["%m/%d/%Y", "%d/%m/%Y"], ["%m-%d-%Y", "%d-%m-%Y"], ["%m.%d.%Y", "%d.%m.%Y"]];
    PAIRS.into_iter().find_map(|[one, other]| match date {
        _ if date == one => Some(other),
        _ if date == other => Some(one),
        _ => None,
    })
}

impl Orders {
    /// Takes note of the order that this sample shows, if it shows one.
    pub(super) fn learn(&mut self, text: &str) {
        if let Some([only]) = formats(text, Self::default()).as_deref() {
            let day = only.starts_with("%d/%m") || only.starts_with("%d-%m") || only.starts_with("%d.%m");
            let month = only.starts_with("%m/%d") || only.starts_with("%m-%d") || only.starts_with("%m.%d");
            self.day_first |= day;
            self.month_first |= month;
        }
    }
}

/// The rule for formats, with the policies that they need.
pub(super) fn rule(formats: &[String]) -> String {
    let written: Vec<String> = formats.iter().map(|format| quoted(format)).collect();
    let mut rule = format!("{{ time: [{}]", written.join(", "));
    if formats.iter().any(|format| !["%Y", "%s", "Q"].iter().any(|year| format.contains(year))) {
        rule.push_str(", year: past");
    }
    if formats.iter().any(|format| !["%z", "%Z", "%s", "Q"].iter().any(|zone| format.contains(zone))) {
        rule.push_str(", zone: device");
    }
    let turned = |format: &String| {
        DATES.iter().any(|date| {
            format.starts_with(date)
                && turned(date).is_some_and(|turned| formats.contains(&format.replacen(date, turned, 1)))
        })
    };
    if formats.iter().any(turned) {
        rule.push_str(", order: setting");
    }
    rule.push_str(" }");
    rule
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_samples() {
        for (text, expected) in [
            ("Nov 03 2020 09:50:01", "{ time: [\"%b %d %Y %H:%M:%S\"], zone: device }"),
            ("Mar 14 07:08:09", "{ time: [\"%b %d %H:%M:%S\"], year: past, zone: device }"),
            ("2021-12-03T00:50:26.663+0000", "{ time: [\"%Y-%m-%dT%H:%M:%S%.f%z\"] }"),
            ("13/08/2019:13:49:11", "{ time: [\"%d/%m/%Y:%H:%M:%S\"], zone: device }"),
            (
                "07/08/2019 13:49:11",
                "{ time: [\"%m/%d/%Y %H:%M:%S\", \"%d/%m/%Y %H:%M:%S\"], zone: device, order: setting }",
            ),
            ("Thu Mar 14 07:08:09 2024", "{ time: [\"%a %b %d %H:%M:%S %Y\"], zone: device }"),
            ("Jun 01, 2021 11:29:04 AM", "{ time: [\"%b %d, %Y %I:%M:%S %p\"], zone: device }"),
            ("1710400089", "{ time: [\"%s\"] }"),
            ("1710400089.25", "{ time: [\"%s%.f\"] }"),
            ("1710400089123", "{ time: [\"%Q\"] }"),
            ("1710400089123456", "{ time: [\"%6Q\"] }"),
            ("1710400089123456789", "{ time: [\"%9Q\"] }"),
            ("14/Mar/2024:07:08:09 +0100", "{ time: [\"%d/%b/%Y:%H:%M:%S %z\"] }"),
        ] {
            let found = formats(text, Orders::default()).map(|formats| rule(&formats));
            assert_eq!(found.as_deref(), Some(expected), "{text}");
        }
        assert_eq!(formats("17104000891", Orders::default()), None);
        assert_eq!(formats("yesterday", Orders::default()), None);
    }

    #[test]
    fn samples_of_both_orders_make_both_possible() {
        let mut orders = Orders::default();
        orders.learn("13/08/2019:13:49:11");
        assert_eq!(formats("08/14/2019:13:49:11", orders).map(|formats| formats.len()), Some(1));
        orders.learn("08/14/2019:13:49:11");
        assert_eq!(formats("08/14/2019:13:49:11", orders).map(|formats| formats.len()), Some(2));
    }
}
