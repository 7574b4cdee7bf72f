//! The servers of an address, and which of them is taken.
//!
//! They are asked in their order. One that does not answer soon, as when its machine is gone, holds up none that comes
//! after it.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::timeout;
use tokio_postgres::config::{Host, LoadBalanceHosts};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Connection, Socket};
use uuid::Uuid;

use crate::failure::Failure;
use crate::tls::Connector;

/// How long a server may take before the next one is asked beside it.
const HEAD_START: Duration = Duration::from_millis(200);

/// How long a server that has taken a connection may take until that can be used.
const GREETING: Duration = Duration::from_secs(10);

type Connected = (
    Client,
    Connection<Socket, <Connector as MakeTlsConnect<Socket>>::Stream>,
);

/// What leads to each of the servers of a configuration alone.
pub(crate) fn each(config: &Config) -> Vec<Config> {
    let (names, addresses) = (config.get_hosts(), config.get_hostaddrs());
    let ports = config.get_ports();
    let count = names.len().max(addresses.len());
    let agree = [names.len(), addresses.len()]
        .iter()
        .all(|length| [0, count].contains(length));
    if !agree || ![0, 1, count].contains(&ports.len()) {
        // Whoever connects with it is told what is wrong.
        return vec![config.clone()];
    }
    let of = |at: usize| {
        let mut one = without_hosts(config);
        match names.get(at) {
            Some(Host::Tcp(name)) => {
                one.host(name);
            }
            #[cfg(unix)]
            Some(Host::Unix(path)) => {
                one.host_path(path);
            }
            None => {}
        }
        addresses.get(at).map(|address| one.hostaddr(*address));
        let port = ports.get(at).or_else(|| ports.first());
        port.map(|port| one.port(*port));
        one
    };
    (0..count).map(of).collect()
}

/// All that a configuration says but where the servers are.
fn without_hosts(config: &Config) -> Config {
    let mut bare = Config::new();
    bare.ssl_mode(config.get_ssl_mode())
        .ssl_negotiation(config.get_ssl_negotiation())
        .keepalives(config.get_keepalives())
        .keepalives_idle(config.get_keepalives_idle())
        .target_session_attrs(config.get_target_session_attrs())
        .channel_binding(config.get_channel_binding())
        .load_balance_hosts(config.get_load_balance_hosts());
    config.get_user().map(|user| bare.user(user));
    config.get_password().map(|text| bare.password(text));
    config.get_dbname().map(|name| bare.dbname(name));
    config.get_options().map(|text| bare.options(text));
    let name = config.get_application_name();
    name.map(|name| bare.application_name(name));
    let connecting = config.get_connect_timeout();
    connecting.map(|time| bare.connect_timeout(*time));
    let unheard = config.get_tcp_user_timeout();
    unheard.map(|time| bare.tcp_user_timeout(*time));
    let interval = config.get_keepalives_interval();
    interval.map(|time| bare.keepalives_interval(time));
    let retries = config.get_keepalives_retries();
    retries.map(|count| bare.keepalives_retries(count));
    bare
}

/// Connects to the first of the servers that will do.
pub(crate) async fn connect(servers: &[Config], tls: &Connector) -> Result<Connected, Failure> {
    let mut order: Vec<&Config> = servers.iter().collect();
    if order
        .iter()
        .any(|server| server.get_load_balance_hosts() == LoadBalanceHosts::Random)
    {
        order.sort_by_cached_key(|_| Uuid::new_v4());
    }
    let mut failure = Failure::Lost("no server is named".to_owned());
    let mut asked = FuturesUnordered::new();
    for server in order {
        asked.push(ask(server, tls.clone(), GREETING));
        match timeout(HEAD_START, asked.next()).await {
            Ok(Some(Ok(connected))) => return Ok(connected),
            Ok(Some(Err(found))) => failure = found,
            Ok(None) | Err(_) => {}
        }
    }
    while let Some(answer) = asked.next().await {
        match answer {
            Ok(connected) => return Ok(connected),
            Err(found) => failure = found,
        }
    }
    Err(failure)
}

