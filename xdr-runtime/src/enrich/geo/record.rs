//! A record of a database, in either layout.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Place;
use crate::enrich::countries;

/// What a record says of a place; all else in it is passed over.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Record<'a> {
    /// Nested: a map; flat: a text.
    #[serde(borrow)]
    city: Named<'a>,
    /// Nested: a map; flat: a code or a name.
    #[serde(borrow)]
    country: Named<'a>,
    location: Location,
    #[serde(borrow)]
    country_code: Named<'a>,
    latitude: Degrees,
    longitude: Degrees,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Location {
    latitude: Degrees,
    longitude: Degrees,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Inner<'a> {
    #[serde(borrow)]
    names: Names<'a>,
    #[serde(borrow)]
    iso_code: Named<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Names<'a> {
    #[serde(borrow)]
    en: Named<'a>,
}

/// A text, or a map with names and a code.
#[derive(Debug, Default)]
struct Named<'a> {
    name: &'a str,
    code: &'a str,
}

impl<'de: 'a, 'a> Deserialize<'de> for Named<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any<'a>(PhantomData<&'a ()>);

        impl<'de: 'a, 'a> Visitor<'de> for Any<'a> {
            type Value = Named<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }
            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Named<'a>, E> {
                Ok(Named { name, code: "" })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Named<'a>, A::Error> {
                let inner = Inner::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Named { name: inner.names.en.name, code: inner.iso_code.name })
            }
            // Whatever else has this key is no name.
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Named<'a>, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Named::default())
            }
            fn visit_u64<E>(self, _: u64) -> Result<Named<'a>, E> {
                Ok(Named::default())
            }
            fn visit_bool<E>(self, _: bool) -> Result<Named<'a>, E> {
                Ok(Named::default())
            }
        }

        deserializer.deserialize_any(Any(PhantomData))
    }
}

/// A number of degrees as it is printed, with the digits that the database holds.
#[derive(Debug, Default)]
struct Degrees(Option<(f64, String)>);

impl<'de> Deserialize<'de> for Degrees {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;

        impl Visitor<'_> for Number {
            type Value = Degrees;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("degrees")
            }
            fn visit_f64<E>(self, number: f64) -> Result<Degrees, E> {
                Ok(Degrees(Some((number, number.to_string()))))
            }
            // Printed as what it is: as a wider number it would get digits that nobody wrote.
            fn visit_f32<E>(self, number: f32) -> Result<Degrees, E> {
                Ok(Degrees(Some((number.into(), number.to_string()))))
            }
            fn visit_str<E>(self, text: &str) -> Result<Degrees, E> {
                Ok(Degrees(text.parse::<f64>().ok().map(|number| (number, number.to_string()))))
            }
            fn visit_i32<E>(self, number: i32) -> Result<Degrees, E> {
                Ok(Degrees(Some((number.into(), number.to_string()))))
            }
            fn visit_u32<E>(self, number: u32) -> Result<Degrees, E> {
                Ok(Degrees(Some((number.into(), number.to_string()))))
            }
        }

        deserializer.deserialize_any(Number)
    }
}

impl Record<'_> {
    pub(super) fn place(self) -> Place {
        let Self { city, country, location, country_code, latitude, longitude } = self;
        let code = [country.code, country_code.name, country.name].into_iter().find(|code| !code.is_empty());
        let named = code.and_then(countries::name);
        // A name that the database itself has goes before ours; a code is none.
        let own = Some(country.name).filter(|name| !name.is_empty() && countries::name(name).is_none());
        let nested = location.coordinates();
        Place {
            coordinates: nested.or_else(|| coordinates(latitude, longitude)).unwrap_or_default().into(),
            country: own.or(named).unwrap_or_default().into(),
            city: city.name.into(),
        }
    }
}

impl Location {
    fn coordinates(self) -> Option<String> {
        coordinates(self.latitude, self.longitude)
    }
}

fn coordinates(latitude: Degrees, longitude: Degrees) -> Option<String> {
    let ((north, latitude), (east, longitude)) = (latitude.0?, longitude.0?);
    ((-90.0..=90.0).contains(&north) && (-180.0..=180.0).contains(&east))
        .then(|| format!("{latitude},{longitude}"))
}
