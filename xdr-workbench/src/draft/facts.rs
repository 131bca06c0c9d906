//! What a guide says outside of its tables: product, day, device, formats; and what of its text is ornament.

use super::guide::Guide;
use super::text::{Line, folded, is_nothing, without_bold, without_bullet, words};

/// What was found so far.
#[derive(Default)]
pub(super) struct Facts {
    /// The last line in front of "Data Mapping Guide".
    last: Option<String>,
    title: Option<String>,
    /// The product that "the mapping between … fields" names.
    named: Option<String>,
    published: Option<String>,
    details: [Option<String>; 4],
    /// Type and vendor, as the tables' preamble repeats them.
    repeated: [Option<String>; 2],
    formats: Vec<String>,
    no_formats: bool,
}

/// The words that open the lines of the device details.
const DETAILS: [&[&str]; 4] = [
    &["device type", "device category"],
    &["device vendor", "vendor"],
    &["device product", "product", "device model"],
    &["supported versions", "supported version", "versions", "version"],
];

impl Facts {
    /// A line of the first pages.
    pub(super) fn front(&mut self, text: &str) {
        let text = without_bold(text);
        let text = text.trim();
        if self.published.is_none() {
            self.published = date(text);
        }
        if folded(text) == "datamappingguide" && self.title.is_none() {
            self.title = self.last.take();
        } else if self.title.is_none() && !folded(text).contains("extendeddetectionandresponse") {
            self.last = Some(text.to_owned());
        }
        if let (None, Some(rest)) = (&self.named, behind(text, "mapping between ")) {
            self.named =
                rest.split(" fields").next().map(str::to_owned).filter(|name| words(name).len() <= 8);
        }
    }

    /// A line of the device details.
    pub(super) fn device(&mut self, text: &str) {
        let text = without_bold(text);
        for (slot, names) in self.details.iter_mut().zip(DETAILS) {
            if let Some(value) = names.iter().find_map(|name| said_of(&text, name)) {
                if slot.is_none() {
                    *slot = Some(value);
                }
                return;
            }
        }
    }

    /// A line of the supported formats.
    pub(super) fn format(&mut self, text: &str) {
        let text = without_bold(text);
        let bare = without_bullet(&text);
        let bare = bare.strip_prefix("e ").or_else(|| bare.strip_prefix("o ")).unwrap_or(bare).trim();
        if bare.is_empty() || bare == "-" {
            self.no_formats = true;
        } else if words(bare).len() <= 6 && !bare.ends_with([':', '.']) {
            let parts = bare.split([',', '/']).map(str::trim).filter(|part| !part.is_empty());
            self.formats.extend(parts.map(str::to_owned));
        }
    }

    /// Whether it is one of the two lines that repeat type and vendor above the tables.
    pub(super) fn preamble(&mut self, text: &str) -> bool {
        let text = without_bold(text);
        for (slot, name) in self.repeated.iter_mut().zip(["devicetype", "devicevendor"]) {
            if let Some(value) = said_of(&text, name) {
                *slot = Some(value);
                return true;
            }
        }
        false
    }

    /// Puts what was found into the guide.
    pub(super) fn into_guide(self, guide: &mut Guide) {
        use super::guide::Note;

        let [kind, vendor, product, versions] = self.details;
        guide.title = self.title.or(self.named).or_else(|| product.clone());
        guide.published = self.published;
        let [said_kind, said_vendor] = self.repeated;
        guide.device.kind = agreed(kind, said_kind, "Device Type", guide);
        guide.device.vendor = agreed(vendor, said_vendor, "Device Vendor", guide);
        guide.device.product = product;
        guide.device.versions =
            versions.filter(|text| !is_nothing(text)).map(|text| versions_of(&text)).unwrap_or_default();
        guide.formats = self.formats;
        let empty = if self.no_formats {
            "the list of supported formats is empty"
        } else {
            "no supported formats are named"
        };
        if guide.formats.is_empty() {
            guide.notes.push(Note::new(0, empty));
        }
        if guide.published.is_none() {
            guide.notes.push(Note::new(0, "no day of publication was found"));
        }
    }
}

/// One of two statements: where they differ, the one that the table of internal fields repeats, else the first.
fn agreed(first: Option<String>, second: Option<String>, what: &str, guide: &mut Guide) -> Option<String> {
    let (Some(first), Some(second)) = (&first, &second) else { return first.or(second) };
    if first == second {
        return Some(first.clone());
    }
    let repeated = guide.internal.iter().any(|row| row.sample == *second);
    let (taken, other) = if repeated { (second, first) } else { (first, second) };
    let text = format!(
        "`{what}` is `{first}` in the device details and `{second}` above the tables: `{taken}` is taken, not `{other}`"
    );
    guide.notes.push(super::guide::Note::new(0, text));
    Some(taken.clone())
}

fn versions_of(text: &str) -> Vec<String> {
    let parts: Vec<&str> = text.split([',', ';']).map(str::trim).filter(|part| !part.is_empty()).collect();
    let numbers = |part: &&str| {
        part.trim_start_matches(['v', 'V', ' ']).starts_with(|first: char| first.is_ascii_digit())
    };
    if parts.len() > 1 && parts.iter().all(numbers) {
        parts.into_iter().map(str::to_owned).collect()
    } else {
        vec![text.to_owned()]
    }
}

