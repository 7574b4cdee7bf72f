//! Where the servers are, and as whom they are asked: a URL, and what the environment says that the URL does not.

use std::path::PathBuf;
use std::time::Duration;

use codebolt_eventlog::error::Error;
use percent_encoding::percent_decode_str;
use tokio_postgres::Config;
use tokio_postgres::config::{SslMode, TargetSessionAttrs};

/// What is said of the program in the server's list of connections, unless it says something itself.
const APPLICATION: &str = "codebolt-eventlog";

/// How long a server may take to answer that it is there, unless the address says something else.
const CONNECTING: Duration = Duration::from_secs(5);

/// For how long a connection may be silent before it is asked whether it still is one.
const SILENCE: Duration = Duration::from_secs(10);

/// How long what was sent may stay without a sign that it has come.
const UNHEARD: Duration = Duration::from_secs(20);

/// Where the servers are, as whom they are asked, and how what is said is kept from others.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) config: Config,
    pub(crate) tls: TlsMode,
}

/// How a connection is encrypted, and whom it is believed to lead to: libpq's `sslmode` and what belongs to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TlsMode {
    /// How far the certificate of the server is looked at.
    pub(crate) trust: Trust,
    /// The certificates that a server's has to be signed by; those of the system if there is none.
    pub(crate) roots: Option<PathBuf>,
    /// The certificate and the key by which the server knows who asks.
    pub(crate) own: Option<(PathBuf, PathBuf)>,
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
    mode: Option<String>,
    roots: Option<String>,
    certificate: Option<String>,
    key: Option<String>,
}

impl Address {
    /// Reads a URL. `variable` is the environment.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT`. The text does not have the password.
    pub(crate) fn parse(
        url: &str,
        read_only: bool,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Error> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let (rest, mut own) = Own::split(url)?;
        own.complete(&variable);
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
        if !read_only {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        let tls = own.tls(&mut config)?;
        Ok(Self { config, tls })
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
            (Some(certificate), Some(key)) => Some((certificate.into(), key.into())),
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
        let roots = self
            .roots
            .filter(|roots| roots != "system")
            .map(PathBuf::from);
        Ok(TlsMode { trust, roots, own })
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
        Address::parse(url, false, |name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
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
                .then(|| PathBuf::from("/ca.pem"));
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
