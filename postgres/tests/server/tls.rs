//! Which servers are believed to be who they say they are, and which of them believe it of the log.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

use codebolt_eventlog_postgres::Options;
use rustls::crypto::ring::{default_provider, sign::any_supported_type};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, ServerConnection, SupportedProtocolVersion};

use crate::calls::{append, opened, refused};
use crate::certificates::{Authority, Certified};
use crate::cluster::{Cluster, options_at};
use crate::proxy::Proxy;

/// The names that the certificate of the server has.
const NAMES: [&str; 2] = ["db.test", "127.0.0.1"];

/// Whoever calls himself `guest` has to have a certificate that says so.
const WHO_MAY_CONNECT: &str = "
local all all trust
hostssl all guest all cert
host all all all trust
";

/// A server that encrypts.
struct Encrypting {
    cluster: Cluster,
    /// Who has signed its certificate, and those of users.
    authority: Authority,
    /// One that has signed nothing here.
    stranger: Authority,
}

static SERVER: LazyLock<Encrypting> = LazyLock::new(|| {
    let authority = Authority::new();
    let own = authority.certify(&NAMES);
    let cluster = Cluster::listening(
        &[
            "ssl=on",
            "ssl_cert_file=%folder%/server.crt",
            "ssl_key_file=%folder%/server.key",
            "ssl_ca_file=%folder%/authority.crt",
            "hba_file=%folder%/hba.conf",
        ],
        &[
            ("server.crt", &own.pem),
            ("server.key", &own.key_pem()),
            ("authority.crt", &authority.pem),
            ("hba.conf", WHO_MAY_CONNECT),
        ],
    );
    cluster.sql("CREATE ROLE guest LOGIN; GRANT CREATE ON DATABASE postgres TO guest");
    Encrypting {
        cluster,
        authority,
        stranger: Authority::new(),
    }
});

/// The options of a log that is asked for once, at a server that calls itself `name`.
fn options(name: &str, port: u16, parameters: &str) -> Options {
    let url = format!("postgres://{name}:{port}/postgres?hostaddr=127.0.0.1&{parameters}");
    Options {
        server_wait: Duration::ZERO,
        ..options_at(&url)
    }
}

/// A file with that text.
fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

