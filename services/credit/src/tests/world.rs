//! A credit service on a store of its own, with people and files that it learned from journals.

use std::sync::Arc;

use dossier_authority::Base;
use dossier_authority::store::rules;
use dossier_journal::{Apply, Disclosures, Recorder, Wake};
use dossier_kernel::auth::{Auth, Caller, Orgs};
use dossier_kernel::call::Providers;
use dossier_kernel::clock::{Clock, Manual};
use dossier_kernel::config::Config;
use dossier_kernel::db::{Db, Settings, migrate};
use dossier_kernel::error::{Reason, reason_of};
use dossier_kernel::id::Seeded;
use dossier_kernel::link::Link;
use dossier_kernel::mutation::Mutations;
use dossier_kernel::time::to_proto;
use dossier_kernel::{sql, transact};
use dossier_proto::access::v1::ApprovalState;
use dossier_proto::credit::v1 as pb;
use dossier_proto::credit::v1::exposure_service_client::ExposureServiceClient;
use dossier_proto::credit::v1::limit_service_client::LimitServiceClient;
use dossier_proto::credit::v1::rating_service_client::RatingServiceClient;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{AppointmentChanged, ApprovalChanged, EntryBody, Event, FileChanged, PersonChanged};
use dossier_proto::types::{CustomerType, Money};
use dossier_regime::Regimes;
use dossier_vault::tombstone::Tombstones;
use dossier_vault::{Keyring, Replies, Vault};
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::service::Routes;
use tonic::{Request, Status};
use uuid::Uuid;

use super::access::Access;
use crate::work::follow::Feed;
use crate::{Credit, group_commit};

pub(super) struct World {
    pub base: Base,
    pub clock: Arc<Manual>,
    pub access: Access,
    pub routes: Routes,
    _dir: tempfile::TempDir,
}

/// An active, complete file on the lowest level.
pub(super) const CUSTOMER: Uuid = Uuid::from_u128(0xc1);
/// One that the analyst is not cleared for.
pub(super) const SECRET: Uuid = Uuid::from_u128(0xc2);
/// One that is still a draft.
pub(super) const DRAFT: Uuid = Uuid::from_u128(0xc3);
/// One that is active but lacks required fields.
pub(super) const INCOMPLETE: Uuid = Uuid::from_u128(0xc4);

const PEOPLE: [(&str, &str, &str); 5] = [
    ("analyst", "credit_analyst", "finance"),
    ("finance-director", "finance_director", "finance"),
    ("sales-1", "sales_staff", "sales"),
    ("auditor", "auditor", "finance"),
    ("archivist", "archivist", "general-office"),
];

// === impl World ===

impl World {
    pub(super) async fn new() -> Self {
        Self::with(group_commit::Settings::default(), Vec::new()).await
    }

    pub(super) async fn with(settings: group_commit::Settings, extra: Vec<String>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Manual::at("2026-03-02T01:30:00Z".parse().unwrap());
        let providers = Providers { clock: clock.clone(), ids: Seeded::new(1, clock.clone()) };
        let url = std::env::var("DOSSIER_TEST_CREDIT_URL");
        let settings_of_db = Settings::new(url.unwrap_or(format!("sqlite:{}", dir.path().join("db").display())));
        let base = base(&dir, Db::open(&settings_of_db).await.unwrap(), providers.clone()).await;
        let config = Config::embedded(dir.path()).unwrap();
        let auth = Auth::open(&config, Orgs::new(["demo"]), &["profile", "access", "credit"], &providers).unwrap();
        let access = Access::default();
        let link = Link::local("access", access.door(), &config.peers, auth.tokens("credit"));
        let credit = Credit::new(base.clone(), link, CancellationToken::new()).with_group_commit(settings);
        let world = Self { routes: credit.routes(), access, clock, base, _dir: dir };
        world.people(&extra).await;
        world.files().await;
        world
    }

    async fn people(&self, extra: &[String]) {
        let more = extra.iter().map(|subject| (subject.as_str(), "credit_analyst", "finance"));
        for (subject, post, unit) in PEOPLE.into_iter().chain(more) {
            let (person, subject) = (person(subject), subject.to_owned());
            let entered = PersonChanged { person: person.clone(), subject: subject.clone(), active: true };
            self.hear("access", Kind::PersonChanged(entered)).await;
            let appointed = AppointmentChanged {
                appointment: Uuid::from_u128(hash(&subject) + 1).to_string(),
                person,
                post: post.into(),
                unit: unit.into(),
                valid_from: Some(to_proto(Timestamp::UNIX_EPOCH)),
                ..Default::default()
            };
            self.hear("access", Kind::AppointmentChanged(appointed)).await;
        }
    }

