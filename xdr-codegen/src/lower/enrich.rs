//! The `enrich` block: tokens are looked up and must suit their place.

use xdr_model::{Kind, Token};

use super::rows::token;
use crate::ast;
use crate::diag::{Code, Diagnostic, Diagnostics, quote};
use crate::ir::{Enricher, Enrichment, Input, Part, part};
use crate::node::{Spanned, Text};
use crate::source::Span;

/// The enrichments of a spec, in the order in which the reference lists them.
pub(super) fn enrichments(spec: &ast::Spec, diags: &mut Diagnostics) -> Vec<Enrichment> {
    let Some(block) = &spec.enrich else { return Vec::new() };
    let ast::Enrich { span, networks, directory, geo, tags } = block;
    let mut lower = Lower { diags, out: Vec::new() };
    if let Some(networks) = networks {
        let reads = [&networks.source, &networks.destination];
        let reads = reads.map(|list| lower.tokens(list, &ADDRESS)).to_vec();
        lower.push(Enricher::Networks, reads, [(Some(&networks.context), Part::Context)]);
    }
    if let Some(directory) = directory {
        let reads = vec![lower.tokens(&directory.user, &USER)];
        lower.push(Enricher::Directory, reads, directory.fill.iter().map(|text| (Some(text), Part::Column)));
    }
    for (number, geo) in geo.iter().flat_map(|geo| geo.iter()).enumerate() {
        let ast::Geo { span, address, coordinates, country, city } = geo;
        let reads = vec![lower.tokens(address, &ADDRESS)];
        let fills = [
            (coordinates.as_ref(), Part::Coordinates(number)),
            (country.as_ref(), Part::Country(number)),
            (city.as_ref(), Part::City(number)),
        ];
        if fills.iter().all(|(text, _)| text.is_none()) && !lower.diags.has_error_in(*span) {
            lower.diags.push(
                Diagnostic::new(Code::Empty, *span, "a place that fills no token")
                    .help("name a token for `coordinates`, `country` or `city`"),
            );
        }
        lower.push(Enricher::Geo, reads, fills);
    }
    if let Some(tags) = tags {
        lower.push(Enricher::Tags, Vec::new(), [(Some(tags), Part::Labels)]);
    }
    if [networks.is_some(), directory.is_some(), geo.is_some(), tags.is_some()] == [false; 4]
        && !lower.diags.has_error_in(*span)
    {
        lower.diags.push(
            Diagnostic::new(Code::Empty, *span, "`enrich` declares nothing")
                .help("name `networks`, `directory`, `geo` or `tags`, or leave `enrich` away"),
        );
    }
    lower.out
}

/// What a place of the block takes.
struct Takes {
    kinds: &'static [Kind],
    what: &'static str,
}

const ADDRESS: Takes = Takes { kinds: &[Kind::Ipv4, Kind::Ipv6, Kind::Ip], what: "an address" };
const USER: Takes = Takes { kinds: &[Kind::String], what: "a user's name" };
const FOUND: Takes = Takes { kinds: &[Kind::String], what: "a text" };
const LABELS: Takes = Takes { kinds: &[Kind::StringList], what: "a list of texts" };

struct Lower<'l> {
    diags: &'l mut Diagnostics,
    out: Vec<Enrichment>,
}

impl Lower<'_> {
    fn token(&mut self, text: &Text, takes: &Takes) -> Option<Token> {
        let token = token(text, self.diags)?;
        if takes.kinds.contains(&token.kind()) {
            return Some(token);
        }
        let message =
            format!("`{}` does not hold {}, its kind is {}", token.name(), takes.what, token.kind().name());
        let kinds: Vec<&str> = takes.kinds.iter().map(|kind| kind.name()).collect();
        self.diags.push(
            Diagnostic::new(Code::EnrichmentMisfit, text.span, message)
                .help(format!("name a token whose kind is {}", kinds.join(" or "))),
        );
        None
    }

    fn tokens(&mut self, list: &[Text], takes: &Takes) -> Vec<(Token, Span)> {
        list.iter().filter_map(|text| Some((self.token(text, takes)?, text.span))).collect()
    }

    fn push<'t>(
        &mut self,
        by: Enricher,
        reads: Vec<Vec<(Token, Span)>>,
        fills: impl IntoIterator<Item = (Option<&'t Text>, Part)>,
    ) {
        let takes = if by == Enricher::Tags { LABELS } else { FOUND };
        let fills = fills.into_iter().filter_map(|(text, part)| {
            let text = text?;
            Some((self.token(text, &takes)?, part, text.span))
        });
        let fills = fills.collect();
        self.out.push(Enrichment { by, reads, fills });
    }
}

