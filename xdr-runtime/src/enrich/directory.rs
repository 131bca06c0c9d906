//! A directory of users: a table in CSV (RFC 4180), with a column `user` and columns named as the tokens that they fill.
//!
//! ```text
//! user,userEmployeeId,userDepartment,userStatus
//! kim,E7,Engineering,Full Time Employee
//! ```
//!
//! Users are compared as a whole, without regard to the case of ASCII letters. A cell without text is no value.

use std::collections::HashMap;

use smallvec::SmallVec;
use xdr_model::{Kind, Token};

use super::Ready;

/// The column that holds the users.
const KEY: &str = "user";

/// What is known of users.
#[derive(Debug, Default)]
pub struct Directory {
    /// The tokens of the columns.
    columns: SmallVec<[Token; 4]>,
    /// Users, and their cells, one a column.
    people: Vec<(Box<str>, Box<[Ready]>)>,
    /// Who has a hash that leads to a slot, or to the ones in front of it: a number in `people` and 1. 0 is an empty slot; there always is
    /// one. Their count is a power of two.
    slots: Box<[u32]>,
}

/// What is wrong with a table, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line, counted from 1.
    pub line: u64,
    /// The column of the table, counted from 1; 0 if the whole line is meant.
    pub column: usize,
    /// What is wrong.
    pub reason: String,
    /// The name of a column that is no token.
    pub unknown: Option<String>,
}

impl Fault {
    fn new(line: u64, column: usize, reason: impl Into<String>) -> Self {
        Self { line, column, reason: reason.into(), unknown: None }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}", self.line)?;
        if self.column > 0 {
            write!(f, ", column {}", self.column)?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// What a directory knows of one user.
#[derive(Clone, Copy, Debug)]
pub struct Person<'a> {
    columns: &'a [Token],
    cells: &'a [Ready],
}

impl<'a> Person<'a> {
    /// The text for a token.
    pub fn get(&self, token: Token) -> Option<&'a Ready> {
        let at = self.columns.iter().position(|column| *column == token)?;
        self.cells.get(at).filter(|cell| !cell.is_empty())
    }
}

impl Directory {
    /// Reads a table.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        quotes(bytes)?;
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
        let mut record = csv::ByteRecord::new();
        if !next(&mut reader, &mut record)? {
            return Err(Fault::new(
                1,
                0,
                format!("the table is empty, its first line names its columns: `{KEY}` and tokens"),
            ));
        }
        let (width, (key, columns)) = {
            let head = Row::of(&record)?;
            (head.cells.len(), columns(&head)?)
        };
        let mut directory =
            Self { columns: columns.iter().map(|(_, token)| *token).collect(), ..Self::default() };
        let mut lines: HashMap<Box<str>, u64> = HashMap::new();
        while next(&mut reader, &mut record)? {
            let row = Row::of(&record)?;
            if row.cells.len() != width {
                let reason =
                    format!("cells: {}, where the first line names {width} columns", row.cells.len());
                return Err(Fault::new(row.line, 0, reason));
            }
            let user = row.cell(key);
            if user.is_empty() {
                return Err(Fault::new(row.line, key + 1, format!("no `{KEY}`")));
            }
            if let Some(first) = lines.insert(user.to_ascii_lowercase().into(), row.line) {
                let reason = format!("the user `{user}` stands in line {first} too");
                return Err(Fault::new(row.line, key + 1, reason));
            }
            let cells = columns.iter().map(|(at, _)| row.cell(*at).into()).collect();
            directory.people.push((user.into(), cells));
        }
        directory.find_slots();
        Ok(directory)
    }

    /// The tokens that it may fill.
    pub fn tokens(&self) -> &[Token] {
        &self.columns
    }

    /// How many users it knows.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Whether it knows nobody.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// Gives each user a slot; half of the slots stay empty.
    fn find_slots(&mut self) {
        let mut slots = vec![0; (2 * self.people.len()).next_power_of_two().max(2)];
        for (number, (user, _)) in (1..).zip(&self.people) {
            let first = hash(user) & (slots.len() - 1);
            let (front, behind) = slots.split_at_mut(first);
            if let Some(slot) = behind.iter_mut().chain(front).find(|slot| **slot == 0) {
                *slot = number;
            }
        }
        self.slots = slots.into();
    }

    /// What it knows of a user.
    pub fn person(&self, user: &str) -> Option<Person<'_>> {
        let first = hash(user) & self.slots.len().checked_sub(1)?;
        let (front, behind) = self.slots.split_at_checked(first)?;
        for slot in behind.iter().chain(front) {
            let number = usize::try_from(*slot).ok()?.checked_sub(1)?;
            let (known, cells) = self.people.get(number)?;
            // Mostly the case is the same, and that takes no time.
            if **known == *user || known.eq_ignore_ascii_case(user) {
                return Some(Person { columns: &self.columns, cells });
            }
        }
        None
    }
}

