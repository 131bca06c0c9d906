//! Names of specs as Rust identifiers.

use std::collections::BTreeSet;

/// `user IP/IP/IPv4 Address` as `user_ip_ip_ipv4_address`; never empty, never beginning with a digit.
pub fn snake(name: &str) -> String {
    let mut ident = String::new();
    let mut previous = ' ';
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            let camel =
                c.is_ascii_uppercase() && (previous.is_ascii_lowercase() || previous.is_ascii_digit());
            if (camel || !previous.is_ascii_alphanumeric()) && !ident.is_empty() && !ident.ends_with('_') {
                ident.push('_');
            }
            ident.push(c.to_ascii_lowercase());
        }
        previous = c;
    }
    if ident.is_empty() || ident.starts_with(|c: char| c.is_ascii_digit()) {
        ident.insert_str(0, "f_");
    }
    ident
}

/// The name as a Rust function's: as [`snake`], with an underscore behind Rust's keywords.
pub fn function(name: &str) -> String {
    let ident = snake(name);
    if syn::parse_str::<syn::Ident>(&ident).is_ok() { ident } else { format!("{ident}_") }
}

/// Identifiers of these names, all different: a number is put behind those that would be alike, or like one of `taken`.
pub fn distinct<'n>(names: impl Iterator<Item = &'n str>, taken: &[&str]) -> Vec<String> {
    let mut used: BTreeSet<String> = taken.iter().map(|name| (*name).to_owned()).collect();
    names
        .map(|name| {
            let base = function(name);
            let mut ident = base.clone();
            let mut count = 2;
            while !used.insert(ident.clone()) {
                ident = format!("{base}_{count}");
                count += 1;
            }
            ident
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_snake_case() {
        for (name, ident) in [
            ("user IP/IP/IPv4 Address", "user_ip_ip_ipv4_address"),
            ("process.processFile.md5", "process_process_file_md5"),
            ("Group(s)", "group_s"),
            ("type", "type_"),
            ("24:00", "f_24_00"),
            ("é", "f_"),
            ("desktop_labels.teleport.dev/os", "desktop_labels_teleport_dev_os"),
        ] {
            assert_eq!(function(name), ident, "{name}");
        }
    }

    #[test]
    fn alike_names_are_numbered() {
        assert_eq!(
            distinct(["IP", "ip", "I.P", "parts"].into_iter(), &["parts"]),
            ["ip", "ip_2", "i_p", "parts_2"]
        );
    }
}
