//! Which addresses are local, and the direction of an event that follows.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// A set of networks that are local.
///
/// Loopback and link-local addresses are local in every set: they are on no other network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Networks {
    /// First and last address of each range, ascending, apart from each other.
    v4: Vec<(u32, u32)>,
    v6: Vec<(u128, u128)>,
}

/// A text that is no network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadNetwork {
    /// It has not the form of one.
    Form,
    /// Bits behind the prefix are set; the network that was probably meant.
    HostBits(String),
}

impl std::fmt::Display for BadNetwork {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Form => f.write_str("no network, such as `10.0.0.0/8` or `2001:db8::/32`"),
            Self::HostBits(meant) => {
                write!(f, "the address of a host with the length of a network, which is `{meant}`")
            }
        }
    }
}

/// The private networks of RFC 1918 and RFC 4193.
const PRIVATE: [&str; 4] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];

impl Default for Networks {
    /// Those of RFC 1918 and RFC 4193.
    fn default() -> Self {
        let mut networks = Self::none();
        networks.add_private();
        networks
    }
}

impl Networks {
    /// No networks: no direction is told.
    pub const fn none() -> Self {
        Self { v4: Vec::new(), v6: Vec::new() }
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// Adds those of RFC 1918 and RFC 4193.
    pub fn add_private(&mut self) {
        for network in PRIVATE {
            // The table holds networks; a test reads them back.
            let _ = self.add(network);
        }
    }

    /// Adds a network: an address, or an address and the length of its prefix.
    ///
    /// # Errors
    /// The text is no network.
    pub fn add(&mut self, text: &str) -> Result<(), BadNetwork> {
        let (address, length) = text.split_once('/').map_or((text, None), |(one, two)| (one, Some(two)));
        let address = IpAddr::from_str(address).map_err(|_| BadNetwork::Form)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let length = match length {
            None => most,
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits
                .parse::<u32>()
                .ok()
                .filter(|length| *length <= most && digits.len() == length.to_string().len())
                .ok_or(BadNetwork::Form)?,
            Some(_) => return Err(BadNetwork::Form),
        };
        match address {
            IpAddr::V4(address) => {
                let mask = u32::MAX.checked_shr(length).unwrap_or(0);
                let first = address.to_bits() & !mask;
                if first != address.to_bits() {
                    return Err(BadNetwork::HostBits(format!(
                        "{}/{length}",
                        std::net::Ipv4Addr::from(first)
                    )));
                }
                insert(&mut self.v4, first, first | mask);
            }
            IpAddr::V6(address) => {
                let mask = u128::MAX.checked_shr(length).unwrap_or(0);
                let first = address.to_bits() & !mask;
                if first != address.to_bits() {
                    return Err(BadNetwork::HostBits(format!("{}/{length}", Ipv6Addr::from(first))));
                }
                insert(&mut self.v6, first, first | mask);
            }
        }
        Ok(())
    }

    /// The direction of an event between two addresses, such as `local-to-remote`; `None` if one of them is no host's.
    pub fn context(&self, source: IpAddr, destination: IpAddr) -> Option<&'static str> {
        Some(match (self.is_local(source)?, self.is_local(destination)?) {
            (true, true) => "local-to-local",
            (true, false) => "local-to-remote",
            (false, true) => "remote-to-local",
            (false, false) => "remote-to-remote",
        })
    }

    /// Whether a host is local; `None` for addresses that are no host's.
    fn is_local(&self, address: IpAddr) -> Option<bool> {
        match address {
            IpAddr::V4(address) => {
                if address.is_unspecified() || address.is_multicast() || address.is_broadcast() {
                    return None;
                }
                let own = address.is_loopback() || address.is_link_local();
                Some(own || holds(&self.v4, address.to_bits()))
            }
            IpAddr::V6(address) => {
                if address.is_unspecified() || address.is_multicast() {
                    return None;
                }
                let own = address.is_loopback() || address.is_unicast_link_local();
                Some(own || holds(&self.v6, address.to_bits()))
            }
        }
    }
}

/// Puts a range at its place. A network lies within another one or beside it, so ranges never overlap in part.
fn insert<T: Copy + Ord>(ranges: &mut Vec<(T, T)>, first: T, last: T) {
    if ranges.iter().any(|(from, to)| *from <= first && last <= *to) {
        return;
    }
    ranges.retain(|(from, to)| !(first <= *from && *to <= last));
    let at = ranges.partition_point(|(from, _)| *from < first);
    ranges.insert(at, (first, last));
}

fn holds<T: Copy + Ord>(ranges: &[(T, T)], address: T) -> bool {
    let next = ranges.partition_point(|(first, _)| *first <= address);
    next.checked_sub(1).and_then(|at| ranges.get(at)).is_some_and(|(_, last)| address <= *last)
}

