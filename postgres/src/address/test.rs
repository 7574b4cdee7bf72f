//! What a URL, the options and the environment come to.

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
    assert_eq!(
        tls.roots,
        Some(Pem::of("options.ca", "/own.pem".to_owned()))
    );
    let key = Pem::of("options.key", "-----BEGIN KEY".to_owned());
    assert_eq!(
        tls.own,
        Some((Pem::of("options.cert", "/cert.pem".to_owned()), key))
    );
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
fn the_servers_that_are_asked_for_are_those_that_are_taken_or_it_is_refused() {
    let taken = |read_only, parameters: &str| {
        let options = Options {
            read_only,
            ..Options::at(&format!("postgres://h/d?{parameters}"))
        };
        let address = parsed_with(&options, &[]);
        address.map(|address| address.config.get_target_session_attrs())
    };
    let (any, read_write, read_only) = (
        TargetSessionAttrs::Any,
        TargetSessionAttrs::ReadWrite,
        TargetSessionAttrs::ReadOnly,
    );
    for (for_reading, parameters, expected) in [
        (false, "", read_write),
        (false, "target_session_attrs=read-write", read_write),
        (true, "", any),
        (true, "target_session_attrs=any", any),
        (true, "target_session_attrs=read-write", read_write),
        (true, "target_session_attrs=read-only", read_only),
    ] {
        assert_eq!(taken(for_reading, parameters), Ok(expected), "{parameters}");
    }
    for (for_reading, value) in [
        (false, "any"),
        (false, "read-only"),
        (false, "standby"),
        (false, ""),
        (true, "standby"),
        (true, "prefer-standby"),
    ] {
        let error = taken(for_reading, &format!("target_session_attrs={value}")).unwrap_err();
        assert_eq!(error.code().as_str(), "INVALID_ARGUMENT", "{value}");
        let text = error.text();
        assert!(
            text.starts_with("path: expected target_session_attrs"),
            "{text}"
        );
        assert!(text.ends_with(&format!("{value:?}")), "{text}");
    }
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
        ("sslrootcert=system", SslMode::Require, Trust::Full),
        ("sslrootcert=/ca.pem", SslMode::Require, Trust::Full),
        ("sslrootcert=", SslMode::Prefer, Trust::Any),
    ] {
        let address = parsed(&format!("postgres://h/?{parameters}"), &[]).unwrap();
        assert_eq!(address.config.get_ssl_mode(), mode, "{parameters}");
        assert_eq!(address.tls.trust, trust, "{parameters}");
        let roots = parameters
            .contains("ca.pem")
            .then(|| Pem::of("sslrootcert", "/ca.pem".to_owned()));
        assert_eq!(address.tls.roots, roots, "{parameters}");
    }
}

#[test]
fn certificates_that_would_not_be_looked_at_are_refused() {
    for (mode, roots) in [
        ("disable", "/ca.pem"),
        ("allow", "/ca.pem"),
        ("prefer", "/ca.pem"),
        ("disable", "system"),
        ("prefer", "system"),
        ("require", "system"),
        ("verify-ca", "system"),
    ] {
        let url = format!("postgres://h/?sslmode={mode}&sslrootcert={roots}");
        let variables = [("PGSSLMODE", mode), ("PGSSLROOTCERT", roots)];
        for refused in [parsed(&url, &[]), parsed("postgres://h/", &variables)] {
            let error = refused.unwrap_err();
            assert!(error.text().starts_with("path: expected sslrootcert"));
            assert!(error.text().ends_with(mode), "{error}");
        }
    }
    let system = [("PGSSLROOTCERT", "system")];
    let address = parsed("postgres://h/", &system).unwrap();
    assert_eq!(address.tls.trust, Trust::Full);
    assert_eq!(address.config.get_ssl_mode(), SslMode::Require);
    let without = parsed("postgres://h/?sslmode=disable&sslrootcert=", &system);
    assert_eq!(without.unwrap().config.get_ssl_mode(), SslMode::Disable);
}

#[cfg(unix)]
#[test]
fn nothing_is_encrypted_on_a_socket() {
    for url in ["postgres://%2Frun/d", "postgres:///d?host=/run,/tmp"] {
        let address = parsed(url, &[("PGSSLROOTCERT", "system")]).unwrap();
        assert_eq!(address.config.get_ssl_mode(), SslMode::Disable, "{url}");
    }
    let address = parsed("postgres:///d?host=/run,h&sslmode=require", &[]).unwrap();
    assert_eq!(address.config.get_ssl_mode(), SslMode::Require);
}

