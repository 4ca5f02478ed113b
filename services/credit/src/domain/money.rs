//! Amounts: whole minor units of one currency, so that sums are exact.

use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::money;

pub use dossier_kernel::money::MOST;

/// An amount of money.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Money {
    /// Minor units of the currency: 1234 is 12.34 yuan.
    pub minor: i64,
    /// ISO 4217 code.
    pub currency: String,
}

// === impl Money ===

impl Money {
    /// An amount above zero.
    ///
    /// # Errors
    /// Violations of `field` for an amount that is not above zero or too large, and for a code that is no currency.
    pub fn positive(field: &str, minor: i64, currency: &str) -> Result<Self> {
        let mut faults = Faults::default();
        let mut add = |name: &str, why: &str| {
            let why = why.to_owned();
            faults.add(format!("{field}.{name}"), why);
        };
        if !(1..=MOST).contains(&minor) {
            add("minor_units", "must be above 0 and at most 10^15");
        }
        if !money::is_code(currency) {
            add("currency_code", "must be an ISO 4217 code in capitals");
        }
        faults.finish()?;
        Ok(Self { minor, currency: currency.to_owned() })
    }

    /// The amount as people write it: `CNY 100.00`.
    pub fn text(&self) -> String {
        money::text(self.minor, &self.currency)
    }

    /// Demands that the amount is in `currency`.
    ///
    /// # Errors
    /// `CURRENCY_MISMATCH`.
    pub fn require(&self, currency: &str) -> Result<()> {
        if self.currency == currency {
            return Ok(());
        }
        Err(Error::new(Reason::CurrencyMismatch).with("expected", currency).with("given", &self.currency))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_amounts_above_zero_in_a_currency_pass() {
        assert!(Money::positive("amount", MOST, "CNY").is_ok());
        for (minor, currency) in [(0, "CNY"), (-1, "CNY"), (MOST + 1, "CNY"), (1, ""), (1, "cny"), (1, "人民币")] {
            let fault = Money::positive("amount", minor, currency).unwrap_err();
            assert_eq!(fault.violations().len(), 1);
        }
        let fault = Money::positive("amount", 1, "USD").unwrap().require("CNY").unwrap_err();
        assert_eq!((fault.metadata("expected"), fault.metadata("given")), (Some("CNY"), Some("USD")));
    }
}
