//! Tables that lost their columns, as scans do: put together again word by word.
//!
//! Nothing in such a text says where a cell ends. A line begins a row if its second word is a token, or near to one. What was
//! read is only a proposal, so each row keeps the lines that it came from as a doubt, for the author to compare.

use xdr_model::{Kind, Token, read};

use super::guide::{Guide, Note, Row};
use super::stamp::{self, Orders};
use super::text::{Line, folded, words};
use super::token::{Match, find, seen};

/// A line without tabs among the tables, and whether it stands among the internal fields.
pub(super) struct Loose {
    pub(super) line: Line,
    pub(super) internal: bool,
}

/// The rows of a text that has lost its columns.
pub(super) fn tables(lines: &[Loose], guide: &mut Guide) {
    let mut block: Vec<&Loose> = Vec::new();
    for loose in lines {
        let text = loose.line.single().unwrap_or_default();
        if is_head(text) {
            continue;
        }
        if starts_row(text, loose.internal) {
            close(&block, guide);
            block = vec![loose];
        } else if block.is_empty() || block.first().is_some_and(|first| first.internal != loose.internal) {
            guide.notes.push(Note::new(loose.line.number, format!("belongs to no row: {text}")));
        } else {
            block.push(loose);
        }
    }
    close(&block, guide);
    guide.scanned = !guide.rows.is_empty();
    if guide.scanned {
        let text = "the tables have lost their columns: each row is put together from words and must be compared with the guide";
        guide.notes.push(Note::new(0, text));
    }
}

/// Whether a line is a piece of a table's head.
fn is_head(text: &str) -> bool {
    const WORDS: [&str; 16] = [
        "data",
        "qualys",
        "sample",
        "samples",
        "values",
        "value",
        "description",
        "source",
        "context",
        "xdr",
        "field",
        "fields",
        "qql",
        "label",
        "labels",
        "tokens",
    ];
    let words = words(text);
    words.len() >= 2 && words.iter().all(|word| WORDS.contains(&word.as_str()))
        || matches!(text, "Tokens" | "Labels" | "Fields")
}

/// The words of a line; the bars of lost columns are none.
fn parts(text: &str) -> Vec<&str> {
    text.split_whitespace().filter(|word| *word != "|").collect()
}

/// Whether a word is a token, near to one, or the beginning of one that its column broke.
fn is_token(word: &str) -> bool {
    let compound = word.contains('_') || word.chars().skip(1).any(char::is_uppercase);
    let begins = |token: Token| seen(&folded(token.name())).starts_with(&seen(&folded(word)));
    !matches!(find(word), Match::Unknown | Match::Nothing)
        || compound && word.len() >= BREAKS && Token::ALL.into_iter().any(begins)
}

fn starts_row(text: &str, internal: bool) -> bool {
    let parts = parts(text);
    let name = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_lowercase())
            && word.chars().all(|character| {
                character.is_ascii_alphanumeric() || matches!(character, '_' | '.' | '/' | '-')
            })
    };
    match parts.as_slice() {
        [token, ..] if internal => find(token).certain().is_some(),
        [field, token, ..] => name(field) && is_token(token),
        _ => false,
    }
}

fn close(block: &[&Loose], guide: &mut Guide) {
    let Some(first) = block.first() else { return };
    let texts: Vec<&str> = block.iter().map(|loose| loose.line.single().unwrap_or_default()).collect();
    let mut row = if first.internal { internal_row(&texts) } else { field_row(&texts) };
    row.line = first.line.number;
    row.doubts.push(format!("scanned, compare it with the guide: {}", texts.join(" ⏎ ")));
    if first.internal { guide.internal.push(row) } else { guide.rows.push(row) }
}

fn internal_row(texts: &[&str]) -> Row {
    let mut all = texts.iter().copied().flat_map(parts);
    let token = all.next().unwrap_or_default().to_owned();
    let mut sample = String::new();
    for word in all {
        if !sample.is_empty() && !sample.ends_with('-') {
            sample.push(' ');
        }
        sample.push_str(word);
    }
    Row { token, sample, ..Row::default() }
}

/// How long a name is at least that the edge of its column may have broken.
const BREAKS: usize = 9;