/// Connects to a server, which may take so long after it has taken the connection.
async fn ask(server: &Config, tls: Connector, greeting: Duration) -> Result<Connected, Failure> {
    let connecting = server.get_connect_timeout().copied().unwrap_or_default();
    match timeout(connecting + greeting, server.connect(tls)).await {
        Ok(connected) => Ok(connected?),
        // It has taken the connection, and says nothing.
        Err(_) => Err(Failure::Lost("a server did not answer".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{ErrorKind, Read};
    use std::net::{TcpListener, TcpStream};
    use std::thread;

    use codebolt_eventlog::testing::PATIENCE;
    use tokio::runtime;

    use super::*;
    use crate::address::TlsMode;
    use crate::tls;

    /// What takes connections, and the configuration that leads there.
    fn listening() -> (TcpListener, Config) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let config = format!("host=127.0.0.1 port={port} user=u sslmode=disable");
        (listener, one(&config))
    }

    fn no_certificates() -> Connector {
        tls::connector(&TlsMode::default()).unwrap()
    }

    /// What comes of it, within the time of the guard.
    fn run<T>(work: impl Future<Output = T>) -> T {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let guarded = async { timeout(PATIENCE, work).await };
        runtime.block_on(guarded).unwrap()
    }

    /// Whether the other end has not given the connection up.
    fn is_open(mut stream: &TcpStream) -> bool {
        stream.set_nonblocking(true).unwrap();
        let mut bytes = [0; 1024];
        loop {
            match stream.read(&mut bytes) {
                Ok(0) => return false,
                Ok(_) => {}
                Err(error) => return error.kind() == ErrorKind::WouldBlock,
            }
        }
    }

    #[test]
    fn a_server_that_says_nothing_is_waited_for_beside_the_next_one() {
        let ((silent, first), (next, second)) = (listening(), listening());
        let witness = thread::spawn(move || {
            let (unanswered, _) = silent.accept().unwrap();
            // It is given up as soon as it was taken, and so is the other one.
            next.accept().unwrap();
            is_open(&unanswered)
        });
        let outcome = run(connect(&[first, second], &no_certificates()));
        assert!(matches!(outcome, Err(Failure::Lost(_))));
        assert!(witness.join().unwrap(), "it was given up before");
    }

    #[test]
    fn a_server_that_takes_a_connection_and_says_nothing_is_given_up() {
        let (_silent, server) = listening();
        let outcome = run(ask(&server, no_certificates(), Duration::from_millis(20)));
        let Err(Failure::Lost(text)) = outcome else {
            panic!("it was not given up");
        };
        assert_eq!(text, "a server did not answer");
    }

    fn one(text: &str) -> Config {
        text.parse().unwrap()
    }

    fn parsed(text: &str) -> Vec<Config> {
        each(&one(text))
    }

    #[test]
    fn each_server_is_what_the_configuration_says_of_it_and_all_else_is_of_each() {
        let all = "user=u password=p dbname=d options='-c x=1' application_name=a sslmode=require \
             sslnegotiation=direct connect_timeout=7 tcp_user_timeout=8 keepalives=1 keepalives_idle=9 \
             keepalives_interval=10 keepalives_retries=11 target_session_attrs=read-write \
             channel_binding=require load_balance_hosts=random";
        let found = parsed(&format!(
            "{all} host=h,/run,i hostaddr=::1,::2,::3 port=1,2,3"
        ));
        let expected = [
            "host=h hostaddr=::1 port=1",
            "host=/run hostaddr=::2 port=2",
            "host=i hostaddr=::3 port=3",
        ];
        assert_eq!(found, expected.map(|place| one(&format!("{all} {place}"))));
        assert_eq!(parsed("host=h,i port=7")[1], one("host=i port=7"));
        assert_eq!(parsed("hostaddr=::1,::2")[1], one("hostaddr=::2"));
    }

    #[test]
    fn what_does_not_agree_is_left_as_it_is() {
        for text in ["host=a,b hostaddr=::1", "host=a,b,c port=1,2"] {
            assert_eq!(parsed(text), [one(text)]);
        }
    }
}
