//! One generated file after the other, as the service would have written it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use dossier_kernel::call::Providers;
use dossier_kernel::faults::Faults;
use dossier_profile::content::{Content, Seal, tokens, unit_token};
use dossier_profile::domain::changed::{Rules, Writing, of_new};
use dossier_profile::domain::classification;
use dossier_profile::domain::completeness::whole;
use dossier_profile::domain::custody::Custody;
use dossier_profile::domain::customer_file::{CustomerFile, State};
use dossier_profile::domain::field_visibility::UNIT_REF;
use dossier_profile::domain::form::plain;
use dossier_profile::domain::origin::Origin;
use dossier_profile::domain::ties::Ties;
use dossier_profile::store::token::Tokens;
use dossier_proto::types::field_value::Value;
use dossier_proto::types::{Choice, FieldValue};
use dossier_regime::{CustomerType, Regimes, Template, Tenant};
use dossier_vault::provider::WrapPlace;
use dossier_vault::tombstone::Tombstones;
use dossier_vault::{DataKey, Keyring, Purpose, SharedProvider, Vault};
use jiff::Timestamp;
use uuid::Uuid;

use super::records;
use super::tables::{Batch, Tables};
use crate::ground::{Fault, Result};
use crate::measure::mixed;
use crate::rules;
use crate::scene::ORG;

/// 2024-01-01, in milliseconds: generated files are older than those that the service makes.
const FIRST: u64 = 1_704_067_200_000;
/// Milliseconds from one file to the next.
const PACE: u64 = 60;

/// Makes files.
#[derive(Debug)]
pub(super) struct Maker {
    rules: Regimes,
    vault: Vault,
    provider: SharedProvider,
    pub(super) providers: Providers,
    root: Uuid,
    pub(super) author: Uuid,
}

/// The id of generated file number `n`: UUIDv7, ordered by `n`.
pub(super) fn id(n: u64) -> Uuid {
    drawn(instant(n), n ^ 0x5eed)
}

/// The instant of generated file number `n`, in milliseconds.
pub(super) fn instant(n: u64) -> u64 {
    FIRST + n * PACE
}

/// A UUIDv7 of that instant; the rest looks random and depends on `seed` alone.
pub(super) fn drawn(millis: u64, seed: u64) -> Uuid {
    let mut tail = [0; 10];
    tail[..8].copy_from_slice(&mixed(seed).to_be_bytes());
    uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
}

// === impl Maker ===

impl Maker {
    /// A maker with the keys in `data`, in the name of `author`.
    pub(super) fn open(data: &Path, author: Uuid) -> Result<Self> {
        let providers = Providers::system();
        let keyring = Keyring::open(&data.join("keyring.json")).map_err(Fault::new)?;
        let provider: SharedProvider = Arc::new(keyring);
        let tombstones = Tombstones::open(data.join("tombstones.jsonl")).map_err(Fault::new)?;
        let vault = Vault::new(provider.clone(), providers.ids.clone(), tombstones);
        let root = provider.newest(Purpose::Seal).map_err(Fault::new)?;
        Ok(Self { rules: rules::regimes()?, vault, provider, providers, root, author })
    }

    /// Files number `from` to `until` (not included).
    pub(super) fn batch(&self, from: u64, until: u64) -> Result<Batch> {
        let mut made = Tables::new();
        for n in from..until {
            self.file(n, &mut made).map_err(|fault| fault.within(format!("file {n}")))?;
        }
        Ok(made.batch())
    }

    fn file(&self, n: u64, made: &mut Tables) -> Result<()> {
        let tenant = self.rules.tenant(ORG).ok_or_else(|| Fault::new("no such organisation"))?;
        let template = tenant.template("customer_core").ok_or_else(|| Fault::new("no such template"))?;
        let id = id(n);
        let key = self.key(id, made)?;
        let seal = Seal::new(&self.vault, ORG, id, key);
        let unit_ref = format!("GEN-{n:09}");
        let token = unit_token(&self.vault, ORG, &unit_ref).map_err(Fault::new)?.unwrap_or_default();
        let writing = self.writing(n, tenant, template)?;
        let content = Content::default().after(&writing, template, &seal).map_err(Fault::new)?;
        let file = self.header(n, tenant, template, &writing, &content);
        let sealed = seal.close(UNIT_REF, unit_ref.as_bytes()).map_err(Fault::new)?;
        made.push_file(&file, sealed, token.clone());
        made.push_revision(&file, &writing, &content);
        made.push_numbers(n, &file, token.clone());
        if records::has(n) {
            self.records(n, &file, &seal, tenant, &mut made.papers)?;
        }
        self.index(n, &file, template, &writing, &token, made)
    }

