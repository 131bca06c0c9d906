//! How columns are written as pages: by what is known of them beforehand, and by what the first rows of a group show.

use std::collections::HashSet;

use arrow_array::cast::AsArray;
use arrow_array::{Array, BinaryArray, RecordBatch};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use xdr_model::{Kind, Token};

use crate::cli::Compress;
use crate::failure::Failure;

/// The level of zstd: the pages are small already, and higher ones cost more than they save.
const ZSTD: i32 = 1;
/// How many bytes of values a page takes: little enough to be made and packed within a processor's cache.
const PAGE: usize = 64 << 10;
/// How many bytes a dictionary takes; a column with more values goes on without. The more it holds, the longer each search in it takes.
const DICTIONARY: usize = 128 << 10;
/// So many texts show whether a column repeats itself; of fewer nothing is said.
const SHOWING: usize = 256;
/// At most so many are looked at.
const LOOKED_AT: usize = 1024;
/// Long texts, and what else hardly ever repeats: a dictionary would be filled for nothing.
const UNIQUE: [&str; 6] = ["message", "xdr.unmapped", "xdr.issues", "xdr.raw", "xdr.position", "xdr.exact"];

/// Whether values are another in each record, and digits or letters without a pattern: neither a dictionary nor snappy, which looks for
/// repeats, makes them smaller.
fn is_random(token: Token) -> bool {
    token.kind() == Kind::Hash
        || matches!(token, Token::EventId | Token::BaseEventId | Token::ExternalId | Token::SessionId)
}

/// How pages are written.
pub(super) fn properties(compress: Option<Compress>) -> Result<WriterProperties, Failure> {
    let compression = match compress {
        None => Compression::SNAPPY,
        Some(Compress::Zstd) => Compression::ZSTD(ZstdLevel::try_new(ZSTD).unwrap_or_default()),
        Some(Compress::Gzip) => {
            let message = "pages of Parquet files are packed by zstd or snappy, not by gzip";
            return Err(Failure::usage(message).help("give --compress zstd, or none for snappy"));
        }
    };
    let mut properties = WriterProperties::builder()
        .set_compression(compression)
        .set_created_by(concat!("xdr ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_data_page_size_limit(PAGE)
        .set_dictionary_page_size_limit(DICTIONARY)
        .set_statistics_enabled(EnabledStatistics::None);
    let path = |name: &str| ColumnPath::new(name.split('.').map(str::to_owned).collect());
    for name in UNIQUE {
        properties = properties.set_column_dictionary_enabled(path(name), false);
    }
    for token in Token::ALL {
        let column = path(token.name());
        if is_random(token) {
            properties = properties.set_column_dictionary_enabled(column.clone(), false);
            if compress.is_none() {
                properties = properties.set_column_compression(column, Compression::UNCOMPRESSED);
            }
        } else if matches!(token.kind(), Kind::Timestamp | Kind::Integer | Kind::Port | Kind::Duration) {
            // Least and greatest values let readers skip groups by time or number. Of texts, which are in no order, they would not.
            properties = properties
                .set_column_dictionary_enabled(column.clone(), false)
                .set_column_statistics_enabled(column, EnabledStatistics::Chunk);
        }
    }
    Ok(properties.build())
}

/// As these, after a look at the first rows of a group: a column of which hardly a text comes twice gets no dictionary, and what snappy
/// hardly makes smaller is not packed by it.
pub(super) fn of_group(known: &WriterProperties, rows: &RecordBatch) -> WriterProperties {
    let mut properties = known.clone().into_builder();
    for (field, column) in rows.schema_ref().fields().iter().zip(rows.columns()) {
        let path = ColumnPath::new(vec![field.name().clone()]);
        let Some(texts) = column.as_binary_opt().filter(|_| known.dictionary_enabled(&path)) else {
            continue;
        };
        if !hardly_repeats(texts) {
            continue;
        }
        properties = properties.set_column_dictionary_enabled(path.clone(), false);
        if known.compression(&path) == Compression::SNAPPY && !is_packed_well(texts) {
            properties = properties.set_column_compression(path, Compression::UNCOMPRESSED);
        }
    }
    properties.build()
}

fn looked_at(texts: &BinaryArray) -> impl Iterator<Item = &[u8]> {
    texts.iter().flatten().take(LOOKED_AT)
}

/// Whether at most one text of a hundred comes twice. Of 256 texts of a column that has 3,000 different ones, a dozen do.
fn hardly_repeats(texts: &BinaryArray) -> bool {
    let count = (texts.len() - texts.null_count()).min(LOOKED_AT);
    count >= SHOWING && (count - looked_at(texts).collect::<HashSet<_>>().len()) * 100 <= count
}

/// Whether snappy takes off an eighth of a page of these.
fn is_packed_well(texts: &BinaryArray) -> bool {
    let mut page = Vec::new();
    for text in looked_at(texts) {
        page.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
        page.extend_from_slice(text);
    }
    // What cannot be packed is not packed well.
    snap::raw::Encoder::new().compress_vec(&page).is_ok_and(|packed| packed.len() * 8 < page.len() * 7)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use xdr_runtime::columns::{Columns, Member};

    use super::super::rows::Rows;
    use super::super::schema;
    use super::*;

    /// So many rows with ids that have no pattern, a path of its own for each, and one of eleven users.
    fn rows(count: u64) -> RecordBatch {
        let mut rows = Rows::new(Arc::new(schema::held()));
        for number in 0..count {
            let id = (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            rows.text(Token::SourceUser, format!("user{}@example.com", number % 11).as_bytes());
            rows.text(Token::DeviceId, format!("{id:016x}{:016x}", id.wrapping_mul(id | 1)).as_bytes());
            rows.text(Token::FilePath, format!("/srv/www/static/images/of/users/{number}.png").as_bytes());
            rows.account(Member::Source, b"acme");
            rows.account(Member::Status, b"mapped");
            rows.end();
        }
        rows.finish().unwrap().rows
    }

    #[test]
    fn the_first_rows_of_a_group_show_how_columns_are_written() {
        let of = |compress, count| {
            let properties = of_group(&properties(compress).unwrap(), &rows(count));
            [Token::SourceUser, Token::DeviceId, Token::FilePath, Token::EventId].map(|token| {
                let path = ColumnPath::new(vec![token.name().to_owned()]);
                let packed = properties.compression(&path) != Compression::UNCOMPRESSED;
                (properties.dictionary_enabled(&path), packed)
            })
        };
        let (dictionary, packed, neither) = ((true, true), (false, true), (false, false));
        assert_eq!(of(None, 255), [dictionary, dictionary, dictionary, neither]);
        assert_eq!(of(None, 256), [dictionary, neither, packed, neither]);
        assert_eq!(of(None, 5000), [dictionary, neither, packed, neither]);
        assert_eq!(of(Some(Compress::Zstd), 5000), [dictionary, packed, packed, packed]);
    }

    #[test]
    fn a_hundredth_may_come_twice() {
        for (twice, hardly) in [(0, true), (3, true), (4, false)] {
            let texts: Vec<String> =
                (0..300).map(|number: u32| number.saturating_sub(twice).to_string()).collect();
            let texts = BinaryArray::from_iter_values(&texts);
            assert_eq!(hardly_repeats(&texts), hardly, "{twice}");
        }
    }
}
