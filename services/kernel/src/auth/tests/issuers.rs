//! Tokens in the form of three products, and what an issuer's settings make of them.

use super::*;

const PRODUCTS: &str = include_str!("../fixtures/products.json");

struct Product {
    scene: Scene,
    said: Value,
    keys: tempfile::NamedTempFile,
}

/// The tokens and keys of `name`, in the hour of their issue.
fn product(name: &str) -> Product {
    let scene = scene();
    let products: Value = serde_json::from_str(PRODUCTS).unwrap();
    let keys = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(keys.path(), products[name]["jwks"].to_string()).unwrap();
    Product { scene, said: products[name].clone(), keys }
}

impl Product {
    /// What `token` is to a process whose configuration has `settings` for the issuer.
    async fn verify(&self, token: &str, audience: &str, settings: &str) -> Result<(String, String), Refusal> {
        let (folder, keys) = (tempfile::tempdir().unwrap(), self.keys.path().display());
        let issuer = self.said["issuer"].as_str().unwrap_or(ISSUER);
        let issuers = format!("[{{ issuer = '{issuer}', audience = '{audience}', jwks_file = '{keys}', {settings} }}]");
        let config = load(&[("auth.issuers", &issuers), ("data_dir", &folder.path().display().to_string())]).unwrap();
        let providers = Providers { clock: self.scene.clock.clone(), ids: crate::id::System::shared() };
        let auth = Auth::open(&config, self.scene.orgs.clone(), &["profile"], &providers).unwrap();
        let caller = auth.verifier().verify(self.said[token].as_str().unwrap()).await?;
        Ok((caller.subject, caller.org))
    }
}

fn load(flags: &[(&str, &str)]) -> Result<Config, ConfigFaults> {
    let mut flags: Vec<_> = flags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    flags.push(("auth.development_issuer".to_owned(), "false".to_owned()));
    Config::load(&Sources { flags, ..Sources::default() })
}

fn of(subject: &str) -> Result<(String, String), Refusal> {
    Ok((subject.to_owned(), "demo".to_owned()))
}

#[tokio::test]
async fn keycloak_names_its_organisation_as_a_text_a_list_or_an_object() {
    let keycloak = product("keycloak");
    let settings = "org_claim = 'organization', orgs = ['demo']";
    for form in ["text", "list", "object"] {
        let verified = keycloak.verify(form, "dossier", settings).await;
        assert_eq!(verified, of("2c6a3a2e-6a0b-4b8e-8c1d-7f4e5f0a9b1c"), "{form}");
    }
    for form in ["several", "none"] {
        assert_eq!(keycloak.verify(form, "dossier", settings).await, Err(Refusal::Claim("org")), "{form}");
    }
    assert_eq!(keycloak.verify("text", "dossier", "org_claim = 'org'").await, Err(Refusal::Claim("org")));
    let path = "org_claim = '/organization/0'";
    assert!(keycloak.verify("list", "dossier", path).await.is_ok(), "a path into a list");
    assert_eq!(keycloak.verify("text", "other", settings).await, Err(Refusal::WrongAudience), "no audience mapper");
}

#[tokio::test]
async fn entra_names_its_tenant_and_a_map_says_which_org_that_is() {
    let entra = product("entra");
    let audience = "6e74172b-be56-4843-9ff4-e66a39bb12e3";
    let map = "org_claim = 'tid', org_map = { '9188040d-6c67-4c5b-b112-36a304b66dad' = 'demo' }, subject_claim = 'oid'";
    assert_eq!(entra.verify("token", audience, map).await, of("690222be-ff1a-4d56-abd1-7e4f7d38e474"));
    assert_eq!(entra.verify("other", audience, map).await, Err(Refusal::ForeignOrg), "another tenant");
    // Pairwise, and its key does not say for which algorithm it is.
    let fixed = "org = 'demo'";
    assert_eq!(entra.verify("token", audience, fixed).await, of("AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ"));
    assert_eq!(entra.verify("token", audience, "org_claim = 'tid'").await, Err(Refusal::UnknownOrg));
}

#[tokio::test]
async fn auth0_names_its_org_by_id_or_in_a_claim_of_ones_own() {
    let auth0 = product("auth0");
    let subject = "auth0|5f7c8ec7c33c6c004bbafe82";
    let own = "org_claim = 'https://example.com/org'";
    assert_eq!(auth0.verify("token", "dossier", own).await, of(subject));
    assert_eq!(auth0.verify("token", "dossier", "org_claim = '/https:~1~1example.com~1org'").await, of(subject));
    let id = "org_claim = 'org_id', org_map = { 'org_9ybsU1dN2dKfDkBi' = 'demo' }";
    assert_eq!(auth0.verify("token", "dossier", id).await, of(subject));
    let bound = "org_claim = 'https://example.com/org', orgs = ['meridian']";
    assert_eq!(auth0.verify("token", "dossier", bound).await, Err(Refusal::ForeignOrg));
    assert_eq!(
        auth0.verify("token", "dossier", "org = 'demo', subject_claim = 'oid'").await,
        Err(Refusal::Claim("sub"))
    );
}

#[tokio::test]
async fn ps256_and_es384_are_accepted_and_a_key_that_says_nothing_has_one_algorithm_all_the_same() {
    let algorithms = product("algorithms");
    let verify = async |token, settings| algorithms.verify(token, "dossier", settings).await;
    for token in ["PS256", "ES384", "RS256 open"] {
        assert_eq!(verify(token, "").await, of("li.wei"), "{token}");
        assert_eq!(verify(token, "algorithms = ['EdDSA', 'ES256']").await, Err(Refusal::Algorithm), "{token}");
    }
    let pss_first = "algorithms = ['PS256', 'RS256']";
    assert_eq!(verify("PS256 open", pss_first).await, of("li.wei"));
    for (token, settings) in [("PS256 open", ""), ("RS256 open", pss_first)] {
        assert_eq!(verify(token, settings).await, Err(Refusal::Algorithm), "{token}");
    }
}

#[test]
fn settings_of_an_issuer_that_contradict_one_another_are_named() {
    let cases = [
        ("org = 'demo', org_claim = 'tid'", "give one of org and org_claim"),
        ("org = 'demo', orgs = ['meridian']", "must stay within orgs"),
        ("org_map = { a = 'demo', b = 'meridian' }, orgs = ['demo']", "must stay within orgs"),
        ("org_map = { a = '' }", "must not hold an empty name"),
        ("subject_claim = ''", "a claim must have a name"),
        ("jwks_ca_file = '/nowhere.pem'", "jwks_ca_file: `/nowhere.pem` cannot be read"),
    ];
    for (settings, expected) in cases {
        let issuer = format!("[{{ issuer = 'a', audience = 'b', jwks_url = 'https://x', {settings} }}]");
        let faults = load(&[("auth.issuers", &issuer)]).unwrap_err().to_string();
        assert!(faults.contains(expected), "{expected} in\n{faults}");
    }
    let plain = "[{ issuer = 'a', audience = 'b', jwks_url = 'http://x', jwks_ca_file = '/nowhere.pem' }]";
    assert!(load(&[("auth.issuers", plain)]).unwrap_err().to_string().contains("needs a https jwks_url"));
    let bound = "[{ issuer = 'a', audience = 'b', jwks_url = 'http://x', org = 'demo' },
                  { issuer = 'c', audience = 'd', jwks_url = 'http://y', org_map = { t = 'meridian' } }]";
    assert!(load(&[("auth.issuers", bound)]).is_ok(), "both are bound to orgs without a list");
}
