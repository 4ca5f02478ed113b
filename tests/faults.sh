# A program of tests/fire and services with fault points; sourced by tests/crash, tests/edges and tests/fuzz.
#
#   build_with_faults NAME   builds both in the dev profile, so that most of it is there after `cargo test`, into target/crash
#
# No other build has fault points. DOSSIER names a program in place of the one that is built.
build_with_faults() {
    cargo build --locked --quiet --package dossier --package dossier-fire --bin dossier --bin "$1" --features dossier/faults
    mkdir -p target/crash
    rm -f "target/crash/$1" target/crash/dossier
    # Out of the way of the next ordinary build, and this one out of the way of whoever looks for that.
    cp "target/debug/$1" "target/crash/$1"
    if [ -z "${DOSSIER:-}" ]; then mv target/debug/dossier target/crash/dossier; fi
    export DOSSIER=${DOSSIER:-$PWD/target/crash/dossier}
}
