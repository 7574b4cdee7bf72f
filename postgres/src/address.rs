//! Where the servers are, and as whom they are asked: a URL, and what the environment says that the URL does not.

use std::time::Duration;

use codebolt_eventlog::error::Error;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

use crate::options::{Durability, Options, SCHEMA_DEFAULT};
use crate::pem::Pem;
use crate::url::Url;

/// What is said of the program in the server's list of connections, unless it says something itself.
const APPLICATION: &str = "codebolt-eventlog";

/// How long a server may take to answer that it is there, unless the address says something else.
const CONNECTING: Duration = Duration::from_secs(5);

/// For how long a connection may be silent before it is asked whether it still is one.
const SILENCE: Duration = Duration::from_secs(10);

/// How long what was sent may stay without a sign that it has come.
const UNHEARD: Duration = Duration::from_secs(20);

/// The longest name of a schema, in bytes. The server cuts what is longer.
const SCHEMA_BYTES_MAX: usize = 63;

/// libpq's name for the certificates of the system.
const SYSTEM: &str = "system";

/// Where the log is, as whom the servers are asked, and how what is said is kept from others.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) config: Config,
    pub(crate) tls: TlsMode,
    /// The schema that has the log.
    pub(crate) schema: String,
    pub(crate) durability: Durability,
}

/// How a connection is encrypted, and whom it is believed to lead to: libpq's `sslmode` and what belongs to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TlsMode {
    /// How far the certificate of the server is looked at.
    pub(crate) trust: Trust,
    /// The certificates that a server's has to be signed by; those of the system if there is none.
    pub(crate) roots: Option<Pem>,
    /// The certificate and the key by which the server knows who asks.
    pub(crate) own: Option<(Pem, Pem)>,
}

/// How far the certificate of a server is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Not at all: `disable`, `allow` and `prefer`, which take no certificates, and `require` without any.
    #[default]
    Any,
    /// Who has signed it: `verify-ca`, and `require` with certificates.
    Signed,
    /// That it is the server's, too: `verify-full`.
    Full,
}

impl TlsMode {
    /// Whether any of the certificates is in a file.
    pub(crate) fn has_files(&self) -> bool {
        let own = self
            .own
            .iter()
            .flat_map(|(certificate, key)| [certificate, key]);
        self.roots.iter().chain(own).any(Pem::is_file)
    }
}

/// The parameters of a URL that this package reads itself.
#[derive(Debug, Default)]
struct Own {
    target: Option<String>,
    schema: Option<String>,
    durability: Option<String>,
    mode: Option<String>,
    roots: Option<Given>,
    certificate: Option<Given>,
    key: Option<Given>,
}