#[test]
fn the_port_of_the_environment_is_that_of_hosts_that_are_parameters_too() {
    let variables = [("PGPORT", "5433"), ("PGHOST", "env")];
    for (url, ports) in [
        ("postgres:///d?host=a", &[5433][..]),
        ("postgres:///d?host=/run/postgresql", &[5433]),
        ("postgres:///d?hostaddr=10.0.0.1", &[5433]),
        ("postgres:///d?host=a&port=1", &[1]),
        ("postgres:///d?host=a,b&port=,2", &[5433, 2]),
        ("postgres:///d", &[5433]),
        ("postgres://a/d", &[5433]),
        ("postgres://a,b:2/d", &[5433, 2]),
        ("postgres://me@:6/d", &[6]),
    ] {
        let config = parsed(url, &variables).unwrap().config;
        assert_eq!(config.get_ports(), ports, "{url}");
    }
}

#[test]
fn an_at_sign_among_the_parameters_divides_nothing() {
    for (parameters, user, password, name) in [
        ("user=app@srv", Some("app@srv"), None, None),
        ("user=u&password=p@ss", Some("u"), Some("p@ss"), None),
        ("application_name=a@b", None, None, Some("a@b")),
        ("%75ser=a%40b", Some("a@b"), None, None),
    ] {
        let config = parsed(&format!("postgres://db:7/shop?{parameters}"), &[]).unwrap();
        let config = config.config;
        assert_eq!(config.get_hosts(), [Host::Tcp("db".to_owned())]);
        assert_eq!(config.get_ports(), [7], "{parameters}");
        assert_eq!(config.get_dbname(), Some("shop"), "{parameters}");
        assert_eq!(config.get_user(), user, "{parameters}");
        let password = password.map(str::as_bytes);
        assert_eq!(config.get_password(), password, "{parameters}");
        let name = name.unwrap_or(APPLICATION);
        assert_eq!(config.get_application_name(), Some(name), "{parameters}");
    }
    let config = parsed("postgres://me@db/a@b", &[]).unwrap().config;
    assert_eq!(config.get_dbname(), Some("a@b"));
    assert_eq!(config.get_hosts(), [Host::Tcp("db".to_owned())]);
}

#[test]
fn names_and_values_of_parameters_are_decoded() {
    let url = "postgres://m%40e:p%3Ft%FF@[::1]:1/a%2Fb?ssl%6Dode=require&sslrootcert=%2Fca.pem\
               &options=-c%20x%3D'a%5C'&application_name=a%26b=c";
    let address = parsed(url, &[("PGSSLMODE", "disable")]).unwrap();
    let config = address.config;
    assert_eq!(config.get_ssl_mode(), SslMode::Require);
    assert_eq!(address.tls.trust, Trust::Signed);
    assert_eq!(config.get_user(), Some("m@e"));
    assert_eq!(config.get_password(), Some(&b"p?t\xFF"[..]));
    assert_eq!(config.get_hosts(), [Host::Tcp("::1".to_owned())]);
    assert_eq!(config.get_dbname(), Some("a/b"));
    assert_eq!(config.get_options(), Some(r"-c x='a\'"));
    assert_eq!(config.get_application_name(), Some("a&b=c"));
}

#[test]
fn a_parameter_counts_more_than_what_stands_before() {
    let url = "postgres://a:b@h/d?user=u&password=p&dbname=n&host=x,y&port=1,2&keepalives_idle=7";
    let config = parsed(url, &[]).unwrap().config;
    let hosts = ["x", "y"].map(|host| Host::Tcp(host.to_owned()));
    assert_eq!(config.get_hosts(), hosts);
    assert_eq!(config.get_ports(), [1, 2]);
    assert_eq!(config.get_user(), Some("u"));
    assert_eq!(config.get_password(), Some(&b"p"[..]));
    assert_eq!(config.get_dbname(), Some("n"));
    assert_eq!(config.get_keepalives_idle(), Duration::from_secs(7));
    assert_eq!(config.get_keepalives_retries(), Some(3));
}

#[test]
fn what_is_no_address_is_refused_without_the_password() {
    for url in [
        "postgres://me:secret@h/?sslmode=perhaps",
        "postgres://me:secret@h/?sslcert=a",
        "postgres://me:secret@h/?colour=red",
        "postgres://me:secret@h:port/",
        "postgres://me:a?secret@h/d?sslmode=require",
        "postgres://me:1?secret@h/d?sslmode=require",
        "postgres://me:1?secret=@h/d",
        "postgres://me:1/secret@h/d",
        "postgres://me:a/secret@h/d",
        "postgres://me:1#secret@h/d",
        "postgres://me:a@secret@h/d",
        "postgres://me:secret%00@h/d",
        "postgres://me:secret@h/d%00",
        "postgres://me:secret@h/d?application_name",
        "postgres://me:secret@h/d?user=%FF",
        "postgres://h/?password=se&secret=x",
        "postgres://[h:secret/",
        "mysql://me:secret@h/d",
    ] {
        let error = parsed(url, &[]).unwrap_err();
        assert_eq!(error.code().as_str(), "INVALID_ARGUMENT", "{url}");
        assert!(!error.text().contains("secret"), "{error}");
    }
    assert!(parsed("postgres://h/", &[("PGPORT", "port")]).is_err());
}