/// Whether an address is of a range that is not routed on the internet, so that nobody can know its place.
pub(super) fn is_placeless(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                // This network, multicast, and what is reserved.
                || matches!(address.octets(), [0 | 224..=255, ..])
                // Shared between a provider and its customers, RFC 6598.
                || address.to_bits() >> 22 == 0b01_1001_0001
        }
        IpAddr::V6(address) => {
            address.to_ipv4_mapped().is_some_and(|inner| is_placeless(IpAddr::V4(inner)))
                || address.is_unique_local()
                || address.is_loopback()
                || address.is_unicast_link_local()
                || address.is_unspecified()
                || address.is_multicast()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn networks(texts: &[&str]) -> Networks {
        let mut networks = Networks::none();
        for text in texts {
            networks.add(text).unwrap();
        }
        networks
    }

    fn context(networks: &Networks, source: &str, destination: &str) -> Option<&'static str> {
        networks.context(source.parse().unwrap(), destination.parse().unwrap())
    }

    #[test]
    fn the_default_is_private_networks() {
        let default = Networks::default();
        assert_eq!(default, networks(&PRIVATE));
        for (source, destination, expected) in [
            ("10.0.0.7", "192.0.2.1", "local-to-remote"),
            ("192.0.2.1", "172.16.0.1", "remote-to-local"),
            ("172.31.255.255", "192.168.255.255", "local-to-local"),
            ("172.15.255.255", "172.32.0.0", "remote-to-remote"),
            ("fd00::1", "2001:db8::1", "local-to-remote"),
            ("2001:db8::1", "10.255.255.255", "remote-to-local"),
            ("9.255.255.255", "11.0.0.0", "remote-to-remote"),
            ("127.0.0.1", "::1", "local-to-local"),
            ("169.254.1.1", "fe80::1", "local-to-local"),
        ] {
            assert_eq!(context(&default, source, destination), Some(expected), "{source} {destination}");
        }
    }

    #[test]
    fn what_is_no_host_has_no_side() {
        for address in ["0.0.0.0", "255.255.255.255", "224.0.0.1", "::", "ff02::1"] {
            assert_eq!(context(&Networks::default(), address, "10.0.0.1"), None, "{address}");
            assert_eq!(context(&Networks::default(), "10.0.0.1", address), None, "{address}");
        }
    }

    #[test]
    fn networks_of_the_run_replace_the_default() {
        let own = networks(&["203.0.113.0/24", "2001:db8:7::/48", "198.51.100.9"]);
        assert_eq!(context(&own, "203.0.113.9", "10.0.0.1"), Some("local-to-remote"));
        assert_eq!(context(&own, "203.0.114.0", "2001:db8:7:1::1"), Some("remote-to-local"));
        assert_eq!(context(&own, "198.51.100.9", "198.51.100.8"), Some("local-to-remote"));
        assert!(Networks::none().is_empty() && !own.is_empty());
    }

    #[test]
    fn a_network_in_another_one_changes_nothing() {
        let wide = networks(&["10.0.0.0/8"]);
        assert_eq!(networks(&["10.1.0.0/16", "10.0.0.0/8", "10.2.3.4", "10.0.0.0/8"]), wide);
        assert_eq!(networks(&["0.0.0.0/0", "10.0.0.0/8"]).v4, [(0, u32::MAX)]);
        assert_eq!(networks(&["::/0", "fc00::/7"]).v6, [(0, u128::MAX)]);
    }

    #[test]
    fn texts_that_are_no_networks_are_refused() {
        for text in [
            "",
            "10",
            "10.0.0.0/",
            "10.0.0.0/33",
            "10.0.0.0/+8",
            "10.0.0.0/08",
            "::/129",
            "a/8",
            "10.0.0.0/8/8",
        ] {
            assert_eq!(Networks::none().add(text), Err(BadNetwork::Form), "{text}");
        }
        let meant = |text: &str| Networks::none().add(text).unwrap_err();
        assert_eq!(meant("10.1.2.3/8"), BadNetwork::HostBits("10.0.0.0/8".to_owned()));
        assert_eq!(meant("2001:db8::1/32"), BadNetwork::HostBits("2001:db8::/32".to_owned()));
    }

    #[test]
    fn shared_and_private_addresses_have_no_place() {
        for text in [
            "100.64.0.0",
            "100.127.255.255",
            "10.1.1.1",
            "::1",
            "fd12::1",
            "fe80::1",
            "127.9.9.9",
            "0.0.0.0",
            "0.1.2.3",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::ffff:10.1.1.1",
        ] {
            assert!(is_placeless(text.parse().unwrap()), "{text}");
        }
        for text in [
            "100.63.255.255",
            "100.128.0.0",
            "192.0.2.1",
            "2001:db8::1",
            "172.32.0.1",
            "223.0.0.1",
            "::ffff:192.0.2.1",
        ] {
            assert!(!is_placeless(text.parse().unwrap()), "{text}");
        }
    }

    proptest! {
        /// The look-up in ranges gives what comparing with every network gives.
        #[test]
        fn ranges_hold_what_the_networks_hold(
            nets in proptest::collection::vec((any::<u32>(), 0_u32..=32), 0..20),
            near in any::<proptest::sample::Index>(),
            address in any::<u32>(),
        ) {
            let mut networks = Networks::none();
            let mask = |length: u32| u32::MAX.checked_shr(length).unwrap_or(0);
            for (bits, length) in &nets {
                let first = std::net::Ipv4Addr::from(bits & !mask(*length));
                networks.add(&format!("{first}/{length}")).unwrap();
            }
            let mut addresses = vec![address];
            if !nets.is_empty() {
                let (bits, length) = *near.get(&nets);
                let (first, last) = (bits & !mask(length), bits | mask(length));
                addresses.extend([first, last, first.wrapping_sub(1), last.wrapping_add(1)]);
            }
            for address in addresses {
                let expected = nets.iter().any(|(bits, length)| address | mask(*length) == bits | mask(*length));
                prop_assert_eq!(holds(&networks.v4, address), expected);
            }
        }
    }
}
