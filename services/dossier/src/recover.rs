//! `dossier recover`: going on after a store was restored to an earlier state, offline.
//!
//! A store that was put back from a backup, or failed over to a replica that was behind, does not contain what the other
//! services have applied of its journal. They notice, and decide nothing on it; it takes no entry. This command compares
//! all stores and, for each organisation, where they do not agree,
//! 1. begins a new era of each journal that went back: nothing that an earlier one left on the bus is read again;
//! 2. raises the series of numbers to the highest that any other service knows, and voids the numbers that were lost, with
//!    who and why (I11);
//! 3. makes the copies that the journal does not contain anew from it;
//! 4. tells what the copies said and the journal does not say: what has to be done again, such as a dismissal;
//! 5. tells what lies in the store of contents and the store of profile does not know any more, and has it dropped after a day where
//!    that is asked for: a right store may be found yet, and beside a wrong one all would go;
//! 6. journals that it happened.
//!
//! What the lost entries said is gone. To run it twice, or on stores that agree, changes nothing.

pub(crate) mod survey;

use std::collections::BTreeMap;

use dossier_authority::Base;
use dossier_authority::store::{number, principal};
use dossier_journal::recover::{self, Finding, Key, Rebuild};
use dossier_journal::{Place, append};
use dossier_kernel::call::Providers;
use dossier_kernel::config::Config;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::name::name;
use dossier_kernel::time::micros;
use dossier_kernel::transact;
use dossier_profile::recover::{Known, contents, numbers};
use dossier_proto::journal::v1::JournalRecovered;
use dossier_proto::journal::v1::event::Kind;
use uuid::Uuid;

use crate::serve::{Ground, Which, base};
use crate::verify::contents::opened;
use crate::{Failure, out};
use survey::{Found, Survey};

/// What `recover` takes.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Only this organisation
    #[arg(long)]
    pub org: Option<String>,
    /// Who answers for it: the subject of a person of the directory; stands in the journal and beside every number that is void
    #[arg(long, value_name = "SUBJECT")]
    pub by: String,
    /// Why; stands beside every number that is void
    #[arg(long, value_name = "TEXT", default_value = "the store was restored to an earlier state")]
    pub reason: String,
    /// Have dropped, a day later, the contents that no document names
    #[arg(long)]
    pub drop_contents: bool,
}

/// The stores of all services, no service running on them.
struct Stores(BTreeMap<Which, Base>);

/// What is done to one organisation.
struct Work<'a> {
    stores: &'a Stores,
    org: &'a str,
    who: Uuid,
    reason: &'a str,
    said: Vec<String>,
}

/// Recovers the stores that `config` names and prints what was done.
///
/// # Errors
/// When a store cannot be opened or a service runs on one.
pub async fn run(args: &Args, config: Config) -> Result<(), Failure> {
    let ground = Ground::lay_offline(config, &Which::ALL, Providers::system()).await?;
    for line in stores(&ground, args).await? {
        out::line(line)?;
    }
    Ok(())
}

/// Recovers the stores of `ground`, and gives what was done, a line each.
///
/// # Errors
/// As [`run`].
pub async fn stores(ground: &Ground, args: &Args) -> Result<Vec<String>, Failure> {
    let mut stores = Stores(BTreeMap::new());
    for which in Which::ALL {
        stores.0.insert(which, base(ground, which).await?);
    }
    let done = stores.recover(ground, args).await;
    for base in stores.0.values() {
        base.db.close().await;
    }
    done
}

// === impl Stores ===

impl Stores {
    async fn recover(&self, ground: &Ground, args: &Args) -> Result<Vec<String>, Failure> {
        let orgs: Vec<_> = ground.regimes.tenants().map(|tenant| tenant.org().to_owned()).collect();
        let orgs: Vec<_> =
            orgs.into_iter().filter(|org| args.org.as_ref().is_none_or(|wanted| wanted == org)).collect();
        if orgs.is_empty() {
            return Err(Failure::config("--org names no organisation of this installation"));
        }
        let mut said = Vec::new();
        for org in &orgs {
            let survey = survey::take(&self.0, org).await?;
            if survey.agrees() {
                said.push(format!("{org}: every copy is in its owner's journal; there is nothing to recover"));
            } else {
                survey::require_idle(&self.0, org).await?;
                let who = self.person(org, &args.by).await?;
                let mut work = Work { stores: self, org, who, reason: &args.reason, said: Vec::new() };
                work.run(&survey).await?;
                said.extend(work.said);
            }
            said.extend(self.contents(ground, org, args).await?);
        }
        Ok(said)
    }

    // The person, as any store knows it: the restored one may not know it yet.
    async fn person(&self, org: &str, subject: &str) -> Result<Uuid, Failure> {
        for base in self.0.values() {
            let mut tx = base.db.read().await?;
            let now = micros(base.providers.clock.now());
            if let Some(found) = principal::lookup(&mut tx, org, subject, now).await? {
                return Ok(found.person);
            }
        }
        Err(Failure::config(format!("--by: nobody in the directory of {org} has that subject")))
    }

