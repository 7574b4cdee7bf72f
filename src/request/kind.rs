//! What the values are that go to JavaScript. `lib/wire/kinds.js` has the same kinds: a test of each side compares its own
//! with those in `__test__/fixtures/wire.json`.

/// Makes the kinds, and the table of them, of one list: neither has one that the other lacks.
macro_rules! kinds {
    ($($(#[$about:meta])* $name:ident = $number:literal,)*) => {
        /// What a response, or a piece of a result, is. Its number stands before its values.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub(crate) enum ResponseKind {
            $($(#[$about])* $name = $number,)*
        }

        impl ResponseKind {
            /// All kinds, each with its name.
            #[cfg(test)]
            pub(super) const ALL: &[(&str, Self)] = &[$((stringify!($name), Self::$name),)*];
        }
    };
}

kinds! {
    Failure = 0,
    #[default]
    Data = 1,
    Event = 2,
    Events = 3,
    PieceOfEvents = 4,
    PieceOfValues = 5,
    Result = 6,
    PieceOfPlacedEvents = 7,
    DuplicateEvent = 8,
    DuplicateEvents = 9,
    ListOfEvents = 10,
    DuplicateListOfEvents = 11,
    List = 12,
    Json = 13,
    KeptEvent = 14,
    DuplicateKeptEvent = 15,
}

impl ResponseKind {
    /// The number that stands for it.
    pub(crate) const fn number(self) -> u8 {
        self as u8
    }
}
