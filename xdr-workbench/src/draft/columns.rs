//! Lines of columns: the same number of values between commas, bars, tabs or semicolons in each.

use xdr_model::pattern::Target;
use xdr_runtime::field::{Fault, Field as Text, Fill, Name};
use xdr_runtime::format::{csv, syslog};

use super::align::align;
use super::text::folded;

/// What was seen of columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    /// What stands between two columns.
    pub(super) separator: char,
    /// The values of each column.
    pub(super) values: Vec<Vec<String>>,
}

/// How many columns there are at least.
const LEAST: usize = 5;

/// How many are looked at: the work grows with the square of it.
const MOST: usize = 256;

/// The columns of lines, if nearly all of them have as many. A syslog header in front is no part of them.
pub(super) fn of(lines: &[&str]) -> Option<Table> {
    [b',', b'|', b'\t', b';'].into_iter().find_map(|separator| {
        let row = |line: &&str| -> Vec<String> {
            csv::columns(separator, body(line)).take(MOST).map(std::borrow::Cow::into_owned).collect()
        };
        let rows: Vec<Vec<String>> = lines.iter().map(row).collect();
        let count = rows.first()?.len();
        let same = rows.iter().filter(|row| row.len() == count).count();
        if count < LEAST || same * 5 < rows.len() * 4 {
            return None;
        }
        let column = |at: usize| rows.iter().filter_map(|row| row.get(at)).cloned().collect();
        Some(Table { separator: char::from(separator), values: (0..count).map(column).collect() })
    })
}

/// The line without a syslog header.
fn body(line: &str) -> &str {
    const NONE: Target<'static> = Target::Extra("");
    const HEADER: syslog::Header = syslog::Header {
        host: NONE,
        time: NONE,
        pri: NONE,
        program: NONE,
        pid: NONE,
        msgid: NONE,
        relay: NONE,
        relay_time: NONE,
        before: syslog::Words::new(&[]).or_columns(b",|\t;"),
        after: &[],
    };
    syslog::read(&HEADER, line, &mut Nowhere)
}

/// Takes what nobody wants.
struct Nowhere;

impl<'a> Fill<'a> for Nowhere {
    fn field(&mut self, _slot: u16, _field: Text<'a>) {}

    fn further(&mut self, _slot: u16, _field: Text<'a>) {}

    fn extra(&mut self, _name: Name<'a>, _field: Text<'a>) {}

    fn fault(&mut self, _fault: Fault<'a>) {}

    fn hand(&mut self, _text: &'a str) -> bool {
        true
    }
}

/// A field, as the columns are looked through for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'f> {
    /// As rows call it.
    pub(super) name: &'f str,
    /// As the guide calls it.
    pub(super) printed: &'f str,
    /// The guide's sample.
    pub(super) sample: &'f str,
}

/// Which field each column is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found<'f> {
    /// The names of the columns; those that are no field have a name that begins with [`NAMELESS`].
    pub(super) names: Vec<String>,
    /// Fields whose column only their place between others tells.
    pub(super) by_place: Vec<&'f str>,
    /// Fields without a column, and the numbers of those that may be theirs.
    pub(super) missing: Vec<(&'f str, Vec<usize>)>,
}

/// What names of columns begin with that are no field.
pub(super) const NAMELESS: &str = "column ";

impl Table {
    /// The column of a field: the one that its name heads, else the only one that has its sample.
    fn column(&self, name: &str, sample: &str) -> Option<usize> {
        let headed = self.values.iter().position(|values| heads(values, name));
        let sampled = || {
            let holds = |values: &&Vec<String>| values.iter().any(|value| value == sample);
            let only = self.values.iter().filter(holds).count() == 1;
            self.values.iter().position(|values| holds(&values)).filter(|_| only && sample.len() >= 2)
        };
        headed.or_else(sampled)
    }

    /// Which field each column is. Guides mostly list the columns in their order; where what names and samples tell agrees with that, the
    /// order tells the rest.
    pub(super) fn fields<'f>(&self, fields: &[Wanted<'f>]) -> Found<'f> {
        let told: Vec<Option<usize>> =
            fields.iter().map(|field| self.column(field.printed, field.sample)).collect();
        let anchors: Vec<usize> = told.iter().flatten().copied().collect();
        let rising = anchors.windows(2).filter(|two| two.first() < two.last()).count();
        let ordered = anchors.len() >= 4 && rising * 5 >= (anchors.len() - 1) * 4;
        let mut found = Found { names: (1..=self.values.len()).map(nameless).collect(), ..Found::default() };
        let places: Vec<Result<usize, Vec<usize>>> = if ordered {
            let scores: Vec<Vec<i32>> = fields
                .iter()
                .map(|field| self.values.iter().map(|values| score(field, values)).collect())
                .collect();
            align(&scores, self.values.len())
        } else {
            let holding = |field: &Wanted<'_>| {
                let holds = |values: &Vec<String>| values.iter().any(|value| value == field.sample);
                (0..self.values.len()).filter(|at| self.values.get(*at).is_some_and(holds)).collect()
            };
            fields.iter().zip(&told).map(|(field, told)| told.ok_or_else(|| holding(field))).collect()
        };
        for ((field, place), told) in fields.iter().zip(places).zip(told) {
            match place {
                Ok(at) if found.names.get(at).is_some_and(|name| name.starts_with(NAMELESS)) => {
                    if let Some(name) = found.names.get_mut(at) {
                        field.name.clone_into(name);
                    }
                    if told != Some(at) {
                        found.by_place.push(field.printed);
                    }
                }
                Ok(_) => found.missing.push((field.printed, Vec::new())),
                Err(may) => found.missing.push((field.printed, may.iter().map(|at| at + 1).collect())),
            }
        }
        found
    }
}

