//! The closed lists of words that packs and templates choose from.

words! {
    /// What a post may do; the rpc it opens has nearly the same name.
    pub enum Action {
        /// Open a new customer file.
        FileCreate = "file.create",
        /// Read a visible file.
        FileRead = "file.read",
        /// Change fields of a visible file.
        FileUpdate = "file.update",
        /// Hand a draft in for review.
        FileSubmit = "file.submit",
        /// Accept or send back a submitted file (P-40).
        FileReview = "file.review",
        /// Make a reviewed file effective and give it its number.
        FileActivate = "file.activate",
        /// Raise the level of a file.
        FileClassify = "file.classify",
        /// Close a file.
        FileClose = "file.close",
        /// Merge two files of one customer, and take a merge back (P-02, P-28).
        FileMerge = "file.merge",
        /// Lower the level of a file.
        FileDeclassify = "file.declassify",
        /// Hand a file over to another custodian, or move it to another unit.
        FileHandOver = "file.hand_over",
        /// Take whole files out of the house, with everything in them.
        FileExport = "file.export",
        /// Bring whole files in from elsewhere, and take back what was brought: the right to migrate.
        FileImport = "file.import",
        /// Read the register of file numbers.
        NumberList = "number.list",
        /// Void a file number with a reason (I11).
        NumberVoid = "number.void",
        /// Read the places where paper is kept, and what is in them (P-09).
        PlaceRead = "place.read",
        /// Make, name and close places.
        PlaceWrite = "place.write",
        /// Compose volumes and lay documents into them (P-92).
        VolumeCompose = "volume.compose",
        /// Read the directory of people.
        DirectoryRead = "directory.read",
        /// Create people, appoint and dismiss.
        DirectoryManage = "directory.manage",
        /// Write a letter of authorisation for one's own matters.
        DelegationCreate = "delegation.create",
        /// Write and revoke letters of authorisation for others.
        DelegationManage = "delegation.manage",
        /// Start an approval.
        ApprovalCreate = "approval.create",
        /// Read every approval of the organisation.
        ApprovalReadAll = "approval.read_all",
        /// Ask for consultation or loan of a file.
        AccessRequest = "access.request",
        /// Ask what somebody else may see.
        AccessCheck = "access.check",
        /// Revoke a grant.
        GrantRevoke = "grant.revoke",
        /// Hand out an original.
        LoanCheckOut = "loan.check_out",
        /// Take an original back and inspect it.
        LoanReturn = "loan.return",
        /// Demand an original back.
        LoanRecall = "loan.recall",
        /// Read every loan of the organisation.
        LoanReadAll = "loan.read_all",
        /// Create and activate score models.
        CreditModel = "credit.model",
        /// Evaluate a customer.
        CreditEvaluate = "credit.evaluate",
        /// Propose a credit limit.
        LimitPropose = "limit.propose",
        /// Read limits.
        LimitRead = "limit.read",
        /// Reserve, commit and release exposure.
        ExposureReserve = "exposure.reserve",
        /// Read exposure.
        ExposureRead = "exposure.read",
        /// Read the journal.
        JournalRead = "journal.read",
        /// Read what keeps files, which are due for disposal, and what holds them.
        DispositionRead = "disposition.read",
        /// Read duties.
        DutyRead = "duty.read",
        /// Complete and waive duties.
        DutyManage = "duty.manage",
        /// Read the rules of the organisation.
        PolicyRead = "policy.read",
    }
}

words! {
    /// How sensitive a field is, and the grade of a post that may read it; ordered.
    pub enum Sensitivity {
        /// Anybody who sees the file.
        Public = "public",
        /// Inside the company.
        Internal = "internal",
        /// Stored sealed.
        Confidential = "confidential",
        /// Stored sealed, for the highest grade only.
        Secret = "secret",
    }
}

words! {
    /// Who has standing need-to-know for files of a level.
    pub enum LevelStanding {
        /// Nobody: a grant is needed.
        Nobody = "nobody",
        /// The custodian only.
        Custodian = "custodian",
        /// The owning unit, and posts that stand for the whole organisation.
        Unit = "unit",
    }
}

words! {
    /// How far the standing need-to-know of a post reaches.
    pub enum PostStanding {
        /// Nowhere.
        None = "none",
        /// Files of the unit the post belongs to.
        Unit = "unit",
        /// Files of every unit.
        Org = "org",
    }
}

words! {
    /// How much of a journal a post with the action `journal.read` shows.
    pub enum JournalReach {
        /// What is about files that its holder may know of, and the holder's own acts.
        Seen = "seen",
        /// Every entry's who, when, what and on which name; the rest only of what its holder may know of.
        Org = "org",
    }
}

