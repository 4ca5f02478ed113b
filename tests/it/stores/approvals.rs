//! What a service asks access to approve: the table of submissions, and the client against access itself.

use dossier_authority::approvals::{self, Approvals, Asked, Given, Heard, News, Question, State, Subject, Submission};
use dossier_kernel::link::Link;
use dossier_kernel::tls::Outbound;
use dossier_proto::access::v1::ApprovalState;
use dossier_proto::journal::v1::event::Kind;

use super::BENCH;
use super::kernel::call;
use crate::prelude::*;

const WHY: &str = "请尽快审批";

fn subject(file: Uuid) -> Subject {
    let id = Uuid::from_u128(0x5b);
    Subject { id, name: format!("papers/{id}"), file, requester: None }
}

async fn stored(world: &World) -> (Option<Vec<u8>>, Uuid) {
    let text = "SELECT words, holder FROM submission WHERE org = $1";
    sql!(&mut world.db(Which::Credit).read().await.unwrap(), fetch_one as (Option<Vec<u8>>, Uuid), text, BENCH).unwrap()
}

async fn save(world: &World, one: &mut Submission) -> Option<Reason> {
    let mut tx = world.db(Which::Credit).write().await.unwrap();
    let saved = approvals::save(&world.ground().vault, &mut tx, BENCH, one).await;
    tx.commit().await.unwrap();
    saved.err().map(|fault| fault.reason())
}

async fn lookup(world: &World, org: &str, id: Uuid) -> Option<Submission> {
    let mut tx = world.db(Which::Credit).read().await.unwrap();
    approvals::lookup(&world.ground().vault, &mut tx, org, id).await.unwrap()
}

on_both_stores! {
    // proves: I8, I9
    async fn what_is_asked_is_kept_with_its_words_under_seal_while_it_is_asked(world) {
        let subject = subject(Uuid::from_u128(0xf11e));
        let mut one = Submission::new(&subject);
        one.begin(&subject, [7; 32], WHY, world.now()).unwrap();
        let mut second = one.clone();
        assert_eq!(save(world, &mut one).await, None);
        assert_eq!(save(world, &mut second).await, Some(Reason::ConflictRetry), "one of a thing");
        let (sealed, holder) = stored(world).await;
        assert!(holder == subject.file && !sealed.unwrap().windows(6).any(|part| part == &WHY.as_bytes()[..6]));
        assert_eq!(lookup(world, BENCH, subject.id).await.as_ref(), Some(&one));
        assert_eq!(lookup(world, "nobody", subject.id).await, None);
        let mut stale = one.clone();
        assert!(one.asked(1, Given { approval: Uuid::from_u128(77), round: 1 }));
        assert_eq!(save(world, &mut one).await, None);
        assert_eq!(stored(world).await.0, None, "nothing is to be repeated");
        assert_eq!(lookup(world, BENCH, subject.id).await.as_ref(), Some(&one));
        stale.refused(1);
        assert_eq!(save(world, &mut stale).await, Some(Reason::ConflictRetry));
    }

    // proves: I7
    async fn words_end_with_the_key_of_the_file(world) {
        let (subject, db, vault) = (subject(Uuid::from_u128(0xf11e)), world.db(Which::Credit), &world.ground().vault);
        let mut one = Submission::new(&subject);
        one.begin(&subject, [7; 32], WHY, world.now()).unwrap();
        assert_eq!(save(world, &mut one).await, None);
        let mut tx = db.write().await.unwrap();
        vault.destroy_key(&mut tx, BENCH, subject.file, world.now()).await.unwrap();
        tx.commit().await.unwrap();
        vault.bury(db).await.unwrap();
        let found = lookup(world, BENCH, subject.id).await.unwrap();
        assert_eq!((found.state, found.words.text()), (State::Asking, ""));
        // What is said afterwards never was among what had to go.
        let mut next = Submission { version: one.version, ..one };
        assert_eq!(save(world, &mut next).await, None);
        assert_eq!(stored(world).await.1, Uuid::nil());
        assert_eq!(lookup(world, BENCH, subject.id).await.unwrap().words.text(), WHY);
    }

    // proves
    async fn what_a_service_asks_for_somebody_is_taken_back_when_access_says_so_and_a_yes_before_it_holds(world) {
        for yes in [false, true] {
            let paper = Paper::new(world, yes).await;
            let mut one = Submission::new(&paper.question.subject);
            one.begin(&paper.question.subject, paper.question.digest, WHY, world.now()).unwrap();
            let given = paper.asked(&one).await;
            assert_eq!(paper.asked(&one).await, given, "however often it is asked");
            let name = format!("approvals/{}", given.approval);
            let shown = world.approval("gm", &name).await.good();
            let (asker, excluded) = (world.who("analyst").await, world.who("deputy").await);
            assert_eq!((shown.requester, shown.excluded_persons), (asker, vec![excluded]));
            assert!(one.asked(1, given));
            one.leave(&paper.question.subject, "一页缺失", world.now()).unwrap();
            if yes {
                world.approve("finance-director", &name).await.good();
                world.approve("gm", &name).await.good();
            }
            for _ in 0..2 {
                paper.client.abandon(&paper.call, &paper.question.subject, &one).await.unwrap();
            }
            let state = if yes { ApprovalState::Approved } else { ApprovalState::Withdrawn };
            assert_eq!(world.approval("gm", &name).await.good().state(), state);
            let heard = paper.followed(world, &mut one).await;
            let expected = if yes { (Heard::Approved, State::Approved) } else { (Heard::Withdrawn, State::Withdrawn) };
            assert_eq!((heard.last().copied().unwrap(), one.state), expected);
        }
        check::holds(world).await;
    }
}

