//! The registry of codes: each kind of finding has a number that is never used again, a title and its documentation.
//!
//! | numbers | what they are about |
//! |---|---|
//! | E01xx | reading a file as YAML |
//! | E02xx | the shape of a block |
//! | E03xx | names that must close both ways |
//! | E04xx | rows |
//! | E05xx | fan-in |
//! | E06xx | time |
//! | E07xx | value and range maps |
//! | E08xx | templates |
//! | E09xx | decode |
//! | E10xx | enrichment |

mod spelling;

pub use spelling::NoSuchCode;

/// What is said about a code by `xdr check --explain`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Docs {
    /// What it catches.
    pub catches: &'static str,
    /// Why that matters.
    pub matters: &'static str,
    /// A piece of a spec that has it.
    pub bad: &'static str,
    /// The same piece, mended.
    pub good: &'static str,
}

macro_rules! codes {
    ($($name:ident = $number:literal, $title:literal {
        catches: $catches:literal, matters: $matters:literal, bad: $bad:literal, good: $good:literal $(,)?
    })*) => {
        /// A kind of finding. Numbers are part of the interface: they stay when a code goes, and are not given anew.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum Code {
            $(#[doc = $title] $name = $number,)*
        }

        impl Code {
            /// All codes by number.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The title: a few words.
            pub fn title(self) -> &'static str {
                match self {
                    $(Self::$name => $title,)*
                }
            }

            /// The documentation.
            pub fn docs(self) -> Docs {
                match self {
                    $(Self::$name => Docs { catches: $catches, matters: $matters, bad: $bad, good: $good },)*
                }
            }
        }
    };
}

