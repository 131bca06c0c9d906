//! Databases of both layouts, written here and read back.

use super::*;

#[path = "../../../../tests/support/mmdb.rs"]
mod mmdb;

use mmdb::{Data, database, flat, nested, text};

fn geo(bytes: Vec<u8>) -> Geo {
    let mut geo = Geo::default();
    geo.add(bytes).unwrap();
    geo
}

fn place(geo: &Geo, address: &str) -> Option<[String; 3]> {
    let place = Place::clone(&*geo.place(address.parse().unwrap())?);
    Some([place.coordinates, place.country, place.city].map(|text| text.to_string()))
}

#[expect(clippy::unnecessary_wraps, reason = "stands beside what `place` gives")]
fn some(coordinates: &str, country: &str, city: &str) -> Option<[String; 3]> {
    Some([coordinates, country, city].map(str::to_owned))
}

#[test]
fn both_layouts_are_read() {
    let nested = geo(database(
        "Acme-City",
        6,
        &[
            ("192.0.2.0/24", nested("Santa Clara", "United States", "US", 37.3526, -121.9541)),
            ("2001:db8::/32", nested("Kolkata", "India", "IN", 22.5, 88.0)),
        ],
    ));
    let flat = geo(database(
        "Acme-City-Flat",
        4,
        &[
            ("192.0.2.0/24", flat("Santa Clara", "US", 37.3526, -121.9541)),
            ("198.51.100.128/25", flat("", "GB", 51.0, -0.5)),
        ],
    ));
    // Twice: the second time out of the cache.
    for _ in 0..2 {
        for geo in [&nested, &flat] {
            assert_eq!(place(geo, "192.0.2.77"), some("37.3526,-121.9541", "United States", "Santa Clara"));
            assert_eq!(place(geo, "192.0.3.77"), None);
        }
        assert_eq!(place(&nested, "2001:db8::7"), some("22.5,88", "India", "Kolkata"));
        assert_eq!(place(&nested, "2001:db9::7"), None);
        assert_eq!(place(&flat, "198.51.100.200"), some("51,-0.5", "United Kingdom", ""));
        assert_eq!(place(&flat, "198.51.100.100"), None);
        assert_eq!(place(&flat, "2001:db8::7"), None, "the database holds addresses of version 4 only");
    }
}

#[test]
fn databases_are_asked_in_order() {
    let mut geo = geo(database("first", 4, &[("192.0.2.0/24", flat("Oslo", "NO", 60.0, 10.5))]));
    geo.add(database(
        "second",
        6,
        &[
            ("192.0.0.0/16", flat("Bergen", "NO", 60.5, 5.5)),
            ("2001:db8::/32", flat("Pune", "IN", 18.5, 74.0)),
        ],
    ))
    .unwrap();
    assert_eq!(place(&geo, "192.0.2.1").unwrap()[2], "Oslo");
    assert_eq!(place(&geo, "192.0.3.1").unwrap()[2], "Bergen");
    assert_eq!(place(&geo, "2001:db8::1").unwrap()[2], "Pune");
}