/// A text, after the place where it was given.
type Given = (&'static str, String);

impl Address {
    /// Reads what the options say of it. `variable` is the environment.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT`. The text does not have the password.
    pub(crate) fn parse(
        options: &Options,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Error> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let mut url = Url::cut(&options.address)?;
        let mut own = Own::of(&mut url);
        own.complete(&variable);
        own.give_way(options)?;
        let port = variable("PGPORT").map(|port| port_of(&port)).transpose()?;
        // A server that has vanished, rather than failed, says nothing.
        let idle = SILENCE.as_secs();
        let usual = format!(
            "keepalives_idle={idle} keepalives_interval={} keepalives_retries=3",
            idle / 2
        );
        let mut config = url.into_config(&usual, port)?;
        complete(&mut config, &variable, port);
        config.target_session_attrs(own.target(options)?);
        let (schema, durability) = (own.schema(options)?, own.durability(options)?);
        let tls = own.tls(&mut config)?;
        Ok(Self {
            config,
            tls,
            schema,
            durability,
        })
    }
}

impl Own {
    /// Takes from a URL what this package reads itself.
    fn of(url: &mut Url) -> Self {
        let mut given = |name| url.take(name).map(|text| (name, text));
        Self {
            roots: given("sslrootcert"),
            certificate: given("sslcert"),
            key: given("sslkey"),
            target: url.take("target_session_attrs"),
            schema: url.take("schema"),
            durability: url.take("durability"),
            mode: url.take("sslmode"),
        }
    }

    fn complete(&mut self, variable: &impl Fn(&str) -> Option<String>) {
        self.mode = self.mode.take().or_else(|| variable("PGSSLMODE"));
        for (place, name) in [
            (&mut self.roots, "PGSSLROOTCERT"),
            (&mut self.certificate, "PGSSLCERT"),
            (&mut self.key, "PGSSLKEY"),
        ] {
            if place.is_none() {
                *place = variable(name).map(|text| (name, text));
            }
        }
    }

    /// Which servers are taken. A log that is open for changes has no use for others than those that take some.
    fn target(&self, options: &Options) -> Result<TargetSessionAttrs, Error> {
        let changes = !options.read_only;
        match self.target.as_deref() {
            None if changes => Ok(TargetSessionAttrs::ReadWrite),
            None => Ok(TargetSessionAttrs::Any),
            Some("read-write") => Ok(TargetSessionAttrs::ReadWrite),
            Some("any") if !changes => Ok(TargetSessionAttrs::Any),
            Some("read-only") if !changes => Ok(TargetSessionAttrs::ReadOnly),
            Some(other) => {
                let expected = if changes {
                    "target_session_attrs=read-write, or none, for a log that is open for changes"
                } else {
                    "target_session_attrs any, read-write or read-only"
                };
                Err(Error::expected("path", expected, &format!("{other:?}")))
            }
        }
    }

    fn schema(&self, options: &Options) -> Result<String, Error> {
        let given = options.schema.as_ref().or(self.schema.as_ref());
        let schema = given.map_or(SCHEMA_DEFAULT, String::as_str);
        if schema.is_empty() || schema.len() > SCHEMA_BYTES_MAX || schema.contains('\0') {
            let expected = format!("a name of 1 to {SCHEMA_BYTES_MAX} bytes without a NUL");
            return Err(Error::expected("schema", &expected, &format!("{schema:?}")));
        }
        Ok(schema.to_owned())
    }

    fn durability(&self, options: &Options) -> Result<Durability, Error> {
        if let Some(given) = options.durability {
            return Ok(given);
        }
        match self.durability.as_deref() {
            None | Some("disk") => Ok(Durability::Disk),
            Some("replicated") => Ok(Durability::Replicated),
            Some(other) => {
                let found = format!("{other:?}");
                Err(Error::expected("durability", "disk or replicated", &found))
            }
        }
    }

    /// Has what the options say be said in the place of what the address and the environment do.
    fn give_way(&mut self, options: &Options) -> Result<(), Error> {
        if let Some(ca) = &options.ca {
            let mode = self.mode.get_or_insert_with(|| "verify-full".to_owned());
            if ["disable", "allow", "prefer"].contains(&mode.as_str()) {
                let expected = "it with sslmode require, verify-ca or verify-full";
                return Err(Error::expected("options.ca", expected, mode));
            }
            self.roots = Some(("options.ca", ca.clone()));
        }
        if let Some((certificate, key)) = &options.own {
            self.certificate = Some(("options.cert", certificate.clone()));
            self.key = Some(("options.key", key.clone()));
        }
        Ok(())
    }

    /// How connections are encrypted; the configuration, which has its hosts, learns whether they are.
    fn tls(self, config: &mut Config) -> Result<TlsMode, Error> {
        // An empty one says that there is none, whatever the environment has.
        let given = |given: Option<Given>| given.filter(|(_, text)| !text.is_empty());
        let roots = given(self.roots);
        let unsaid = if roots.is_some() {
            "verify-full"
        } else {
            "prefer"
        };
        let mode = self.mode.as_deref().unwrap_or(unsaid);
        let (encrypted, trust) = match mode {
            "disable" => (SslMode::Disable, Trust::Any),
            "allow" | "prefer" => (SslMode::Prefer, Trust::Any),
            "require" if roots.is_none() => (SslMode::Require, Trust::Any),
            "require" | "verify-ca" => (SslMode::Require, Trust::Signed),
            "verify-full" => (SslMode::Require, Trust::Full),
            other => {
                let expected = "sslmode disable, allow, prefer, require, verify-ca or verify-full";
                return Err(Error::expected("path", expected, other));
            }
        };
        let is_system = matches!(&roots, Some((_, text)) if text == SYSTEM);
        if is_system && trust != Trust::Full {
            // Anybody can have a certificate that these have signed.
            let expected = "sslrootcert=system with sslmode=verify-full";
            return Err(Error::expected("path", expected, mode));
        }
        if roots.is_some() && trust == Trust::Any {
            let expected = "sslrootcert with sslmode require, verify-ca or verify-full";
            return Err(Error::expected("path", expected, mode));
        }
        config.ssl_mode(if is_local(config) {
            SslMode::Disable
        } else {
            encrypted
        });
        let pem = |(place, text)| Pem::of(place, text);
        let own = match (given(self.certificate), given(self.key)) {
            (Some(certificate), Some(key)) => Some((pem(certificate), pem(key))),
            (None, None) => None,
            _ => {
                return Err(Error::expected(
                    "path",
                    "sslcert and sslkey",
                    "one of the two",
                ));
            }
        };
        let roots = roots.filter(|_| !is_system).map(pem);
        Ok(TlsMode { trust, roots, own })
    }
}

/// Whether it leads to sockets alone. No server encrypts on these, and libpq does not ask for it.
fn is_local(config: &Config) -> bool {
    let hosts = config.get_hosts();
    let are_sockets = hosts.iter().all(|host| !matches!(host, Host::Tcp(_)));
    config.get_hostaddrs().is_empty() && are_sockets
}

fn port_of(text: &str) -> Result<u16, Error> {
    text.parse()
        .map_err(|_| Error::expected("PGPORT", "a port", text))
}

/// Has the environment, and what is usual, say what the URL does not.
fn complete(config: &mut Config, variable: &impl Fn(&str) -> Option<String>, port: Option<u16>) {
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        for host in variable("PGHOST")
            .as_deref()
            .unwrap_or("localhost")
            .split(',')
        {
            config.host(host);
        }
    }
    if config.get_ports().is_empty()
        && let Some(port) = port
    {
        config.port(port);
    }
    if config.get_user().is_none()
        && let Some(user) = variable("PGUSER")
    {
        config.user(user);
    }
    if config.get_password().is_none()
        && let Some(password) = variable("PGPASSWORD")
    {
        config.password(password);
    }
    if config.get_dbname().is_none()
        && let Some(database) = variable("PGDATABASE")
    {
        config.dbname(database);
    }
    if config.get_application_name().is_none() {
        config.application_name(variable("PGAPPNAME").unwrap_or_else(|| APPLICATION.to_owned()));
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECTING);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(UNHEARD);
    }
}

#[cfg(test)]
mod test;
