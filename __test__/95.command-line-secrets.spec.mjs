// What can have a password, the program does not show: the URL of a server, wherever it stands on the command line.

import { createRequire } from 'node:module';

import test from 'ava';

import { refusedBy } from './support/command-line.mjs';

const require = createRequire(import.meta.url);
const { withoutSecrets } = require('../lib/server-path.js');

test('a URL is shown with its hosts and its database, where it is certain which part these are', (t) => {
  for (const [url, shown] of [
    ['postgres://me:secret@h/d?password=secret', 'postgres://h/d'],
    ['PostgreSQL://me:secret@a:1,[::1]:2,b/', 'PostgreSQL://a:1,[::1]:2,b/'],
    ['postgres://me@%2Frun%2Fpostgresql/d', 'postgres://%2Frun%2Fpostgresql/d'],
    ['postgres:///d?host=a&password=secret', 'postgres:///d'],
    ['postgres://db/shop?user=app@srv', 'postgres://db/shop'],
    ['postgres://db:7/shop?user=u&password=secret@1', 'postgres://db:7/shop'],
    ['postgres://me:secret@db/a@b', 'postgres://db/a@b'],
    ['postgres://me:a?secret@h/d', 'postgres://…'],
    ['postgres://me:1?secret@h/d', 'postgres://…'],
    ['postgres://me:1?secret=x@h/d', 'postgres://…'],
    ['postgres://me:1/secret@h/d', 'postgres://…'],
    ['postgres://me:1/secret?x=y@h/d', 'postgres://…'],
    ['postgres://me:secret/a@h/d', 'postgres://…'],
    ['postgres://me:secret#a@h/d', 'postgres://…'],
    ['postgres://me:1#secret@h/d', 'postgres://…'],
    ['postgres://me:a@secret@h/d', 'postgres://…'],
    ['postgres://me:a\nsecret@h/d', 'postgres://h/d'],
    ['postgre://me:secret@h/d', 'postgre://…'],
    ['logs/me@h.redb', 'logs/me@h.redb'],
    ['file:///logs/orders.redb', 'file:///logs/orders.redb'],
  ]) {
    t.is(withoutSecrets(url), shown, url);
  }
});

const mistakes = (url) => [
  ['stats', url, 'extra', 'extra'],
  [url, 'stats'],
  ['eventlog', url],
  ['help', url],
  ['stats', '--lgo', url],
  ['stats', `--${url}`],
  ['stats', `--quiet=${url}`],
  ['stats', '--output', url],
  ['stats', `--lock-wait=${url}`],
];

for (const args of [
  ...mistakes('postgres://me:secret@h/d'),
  ...mistakes('postgresql://me:secret?a\n"@h/d').slice(0, 3),
  ['stats', `postgres://${'h'.repeat(90)}?password=secret`, 'extra', 'extra'],
  ['stats', `postgres://m:secret${'x'.repeat(90)}@h/d`, 'extra', 'extra'],
  ['stats', 'postgre://me:secret@h/d', 'extra', 'extra'],
]) {
  test(`a mistake is told without the password: ${JSON.stringify(args)}`, async (t) => {
    const text = await refusedBy(t, args, 2, /INVALID_ARGUMENT: /);
    t.false(text.includes('secret'), text);
  });
}

test('a log that is not there is told without the password', async (t) => {
  const url = 'postgre://me:secret@h/d';
  for (const [args, env] of [
    [['stats', '--log', url], {}],
    [['stats', `--log=${url}`], {}],
    [['stats'], { CODEBOLT_EVENTLOG_PATH: url }],
  ]) {
    const text = await refusedBy(t, args, 3, /there is no log at postgre:\/\/…/, { env });
    t.false(text.includes('secret'), text);
  }
});
