//! What of the catalogue of requirements a pack carries, and what of it still waits.

shape! {
    /// A requirement that the rule book makes, and what of the pack carries it.
    pub struct Requirement by id {
        /// Its id in the catalogue, such as `P-79`.
        pub id: String,
        /// What of the pack carries it, each by its path, such as `records.return_visit` or `completeness.gates.archive`.
        pub by: Vec<String> = Vec::new(),
        /// What it waits for, in a word or two, such as `documents`; beside `by` only a part of it waits.
        pub waits: Option<String> = None,
    }
}
