//! What `lint` shows of packs and templates in place of their faults.

use dossier_regime::{
    Effective, Faults, Organisation, Regimes, Sources, effective, series, statistics, values_schema, who_sees,
};

use super::{SHIPPED, complete};
use crate::{Failure, out};

/// What is shown; one at a time.
#[derive(clap::Args, Clone, Debug, Default)]
#[group(id = "show", multiple = false)]
pub struct Args {
    /// Print packs with all that they inherit, and behind each line the file and line that it comes from
    #[arg(long, value_name = "PACK", num_args = 0..=1, require_equals = true)]
    effective: Option<Option<String>>,
    /// Print for each level and post what its holders see
    #[arg(long, value_name = "PACK", num_args = 0..=1, require_equals = true)]
    who_sees: Option<Option<String>>,
    /// Print for each pack which requirements of the catalogue it carries, and which wait for what
    #[arg(long, value_name = "PACK", num_args = 0..=1, require_equals = true)]
    statistics: Option<Option<String>>,
    /// Print for each pack how many numbers its series hold
    #[arg(long, value_name = "PACK", num_args = 0..=1, require_equals = true)]
    series: Option<Option<String>>,
    /// Print the JSON Schema of packs, or of the values that a template asks for
    #[arg(long, value_name = "TEMPLATE", num_args = 0..=1, require_equals = true)]
    schema: Option<Option<String>>,
}

// === impl Args ===

impl Args {
    /// Whether the schema of packs is asked for, which needs none.
    pub(super) const fn is_schema(&self) -> bool {
        matches!(self.schema, Some(None))
    }

    pub(super) fn is_asked(&self) -> bool {
        [&self.effective, &self.who_sees, &self.statistics, &self.series, &self.schema].iter().any(|one| one.is_some())
    }
}

/// Shows the pack that is named, or those of the given files; or what a template asks for.
///
/// # Errors
/// When there is no such pack or template, or a fault keeps it from being shown.
pub(super) fn run(args: &Args, given: &Sources, arriving: Option<u64>) -> Result<(), Failure> {
    if let Some(Some(id)) = &args.schema {
        return form(given, id);
    }
    let (packs, faults) = effective(given);
    let asked = [&args.effective, &args.who_sees, &args.statistics, &args.series];
    let wanted = asked.into_iter().flatten().next().and_then(Option::as_deref);
    let chosen: Vec<_> = packs.into_iter().filter(|pack| is_wanted(pack, wanted)).collect();
    if chosen.is_empty() {
        let words =
            wanted.map_or_else(|| "there is no pack to show".to_owned(), |id| format!("there is no pack `{id}`"));
        return Err(refused(&faults, words));
    }
    let regimes = Regimes::read(given);
    for pack in chosen {
        match (args.effective.is_some(), &regimes) {
            (true, regimes) => whole(&pack, regimes.as_ref().ok())?,
            (false, Err(faults)) => return Err(refused(faults, format!("pack `{}` has faults", pack.id))),
            (false, Ok(regimes)) => judged(args, &pack, regimes, arriving)?,
        }
    }
    Ok(())
}

// Those that are compiled in are shown by name, or where no file was given.
fn is_wanted(pack: &Effective, wanted: Option<&str>) -> bool {
    wanted.map_or_else(|| !pack.file.starts_with(SHIPPED), |id| id == pack.id)
}

fn refused(faults: &Faults, words: String) -> Failure {
    for fault in faults.errors() {
        out::note(fault);
    }
    Failure::differs(words)
}

fn whole(pack: &Effective, regimes: Option<&Regimes>) -> Result<(), Failure> {
    out::line(format_args!("# pack {}, {}", pack.id, pack.file))?;
    out::text(&pack.text)?;
    let tenants = regimes.into_iter().flat_map(Regimes::tenants);
    for tenant in tenants.filter(|tenant| tenant.pack().id == pack.id) {
        units(tenant.organisation())?;
    }
    Ok(())
}