    // Whether the journals agree or not: stores that were all put back know nothing of what came in since. A store of contents that
    // is away keeps nobody from recovering the others.
    async fn contents(&self, ground: &Ground, org: &str, args: &Args) -> Result<Option<String>, Failure> {
        let strays = match self.strays(ground, org).await {
            Err(fault) if !args.drop_contents => {
                return Ok(Some(format!("{org}: contents were not looked through: {fault}")));
            }
            strays => strays?,
        };
        if strays.is_empty() {
            return Ok(None);
        }
        if args.drop_contents {
            self.person(org, &args.by).await?;
            contents::note(self.base(Which::Profile)?, org, &strays).await?;
        }
        let becomes =
            if args.drop_contents { "will be dropped in a day" } else { "stay; --drop-contents has them dropped" };
        Ok(Some(format!("{org}: {} that no document names {becomes}", out::count(strays.len() as u64, "content"))))
    }

    async fn strays(&self, ground: &Ground, org: &str) -> Result<Vec<contents::Leftover>, Failure> {
        let objects = opened(&ground.config.documents).await?;
        Ok(contents::strays(&objects, &self.base(Which::Profile)?.db, org).await?)
    }

    fn base(&self, which: Which) -> Result<&Base, Failure> {
        self.0.get(&which).ok_or_else(|| Failure::config(format!("the store of {which} is not open")))
    }
}

// === impl Work ===

impl Work<'_> {
    async fn run(&mut self, survey: &Survey) -> Result<(), Failure> {
        // The owners first: what the copies know of numbers must not be lost when this ends half-way.
        for (owner, known_seq) in &survey.restored {
            self.owner(*owner, *known_seq).await?;
        }
        for found in &survey.copies {
            let restored = survey.restored.contains_key(&found.owner);
            match found.finding {
                Finding::Contained if restored || found.doubted => self.believe(found).await?,
                Finding::Contained => {}
                Finding::Behind(_) | Finding::Other | Finding::Outlived => self.rebuild(found).await?,
            }
        }
        Ok(())
    }

    /// A journal that went back begins a new era.
    async fn owner(&mut self, owner: Which, known_seq: i64) -> Result<(), Failure> {
        let base = self.stores.base(owner)?;
        let known = if owner == Which::Profile { self.known().await? } else { Known::default() };
        let (org, who, reason, era) = (self.org, self.who, self.reason, base.providers.ids.uuid().to_string());
        let (end, voided) = transact!(base.db, tx => {
            let end = recover::begin(tx, org, base.service, &era).await?;
            let voided = match owner {
                Which::Profile => numbers(base, tx, org, known.clone(), who, reason).await?,
                Which::Access | Which::Credit => Vec::new(),
            };
            journal(base, tx, org, who, JournalRecovered { era: era.clone(), last_seq: end.seq, known_seq }).await?;
            Ok((end, voided))
        })?;
        let seen = if known_seq > end.seq { format!("; others had seen {known_seq}") } else { String::new() };
        self.say(format!("{owner} begins a new era behind entry {}{seen}", end.seq));
        for number in voided {
            self.say(format!("number {number} is void: it was issued or voided in what was lost"));
        }
        Ok(())
    }

    /// What the other services know of numbers.
    async fn known(&self) -> Result<Known, Failure> {
        let mut known = Known::default();
        for (_, base) in self.stores.0.iter().filter(|(which, _)| **which != Which::Profile) {
            let mut tx = base.db.read().await?;
            known.numbers.extend(number::all(&mut tx, self.org).await?);
            known.carried.extend(number::carried(&mut tx, self.org).await?);
        }
        Ok(known)
    }

    /// The copy is in the journal as it is now.
    async fn believe(&mut self, found: &Found) -> Result<(), Failure> {
        let (holder, owner) = (self.stores.base(found.holder)?, self.stores.base(found.owner)?);
        let era = dossier_journal::place::end(&mut owner.db.read().await?, self.org).await?.era;
        let place = Place { era, ..found.place.clone() };
        let key = found.key(self.org);
        transact!(holder.db, tx => recover::believe(tx, key, &place).await)?;
        self.say(format!("{}'s copy of {} agrees", found.holder, found.owner));
        Ok(())
    }

    /// The copy is made anew.
    async fn rebuild(&mut self, found: &Found) -> Result<(), Failure> {
        let (holder, owner) = (self.stores.base(found.holder)?, self.stores.base(found.owner)?);
        let (key, how) = (found.key(self.org), how(holder, found));
        let lost = transact!(holder.db, tx => {
            let mut source = owner.db.read().await?;
            recover::rebuild(tx, &mut source, key, &*how).await
        })?;
        self.say(format!("{}'s copy of {} is made anew from its journal", found.holder, found.owner));
        for (name, said) in lost {
            self.say(format!("  {} knew {name}: {said}", found.holder));
        }
        Ok(())
    }

    fn say(&mut self, line: String) {
        self.said.push(format!("{}: {line}", self.org));
    }
}

fn how(holder: &Base, found: &Found) -> Box<dyn Rebuild> {
    match found.holder {
        Which::Profile => dossier_profile::jobs::rebuild(holder, found.owner.name()),
        Which::Access => dossier_access::rebuild(holder),
        Which::Credit => dossier_credit::rebuild(holder, found.owner.name()),
    }
}

async fn journal(base: &Base, tx: &mut Tx, org: &str, who: Uuid, event: JournalRecovered) -> Result<()> {
    let subject = format!("journals/{}", base.service);
    let mut body = base.recorder.work(org, "journal.recovered", &subject).event(Kind::JournalRecovered(event)).body();
    body.actor = name("persons", who);
    append(tx, &body).await
}

// === impl Found ===

impl Found {
    fn key<'a>(&'a self, org: &'a str) -> Key<'a> {
        Key { org, consumer: &self.consumer, source: self.owner.name() }
    }
}
