//! Playing a script: each step at its moment, by the public rpcs, each answer compared.

use dossier_regime::Tenant;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::ask::{Asked, Asker};
use super::company::org;
use super::content;
use super::expect;
use super::free::{Broken, filled};
use super::house::House;
use super::method::Method;
use super::pass::{Length, next_month};
use super::people;
use super::reference::Kept;
use super::refusal::Refusal;
use super::say::{Teller, Text};
use super::script::{At, Script, Step};
use super::seen::Seen;
use super::shows;
use crate::Failure;
use crate::client::shown;

/// A script at some point of its story.
pub struct Story<'a> {
    house: House<'a>,
    script: &'a Script,
    file: String,
    tenant: &'a Tenant,
    zone: TimeZone,
    asker: Asker<'a>,
    teller: Teller<'a>,
    kept: Kept,
    seen: Seen,
    now: Timestamp,
    /// The moment until which time passes, with the line that says so.
    goal: Option<(Timestamp, usize)>,
    /// The next step.
    at: usize,
    /// Whether the moment of the steps to come is told.
    told: bool,
    /// Whether everybody is known.
    begun: bool,
    /// Whether it differs from its script.
    over: bool,
}

/// Plays stories that share a house, always the one that is earliest, so that their clock never goes back. One that differs from its
/// script ends there; the others go on.
pub async fn play(stories: &mut [Story<'_>]) -> Vec<Failure> {
    let mut failures = Vec::new();
    loop {
        let next = stories.iter_mut().filter(|story| !story.is_over()).min_by_key(|story| story.now);
        let Some(story) = next else { return failures };
        if let Err(failure) = story.go_on().await {
            story.over = true;
            failures.push(failure);
        }
    }
}

// === impl Story ===

impl<'a> Story<'a> {
    /// The story of a script whose company the services of `house` know.
    ///
    /// # Errors
    /// When they do not.
    pub fn new(house: House<'a>, script: &'a Script, file: &str) -> Result<Self, Failure> {
        let org = org(script);
        let tenant = house.ground.regimes.tenant(&org);
        let tenant = tenant.ok_or_else(|| Failure::config(format!("{file}: the services do not know `{org}`")))?;
        let zone = tenant.pack().time_zone.rules().clone();
        let start = script.start.0.to_zoned(zone.clone()).map_err(Failure::config)?.timestamp();
        Ok(Self {
            asker: Asker::new(house, script, tenant),
            teller: Teller::begin(script, tenant),
            kept: Kept::default(),
            seen: Seen::default(),
            file: file.to_owned(),
            now: start,
            goal: None,
            at: 0,
            told: false,
            begun: false,
            over: false,
            house,
            script,
            tenant,
            zone,
        })
    }

    /// The text so far.
    pub fn text(&self) -> &Text {
        self.teller.text()
    }

    /// Whether it came to its end as its script says.
    pub fn is_whole(&self) -> bool {
        !self.over && self.is_over()
    }

    fn is_over(&self) -> bool {
        self.over || (self.goal.is_none() && self.at >= self.script.steps.len())
    }

    fn fault(&self, line: usize, sentence: impl std::fmt::Display) -> Failure {
        Failure::differs(format!("{}:{line}: {sentence}", self.file))
    }

    fn broken(&self, broken: Broken) -> Failure {
        self.fault(broken.line, broken.sentence)
    }

    // Everybody is known everywhere before the first step.
    async fn begin(&mut self) -> Result<(), Failure> {
        self.arrive().await?;
        for (id, known) in people::of(&self.asker, self.script, self.tenant).await? {
            let words = self.script.person(&id).map(|person| person.label.clone()).unwrap_or_default();
            self.seen.call(known["name"].as_str().unwrap_or_default(), &words);
            self.kept.keep(&id, known);
        }
        Ok(())
    }

    // Everything up to the next time that time passes, or a stretch of that.
    async fn go_on(&mut self) -> Result<(), Failure> {
        if !std::mem::replace(&mut self.begun, true) {
            self.begin().await.map_err(|fault| fault.within(&self.file))?;
        }
        if let Some((goal, line)) = self.goal {
            let month = next_month(self.now, &self.zone).filter(|month| *month < goal);
            self.now = month.unwrap_or(goal);
            self.goal = month.map(|_| (goal, line));
            self.arrive().await.map_err(|fault| fault.within(&format!("{}:{line}", self.file)))?;
        }
        while self.goal.is_none() {
            let Some(step) = self.script.steps.get(self.at) else { return Ok(()) };
            self.at += 1;
            self.house.clock.set(self.now);
            self.step(step).await?;
        }
        Ok(())
    }

    // What is due by now is done and has reached every service, and each knows that it has.
    async fn arrive(&mut self) -> Result<(), Failure> {
        self.house.clock.set(self.now);
        self.asker.forget_tokens();
        let zoned = self.now.to_zoned(self.zone.clone());
        self.kept.keep("now", json!(self.now.to_string()));
        self.kept.keep("today", json!(zoned.date().to_string()));
        let (running, org) = (self.house.running, self.tenant.org());
        running.settled(org).await?;
        running.catch_up(org).await?;
        running.settled(org).await?;
        // The clock has leapt, and with it the age of every copy: a busy machine takes a while to look again.
        running.fresh(org).await
    }

    async fn step(&mut self, step: &'a At<Step>) -> Result<(), Failure> {
        let (line, it) = (step.line, &step.it);
        let passes = it.pass.is_some() || it.until.is_some();
        if !passes && !self.told {
            self.teller.moment(line, self.now);
            self.told = true;
        }
        if let Some(rule) = &it.rule {
            self.teller.rule(line, rule);
        }
        match (&it.call, passes) {
            (Some(_), _) => self.call(step).await,
            (None, true) => self.pass(step),
            (None, false) => {
                if let Some(words) = &it.say {
                    self.teller.remark(line, words);
                }
                Ok(())
            }
        }
    }

    fn pass(&mut self, step: &At<Step>) -> Result<(), Failure> {
        let (line, it) = (step.line, &step.it);
        let calendar = self.tenant.calendar();
        let goal = match (&it.pass, it.until) {
            (Some(length), _) => Length::parse(length).and_then(|one| one.after(self.now, &self.zone, calendar)),
            (None, Some(until)) => {
                until.0.to_zoned(self.zone.clone()).map(|zoned| zoned.timestamp()).map_err(|why| why.to_string())
            }
            (None, None) => Ok(self.now),
        };
        let goal = goal.map_err(|why| self.fault(line, why))?;
        if goal < self.now {
            return Err(self.fault(line, "this moment is over already; time never goes back"));
        }
        if let Some(words) = &it.say {
            self.teller.remark(line, words);
        }
        (self.goal, self.told) = (Some((goal, line)), false);
        Ok(())
    }

    async fn call(&mut self, step: &'a At<Step>) -> Result<(), Failure> {
        let (line, it) = (step.line, &step.it);
        let method = Method::of(it).map_err(|why| self.fault(line, why))?;
        let who = it.who.as_deref().and_then(|id| self.script.person(id));
        let who = who.ok_or_else(|| self.fault(line, "nobody acts"))?;
        let request = self.asker.request(step, &method, &self.kept, &self.seen).map_err(|why| self.broken(why))?;
        let asked = Asked::of(&request);
        let answer = self.asker.ask(&method, &who.id, request).await?;
        let answer = match (answer, &it.content) {
            (Ok(filed), Some(words)) => content::brought(&self.asker, &who.id, &filed, words).await?,
            (answer, _) => answer,
        };
        let words = it.say.as_deref().unwrap_or_default();
        match (answer, &it.refused) {
            (Ok(reply), None) => {
                let reply = shown::document(&reply).map_err(|why| self.fault(line, why))?;
                self.teller.done(line, who, words);
                self.reply(step, &method, reply)
            }
            (Ok(_), Some(reason)) => {
                Err(self.fault(line, format!("it was answered, but must be refused with {reason}")))
            }
            (Err(status), None) => {
                let (told, why) = (Refusal::of(&status).all(), Failure::from(status));
                Err(self.fault(line, format!("it was refused: {why}\n  it tells: {told}")))
            }
            (Err(status), Some(reason)) => {
                let refusal = Refusal::of(&status);
                if refusal.reason != *reason {
                    let why = Failure::from(status);
                    return Err(self.fault(line, format!("it must be refused with {reason}, but was with: {why}")));
                }
                self.telling(step, &refusal)?;
                self.teller.refused(line, (who, words), &asked, &refusal, &self.seen);
                Ok(())
            }
        }
    }

    fn reply(&mut self, step: &At<Step>, method: &Method, reply: Value) -> Result<(), Failure> {
        let (line, it) = (step.line, &step.it);
        self.seen.look(&reply);
        if let Some(node) = &it.expect.0 {
            let part = filled(node, &self.kept).map_err(|why| self.broken(why))?;
            let held = expect::holds(&method.rpc.method.output(), &part, &reply, &self.zone);
            held.map_err(|why| self.broken(super::free::at_path(Some(node), line, why)))?;
        }
        if let Some(name) = &it.keep {
            if let Some(resource) = reply["name"].as_str() {
                self.seen.call(resource, &format!("〔{name}〕"));
            }
            self.kept.keep(name, reply.clone());
        }
        self.teller.values(line, &shows::all(&it.shows), &reply, &self.seen);
        Ok(())
    }

    // What `told` demands of a refusal.
    fn telling(&self, step: &At<Step>, refusal: &Refusal) -> Result<(), Failure> {
        let Some(node) = &step.it.told.0 else { return Ok(()) };
        let wanted = filled(node, &self.kept).map_err(|why| self.broken(why))?;
        let Value::Object(wanted) = wanted else { return Err(self.fault(step.line, "`told` takes keys and values")) };
        for (key, values) in &wanted {
            let values = values.as_array().map_or_else(|| std::slice::from_ref(values), Vec::as_slice);
            let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            if let Some(value) = values.iter().map(text).find(|value| !refusal.tells(key, value)) {
                let line = node.entry(key).map_or(step.line, |entry| entry.place.line);
                return Err(
                    self.fault(line, format!("the refusal must tell `{key}: {value}`, it tells {}", refusal.all()))
                );
            }
        }
        Ok(())
    }
}
