//! Tests of the format `json`.
use proptest::prelude::*;

use super::*;
use crate::format::sink::{Sink, assert_inside};

/// A node, by its key, its field if it has one, its children, the element that speaks, and its path.
macro_rules! node {
    ($key:literal, $slot:expr, $children:expr, $choose:expr, $name:literal $(,)?) => {
        Node {
            key: $key,
            quoted: concat!("\"", $key, "\":"),
            slot: $slot,
            children: $children,
            lookup: Lookup::LINEAR,
            choose: $choose,
            name: $name,
        }
    };
}

macro_rules! leaf {
    ($key:literal, $slot:literal, $name:literal $(,)?) => {
        node!($key, Some($slot), &[], Choose::None, $name)
    };
}

macro_rules! branch {
    ($key:literal, $children:expr, $choose:expr $(,)?) => {
        node!($key, None, $children, $choose, $key)
    };
}

const TREE: Json = Json {
    root: node!(
        "",
        None,
        &[
            leaf!("a", 1, "a"),
            leaf!("addr.local", 2, "addr.local"),
            branch!(
                "process",
                &[leaf!("pid", 3, "process.pid"), leaf!("file", 4, "process.file")],
                Choose::None,
            ),
            branch!(
                "best",
                &[leaf!("score", 5, "best.score"), leaf!("name", 6, "best.name")],
                Choose::Highest("score"),
            ),
            branch!(
                "by",
                &[
                    branch!("User", &[leaf!("id", 10, "by.User.id")], Choose::None),
                    leaf!("Whole", 11, "by.Whole"),
                ],
                Choose::By("type"),
            ),
            branch!("one", &[leaf!("id", 7, "one.id")], Choose::First),
            node!("both", Some(8), &[leaf!("in", 9, "both.in")], Choose::None, "both"),
        ],
        Choose::None,
        ""
    ),
    envelopes: &[&["data"], &["log", "audit"]],
    key: None,
};

fn parsed(text: &str) -> Sink<'_> {
    let mut sink = Sink::default();
    read(&TREE, text, &mut sink).unwrap();
    sink.assert_inside(text);
    sink
}

/// Fields as `slot=raw`, then extras, then faults.
fn check(text: &str, expected: &[&str]) {
    let sink = parsed(text);
    let mut found: Vec<_> = sink.fields.iter().map(|(slot, field)| format!("{slot}={}", field.raw)).collect();
    found.extend(sink.extras());
    found.extend(sink.faults());
    assert_eq!(found, expected, "{text}");
}

