//! Organisation files: which company lives under which pack, and its first people.

shape! {
    /// A company: its id, its pack, its units and first people.
    pub struct Organisation {
        /// Short id, the first column of every key; 1 to 32 of `a-z 0-9 -`.
        pub org: String,
        /// Name in the company's language.
        pub label: String,
        /// Id of its pack, for example `R36`.
        pub pack: String,
        /// Units: departments, or companies with departments below them.
        pub units: Vec<Unit>,
        /// People the directory starts with.
        pub people: Vec<FirstPerson>,
        /// Templates besides those of the pack.
        pub extra_templates: Vec<String> = Vec::new(),
    }
}

shape! {
    /// A company of a group, a department, or what else has people; units stand one below another.
    pub struct Unit by id {
        /// Id within the organisation.
        pub id: String,
        /// Name in the company's language.
        pub label: String,
        /// The unit that it stands below; absent: it stands at the top.
        pub parent: Option<String> = None,
        /// What it is, for example `company` or `department`.
        pub kind: Option<String> = None,
    }
}

shape! {
    /// Somebody the directory starts with.
    pub struct FirstPerson by subject {
        /// `sub` of the token that this human comes with; unique in the organisation.
        pub subject: String,
        /// Name shown.
        pub name: String,
        /// Posts held.
        pub appointments: Vec<FirstAppointment>,
    }
}

shape! {
    /// A post held in a unit.
    pub struct FirstAppointment {
        /// Id of the post.
        pub post: String,
        /// Id of the unit.
        pub unit: String,
    }
}

// === impl Organisation ===

impl Organisation {
    /// The unit of this id.
    pub fn unit(&self, id: &str) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.id == id)
    }

    /// The units above one, the nearest first.
    pub fn above<'o>(&'o self, unit: &str) -> Vec<&'o Unit> {
        let mut above: Vec<&Unit> = Vec::new();
        let mut next = self.unit(unit).and_then(|unit| unit.parent.as_ref());
        while let Some(unit) = next.and_then(|id| self.unit(id)) {
            // A file with a round is refused; whoever walks it before that comes to an end all the same.
            if above.iter().any(|one| one.id == unit.id) {
                break;
            }
            above.push(unit);
            next = unit.parent.as_ref();
        }
        above
    }

    /// Every unit with the number of units above it, each before those that stand below it.
    pub fn tree(&self) -> Vec<(usize, &Unit)> {
        let mut tree = Vec::new();
        self.below(None, &mut tree);
        tree
    }

    fn below<'o>(&'o self, parent: Option<&String>, tree: &mut Vec<(usize, &'o Unit)>) {
        for unit in self.units.iter().filter(|unit| unit.parent.as_ref() == parent) {
            tree.push((self.above(&unit.id).len(), unit));
            self.below(Some(&unit.id), tree);
        }
    }

    /// The first person with this subject.
    pub fn person(&self, subject: &str) -> Option<&FirstPerson> {
        self.people.iter().find(|person| person.subject == subject)
    }
}