/// A number made of a user without regard to the case of ASCII letters. Whoever writes the records cannot fill the slots, so it need
/// not be one that nobody can foresee.
fn hash(user: &str) -> usize {
    const PRIME: u64 = 0x9e37_79b9_7f4a_7c15;
    // Letters differ from their capitals in this bit; other bytes that differ in nothing else are told apart when they are compared.
    const SMALL: u64 = 0x2020_2020_2020_2020;
    let mix = |hash: u64, word: u64| (hash ^ (word | SMALL)).wrapping_mul(PRIME).rotate_left(29);
    let (words, rest) = user.as_bytes().as_chunks::<8>();
    let mut hash = words.iter().fold(user.len() as u64, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    // The last bytes of what is longer than a word overlap those before.
    let last = user.as_bytes().last_chunk().map_or_else(
        || rest.iter().fold(0, |last, byte| last << 8 | u64::from(*byte)),
        |last| u64::from_le_bytes(*last),
    );
    hash = mix(hash, last).wrapping_mul(PRIME);
    usize::try_from(hash >> 32).unwrap_or_default()
}

/// Checks that quotes stand where RFC 4180 has them. A reader that guesses what is meant would take lines into a cell, or lose a part of one.
fn quotes(bytes: &[u8]) -> Result<(), Fault> {
    let (mut line, mut column) = (1, 1);
    let mut bytes = bytes.iter().copied().peekable();
    let mut first = true;
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' if first => loop {
                match bytes.next() {
                    Some(b'"') if bytes.peek() == Some(&b'"') => bytes.next(),
                    Some(b'"') => break,
                    None | Some(b'\n' | b'\r') => {
                        return Err(Fault::new(line, column, "a quote that is not closed in its line"));
                    }
                    other => other,
                };
            },
            b'"' => {
                let reason =
                    "a quote that neither begins the cell nor ends it; inside of quotes it is doubled";
                return Err(Fault::new(line, column, reason));
            }
            _ => {}
        }
        let closed = first && byte == b'"';
        first = matches!(byte, b',' | b'\n');
        match byte {
            b',' => column += 1,
            b'\n' => (line, column) = (line + 1, 1),
            _ => {}
        }
        if closed && !matches!(bytes.peek(), None | Some(b',' | b'\n' | b'\r')) {
            return Err(Fault::new(
                line,
                column,
                "text behind a closing quote; inside of quotes a quote is doubled",
            ));
        }
    }
    Ok(())
}

/// Reads the next record; lines without anything are passed over.
fn next(reader: &mut csv::Reader<&[u8]>, record: &mut csv::ByteRecord) -> Result<bool, Fault> {
    reader.read_byte_record(record).map_err(|error| {
        let line = error.position().map_or(1, csv::Position::line);
        Fault::new(line, 0, error.to_string())
    })
}

/// A line of the table.
struct Row<'r> {
    line: u64,
    cells: SmallVec<[&'r str; 8]>,
}

impl<'r> Row<'r> {
    fn of(record: &'r csv::ByteRecord) -> Result<Self, Fault> {
        let line = record.position().map_or(1, csv::Position::line);
        let mut cells = SmallVec::new();
        for (at, cell) in record.iter().enumerate() {
            let Ok(cell) = std::str::from_utf8(cell) else {
                return Err(Fault::new(line, at + 1, "not UTF-8"));
            };
            cells.push(cell.trim());
        }
        Ok(Self { line, cells })
    }

    fn cell(&self, at: usize) -> &'r str {
        self.cells.get(at).copied().unwrap_or_default()
    }
}

/// Place and token of each column.
type Columns = SmallVec<[(usize, Token); 4]>;

