// Three nodes of Patroni, which look after a PostgreSQL each, and an etcd by which they agree who leads.

import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';

import pg from 'pg';

import { nobody } from '../../scripts/postgres-server.mjs';
import { commit, killTree, until } from '../postgres/node.mjs';
import { Machine } from './machine.mjs';

const HOST = '127.0.0.1';
const NAMES = ['n1', 'n2', 'n3'];

/** How long Patroni may take for what it has to do, in milliseconds: a guard against what never comes. */
const PATIENCE = 180_000;

/** How long whoever leads may be silent until another one takes his place, in seconds; Patroni takes none that is shorter. */
const TTL = 20;

/** The part of the configuration that all nodes share. */
const SHARED = {
  ttl: TTL,
  loop_wait: 2,
  retry_timeout: 9,
  // A server that fails is not waited for.
  primary_start_timeout: 0,
  // Only who has all that was answered may lead, and nothing is answered before a second one has it.
  synchronous_mode: 'quorum',
  synchronous_mode_strict: true,
  postgresql: {
    use_pg_rewind: true,
    parameters: {
      max_connections: 100,
      shared_buffers: '32MB',
      wal_keep_size: '1GB',
      wal_retrieve_retry_interval: '50ms',
    },
  },
};

/** One node. */
class PatroniNode {
  #machine;
  #programs;
  #folder;

  constructor(folder, name, { ports, etcd, programs }) {
    this.name = name;
    [this.port, this.apiPort] = ports;
    this.#programs = programs;
    this.#folder = folder;
    // JSON is YAML, too.
    writeFileSync(this.#config, JSON.stringify(this.#configuration(etcd)));
  }

  get #config() {
    return join(this.#folder, `${this.name}.yml`);
  }

  get #data() {
    return join(this.#folder, `${this.name}.data`);
  }

  #configuration(etcd) {
    const [server, api] = [this.port, this.apiPort].map((port) => `${HOST}:${port}`);
    return {
      scope: 'torture',
      name: this.name,
      restapi: { listen: api, connect_address: api },
      etcd3: { hosts: [`${HOST}:${etcd}`] },
      bootstrap: {
        dcs: SHARED,
        initdb: [{ encoding: 'UTF8' }, { locale: 'C' }, 'no-sync'],
      },
      postgresql: {
        listen: server,
        connect_address: server,
        data_dir: this.#data,
        bin_dir: this.#programs.postgres,
        pgpass: join(this.#folder, `${this.name}.pgpass`),
        authentication: {
          superuser: { username: 'postgres' },
          replication: { username: 'replicator' },
          rewind: { username: 'postgres' },
        },
        pg_hba: [
          'local all all trust',
          `host all all ${HOST}/32 trust`,
          `host replication all ${HOST}/32 trust`,
        ],
        parameters: { unix_socket_directories: this.#folder },
        basebackup: [{ checkpoint: 'fast' }, 'no-sync'],
        remove_data_directory_on_rewind_failure: true,
        remove_data_directory_on_diverged_timelines: true,
      },
    };
  }

  /** Has it run. */
  start() {
    const { python, patroni } = this.#programs;
    const log = join(this.#folder, `${this.name}.log`);
    this.#machine = new Machine(python, [patroni, this.#config], { log });
  }

  /** Loses Patroni and the server at once. */
  async lose() {
    await this.#machine?.lose();
  }

  /** Kills the server, and not Patroni. */
  killServer() {
    const [pid] = readFileSync(join(this.#data, 'postmaster.pid'), 'utf8').split('\n');
    killTree(Number(pid));
  }

  /** The rows of a statement. */
  async ask(sql) {
    const client = new pg.Client({
      host: HOST,
      port: this.port,
      user: 'postgres',
      database: 'postgres',
    });
    // The server may go at any moment, which its statement tells.
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** Whether it takes changes. */
  async takesChanges() {
    const [{ found }] = await this.ask('SELECT NOT pg_is_in_recovery() AS found');
    return found;
  }

  /** What it knows of all nodes. */
  async members() {
    const response = await fetch(`http://${HOST}:${this.apiPort}/cluster`);
    return (await response.json()).members ?? [];
  }
}

/** All of it. */
export class PatroniCluster {
  #etcd;
  #nodes;

  /**
   * Starts a cluster in a folder that is there, and waits until all of it works.
   *
   * @param {string} folder - The folder. Its path is short: it is that of sockets.
   * @param {object} programs - What `installPatroni` returns.
   */
  static async start(folder, programs) {
    const { uid, gid } = nobody({});
    if (uid !== undefined) chownSync(folder, uid, gid);
    const [client, peer, ...ports] = await freePorts(2 + 2 * NAMES.length);
    const cluster = new PatroniCluster();

    cluster.#etcd = startEtcd(folder, programs, { client, peer });
    cluster.#nodes = NAMES.map((name, at) => {
      const own = join(folder, name);
      mkdirSync(own);
      if (uid !== undefined) chownSync(own, uid, gid);
      return new PatroniNode(own, name, {
        ports: ports.slice(2 * at, 2 * at + 2),
        etcd: client,
        programs,
      });
    });
    try {
      for (const node of cluster.#nodes) node.start();
      await cluster.healed();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  /** The address of a log: whichever of them takes changes. */
  urlOf(schema) {
    const hosts = this.#nodes.map(({ port }) => `${HOST}:${port}`).join(',');
    return `postgres://postgres@${hosts}/postgres?schema=${schema}&durability=replicated&sslmode=disable`;
  }

  /** Waits until one leads, and both of the others have what it has. */
  async healed() {
    await until(async () => {
      const members = await this.#members();
      const roles = members.map(({ role, state }) => `${role} ${state}`).toSorted();
      return `${roles}` === 'leader running,quorum_standby streaming,quorum_standby streaming';
    }, PATIENCE);
  }

  /** The one that leads. */
  async leader() {
    const members = await this.#members();
    const { name } = members.find(({ role }) => role === 'leader');
    return this.#nodes.find((node) => node.name === name);
  }

  /** Waits until another one than that takes changes, and has answered a commit. */
  async replaced(lost) {
    const others = this.#nodes.filter((node) => node !== lost);
    let next;
    await until(async () => {
      const found = await Promise.allSettled(others.map((node) => node.takesChanges()));
      next = others[found.findIndex(({ value }) => value)];
      return next !== undefined;
    }, PATIENCE);
    await commit(next);
  }

  /** Ends all of it. */
  async stop() {
    await Promise.all([...this.#nodes.map((node) => node.lose()), this.#etcd.lose()]);
  }

  /** What some node knows of all of them; nothing while none can be asked. */
  async #members() {
    const asked = await Promise.allSettled(this.#nodes.map((node) => node.members()));
    return asked.find(({ value }) => value !== undefined)?.value ?? [];
  }
}

function startEtcd(folder, { python, etcd }, { client, peer }) {
  const [clients, peers] = [client, peer].map((port) => `http://${HOST}:${port}`);
  const own = join(folder, 'etcd');
  const options = {
    'data-dir': own,
    name: 'e1',
    'listen-client-urls': clients,
    'advertise-client-urls': clients,
    'listen-peer-urls': peers,
    'initial-advertise-peer-urls': peers,
    'initial-cluster': `e1=${peers}`,
  };
  const given = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  return new Machine(python, [etcd, ...given], { log: join(folder, 'etcd.log') });
}

/** So many ports that nobody listens at. */
async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, HOST));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => server.address().port);
  for (const server of servers) server.close();
  await Promise.all(servers.map((server) => once(server, 'close')));
  return ports;
}