    async fn files(&self) {
        let pack = self.base.pack("demo").unwrap();
        let low = pack.lowest_level().to_owned();
        let high = pack.levels.iter().rev().find(|level| !level.closed).unwrap().id.clone();
        let (active, draft) = ("CUSTOMER_FILE_STATE_ACTIVE", "CUSTOMER_FILE_STATE_DRAFT");
        for (id, level, state, complete) in [
            (CUSTOMER, &low, active, true),
            (SECRET, &high, active, true),
            (DRAFT, &low, draft, true),
            (INCOMPLETE, &low, active, false),
        ] {
            let changed = FileChanged {
                file: file(id),
                level: level.clone(),
                unit: "sales".into(),
                custodian: person("finance-director"),
                state: state.into(),
                customer_type: CustomerType::Company.into(),
                revision: 1,
                complete,
                ..Default::default()
            };
            self.hear("profile", Kind::FileChanged(changed)).await;
        }
    }

    /// Applies one entry of another service's journal.
    pub(super) async fn hear(&self, service: &str, kind: Kind) {
        let entry = EntryBody {
            id: Uuid::from_u128(1).to_string(),
            org: "demo".into(),
            service: service.into(),
            time: Some(to_proto(self.clock.now())),
            event: Some(Event { kind: Some(kind) }),
            ..Default::default()
        };
        let feed = Feed(self.base.clone());
        transact!(self.base.db, tx => feed.apply(tx, 1, &entry).await).unwrap();
    }

    /// What access's journal says of the approval of a limit.
    pub(super) async fn decided(&self, approval: &str, limit: &str, digest: &[u8], state: ApprovalState) {
        let moved = ApprovalChanged {
            approval: approval.into(),
            matter: "credit.limit".into(),
            subject: limit.into(),
            content_digest: digest.to_vec(),
            state: state.as_str_name().into(),
            requester: person("analyst"),
            ..Default::default()
        };
        self.hear("access", Kind::ApprovalChanged(moved)).await;
    }

    pub(super) fn ratings(&self) -> RatingServiceClient<Routes> {
        RatingServiceClient::new(self.routes.clone())
    }

    pub(super) fn limits(&self) -> LimitServiceClient<Routes> {
        LimitServiceClient::new(self.routes.clone())
    }

    pub(super) fn exposures(&self) -> ExposureServiceClient<Routes> {
        ExposureServiceClient::new(self.routes.clone())
    }

    pub(super) fn later(&self, hours: i64) -> prost_types::Timestamp {
        to_proto(self.clock.now() + SignedDuration::from_hours(hours))
    }

    pub(super) async fn count(&self, text: &'static str) -> i64 {
        let mut tx = self.base.db.read().await.unwrap();
        sql!(&mut tx, fetch_one as (i64,), text, "demo").unwrap().0
    }

    /// How many entries of this action the journal holds.
    pub(super) async fn entries(&self, action: &str) -> i64 {
        let mut tx = self.base.db.read().await.unwrap();
        let text = "SELECT COUNT(*) FROM journal_entry WHERE org = $1 AND action = $2";
        sql!(&mut tx, fetch_one as (i64,), text, "demo", action).unwrap().0
    }

    /// An active model of the German card.
    pub(super) async fn model(&self) -> pb::ScoreModel {
        let made = self.ratings().create_score_model(by("analyst", german())).await.unwrap().into_inner();
        let activate = pb::ActivateScoreModelRequest { name: made.name, etag: made.etag, ..Default::default() };
        self.ratings().activate_score_model(by("analyst", activate)).await.unwrap().into_inner()
    }

    /// A rating of the customer.
    pub(super) async fn rating(&self, customer: Uuid) -> pb::Rating {
        let request =
            pb::EvaluateCustomerRequest { customer: file(customer), inputs: first_applicant(), ..Default::default() };
        self.ratings().evaluate_customer(by("analyst", request)).await.unwrap().into_inner()
    }

    /// A limit of the customer in force.
    pub(super) async fn limit(&self, minor: i64) -> pb::Limit {
        if self.count("SELECT COUNT(*) FROM score_model WHERE org = $1").await == 0 {
            self.model().await;
        }
        let rating = self.rating(CUSTOMER).await.name;
        let request = self.proposal(minor, &rating);
        let draft = self.limits().propose_limit(by("analyst", request)).await.unwrap().into_inner();
        let submit = pb::SubmitLimitRequest { name: draft.name, ..Default::default() };
        let sent = self.limits().submit_limit(by("analyst", submit)).await.unwrap().into_inner();
        self.decided(&sent.approval, &sent.name, &sent.content_digest, ApprovalState::Approved).await;
        let get = pb::GetLimitRequest { name: sent.name };
        self.limits().get_limit(by("analyst", get)).await.unwrap().into_inner()
    }

