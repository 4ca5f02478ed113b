//! Record kinds: the papers that are filled in on a day and stay in a file (P-47, P-55).

shape! {
    /// A kind of record. Its lists are the rights: no action of a post is asked besides.
    pub struct RecordKind by id {
        /// Id, unique in the pack.
        pub id: String,
        /// Name in the company's language.
        pub label: String,
        /// Template of its form.
        pub template: String,
        /// Posts whose holders make one.
        pub create: Vec<String>,
        /// Posts whose holders change one; none: nobody changes it.
        pub edit: Vec<String> = Vec::new(),
        /// How many of it a file may have.
        pub limit: RecordLimit = RecordLimit::Many,
        /// Its stages in order; a new record stands in the first.
        pub stages: Vec<Stage>,
    }
}

shape! {
    /// A stage of a record.
    pub struct Stage by id {
        /// Id within the kind.
        pub id: String,
        /// Name in the company's language.
        pub label: String,
    }
}

words! {
    /// How many records of a kind a file may have.
    pub enum RecordLimit {
        /// As many as there are occasions.
        Many = "many",
        /// One.
        Once = "once",
    }
}
