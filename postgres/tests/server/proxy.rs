//! What stands between a log and its server, and loses connections when it is told to.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use parking_lot::{Condvar, Mutex};

use crate::cluster::Cluster;

/// When a connection is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// Before the server has the next request.
    BeforeRequest,
    /// As soon as the server has been sent the next request.
    AfterRequest,
    /// Once the server has answered the next request, before the answer has come.
    BeforeAnswer,
    /// At once for the log, which hears nothing of it, while the server gets the request later: when it is let go.
    LateRequest,
    /// Once the server has done the first of the requests that have come together, before the others and before any answer.
    AfterFirst,
}

#[derive(Default)]
struct State {
    loss: Option<Loss>,
    /// How many requests, or answers, pass before the one that is lost.
    passing: usize,
    /// Whether no connections are taken.
    closed: bool,
    losses: usize,
    /// Whether a late request may go on.
    let_go: bool,
    /// How many requests have been answered by the server after their connection was lost.
    answered_late: usize,
    /// How many requests pass before a late one goes on, and the one after them waits for that.
    passing_late: Option<usize>,
    /// How many requests of one connection are to be there before any of them goes on; 0 if they go on as they come.
    gathering: usize,
    /// How many of these there are.
    gathered: usize,
}

/// Listens at a port of its own.
pub(crate) struct Proxy {
    port: u16,
    state: Arc<(Mutex<State>, Condvar)>,
}

impl Proxy {
    pub(crate) fn start(cluster: &Cluster) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::<(Mutex<State>, Condvar)>::default();
        let (socket, own) = (cluster.socket(), Arc::clone(&state));
        // It ends with the process.
        thread::spawn(move || {
            for client in listener.incoming() {
                let (client, socket, own) = (client.unwrap(), socket.clone(), Arc::clone(&own));
                if own.0.lock().closed {
                    continue;
                }
                thread::spawn(move || carry(&client, &socket, &own));
            }
        });
        Self { port, state }
    }

    pub(crate) fn url(&self) -> String {
        self.url_with("sslmode=disable")
    }

    /// The URL with those parameters.
    pub(crate) fn url_with(&self, parameters: &str) -> String {
        format!(
            "postgres://postgres@127.0.0.1:{}/postgres?{parameters}",
            self.port
        )
    }

    /// Has a connection lost at a request, after so many others that pass.
    pub(crate) fn lose(&self, loss: Loss, passing: usize) {
        let mut state = self.state.0.lock();
        (state.loss, state.passing, state.losses) = (Some(loss), passing, 0);
    }

    /// Loses no connections any more. Returns how many were lost since that was asked for.
    pub(crate) fn lose_no_more(&self) -> usize {
        let mut state = self.state.0.lock();
        state.loss = None;
        state.losses
    }

    /// Says whether connections are refused from now on.
    pub(crate) fn refuse(&self, closed: bool) {
        self.state.0.lock().closed = closed;
    }

    /// Has requests go on once there are so many on one connection, together.
    pub(crate) fn gather(&self, requests: usize) {
        let mut state = self.state.0.lock();
        (state.gathering, state.gathered) = (requests, 0);
    }

    /// Waits until so many requests are gathered. Those go on when there are as many as were to be.
    pub(crate) fn wait_for_gathered(&self, requests: usize) {
        let (state, changed) = &*self.state;
        let mut state = state.lock();
        while state.gathered < requests {
            changed.wait(&mut state);
        }
    }

    /// Lets a late request go after so many others, the next of which waits until the server has answered it.
    pub(crate) fn let_go_after(&self, passing: usize) {
        self.state.0.lock().passing_late = Some(passing);
    }

    /// Whether a late request has gone on.
    pub(crate) fn has_let_go(&self) -> bool {
        self.state.0.lock().let_go
    }

    /// Lets late requests go, and waits until the server has answered one.
    pub(crate) fn let_go(&self) {
        let (state, changed) = &*self.state;
        state.lock().let_go = true;
        changed.notify_all();
        self.wait_for_answered();
    }

    /// Waits until the server has answered a request after its connection was lost.
    pub(crate) fn wait_for_answered(&self) {
        let (state, changed) = &*self.state;
        let mut state = state.lock();
        while state.answered_late == 0 {
            changed.wait(&mut state);
        }
    }
}

/// Waits until a request has come, and until there are as many as are to go on together.
fn gather(client: &TcpStream, (state, changed): &(Mutex<State>, Condvar)) {
    let mut bytes = vec![0; 1 << 16];
    while let Ok(count @ 1..) = client.peek(&mut bytes) {
        let mut state = state.lock();
        if state.gathering == 0 {
            return;
        }
        state.gathered = state.gathered.max(ends(&bytes[..count]).len());
        let is_enough = state.gathered >= state.gathering;
        if is_enough {
            state.gathering = 0;
        }
        changed.notify_all();
        drop(state);
        if is_enough {
            return;
        }
        thread::yield_now();
    }
}

