//! YAML text to our own tree.
//!
//! The only file that names the YAML crate: `serde_yaml` is a cargo rename of serde-saphyr, the maintained one with spans.
//! Its event parser is used, not its `Deserialize`: events keep the spelling, the style and the byte range of every scalar,
//! and show anchors, tags and duplicate keys, which a spec may not have.
//!
//! Hostile text is harmless: its size and depth are bounded, the tree is built without recursion, nothing is ever expanded.

use std::collections::HashMap;

use serde_yaml::granit_parser::{self, ErrorKind, Event, Parser, ScalarStyle, ScanError, options};

use crate::diag::{Code, Diagnostic, Diagnostics, quote};
use crate::node::{Node, NodeKind};
use crate::source::{FileId, Files, MAX_BYTES, Span, too_big};

/// The deepest nesting that is read: lists and maps inside each other.
pub const MAX_DEPTH: usize = 64;

/// Reads a file as one YAML document.
///
/// Pushes whatever is refused of YAML (see the codes E01xx). Gives nothing when the text is no YAML at all or empty; after
/// other findings it gives a tree all the same, with [`NodeKind::Refused`] in place of what cannot be used.
pub fn read(file: FileId, files: &Files, diags: &mut Diagnostics) -> Option<Node> {
    let text = &files.get(file)?.text;
    if text.len() > MAX_BYTES {
        diags.push(too_big(file, text.len()));
        return None;
    }
    refuse_unseen(file, text, diags)?;
    let options = options! {
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        emit_comments: false,
        disallow_directives: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut builder = Builder { file, open: Vec::new(), root: None, documents: 0 };
    for event in Parser::new_from_str_with_options(text, options) {
        match event {
            Ok((event, span)) => builder.take(event, &span, diags)?,
            Err(error) => {
                diags.push(syntax_error(file, text, &error));
                return None;
            }
        }
    }
    if builder.root.is_none() {
        diags.push(
            Diagnostic::new(Code::EmptyFile, Span::top(file), "the file holds nothing")
                .help("begin with `source: ` and the folder's name, or for a catalogue with `messages:`"),
        );
    }
    builder.root
}

/// Refuses what cannot be seen in an editor; YAML readers disagree about it.
fn refuse_unseen(file: FileId, text: &str, diags: &mut Diagnostics) -> Option<()> {
    if text.starts_with('\u{feff}') {
        let span = Span::new(file, 0, '\u{feff}'.len_utf8());
        diags.push(
            Diagnostic::new(Code::ByteOrderMark, span, "the file begins with a byte order mark")
                .help("save the file as UTF-8 without one"),
        );
        return None;
    }
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let line_end = character == '\r' && characters.peek().is_some_and(|&(_, next)| next == '\n');
        if character.is_control() && !matches!(character, '\n' | '\t') && !line_end {
            let found =
                format!("the control character U+{:04X} may not stand in a spec", u32::from(character));
            let span = Span::new(file, at, at + character.len_utf8());
            diags.push(
                Diagnostic::new(Code::ControlCharacter, span, found)
                    .help("write it as an escape in double quotes, such as `\"\\x07\"`"),
            );
            return None;
        }
    }
    Some(())
}

