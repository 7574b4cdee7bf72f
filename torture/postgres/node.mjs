// A server of PostgreSQL that is made, started, killed with all its processes, and made again from another one.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';

import pg from 'pg';

import { linkLibraries, nativeFolder, nobody } from '../../scripts/postgres-server.mjs';

const run = promisify(execFile);

/** How often it is asked whether a server is there, in milliseconds. */
const ASKING = 10;

/** How long a server may take to be there, in milliseconds: a guard against what never comes. */
const PATIENCE = 60_000;

/** What all of them are started with. A standby that has lost its primary looks for it again soon. */
const SETTINGS = {
  listen_addresses: '',
  max_connections: 100,
  shared_buffers: '32MB',
  wal_keep_size: '1GB',
  wal_retrieve_retry_interval: '50ms',
  // Nobody waits for what was never going to be kept.
  max_slot_wal_keep_size: '1GB',
};

/** One server. Its socket is in its folder. */
export class Node {
  #folder;
  #settings;
  #child;
  /** How many data folders it has had. */
  #generation = 0;

  /**
   * @param {string} parent - The folder that its own is made in.
   * @param {string} name - What it is called.
   * @param {object} settings - Settings beside the usual ones.
   */
  constructor(parent, name, settings = {}) {
    this.name = name;
    this.#folder = join(parent, name);
    this.#settings = { ...SETTINGS, ...settings, cluster_name: name };
    mkdirSync(this.#folder);
    own(this.#folder);
  }

  /** The folder of its socket. */
  get host() {
    return this.#folder;
  }

  get #data() {
    return join(this.#folder, `data.${this.#generation}`);
  }

  /** Makes an empty server. */
  async make() {
    await program('initdb', ['-D', this.#data, '-U', 'postgres', '-A', 'trust', '--no-sync']);
  }

  /** Makes it a standby of another one, of which it gets a copy. */
  async copy(primary) {
    rmSync(this.#data, { recursive: true, force: true });
    this.#generation += 1;
    await primary.use(async (client) => {
      await client.query("SELECT pg_backup_start('torture', true)");
      await asNobody('cp', ['-a', primary.#data, this.#data]);
      const { rows } = await client.query('SELECT labelfile FROM pg_backup_stop(false)');
      writeFileSync(join(this.#data, 'backup_label'), rows[0].labelfile);
    });
    rmSync(join(this.#data, 'postmaster.pid'), { force: true });
    writeFileSync(join(this.#data, 'standby.signal'), '');
    writeFileSync(join(this.#data, 'postgresql.auto.conf'), followed(primary.host));
    for (const name of ['backup_label', 'standby.signal']) own(join(this.#data, name));
  }

  /** Starts it, and waits until it answers. */
  async start() {
    const settings = { ...this.#settings, unix_socket_directories: this.#folder };
    const given = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    this.#child = spawn(join(nativeFolder(), 'bin', 'postgres'), ['-D', this.#data, ...given], {
      ...nobody(environment()),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    this.#child.stderr.setEncoding('utf8').on('data', (text) => {
      said = (said + text).slice(-10_000);
    });
    const child = this.#child;
    await until(async () => {
      if (child.exitCode !== null) throw new Error(`${this.name} has ended: ${said}`);
      await this.ask('SELECT 1');
      return true;
    });
  }

  /** Kills all its processes at once, as when a machine goes. */
  async kill() {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    killTree(child.pid);
    await ended;
  }

  /** Ends it as `pg_ctl stop -m immediate` does. What it has to do for that, it does when it is started again. */
  async stop() {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGQUIT');
    await ended;
  }

  /** Has a standby follow another one from now on. */
  async follow(primary) {
    await this.ask(`ALTER SYSTEM SET primary_conninfo = '${connection(primary.host)}'`);
    await this.ask('SELECT pg_reload_conf()');
  }

  /** Has a standby take changes. */
  async promote() {
    await this.ask('SELECT pg_promote(true)');
  }

  /** How far a standby has on its disk what its primary has sent, in bytes. */
  async received() {
    const sql = "SELECT pg_wal_lsn_diff(pg_last_wal_receive_lsn(), '0/0')::bigint AS received";
    const [{ received }] = await this.ask(sql);
    return BigInt(received);
  }

  /** The rows of a statement. */
  async ask(sql) {
    return this.use(async (client) => (await client.query(sql)).rows);
  }

  /** Uses a connection. */
  async use(work) {
    const client = new pg.Client({ host: this.#folder, user: 'postgres', database: 'postgres' });
    // The server may go at any moment, which its statement tells.
    client.on('error', () => {});
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }
}

/** Kills a server with all its processes at once. */
export function killTree(pid) {
  // So that it neither starts others nor has those that are there end in order.
  process.kill(pid, 'SIGSTOP');
  for (const child of childrenOf(pid)) process.kill(child, 'SIGKILL');
  process.kill(pid, 'SIGKILL');
}

/** Commits something, which is answered once it is where the server's commits have to be. */
export async function commit(server) {
  await server.ask(`COMMENT ON DATABASE postgres IS '${performance.now()}'`);
}

/** Asks until something is so. What fails meanwhile is asked again, unless the server has ended. */
export async function until(isSo, patience = PATIENCE) {
  const began = performance.now();
  for (;;) {
    let failure;
    try {
      if (await isSo()) return;
    } catch (error) {
      if (error.code === undefined) throw error;
      failure = error;
    }
    if (performance.now() - began > patience) {
      throw new Error(`it did not come to be within ${patience} ms`, { cause: failure });
    }
    await setTimeout(ASKING);
  }
}

/** Makes a folder ready in which servers can be made. */
export function prepare(folder) {
  own(folder);
  const libraries = join(folder, 'libraries');
  linkLibraries(nativeFolder(), libraries);
  environment.libraries = libraries;
}

const connection = (host) => `host=${host} user=postgres`;

const followed = (host) => `primary_conninfo = '${connection(host)}'\n`;

function environment() {
  const libraries = [environment.libraries, join(nativeFolder(), 'lib')].join(':');
  return { ...process.env, LD_LIBRARY_PATH: libraries };
}

function own(path) {
  const { uid, gid } = nobody({});
  if (uid !== undefined) chownSync(path, uid, gid);
}

const program = (name, parameters) => asNobody(join(nativeFolder(), 'bin', name), parameters);

const asNobody = (name, parameters) => run(name, parameters, nobody(environment()));

function childrenOf(pid) {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}
