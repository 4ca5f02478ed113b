//! What is drawn and held of a customer's limit, and what may still be (I2).

use dossier_kernel::error::{Error, Reason};
use dossier_kernel::{money, name};
use jiff::Timestamp;
use uuid::Uuid;

use super::money::Money;

/// A customer's credit at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// The customer's file.
    pub customer: Uuid,
    /// The newest limit that was approved.
    pub limit: Uuid,
    /// Its amount, in minor units.
    pub limit_minor: i64,
    /// Its currency.
    pub currency: String,
    /// What was committed.
    pub drawn: i64,
    /// What reservations hold that have not run out.
    pub held: i64,
    /// From when the limit holds, inclusive.
    pub valid_from: Timestamp,
    /// Until when, exclusive.
    pub valid_until: Timestamp,
}

/// Why an amount cannot be reserved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// No limit was ever approved.
    NoLimit,
    /// The limit has not begun.
    NotBegun,
    /// The limit is over.
    Over,
    /// The limit is in another currency.
    Currency,
    /// This much is left.
    Exceeded {
        /// In minor units.
        available: i64,
    },
}

// === impl Exposure ===

impl Exposure {
    /// Whether the limit holds at `now`.
    pub fn in_force(&self, now: Timestamp) -> bool {
        self.valid_from <= now && now < self.valid_until
    }

    /// What can still be reserved at `now`; nothing while usage is above a limit that was lowered.
    pub fn available(&self, now: Timestamp) -> i64 {
        if self.in_force(now) { (self.limit_minor - self.drawn - self.held).max(0) } else { 0 }
    }

    fn obstacle(&self, available: i64, amount: &Money, now: Timestamp) -> Option<Obstacle> {
        if now < self.valid_from {
            Some(Obstacle::NotBegun)
        } else if now >= self.valid_until {
            Some(Obstacle::Over)
        } else if amount.currency != self.currency {
            Some(Obstacle::Currency)
        } else {
            (amount.minor > available).then_some(Obstacle::Exceeded { available })
        }
    }
}

/// Which of `asked` fit one after the other: each either takes its amount or meets an obstacle and takes nothing.
pub fn admit(exposure: Option<&Exposure>, asked: &[&Money], now: Timestamp) -> Vec<Option<Obstacle>> {
    let Some(exposure) = exposure else { return vec![Some(Obstacle::NoLimit); asked.len()] };
    let mut available = exposure.available(now);
    let admit = |amount: &&Money| {
        let obstacle = exposure.obstacle(available, amount, now);
        if obstacle.is_none() {
            available -= amount.minor;
        }
        obstacle
    };
    asked.iter().map(admit).collect()
}

// === impl Obstacle ===

impl Obstacle {
    /// The refusal of `amount` for `customer`.
    pub fn refusal(&self, customer: Uuid, exposure: Option<&Exposure>, amount: &Money) -> Error {
        let (Some(exposure), false) = (exposure, *self == Self::NoLimit) else {
            return Error::new(Reason::LimitNotApproved).with("customer", name::name("files", customer));
        };
        let limit = name::name("limits", exposure.limit);
        let not_in_force = |state: &str| Error::new(Reason::LimitNotInForce).with("limit", &limit).in_state(state);
        match self {
            Self::NoLimit | Self::NotBegun => not_in_force("approved"),
            Self::Over => not_in_force("expired"),
            Self::Currency => Error::new(Reason::CurrencyMismatch)
                .with("expected", &exposure.currency)
                .with("given", &amount.currency),
            Self::Exceeded { available } => Error::new(Reason::LimitExceeded)
                .with("limit", limit)
                .with("available_minor_units", available.to_string())
                .with("currency_code", &exposure.currency)
                .and_violation("amount", format!("must be at most {}", money::text(*available, &exposure.currency))),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
    }

    fn exposure(limit: i64, drawn: i64, held: i64) -> Exposure {
        let (customer, id) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let (valid_from, valid_until) = (at(10), at(20));
        let currency = "CNY".to_owned();
        Exposure { customer, limit: id, limit_minor: limit, currency, drawn, held, valid_from, valid_until }
    }

    fn yuan(minor: i64) -> Money {
        Money { minor, currency: "CNY".into() }
    }

    fn one(exposure: Option<&Exposure>, amount: &Money, now: i64) -> Option<Obstacle> {
        admit(exposure, &[amount], at(now)).remove(0)
    }

    #[test]
    fn every_obstacle_has_its_reason() {
        let full = exposure(100, 60, 30);
        assert_eq!(one(Some(&full), &yuan(10), 10), None);
        for (found, exposure, reason) in [
            (one(None, &yuan(1), 10), None, Reason::LimitNotApproved),
            (one(Some(&full), &yuan(1), 9), Some(&full), Reason::LimitNotInForce),
            (one(Some(&full), &yuan(1), 20), Some(&full), Reason::LimitNotInForce),
            (one(Some(&full), &Money { minor: 1, currency: "USD".into() }, 10), Some(&full), Reason::CurrencyMismatch),
            (one(Some(&full), &yuan(11), 10), Some(&full), Reason::LimitExceeded),
        ] {
            let refusal = found.unwrap().refusal(full.customer, exposure, &yuan(1));
            assert_eq!(refusal.reason(), reason);
        }
        let refusal = Obstacle::Exceeded { available: 10 }.refusal(full.customer, Some(&full), &yuan(11));
        assert_eq!(refusal.metadata("available_minor_units"), Some("10"));
        assert_eq!(refusal.violations()[0].why, "must be at most CNY 0.10");
    }

    #[test]
    fn a_limit_below_what_is_used_leaves_nothing() {
        assert_eq!(exposure(50, 60, 30).available(at(10)), 0);
        assert_eq!(exposure(100, 60, 30).available(at(20)), 0);
    }

    #[test]
    fn a_small_amount_passes_a_large_one_that_does_not_fit() {
        let (large, small) = (yuan(60), yuan(40));
        let found = admit(Some(&exposure(100, 0, 0)), &[&large, &large, &small, &small], at(10));
        let full = Some(Obstacle::Exceeded { available: 0 });
        assert_eq!(found, [None, Some(Obstacle::Exceeded { available: 40 }), None, full]);
    }

    proptest! {
        // proves: I2
        /// I2: what is admitted never goes over the limit, and is what one after the other would have got.
        #[test]
        fn what_is_admitted_together_is_what_would_be_admitted_singly(
            limit in 0_i64..200, drawn in 0_i64..120, held in 0_i64..120, asked in prop::collection::vec(1_i64..60, 0..20),
        ) {
            let asked: Vec<_> = asked.into_iter().map(yuan).collect();
            let mut single = exposure(limit, drawn, held);
            let together = admit(Some(&single), &asked.iter().collect::<Vec<_>>(), at(10));
            for (amount, found) in asked.iter().zip(together) {
                prop_assert_eq!(one(Some(&single), amount, 10), found.clone());
                if found.is_none() {
                    single.held += amount.minor;
                    prop_assert!(single.drawn + single.held <= limit);
                }
            }
        }
    }
}
