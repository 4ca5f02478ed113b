//! Random lives of reservations through the real calls, against a model that fits on a page.

use dossier_proto::credit::v1::ReservationState;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::{commit, figures, parts, release, reservation};
use crate::prelude::*;

const LIMIT: i64 = 1_000;
/// Reservations last an hour.
const LIFE: i64 = 60;

#[derive(Clone, Debug)]
enum Act {
    Reserve(i64),
    Commit(usize, Option<i64>, bool),
    Release(usize),
    Pass(i64),
}

/// One reservation of the model.
#[derive(Clone, Debug)]
struct One {
    name: String,
    parts: [i64; 3],
    state: ReservationState,
    ends: i64,
}

#[derive(Default)]
struct Model {
    minutes: i64,
    all: Vec<One>,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => (1..700_i64).prop_map(Act::Reserve),
        3 => (any::<usize>(), prop::option::of(1..500_i64), any::<bool>()).prop_map(|(at, part, last)| Act::Commit(at, part, last)),
        2 => any::<usize>().prop_map(Act::Release),
        1 => (1..50_i64).prop_map(Act::Pass),
    ];
    prop::collection::vec(act, 10..30)
}

// === impl Model ===

impl Model {
    fn drawn(&self) -> i64 {
        self.all.iter().map(|one| one.parts[0]).sum()
    }

    fn held(&self) -> i64 {
        self.all.iter().map(|one| one.parts[2]).sum()
    }

    fn pass(&mut self, minutes: i64) {
        self.minutes += minutes;
        let due = |one: &&mut One| one.state == ReservationState::Held && one.ends <= self.minutes;
        self.all.iter_mut().filter(due).for_each(|one| one.end(ReservationState::Expired));
    }
}

// === impl One ===

impl One {
    fn end(&mut self, state: ReservationState) {
        self.parts[1] += std::mem::take(&mut self.parts[2]);
        self.state = state;
    }

    /// Why the part cannot be committed; otherwise it is.
    fn commit(&mut self, part: Option<i64>, last: bool) -> Result<(), Reason> {
        let part = part.unwrap_or(self.parts[2]);
        match self.state {
            ReservationState::Expired => return Err(Reason::ReservationExpired),
            ReservationState::Held if part > self.parts[2] => return Err(Reason::ReservationExceeded),
            ReservationState::Held => {}
            _ => return Err(Reason::WrongState),
        }
        self.parts[0] += part;
        self.parts[2] -= part;
        if last || self.parts[2] == 0 {
            self.end(ReservationState::Committed);
        }
        Ok(())
    }
}

async fn act(world: &World, customer: &str, model: &mut Model, act: &Act) {
    match *act {
        Act::Reserve(amount) => {
            let fits = model.drawn() + model.held() + amount <= LIMIT;
            let answer = world.reserve(customer, amount).await;
            if !fits {
                answer.refused(Reason::LimitExceeded);
                return;
            }
            let (parts, state) = ([0, 0, amount], ReservationState::Held);
            model.all.push(One { name: answer.good().name, parts, state, ends: model.minutes + LIFE });
        }
        Act::Commit(at, part, last) => {
            let count = model.all.len();
            let Some(one) = model.all.get_mut(at.checked_rem(count).unwrap_or(0)) else { return };
            let answer = commit(world, &one.name, part, last).await;
            match one.commit(part, last) {
                Ok(()) => assert_eq!(parts(&answer.good()), one.parts),
                Err(reason) => drop(answer.refused(reason)),
            }
        }
        Act::Release(at) => {
            let count = model.all.len();
            let Some(one) = model.all.get_mut(at.checked_rem(count).unwrap_or(0)) else { return };
            let answer = release(world, &one.name).await;
            if one.state != ReservationState::Held {
                answer.refused(Reason::WrongState);
                return;
            }
            one.end(ReservationState::Released);
            assert_eq!(parts(&answer.good()), one.parts);
        }
        Act::Pass(minutes) => {
            world.pass(SignedDuration::from_mins(minutes));
            model.pass(minutes);
        }
    }
}

async fn live(acts: Vec<Act>) {
    let world = World::start(Store::Sqlite).await;
    let customer = world.customer(1, LIMIT).await;
    let mut model = Model::default();
    for one in &acts {
        act(&world, &customer, &mut model, one).await;
        let (drawn, held) = (model.drawn(), model.held());
        let expected = [LIMIT, drawn, held, LIMIT - drawn - held];
        assert_eq!(figures(&world.exposure(&customer).await), expected, "after {one:?}");
    }
    for one in &model.all {
        let found = reservation(&world, &one.name).await;
        assert_eq!((found.state(), parts(&found)), (one.state, one.parts));
    }
    check::holds(&world).await;
    world.end().await;
}

// proves: C-14, I2
#[test]
fn reservations_live_as_the_model_says() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let config = Config { cases: 8, max_shrink_iters: 40, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new(config);
    let outcome = runner.run(&acts(), |acts| {
        runtime.block_on(live(acts));
        Ok(())
    });
    assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
}
