//! What a run ran on: no names of hosts and no paths.

use std::fs;
use std::path::Path;

use dossier_fire::ground::Result;
use dossier_fire::measure::float;
use dossier_fire::report::Machine;

/// What /proc tells.
pub fn facts() -> Machine {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let value = |text: &str, key: &str| {
        let line = text.lines().find(|line| line.starts_with(key)).unwrap_or_default();
        line.split_once(':').map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let kib: u64 = value(&read("/proc/meminfo"), "MemTotal").trim_end_matches(" kB").parse().unwrap_or_default();
    let load = read("/proc/loadavg");
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let release = read("/proc/sys/kernel/osrelease");
    Machine {
        cores: u64::try_from(cores).unwrap_or(1),
        processor: value(&read("/proc/cpuinfo"), "model name"),
        memory_gib: float(kib) / 1024.0 / 1024.0,
        system: format!("Linux {}", release.split('-').next().unwrap_or_default().trim()),
        load_before: load.split_whitespace().next().and_then(|load| load.parse().ok()).unwrap_or_default(),
    }
}

/// Size of the program in MiB as it is, and without debug information where `strip` is installed.
///
/// # Errors
/// When there is no such program.
pub fn program(path: &Path) -> Result<(f64, Option<f64>)> {
    let mib = |path: &Path| fs::metadata(path).map(|data| float(data.len()) / 1024.0 / 1024.0);
    let whole = mib(path)?;
    let folder = tempfile::tempdir()?;
    let copy = folder.path().join("dossier");
    let done = std::process::Command::new("strip").arg("-o").arg(&copy).arg(path).output();
    let stripped = done.ok().filter(|done| done.status.success()).and_then(|_| mib(&copy).ok());
    Ok((whole, stripped))
}