/// What becomes of a log that is opened.
#[derive(Clone, Copy, Debug)]
enum Becomes {
    /// Nobody can listen to it, or anybody can.
    Open { encrypted: bool },
    /// An error that has this text.
    Refused(&'static str),
}

const ENCRYPTED: Becomes = Becomes::Open { encrypted: true };
const PLAIN: Becomes = Becomes::Open { encrypted: false };
const OF_NOBODY: Becomes = Becomes::Refused("invalid peer certificate");
const OF_ANOTHER_NAME: Becomes = Becomes::Refused("not valid for name");

#[test]
fn a_certificate_is_looked_at_as_far_as_the_mode_says() {
    let (right, wrong) = (file(&SERVER.authority.pem), file(&SERVER.stranger.pem));
    let both = file(&[&*SERVER.stranger.pem, &SERVER.authority.pem].concat());
    let [right, wrong, both] = [&right, &wrong, &both].map(|file| file.path().display());
    let with = |mode: &str, roots: &dyn std::fmt::Display| {
        if mode.is_empty() {
            format!("sslrootcert={roots}")
        } else {
            format!("sslmode={mode}&sslrootcert={roots}")
        }
    };
    for (name, parameters, becomes) in [
        ("db.test", "sslmode=disable".to_owned(), PLAIN),
        ("elsewhere.test", "sslmode=allow".to_owned(), ENCRYPTED),
        ("elsewhere.test", "sslmode=prefer".to_owned(), ENCRYPTED),
        ("elsewhere.test", String::new(), ENCRYPTED),
        ("elsewhere.test", "sslmode=require".to_owned(), ENCRYPTED),
        ("elsewhere.test", with("require", &right), ENCRYPTED),
        ("db.test", with("require", &wrong), OF_NOBODY),
        ("elsewhere.test", with("verify-ca", &right), ENCRYPTED),
        ("elsewhere.test", with("verify-ca", &both), ENCRYPTED),
        ("db.test", with("verify-ca", &wrong), OF_NOBODY),
        ("elsewhere.test", with("verify-ca", &wrong), OF_NOBODY),
        ("db.test", with("verify-full", &right), ENCRYPTED),
        ("127.0.0.1", with("verify-full", &right), ENCRYPTED),
        ("db.test", with("verify-full", &both), ENCRYPTED),
        (
            "elsewhere.test",
            with("verify-full", &right),
            OF_ANOTHER_NAME,
        ),
        ("db.test", with("verify-full", &wrong), OF_NOBODY),
        ("db.test", with("", &right), ENCRYPTED),
        ("elsewhere.test", with("", &right), OF_ANOTHER_NAME),
        ("db.test", with("", &wrong), OF_NOBODY),
        // Nobody whom the system trusts has signed it.
        ("db.test", "sslmode=verify-full".to_owned(), OF_NOBODY),
        ("db.test", "sslmode=verify-ca".to_owned(), OF_NOBODY),
    ] {
        let options = options(
            name,
            SERVER.cluster.port(),
            &format!("user=postgres&{parameters}"),
        );
        comes_to(&options, becomes);
    }
}

#[test]
fn what_the_options_say_takes_the_place_of_the_url() {
    let (right, wrong) = (&SERVER.authority.pem, &SERVER.stranger.pem);
    let elsewhere = file(wrong);
    let elsewhere = format!("user=postgres&sslrootcert={}", elsewhere.path().display());
    for (name, parameters, ca, becomes) in [
        ("db.test", "user=postgres", right, ENCRYPTED),
        ("db.test", &*elsewhere, right, ENCRYPTED),
        ("db.test", "user=postgres", wrong, OF_NOBODY),
        ("elsewhere.test", "user=postgres", right, OF_ANOTHER_NAME),
        (
            "elsewhere.test",
            "user=postgres&sslmode=verify-ca",
            right,
            ENCRYPTED,
        ),
    ] {
        let options = Options {
            ca: Some(ca.clone()),
            ..options(name, SERVER.cluster.port(), parameters)
        };
        comes_to(&options, becomes);
    }
}

/// Opens a log, which comes to that.
fn comes_to(options: &Options, becomes: Becomes) {
    let of = format!("{} with {:?}: {becomes:?}", options.address, options.schema);
    let mut options = options.clone();
    let schema = options.schema.as_ref().unwrap();
    let application: String = schema.chars().filter(|it| it.is_alphanumeric()).collect();
    options.address = format!("{}&application_name={application}", options.address);
    let encrypted = match becomes {
        Becomes::Open { encrypted } => encrypted,
        Becomes::Refused(text) => {
            let error = refused(&options);
            assert_eq!(error.code().as_str(), "STORAGE_FAILED", "{of}: {error}");
            assert!(error.text().contains(text), "{of}: {error}");
            return;
        }
    };
    let log = opened(&options).unwrap_or_else(|error| panic!("{of}: {error}"));
    assert!(append(&log, 1).is_success(), "{of}");
    let sql =
        "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name";
    let found = SERVER.cluster.sql(&format!("{sql} = '{application}'"));
    // One that reads and one that writes.
    assert!(found.len() >= 2, "{of}: {found:?}");
    let expected = if encrypted { "t" } else { "f" };
    assert!(
        found.iter().all(|found| found == expected),
        "{of}: {found:?}"
    );
    log.close_and_wait().unwrap();
}

#[test]
fn a_server_that_does_not_encrypt_is_taken_only_where_that_is_said() {
    // On its socket, no server does.
    let proxy = Proxy::start(Cluster::shared());
    let wait = |options| Options {
        server_wait: Duration::ZERO,
        ..options
    };
    for mode in ["disable", "allow", "prefer"] {
        let options = wait(options_at(&proxy.url_with(&format!("sslmode={mode}"))));
        let log = opened(&options).unwrap_or_else(|error| panic!("{mode}: {error}"));
        log.close_and_wait().unwrap();
    }
    for mode in ["require", "verify-ca", "verify-full"] {
        let options = Options {
            ca: Some(SERVER.authority.pem.clone()),
            ..wait(options_at(&proxy.url_with(&format!("sslmode={mode}"))))
        };
        let error = refused(&options);
        assert!(error.text().contains("TLS"), "{mode}: {error}");
    }
}

#[test]
fn a_server_knows_a_user_by_his_certificate() {
    let (of_guest, of_other) = (
        SERVER.authority.certify_user("guest"),
        SERVER.authority.certify_user("other"),
    );
    let of_stranger = SERVER.stranger.certify_user("guest");
    let asking = |own: Option<(String, String)>| Options {
        ca: Some(SERVER.authority.pem.clone()),
        own,
        ..options("db.test", SERVER.cluster.port(), "user=guest")
    };
    let texts = |certified: &Certified| Some((certified.pem.clone(), certified.key_pem()));
    comes_to(&asking(texts(&of_guest)), ENCRYPTED);
    for own in [None, texts(&of_other), texts(&of_stranger)] {
        comes_to(&asking(own), Becomes::Refused("the database"));
    }

    let (certificate, key) = (file(&of_guest.pem), file(&of_guest.key_pem()));
    let [certificate, key] = [&certificate, &key].map(|file| file.path().display().to_string());
    comes_to(&asking(Some((certificate.clone(), key.clone()))), ENCRYPTED);
    let mut in_url = asking(None);
    in_url.address = format!("{}&sslcert={certificate}&sslkey={key}", in_url.address);
    comes_to(&in_url, ENCRYPTED);

    let of_others = of_guest.with_another_key();
    let error = refused(&asking(texts(&of_others)));
    assert_eq!(error.code().as_str(), "INVALID_ARGUMENT", "{error}");
}

#[test]
fn a_certificate_that_was_renewed_is_read_by_the_next_connection() {
    let certify = || SERVER.authority.certify_user("guest");
    let (first, stranger, renewed) = (certify(), SERVER.stranger.certify_user("guest"), certify());
    let (certificate, key) = (file(&first.pem), file(&first.key_pem()));
    let put = |certified: &Certified| {
        std::fs::write(certificate.path(), &certified.pem).unwrap();
        std::fs::write(key.path(), certified.key_pem()).unwrap();
    };
    let path_of = |file: &tempfile::NamedTempFile| file.path().display().to_string();
    let options = Options {
        ca: Some(SERVER.authority.pem.clone()),
        own: Some((path_of(&certificate), path_of(&key))),
        ..options(
            "db.test",
            SERVER.cluster.port(),
            "user=guest&application_name=renewed",
        )
    };
    let end_connections = || {
        let of = "FROM pg_stat_activity WHERE application_name = 'renewed'";
        SERVER
            .cluster
            .sql(&format!("SELECT pg_terminate_backend(pid, 60000) {of}"));
    };
    let log = opened(&options).unwrap();
    assert!(append(&log, 1).is_success());

    put(&stranger);
    end_connections();
    // The first one finds that the connection is gone, and does not wait for another one.
    for _ in 0..2 {
        let refused = append(&log, 2);
        assert!(!refused.is_success(), "{refused:?}");
    }

    // One that is just being written is as it was, and so is the refusal.
    std::fs::write(key.path(), "").unwrap();
    let refused = append(&log, 2);
    assert!(!refused.is_success(), "{refused:?}");

    put(&renewed);
    let answered = append(&log, 2);
    assert!(answered.is_success(), "{answered:?}");
    log.close_and_wait().unwrap();
}

/// Has a certificate, whatever key it is given beside that.
#[derive(Debug)]
struct Presenting(Arc<CertifiedKey>);

impl ResolvesServerCert for Presenting {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

/// Answers one who connects, as a server does that encrypts and then goes away. Returns its port.
fn present(certified: &Certified, version: &'static SupportedProtocolVersion) -> u16 {
    let key = any_supported_type(&certified.key()).unwrap();
    let presented = Arc::new(CertifiedKey::new(vec![certified.der.clone()], key));
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Presenting(presented)));
    let mut connection = ServerConnection::new(Arc::new(config)).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // It ends when the connection does.
    thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let mut asked_for_tls = [0; 8];
        client.read_exact(&mut asked_for_tls).unwrap();
        client.write_all(b"S").unwrap();
        while connection.is_handshaking() {
            if connection.complete_io(&mut client).is_err() {
                return;
            }
        }
        // What it is told first.
        let _ = connection.complete_io(&mut client);
    });
    port
}

#[test]
fn whoever_does_not_have_the_key_of_a_certificate_is_not_believed() {
    let authority = Authority::new();
    let asking = |mode: &str, port| Options {
        ca: Some(authority.pem.clone()),
        ..options("db.test", port, &format!("user=postgres&sslmode={mode}"))
    };
    for version in [&TLS12, &TLS13] {
        for mode in ["require", "verify-ca", "verify-full"] {
            let of = format!("{version:?} with {mode}");
            let impostor = authority.certify(&NAMES).with_another_key();
            let error = refused(&asking(mode, present(&impostor, version)));
            assert!(error.text().contains("BadSignature"), "{of}: {error}");

            let expired = authority.certify_expired(&NAMES);
            let error = refused(&asking(mode, present(&expired, version)));
            assert!(error.text().contains("xpired"), "{of}: {error}");

            // He who has the key is, and says nothing then.
            let error = refused(&asking(mode, present(&authority.certify(&NAMES), version)));
            assert!(!error.text().contains("certificate"), "{of}: {error}");
        }
    }
}