#[test]
fn what_is_half_known_is_half_told() {
    let country = |members: Vec<(&'static str, Data)>| Data::Map(vec![("country", Data::Map(members))]);
    let of = |record: Data| {
        let held = flat("Oslo", "NO", 60.0, 10.5);
        place(&geo(database("t", 4, &[("198.51.100.0/24", held), ("192.0.2.0/24", record)])), "192.0.2.1")
    };
    assert_eq!(of(country(vec![("iso_code", text("IN"))])), some("", "India", ""), "a code without names");
    assert_eq!(of(Data::Map(vec![("country", text("GB"))])), some("", "United Kingdom", ""));
    assert_eq!(of(Data::Map(vec![("country", text("Ruritania"))])), some("", "Ruritania", ""));
    assert_eq!(of(flat("Oslo", "ZZ", 91.0, 10.0)), some("", "", "Oslo"), "no such country, no such place");
    assert_eq!(of(Data::Map(vec![("latitude", Data::Double(1.5))])), None, "one half of a place is none");
    let texts = vec![("latitude", text("-1.50")), ("longitude", text("170"))];
    assert_eq!(of(Data::Map(texts)), some("-1.5,170", "", ""));
    assert_eq!(
        of(Data::Map(vec![("city", Data::List(vec![text("a")])), ("country_code", text("NO"))])),
        some("", "Norway", "")
    );
    assert_eq!(of(text("Oslo")), None, "a record that is no map");
}

#[test]
fn private_addresses_have_no_place_even_if_a_database_has_one() {
    let oslo = flat("Oslo", "NO", 60.0, 10.5);
    let geo = geo(database("t", 6, &[("0.0.0.0/0", oslo.clone()), ("8000::/1", oslo)]));
    for address in [
        "10.0.0.1",
        "172.16.1.1",
        "192.168.1.1",
        "127.0.0.1",
        "169.254.0.1",
        "100.64.0.1",
        "fd00::1",
        "fe80::1",
    ] {
        assert_eq!(place(&geo, address), None, "{address}");
    }
    assert!(place(&geo, "192.0.2.1").is_some() && place(&geo, "a000::1").is_some());
}

#[test]
fn other_files_are_refused() {
    let refused = |bytes: Vec<u8>| Geo::default().add(bytes).unwrap_err().to_string();
    assert!(refused(b"user,userStatus\n".to_vec()).starts_with("no database in MaxMind's format: "));
    let asn = Data::Map(vec![("autonomous_system_number", Data::Unsigned(64496))]);
    assert_eq!(
        refused(database("Acme-ASN", 4, &[("192.0.2.0/24", asn)])),
        "the database `Acme-ASN` holds neither cities, countries nor coordinates"
    );
    let whole = database("t", 4, &[("192.0.2.0/24", flat("Oslo", "NO", 60.0, 10.5))]);
    for end in 0..whole.len() {
        assert!(Geo::default().add(whole[..end].to_vec()).is_err(), "cut at byte {end}");
    }
}

/// More places than slots: those that found none are right too, and so is each on the way out of the cache.
#[test]
fn the_cache_has_an_end_and_changes_no_answer() {
    let cities: Vec<String> =
        (0..u32::try_from(PLACES).unwrap() + 5000).map(|number| format!("city {number}")).collect();
    let nets: Vec<String> = (0_u32..)
        .zip(&cities)
        .map(|(number, _)| format!("{}/32", Ipv4Addr::from(0x0b00_0000 + number)))
        .collect();
    let networks: Vec<(&str, Data)> = nets
        .iter()
        .zip(&cities)
        .map(|(net, city)| (net.as_str(), Data::Map(vec![("city", text(city))])))
        .collect();
    let geo = geo(database("t", 4, &networks));
    for _ in 0..2 {
        for (number, city) in (0_u32..).zip(&cities) {
            let found = geo.place(IpAddr::V4(Ipv4Addr::from(0x0b00_0000 + number))).unwrap();
            assert_eq!(*found.city, **city);
        }
    }
    let kept = geo.0[0].places.iter().filter(|slot| slot.get().is_some()).count();
    assert!((PLACES / 2..=PLACES).contains(&kept), "{kept} places kept");
}

#[test]
fn threads_share_the_cache() {
    let nets: Vec<String> = (0..256).map(|number| format!("198.18.{number}.0/24")).collect();
    let cities: Vec<String> = (0..256).map(|number| format!("city {}", number % 100)).collect();
    let networks: Vec<(&str, Data)> = nets
        .iter()
        .zip(&cities)
        .map(|(net, city)| (net.as_str(), Data::Map(vec![("city", text(city))])))
        .collect();
    let geo = geo(database("t", 4, &networks));
    std::thread::scope(|scope| {
        for thread in 0..4_u8 {
            let (geo, cities) = (&geo, &cities);
            scope.spawn(move || {
                for round in 0..20_u8 {
                    for third in 0..=255_u8 {
                        let address = Ipv4Addr::new(198, 18, third, thread.wrapping_mul(round));
                        assert_eq!(*geo.place(address.into()).unwrap().city, *cities[usize::from(third)]);
                    }
                }
            });
        }
    });
}