    fn key(&self, file: Uuid, made: &mut Tables) -> Result<Arc<DataKey>> {
        let ids = &*self.providers.ids;
        let (key_id, secret) = (ids.uuid(), DataKey::draw(ids).map_err(Fault::new)?);
        let place = WrapPlace { org: ORG, file, key_id };
        let wrapped = self.provider.wrap(&place, &secret, ids).map_err(Fault::new)?;
        made.push_key(file, key_id, self.root, wrapped, time(0));
        Ok(Arc::new(DataKey::new(key_id, &secret)))
    }

    fn writing(&self, n: u64, tenant: &Tenant, template: &Template) -> Result<Writing> {
        let fields: BTreeMap<_, _> =
            fields(n).into_iter().map(|(key, text)| (key.to_owned(), value(key, text))).collect();
        let origin = Origin { pack: tenant.pack(), today: tenant.day(time(n)), writer: self.author };
        let rules = Rules { origin, template, customer: Some(CustomerType::Company), own: true };
        let mut faults = Faults::default();
        let writing = of_new(rules, &fields, &BTreeMap::new(), "", &mut faults);
        faults.finish().map_err(Fault::new)?;
        Ok(writing)
    }

    fn header(
        &self,
        n: u64,
        tenant: &Tenant,
        template: &Template,
        writing: &Writing,
        content: &Content,
    ) -> CustomerFile {
        let (customer, at) = (Some(CustomerType::Company), time(n));
        CustomerFile {
            id: id(n),
            number: Some(format!("GEN-{:09}", n + 1)),
            customer_number: Some(format!("GC{:09}", n + 1)),
            customer_type: customer,
            ties: Ties::default(),
            unit_kind: tenant.pack().first_file_kind().map(|kind| kind.id.clone()).unwrap_or_default(),
            template: template.id.clone(),
            template_version: i64::from(template.version),
            level: tenant.pack().lowest_level().to_owned(),
            unit: "sales".to_owned(),
            custodian: Some(self.author),
            custody: Custody::Made,
            state: State::Active,
            classification: classification::merged(tenant.pack(), customer, &BTreeMap::new(), &writing.labels),
            first_contact: None,
            contract_effect: None,
            revision: 1,
            created: at,
            updated: at,
            creator: self.author,
            activated: Some(at),
            closed: None,
            keep_until: None,
            weights: whole(template, customer, |key| content.has(key)).weights,
        }
    }

    fn index(
        &self,
        n: u64,
        file: &CustomerFile,
        template: &Template,
        writing: &Writing,
        unit: &[u8],
        made: &mut Tables,
    ) -> Result<()> {
        let numbers = [("file_no", &file.number), ("customer_no", &file.customer_number)];
        let numbers: Vec<_> =
            numbers.iter().filter_map(|(key, number)| Some(((*key).to_owned(), (*number).clone()?))).collect();
        let values = writing.set.iter().map(|(key, value)| (key, plain(value)));
        let values = values.chain(numbers.iter().map(|(key, number)| (key, number.clone())));
        let found = tokens(&self.vault, ORG, template, values).map_err(Fault::new)?;
        let found: Vec<_> = found.into_iter().chain([(unit.to_vec(), UNIT_REF.to_owned())]).collect();
        made.push_tokens(n, &Tokens::of(&found));
        Ok(())
    }
}

// What a company says of itself; names of three to five letters out of 600, so that parts of names meet as in life.
/// What customer number `n` is called: 3 to 5 letters.
pub(super) fn called(n: u64) -> String {
    let letter = |at: u64| {
        let drawn = u32::try_from(mixed(n * 8 + at) % 600).unwrap_or(0);
        char::from_u32(0x4e00 + drawn * 31).unwrap_or('一')
    };
    (0..3 + mixed(n) % 3).map(letter).collect()
}

/// The telephone number of customer number `n`.
pub(super) fn telephone(n: u64) -> String {
    format!("021-{:08}", 50_000_000 + n % 49_000_000)
}

fn fields(n: u64) -> [(&'static str, String); 5] {
    let industries = ["机械制造", "化工", "纺织", "食品", "物流", "建材", "电子", "医药"];
    let stages = ["potential", "intending", "signed", "historical"];
    let pick = |list: &[&str], salt: u64| {
        let at = usize::try_from(mixed(n ^ salt) % 64).unwrap_or(0) % list.len();
        list[at].to_owned()
    };
    [
        ("name", called(n)),
        ("phone", telephone(n)),
        ("address", format!("上海市浦东新区张江路 {} 号", n % 5000 + 1)),
        ("industry", pick(&industries, 11)),
        ("cooperation_stage", pick(&stages, 12)),
    ]
}

fn value(key: &str, text: String) -> FieldValue {
    let value = match key {
        "cooperation_stage" => Value::Choice(Choice { id: text, label: String::new() }),
        _ => Value::Text(text),
    };
    FieldValue { value: Some(value), provenance: None }
}

fn time(n: u64) -> Timestamp {
    moment(instant(n))
}

/// The moment of so many milliseconds.
pub(super) fn moment(millis: u64) -> Timestamp {
    let millis = i64::try_from(millis).unwrap_or(0);
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH)
}