fn field_row(texts: &[&str]) -> Row {
    let Some((first, more)) = texts.split_first() else { return Row::default() };
    let words = parts(first);
    let mut field = words.first().copied().unwrap_or_default().to_owned();
    let mut printed = words.get(1).copied().unwrap_or_default().to_owned();
    let mut sample = sample_of(first).unwrap_or_else(|| words.get(2).copied().unwrap_or_default().to_owned());
    let mut breaks = field.len() >= BREAKS;
    for text in more {
        let words = parts(text);
        let mut rest = words.as_slice();
        if let [word, behind @ ..] = rest
            && breaks
            && is_piece_of_name(word)
            && !is_piece_of_sample(&sample, word, &printed, behind)
        {
            let to = if token_wants(&printed, word) { &mut printed } else { &mut field };
            to.push_str(word);
            rest = behind;
        }
        if let [word, behind @ ..] = rest
            && token_wants(&printed, word)
        {
            printed.push_str(word);
            rest = behind;
        }
        match rest {
            [word, ..] if wants_more(&sample, word, &printed) => {
                sample.push_str(word);
                breaks = breaks && rest.len() < words.len();
            }
            _ => {}
        }
    }
    Row { from: vec![field], token: printed, sample, ..Row::default() }
}

/// The sample, where bars show its end.
fn sample_of(line: &str) -> Option<String> {
    let (front, _) = line.rsplit_once(" | ")?;
    let words = parts(front);
    let sample = words.get(2..).filter(|words| !words.is_empty())?;
    Some(sample.join(" "))
}

/// Whether a word that could be a piece of the name goes on with the sample instead: the sample is open, nothing behind the word could
/// go on with it, and the word is no stranger to its kind.
fn is_piece_of_sample(sample: &str, word: &str, printed: &str, behind: &[&str]) -> bool {
    let next =
        behind.first().is_some_and(|next| wants_more(sample, next, printed) && !is_piece_of_name(next));
    let text = find(printed).certain().is_some_and(|token| token.kind() == Kind::String);
    wants_more(sample, word, printed) && !next && text
}

/// Whether a word may be the rest of a name that was broken.
fn is_piece_of_name(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_' || first == '.')
        && word
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || matches!(character, '_' | '.' | '/'))
        && (!word.starts_with(|first: char| first.is_ascii_uppercase()) || word.len() <= 3 && word != "NT")
}

/// Whether the word makes a token of what is none yet.
fn token_wants(printed: &str, word: &str) -> bool {
    find(printed).certain().is_none() && find(&format!("{printed}{word}")).certain().is_some()
}

/// Whether a sample goes on with this word: it ends in the middle of something, or is no value of its token before.
fn wants_more(sample: &str, word: &str, printed: &str) -> bool {
    let joined = format!("{sample}{word}");
    let open = sample.ends_with(['-', '/', '_', '='])
        || sample.contains(['/', '=']) && word.contains(['/', '=', '-']);
    let value = |text: &str, token: Token| match token.kind() {
        Kind::Timestamp => stamp::formats(text, Orders::default()).is_some(),
        _ => read::kind_accepts(token, text).is_ok(),
    };
    let mends = find(printed).certain().is_some_and(|token| !value(sample, token) && value(&joined, token));
    !sample.is_empty() && (open || mends)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(String, String, String)> {
        let lines = super::super::text::lines(text);
        let loose: Vec<Loose> = lines.into_iter().map(|line| Loose { line, internal: false }).collect();
        let mut guide = Guide::default();
        tables(&loose, &mut guide);
        assert!(guide.rows.iter().all(|row| !row.doubts.is_empty()));
        guide.rows.into_iter().map(|row| (row.from.join("."), row.token, row.sample)).collect()
    }

    #[test]
    fn rows_are_put_together_from_lines() {
        let text = "Data Qualys Sample Values Description\nFields QQL Labels\nuid externalld 30439cc7-eac1- A unique ID\nb3b6-f16e Useful\n\
                    server_host | deviceName gw | Name of it\nname\nserver_addr | devicelPAddresse | 192.0.2.7:22 Address\ns\n";
        let row =
            |field: &str, token: &str, sample: &str| (field.to_owned(), token.to_owned(), sample.to_owned());
        assert_eq!(
            rows(text),
            [
                row("uid", "externalld", "30439cc7-eac1-b3b6-f16e"),
                row("server_hostname", "deviceName", "gw"),
                row("server_addr", "devicelPAddresses", "192.0.2.7:22"),
            ]
        );
    }
}
