//! What every metric says, and those that begin at zero: a rate over a series that is not there yet misses its first fault.

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge};

use super::{ACTIVE_CALLS, CALL_DURATION};
use crate::error;

/// Counters that begin at zero here, and what they count.
const COUNTERS: [(&str, &str); 5] = [
    (
        "dossier_credit_reserve_group_failures_total",
        "groups of reservations that failed together and were tried singly",
    ),
    ("dossier_journal_publish_failures_total", "batches of entries that the bus did not take; repeated"),
    ("dossier_server_connections_cut_total", "connections that were cut because there were too many"),
    ("dossier_server_rate_limited_total", "calls that were refused because their caller calls too often"),
    ("dossier_store_retries_total", "transactions that the store asked to repeat"),
];

/// Counters that begin at zero where they are counted: there their labels are known.
const ELSEWHERE: [(&str, &str); 16] = [
    (error::REFUSALS, "calls that were not answered, by the reason that their callers were told"),
    ("dossier_journal_doubts_total", "journals that were found to be not what they were"),
    ("dossier_lease_lost_total", "leases that were lost while their job ran"),
    ("dossier_journal_applied_total", "entries of other services' journals that were applied"),
    ("dossier_journal_apply_failures_total", "entries that could not be applied; repeated"),
    ("dossier_journal_published_total", "entries that were handed to the bus"),
    ("dossier_journal_witness_failures_total", "checkpoints that a witness did not take; a newer one is told later"),
    ("dossier_certificate_reload_failures_total", "replaced files that cannot be used"),
    ("dossier_server_tls_refused_total", "handshakes of callers that failed, by cause"),
    ("dossier_bus_recoveries_total", "times that Redis was used again after a fault"),
    ("dossier_bus_unvouched_total", "messages of the bus that no service of this installation signed; dropped"),
    ("dossier_bus_failures_total", "operations of the bus that failed"),
    ("dossier_bus_faults_total", "faults of Redis, each counted once however often it is met"),
    ("dossier_store_acquire_timeouts_total", "calls that waited for a connection in vain"),
    ("dossier_store_faults_total", "faults of the store, each counted once however often it is met"),
    ("dossier_issuer_keys_failures_total", "reads of an issuer's keys that failed"),
];

/// Gauges, and what they show.
const GAUGES: [(&str, &str); 13] = [
    (ACTIVE_CALLS, "calls that are being answered now"),
    ("dossier_ready", "whether a condition holds that a service needs to be given calls"),
    ("dossier_bus_up", "1 while Redis is connected and takes all that is asked of it, else 0"),
    ("dossier_store_up", "1 while the store answers and takes writes, else 0"),
    ("dossier_store_connections", "connections of the pool by state, and calls that wait for one"),
    ("dossier_clock_skew_seconds", "by how much this machine's clock is ahead of the store's"),
    ("dossier_lease_held", "whether this process holds a lease"),
    ("dossier_journal_lag_entries", "entries of the owner's journal that a consumer has not applied"),
    ("dossier_journal_waiting_seconds", "how long the oldest entry without a number has waited"),
    ("dossier_journal_doubted", "whether a journal is not what it was, so that nothing is decided on it"),
    ("dossier_certificate_expiry_seconds", "time until what an option names ends"),
    ("dossier_certificate_life_seconds", "from beginning to end of what an option names"),
    ("dossier_issuer_keys_age_seconds", "time since the keys of an issuer were read"),
];

/// Describes everything and puts the counters to zero.
pub(super) fn begin() {
    describe_histogram!(CALL_DURATION, Unit::Seconds, "how long calls took to answer");
    for reason in error::reasons() {
        counter!(error::REFUSALS, "reason" => reason).increment(0);
    }
    for (name, words) in COUNTERS {
        describe_counter!(name, words);
        counter!(name).increment(0);
    }
    for (name, words) in ELSEWHERE {
        describe_counter!(name, words);
    }
    for (name, words) in GAUGES {
        describe_gauge!(name, words);
    }
    gauge!("dossier_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    metrics_process::Collector::default().describe();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_stand_at_zero_before_anything_was_counted() {
        let recorder = super::super::builder().unwrap().build_recorder();
        metrics::with_local_recorder(&recorder, begin);
        let told = recorder.handle().render();
        for line in ["dossier_store_retries_total 0", "dossier_refusals_total{reason=\"RATE_LIMITED\"} 0"] {
            assert!(told.contains(line), "{told}");
        }
        assert!(told.contains("dossier_build_info{version="));
    }
}
