// Rules by which instances keep their events, over HTTP.

import test from 'ava';

import { fill, post, start } from './support/server.js';

test('a client sets rules and has them applied, but for archives', async (t) => {
  const { log, url } = await start(t);
  await fill(log, 'a', 2);
  const ok = async (method, params) => {
    const { status, body } = await post(url, method, params);
    t.is(status, 200, body.error);
    return body.data;
  };
  const retention = { maxEvents: 2, force: true };
  const kept = await ok('updateInstance', { instanceId: 'a', name: 'b', retention });
  t.deepEqual(kept.instance.retention, retention);
  const made = await ok('createInstance', { name: 'kept', retention });
  t.deepEqual(made.instance.retention, retention);
  for (const [method, params] of [
    ['createInstance', { name: 'c' }],
    ['updateInstance', { instanceId: 'kept' }],
  ]) {
    const archived = { ...params, retention: { ...retention, archive: { path: 'a' } } };
    const { status, body } = await post(url, method, archived);
    t.deepEqual([status, body.code], [403, 'FORBIDDEN']);
    t.regex(body.error, /^retention\.archive: expected none/);
  }
  t.is((await ok('trimEvents', { instance: 'b', beforePosition: 2 })).firstPosition, 2);
  await ok('appendEvents', { instanceId: 'b', events: [{ eventType: 't' }, { eventType: 't' }] });
  for (const params of [{}, { instance: null }]) {
    const { status, body } = await post(url, 'applyRetention', params);
    t.deepEqual([status, body.code], [400, 'INVALID_ARGUMENT']);
    t.regex(body.error, /^instance: expected a string/);
  }
  const { instances } = await ok('applyRetention', { instance: 'b' });
  t.is(instances[0].firstPosition, 3);
  const cleared = await ok('updateInstance', { instanceId: 'b', retention: null });
  t.false('retention' in cleared.instance);
});