/// The input of a row that says by what its token is enriched, and its name for `fan-in`.
pub(super) fn input(
    row: &ast::Row,
    enricher: Spanned<ast::Enricher>,
    token: Token,
    (block, enrichments): (Option<&ast::Enrich>, &[Enrichment]),
    diags: &mut Diagnostics,
) -> Option<(String, Input)> {
    let by = match enricher.value {
        ast::Enricher::Networks => Enricher::Networks,
        ast::Enricher::Directory => Enricher::Directory,
        ast::Enricher::Geo => Enricher::Geo,
        ast::Enricher::Tags => Enricher::Tags,
    };
    let labels = by == Enricher::Tags;
    let inputs = [
        row.value.as_ref().filter(|_| !labels).map(|text| text.span),
        row.field.as_ref().map(|text| text.span),
        row.setting.map(|setting| setting.span),
        row.run.map(|run| run.span),
    ];
    if let Some(other) = inputs.into_iter().flatten().next() {
        diags.push(
            Diagnostic::new(Code::SeveralInputs, other, "this row has several inputs")
                .also(enricher.span, "the other one")
                .help(
                    "keep one of `field`, `value`, `setting`, `run` and `enrich`; `tags` takes a `value` too",
                ),
        );
        return None;
    }
    let conversions = [
        row.conversion.as_ref().map(ast::Conversion::span),
        row.values.as_ref().map(|text| text.span),
        row.otherwise.as_ref().map(|tokens| tokens.span),
        row.none.as_ref().map(|texts| texts.span),
    ];
    if let Some(other) = conversions.into_iter().flatten().next() {
        diags.push(
            Diagnostic::new(Code::ConflictingKeys, other, "what enrichment finds goes to the token as it is")
                .also(enricher.span, "enriched here")
                .help("leave it away"),
        );
    }
    let Some(part) = part(enrichments, by, token) else {
        // If the block itself is broken the token may only be missing.
        if !block.is_some_and(|block| diags.has_error_in(block.span)) {
            let message = format!("`{}` of the block `enrich` does not fill `{}`", by.word(), token.name());
            diags.push(
                Diagnostic::new(Code::RowNotEnriched, enricher.span, message)
                    .help(format!("name the token there, as in `{}`", example(by, token))),
            );
        }
        return None;
    };
    sample(row, part, diags);
    let name = "enrich".to_owned();
    Some(match part {
        Part::Labels => (name, Input::Labels(row.value.as_ref().map(|text| text.text.clone()))),
        part => (name, Input::Enriched(part)),
    })
}

fn example(by: Enricher, token: Token) -> String {
    let name = token.name();
    match by {
        Enricher::Networks => {
            format!("networks: {{ source: sourceIpv4, destination: destinationIpv4, context: {name} }}")
        }
        Enricher::Directory => format!("directory: {{ user: userName, fill: [{name}] }}"),
        Enricher::Geo => format!("geo: {{ address: sourceIpv4, country: {name} }}"),
        Enricher::Tags => format!("tags: {name}"),
    }
}

/// The guide's sample must be something that the enrichment can find.
fn sample(row: &ast::Row, part: Part, diags: &mut Diagnostics) {
    let Some(sample) = &row.sample else { return };
    let separator = row.alternatives.as_ref().map(|text| text.text.as_str()).filter(|text| !text.is_empty());
    let all: Vec<&str> =
        separator.map_or_else(|| vec![sample.text.as_str()], |by| sample.text.split(by).collect());
    for text in all {
        let expected = match part {
            Part::Context if !DIRECTIONS.contains(&text) => "direction, such as `local-to-remote`",
            Part::Coordinates(_) if !are_coordinates(text) => {
                "latitude and longitude in degrees, such as `37.3526,-121.9541`"
            }
            _ => continue,
        };
        let message = format!("the sample {} is no {expected}", quote(text));
        diags.push(
            Diagnostic::new(Code::SampleRefused, sample.span, message)
                .help("mend the sample or the row; a cell with several values needs `alternatives`"),
        );
    }
}

/// What `networks` finds.
const DIRECTIONS: [&str; 4] = ["local-to-local", "local-to-remote", "remote-to-local", "remote-to-remote"];

fn are_coordinates(text: &str) -> bool {
    let within = |text: &str, most: f64| text.parse().is_ok_and(|degrees: f64| degrees.abs() <= most);
    text.split_once(',')
        .is_some_and(|(latitude, longitude)| within(latitude, 90.0) && within(longitude, 180.0))
}
