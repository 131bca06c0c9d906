//! The texts that are compiled, and places in them.
//!
//! Files are kept in an arena and named by [`FileId`]; a [`Span`] is a range of bytes in one of them. Nothing here touches
//! the disk: whoever reads a file hands its bytes over with [`Files::add_bytes`].

use crate::diag::{Code, Diagnostic, Diagnostics};

/// The largest file that is read, in bytes. Spans stay far inside `u32` by it.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

/// One text, with the name that messages show for it.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The path as it is shown.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// Where each line begins, in bytes; the first is 0.
    lines: Vec<u32>,
}

impl SourceFile {
    /// The line and column of a byte offset, both counted from 1; columns count characters.
    /// An offset beyond the end counts as the end.
    pub fn line_column(&self, offset: u32) -> (usize, usize) {
        let line = self.lines.partition_point(|&start| start <= offset);
        let start = self.line_start(line);
        let end = floor_boundary(&self.text, offset as usize);
        let before = self.text.get(start..end).unwrap_or_default();
        (line, before.chars().count() + 1)
    }

    /// The byte offset at which a line (counted from 1) begins; the text's end for lines behind the last.
    pub fn line_start(&self, line: usize) -> usize {
        let index = line.saturating_sub(1);
        self.lines.get(index).map_or(self.text.len(), |&start| start as usize)
    }

    /// The text of a span of this file; empty when the span does not lie inside it.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }
}

/// Names a file of a [`Files`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// A range of bytes in one file; `start` is inside, `end` is not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// The byte behind the last.
    pub end: u32,
}

impl Span {
    /// The range `start..end` of `file`. Offsets that do not fit `u32` become its largest value.
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let small = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { file, start: small(start), end: small(end.max(start)) }
    }

    /// The empty span at the beginning of a file, for what concerns the file as a whole.
    pub fn top(file: FileId) -> Self {
        Self { file, start: 0, end: 0 }
    }

    /// The span that begins with `self` and ends with `last`.
    #[must_use]
    pub fn to(self, last: Self) -> Self {
        Self { end: self.end.max(last.end), ..self }
    }

    /// A part of this span: `start` and `end` are byte offsets from its beginning, cut to what lies inside.
    /// With it an error inside a text (a template, a path) is shown at its own place.
    #[must_use]
    pub fn part(self, start: usize, end: usize) -> Self {
        let within = |offset: usize| {
            let offset = u32::try_from(offset).unwrap_or(u32::MAX);
            self.start.saturating_add(offset).min(self.end)
        };
        Self { file: self.file, start: within(start), end: within(end.max(start)) }
    }
}

/// All texts of one compilation.
#[derive(Debug, Clone, Default)]
pub struct Files {
    files: Vec<SourceFile>,
}

impl Files {
    /// An arena without files.
    pub fn new() -> Self {
        Self::default()
    }

    /// All files, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0..).map(FileId).zip(&self.files)
    }

    /// Keeps a text under the name that messages show.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        let text = text.into();
        let breaks = text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
        let starts = breaks.map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX));
        let lines = std::iter::once(0).chain(starts).collect();
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(SourceFile { name: name.into(), text, lines });
        id
    }

    /// Keeps the bytes of a file. Gives nothing, and a diagnostic, when they are too many or no UTF-8.
    pub fn add_bytes(
        &mut self,
        name: impl Into<String>,
        bytes: Vec<u8>,
        diags: &mut Diagnostics,
    ) -> Option<FileId> {
        if bytes.len() > MAX_BYTES {
            let file = self.add(name, "");
            diags.push(too_big(file, bytes.len()));
            return None;
        }
        match String::from_utf8(bytes) {
            Ok(text) => Some(self.add(name, text)),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let byte = error.as_bytes().get(at).copied().unwrap_or_default();
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                let file = self.add(name, text);
                let span = Span::new(file, at, at + char::REPLACEMENT_CHARACTER.len_utf8());
                diags.push(
                    Diagnostic::new(Code::NotUtf8, span, format!("the byte {byte:#04x} is not UTF-8"))
                        .help("save the file as UTF-8"),
                );
                None
            }
        }
    }

    /// Reports a file that could not be read at all; `reason` is the operating system's word, `help` what to do about it.
    pub fn add_unreadable(
        &mut self,
        name: impl Into<String>,
        reason: &dyn std::fmt::Display,
        help: impl Into<String>,
        diags: &mut Diagnostics,
    ) {
        let file = self.add(name, "");
        let message = format!("cannot read the file: {reason}");
        diags.push(Diagnostic::new(Code::UnreadableFile, Span::top(file), message).help(help));
    }

    /// The file of that id, when it is one of these.
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(usize::try_from(id.0).ok()?)
    }

    /// The text of a span; empty when it does not lie inside its file.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.file).map_or("", |file| file.slice(span))
    }
}

/// The diagnostic for a file of more than [`MAX_BYTES`].
pub(crate) fn too_big(file: FileId, bytes: usize) -> Diagnostic {
    let message = format!("the file has {bytes} bytes, {MAX_BYTES} are the most that is read");
    Diagnostic::new(Code::TooBig, Span::top(file), message).help("leave out what does not occur in logs")
}

/// The last character boundary of `text` at or before `offset`.
pub(crate) fn floor_boundary(text: &str, offset: usize) -> usize {
    let offset = offset.min(text.len());
    (0..=offset).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_and_in_characters() {
        let mut files = Files::new();
        let id = files.add("a", "ab\r\ncé d\n");
        let file = files.get(id).unwrap();
        for (offset, expected) in [
            (0, (1, 1)),
            (2, (1, 3)),
            (3, (1, 4)),
            (4, (2, 1)),
            (5, (2, 2)),
            (7, (2, 3)),
            (9, (2, 5)),
            (10, (3, 1)),
        ] {
            assert_eq!(file.line_column(offset), expected, "offset {offset}");
        }
        assert_eq!(file.line_column(6), (2, 2), "inside a character counts as its beginning");
        assert_eq!(file.line_column(u32::MAX), (3, 1));
    }

    #[test]
    fn parts_of_a_span_stay_inside_it() {
        let span = Span::new(FileId::default(), 10, 20);
        assert_eq!(span.part(2, 4), Span::new(FileId::default(), 12, 14));
        assert_eq!(span.part(2, 400), Span::new(FileId::default(), 12, 20));
        assert_eq!(span.part(usize::MAX, 0), Span::new(FileId::default(), 20, 20));
    }

    #[test]
    fn bytes_that_are_not_utf8_are_reported_where_they_stand() {
        let mut files = Files::new();
        let mut diags = Diagnostics::new();
        assert!(files.add_bytes("bad.yaml", b"a: b\nc: \xff\n".to_vec(), &mut diags).is_none());
        let found = diags.sorted();
        let [diagnostic] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(diagnostic.code, Code::NotUtf8);
        let span = diagnostic.primary.span;
        assert_eq!(files.get(span.file).unwrap().line_column(span.start), (2, 4));
    }

    #[test]
    fn a_file_beyond_the_limit_is_refused() {
        let mut files = Files::new();
        let mut diags = Diagnostics::new();
        assert!(files.add_bytes("big", vec![b' '; MAX_BYTES + 1], &mut diags).is_none());
        assert!(files.add_bytes("just", vec![b' '; MAX_BYTES], &mut diags).is_some());
        files.add_unreadable("gone", &"no such file", "put it there", &mut diags);
        assert_eq!(diags.codes(), [Code::TooBig, Code::UnreadableFile]);
    }
}
