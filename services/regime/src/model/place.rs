//! Kinds of place: where paper is kept, and what may be laid there (P-09, P-10, P-103, C-31).

words! {
    /// What is physical, and in one place and one hand.
    pub enum ItemKind {
        /// The paper of a file.
        Paper = "paper",
        /// A document on paper.
        Document = "document",
        /// A document that is kept like cash (C-29).
        Valuable = "valuable",
        /// A volume that was closed.
        Volume = "volume",
    }
}

shape! {
    /// A kind of place, such as a room, a cabinet, a bag. A pack that has none keeps no custody.
    pub struct PlaceKind by id {
        /// Id, unique in the pack.
        pub id: String,
        /// Name in the company's language.
        pub label: String,
        /// The kinds of place that it stands in; none: it stands by itself.
        pub within("in"): Vec<String> = Vec::new(),
        /// What is laid there; none: nothing but other places.
        pub takes: Vec<ItemKind> = Vec::new(),
        /// Most items in one (P-09); absent: any number.
        pub holds: Option<u32> = None,
        /// Axes of classification of which all files in one have the same label, such as `region` (P-09).
        pub by: Vec<String> = Vec::new(),
    }
}
