//! Packing of records: gzip and zstd in frames that stand for themselves.
//!
//! A frame holds whole records and can be unpacked without those before it; frames behind one another are a file of that format
//! (RFC 1952 section 2.2, RFC 8878 section 3). So several threads can pack, a run that is killed leaves whole frames and at most one
//! broken one at the end, and a file can be cut between two frames.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::cli::Compress;

/// The level of zstd, its own default.
const ZSTD: i32 = 3;
/// The level of gzip, its own default.
const GZIP: u32 = 6;

/// Packs pieces of an output; keeps what it allocated.
pub(crate) struct Packer {
    kind: Compress,
    /// Made when it is first needed; unused by gzip.
    zstd: Option<zstd::bulk::Compressor<'static>>,
}

impl Packer {
    pub(crate) fn new(kind: Compress) -> Self {
        Self { kind, zstd: None }
    }

    /// Appends a frame of these records.
    ///
    /// # Errors
    /// Those of the packing library. `out` is as it was then.
    pub(crate) fn frame(&mut self, records: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        match self.kind {
            Compress::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::new(GZIP));
                encoder.write_all(records)?;
                out.extend_from_slice(&encoder.finish()?);
            }
            Compress::Zstd => {
                let mut packer = if let Some(packer) = self.zstd.take() {
                    packer
                } else {
                    let mut packer = zstd::bulk::Compressor::new(ZSTD)?;
                    packer.include_checksum(true)?;
                    packer
                };
                let frame = packer.compress(records)?;
                self.zstd = Some(packer);
                out.extend_from_slice(&frame);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn frames_behind_one_another_are_one_file_and_each_is_one_too() {
        let pieces = [&b"{\"a\":1}\n"[..], &b"{\"b\":2}\n".repeat(50_000), b"{}\n"];
        for kind in [Compress::Gzip, Compress::Zstd] {
            let unpacked = |bytes: &[u8]| {
                let mut out = Vec::new();
                match kind {
                    Compress::Gzip => flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut out).unwrap(),
                    Compress::Zstd => {
                        zstd::stream::read::Decoder::new(bytes).unwrap().read_to_end(&mut out).unwrap()
                    }
                };
                out
            };
            let mut packer = Packer::new(kind);
            let mut file = Vec::new();
            for piece in pieces {
                let start = file.len();
                packer.frame(piece, &mut file).unwrap();
                assert_eq!(unpacked(&file[start..]), piece);
                // The same bytes whatever was packed before.
                let mut alone = Vec::new();
                Packer::new(kind).frame(piece, &mut alone).unwrap();
                assert_eq!(alone, file[start..]);
            }
            assert_eq!(unpacked(&file), pieces.concat());
            assert!(file.len() < pieces.concat().len() / 20);
        }
    }
}
