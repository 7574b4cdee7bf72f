// Imports from another `codebolt.eventLog` by the command line: from a module, and from a server.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { serve } from 'codebolt-eventlog-server';
import test from 'ava';

import { printed, refusedBy, runProgram } from './support/command-line.mjs';
import { openAt, openLog, temporaryFolder } from './support/temporary.mjs';

const INVALID = 2;

/** A client of two events, whose timer never ends, as the connection of a client does not. */
const CLIENT = `
const events = [1, 2].map((n) => ({ id: 'e' + n, streamId: 's', eventType: 't', timestamp: n, payload: { n } }));
const queryEvents = async ({ from, offset }) =>
  from.instance === 'orders'
    ? { success: true, data: { events: events.slice(offset) } }
    : { success: false, error: 'no such instance' };
setInterval(() => {}, 1000);
`;

const MODULES = {
  'named.mjs': `${CLIENT} export const eventLog = { queryEvents };`,
  'default.mjs': `${CLIENT} export default { eventLog: { queryEvents } };`,
  'own.mjs': `${CLIENT} export { queryEvents };`,
  'common.cjs': `${CLIENT} module.exports = { default: { eventLog: { queryEvents } } };`,
  'none.mjs': 'export const eventLog = {};',
  'broken.mjs': 'throw new Error("no settings");',
};

/** A folder with these modules, and one of them as a package. */
async function folderOfModules(t) {
  const folder = await temporaryFolder(t);
  for (const [name, text] of Object.entries(MODULES)) await writeFile(join(folder, name), text);
  const installed = join(folder, 'node_modules', '@some', 'sdk');
  await mkdir(installed, { recursive: true });
  await writeFile(join(installed, 'package.json'), '{"name":"@some/sdk","main":"main.cjs"}');
  await writeFile(join(installed, 'main.cjs'), MODULES['common.cjs']);
  return folder;
}

const importOf = (source, path, more = []) => [
  ...['import', '--log', path, source, '--format', 'codebolt', '--instance', 'orders'],
  ...['-o', 'jsonl', ...more],
];

test('a module gives its eventLog, wherever it exports it, and the program ends', async (t) => {
  const cwd = await folderOfModules(t);
  for (const source of [
    './named.mjs',
    'default.mjs',
    join(cwd, 'own.mjs'),
    './common.cjs',
    '@some/sdk',
  ]) {
    const path = join(cwd, `${source.replaceAll(/\W/g, '-')}.redb`);
    const dry = JSON.parse(await printed(t, importOf(source, path, ['--dry-run']), { cwd }));
    t.is(dry.events, 2, source);
    t.is(JSON.parse(await printed(t, importOf(source, path), { cwd })).events, 2, source);
    t.is(JSON.parse(await printed(t, importOf(source, path), { cwd })).skippedEvents, 2, source);
  }
});

test('what is no module, has no eventLog or does not answer is refused', async (t) => {
  const cwd = await folderOfModules(t);
  const path = join(cwd, 'log.redb');
  for (const [source, pattern] of [
    [
      '@no/such-package',
      /cannot find the module @no\/such-package \(MODULE_NOT_FOUND\): name a file/,
    ],
    ['./missing.mjs', /cannot load the module \.\/missing\.mjs/],
    ['./none.mjs', /expected \.\/none\.mjs to export eventLog with queryEvents, found none/],
    ['./broken.mjs', /cannot load the module \.\/broken\.mjs: no settings/],
  ]) {
    await refusedBy(t, importOf(source, path), INVALID, pattern, { cwd });
  }
  const none = importOf('./named.mjs', path).with(7, 'none');
  await refusedBy(t, none, INVALID, /it answered no such instance; nothing was stored/, { cwd });
  const bare = importOf('./named.mjs', path).toSpliced(3, 1);
  await refusedBy(t, bare, INVALID, /expected the address of a server, or a module/, { cwd });
});

test('a server gives the events of an instance to who knows its token', async (t) => {
  const log = await openLog(t, { autoCreateInstances: true });
  const payloads = Array.from({ length: 1500 }, (_, n) => ({ n }));
  const events = payloads.map((payload) => ({ streamId: 's', eventType: 't', payload }));
  await log.strict.appendEvents({ instanceId: 'orders', events });
  const server = await serve(log, { port: 0, token: 'a-token-of-tests-0123456789' });
  t.teardown(() => server.close());
  const path = join(await temporaryFolder(t), 'copy.redb');
  const env = { ...process.env, CODEBOLT_EVENTLOG_TOKEN: server.token };
  const told = JSON.parse(await printed(t, importOf(server.url, path), { env }));
  t.is(told.events, 1500);
  const again = JSON.parse(await printed(t, importOf(server.link, path)));
  t.is(again.skippedEvents, 1500);
  const copy = await openAt(t, path);
  const { data } = await copy.queryEvents({ from: { instance: 'orders' } });
  t.deepEqual(
    data.result.events.map(({ payload }) => payload),
    payloads,
  );
  await copy.close();

  const refused = await runProgram(t, importOf(server.url, path));
  t.not(refused.code, 0);
  t.regex(refused.stderr, /401|token/i);
  await server.close();
  const gone = await runProgram(t, importOf(server.url, path), { env });
  t.not(gone.code, 0);
  t.false(gone.stderr.includes(server.token));
});