fn syntax_error(file: FileId, text: &str, error: &ScanError) -> Diagnostic {
    let at = error.marker().byte_offset().unwrap_or(0).min(text.len());
    // An error at the end of the file is shown behind the last visible character.
    let at = if at == text.len() { text.trim_end().len() } else { at };
    let width = text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let span = Span::new(file, at, at + width);
    let kind = error.kind();
    if matches!(kind, ErrorKind::RecursionLimitExceeded) {
        return too_deep(span);
    }
    let before = text.get(..at).unwrap_or_default();
    let begins_line = before.rsplit('\n').next().is_some_and(|line| line.trim().is_empty());
    let help = match kind {
        ErrorKind::DirectiveDisallowed => "leave the directive away: specs are YAML 1.2",
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar => "use blanks instead of tabs",
        ErrorKind::InvalidQuotedScalarIndent | ErrorKind::UnclosedQuotedScalar => {
            "is a quote left open above?"
        }
        ErrorKind::UnclosedFlowCollection { .. } | ErrorKind::MismatchedFlowCollectionEnd { .. } => {
            "close each `{` and `[`; a text that holds them must be quoted"
        }
        ErrorKind::InvalidTrailingDoubleQuotedScalar | ErrorKind::InvalidTrailingSingleQuotedScalar => {
            "is a quote left open above? In double quotes `\"` is written `\\\"`, in single quotes `'` is written `''`"
        }
        ErrorKind::UnknownQuotedScalarEscape
        | ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidUnicodeEscape => {
            "in double quotes a backslash is written `\\\\`, in single quotes as it is: `'C:\\Temp'`"
        }
        ErrorKind::BlockEntryInFlowCollection if begins_line => "is a `{` or `[` left open above?",
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::ExpectedBlockSequenceEntry if begins_line => {
            "begin the line in the column where its neighbours begin"
        }
        _ => "quote a text that holds `: ` or ` #`, or begins with one of `{ [ % @ * & ! | > \" ' -`",
    };
    Diagnostic::new(Code::NotYaml, span, format!("no valid YAML: {kind}")).help(help)
}

fn too_deep(span: Span) -> Diagnostic {
    let message = format!("lists and maps are nested deeper than {MAX_DEPTH} levels");
    Diagnostic::new(Code::TooDeep, span, message)
        .help("no block of a spec needs that many: is a bracket repeated?")
}

/// A list or map that is not closed yet.
struct Open {
    span: Span,
    items: Items,
}

enum Items {
    List(Vec<Node>),
    Map { entries: Vec<(Node, Node)>, key: Option<Node> },
}

/// Puts the tree together; its stack stands in for recursion.
struct Builder {
    file: FileId,
    open: Vec<Open>,
    root: Option<Node>,
    documents: usize,
}

impl Builder {
    /// Takes one event; gives nothing when reading must stop.
    fn take(&mut self, event: Event<'_>, place: &granit_parser::Span, diags: &mut Diagnostics) -> Option<()> {
        let span = self.span(place);
        if let Some(tag) = place.tag_span() {
            diags.push(
                Diagnostic::new(Code::Tag, self.span(&tag), "tags are not used in specs")
                    .help("quote a text that must stay a text"),
            );
        }
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    let message = "a second document begins here";
                    diags.push(
                        Diagnostic::new(Code::SeveralDocuments, span, message)
                            .help("a spec is one document: remove the `---`"),
                    );
                    return None;
                }
            }
            Event::Anchor(_, name) => diags.push(
                Diagnostic::new(
                    Code::Alias,
                    span,
                    format!("anchors such as {} are not used in specs", quote(&name)),
                )
                .help("write the value where it is used"),
            ),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                diags.push(
                    Diagnostic::new(Code::Alias, span, "aliases are not used in specs")
                        .help("write the value here, or quote a text that begins with `*`"),
                );
                self.put(Node { span, kind: NodeKind::Refused }, diags);
            }
            Event::Scalar(text, style, _, _) => {
                let quoted = style != ScalarStyle::Plain;
                // The parser prints an absent value as a `~` of no length.
                let absent = !quoted && span.start == span.end;
                let kind = if absent {
                    NodeKind::Null
                } else {
                    NodeKind::Scalar { text: text.into_owned(), quoted }
                };
                self.put(Node { span, kind }, diags);
            }
            Event::SequenceStart(..) => self.begin(span, Items::List(Vec::new()), diags)?,
            Event::MappingStart(..) => {
                self.begin(span, Items::Map { entries: Vec::new(), key: None }, diags)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span, diags),
            _ => {}
        }
        Some(())
    }

    fn span(&self, place: &granit_parser::Span) -> Span {
        let start = place.start.byte_offset().unwrap_or(0);
        Span::new(self.file, start, place.end.byte_offset().unwrap_or(start))
    }

    fn begin(&mut self, span: Span, items: Items, diags: &mut Diagnostics) -> Option<()> {
        if self.open.len() >= MAX_DEPTH {
            diags.push(too_deep(span));
            return None;
        }
        self.open.push(Open { span, items });
        Some(())
    }

    fn end(&mut self, close: Span, diags: &mut Diagnostics) {
        let Some(Open { span, items }) = self.open.pop() else { return };
        // A block's end has no text of its own and lies behind comments: the block ends with its last value.
        let last = match &items {
            _ if close.start < close.end => close,
            Items::List(items) => items.last().map_or(span, |last| last.span),
            Items::Map { entries, .. } => entries.last().map_or(span, |(key, value)| key.span.to(value.span)),
        };
        let kind = match items {
            Items::List(items) => NodeKind::List(items),
            Items::Map { entries, .. } => NodeKind::Map(usable(entries, diags)),
        };
        self.put(Node { span: span.to(last), kind }, diags);
    }

    /// Puts a whole node where it belongs: into the root, a list, or a map as key or value.
    fn put(&mut self, node: Node, diags: &mut Diagnostics) {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        match &mut open.items {
            Items::List(items) => items.push(node),
            Items::Map { entries, key } => match key.take() {
                Some(key) => entries.push((key, node)),
                None => *key = Some(as_key(node, diags)),
            },
        }
    }
}