#[test]
fn elements_may_be_told_by_the_value_of_a_key() {
    check(
        r#"{"by":[{"type":"App","id":1},{"id":2,"type":"User"},{"type":"User","id":3},{"type":"Whole"},7,{"id":4}]}"#,
        &[
            "10=2",
            r#"11={"type":"Whole"}"#,
            r#"by={"type":"App","id":1}"#,
            "User.type=User",
            r#"by={"type":"User","id":3}"#,
            "by=7",
            r#"by={"id":4}"#,
        ],
    );
    // What is an object already has its members under their own keys.
    check(r#"{"by":{"User":{"id":2},"more":1}}"#, &["10=2", "by.more=1"]);
    check(r#"{"by":[{"type":"U\u0073er","id":2}]}"#, &["10=2", r"User.type=U\u0073er"]);
    check(r#"{"by":[]}"#, &["by=[]"]);
}

#[test]
fn members_are_found_by_their_paths() {
    check(r#" { "a" : "x" , "addr.local":"192.0.2.1:22" } "#, &["1=x", "2=192.0.2.1:22"]);
    check(
        r#"{"process":{"pid":-1.5e3,"user":"kim","file":{"b":[1, 2]}}}"#,
        &["3=-1.5e3", r#"4={"b":[1, 2]}"#, "process.user=kim"],
    );
    check(r#"{"other":{"a":1}}"#, &[r#"other={"a":1}"#]);
    check("{}", &[]);
}

#[test]
fn shapes_follow_the_type() {
    let shape =
        |value: &str| parsed(&format!(r#"{{"a":{value}}}"#)).fields.first().map(|(_, field)| field.shape);
    assert_eq!(shape(r#""x""#), Some(Shape::Text));
    assert_eq!(shape(r#""x\\y""#), Some(Shape::Escaped));
    assert_eq!(shape("7"), Some(Shape::Number));
    assert_eq!(shape("false"), Some(Shape::Boolean));
    assert_eq!(shape("[ ]"), Some(Shape::Array));
    assert_eq!(shape("{}"), Some(Shape::Object));
    assert_eq!(shape("null"), None);
}

#[test]
fn a_null_that_no_path_names_is_kept_as_absent() {
    let sink = parsed(r#"{"z":null}"#);
    assert_eq!(sink.extras, [("z".to_owned(), Field { raw: "null", shape: Shape::Absent })]);
}

#[test]
fn a_value_that_cannot_be_taken_apart_is_kept() {
    check(r#"{"process":"init"}"#, &["process=init"]);
    check(r#"{"both":"x"}"#, &["8=x"]);
    check(r#"{"both":{"in":1}}"#, &["9=1"]);
    check(r#"{"both":[{"in":1}]}"#, &[r#"8=[{"in":1}]"#]);
    check(r#"{"best":[]}"#, &["best=[]"]);
    check(r#"{"best":[3]}"#, &["best=3"]);
}

#[test]
fn the_chosen_element_speaks_and_the_others_are_kept() {
    check(
        r#"{"best":[{"score":2,"name":"a"},{"score":"10","name":"b"},{"score":10,"name":"c"}]}"#,
        &["5=10", "6=b", r#"best={"score":2,"name":"a"}"#, r#"best={"score":10,"name":"c"}"#],
    );
    check(r#"{"best":[{"name":"a"},{"score":-1,"name":"b"}]}"#, &["5=-1", "6=b", r#"best={"name":"a"}"#]);
    check(r#"{"best":[{"name":"a"},{"score":"nan"}]}"#, &["6=a", r#"best={"score":"nan"}"#]);
    check(r#"{"one":[{"id":1},{"id":2}]}"#, &["7=1", r#"one={"id":2}"#]);
    check(r#"{"one":{"id":1}}"#, &["7=1"]);
}

#[test]
fn a_repeated_key_is_a_fault_and_the_first_holds() {
    check(r#"{"a":1,"\u0061":2,"z":1,"z":2}"#, &["1=1", "z=1", "z=2", "a: repeated key"]);
    check(r#"{"process":{"pid":1,"pid":2}}"#, &["3=1", "process.pid: repeated key"]);
}

#[test]
fn what_was_read_before_changes_nothing() {
    let told = |text: &str| {
        let mut sink = Sink::default();
        let ended = read(&TREE, text, &mut sink).map_err(|miss| miss.at);
        let fields: Vec<_> =
            sink.fields.iter().map(|(slot, field)| format!("{slot}={}", field.raw)).collect();
        (ended, fields, sink.extras(), sink.faults())
    };
    let members = [
        r#""a":1"#,
        r#""a" : 3"#,
        r#""\u0061":4"#,
        r#""ab":2"#,
        r#""addr.local":"x""#,
        r#""process":{"pid":7,"file":"f"}"#,
        r#""process":{"file":"f","none":0,"pid":7}"#,
        r#""a""#,
        r#""a"1"#,
    ];
    for first in members {
        for second in members {
            for third in members {
                let text = format!("{{{first},{second},{third}}}");
                let alone = std::thread::scope(|scope| scope.spawn(|| told(&text)).join().unwrap());
                assert_eq!(told(&text), alone, "{text}");
                assert_eq!(told(&text), alone, "{text}");
            }
        }
    }
}

#[test]
fn keys_are_compared_without_their_escapes() {
    check(r#"{"addr\u002elocal":"x","\u0061":"y"}"#, &["2=x", "1=y"]);
}

#[test]
fn an_envelope_is_taken_off_and_what_is_beside_it_kept() {
    check(r#"{"data":{"a":1},"host":"x"}"#, &["1=1", "host=x"]);
    check(r#"{"v":1,"log":{"k":2,"audit":{"a":3,"q":4}}}"#, &["1=3", "v=1", "log.k=2", "q=4"]);
    check(r#"{"data":"x","a":1}"#, &["1=1", "data=x"]);
    check(r#"{"log":{"audit":"x"}}"#, &[r#"log={"audit":"x"}"#]);
}

#[test]
fn with_a_key_a_record_is_taken_out_first_and_only_of_what_is_none() {
    let known = Json { key: Some("a"), ..TREE };
    for (text, expected) in [
        (r#"{"data":{"a":1},"host":"x"}"#, &["1=1", "host=x"][..]),
        (r#"{"a":1,"data":{"q":4}}"#, &["1=1", r#"data={"q":4}"#]),
        (r#"{"a":1,"data":{"a":4}}"#, &["1=1", r#"data={"a":4}"#]),
        (r#"{"data":{"q":4},"log":{"audit":{"a":3}}}"#, &["1=3", r#"data={"q":4}"#]),
        (r#"{"data":{"q":4},"log":{"audit":{"q":3}}}"#, &[r#"log={"audit":{"q":3}}"#, "q=4"]),
    ] {
        let mut sink = Sink::default();
        read(&known, text, &mut sink).unwrap();
        let fields = sink.fields.iter().map(|(slot, field)| format!("{slot}={}", field.decoded()));
        let extras = sink.extras.iter().map(|(name, field)| format!("{name}={}", field.decoded()));
        assert_eq!(fields.chain(extras).collect::<Vec<_>>(), expected, "{text}");
    }
}

#[test]
fn a_text_that_is_no_object_is_refused_where_it_fails() {
    let cases = [
        ("", 0, "an object"),
        ("[1]", 0, "an object"),
        ("{\"a\"}", 4, "`:`"),
        ("{\"a\":1", 6, "`,` or `}`"),
        ("{\"a\":1,}", 7, "a key"),
        ("{\"a\":01}", 6, "`,` or `}`"),
        ("{\"a\":1.}", 7, "a digit"),
        ("{\"a\":-}", 6, "a digit"),
        ("{\"a\":tru}", 5, "a value"),
        ("{\"a\":\"x", 7, "a closing quote"),
        ("{\"a\":\"\\x\"}", 7, "an escape"),
        ("{\"a\":\"\\u12g4\"}", 10, "four hexadecimal digits"),
        ("{\"a\":\"\t\"}", 6, "an escape instead of a control character"),
        ("{} x", 3, "the end of the record"),
        ("{\"a\":[1 2]}", 8, "`,` or `]`"),
    ];
    for (text, at, expected) in cases {
        let mut sink = Sink::default();
        assert_eq!(read(&TREE, text, &mut sink), Err(Miss { at, expected }), "{text}");
        assert!(sink.fields.is_empty() && sink.extras.is_empty(), "{text}");
    }
}

#[test]
fn nesting_is_limited() {
    let nested = |depth: usize| format!("{{\"a\":{}1{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
    assert!(read(&TREE, &nested(120), &mut Sink::default()).is_ok());
    assert_eq!(
        read(&TREE, &nested(121), &mut Sink::default()),
        Err(Miss { at: 5 + 119, expected: "at most 120 levels" })
    );
    assert!(read(&TREE, &"{\"a\":".repeat(10_000), &mut Sink::default()).is_err());
    assert!(read(&TREE, &"[".repeat(1_000_000), &mut Sink::default()).is_err());
}

#[test]
fn huge_texts_take_linear_time() {
    let start = std::time::Instant::now();
    let string = format!(r#"{{"a":"{}"}}"#, "x\\n".repeat(350_000));
    assert_eq!(parsed(&string).fields.len(), 1);
    let members = format!("{{{}\"a\":1}}", "\"k\":[{}],".repeat(100_000));
    assert_eq!(parsed(&members).extras.len(), 100_000);
    let chosen = format!(r#"{{"best":[{}{{}}]}}"#, r#"{"score":1},"#.repeat(50_000));
    assert_eq!(parsed(&chosen).extras.len(), 50_000);
    assert!(start.elapsed().as_secs() < 10);
}

#[test]
fn emptiness() {
    for text in ["[]", "{}", " [ ] ", "{ }", "[\"\"]", "[ \"\" , null ]", "[null]"] {
        assert!(is_empty(text), "{text}");
    }
    for text in ["[0]", "[[]]", "{\"a\":null}", "[\" \"]", "", "x", "[\"\",\"a\"]"] {
        assert!(!is_empty(text), "{text}");
    }
}

#[test]
fn an_array_has_elements_of_every_shape() {
    let found: Vec<_> = elements(r#" ["a", "b\"", 1, null, [2,3], {"c":","} ]"#).collect();
    let field = |raw, shape| Field { raw, shape };
    assert_eq!(
        found,
        [
            Field::text("a"),
            field("b\\\"", Shape::Escaped),
            field("1", Shape::Number),
            field("null", Shape::Absent),
            field("[2,3]", Shape::Array),
            field(r#"{"c":","}"#, Shape::Object),
        ]
    );
    assert_eq!(elements("{}").count(), 0);
}

#[test]
fn a_line_may_be_an_array_of_records() {
    let list = |line| records(line).map(Iterator::collect::<Vec<_>>);
    assert_eq!(list(r#" [{"a":1}, {"b":[2]}] "#), Some(vec![r#"{"a":1}"#, r#"{"b":[2]}"#]));
    assert_eq!(list("[]"), Some(vec![]));
    assert_eq!(list(r#"{"a":1}"#), None);
    assert_eq!(list(r#"[{"a":1},{"b"#), Some(vec![r#"{"a":1}"#, r#"{"b"#]));
    assert_eq!(list(r#"[{"a":1}] trailing"#), Some(vec![r#"{"a":1}"#, "trailing"]));
}

#[test]
fn a_line_may_be_an_object_of_an_array_that_goes_on_in_other_lines() {
    for line in [r#"{"a":[1]},"#, r#"  {"a":[1]} , "#, r#"{"a":[1]}]"#, "{\"a\":[1]},\r"] {
        assert_eq!(listed(line), Some(r#"{"a":[1]}"#), "{line}");
    }
    // Neither an object that stands alone nor what is left of one that is cut.
    for line in [
        r#"{"a":[1]}"#,
        r#"{"a":[{"b":1}],"#,
        r#"{"a":[{"b":1}]"#,
        r#""a","#,
        "1]",
        ",",
        "]",
        r#"{"a":1},,"#,
        r#"{"a":1}{"b":2},"#,
    ] {
        assert_eq!(listed(line), None, "{line}");
    }
}

#[test]
fn blanks_between_tokens_go() {
    let mut out = Vec::new();
    compact(&mut out, "[ 1 , { \"a b\" : \"c \\\" d\" } ,\n true ]");
    assert_eq!(String::from_utf8(out).unwrap(), "[1,{\"a b\":\"c \\\" d\"},true]");
}

#[test]
fn numbers_that_no_reader_holds_become_strings() {
    let long = "9".repeat(400);
    for (raw, expected) in [
        ("[1e999,-1E+999 ,0,-0.5e3]", "[\"1e999\",\"-1E+999\",0,-0.5e3]".to_owned()),
        ("{\"1e999\":1e308,\"a-1e999\":[true,null]}", "{\"1e999\":1e308,\"a-1e999\":[true,null]}".to_owned()),
        (&*format!("[{long},0.{long},1e-999]"), format!("[\"{long}\",0.{long},1e-999]")),
        ("[12345678901234567890123]", "[12345678901234567890123]".to_owned()),
    ] {
        let mut out = Vec::new();
        compact(&mut out, raw);
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, expected);
        serde_json::from_str::<serde_json::Value>(&text).unwrap();
    }
}

#[test]
fn escapes_are_resolved() {
    let cases = [
        (r"plain", "plain"),
        (r#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t"),
        (r"\u00e9\u20AC", "é€"),
        (r"\ud83d\ude00!", "😀!"),
        (r"\ud83d", "\u{fffd}"),
        (r"\ud83dx", "\u{fffd}x"),
        (r"\ude00\ud83d", "\u{fffd}\u{fffd}"),
        (r"\ud83d\u0041", "\u{fffd}A"),
        (r"C:\q\", r"C:\q\"),
        (r"\u12", r"\u12"),
        (r"\u+123", r"\u+123"),
    ];
    for (raw, expected) in cases {
        assert_eq!(unescape(raw), expected, "{raw}");
    }
    assert!(matches!(unescape("é"), Cow::Borrowed("é")));
}

/// JSON and what is nearly JSON.
fn nearly_json() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        Just("{".to_owned()),
        Just("}".to_owned()),
        Just("[".to_owned()),
        Just("]".to_owned()),
        Just(",".to_owned()),
        Just(":".to_owned()),
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just(" ".to_owned()),
        Just("\"a\"".to_owned()),
        Just("\"a\":".to_owned()),
        Just("\"\\ud800\"".to_owned()),
        Just("\"process\":{".to_owned()),
        Just("\"best\":[{\"score\":".to_owned()),
        "-?[0-9]{1,3}(\\.[0-9]{0,2})?([eE][+-]?[0-9]{0,2})?",
        "\"[a-c\\\\u0-9\"n\t]{0,8}\"",
    ];
    proptest::collection::vec(token, 0..24).prop_map(|tokens| tokens.concat())
}

fn value() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map(
                "[a-f]{1,2}|addr.local|process|best|one|both|.{0,4}",
                inner,
                0..6
            )
            .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Whether another reader takes the text for an object. Ranges of numbers and lone surrogates are no matter of grammar.
fn is_object(text: &str) -> bool {
    text.trim_matches(scan::BLANKS).starts_with('{')
        && serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_same_texts_are_accepted_as_elsewhere(text in nearly_json(), wrap in any::<bool>()) {
        let text = if wrap { format!("{{\"a\":{text}}}") } else { text };
        let mut sink = Sink::default();
        prop_assert_eq!(read(&TREE, &text, &mut sink).is_ok(), is_object(&text));
        sink.assert_inside(&text);
    }

    #[test]
    fn every_object_is_read(value in value(), pretty in any::<bool>()) {
        let value = serde_json::json!({ "a": value.clone(), "process": { "file": value } });
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let sink = parsed(&text);
        for (slot, path) in [(1, "/a"), (4, "/process/file")] {
            let expected = value.pointer(path).unwrap();
            let found = sink.fields.iter().find(|(number, _)| *number == slot).map(|(_, field)| *field).unwrap_or_default();
            match expected {
                serde_json::Value::Null => prop_assert!(!found.is_present()),
                serde_json::Value::String(text) => prop_assert_eq!(&*found.decoded(), text.as_str()),
                other => {
                    let mut out = Vec::new();
                    compact(&mut out, found.raw);
                    prop_assert_eq!(String::from_utf8(out).unwrap(), serde_json::to_string(other).unwrap());
                }
            }
        }
    }

    #[test]
    fn a_wrapped_record_is_read_as_it_is_alone(value in value(), late in any::<bool>()) {
        let record = serde_json::json!({ "a": value.clone(), "process": value.clone(), "z": 1, "best": value });
        let alone = serde_json::to_string(&record).unwrap();
        let wrapped = if late {
            format!(r#"{{"a":1,"log":{{"process":{{"pid":2}},"audit":{alone}}}}}"#)
        } else {
            format!(r#"{{"data":{alone}}}"#)
        };
        let (alone, wrapped) = (parsed(&alone), parsed(&wrapped));
        prop_assert_eq!(&alone.fields, &wrapped.fields);
        prop_assert_eq!(&alone.faults, &wrapped.faults);
        let beside = if late { 2 } else { 0 };
        prop_assert_eq!(&alone.extras[..], &wrapped.extras[beside..]);
    }

    #[test]
    fn objects_are_read_member_by_member(value in value()) {
        let text = serde_json::to_string(&value).unwrap();
        let mut sink = Sink::default();
        prop_assert_eq!(read(&TREE, &text, &mut sink).is_ok(), value.is_object());
        sink.assert_inside(&text);
    }

    #[test]
    fn any_text_is_survived(text in ".*|[\\[\\]{}\",:\\\\a1 ]{0,60}") {
        let mut sink = Sink::default();
        let _ = read(&TREE, &text, &mut sink);
        sink.assert_inside(&text);
        is_empty(&text);
        for element in elements(&text) {
            assert_inside(&text, element.raw);
            element.decoded();
        }
        for record in records(&text).into_iter().flatten() {
            assert_inside(&text, record);
        }
        compact(&mut Vec::new(), &text);
    }

    #[test]
    fn strings_mean_the_same_as_elsewhere(raw in "([a-zé\"]|\\\\[\"\\\\/bfnrtu]|\\\\u[0-9a-f]{4}|\\\\ud[89c][0-9a-f]{2}){0,12}") {
        if let Ok(text) = serde_json::from_str::<String>(&format!("\"{raw}\"")) {
            prop_assert_eq!(unescape(&raw), text);
        }
    }
}