codes! {
    NotUtf8 = 101, "not UTF-8" {
        catches: "A file holds bytes that are not UTF-8.",
        matters: "Names and sample values would change silently when they were guessed.",
        bad: "title: Caf\\xe9 (saved as Latin-1)",
        good: "title: Café (saved as UTF-8)",
    }
    UnreadableFile = 102, "cannot read the file" {
        catches: "A source's folder has no `spec.yaml`, or the operating system refuses to give it.",
        matters: "Without it there is nothing to compile.",
        bad: "mapping-specs/acme-vpn/spec.yml",
        good: "mapping-specs/acme-vpn/spec.yaml",
    }
    NotYaml = 103, "not YAML" {
        catches: "The file breaks YAML's grammar; reading stops at the place that is shown.",
        matters: "Nothing behind the place can be understood.",
        bad: "sample: %ASA-6-113005: x",
        good: "sample: \"%ASA-6-113005: x\"",
    }
    TooDeep = 104, "nested too deep" {
        catches: "Lists and maps are nested deeper than 64 levels.",
        matters: "No spec needs it, and a bound keeps hostile input harmless.",
        bad: "a: [[[[ … 65 of them … ]]]]",
        good: "a: [[x]]",
    }
    TooBig = 105, "file too big" {
        catches: "A file has more than 8 MiB.",
        matters: "A bound keeps the time and memory of a build foreseeable.",
        bad: "catalogue.yaml with 9 MiB",
        good: "catalogue.yaml of the messages that occur",
    }
    DuplicateKey = 106, "duplicate key" {
        catches: "A map has the same key twice.",
        matters: "YAML readers keep one of them without a word; which one differs.",
        bad: "{ token: action, token: outcome }",
        good: "{ token: action }",
    }
    Alias = 107, "anchor or alias" {
        catches: "The file uses `&name` or `*name`.",
        matters: "A spec is read beside the guide: what a row says must stand in the row.",
        bad: "- { from: A, token: &t action }\n- { from: B, token: *t }",
        good: "- { from: A, token: action }\n- { from: B, token: action }",
    }
    Tag = 108, "tag" {
        catches: "The file uses a YAML tag such as `!!str`.",
        matters: "Quotes say the same and every reader agrees on them.",
        bad: "sample: !!str 10.0",
        good: "sample: \"10.0\"",
    }
    MergeKey = 109, "merge key" {
        catches: "A map uses the merge key `<<`.",
        matters: "YAML 1.2 has no merge keys; readers disagree about them.",
        bad: "{ <<: { token: action }, from: A }",
        good: "{ token: action, from: A }",
    }
    SeveralDocuments = 110, "several documents" {
        catches: "A second document begins in the file.",
        matters: "A spec is one document; the others would be ignored.",
        bad: "source: a\n---\nsource: b",
        good: "source: a",
    }
    UnquotedTrap = 111, "text that YAML may read as something else" {
        catches: "A text without quotes that some YAML reader takes for a truth value, null or a number.",
        matters: "`no` becomes false, `10.0` becomes 10, `00:05:07` becomes 307 and `022` becomes 18 for them.",
        bad: "sample: 00:05:07",
        good: "sample: \"00:05:07\"",
    }
    ControlCharacter = 112, "control character" {
        catches: "The file holds a control character such as NUL, or a line end of a single CR.",
        matters: "It cannot be seen in an editor, and YAML does not allow it.",
        bad: "sample: a<NUL>b",
        good: "sample: \"a\\0b\"",
    }
    ByteOrderMark = 113, "byte order mark" {
        catches: "The file begins with U+FEFF.",
        matters: "Some readers make it part of the first key.",
        bad: "<U+FEFF>source: acme-vpn",
        good: "source: acme-vpn",
    }
    KeyNotText = 114, "key that is no text" {
        catches: "A map's key is a list, a map or empty.",
        matters: "All keys of a spec are texts.",
        bad: "[a, b]: c",
        good: "\"a, b\": c",
    }
    EmptyFile = 115, "empty file" {
        catches: "A file holds nothing, or comments only.",
        matters: "An empty spec maps nothing.",
        bad: "# to be written",
        good: "source: acme-vpn",
    }

    UnknownKey = 201, "unknown key" {
        catches: "A block has a key that the language does not know there.",
        matters: "A misspelt key would be ignored, and what it says with it.",
        bad: "- { from: User, tokn: sourceUser }",
        good: "- { from: User, token: sourceUser }",
    }
    MissingKey = 202, "missing key" {
        catches: "A block lacks a key that it must have.",
        matters: "There is no sensible value to assume.",
        bad: "guide: { title: Acme VPN }",
        good: "guide: { title: Acme VPN, published: 2024-03-14 }",
    }
    WrongType = 203, "wrong type" {
        catches: "A text stands where a list or map is expected, or the other way round.",
        matters: "Often a text with braces was not quoted and became a map.",
        bad: "template: {User} logged in",
        good: "template: \"{User} logged in\"",
    }
    Empty = 204, "empty" {
        catches: "A name, list or map is empty that must hold something.",
        matters: "It was probably left to be filled in.",
        bad: "- { from: \"\", token: action }",
        good: "- { from: Verb, token: action }",
    }
    BadSourceName = 205, "bad source name" {
        catches: "`source` is not made of lower-case words joined by `-`, or not the name of the spec's folder.",
        matters: "The name becomes a Rust module and is typed on the command line.",
        bad: "source: Acme_VPN",
        good: "source: acme-vpn",
    }
    UnknownWord = 206, "unknown word" {
        catches: "A key that takes one of a few words has another one.",
        matters: "It would have no meaning.",
        bad: "fold: ignore",
        good: "fold: case",
    }
    ConflictingKeys = 207, "keys that exclude each other" {
        catches: "A block has two keys of which it may have one, or one without the other that it needs.",
        matters: "Only one of them could count.",
        bad: "as: { split: \", \", text: \"to {}\" }",
        good: "as: { split: \", \" }",
    }
    BadDate = 208, "bad date" {
        catches: "`published` is not a date in the form year-month-day.",
        matters: "It says which edition of the guide was transcribed.",
        bad: "published: 14.3.2024",
        good: "published: 2024-03-14",
    }

    UnknownToken = 301, "unknown token" {
        catches: "A mapping writes to a name that is no token of the schema.",
        matters: "The value would reach nobody.",
        bad: "- { from: User, token: sourceUsr }",
        good: "- { from: User, token: sourceUser }",
    }
    UnknownField = 302, "unknown field" {
        catches: "A row, value map, policy or condition reads a field that no step and no message defines.",
        matters: "It would never have a value.",
        bad: "- template: \"{User}\"\nmap: [{ from: Usr, token: sourceUser }]",
        good: "- template: \"{User}\"\nmap: [{ from: User, token: sourceUser }]",
    }
    UnreadField = 303, "field that nothing reads" {
        catches: "A step or message defines a field that no row reads and whose name does not begin with `_`.",
        matters: "A value that the guide maps may have been forgotten.",
        bad: "template: \"{User} {port}\" with a row for User only",
        good: "template: \"{User} {_port}\"",
    }
    UnknownValueMap = 304, "unknown value map" {
        catches: "A row names a value map that `values` does not have.",
        matters: "The row cannot say what the value becomes.",
        bad: "- { from: Verb, token: action, values: verb }\nvalues: { verbs: … }",
        good: "- { from: Verb, token: action, values: verbs }\nvalues: { verbs: … }",
    }
    UnusedValueMap = 305, "unused value map" {
        catches: "A value map has no `from` and `token`, and no row names it.",
        matters: "The guide's normalised values would not be applied.",
        bad: "values: { verbs: { cases: … } } and no row with `values: verbs`",
        good: "- { from: Verb, token: action, values: verbs }",
    }
    UnknownPart = 306, "unknown part" {
        catches: "A template uses `{@name}`, and the catalogue has no such part.",
        matters: "The template cannot match anything.",
        bad: "text: \"{@whom} left\"\nparts: { who: … }",
        good: "text: \"{@who} left\"\nparts: { who: … }",
    }
    UnusedPart = 307, "unused part" {
        catches: "No template uses a part of the catalogue.",
        matters: "It was forgotten, or is left over.",
        bad: "parts: { who: \"<{User}> \" } and no `{@who}`",
        good: "text: \"{@who}left\"",
    }
    UnknownConversion = 308, "unknown conversion" {
        catches: "`as` names a conversion that the language does not have.",
        matters: "Conversions are a closed set; anything else would be code.",
        bad: "as: filename",
        good: "as: base-name",
    }
    UnknownSetting = 309, "unknown setting" {
        catches: "`setting` names something that a run cannot set.",
        matters: "The token would never have a value.",
        bad: "- { token: customerId, setting: customer }",
        good: "- { token: customerId, setting: customerId }",
    }
    UnknownCatalogue = 310, "unknown catalogue file" {
        catches: "A `catalogue` step names a file that is not beside the spec.",
        matters: "No message could be looked up.",
        bad: "- catalogue: { key: id, file: catalog.yaml }",
        good: "- catalogue: { key: id, file: catalogue.yaml }",
    }

    RowWithoutToken = 401, "row without token or reason" {
        catches: "A row has neither a token nor a `waived`.",
        matters: "Each row of the guide is implemented, or somebody says why not.",
        bad: "- { from: Country }",
        good: "- { from: Country, waived: needs a geo database }",
    }
    WaivedAndMapped = 402, "row both waived and mapped" {
        catches: "A row says why it is not mapped and maps all the same.",
        matters: "One of the two is wrong.",
        bad: "- { from: Country, token: sourceCountry, as: base-name, waived: no geo data }",
        good: "- { from: Country, token: sourceCountry, waived: no geo data }",
    }
    SampleRefused = 403, "sample does not convert" {
        catches: "The guide's sample does not become a value of the token's kind by the row's conversion.",
        matters: "Then real values of the field will not either.",
        bad: "- { from: Port, token: sourcePort, sample: \"99999\" }",
        good: "- { from: Port, token: sourcePort, sample: \"50188\" }",
    }
    ConversionMisfit = 404, "conversion does not fit the token" {
        catches: "The conversion gives something that the token's kind cannot hold.",
        matters: "Every value would be refused.",
        bad: "- { from: Port, token: sourcePort, as: { time: [\"%H:%M\"] } }",
        good: "- { from: Port, token: sourcePort }",
    }
    OtherwiseMisfit = 405, "`otherwise` cannot take the value" {
        catches: "A token of `otherwise` accepts nothing that the row's token, or one named before it, refuses.",
        matters: "It would never get a value.",
        bad: "- { from: Port, token: sourcePort, otherwise: destinationPort }",
        good: "- { from: Address, token: sourceIpv4, otherwise: sourceIpv6 }",
    }
    SeveralInputs = 406, "several inputs" {
        catches: "A row has more than one of a field, `value`, `setting` and `run` to take its value from.",
        matters: "Only one of them could count.",
        bad: "- { token: deviceType, value: VPN, setting: customerId }",
        good: "- { token: deviceType, value: VPN }",
    }
    NoInput = 407, "no input" {
        catches: "A row with a token has nothing to take the value from.",
        matters: "The token would never have a value.",
        bad: "internal: [{ token: deviceType }]",
        good: "internal: [{ token: deviceType, value: VPN }]",
    }
    RequiredWithoutRow = 408, "required token that no record gives" {
        catches: "`required` names a token that no row fills, or that only settings, directories or labels of a run fill.",
        matters: "No record could be mapped, or only where a run is set for it.",
        bad: "required: [eventTime, customerId]",
        good: "required: eventTime",
    }
    RequiredTwice = 409, "token required twice" {
        catches: "`required` names a token twice under the same conditions, or a message one that its source always requires.",
        matters: "One of the two is left over, or was meant to be another token.",
        bad: "required: [eventTime, eventTime]",
        good: "required: [eventTime, eventName]",
    }
    RowTwice = 410, "row stands twice" {
        catches: "A row fills a token from the same input, in the same way and under the same conditions as a row before it.",
        matters: "It never speaks, so it was meant to read another field, to fill another token or to hold under a condition.",
        bad: "- { from: login, token: sourceUser }\n- { from: login, token: sourceUser }",
        good: "- { from: login, token: sourceUser }\n- { from: peer, token: userName }",
    }

    FanInMissing = 501, "two mappings to one token without a policy" {
        catches: "Several mappings fill a token and `fan-in` does not say how they meet.",
        matters: "Which value an event gets would depend on the order of a file.",
        bad: "- { from: login, token: sourceUser }\n- { from: name, token: sourceUser }",
        good: "fan-in: { sourceUser: { first: [login, name] } }",
    }
    FanInStranger = 502, "policy names no mapping of the token" {
        catches: "A policy lists a field by which no mapping fills the token, or the same one twice.",
        matters: "It has no value to offer.",
        bad: "fan-in: { sourceUser: { first: [login, user] } }",
        good: "fan-in: { sourceUser: { first: [login, name] } }",
    }
    FanInIncomplete = 503, "policy leaves a mapping out" {
        catches: "`first` does not name every mapping of the token.",
        matters: "The one that is left out would never speak, although its row is mapped.",
        bad: "fan-in: { sourceUser: { first: [login] } } with rows login and name",
        good: "fan-in: { sourceUser: { first: [login, name] } }",
    }
    FanInNeedless = 504, "policy is not needed" {
        catches: "A token with one mapping, or none, has a policy.",
        matters: "A mapping was probably removed or misspelt.",
        bad: "fan-in: { action: first } with one row for action",
        good: "no entry for action",
    }
    ListMisfit = 505, "`list` for a token that is no list" {
        catches: "The policy `list` is given to a token that holds one value.",
        matters: "It has no place for the others.",
        bad: "fan-in: { sourceUser: list }",
        good: "fan-in: { sourceUser: first }",
    }

    BadTimeFormat = 601, "bad time format" {
        catches: "A time format has an unknown directive, lacks a part of the date or time, or names one twice.",
        matters: "No time could be read by it.",
        bad: "time: [\"%d/%m/%Y %Q\"]",
        good: "time: [\"%d/%m/%Y %H:%M:%S\"]",
    }
    ZoneMissing = 602, "no zone policy" {
        catches: "A format has no zone and the rule no `zone`.",
        matters: "The same text is a different moment in each zone.",
        bad: "as: { time: [\"%Y-%m-%d %H:%M:%S\"] }",
        good: "as: { time: [\"%Y-%m-%d %H:%M:%S\"], zone: device }",
    }
    YearMissing = 603, "no year policy" {
        catches: "A format has no year and the rule no `year`.",
        matters: "A log that is read in January holds days of December.",
        bad: "as: { time: [\"%b %d %H:%M:%S\"], zone: utc }",
        good: "as: { time: [\"%b %d %H:%M:%S\"], zone: utc, year: nearest }",
    }
    OrderAmbiguous = 604, "two formats read one text as two days" {
        catches: "Day and month may change places between two formats of a rule without `order`; a witness is shown.",
        matters: "08/07 would be a day in July or in August by the order of a list.",
        bad: "as: { time: [\"%m/%d/%Y %H:%M:%S\", \"%d/%m/%Y %H:%M:%S\"], zone: utc }",
        good: "as: { time: [\"%m/%d/%Y %H:%M:%S\", \"%d/%m/%Y %H:%M:%S\"], zone: utc, order: setting }",
    }
    UnknownZone = 605, "unknown zone" {
        catches: "`zone` is neither `device`, `utc` nor a name of the time zone database.",
        matters: "The moment cannot be computed.",
        bad: "zone: Europe/Pariss",
        good: "zone: Europe/Paris",
    }

    BadRange = 701, "bad range" {
        catches: "A range is not `n` or `n-m` with n not above m.",
        matters: "No number lies in it.",
        bad: "ranges: { \"9-7\": Critical }",
        good: "ranges: { \"7-9\": Critical }",
    }
    RangeOverlap = 702, "ranges overlap" {
        catches: "A number lies in two ranges of a map.",
        matters: "It would have two meanings.",
        bad: "ranges: { \"0-6\": Notice, \"6-9\": Critical }",
        good: "ranges: { \"0-6\": Notice, \"7-9\": Critical }",
    }
    RangeGap = 703, "ranges leave a gap" {
        catches: "A number of `over` lies in no range of the map.",
        matters: "It can occur and would be refused.",
        bad: "ranges: { \"0-5\": Notice, \"7-9\": Critical }, over: 0-9",
        good: "ranges: { \"0-6\": Notice, \"7-9\": Critical }, over: 0-9",
    }
    CaseOnlyDuplicate = 704, "keys that differ in case only" {
        catches: "Two source values of a map, or two keys of a catalogue with `fold: case`, differ by nothing but upper and lower case.",
        matters: "It is easily an oversight, and with `fold: case` the second is never reached.",
        bad: "fold: case, cases: { Deny: Deny, deny: Block }",
        good: "fold: case, cases: { Deny: Deny }",
    }
    UnreachableKey = 705, "key that is never reached" {
        catches: "A case or range of a map can never apply, such as one outside `over`.",
        matters: "The guide's word for it would not be used.",
        bad: "ranges: { \"0-9\": Notice, \"11\": Alert }, over: 0-10",
        good: "ranges: { \"0-9\": Notice, \"10\": Alert }, over: 0-10",
    }
    UnknownCaseValue = 706, "normalised value does not fit the token" {
        catches: "The value that a case gives is none of the token's kind.",
        matters: "The case would always be refused.",
        bad: "{ from: Level, token: sourcePort, cases: { a: high } }",
        good: "{ from: Level, token: severity, cases: { a: high } }",
    }

    TemplateSyntax = 801, "template syntax" {
        catches: "A template breaks the grammar, such as a brace that is not closed.",
        matters: "It cannot match what was meant.",
        bad: "template: \"user {User from {Address}\"",
        good: "template: \"user {User} from {Address}\"",
    }
    UnknownShape = 802, "unknown shape" {
        catches: "A capture's shape is none of the known words, and no class and no list of words.",
        matters: "What it takes cannot be known.",
        bad: "{Port:integer}",
        good: "{Port:digits}",
    }
    AdjacentCaptures = 803, "captures without anything between" {
        catches: "Two captures of open text follow each other.",
        matters: "Where one ends and the other begins would be a guess.",
        bad: "{User}{Address}",
        good: "{User} {Address}",
    }
    CaptureTwice = 804, "capture twice" {
        catches: "One way through a template captures a name twice, or hands on two texts.",
        matters: "One of the two texts would be lost.",
        bad: "from {Address} to {Address}",
        good: "from {Address} to {Target}",
    }
    ShadowedTemplate = 805, "template that is never reached" {
        catches: "Everything that a template matches is taken by one in front of it; a witness is shown.",
        matters: "Its fields would never be filled.",
        bad: "text: [\"{a}\", \"{a} to {b}\"]",
        good: "text: [\"{a} to {b}\", \"{a}\"]",
    }
    AmbiguousTemplates = 806, "ambiguous templates" {
        catches: "A text that one message is made for fits an earlier message too, and records without a key are tried against both; a witness is shown.",
        matters: "Such a record is always taken for the earlier message, by the order of the catalogue.",
        bad: "\"1\": { text: \"user {a}\" }, \"2\": { text: \"user {b} left\" }",
        good: "\"2\": { text: \"user {b} left\" }, \"1\": { text: \"user {a}\" }",
    }
    OpenPartEnd = 807, "part ends open" {
        catches: "A part ends in a capture of open text.",
        matters: "What follows `{@part}` in a template decides where it ends, so a part would mean something else in each.",
        bad: "parts: { who: \"user {User}\" }",
        good: "parts: { who: \"user {User} \" }",
    }
    HandMissing = 808, "no text for the next step" {
        catches: "A step that reads a text follows templates, pairs or columns without `{*}` and `{name*}`, or `json` without `hand`.",
        matters: "The step would have nothing to read.",
        bad: "- template: \"{id:digits}: {Text}\"\n- key-value: { keys: { user: \"{User}\" } }",
        good: "- template: \"{id:digits}: {*}\"\n- key-value: { keys: { user: \"{User}\" } }",
    }

    NoSteps = 901, "no steps" {
        catches: "`decode`, or a list of `one-of`, has no step.",
        matters: "No field would ever be filled.",
        bad: "decode: []",
        good: "decode: [{ template: \"{Text}\" }]",
    }
    UnknownStep = 902, "unknown step" {
        catches: "A step of `decode` has a name that the language does not know.",
        matters: "Steps are a closed set; a new one is a change of the language.",
        bad: "- keyvalue: { keys: … }",
        good: "- key-value: { keys: … }",
    }
    UnknownCatalogueKey = 903, "unknown key of a catalogue" {
        catches: "`key` of a `catalogue` step names a field that no step before it defines.",
        matters: "No message could be looked up.",
        bad: "- template: \"{id:digits} {*}\"\n- catalogue: { key: code, file: catalogue.yaml }",
        good: "- template: \"{id:digits} {*}\"\n- catalogue: { key: id, file: catalogue.yaml }",
    }
    JsonPathSyntax = 904, "JSON path syntax" {
        catches: "A path has an empty key, or a quote that is not closed.",
        matters: "It leads nowhere.",
        bad: "paths: { os: 'labels.\"example.com/os' }",
        good: "paths: { os: 'labels.\"example.com/os\"' }",
    }
    DuplicateDefinition = 905, "defined twice" {
        catches: "Two steps on one way through `decode` both define one field of every record, or `decode` names two catalogues.",
        matters: "A field keeps its first value: the other one would be lost.",
        bad: "- syslog: { host: Host }\n- template: \"{Host}: {Text}\"",
        good: "- syslog: { host: Host }\n- template: \"{_name}: {Text}\"",
    }
    BadFamily = 906, "no family of messages" {
        catches: "A key of `families` does not begin or end with one `*`.",
        matters: "It says of no message that it belongs to the family.",
        bad: "families: { AUT: { set: … } }",
        good: "families: { \"AUT*\": { set: … } }",
    }
    TooManyFields = 907, "too many fields" {
        catches: "The rows of a source read more than 256 fields.",
        matters: "A record notes for each field whether it has it and whether a row took it, in a table of that size.",
        bad: "one source for all products of a vendor",
        good: "a source for each product",
    }

    EnrichmentMisfit = 1001, "token does not fit the enrichment" {
        catches: "A token of `enrich` is read as an address or a user, or gets a text or a list, and its kind is another one.",
        matters: "Nothing would ever be found, or what is found would be no value.",
        bad: "geo: { address: sourceHost, country: geoSourceCountry }",
        good: "geo: { address: sourceIpv4, country: geoSourceCountry }",
    }
    EnrichedTwice = 1002, "token enriched twice" {
        catches: "Two places of `enrich` fill one token.",
        matters: "Only one of them could count.",
        bad: "geo: { address: sourceIpv4, country: geoSourceCountry, city: geoSourceCountry }",
        good: "geo: { address: sourceIpv4, country: geoSourceCountry, city: geoSourceCity }",
    }
    RowNotEnriched = 1003, "row without its enrichment" {
        catches: "A row says what enriches its token, and the `enrich` block does not.",
        matters: "The token would never have a value.",
        bad: "- { token: geoSourceCity, enrich: geo } and `geo: { address: sourceIpv4, country: geoSourceCountry }`",
        good: "- { token: geoSourceCity, enrich: geo } and `geo: { address: sourceIpv4, city: geoSourceCity }`",
    }
    EnrichedWithoutRow = 1004, "enriched token without a row" {
        catches: "The `enrich` block fills a token, and no row says so.",
        matters: "Rows are what is read beside the guide: a token must not get values that none of them speaks of.",
        bad: "enrich: { tags: tags } and no row with `enrich: tags`",
        good: "beyond: [{ token: tags, enrich: tags }]\nenrich: { tags: tags }",
    }
    NothingToRead = 1005, "enrichment without anything to read" {
        catches: "An enrichment reads a token that no row maps, or that another enrichment fills.",
        matters: "Enrichments read what records say, before anything is filled: there would never be a value.",
        bad: "geo: { address: natSourceIP, city: geoSourceCity } and no row for natSourceIP",
        good: "geo: { address: sourceIpv4, city: geoSourceCity }",
    }
    ReadTwice = 1006, "token read twice" {
        catches: "An enrichment names one token twice among those that it reads.",
        matters: "The second is never asked, or both sides of an event are one address.",
        bad: "networks: { source: sourceIpv4, destination: sourceIpv4, context: eventContext }",
        good: "networks: { source: sourceIpv4, destination: destinationIpv4, context: eventContext }",
    }
}

impl Code {
    /// The number: 301 for `E0301`.
    pub fn number(self) -> u16 {
        self as u16
    }

    /// The whole documentation as plain text, for `xdr check --explain E0301`.
    pub fn explain(self) -> String {
        let Docs { catches, matters, bad, good } = self.docs();
        let shift = |piece: &str| piece.replace('\n', "\n    ");
        format!(
            "{self}: {}\n\n{catches}\n\nWhy it matters: {matters}\n\nWrong:\n\n    {}\n\nRight:\n\n    {}\n",
            self.title(),
            shift(bad),
            shift(good),
        )
    }
}

#[cfg(test)]
mod tests;