/// The place of the users' column, and place and token of each other one.
fn columns(head: &Row<'_>) -> Result<(usize, Columns), Fault> {
    let (mut key, mut columns) = (None, Columns::new());
    for (at, name) in head.cells.iter().enumerate() {
        let fault = |reason: String| Fault::new(head.line, at + 1, reason);
        if *name == KEY {
            if key.replace(at).is_some() {
                return Err(fault(format!("a second column `{KEY}`")));
            }
            continue;
        }
        let Some(token) = Token::from_name(name) else {
            let reason = format!("the column `{name}` is neither `{KEY}` nor a token");
            return Err(Fault { unknown: Some((*name).to_owned()), ..fault(reason) });
        };
        if token.kind() != Kind::String {
            return Err(fault(format!(
                "the token `{name}` takes no text, its kind is {}",
                token.kind().name()
            )));
        }
        if columns.iter().any(|(_, known)| *known == token) {
            return Err(fault(format!("a second column `{name}`")));
        }
        columns.push((at, token));
    }
    match key {
        Some(key) => Ok((key, columns)),
        None => Err(Fault::new(head.line, 0, format!("no column `{KEY}`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
user,userEmployeeId,userDepartment,userStatus
kim,E7,Engineering,Full Time Employee
\"EXAMPLE\\Lee\", E8 ,\"Sales, North\",
Ünal,E9,\"the \"\"lab\"\"\",Contractor
";

    fn read(text: &str) -> Directory {
        Directory::read(text.as_bytes()).unwrap()
    }

    fn fault(text: &str) -> (u64, usize, String) {
        let Fault { line, column, reason, .. } = Directory::read(text.as_bytes()).unwrap_err();
        (line, column, reason)
    }

    #[test]
    fn cells_are_found_by_user_and_token() {
        let directory = read(TABLE);
        assert_eq!((directory.len(), directory.tokens().len()), (3, 3));
        let get = |user: &str, token| {
            directory.person(user).and_then(|person| person.get(token).map(ToString::to_string))
        };
        assert_eq!(get("kim", Token::UserEmployeeId).as_deref(), Some("E7"));
        assert_eq!(get("kim", Token::UserStatus).as_deref(), Some("Full Time Employee"));
        assert_eq!(get("example\\LEE", Token::UserDepartment).as_deref(), Some("Sales, North"));
        assert_eq!(
            get("EXAMPLE\\Lee", Token::UserEmployeeId).as_deref(),
            Some("E8"),
            "blanks around a cell are no text"
        );
        assert_eq!(get("EXAMPLE\\Lee", Token::UserStatus), None, "an empty cell is no value");
        assert_eq!(get("Ünal", Token::UserDepartment).as_deref(), Some("the \"lab\""));
    }

    #[test]
    fn users_are_compared_whole_and_without_regard_to_ascii_case() {
        let directory = read(TABLE);
        for (user, known) in [
            ("KIM", true),
            ("Kim", true),
            ("kim@example.com", false),
            ("Lee", false),
            (" kim", false),
            ("ünal", false),
            ("", false),
        ] {
            assert_eq!(directory.person(user).is_some(), known, "{user}");
        }
    }

    #[test]
    fn many_users_are_found_each_by_their_name() {
        let user = |number: u32| format!("{:x}@{}.example.com", number.wrapping_mul(0x9e37_79b9), number % 7);
        let rows: Vec<String> = (0..5000).map(|number| format!("{},E{number}\n", user(number))).collect();
        let directory = read(&format!("user,userEmployeeId\n{}", rows.concat()));
        assert_eq!(directory.len(), 5000);
        for number in 0..10_000 {
            let person = directory.person(&user(number).to_ascii_uppercase());
            let found = person.and_then(|person| person.get(Token::UserEmployeeId)).map(ToString::to_string);
            assert_eq!(found, (number < 5000).then(|| format!("E{number}")));
        }
        assert!(Directory::default().person("kim").is_none());
    }

    #[test]
    fn columns_may_stand_in_any_order_and_be_few() {
        for text in [
            "userStatus,user\ngone,kim\n",
            "\u{feff}user,userStatus\r\nkim,gone\r\n\r\n",
            "user , userStatus\n\"kim\",gone",
        ] {
            let directory = read(text);
            let person = directory.person("kim").unwrap();
            assert_eq!(person.get(Token::UserStatus).map(|cell| &**cell), Some("gone"), "{text:?}");
            assert_eq!(directory.person("kim").unwrap().get(Token::UserDepartment), None);
        }
        assert!(read("user\n").is_empty());
    }

    #[test]
    fn faults_have_a_line_and_a_column() {
        for (text, line, column, reason) in [
            ("", 1, 0, "the table is empty, its first line names its columns: `user` and tokens"),
            ("name,userStatus\n", 1, 1, "the column `name` is neither `user` nor a token"),
            ("user,userStatus,user\n", 1, 3, "a second column `user`"),
            ("user,userStatus,userStatus\n", 1, 3, "a second column `userStatus`"),
            ("user,tags\n", 1, 2, "the token `tags` takes no text, its kind is string list"),
            ("userStatus\n", 1, 0, "no column `user`"),
            ("user,userStatus\nkim\n", 2, 0, "cells: 1, where the first line names 2 columns"),
            ("user,userStatus\nkim,a\nlee,b,c\n", 3, 0, "cells: 3, where the first line names 2 columns"),
            ("user,userStatus\nkim,a\n,b\n", 3, 1, "no `user`"),
            ("user,userStatus\nkim,a\nlee,b\nKIM,c\n", 4, 1, "the user `KIM` stands in line 2 too"),
            ("user,userStatus\nkim,\"a\nlee,b\n", 2, 2, "a quote that is not closed in its line"),
            ("user,userStatus\nkim,\"a", 2, 2, "a quote that is not closed in its line"),
            (
                "user,userStatus\nkim,\"a\"b\n",
                2,
                2,
                "text behind a closing quote; inside of quotes a quote is doubled",
            ),
            (
                "user,userStatus\nkim,a\nthe \"boss\",b\n",
                3,
                1,
                "a quote that neither begins the cell nor ends it; inside of quotes it is doubled",
            ),
        ] {
            assert_eq!(fault(text), (line, column, reason.to_owned()), "{text:?}");
        }
        let latin = Directory::read(b"user,userStatus\nkim,a\nlee,caf\xe9\n").unwrap_err();
        assert_eq!(latin.to_string(), "line 3, column 2: not UTF-8");
        assert_eq!(Directory::read(b"user,userStaus\n").unwrap_err().unknown.as_deref(), Some("userStaus"));
    }
}