fn nameless(number: usize) -> String {
    format!("{NAMELESS}{number}")
}

/// Whether the first line names the columns, and this one so.
fn heads(values: &[String], name: &str) -> bool {
    let bare = folded(name);
    !bare.is_empty() && values.first().is_some_and(|head| folded(head) == bare)
}

/// How well a field suits a column.
fn score(field: &Wanted<'_>, values: &[String]) -> i32 {
    let some: Vec<&str> = values.iter().map(String::as_str).filter(|value| !value.is_empty()).collect();
    if heads(values, field.printed) {
        return 12;
    }
    if field.sample.is_empty() || some.is_empty() {
        return 0;
    }
    if some.contains(&field.sample) {
        return if field.sample.len() >= 3 { 8 } else { 4 };
    }
    let form = form(field.sample);
    let alike = some.iter().filter(|value| self::form(value) == form).count();
    match () {
        () if alike * 2 >= some.len() && form.len() > 1 => 4,
        () if alike > 0 => 2,
        () if form == "9" || some.iter().all(|value| self::form(value) == "9") => -6,
        () => 0,
    }
}

/// A text with a digit for each run of digits and a letter for each of letters and blanks.
fn form(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        let class = match character {
            digit if digit.is_ascii_digit() => '9',
            letter if letter.is_alphabetic() || letter == ' ' => 'a',
            other => other,
        };
        if !out.ends_with(class) || !matches!(class, '9' | 'a') {
            out.push(class);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted<'f>(fields: &[(&'f str, &'f str)]) -> Vec<Wanted<'f>> {
        fields.iter().map(|(name, sample)| Wanted { name, printed: name, sample }).collect()
    }

    #[test]
    fn columns_are_told_by_heads_and_samples() {
        let table = of(&["1,kim,192.0.2.7,allow,443", "2,robin,192.0.2.8,deny,80"]).unwrap();
        let found = table.fields(&wanted(&[("user", "kim"), ("Action", "deny"), ("rule", "x")]));
        assert_eq!(found.names, ["column 1", "user", "column 3", "Action", "column 5"]);
        assert_eq!(found.missing, [("rule", vec![])]);
        let table = of(&["a|User Name|c|d|e", "1|2|3|4|5"]).unwrap();
        assert_eq!(table.fields(&wanted(&[("user name", "")])).names[1], "user name");
        assert_eq!(of(&["a,b", "c,d"]), None);
        assert_eq!(of(&["a,b,c,d,e", "c,d", "x"]), None);
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn a_header_is_no_part_of_the_columns_and_quotes_are_none_of_their_values() {
        let table = of(&[r#"<14>Mar 14 07:08:09 gw 1,"a, b","say ""hi""",d,e"#]).unwrap();
        assert_eq!(table.values, [["1"], ["a, b"], ["say \"hi\""], ["d"], ["e"]]);
    }

    #[test]
    fn the_order_of_the_guide_tells_columns_that_samples_do_not() {
        let table = of(&[
            "1,2024-03-14 07:08:09,A12,LOGIN,kim,192.0.2.7,0,vpn.example.com,0",
            "1,2024-03-14 07:09:09,A12,LOGIN,lee,192.0.2.8,0,vpn.example.com,3",
        ])
        .unwrap();
        let mut fields = wanted(&[
            ("Time", "2022-01-01 10:00:00"),
            ("Serial", "A12"),
            ("Type", "LOGIN"),
            ("User", "robin"),
            ("Address", "192.0.2.7"),
            ("Host", "vpn.example.com"),
            ("Code", "3"),
        ]);
        let found = table.fields(&fields);
        assert_eq!(
            found.names,
            ["column 1", "Time", "Serial", "Type", "User", "Address", "column 7", "Host", "Code"]
        );
        assert_eq!((found.by_place, found.missing), (vec!["Time", "User", "Code"], vec![]));
        // Of two fields that one column could be, neither gets it.
        fields.insert(5, Wanted { name: "More", printed: "More", sample: "" });
        fields.insert(5, Wanted { name: "Most", printed: "Most", sample: "" });
        let found = table.fields(&fields);
        assert_eq!(found.missing, [("Most", vec![7]), ("More", vec![7])]);
    }
}
