//! I11.

use super::{force, turns_red};
use crate::prelude::*;

on_both_stores! {
    // proves: I11
    async fn a_gap_in_a_series_is_seen(world) {
        for n in 1..=3 {
            world.active(n).await;
        }
        let red = turns_red!(check::numbers, world, {
            force(world, Which::Profile, "DELETE FROM file_number WHERE sequence = 2").await;
        });
        assert!(red.iter().any(|fault| fault.contains("3 follows 1")), "{red:?}");
    }

    // proves: I11
    async fn a_number_that_is_void_without_a_reason_is_seen(world) {
        world.active(1).await;
        turns_red!(check::numbers, world, {
            force(world, Which::Profile, "UPDATE file_number SET state = 'void', why = ' ', file = NULL").await;
        });
    }

    // proves: I11
    async fn a_file_with_a_number_of_its_own_making_is_seen(world) {
        world.active(1).await;
        turns_red!(check::numbers, world, {
            force(world, Which::Profile, "UPDATE customer_file SET number = 'KH-2026-00009'").await;
        });
    }

    // proves: I11
    async fn a_series_that_ran_ahead_of_its_numbers_is_seen(world) {
        world.active(1).await;
        turns_red!(
            check::numbers,
            world,
            force(world, Which::Profile, "UPDATE number_series SET taken = taken + 1").await
        );
    }
}
