//! The rules that the measured company lives under: R36, and one register over all files.
//!
//! R36 itself declares no register. A company that wants one extends it by a pack of its own, and so does this one: what is
//! measured is then what every company can have.

use std::path::{Path, PathBuf};

use dossier_regime::{Regimes, Source, Sources};

use crate::ground::{Fault, Plan, Result};

/// The register of the measured company: the complaints of all files.
pub const REGISTER: &str = "registers/complaints";

/// Its pack. A clerk's register: the number of the file in clear, two fields that are opened, and where the complaint stands.
const PACK: &str = "id: MEASURED
version: 1
extends: R36
label: 销售客户档案管理制度
registers:
  - id: complaints
    label: 客户投诉登记
    over: records
    kind: complaint
    posts: [sales_staff]
    columns:
      - {label: 档案编号, value: file.number}
      - {label: 投诉日期, value: complained_on}
      - {label: 投诉内容, value: content}
      - {label: 进度, value: stage}
";

const DEMO: &str = "organisations/demo.yaml";

/// The rules, as the services read them from the folder of [`write`].
///
/// # Errors
/// When the packs that are shipped do not load, or the register does not fit them any more.
pub fn regimes() -> Result<Regimes> {
    Regimes::read(&sources()).map_err(|faults| Fault::new(format!("the rules to be measured by: {faults:?}")))
}

/// `plan` with these rules, which are written below `folder`.
///
/// # Errors
/// When they cannot be written.
pub fn lived_under(plan: Plan, folder: &Path) -> Result<Plan> {
    write(folder)?;
    let at = |name: &str| folder.join(name).display().to_string();
    Ok(plan
        .with("DOSSIER__REGIMES__DIR", at("regimes"))
        .with("DOSSIER__REGIMES__ORGANISATIONS_DIR", at("organisations")))
}

fn write(folder: &Path) -> Result<()> {
    let all = sources();
    for one in [all.packs, all.templates, all.calendars, all.organisations].into_iter().flatten() {
        let path: PathBuf = folder.join(&one.file);
        if let Some(above) = path.parent() {
            std::fs::create_dir_all(above)?;
        }
        std::fs::write(path, &one.bytes)?;
    }
    Ok(())
}

// Those that are shipped; the company of the demonstration stands under its own pack.
fn sources() -> Sources {
    let mut all = Sources::shipped();
    all.packs.push(Source { file: "regimes/MEASURED.yaml".to_owned(), bytes: PACK.into() });
    for one in all.organisations.iter_mut().filter(|one| one.file == DEMO) {
        one.bytes = String::from_utf8_lossy(&one.bytes).replace("pack: R36", "pack: MEASURED").into_bytes();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::ORG;

    #[test]
    fn the_measured_company_has_a_register_and_everything_else_of_r36() {
        let rules = regimes().unwrap();
        let pack = rules.tenant(ORG).unwrap().pack();
        let register = pack.register(REGISTER.strip_prefix("registers/").unwrap()).unwrap();
        assert!(register.shows_content(), "a page of it opens what is sealed");
        assert!(pack.record(&register.kind).is_some() && pack.level("secret").is_some());
    }

    #[test]
    fn the_services_read_from_the_folder_what_the_generator_knows() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path()).unwrap();
        let read = Regimes::load(&folder.path().join("regimes"), &folder.path().join("organisations")).unwrap();
        let register = |rules: &Regimes| rules.tenant(ORG).unwrap().pack().registers.len();
        assert_eq!(register(&read), register(&regimes().unwrap()));
    }
}
