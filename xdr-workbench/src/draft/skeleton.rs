//! A folder without a guide: the smallest spec that builds, with comments that say what to fill in.

use std::fmt::Write as _;

use super::Draft;
use super::lines::Layout;
use super::write::SCHEMA;

/// The block `decode` of a layout, what it is, and a record that it reads.
fn parts(layout: Layout) -> [&'static str; 3] {
    match layout {
        Layout::Json => [
            "Records are JSON objects. A field is found by its name as a path; `paths` names other places.",
            "records: json\n\ndecode:\n  - json:\n      paths:\n        time: [time, timestamp]\n",
            r#"{"time":"2024-03-14T07:08:09Z","user":"kim","address":"192.0.2.7"}"#,
        ],
        Layout::Pairs => [
            "Records are `key=value` behind a syslog header. Each key of the wire has a template of its value, which names the field.",
            "decode:\n  - syslog: {}\n  - key-value:\n      keys:\n        time: \"{time}\"\n        user: \"{user}\"\n        src: \"{address}\"\n",
            "<134>Mar 14 07:08:09 gw.example.com acme: time=2024-03-14T07:08:09Z user=kim src=192.0.2.7",
        ],
        Layout::Cef => [
            "Records are CEF: a head between bars, then `key=value`. Parts of the head without a key here are kept under unmapped; with `labels: true` pairs such as `cs1Label=Name` name the values of others.",
            "decode:\n  - syslog: {}\n  - cef:\n      # vendor, product, device-version, signature, name, severity: each the name of a field.\n      labels: true\n      keys:\n        rt: \"{time}\"\n        suser: \"{user}\"\n        src: \"{address}\"\n",
            "CEF:0|Acme|Product|1.0|100|Login|3|rt=2024-03-14T07:08:09Z suser=kim src=192.0.2.7",
        ],
        Layout::Leef => [
            "Records are LEEF: a head between bars, then `key=value`. Parts of the head without a key here are kept under unmapped; with `labels: true` pairs such as `cs1Label=Name` name the values of others.",
            "decode:\n  - syslog: {}\n  - leef:\n      # vendor, product, device-version, event: each the name of a field.\n      keys:\n        devTime: \"{time}\"\n        usrName: \"{user}\"\n        src: \"{address}\"\n",
            "LEEF:1.0|Acme|Product|1.0|login|devTime=2024-03-14T07:08:09Z\tusrName=kim\tsrc=192.0.2.7",
        ],
        Layout::Columns => [
            "Records are columns with a separator between them, such as CSV, behind a syslog header. A column that no row reads is kept under unmapped.",
            "decode:\n  - syslog: {}\n  - csv:\n      # `separator: \"|\"` if it is no comma; `least: 2` if records may be shorter.\n      columns: [kind, time, user, address]\n",
            "<134>Mar 14 07:08:09 gw.example.com LOGIN,2024-03-14T07:08:09Z,kim,192.0.2.7",
        ],
        Layout::Text => [
            "Records are a syslog header and a text. The template names the pieces of the text.",
            "decode:\n  - syslog: { time: time }\n  - template: \"user {user} from {address:ip}\"\n",
            "<134>Mar 14 07:08:09 gw.example.com acme: user kim from 192.0.2.7",
        ],
    }
}

/// The texts of a new source's folder.
pub fn skeleton(name: &str, layout: Layout) -> Draft {
    let [remark, decode, line] = parts(layout);
    let title: Vec<String> = name.split('-').map(capital).collect();
    let title = title.join(" ");
    let mut spec = SCHEMA.to_owned();
    let _ = write!(
        spec,
        "\
# Fill this in from the vendor's guide; mapping-specs/README.md describes the language, `xdr tokens` lists the tokens.
source: {name}
# The guide's title, the day it was published, and the formats that it names.
guide: {{ title: {title}, published: 2024-03-14, formats: [Syslog] }}
# The guide's device details.
device: {{ type: Device, vendor: {title}, product: {title}, versions: [\"1.0\"] }}

# {remark}
{decode}
# One entry for each row of the guide's table, in its order, with its sample as printed.
map:
  - {{ from: time, token: eventTime, sample: 2024-03-14T07:08:09Z, as: {{ time: [\"%Y-%m-%dT%H:%M:%S%.f%z\"] }} }}
  - {{ from: user, token: sourceUser, sample: kim }}
  - {{ from: address, token: sourceIpv4, sample: 192.0.2.7, otherwise: sourceIpv6 }}

# The guide's table of internal fields.
internal:
  - {{ token: deviceType, value: Device }}
  - {{ token: deviceVendor, value: {title} }}
  - {{ token: deviceHost, setting: deviceHost }}
  - {{ token: customerId, setting: customerId }}
  - {{ token: collectorId, setting: collectorId }}
  - {{ token: eventSourceId, setting: eventSourceId }}
  - {{ token: eventId, run: event-id }}
  - {{ token: collectorReceivedTime, run: received-time }}
"
    );
    if layout == Layout::Json {
        spec = spec.replace("formats: [Syslog]", "formats: [JSON]");
    }
    if layout == Layout::Text {
        // The header's stamp.
        spec = spec.replace(
            "sample: 2024-03-14T07:08:09Z, as: { time: [\"%Y-%m-%dT%H:%M:%S%.f%z\"] }",
            "sample: Mar 14 07:08:09, as: { time: [\"%b %d %H:%M:%S\"], year: past, zone: device }",
        );
    }
    Draft { spec, samples: format!("{line}\n"), rows: [11, 11, 0], notes: Vec::new() }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