/// Where requests end: each has several messages, of which the last is `Sync`.
fn ends(mut bytes: &[u8]) -> Vec<usize> {
    let whole = bytes.len();
    let mut ends = Vec::new();
    while let [kind, a, b, c, d, ..] = *bytes {
        let len = u32::from_be_bytes([a, b, c, d]) as usize + 1;
        let Some(rest) = bytes.get(len..) else {
            break;
        };
        bytes = rest;
        if kind == b'S' {
            ends.push(whole - bytes.len());
        }
    }
    ends
}

/// Waits at the request that is to be behind a late one.
fn wait_for_late((state, changed): &(Mutex<State>, Condvar)) {
    let mut state = state.lock();
    if state.losses == 0 || state.let_go {
        return;
    }
    match state.passing_late {
        Some(0) => {
            state.let_go = true;
            changed.notify_all();
            while state.answered_late == 0 {
                changed.wait(&mut state);
            }
        }
        Some(passing) => state.passing_late = Some(passing - 1),
        None => {}
    }
}

fn take_loss(state: &(Mutex<State>, Condvar), which: &[Loss]) -> Option<Loss> {
    let mut state = state.0.lock();
    let loss = state.loss.filter(|loss| which.contains(loss))?;
    if state.passing > 0 {
        state.passing -= 1;
        return None;
    }
    state.loss = None;
    state.losses += 1;
    Some(loss)
}

/// Notes that the server has answered a request after its connection was lost.
fn note_answered((state, changed): &(Mutex<State>, Condvar)) {
    state.lock().answered_late += 1;
    changed.notify_all();
}

/// Carries what is said to and fro.
fn carry(client: &TcpStream, socket: &PathBuf, state: &Arc<(Mutex<State>, Condvar)>) {
    client.set_nodelay(true).unwrap();
    let server = UnixStream::connect(socket).unwrap();
    let (mut from_server, mut to_client) =
        (server.try_clone().unwrap(), client.try_clone().unwrap());
    let answers = Arc::clone(state);
    let back = thread::spawn(move || {
        let mut bytes = vec![0; 1 << 16];
        while let Ok(count @ 1..) = from_server.read(&mut bytes) {
            if take_loss(&answers, &[Loss::BeforeAnswer]).is_some()
                || to_client.write_all(&bytes[..count]).is_err()
            {
                break;
            }
        }
        let _ = to_client.shutdown(Shutdown::Both);
        let _ = from_server.shutdown(Shutdown::Both);
    });
    forth(client, &server, state);
    let _ = client.shutdown(Shutdown::Both);
    let _ = server.shutdown(Shutdown::Both);
    back.join().unwrap();
}

fn forth(mut client: &TcpStream, mut server: &UnixStream, state: &(Mutex<State>, Condvar)) {
    let mut bytes = vec![0; 1 << 16];
    loop {
        gather(client, state);
        let Ok(count @ 1..) = client.read(&mut bytes) else {
            return;
        };
        wait_for_late(state);
        let loss = take_loss(
            state,
            &[
                Loss::BeforeRequest,
                Loss::AfterRequest,
                Loss::LateRequest,
                Loss::AfterFirst,
            ],
        );
        match loss {
            Some(Loss::BeforeRequest) => return,
            Some(Loss::AfterFirst) => {
                client.shutdown(Shutdown::Both).unwrap();
                server
                    .write_all(&bytes[..ends(&bytes[..count])[0]])
                    .unwrap();
                server.shutdown(Shutdown::Write).unwrap();
                // It ends once it has done that.
                while let Ok(1..) = server.read(&mut bytes) {}
                note_answered(state);
                return;
            }
            Some(Loss::LateRequest) => {
                client.shutdown(Shutdown::Both).unwrap();
                let (state, changed) = state;
                let mut state = state.lock();
                while !state.let_go {
                    changed.wait(&mut state);
                }
                drop(state);
            }
            _ => {}
        }
        if server.write_all(&bytes[..count]).is_err() || loss == Some(Loss::AfterRequest) {
            return;
        }
        if loss == Some(Loss::LateRequest) {
            // The server answers, which nobody hears, and then finds that nobody is there.
            server.shutdown(Shutdown::Write).unwrap();
            let mut answer = Vec::new();
            let _ = server.try_clone().unwrap().read_to_end(&mut answer);
            note_answered(state);
            return;
        }
    }
}