/// What stands behind a name and a dash or colon, at the beginning of a line; a bullet may stand in front.
fn said_of(text: &str, name: &str) -> Option<String> {
    let bare = without_bullet(text);
    let bare = ["e ", "o "].iter().find_map(|bullet| bare.strip_prefix(bullet)).unwrap_or(bare);
    let rest = bare
        .get(..name.len())
        .filter(|start| start.eq_ignore_ascii_case(name))
        .and(bare.get(name.len()..))?;
    let value = rest.trim_start().strip_prefix(['-', '–', '—', ':', '='])?.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

fn behind<'t>(text: &'t str, opening: &str) -> Option<&'t str> {
    text.find(opening).and_then(|at| text.get(at + opening.len()..))
}

/// A day in words or numbers, as `2024-03-14`; the whole line must be it.
fn date(text: &str) -> Option<String> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let words = words(text);
    let [one, two, three] = words.as_slice() else { return None };
    let number = |word: &str| word.parse::<u32>().ok();
    let month = |word: &str| {
        let start: String = word.chars().take(3).collect();
        let at = MONTHS.iter().position(|month| *month == start)?;
        word.chars().all(char::is_alphabetic).then_some(at + 1)
    };
    let day = |word: &str| {
        number(word.trim_end_matches(|end: char| end.is_alphabetic())).filter(|day| (1..=31).contains(day))
    };
    let year = |word: &str| number(word).filter(|year| (1990..=2099).contains(year));
    let found = month(one).zip(day(two)).zip(year(three));
    let found = found.or_else(|| month(two).zip(day(one)).zip(year(three)));
    let numbers = || {
        let month = number(two).filter(|month| (1..=12).contains(month))?;
        Some(((usize::try_from(month).ok()?, day(three)?), year(one)?))
    };
    let ((month, day), year) = found.or_else(numbers)?;
    Some(format!("{year}-{month:02}-{day:02}"))
}

/// The cells at both ends of a row that has at least two.
pub(super) fn ends_of(cells: &[String]) -> Option<[String; 2]> {
    let mut filled = cells.iter().filter(|cell| !cell.is_empty());
    let first = filled.next()?;
    let last = filled.next_back()?;
    Some([first.clone(), last.clone()])
}

/// Whether a line ends with the number of a page, as those of the contents do.
pub(super) fn ends_with_page(line: &Line) -> bool {
    let last = line.cells.iter().rfind(|cell| !cell.is_empty());
    let word = last.and_then(|cell| cell.split(['.', ' ']).next_back());
    word.is_some_and(|word| {
        !word.is_empty() && word.len() <= 3 && word.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Whether a line is what stands at the edges of pages: numbers, the guide's name, links.
pub(super) fn is_ornament(text: &str) -> bool {
    let bare = folded(text);
    bare.chars().all(|character| character.is_ascii_digit())
        || bare.contains("datamappingguide")
        || ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme) && !text.contains(' '))
        || bare.starts_with("copyright")
}

/// Whether a line opens as a footnote does.
pub(super) fn is_footnote(text: &str) -> bool {
    const MARKS: [char; 11] = ['*', '†', '‡', '§', '¹', '²', '³', '⁴', '⁵', '①', '②'];
    let numbered = text.starts_with(['[', '('])
        && text.get(1..).is_some_and(|rest| rest.starts_with(|one: char| one.is_ascii_digit()));
    text.starts_with(MARKS) || numbered || folded(text).starts_with("note") && text.contains(':')
}

/// Whether a line is prose.
pub(super) fn is_sentence(text: &str) -> bool {
    words(text).len() >= 6 || text.ends_with(['.', ':'])
}

/// A cell without the mark of a footnote at its end.
pub(super) fn without_mark(cell: &str) -> String {
    let marks = |character: char| matches!(character, '*' | '†' | '‡' | '§' | '¹' | '²' | '³' | '⁴' | '⁵');
    let bare = cell.trim_end_matches(marks).trim_end();
    let numbered = bare.strip_suffix(']').and_then(|rest| rest.rsplit_once('['));
    let bare = match numbered {
        Some((name, number))
            if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) && !name.is_empty() =>
        {
            // `list[0]` is a place in a list.
            if name.ends_with(' ') { name.trim_end() } else { bare }
        }
        _ => bare,
    };
    // A row of marks is a text of its own.
    if bare.is_empty() { cell.to_owned() } else { bare.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_several_forms() {
        for (text, expected) in [
            ("February 16, 2022", Some("2022-02-16")),
            ("16 Feb 2022", Some("2022-02-16")),
            ("2022-02-16", Some("2022-02-16")),
            ("March 3rd, 2023", Some("2023-03-03")),
            ("Version 1.2, 2022", None),
            ("Published in February 2022", None),
        ] {
            assert_eq!(date(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn details_are_read_behind_any_bullet_and_dash() {
        for text in
            ["- **Device Type** – VPN", "e Device Type - VPN", "Device Type: VPN", "• Device type — VPN"]
        {
            let mut facts = Facts::default();
            facts.device(text);
            assert_eq!(facts.details.first().unwrap().as_deref(), Some("VPN"), "{text}");
        }
        assert_eq!(versions_of("6.0, 6.2, 6.4"), ["6.0", "6.2", "6.4"]);
        assert_eq!(versions_of("Limited, see there"), ["Limited, see there"]);
    }

    #[test]
    fn marks_of_footnotes_belong_to_no_name() {
        for (cell, expected) in [
            ("sourceUser*", "sourceUser"),
            ("user †", "user"),
            ("user [1]", "user"),
            ("list[0]", "list[0]"),
            ("*****", "*****"),
        ] {
            assert_eq!(without_mark(cell), expected, "{cell}");
        }
    }
}
