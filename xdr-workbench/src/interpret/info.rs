//! What an interpreted source says of itself.

use xdr_codegen::ir::{self, Enricher};
use xdr_codegen::tables;
use xdr_runtime::catalogue::Catalogue;
use xdr_runtime::enrich::{By, Declared};
use xdr_runtime::format::json::Holders;
use xdr_runtime::format::wrap::Wrap;
use xdr_runtime::info::{Embedded, Info, Records, Row, Section, ValueMap};

use super::pool::Pool;

pub(super) fn info(
    module: &ir::Module,
    catalogue: Option<&'static Catalogue>,
    pool: &mut Pool,
) -> &'static Info {
    let rows = module.rows.iter().map(|one| row(one, pool)).collect();
    let values = module.values.iter().map(|map| value_map(map, pool)).collect();
    let unwrap = module.unwrap.iter().map(|wrap| match wrap {
        ir::Wrap::Csv => Wrap::Csv,
        ir::Wrap::Json => Wrap::Json,
    });
    let enrich = module.enrich.iter().map(|one| declared(one, pool)).collect();
    let info = Info {
        name: pool.text(&module.name),
        title: pool.text(&module.title),
        published: pool.text(&module.published),
        formats: pool.texts(&module.formats),
        device: module.device.each_ref().map(|text| pool.text(text)),
        versions: pool.texts(&module.versions),
        records: if module.json_records { Records::Json } else { Records::Lines },
        unwrap: pool.list(unwrap.collect()),
        embedded: embedded(&module.embedded, pool),
        fields: pool.texts(&module.fields),
        rows: pool.list(rows),
        values: pool.list(values),
        catalogue,
        enrich: pool.list(enrich),
        required: pool.list(module.required.iter().map(|one| one.token).collect()),
    };
    pool.one(info)
}

fn embedded(embedded: &ir::Embedded, pool: &mut Pool) -> Embedded {
    match embedded {
        ir::Embedded::Never => Embedded::Never,
        ir::Embedded::Key(key) => Embedded::Key(pool.text(key)),
        ir::Embedded::In { paths, keys } => {
            let paths = paths.iter().map(|path| pool.texts(path)).collect();
            Embedded::In(Holders { paths: pool.list(paths), keys: pool.texts(keys) })
        }
    }
}

fn row(row: &ir::Row, pool: &mut Pool) -> Row {
    Row {
        section: match row.section {
            ir::Section::Field => Section::Field,
            ir::Section::Derived => Section::Derived,
            ir::Section::Internal => Section::Internal,
            ir::Section::ValueMap => Section::ValueMap,
            ir::Section::Beyond => Section::Beyond,
        },
        from: pool.texts(&row.from),
        token: row.token,
        sample: pool.text(&row.sample),
        decision: pool.text(&row.decision),
        waived: pool.text(&row.waived),
    }
}

fn value_map(map: &ir::ValueMap, pool: &mut Pool) -> ValueMap {
    let cases = map.cases.iter().map(|(from, to)| (pool.text(from), pool.text(to))).collect();
    ValueMap {
        title: pool.text(&map.title),
        token: map.token,
        cases: pool.list(cases),
        decision: pool.text(&map.decision),
        beyond: map.beyond,
    }
}

fn declared(one: &ir::Enrichment, pool: &mut Pool) -> Declared {
    let reads = |list: &Vec<_>| pool.list(list.iter().map(|(token, _)| *token).collect());
    let reads = one.reads.iter().map(reads).collect();
    Declared {
        by: match one.by {
            Enricher::Networks => By::Networks,
            Enricher::Directory => By::Directory,
            Enricher::Geo => By::Geo,
            Enricher::Tags => By::Tags,
        },
        reads: pool.list(reads),
        fills: pool.list(one.fills.iter().map(|(token, ..)| *token).collect()),
        ahead: tables::is_ahead(one),
    }
}
