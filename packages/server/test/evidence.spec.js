// Checkpoints, proofs and encrypted events by way of a server.

import { randomBytes } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';
import {
  generateKeys,
  verifyCheckpoint,
  verifyConsistency,
  verifyProof,
} from 'codebolt-eventlog/evidence';
import { serve } from 'codebolt-eventlog-server';
import { connect, unwrap } from 'codebolt-eventlog-server/client';

import { fill, openLog, post, serveLog, start, temporaryFolder } from './support/server.js';

let signingKey;
let verifierKey;

test.before(async () => {
  ({ signingKey, verifierKey } = await generateKeys('example.com/shop'));
});

/** A server that signs, with an instance `a` of so many events, and a client. */
async function signing(t, count, options) {
  const parts = await start(t, { signingKey, ...options });
  await fill(parts.log, 'a', count);
  const client = await connect(parts.url);
  t.teardown(() => client.close());
  return { ...parts, client };
}

test('a client has checkpoints signed, and proofs that verify against them', async (t) => {
  const { log, url, client } = await signing(t, 300);
  const older = unwrap(await client.checkpoint({ instance: 'a' }));
  t.deepEqual(unwrap(await client.checkpoint({ instance: 'a' })), older);
  await fill(log, 'a', 5);
  const { status, body } = await post(url, 'checkpoint', { instance: 'a' });
  t.deepEqual([status, body.type, body.data.size], [200, 'eventLog.checkpoint', 305]);

  const { id } = (await log.getInstance('a')).data.instance;
  const origin = `example.com/shop/${id}`;
  const [old, tree] = await Promise.all(
    [older, body.data].map(({ note }) => verifyCheckpoint(note, verifierKey, { origin })),
  );
  t.deepEqual([old.size, tree.size, tree.root], [300, 305, body.data.root]);
  const consistency = unwrap(await client.proveConsistency({ instance: 'a', oldSize: 300 }));
  await verifyConsistency(consistency, old, tree);
  const proof = unwrap(await client.proveInclusion({ instance: 'a', position: 7, size: 300 }));
  t.is((await verifyProof(proof, old)).payload, '{"n":7}');
  const posted = await post(url, 'proveInclusion', { instance: 'a', position: 303, size: null });
  t.is((await verifyProof(posted.body.data, tree)).payload, '{"n":3}');
});

test('a proof that is not possible has a status that says why', async (t) => {
  const { log, url } = await signing(t, 3);
  await log.createInstance('b');
  const ask = async (method, params) => {
    const { status, body } = await post(url, method, params);
    return [status, body.code];
  };
  const none = await ask('proveInclusion', { instance: 'a', position: 1 });
  t.deepEqual(none, [409, 'INVALID_ARGUMENT']);
  t.deepEqual(await ask('checkpoint', { instance: 'none' }), [404, 'INSTANCE_NOT_FOUND']);
  t.deepEqual(await ask('checkpoint', { instance: 'a' }), [200, undefined]);
  for (const [method, params, status, code] of [
    ['proveInclusion', { position: 4 }, 409, 'INVALID_ARGUMENT'],
    ['proveInclusion', { position: 1, size: 4 }, 409, 'INVALID_ARGUMENT'],
    ['proveInclusion', { position: '1' }, 400, 'INVALID_ARGUMENT'],
    ['proveInclusion', { position: 1, sise: 4 }, 400, 'INVALID_ARGUMENT'],
    ['proveConsistency', { oldSize: 4 }, 409, 'INVALID_ARGUMENT'],
    ['proveInclusion', {}, 400, 'INVALID_ARGUMENT'],
    ['proveInclusion', { position: 0 }, 400, 'INVALID_ARGUMENT'],
    ['proveConsistency', {}, 400, 'INVALID_ARGUMENT'],
    ['checkpoint', { unknown: true }, 400, 'INVALID_ARGUMENT'],
    ['checkpoint', { instance: 7 }, 400, 'INVALID_ARGUMENT'],
  ]) {
    const found = await ask(method, { instance: 'a', ...params });
    t.deepEqual(found, [status, code], JSON.stringify([method, params]));
  }
  await log.trimEvents({ instance: 'a', beforePosition: 3 });
  t.deepEqual(await ask('proveInclusion', { instance: 'a', position: 2 }), [410, 'TRIMMED']);
});

test('what only the program of the log may give is refused, and does nothing', async (t) => {
  const { log, url, client } = await signing(t, 3);
  const folder = await temporaryFolder(t);
  const keyFile = join(folder, 'other.key');
  const other = await generateKeys('example.com/other');
  await writeFile(keyFile, other.signingKey);
  const archive = { path: join(folder, 'archive') };
  for (const [method, params, pattern] of [
    ['checkpoint', { key: other.signingKey }, /^key: expected nothing, as a server signs with/],
    ['checkpoint', { keyFile }, /^keyFile: expected nothing, as a server signs with/],
    ['checkpoint', { origin: 'example.com/shop/b' }, /^origin: expected nothing, as /],
    [
      'trimEvents',
      { beforePosition: 2, archive },
      /^archive: expected nothing, as a server writes/,
    ],
    [
      'trimStream',
      { stream: 's', beforeSequence: 1, archive },
      /^archive: expected nothing, as a server writes/,
    ],
  ]) {
    const given = { instance: 'a', ...params };
    const { status, body } = await post(url, method, given);
    t.deepEqual([status, body.code], [403, 'FORBIDDEN'], method);
    t.regex(body.error, pattern);
    const { code, error } = await client[method](given);
    t.deepEqual([code, error], [body.code, body.error]);
  }
  t.deepEqual(await readdir(folder), ['other.key']);
  t.is((await log.getInstanceStats('a')).data.firstPosition, 1);
  const unsigned = await log.proveInclusion({ instance: 'a', position: 1 });
  t.regex(unsigned.error, /has no tree yet/);
  const given = { instance: 'a', key: null, keyFile: null, origin: null };
  t.is((await post(url, 'checkpoint', given)).status, 200);
});