    pub(super) fn proposal(&self, minor: i64, rating: &str) -> pb::ProposeLimitRequest {
        pb::ProposeLimitRequest {
            customer: file(CUSTOMER),
            amount: Some(yuan(minor)),
            payment_terms: "30 days net".into(),
            valid_until: Some(self.later(24 * 30)),
            rating: rating.into(),
            justification: "steady orders".into(),
            ..Default::default()
        }
    }

    pub(super) async fn exposure(&self) -> [i64; 4] {
        let request = pb::GetExposureRequest { customer: file(CUSTOMER) };
        let found = self.exposures().get_exposure(by("analyst", request)).await.unwrap().into_inner();
        [found.limit_amount, found.drawn, found.held, found.available].map(|money| money.unwrap().minor_units)
    }
}

async fn base(dir: &tempfile::TempDir, db: Db, providers: Providers) -> Base {
    let owners = [
        &dossier_kernel::MIGRATIONS,
        &dossier_journal::MIGRATIONS,
        &dossier_authority::MIGRATIONS,
        &dossier_vault::MIGRATIONS,
        &crate::MIGRATIONS,
    ];
    migrate(&db, &owners).await.unwrap();
    let provider: Arc<dyn dossier_vault::KeyProvider> =
        Arc::new(Keyring::create(&dir.path().join("keys"), &*providers.ids).unwrap());
    let tombstones = Tombstones::open(dir.path().join("tombstones")).unwrap();
    let sealer = Arc::new(Replies::new(provider.clone(), providers.ids.clone()).unwrap());
    let (wake, regimes) = (Wake::default(), Regimes::shipped().unwrap());
    rules::sync(&db, "demo", regimes.tenant("demo").unwrap().pack()).await.unwrap();
    Base {
        service: "credit",
        regimes: Arc::new(regimes),
        turning: Arc::default(),
        vault: Vault::new(provider, providers.ids.clone(), tombstones),
        mutations: Mutations::new(db.clone(), sealer, providers.clone()),
        recorder: Recorder::new("credit", providers.clone()),
        freshness: Default::default(),
        doubts: Default::default(),
        memo: dossier_authority::Memo::default(),
        watches: dossier_kernel::slots::Slots::new(64),
        strangers: dossier_authority::Strangers::default(),
        disclosures: Disclosures::start(&db, &wake, Default::default(), &TaskTracker::new()),
        wake,
        bus: dossier_kernel::bus::open(&Default::default(), Vec::new()).unwrap(),
        providers,
        db,
    }
}

pub(super) fn by<T>(subject: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let caller = Caller {
        org: "demo".into(),
        subject: subject.into(),
        service: false,
        issuer: "test".into(),
        expires: Timestamp::MAX,
    };
    request.metadata_mut().insert("authorization", format!("Bearer of {subject}").parse().unwrap());
    request.extensions_mut().insert(caller);
    request
}

pub(super) fn reason<T: std::fmt::Debug>(answer: Result<T, Status>) -> Option<Reason> {
    reason_of(&answer.unwrap_err())
}

/// The fields that a refusal names.
pub(super) fn fields<T: std::fmt::Debug>(answer: Result<T, Status>) -> Vec<String> {
    use tonic_types::StatusExt;
    let details = answer.unwrap_err().get_error_details();
    details.bad_request().unwrap().field_violations.iter().map(|one| one.field.clone()).collect()
}

pub(super) fn file(id: Uuid) -> String {
    format!("files/{id}")
}

pub(super) fn person(subject: &str) -> String {
    format!("persons/{}", Uuid::from_u128(hash(subject)))
}

fn hash(text: &str) -> u128 {
    text.bytes().fold(7, |hash: u128, byte| (hash * 1_000_003 + u128::from(byte)) & (u128::MAX >> 40)) << 4
}

pub(super) fn yuan(minor: i64) -> Money {
    Money { minor_units: minor, currency_code: "CNY".into() }
}

/// The request that enters the German card.
pub(super) fn german() -> pb::CreateScoreModelRequest {
    let text = include_str!("../../../../tests/data/german-credit/scorecard.json");
    let draft = crate::domain::score_model::Card::draft_from_json(text).unwrap();
    let (card, title) = ("german-credit".into(), "German credit".into());
    let score_model = Some(pb::ScoreModel { card, title, ..crate::model_of(&draft) });
    pb::CreateScoreModelRequest { score_model, reason: "first card".into(), ..Default::default() }
}

/// The inputs of the set's first row, whose score is 568.0.
pub(super) fn first_applicant() -> std::collections::BTreeMap<String, String> {
    let text = include_str!("../../../../tests/data/german-credit/applicants.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let row = reader.records().next().unwrap().unwrap();
    header.iter().zip(row.iter()).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
