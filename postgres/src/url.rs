//! The URL of servers: cut here alone, as libpq cuts it, before anybody else reads a part of it.

use std::collections::BTreeMap;

use codebolt_eventlog::error::Error;
use percent_encoding::percent_decode_str;
use tokio_postgres::Config;

/// The parameters that have no place in a [`Url`] of their own, and go to the connection as they are.
const OF_CONNECTIONS: [&str; 12] = [
    "application_name",
    "channel_binding",
    "connect_timeout",
    "hostaddr",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "load_balance_hosts",
    "options",
    "sslnegotiation",
    "tcp_user_timeout",
];

/// Those that say what can also be said before the parameters. An empty one says nothing.
const OF_PLACES: [&str; 5] = ["host", "port", "user", "password", "dbname"];

/// Those that this package reads itself.
const OWN: [&str; 7] = [
    "target_session_attrs",
    "schema",
    "durability",
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
];

/// What a URL says, decoded. A parameter counts more than what stands before the parameters.
#[derive(Default)]
pub(crate) struct Url {
    user: Option<String>,
    /// In whatever encoding the server has it.
    password: Option<Vec<u8>>,
    database: Option<String>,
    hosts: Vec<String>,
    /// One for each host, where any has one.
    ports: Vec<Option<u16>>,
    parameters: BTreeMap<String, String>,
}

impl Url {
    /// Cuts a URL: the user and the hosts end at the first `/`, `?` or `#`, and an `@` before that divides them.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT`. The text has nothing that may be a part of a password.
    pub(crate) fn cut(url: &str) -> Result<Self, Error> {
        let rest = match url.split_once("://") {
            Some((scheme, rest)) if is_scheme(scheme) => rest,
            _ => return Err(refused("another scheme")),
        };
        let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        if rest.starts_with('#') {
            return Err(refused("a # in it: a password has it as %23"));
        }
        let (path, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        let mut cut = Self::default();
        let hosts = match authority.split_once('@') {
            Some((_, hosts)) if hosts.contains('@') => {
                return Err(refused("a second @: a password has it as %40"));
            }
            Some((user, hosts)) => {
                cut.read_user(user)?;
                hosts
            }
            None if path.contains('@') => {
                return Err(refused(
                    "an @ after the hosts and none before them: there, it is %40, and a / in a password %2F",
                ));
            }
            None => authority,
        };
        cut.read_hosts(hosts)?;
        cut.database = some(decoded("database", path.strip_prefix('/').unwrap_or(path))?);
        cut.read_parameters(parameters)?;
        Ok(cut)
    }

    fn read_user(&mut self, text: &str) -> Result<(), Error> {
        let (user, password) = text.split_once(':').unwrap_or((text, ""));
        self.user = some(decoded("user", user)?);
        let password: Vec<u8> = percent_decode_str(password).collect();
        if password.contains(&0) {
            return Err(refused("a password with %00"));
        }
        self.password = Some(password).filter(|password| !password.is_empty());
        Ok(())
    }

    fn read_hosts(&mut self, text: &str) -> Result<(), Error> {
        for part in text.split(',') {
            let (host, port) = match part.strip_prefix('[') {
                Some(address) => match address.split_once(']') {
                    Some((host, "")) => (host, None),
                    Some((host, after)) if after.starts_with(':') => (host, Some(&after[1..])),
                    _ => return Err(refused("a host with [ that is no address in brackets")),
                },
                None => part
                    .split_once(':')
                    .map_or((part, None), |(host, port)| (host, Some(port))),
            };
            self.hosts.push(decoded("host", host)?);
            self.ports.push(match port {
                None | Some("") => None,
                Some(port) => Some(port_of(&decoded("port", port)?)?),
            });
        }
        if self.ports.iter().all(Option::is_none) {
            self.ports.clear();
        }
        if let [host] = &*self.hosts
            && host.is_empty()
        {
            self.hosts.clear();
        }
        Ok(())
    }

    fn read_parameters(&mut self, text: &str) -> Result<(), Error> {
        let mut may_be_told = !text.contains('@');
        for parameter in text.split('&').filter(|parameter| !parameter.is_empty()) {
            let Some((name, value)) = parameter.split_once('=') else {
                return Err(refused("a parameter without ="));
            };
            let name = decoded("name of a parameter", name)?;
            let known = [&OF_CONNECTIONS[..], &OF_PLACES, &OWN];
            if !known.iter().any(|names| names.contains(&name.as_str())) {
                // What follows a password may be the rest of it.
                let is_word = name
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
                return Err(refused(&if may_be_told && is_word {
                    format!("the unknown parameter {name}")
                } else {
                    "an unknown parameter".to_owned()
                }));
            }
            may_be_told &= name != "password";
            let value = decoded(&name, value)?;
            if !(OF_PLACES.contains(&name.as_str()) && value.is_empty()) {
                self.parameters.insert(name, value);
            }
        }
        Ok(())
    }

    /// Takes a parameter that this package reads itself.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        self.parameters.remove(name)
    }

    /// The connection that it describes, beginning with what is usual: parameters, as libpq writes them. `port` is for
    /// hosts without one where others have one. How the connection is encrypted is not said.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT`.
    pub(crate) fn into_config(mut self, usual: &str, port: Option<u16>) -> Result<Config, Error> {
        let user = self.take("user").or_else(|| self.user.take());
        let password = self.take("password").map(String::into_bytes);
        let database = self.take("dbname").or_else(|| self.database.take());
        let hosts = match self.take("host") {
            Some(hosts) => hosts.split(',').map(str::to_owned).collect(),
            None => std::mem::take(&mut self.hosts),
        };
        let ports = match self.take("port") {
            Some(ports) => ports
                .split(',')
                .map(|port| some(port).map(port_of).transpose())
                .collect::<Result<_, _>>()?,
            None => std::mem::take(&mut self.ports),
        };
        let mut text = usual.to_owned();
        for (name, value) in &self.parameters {
            let value = value.replace('\\', r"\\").replace('\'', r"\'");
            text.push_str(&format!(" {name}='{value}'"));
        }
        let mut config: Config = text.parse().map_err(|error: tokio_postgres::Error| {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            refused(&cause.unwrap_or_else(|| error.to_string()))
        })?;
        for host in hosts {
            config.host(some(host).unwrap_or_else(|| "localhost".to_owned()));
        }
        for own in ports {
            config.port(own.or(port).unwrap_or(5432));
        }
        user.map(|user| config.user(user));
        let password = password.or(self.password);
        password.map(|password| config.password(password));
        database.map(|database| config.dbname(database));
        Ok(config)
    }
}

fn is_scheme(scheme: &str) -> bool {
    ["postgres", "postgresql"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known))
}

/// A text that says something.
fn some<T: AsRef<str>>(text: T) -> Option<T> {
    Some(text).filter(|text| !text.as_ref().is_empty())
}

fn port_of(text: &str) -> Result<u16, Error> {
    text.parse()
        .map_err(|_| refused("something else where the port of a host is, which may be a password"))
}

fn decoded(what: &str, text: &str) -> Result<String, Error> {
    let text = percent_decode_str(text).decode_utf8();
    let text = text.map_err(|_| refused(&format!("the {what} in another encoding than UTF-8")))?;
    if text.contains('\0') {
        return Err(refused(&format!("the {what} with %00")));
    }
    Ok(text.into_owned())
}

fn refused(found: &str) -> Error {
    let expected = "a URL such as postgres://user@host/database";
    Error::expected("path", expected, found)
}
