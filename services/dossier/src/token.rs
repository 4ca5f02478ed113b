//! `dossier token`: a token of the development issuer, whose key lies in the data directory.

use std::time::Duration;

use dossier_kernel::auth::{DevIssuer, Signer};
use dossier_kernel::call::Providers;
use dossier_kernel::config::{Config, duration};

use crate::{Failure, out};

/// Longest life of a token; a laptop's key needs no longer one.
const LONGEST: Duration = dossier_kernel::auth::LONGEST_DEVELOPMENT_TOKEN;

/// What `token` takes.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// The organisation
    #[arg(long)]
    org: String,
    /// The subject of a person of its directory
    #[arg(long)]
    subject: String,
    /// How long it lives, such as 30m or 12h
    #[arg(long, default_value = "12h", value_parser = duration::parse)]
    ttl: Duration,
}

/// Prints a token.
///
/// # Errors
/// When the development issuer is switched off or its key cannot be used.
pub fn run(args: &Args, config: &Config) -> Result<(), Failure> {
    if args.ttl.is_zero() || args.ttl > LONGEST {
        return Err(Failure::config("--ttl must be longer than nothing and at most 366 days"));
    }
    if args.subject.trim().is_empty() {
        return Err(Failure::config("--subject must name somebody of the directory"));
    }
    let rules = crate::serve::rules(config)?;
    let Some(tenant) = rules.tenant(&args.org) else {
        let known: Vec<_> = rules.tenants().map(|tenant| tenant.org()).collect();
        let told = format!("--org: there is no organisation `{}` here; there are: {}", args.org, known.join(", "));
        return Err(Failure::config(told));
    };
    if tenant.organisation().person(&args.subject).is_none() {
        // Somebody may have been entered since; only the directory knows.
        let first =
            "is not among the first people of its organisation: it opens nothing unless somebody was entered with it";
        out::note(format!("--subject: `{}` {first}", args.subject));
    }
    out::line(issuer(config)?.token(&args.org, &args.subject, args.ttl).map_err(Failure::call)?)?;
    Ok(())
}

/// The development issuer of a data directory. Its key is made by the services at their first start and never here: a
/// token of a key that no service knows opens nothing.
///
/// # Errors
/// When it is switched off, or its key is missing or cannot be used.
pub fn issuer(config: &Config) -> Result<DevIssuer, Failure> {
    if !config.auth.development_issuer {
        return Err(Failure::config("auth.development_issuer is switched off: take a token of a configured issuer"));
    }
    let (path, providers) = (&config.auth.development_key_file, Providers::system());
    if !path.exists() {
        return Err(Failure::config(format!(
            "auth.development_key_file `{}` does not exist: start the services once with this data directory, or name \
             theirs with --data-dir",
            path.display()
        )));
    }
    let signer = Signer::existing(path)
        .map_err(|why| Failure::config(format!("auth.development_key_file `{}` {why}", path.display())))?;
    Ok(DevIssuer::new(signer, providers))
}
