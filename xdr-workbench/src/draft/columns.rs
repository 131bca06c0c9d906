//! Lines of columns: the same number of values between commas or bars in each.

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

/// The columns of lines, if nearly all of them have as many.
pub(super) fn of(lines: &[&str]) -> Option<Table> {
    [',', '|', '\t', ';'].into_iter().find_map(|separator| {
        let rows: Vec<Vec<&str>> =
            lines.iter().map(|line| line.split(separator).map(str::trim).collect()).collect();
        let count = rows.first()?.len();
        let same = rows.iter().filter(|row| row.len() == count).count();
        if count < LEAST || same * 5 < rows.len() * 4 {
            return None;
        }
        let column =
            |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|value| (*value).to_owned()).collect();
        Some(Table { separator, values: (0..count).map(column).collect() })
    })
}

impl Table {
    /// The column of a field: the one that its name heads, else the only one that has its sample.
    fn column(&self, name: &str, sample: &str) -> Option<usize> {
        let bare = super::text::folded(name);
        let heads =
            |values: &Vec<String>| values.first().is_some_and(|head| super::text::folded(head) == bare);
        let headed = self.values.iter().position(|values| !bare.is_empty() && heads(values));
        let sampled = || {
            let holds = |values: &&Vec<String>| values.iter().any(|value| value == sample);
            let only = self.values.iter().filter(holds).count() == 1;
            self.values.iter().position(|values| holds(&values)).filter(|_| only && sample.len() >= 2)
        };
        headed.or_else(sampled)
    }

    /// The numbers of the columns that have a field's sample.
    pub(super) fn holding(&self, sample: &str) -> Vec<String> {
        let holds = |(_, values): &(usize, &Vec<String>)| values.iter().any(|value| value == sample);
        self.values.iter().enumerate().filter(holds).map(|(at, _)| (at + 1).to_string()).collect()
    }

    /// The template of a line, and the fields that have no column. Fields are given by their name here, their name in the guide, and
    /// their sample.
    pub(super) fn template<'f>(&self, fields: &[(&'f str, &'f str, &str)]) -> (String, Vec<&'f str>) {
        let (names, missing) = self.fields(fields);
        let captures: Vec<String> = names.iter().map(|name| format!("{{{name}}}")).collect();
        (captures.join(&self.separator.to_string()), missing)
    }

    /// The names of the columns, and the fields that have none.
    pub(super) fn fields<'f>(&self, fields: &[(&'f str, &'f str, &str)]) -> (Vec<String>, Vec<&'f str>) {
        let mut names: Vec<String> =
            (1..=self.values.len()).map(|number| format!("_column {number}")).collect();
        let mut missing = Vec::new();
        for (name, printed, sample) in fields {
            let free = |at: &usize| names.get(*at).is_some_and(|name| name.starts_with("_column "));
            match self.column(printed, sample).filter(free).and_then(|at| names.get_mut(at)) {
                Some(place) => (*name).clone_into(place),
                None => missing.push(*printed),
            }
        }
        (names, missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_told_by_heads_and_samples() {
        let table = of(&["1,kim,192.0.2.7,allow,443", "2,robin,192.0.2.8,deny,80"]).unwrap();
        let fields = [("user", "user", "kim"), ("Action", "Action", "deny"), ("rule", "rule", "x")];
        assert_eq!(
            table.template(&fields),
            ("{_column 1},{user},{_column 3},{Action},{_column 5}".to_owned(), vec!["rule"])
        );
        let table = of(&["a|User Name|c|d|e", "1|2|3|4|5"]).unwrap();
        assert_eq!(
            table.template(&[("user name", "user name", "")]).0,
            "{_column 1}|{user name}|{_column 3}|{_column 4}|{_column 5}"
        );
        assert_eq!(of(&["a,b", "c,d"]), None);
        assert_eq!(of(&["a,b,c,d,e", "c,d", "x"]), None);
        assert_eq!(of(&[]), None);
    }
}