/// Refuses keys that are no text.
fn as_key(node: Node, diags: &mut Diagnostics) -> Node {
    let span = node.span;
    match &node.kind {
        NodeKind::Scalar { text, quoted: false } if text == "<<" => {
            diags.push(
                Diagnostic::new(Code::MergeKey, span, "merge keys are not used in specs")
                    .help("write the keys out, or quote a key that is really `<<`"),
            );
        }
        NodeKind::Scalar { .. } | NodeKind::Refused => return node,
        other => {
            let found = format!("a key must be a text, found {}", other.what());
            diags.push(
                Diagnostic::new(Code::KeyNotText, span, found)
                    .help("quote a key that begins with `{` or `[`"),
            );
        }
    }
    Node { span, kind: NodeKind::Refused }
}

/// The entries whose key is a text that no entry before has.
fn usable(entries: Vec<(Node, Node)>, diags: &mut Diagnostics) -> Vec<(Node, Node)> {
    let mut first: HashMap<String, Span> = HashMap::with_capacity(entries.len());
    let mut kept = entries;
    kept.retain(|(key, _)| {
        let NodeKind::Scalar { text, .. } = &key.kind else { return false };
        let Some(&earlier) = first.get(text) else {
            first.insert(text.clone(), key.span);
            return true;
        };
        diags.push(
            Diagnostic::new(
                Code::DuplicateKey,
                key.span,
                format!("the key {} stands here twice", quote(text)),
            )
            .label("again")
            .also(earlier, "first here")
            .help("keep one of them; where both count, write a list"),
        );
        false
    });
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::{Duration, Instant};

    fn tree(text: &str) -> (Option<Node>, Files, Diagnostics) {
        let mut files = Files::new();
        let file = files.add("t.yaml", text);
        let mut diags = Diagnostics::new();
        let node = read(file, &files, &mut diags);
        (node, files, diags)
    }

    /// A tree with the source text of each piece, in one line.
    fn shown(node: &Node, files: &Files) -> String {
        let raw = files.slice(node.span);
        match &node.kind {
            NodeKind::Scalar { text, quoted } => {
                format!("{}{raw:?}={text:?}", if *quoted { "q" } else { "" })
            }
            NodeKind::Null => format!("null@{}", node.span.start),
            NodeKind::Refused => format!("refused {raw:?}"),
            NodeKind::List(items) => {
                let items: Vec<_> = items.iter().map(|item| shown(item, files)).collect();
                format!("{raw:?} [{}]", items.join(", "))
            }
            NodeKind::Map(entries) => {
                let pair =
                    |(key, value): &(Node, Node)| format!("{}: {}", shown(key, files), shown(value, files));
                format!("{raw:?} {{{}}}", entries.iter().map(pair).collect::<Vec<_>>().join(", "))
            }
        }
    }

    #[test]
    fn spans_are_exact_and_plain_scalars_keep_their_spelling() {
        for (text, expected) in [
            ("no", r#""no"="no""#),
            ("022 # c\n", r#""022"="022""#),
            ("1.10", r#""1.10"="1.10""#),
            ("~", r#""~"="~""#),
            ("'it''s'", r#"q"'it''s'"="it's""#),
            (r#""a\té""#, r#"q"\"a\\té\""="a\té""#),
            ("é: [ü, no ]\n", r#""é: [ü, no ]" {"é"="é": "[ü, no ]" ["ü"="ü", "no"="no"]}"#),
            (
                "a:\n  - x y\n  # c\n\nb: # d\n",
                r#""a:\n  - x y\n  # c\n\nb" {"a"="a": "- x y" ["x y"="x y"], "b"="b": null@19}"#,
            ),
            (
                "a: {b: {c: d}} # e",
                r#""a: {b: {c: d}}" {"a"="a": "{b: {c: d}}" {"b"="b": "{c: d}" {"c"="c": "d"="d"}}}"#,
            ),
            ("- a\n  b\n", r#""- a\n  b" ["a\n  b"="a b"]"#),
            (
                "a: |\n  x\n  y\nb: 1\n",
                r#""a: |\n  x\n  y\nb: 1" {"a"="a": q"x\n  y\n"="x\ny\n", "b"="b": "1"="1"}"#,
            ),
            ("a: b\r\nc: d\r\n", r#""a: b\r\nc: d" {"a"="a": "b"="b", "c"="c": "d"="d"}"#),
            ("---\na: ''\n...\n", r#""a: ''" {"a"="a": q"''"=""}"#),
        ] {
            let (node, files, diags) = tree(text);
            assert_eq!(shown(&node.unwrap(), &files), expected, "{text}");
            assert!(diags.is_empty(), "{text}: {diags:?}");
        }
    }

    #[test]
    fn what_is_refused_has_its_code_and_place() {
        for (text, expected) in [
            ("a: &n b\n", vec![(Code::Alias, "&n")]),
            ("a: *n\n", vec![(Code::Alias, "*n")]),
            ("a: &n b\nc: [*n, *n]\n", vec![(Code::Alias, "&n"), (Code::Alias, "*n"), (Code::Alias, "*n")]),
            ("a: !!str no\n", vec![(Code::Tag, "!!str")]),
            ("a: ! b\nc: !x {d: e}\n", vec![(Code::Tag, "!"), (Code::Tag, "!x")]),
            ("<<: {a: b}\nc: d\n", vec![(Code::MergeKey, "<<")]),
            ("a: 1\nb: 2\n\"a\": 3\n", vec![(Code::DuplicateKey, "\"a\"")]),
            ("{a: 1, a: 2, a: 3}", vec![(Code::DuplicateKey, "a"), (Code::DuplicateKey, "a")]),
            ("[a, b]: c\n", vec![(Code::KeyNotText, "[a, b]")]),
            ("a: b\n---\nc: d\n", vec![(Code::SeveralDocuments, "---")]),
            ("%YAML 1.1\n---\na: b\n", vec![(Code::NotYaml, "%")]),
            ("\u{feff}a: b\n", vec![(Code::ByteOrderMark, "\u{feff}")]),
            ("a: b\0c\n", vec![(Code::ControlCharacter, "\0")]),
            ("a: b\rc: d", vec![(Code::ControlCharacter, "\r")]),
            ("a: \u{85}", vec![(Code::ControlCharacter, "\u{85}")]),
            ("", vec![(Code::EmptyFile, "")]),
            ("# nothing\n", vec![(Code::EmptyFile, "")]),
            ("a: b: c\n", vec![(Code::NotYaml, ":")]),
            ("a: {b} to {c}\n", vec![(Code::NotYaml, "t")]),
            ("a:\n\t- b\n", vec![(Code::NotYaml, "-")]),
            ("a: [b\n", vec![(Code::NotYaml, "[")]),
        ] {
            let (_, files, diags) = tree(text);
            let found: Vec<_> = diags
                .sorted()
                .iter()
                .map(|found| (found.code, files.slice(found.primary.span).to_owned()))
                .collect();
            let found: Vec<_> = found.iter().map(|(code, place)| (*code, place.as_str())).collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn an_error_is_reported_at_its_line() {
        for (text, line) in [
            ("a: b\nc: d: e\nf: g\n", 2),
            ("a: b\n\n\nc: \"d\" e\n", 4),
            ("a:\n  - b\n c: d\n", 3),
            ("a: \"b\n", 1),
        ] {
            let (node, files, diags) = tree(text);
            assert!(node.is_none());
            let found = diags.sorted();
            let span = found.first().unwrap().primary.span;
            assert_eq!(files.get(span.file).unwrap().line_column(span.start).0, line, "{text:?}");
        }
    }

    #[test]
    fn a_tree_is_given_around_what_is_refused() {
        let (node, files, _) = tree("a: *x\nb: 1\nb: 2\n[c]: 3\n");
        let expected = r#""a: *x\nb: 1\nb: 2\n[c]: 3" {"a"="a": refused "*x", "b"="b": "1"="1"}"#;
        assert_eq!(shown(&node.unwrap(), &files), expected);
    }

    #[test]
    fn depth_is_bounded_at_sixty_four() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(tree(&nested(MAX_DEPTH)).2.is_empty());
        assert_eq!(tree(&nested(MAX_DEPTH + 1)).2.codes(), [Code::TooDeep]);
        let mixed = format!("{}{}", "- ".repeat(40), nested(40));
        assert_eq!(tree(&mixed).2.codes(), [Code::TooDeep]);
    }

    #[test]
    fn hostile_texts_end_soon_with_a_diagnostic() {
        let laugh = |level: u32| format!("a{level}: &a{level} [*a{level}, *a{level}]");
        let laughs = (0..30).map(laugh).collect::<Vec<_>>().join("\n");
        let started = Instant::now();
        for (text, code) in [
            ("[".repeat(10 << 20), Code::TooBig),
            ("[".repeat(1 << 20), Code::TooDeep),
            ("{a: ".repeat(1 << 18), Code::TooDeep),
            ("- ".repeat(1 << 19), Code::TooDeep),
            ("? ".repeat(1 << 19), Code::TooDeep),
            ("\"".repeat(1 << 20), Code::NotYaml),
            ("!".repeat(1 << 20), Code::NotYaml),
            ("a: 'x\n".repeat(1 << 16), Code::NotYaml),
            ("a: x\n".repeat(1 << 14), Code::DuplicateKey),
            (laughs, Code::Alias),
        ] {
            let (_, _, diags) = tree(&text);
            assert!(diags.codes().contains(&code), "{:?} {code}", text.get(..20));
        }
        let (node, _, diags) = tree(&format!("a: {}", "x".repeat(1 << 20)));
        assert!(node.is_some() && diags.is_empty(), "a huge scalar is only long");
        assert!(started.elapsed() < Duration::from_secs(45), "{:?}", started.elapsed());
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics_and_spans_lie_inside(text in "[-\\[\\]{}:,#&*!|>'\"%@`?~ \\n\\ta-c0é]{0,80}") {
            let (node, files, diags) = tree(&text);
            prop_assert!(node.is_some() || diags.has_errors());
            let file = files.get(crate::source::FileId::default()).unwrap();
            for found in diags.sorted() {
                let Span { start, end, .. } = found.primary.span;
                prop_assert!(file.text.get(start as usize..end as usize).is_some(), "{found:?}");
            }
            let mut open: Vec<_> = node.iter().collect();
            while let Some(node) = open.pop() {
                let Span { start, end, .. } = node.span;
                prop_assert!(file.text.get(start as usize..end as usize).is_some(), "{node:?}");
                match &node.kind {
                    NodeKind::List(items) => open.extend(items),
                    NodeKind::Map(entries) => open.extend(entries.iter().flat_map(|(key, value)| [key, value])),
                    _ => {}
                }
            }
        }
    }
}
