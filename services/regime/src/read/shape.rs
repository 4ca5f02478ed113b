//! The two macros that declare the model: a type and the way it is read from YAML are one text.
//!
//! serde's derived readers stop at the first fault. A pack author wants all of them, so the model is read by its own
//! small trait ([`super::Shape`]): a faulty value is noted and replaced by a blank one, and reading goes on.

/// Declares a map of the model: a struct whose keys are read one by one; unknown keys are faults, `= value` makes a key optional.
/// `by KEY` says which key tells the entries of a list apart: such lists are inherited entry by entry.
#[macro_export]
macro_rules! shape {
    (
        $(#[doc = $about:literal])*
        pub struct $name:ident $(by $by:ident)? {
            $(
                $(#[doc = $doc:literal])*
                pub $field:ident $(($key:literal))? : $ty:ty $(= $default:expr)?
            ),* $(,)?
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
        pub struct $name {
            $( $(#[doc = $doc])* $(#[serde(rename = $key)])? pub $field: $ty, )*
        }

        impl $crate::read::Shape for $name {
            fn read(node: &$crate::read::Node, reader: &mut $crate::read::Reader<'_>) -> Self {
                const KEYS: &[&str] = &[$( $crate::shape!(@key $field $($key)?) ),*];
                let Some(map) = reader.map(node, KEYS) else { return Self::default() };
                Self { $( $field: $crate::shape!(@read reader, map, $crate::shape!(@key $field $($key)?), $ty $(, $default)?), )* }
            }

            fn outline() -> $crate::read::Outline {
                $crate::read::Outline::Keyed($crate::read::Keyed {
                    name: stringify!($name),
                    about: concat!($($about),*).trim(),
                    by: [$(stringify!($by),)? ""][0],
                    keys: vec![$($crate::read::Key {
                        key: $crate::shape!(@key $field $($key)?),
                        about: concat!($($doc),*).trim(),
                        optional: [$($crate::shape!(@true $default),)? false][0],
                        shape: <$ty as $crate::read::Shape>::outline(),
                    }),*],
                })
            }
        }
    };
    (@true $default:expr) => { true };
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };
    (@read $reader:ident, $map:ident, $key:expr, $ty:ty) => { $reader.required::<$ty>($map, $key) };
    (@read $reader:ident, $map:ident, $key:expr, $ty:ty, $default:expr) => {
        $reader.optional::<$ty>($map, $key).unwrap_or_else(|| $default)
    };
}

/// Declares a closed list of words: an enum with its spelling in packs, in databases and on the wire.
macro_rules! words {
    (
        $(#[doc = $about:literal])*
        pub enum $name:ident {
            $(#[doc = $first_doc:literal])* $first:ident = $first_text:literal
            $(, $(#[doc = $doc:literal])* $variant:ident = $text:literal )* $(,)?
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(#[doc = $first_doc])* #[default] $first,
            $( $(#[doc = $doc])* $variant, )*
        }

        impl $name {
            /// Every value, lowest first where the values are ordered.
            pub const ALL: &'static [Self] = &[Self::$first $(, Self::$variant)*];

            /// The spelling used in packs, in databases and on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { Self::$first => $first_text $(, Self::$variant => $text)* }
            }

            /// The value of a spelling; `None` if the word is not one of the list.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(from)?;
                Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("unknown word `{text}`")))
            }
        }

        impl $crate::read::Shape for $name {
            fn read(node: &$crate::read::Node, reader: &mut $crate::read::Reader<'_>) -> Self {
                reader.word(node, Self::ALL.iter().map(|one| (one.as_str(), *one)))
            }

            fn outline() -> $crate::read::Outline {
                $crate::read::Outline::Words($crate::read::Words {
                    name: stringify!($name),
                    about: concat!($($about),*).trim(),
                    words: vec![
                        ($first_text, concat!($($first_doc),*).trim())
                        $(, ($text, concat!($($doc),*).trim()))*
                    ],
                })
            }
        }
    };
}