fn units(organisation: &Organisation) -> Result<(), Failure> {
    out::line(format_args!("# organisation {}, with the units", organisation.org))?;
    for (deep, unit) in organisation.tree() {
        let kind = unit.kind.as_ref().map(|kind| format!(" ({kind})")).unwrap_or_default();
        out::line(format_args!("#   {:width$}{} {}{kind}", "", unit.id, unit.label, width = 2 * deep))?;
    }
    Ok(())
}

fn form(given: &Sources, id: &str) -> Result<(), Failure> {
    // What packs say makes no difference to a form.
    let templates = if given.templates.is_empty() { Sources::shipped().templates } else { given.templates.clone() };
    let mut forms = Sources { templates, ..Sources::default() };
    let unknown = || Failure::differs(format!("there is no template `{id}`"));
    complete(&mut forms);
    let read = Regimes::read(&forms).map_err(|faults| refused(&faults, "the templates have faults".to_owned()))?;
    let template = read.template(id).ok_or_else(unknown)?;
    Ok(out::text(&values_schema(template, None))?)
}

fn judged(args: &Args, pack: &Effective, regimes: &Regimes, arriving: Option<u64>) -> Result<(), Failure> {
    // An abstract pack sees nobody, and carries nothing by itself.
    let Some(pack) = regimes.pack(&pack.id) else { return Ok(()) };
    if args.statistics.is_some() {
        return Ok(out::text(&statistics(pack))?);
    }
    if args.series.is_some() {
        return Ok(out::text(&series(pack, arriving))?);
    }
    out::line(format_args!("# pack {}\n", pack.id))?;
    Ok(out::text(&who_sees(pack))?)
}

#[cfg(test)]
mod tests {
    use dossier_regime::Source;

    use super::*;

    fn args(flag: &str) -> Args {
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            show: Args,
        }
        <Line as clap::Parser>::try_parse_from(["lint", flag]).unwrap().show
    }

    fn asked(flag: &str, text: &str) -> Result<(), Failure> {
        let pack = Source { file: "acme.yaml".to_owned(), bytes: text.into() };
        let mut given = Sources { packs: vec![pack], ..Sources::default() };
        complete(&mut given);
        run(&args(flag), &given, None)
    }

    const ACME: &str = "id: ACME\nversion: 1\nextends: R36\n";

    #[test]
    fn a_pack_that_extends_a_shipped_one_is_shown_alone() {
        for flag in [
            "--effective",
            "--effective=ACME",
            "--effective=R36",
            "--who-sees",
            "--who-sees=ACME",
            "--statistics",
            "--series",
        ] {
            asked(flag, ACME).unwrap();
        }
    }

    // proves: P-30, X-37
    #[test]
    fn the_schema_of_a_template_is_shown_by_its_name() {
        let shown = |flag: &str, template: &str| {
            let bytes =
                std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/example-template.yaml")).unwrap();
            let bytes = String::from_utf8(bytes).unwrap().replace("id: example_form", template);
            let form = Source { file: "form.yaml".to_owned(), bytes: bytes.into() };
            run(&args(flag), &Sources { templates: vec![form], ..Sources::default() }, None)
        };
        shown("--schema=example_form", "id: example_form").unwrap();
        shown("--schema=customer_core", "id: example_form").unwrap();
        assert!(shown("--schema=other", "id: example_form").unwrap_err().to_string().contains("no template `other`"));
        assert!(shown("--schema=example_form", "id: example_form\nweight: 1").is_err());
        assert!(args("--schema").is_schema() && !args("--schema=customer_core").is_schema());
    }

    #[test]
    fn a_pack_that_is_not_there_or_has_faults_is_refused() {
        let told = asked("--effective=R1", ACME).unwrap_err().to_string();
        assert!(told.contains("there is no pack `R1`"), "{told}");
        let faulty = format!("{ACME}credit: {{currency: yuan}}\n");
        asked("--effective", &faulty).unwrap();
        let told = asked("--who-sees", &faulty).unwrap_err().to_string();
        assert!(told.contains("pack `ACME` has faults"), "{told}");
        assert!(asked("--effective", "id: ACME\nversion: 1\nextends: R1\n").is_err());
    }
}
