// Logs in PostgreSQL, with a server in CODEBOLT_TEST_POSTGRES: what is so of them alone. `npm run test:postgres` has that,
// and makes the tests of `__test__/` on it too.

'use strict';

const { randomUUID } = require('node:crypto');
const { join } = require('node:path');

const anyTest = require('ava').default;
const { EventLog } = require('codebolt-eventlog');
const { Client } = require('pg');

const SERVER = process.env.CODEBOLT_TEST_POSTGRES;
const test = SERVER === undefined ? anyTest.skip : anyTest;
const root = join(__dirname, '..', '..', '..');

/** Runs a source text of a module in a process of its own. */
async function run(t, source, options) {
  const child = await import('../../../__test__/support/child.mjs');
  return child.run(t, source, options);
}

/** The address of a log that nobody has. */
const addressOf = (parameters = '') => `${SERVER}?schema=${randomUUID()}${parameters}`;

async function opened(t, path, options) {
  const log = await EventLog.open(path, options);
  t.teardown(() => log.close());
  return log;
}

const appended = (log, eventType = 'made') =>
  log.strict.appendEvent({ instanceId: 'i', eventType, autoCreateInstance: true });

/** Asks the server itself. */
async function sql(...statements) {
  const url = new URL(SERVER);
  const client = new Client({
    host: decodeURIComponent(url.host),
    user: url.username,
    database: 'postgres',
  });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** What opening is refused with. */
async function refusal(t, path, options) {
  const error = await t.throwsAsync(EventLog.open(path, { serverWaitMs: 0, ...options }));
  t.false(`${error.message} ${error.stack} ${error.cause}`.includes('secret'), error.message);
  return error;
}

test('the schema is that of the options, or else of the address', async (t) => {
  const [first, second] = [randomUUID(), randomUUID()];
  const log = await opened(t, `${SERVER}?schema=${first}`);
  await appended(log, 'first');
  const other = await opened(t, `${SERVER}?schema=${first}`, { schema: second });
  t.is((await other.getInstance('i')).code, 'INSTANCE_NOT_FOUND');
  const same = await opened(t, SERVER, { schema: first, readOnly: true });
  const { events } = (await same.strict.queryEvents({ from: { instance: 'i' } })).result;
  t.deepEqual(
    events.map((event) => event.event_type),
    ['first'],
  );
});

test('an address can be a URL, and its scheme have capitals', async (t) => {
  const address = addressOf();
  const log = await opened(t, new URL(address));
  await appended(log);
  const same = await opened(t, address.replace('postgres:', 'PostgreSQL:'), { readOnly: true });
  t.is((await same.strict.getInstanceStats('i')).eventCount, 1);
});

test('the environment says what the address does not', async (t) => {
  const url = new URL(SERVER);
  const schema = randomUUID();
  const source = `
    import { EventLog, eventLog } from 'codebolt-eventlog';
    const log = await EventLog.open('postgres://?schema=${schema}');
    await log.strict.createInstance('by variables');
    await log.close();
    const { instances } = await eventLog.strict.listInstances();
    console.log(instances.map(({ name }) => name).join());
    await eventLog.close();
  `;
  const env = {
    PGHOST: decodeURIComponent(url.host),
    PGUSER: url.username,
    PGDATABASE: 'postgres',
    CODEBOLT_EVENTLOG_PATH: `postgres:///?schema=${schema}`,
  };
  const { stdout, stderr } = await run(t, source, { cwd: root, env });
  t.is(stderr, '');
  t.is(stdout, 'by variables\n');
});

test('no error has the password', async (t) => {
  const nobody = 'postgres://me:secret@127.0.0.1:1/d';
  t.is((await refusal(t, nobody)).code, 'STORAGE_FAILED');
  for (const [path, part] of [
    [`${nobody}?colour=red`, /colour/],
    [`${nobody}?sslmode=perhaps`, /sslmode/],
    [`${nobody}?sslcert=a`, /sslcert and sslkey/],
    [`${nobody}?durability=both`, /^durability: expected disk or replicated, found "both"/],
    [`${nobody}?schema=`, /^schema: expected a name of 1 to 63 bytes/],
    [`${nobody}\0`, /NUL/],
    ['postgres://me:secret@127.0.0.1:port/d', /port/],
    ['postgres://me:a?secret@127.0.0.1:1/d', /port of a host/],
    ['postgres://me:a@secret@127.0.0.1:1/d', /a second @/],
    [`${nobody}?password=a&secret=b`, /an unknown parameter$/],
    [`${nobody}?sslrootcert=system&sslmode=require`, /sslmode=verify-full, found require/],
  ]) {
    const { code, message } = await refusal(t, path);
    t.is(code, 'INVALID_ARGUMENT', path);
    t.regex(message, part);
  }
  const { message } = await refusal(t, nobody, { ca: '/nowhere/ca.pem' });
  t.regex(message, /^options\.ca: expected what TLS can use/);
  const [begin, end] = ['-----BEGIN PRIVATE KEY-----', '-----END PRIVATE KEY-----'];
  const cert = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
  for (const key of [
    `${begin}\nsecret\n${end}`,
    `${begin} secret ${end}`,
    'secret',
    'secret'.repeat(200),
    Buffer.from(`${begin}\nsecret\n${end}`).toString('base64'),
  ]) {
    for (const pair of [
      { cert: key, key },
      { cert, key },
    ]) {
      const refused = await refusal(t, nobody, pair);
      t.is(refused.code, 'INVALID_ARGUMENT');
      t.regex(refused.message, /^options\.(?:cert|key): expected what TLS can use/);
      t.false(refused.message.includes(key.slice(0, 40)));
    }
  }
});

test('a key that would encrypt the events of a file is refused, however it is given', async (t) => {
  const bytes = Buffer.from('secret'.padEnd(32));
  for (const key of [bytes, bytes.toString('base64'), () => bytes, async () => bytes]) {
    const { code, message } = await refusal(t, SERVER, { key });
    t.is(code, 'INVALID_ARGUMENT');
    t.regex(message, /^options\.key: expected the key of options\.cert, since a log in PostgreSQL/);
    t.false(message.includes(bytes.toString('base64')));
  }
});

test('options of files are refused', async (t) => {
  for (const [option, value] of [
    ['exclusive', true],
    ['lockWaitMs', 1],
    ['keyring', '/keys/of/subjects'],
    ['keyring', new URL('file:///keys/of/subjects')],
  ]) {
    const address = addressOf();
    const { code, message } = await refusal(t, address, { [option]: value });
    t.is(code, 'INVALID_ARGUMENT');
    t.regex(message, new RegExp(`^options\\.${option}: expected it with the path of a file`));
    // Nothing was made: a log has to be there to be read.
    t.regex(
      (await refusal(t, address, { readOnly: true })).message,
      /there is no log in the schema/,
    );
  }
});

test('a server that waits for no standby does not replicate', async (t) => {
  for (const [path, options] of [
    [addressOf(), { durability: 'replicated' }],
    [addressOf('&durability=replicated')],
  ]) {
    const { code, message } = await refusal(t, path, options);
    t.is(code, 'INVALID_ARGUMENT');
    t.regex(message, /^durability: expected .*synchronous_standby_names, found one that waits for/);
  }
  const log = await opened(t, addressOf('&durability=replicated'), { durability: 'disk' });
  await appended(log);
});

test('the rights in the documentation are enough', async (t) => {
  const schema = `rights ${randomUUID()}`;
  const [app, reader] = [randomUUID(), randomUUID()];
  await sql(`CREATE ROLE "${app}" LOGIN`, `CREATE ROLE "${reader}" LOGIN`);
  const as = (role) =>
    `${SERVER.replace('postgres@', `${role}@`)}?schema=${encodeURIComponent(schema)}`;
  // It may not make a schema, and there is none.
  t.regex((await refusal(t, as(app))).message, /permission denied for database/);
  const owner = await opened(t, as('postgres'));
  await appended(owner);
  for (const options of [{}, { readOnly: true }]) {
    const { code, message } = await refusal(t, as(app), options);
    t.is(code, 'STORAGE_FAILED');
    t.regex(message, /permission denied for schema ".*": ".*" needs USAGE on it$/);
  }
  await sql(
    `GRANT USAGE ON SCHEMA "${schema}" TO "${app}", "${reader}"`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "${schema}" TO "${app}"`,
    `GRANT SELECT ON ALL TABLES IN SCHEMA "${schema}" TO "${reader}"`,
  );
  const log = await opened(t, as(app));
  await appended(log);
  await log.strict.createInstance('other');
  await log.strict.deleteInstance('other');
  t.true((await log.strict.verify()).intact);
  const reads = await opened(t, as(reader), { readOnly: true });
  t.is((await reads.strict.getInstanceStats('i')).eventCount, 2);
  // One that changes nothing until it is told to.
  const careless = await opened(t, as(reader));
  const response = await careless.appendEvent({ instanceId: 'i', eventType: 'made' });
  t.is(response.code, 'STORAGE_FAILED');
  t.regex(response.error, /permission denied/);
  t.is((await reads.strict.getInstanceStats('i')).eventCount, 2);
});

test('what is done to files is refused, and a check finds what was changed by hand', async (t) => {
  const address = addressOf();
  const log = await opened(t, address);
  await appended(log);
  await appended(log);
  for (const response of [await log.backup('copy.redb'), await log.compact()]) {
    t.is(response.code, 'INVALID_ARGUMENT');
    t.regex(response.error, /expected a log in a file, found one in PostgreSQL/);
  }
  t.true((await log.strict.verify()).intact);
  const schema = new URL(address).searchParams.get('schema');
  await sql(`DELETE FROM "${schema}".events WHERE position = 1`);
  const { intact, problems } = await log.strict.verify();
  t.false(intact);
  t.is(problems[0].instanceId, 'i');
});

test('a subscription of one process has what another one appends', async (t) => {
  const address = addressOf();
  const log = await opened(t, address);
  await appended(log, 'own');
  const seen = [];
  const child = run(
    t,
    `import { EventLog } from 'codebolt-eventlog';
    const log = await EventLog.open(process.argv[1]);
    for (const eventType of ['a', 'b', 'c']) await log.strict.appendEvent({ instanceId: 'i', eventType });
    await log.close();`,
    { cwd: root, args: [address] },
  );
  for await (const event of log.subscribe({ instance: 'i' })) {
    seen.push(event.event_type);
    if (event.event_type === 'c') break;
  }
  t.deepEqual(seen, ['own', 'a', 'b', 'c']);
  t.is((await child).stderr, '');
});

test('one that changes a log in a file serves PostgreSQL at the same time', async (t) => {
  const file = await opened(t, ':memory:');
  const log = await opened(t, addressOf());
  await Promise.all([appended(file), appended(log), appended(file)]);
  t.is((await file.strict.getInstanceStats('i')).eventCount, 2);
  t.is((await log.strict.getInstanceStats('i')).eventCount, 1);
});

test('the command line takes an address, and shows no password', async (t) => {
  const { codeboltEventlog } = await commandLine();
  const url = new URL(addressOf());
  url.password = 'secret';
  const address = url.href;
  const made = codeboltEventlog('create', 'orders', '--log', address);
  t.is(made.stderr, '');
  t.is(made.status, 0);
  const stats = codeboltEventlog('stats', address, '-o', 'json');
  t.is(stats.status, 0, stats.stderr);
  t.is(JSON.parse(stats.stdout).instanceCount, 1);
  t.false(stats.stdout.includes('secret'));
  const alone = codeboltEventlog('get', address);
  t.regex(alone.stderr, /expected INSTANCE, found nothing/);
  t.false(alone.stderr.includes('secret'));
  const missing = codeboltEventlog('stats', '--log', address.replace('schema=', 'schema=x'));
  t.not(missing.status, 0);
  t.regex(missing.stderr, /there is no log in the schema/);
  t.false(missing.stderr.includes('secret'));
  const doctor = codeboltEventlog('doctor', '--log', address);
  t.regex(doctor.stderr, /expected a file, found the URL of a server/);
  t.false(doctor.stderr.includes('secret'));
});

async function commandLine() {
  const { spawnSync } = await import('node:child_process');
  const codeboltEventlog = (...args) =>
    spawnSync(process.execPath, [join(root, 'bin', 'codebolt-eventlog.js'), ...args], {
      cwd: root,
      encoding: 'utf8',
    });
  return { codeboltEventlog };
}