/// Something of a service's own, with the way to access in that service's name.
struct Paper {
    client: Approvals,
    call: dossier_kernel::call::Call,
    question: Question,
}

// === impl Paper ===

impl Paper {
    async fn new(world: &World, second: bool) -> Self {
        let (peers, clock) = (&world.ground().config.peers, &world.ground().providers.clock);
        let (way, tokens) = (Outbound::open(peers, clock).unwrap(), world.ground().auth.tokens("credit"));
        let link = Link::remote("access", &world.uri(Which::Access), peers, &way, tokens).unwrap();
        let person = async |who| world.who(who).await.rsplit('/').next().unwrap().parse::<Uuid>().unwrap();
        let id = Uuid::from_u128(0x9a00 + u128::from(second));
        let requester = Some(person("analyst").await);
        let question = Question {
            subject: Subject { id, name: format!("papers/{id}"), file: Uuid::nil(), requester },
            matter: "credit.limit".into(),
            digest: approvals::digest(&[b"paper", id.as_bytes()]),
            summary: "a paper".into(),
            amount: None,
            unit: "sales".into(),
            level: String::new(),
            excluded: vec![person("deputy").await],
        };
        let client = Approvals::new(link, world.ground().providers.ids.clone(), "dossier/paper-submission/v1");
        let call = dossier_kernel::call::Call { org: DEMO.into(), service: true, ..call(world) };
        Self { client, call, question }
    }

    async fn asked(&self, submission: &Submission) -> Given {
        match self.client.ask(&self.call, &self.question, submission).await.unwrap() {
            Asked::Approval(given) => given,
            Asked::Refused(fault) => panic!("{fault:?}"),
        }
    }

    /// What access's journal says of it, one entry after the other.
    async fn followed(&self, world: &World, submission: &mut Submission) -> Vec<Heard> {
        world.settle().await;
        let entries = check::journal(world, Which::Access, DEMO).await;
        let moved = entries.iter().filter_map(|entry| match entry.body.event.as_ref()?.kind.as_ref()? {
            Kind::ApprovalChanged(moved) if moved.subject == self.question.subject.name => Some((entry, moved)),
            _ => None,
        });
        let news = moved.map(|(entry, moved)| News::of(&entry.body, moved).unwrap().unwrap());
        news.map(|news| submission.hear(&news, &self.question.digest))
            .filter(|heard| *heard != Heard::Nothing)
            .collect()
    }
}
