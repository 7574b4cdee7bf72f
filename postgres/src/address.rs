//! Where the servers are, and as whom they are asked: a URL, and what the environment says that the URL does not.

use std::time::Duration;

use codebolt_eventlog::error::Error;
use percent_encoding::percent_decode_str;
use tokio_postgres::Config;
use tokio_postgres::config::{SslMode, TargetSessionAttrs};

use crate::options::{Durability, Options, SCHEMA_DEFAULT};
use crate::pem::Pem;

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
    /// Not at all: `disable`, `allow`, `prefer`, and `require` without certificates.
    #[default]
    Any,
    /// Who has signed it: `verify-ca`, and `require` with certificates.
    Signed,
    /// That it is the server's, too: `verify-full`.
    Full,
}

/// The parameters of a URL that this package reads itself.
#[derive(Debug, Default)]
struct Own {
    schema: Option<String>,
    durability: Option<String>,
    mode: Option<String>,
    roots: Option<String>,
    certificate: Option<String>,
    key: Option<String>,
}

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
        let url = with_known_scheme(&options.address);
        let (rest, mut own) = Own::split(&url)?;
        own.complete(&variable);
        own.give_way(options)?;
        let rest = match variable("PGPORT") {
            Some(port) => with_port(&rest, &port)?,
            None => rest,
        };
        let mut config: Config = rest.parse().map_err(|error: tokio_postgres::Error| {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            let found = cause.unwrap_or_else(|| error.to_string());
            Error::expected(
                "path",
                "a URL such as postgres://user@host/database",
                &found,
            )
        })?;
        complete(&mut config, &variable)?;
        if !options.read_only {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
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
    fn split(url: &str) -> Result<(String, Self), Error> {
        let mut own = Self::default();
        let Some((before, parameters)) = url.split_once('?') else {
            return Ok((url.to_owned(), own));
        };
        let mut others = Vec::new();
        for parameter in parameters
            .split('&')
            .filter(|parameter| !parameter.is_empty())
        {
            let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let place = match key {
                "schema" => &mut own.schema,
                "durability" => &mut own.durability,
                "sslmode" => &mut own.mode,
                "sslrootcert" => &mut own.roots,
                "sslcert" => &mut own.certificate,
                "sslkey" => &mut own.key,
                _ => {
                    others.push(parameter);
                    continue;
                }
            };
            let value = percent_decode_str(value).decode_utf8();
            let value = value.map_err(|_| {
                Error::expected("path", "UTF-8", &format!("{key} in another encoding"))
            })?;
            *place = Some(value.into_owned());
        }
        Ok((format!("{before}?{}", others.join("&")), own))
    }

    fn complete(&mut self, variable: &impl Fn(&str) -> Option<String>) {
        let names = ["PGSSLMODE", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY"];
        let places = [
            &mut self.mode,
            &mut self.roots,
            &mut self.certificate,
            &mut self.key,
        ];
        for (place, name) in places.into_iter().zip(names) {
            if place.is_none() {
                *place = variable(name);
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
            self.roots = Some(ca.clone());
        }
        if let Some((certificate, key)) = &options.own {
            self.certificate = Some(certificate.clone());
            self.key = Some(key.clone());
        }
        Ok(())
    }

    /// How connections are encrypted; the configuration learns whether they are.
    fn tls(self, config: &mut Config) -> Result<TlsMode, Error> {
        let mode = self.mode.as_deref().unwrap_or("prefer");
        let with_roots = if self.roots.is_some() {
            Trust::Signed
        } else {
            Trust::Any
        };
        let (mode, trust) = match mode {
            "disable" => (SslMode::Disable, Trust::Any),
            "allow" | "prefer" => (SslMode::Prefer, Trust::Any),
            "require" => (SslMode::Require, with_roots),
            "verify-ca" => (SslMode::Require, Trust::Signed),
            "verify-full" => (SslMode::Require, Trust::Full),
            other => {
                let expected = "sslmode disable, allow, prefer, require, verify-ca or verify-full";
                return Err(Error::expected("path", expected, other));
            }
        };
        config.ssl_mode(mode);
        let own = match (self.certificate, self.key) {
            (Some(certificate), Some(key)) => Some((Pem::of(certificate), Pem::of(key))),
            (None, None) => None,
            _ => {
                return Err(Error::expected(
                    "path",
                    "sslcert and sslkey",
                    "one of the two",
                ));
            }
        };
        // `system` is libpq's name for the certificates of the system.
        let roots = self.roots.filter(|roots| roots != "system").map(Pem::of);
        Ok(TlsMode { trust, roots, own })
    }
}

/// A URL whose scheme is written as whoever reads the URL knows it.
fn with_known_scheme(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => format!("{}://{rest}", scheme.to_ascii_lowercase()),
        None => url.to_owned(),
    }
}

/// A URL in which each host has a port. One that is not there is taken to be 5432 by whoever reads the URL.
fn with_port(url: &str, port: &str) -> Result<String, Error> {
    let port = port_of(port)?;
    let Some((scheme, rest)) = url.split_once("://") else {
        return Ok(url.to_owned());
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (user, hosts) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
    let with_port = |host: &str| match host.rsplit_once(':') {
        // In brackets is an address that has colons of its own.
        Some((_, after)) if !after.ends_with(']') => host.to_owned(),
        _ if host.is_empty() => String::new(),
        _ => format!("{host}:{port}"),
    };
    let hosts: Vec<String> = hosts.split(',').map(with_port).collect();
    Ok(format!("{scheme}://{user}{}{path}", hosts.join(",")))
}

fn port_of(text: &str) -> Result<u16, Error> {
    text.parse()
        .map_err(|_| Error::expected("PGPORT", "a port", text))
}

/// Has the environment, and what is usual, say what the URL does not.
fn complete(config: &mut Config, variable: &impl Fn(&str) -> Option<String>) -> Result<(), Error> {
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        for host in variable("PGHOST")
            .as_deref()
            .unwrap_or("localhost")
            .split(',')
        {
            config.host(host);
        }
        if let Some(port) = variable("PGPORT") {
            config.port(port_of(&port)?);
        }
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
    // A server that has vanished, rather than failed, says nothing.
    config
        .keepalives_idle(SILENCE)
        .keepalives_interval(SILENCE / 2)
        .keepalives_retries(3);
    Ok(())
}

#[cfg(test)]
mod tests {
    use tokio_postgres::config::Host;

    use super::*;

    fn parsed(url: &str, variables: &[(&str, &str)]) -> Result<Address, Error> {
        parsed_with(&Options::at(url), variables)
    }

    fn parsed_with(options: &Options, variables: &[(&str, &str)]) -> Result<Address, Error> {
        Address::parse(options, |name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_scheme_may_be_written_in_capitals() {
        let address = parsed("Postgres://me@Host/Logs", &[]).unwrap();
        assert_eq!(address.config.get_dbname(), Some("Logs"));
        assert_eq!(address.config.get_user(), Some("me"));
    }

    #[test]
    fn certificates_that_are_given_count_more_than_those_of_the_address() {
        let options = |url: &str| Options {
            ca: Some("/own.pem".to_owned()),
            own: Some(("/cert.pem".to_owned(), "-----BEGIN KEY".to_owned())),
            ..Options::at(url)
        };
        let variables = [("PGSSLROOTCERT", "/env.pem"), ("PGSSLCERT", "/env")];
        let address = parsed_with(&options("postgres://h/?sslrootcert=/url.pem"), &variables);
        let tls = address.unwrap().tls;
        assert_eq!(tls.trust, Trust::Full);
        assert_eq!(tls.roots, Some(Pem::File("/own.pem".into())));
        let key = Pem::Text("-----BEGIN KEY".to_owned());
        assert_eq!(tls.own, Some((Pem::File("/cert.pem".into()), key)));
        // How far a certificate is looked at, they say only where nothing else does.
        let address = parsed_with(&options("postgres://h/?sslmode=verify-ca"), &[]);
        assert_eq!(address.unwrap().tls.trust, Trust::Signed);
        let error = parsed_with(&options("postgres://h/?sslmode=prefer"), &[]).unwrap_err();
        assert!(
            error
                .text()
                .starts_with("options.ca: expected it with sslmode"),
            "{error}"
        );
    }

    #[test]
    fn a_url_names_hosts_and_a_database() {
        let address = parsed("postgres://me:secret@a:1,b:2/logs?sslmode=disable", &[]).unwrap();
        let config = address.config;
        let hosts = [Host::Tcp("a".to_owned()), Host::Tcp("b".to_owned())];
        assert_eq!(config.get_hosts(), hosts);
        assert_eq!(config.get_ports(), [1, 2]);
        assert_eq!(config.get_user(), Some("me"));
        assert_eq!(config.get_dbname(), Some("logs"));
        assert_eq!(config.get_ssl_mode(), SslMode::Disable);
        assert_eq!(
            config.get_target_session_attrs(),
            TargetSessionAttrs::ReadWrite
        );
    }

    #[test]
    fn the_environment_says_what_the_url_does_not() {
        let variables = [
            ("PGHOST", "a,b"),
            ("PGPORT", "1"),
            ("PGUSER", "env"),
            ("PGDATABASE", "env"),
            ("PGSSLMODE", "verify-full"),
            ("PGPASSWORD", ""),
        ];
        let address = parsed("postgres://me@/", &variables).unwrap();
        assert_eq!(address.config.get_user(), Some("me"));
        assert_eq!(address.config.get_hosts().len(), 2);
        assert_eq!(address.config.get_ports(), [1]);
        let of_hosts = parsed("postgres://me:a@a,[::1],b:2/", &variables).unwrap();
        assert_eq!(of_hosts.config.get_ports(), [1, 1, 2]);
        assert_eq!(address.config.get_dbname(), Some("env"));
        assert_eq!(address.config.get_password(), None);
        assert_eq!(address.tls.trust, Trust::Full);
    }

    #[test]
    fn the_log_is_where_the_options_say_or_else_the_address() {
        let address = parsed("postgres://h/", &[]).unwrap();
        assert_eq!(
            (address.schema.as_str(), address.durability),
            (SCHEMA_DEFAULT, Durability::Disk)
        );
        let url = "postgres://h/d?schema=a%20%22b%22&durability=replicated&sslmode=disable";
        let address = parsed(url, &[]).unwrap();
        assert_eq!(
            (address.schema.as_str(), address.durability),
            ("a \"b\"", Durability::Replicated)
        );
        let options = Options {
            schema: Some("own".to_owned()),
            durability: Some(Durability::Disk),
            ..Options::at(url)
        };
        let address = parsed_with(&options, &[]).unwrap();
        assert_eq!(
            (address.schema.as_str(), address.durability),
            ("own", Durability::Disk)
        );
        for parameter in [
            "schema=",
            "schema=%00",
            "durability=both",
            &format!("schema={}", "s".repeat(64)),
        ] {
            let error = parsed(&format!("postgres://h/?{parameter}"), &[]).unwrap_err();
            assert_eq!(error.code().as_str(), "INVALID_ARGUMENT", "{parameter}");
        }
    }

    #[test]
    fn certificates_are_looked_at_as_far_as_libpq_looks() {
        for (parameters, mode, trust) in [
            ("", SslMode::Prefer, Trust::Any),
            ("sslmode=allow", SslMode::Prefer, Trust::Any),
            ("sslmode=require", SslMode::Require, Trust::Any),
            (
                "sslmode=require&sslrootcert=%2Fca.pem",
                SslMode::Require,
                Trust::Signed,
            ),
            ("sslmode=verify-ca", SslMode::Require, Trust::Signed),
            (
                "sslmode=verify-full&sslrootcert=system",
                SslMode::Require,
                Trust::Full,
            ),
        ] {
            let address = parsed(&format!("postgres://h/?{parameters}"), &[]).unwrap();
            assert_eq!(address.config.get_ssl_mode(), mode, "{parameters}");
            assert_eq!(address.tls.trust, trust, "{parameters}");
            let roots = parameters
                .contains("ca.pem")
                .then(|| Pem::File("/ca.pem".into()));
            assert_eq!(address.tls.roots, roots, "{parameters}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_without_the_password() {
        for url in [
            "postgres://me:secret@h/?sslmode=perhaps",
            "postgres://me:secret@h/?sslcert=a",
            "postgres://me:secret@h/?colour=red",
            "postgres://me:secret@h:port/",
        ] {
            let error = parsed(url, &[]).unwrap_err();
            assert_eq!(error.code().as_str(), "INVALID_ARGUMENT", "{url}");
            assert!(!error.text().contains("secret"), "{error}");
        }
        assert!(parsed("postgres://h/", &[("PGPORT", "port")]).is_err());
    }
}