test('a server without a key signs nothing, nor does one that is read-only; both prove', async (t) => {
  const log = await openLog(t);
  await fill(log, 'a', 3);
  await log.checkpoint({ instance: 'a', key: signingKey });
  for (const [options, pattern] of [
    [{}, /^this server signs no checkpoints: it was started without a signing key$/],
    [{ signingKey, readOnly: true }, /read-only/],
  ]) {
    const { url } = await serveLog(t, log, options);
    const { status, body } = await post(url, 'checkpoint', { instance: 'a' });
    t.deepEqual([status, body.code], [403, 'FORBIDDEN']);
    t.regex(body.error, pattern);
    t.is((await post(url, 'proveInclusion', { instance: 'a', position: 3 })).status, 200);
    t.is((await post(url, 'proveConsistency', { instance: 'a', oldSize: 1 })).status, 200);
  }
});

test('a key that cannot sign is refused when the server is started, and is not shown', async (t) => {
  const log = await openLog(t);
  const altered = signingKey.replace('/shop', '/shoq');
  for (const [key, pattern] of [
    [altered, /^signingKey: expected a key whose id fits/],
    [verifierKey, /^signingKey: expected a signing key, which begins with PRIVATE\+KEY\+/],
    ['PRIVATE+KEY+', /^signingKey: expected a signing key/],
    [7, /^signingKey: expected a string, found a number$/],
  ]) {
    const error = await t.throwsAsync(serve(log, { port: 0, signingKey: key }));
    t.is(error.code, 'INVALID_ARGUMENT');
    t.regex(error.message, pattern);
    if (key.length > 20) t.false(error.message.includes(key.slice(-20)));
  }
  const { url } = await serveLog(t, log, { signingKey: `${signingKey}\n` });
  await fill(log, 'a', 1);
  t.is((await post(url, 'checkpoint', { instance: 'a' })).status, 200);
});

test('a checkpoint that takes too long is called off, and can be made again', async (t) => {
  // Each call takes longer than that: a signal that is aborted is looked at before there is an answer.
  const log = await openLog(t);
  await fill(log, 'a', 3);
  const { checkpoint } = log;
  let aborted;
  const waiting = new Promise((resolve) => (aborted = resolve));
  log.checkpoint = async ({ signal, ...options }) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    aborted();
    return checkpoint({ ...options, signal });
  };
  const { url } = await serveLog(t, log, { signingKey, queryTimeoutMs: 1 });
  const { status, body } = await post(url, 'checkpoint', { instance: 'a' });
  await waiting;
  t.deepEqual([status, body.code], [504, 'TIMED_OUT']);
  log.checkpoint = checkpoint;
  const { url: other } = await serveLog(t, log, { signingKey });
  t.is((await post(other, 'checkpoint', { instance: 'a' })).status, 200);
});

test('events are encrypted for clients, and say once they were forgotten', async (t) => {
  const log = await openLog(t, { key: randomBytes(32) });
  const { url } = await serveLog(t, log);
  const event = { instanceId: 'a', eventType: 't', payload: { name: 'Ada' } };
  const given = { ...event, encrypt: { subject: 'customer-7' } };
  const appended = await post(url, 'appendEvent', given);
  t.is(appended.status, 200, appended.body.error);
  t.deepEqual(appended.body.data.event.payload, { name: 'Ada' });
  for (const encrypt of [{ subject: '' }, { subjct: 'x' }, 'customer-7', {}]) {
    const { status, body } = await post(url, 'appendEvent', { ...event, encrypt });
    t.true([400, 422].includes(status), JSON.stringify(encrypt));
    t.regex(body.error, /^encrypt/);
  }
  await log.forgetSubject('customer-7');
  const { body } = await post(url, 'queryEvents', { query: { from: { instance: 'a' } } });
  t.like(body.data.result.events, [{ payload: {}, forgotten: { subject: 'customer-7' } }]);
  const response = await fetch(`${url}cloudevents?instance=a`);
  t.like(await response.json(), [{ data: {}, eventlogforgotten: 'customer-7' }]);

  const { url: plain } = await start(t);
  const refused = await post(plain, 'appendEvent', given);
  t.deepEqual([refused.status, refused.body.code], [503, 'KEY_UNAVAILABLE']);
});

test('the description has what is encrypted, proven and signed', async (t) => {
  const { url } = await start(t);
  const { paths, components } = await (await fetch(`${url}openapi.json`)).json();
  const bodyOf = (method) =>
    paths[`/eventlog/${method}`].post.requestBody.content['application/json'].schema;
  t.deepEqual(bodyOf('appendEvent').properties.encrypt.required, ['subject']);
  t.deepEqual(bodyOf('appendEvents').properties.events.items.properties.encrypt.type, [
    'object',
    'null',
  ]);
  t.deepEqual(Object.keys(bodyOf('checkpoint').properties), ['instance']);
  t.deepEqual(bodyOf('proveInclusion').required, ['instance', 'position']);
  t.deepEqual(bodyOf('proveConsistency').required, ['instance', 'oldSize']);
  t.false(components.schemas.Event.required.includes('forgotten'));
});
