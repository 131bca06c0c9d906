//! Measures xdr beside other ways to the same events.
fn main() {}