words! {
    /// Whose holders of a post count for a slot or a duty.
    pub enum Scope {
        /// Holders in the unit of the file or of the requester.
        Unit = "unit",
        /// Holders anywhere in the organisation.
        Org = "org",
    }
}

words! {
    /// How a level is consulted.
    pub enum ConsultMode {
        /// Nobody consults it.
        Forbidden = "forbidden",
        /// After approval of the level's matter.
        Approval = "approval",
        /// By whoever has need-to-know.
        Free = "free",
    }
}

words! {
    /// Whether originals of a level are lent.
    pub enum LoanMode {
        /// Never.
        Never = "never",
        /// After approval of the level's matter; bypass posts need none.
        Approval = "approval",
    }
}

words! {
    /// Kind of customer (P-04).
    pub enum CustomerType {
        /// Natural person.
        Individual = "individual",
        /// Sole trader, 个体工商户.
        SoleTrader = "sole_trader",
        /// Company.
        Company = "company",
        /// Public institution with legal personality, 事业法人.
        PublicInstitution = "public_institution",
        /// Government body.
        GovernmentBody = "government_body",
        /// Trading partner.
        TradingPartner = "trading_partner",
    }
}

words! {
    /// Where a field value came from (P-19).
    pub enum Channel {
        /// Visit to the customer.
        CustomerVisit = "customer_visit",
        /// Questionnaire.
        Questionnaire = "questionnaire",
        /// Signing of a contract.
        ContractSigning = "contract_signing",
        /// Sales activity.
        SalesActivity = "sales_activity",
        /// Registration on our website.
        WebsiteRegistration = "website_registration",
        /// Customer service.
        CustomerService = "customer_service",
        /// The customer's own website.
        CustomerWebsite = "customer_website",
        /// Industry report.
        IndustryReport = "industry_report",
        /// Public tender data.
        PublicTender = "public_tender",
        /// Another department.
        OtherDepartment = "other_department",
        /// Import of an existing register.
        Import = "import",
    }
}

words! {
    /// What is done by nobody alone where the pack does not say otherwise: it changes who decides, or opens what is closed.
    pub enum GuardedAct {
        /// Give somebody a post that approves, reviews, rules or reaches beyond its unit.
        PersonAppoint = "person.appoint",
        /// Lend the voice in a matter that two decide, or that decides an act.
        DelegationCreate = "delegation.create",
        /// Hand a file over where its custodian reads it.
        FileHandOver = "file.hand_over",
        /// Raise a file to a closed level.
        FileRaise = "file.raise",
        /// Anything that is done to a file of a closed level.
        FileClosed = "file.closed",
    }
}

words! {
    /// How an act is decided.
    pub enum ActMode {
        /// After approval of the act's matter.
        Approval = "approval",
        /// By whoever holds the action, alone.
        Direct = "direct",
    }
}

words! {
    /// What has happened, as far as duties hang on it.
    pub enum Trigger {
        /// First contact with a customer (P-39).
        FirstContact = "file.first_contact",
        /// A contract with the customer took effect (P-39).
        ContractEffective = "contract.effective",
        /// Something about the customer changed (P-46).
        CustomerChanged = "customer.changed",
        /// A file was handed in for review (P-40).
        FileSubmitted = "file.submitted",
        /// A file became effective.
        FileActivated = "file.activated",
        /// A file was raised to a level whose originals belong in the archive (P-112).
        FileClassified = "file.classified",
        /// A document was filed (P-113).
        DocumentFiled = "document.filed",
        /// A document was filed that lapses: the duty is due so long before its last day (P-28).
        DocumentLapses = "document.lapses",
        /// An original was handed out.
        LoanHandedOut = "loan.handed_out",
        /// The term of a loan ran out.
        LoanExpired = "loan.expired",
        /// A rating was given.
        RatingGiven = "rating.given",
        /// A record came to a stage, or was made (P-79).
        Record = "record",
        /// The calendar itself: the duty has a schedule.
        Calendar = "calendar",
    }
}

// === impl Trigger ===

impl Trigger {
    /// Whether it is something that happens to a document.
    pub const fn is_of_documents(self) -> bool {
        matches!(self, Self::DocumentFiled | Self::DocumentLapses)
    }

    /// Whether it is something that happens to a customer file.
    pub const fn is_of_files(self) -> bool {
        matches!(
            self,
            Self::FirstContact
                | Self::ContractEffective
                | Self::CustomerChanged
                | Self::FileSubmitted
                | Self::FileActivated
                | Self::FileClassified
        )
    }
}
