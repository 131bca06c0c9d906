//! `xdr schema`: the schemas that the project ships.

use super::ran;

#[test]
fn the_shipped_schemas_are_what_is_printed() {
    for of in ["spec", "catalogue"] {
        let done = ran(["schema", of]).expect(0);
        let path = format!("{}/mapping-specs/{of}.schema.json", env!("CARGO_MANIFEST_DIR"));
        assert!(
            done.text() == std::fs::read_to_string(path).unwrap(),
            "run: xdr schema {of} > mapping-specs/{of}.schema.json"
        );
    }
    ran(["schema", "events"]).expect(2).says("xdr: error: invalid value 'events' for '<OF>'");
}
