use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
}

fn yuan(minor: i64) -> Money {
    Money { minor, currency: "CNY".into() }
}

fn held(amount: i64) -> Reservation {
    Reservation {
        id: Uuid::from_u128(3),
        customer: Uuid::from_u128(1),
        limit: Uuid::from_u128(2),
        amount: yuan(amount),
        committed: 0,
        released: 0,
        held: amount,
        reference: "order 1".into(),
        state: ReservationState::Held,
        creator: "persons/1".into(),
        expire_at: at(100),
        created_at: at(0),
        updated_at: at(0),
        version: 1,
    }
}

#[test]
fn it_is_committed_in_parts_and_the_last_part_lets_the_rest_go() {
    let mut one = held(100);
    assert_eq!(one.commit(Some(&yuan(30)), false, at(1)).unwrap(), Shift { drawn: 30, freed: 0 });
    assert_eq!((one.state, one.held), (ReservationState::Held, 70));
    let more = one.commit(Some(&yuan(71)), false, at(2)).unwrap_err();
    assert_eq!(
        (more.reason(), more.violations()[0].why.as_str()),
        (Reason::ReservationExceeded, "must be at most CNY 0.70")
    );
    assert_eq!(one.commit(Some(&yuan(20)), true, at(2)).unwrap(), Shift { drawn: 20, freed: 50 });
    assert_eq!((one.state, one.committed, one.released, one.held), (ReservationState::Committed, 50, 50, 0));
    assert_eq!(one.release(at(3)).unwrap_err().reason(), Reason::WrongState);
    let mut all = held(100);
    assert_eq!(all.commit(None, false, at(1)).unwrap(), Shift { drawn: 100, freed: 0 });
    assert_eq!(all.state, ReservationState::Committed);
}

#[test]
fn time_lets_it_go_whether_or_not_it_was_noted() {
    let mut one = held(100);
    assert_eq!(one.commit(None, false, at(100)).unwrap_err().reason(), Reason::ReservationExpired);
    assert_eq!(one.release(at(100)).unwrap_err().metadata("state"), Some("EXPIRED"));
    let seen = one.clone().at(at(100));
    assert_eq!((seen.state, seen.released, seen.updated_at), (ReservationState::Expired, 100, at(100)));
    assert_eq!(one.expire(at(99)), None);
    assert_eq!(one.expire(at(100)), Some(Shift { drawn: 0, freed: 100 }));
    assert_eq!(one.expire(at(101)), None);
    assert_eq!(one.commit(None, false, at(1)).unwrap_err().reason(), Reason::ReservationExpired);
}

#[test]
fn an_amount_in_another_currency_is_refused() {
    let dollars = Money { minor: 1, currency: "USD".into() };
    assert_eq!(held(5).commit(Some(&dollars), false, at(1)).unwrap_err().reason(), Reason::CurrencyMismatch);
}

#[derive(Clone, Debug)]
enum Act {
    Commit(Option<i64>, bool),
    Release,
    Expire,
    Wait(i64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (prop::option::of(1_i64..40), any::<bool>()).prop_map(|(amount, last)| Act::Commit(amount, last)),
        1 => Just(Act::Release),
        1 => Just(Act::Expire),
        2 => (1_i64..60).prop_map(Act::Wait),
    ]
}

/// The simplest thing that could be right: three heaps of coins and a flag.
#[derive(Debug)]
struct Model {
    coins: [i64; 3],
    open: bool,
}

impl Model {
    fn act(&mut self, act: &Act, now: i64) -> bool {
        let over = now >= 100;
        match act {
            Act::Wait(_) => true,
            Act::Expire => over && self.close(),
            Act::Release => !over && self.close(),
            Act::Commit(amount, last) => {
                let coins = amount.unwrap_or(self.coins[0]);
                if over || !self.open || coins > self.coins[0] {
                    return false;
                }
                self.coins[0] -= coins;
                self.coins[1] += coins;
                if *last || self.coins[0] == 0 {
                    self.close();
                }
                true
            }
        }
    }

    fn close(&mut self) -> bool {
        self.coins[2] += std::mem::take(&mut self.coins[0]);
        std::mem::replace(&mut self.open, false)
    }
}

proptest! {
    // proves: C-14, I2
    /// C-14, I2: every sequence of acts does what the model does, nothing is lost, and the shifts add up to it.
    // proves: C-14
    #[test]
    fn it_behaves_as_its_model(amount in 1_i64..100, acts in prop::collection::vec(act(), 1..30)) {
        let mut one = held(amount);
        let mut model = Model { coins: [amount, 0, 0], open: true };
        let (mut now, mut sum) = (0, Shift::default());
        for act in acts {
            let before = one.clone();
            let done = match &act {
                Act::Wait(seconds) => { now += seconds; Some(Shift::default()) }
                Act::Commit(amount, last) => one.commit(amount.map(yuan).as_ref(), *last, at(now)).ok(),
                Act::Release => one.release(at(now)).ok(),
                Act::Expire => one.expire(at(now)),
            };
            prop_assert_eq!(done.is_some(), model.act(&act, now), "{:?}", act);
            prop_assert!(done.is_some() || one == before, "a refusal changes nothing");
            let shift = done.unwrap_or_default();
            sum = Shift { drawn: sum.drawn + shift.drawn, freed: sum.freed + shift.freed };
            prop_assert_eq!([one.held, one.committed, one.released], model.coins);
            prop_assert_eq!(one.state == ReservationState::Held, model.open);
            prop_assert_eq!(one.amount.minor, one.committed + one.released + one.held);
            prop_assert_eq!((sum.drawn, sum.freed), (one.committed, one.released));
        }
    }
}
