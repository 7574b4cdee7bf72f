// CloudEvents in files: each case of the specification through an import and an export, in both formats.

import test from 'ava';

import { INVALID, MINIMAL, VALID } from './support/cloud-events.mjs';
import { appended } from './support/response.mjs';
import { openLog } from './support/temporary.mjs';
import { exportText, imported, refused } from './support/transfer.mjs';

/** A text of each format, of values, as other programs write it. */
const FORMATS = {
  cloudevents: (cloudEvents) => cloudEvents.map((each) => `${JSON.stringify(each)}\n`).join(''),
  'cloudevents-batch': (cloudEvents) => JSON.stringify(cloudEvents, null, 2),
};

const valid = Object.values(VALID).map((more, n) => ({ ...MINIMAL, id: `id-${n}`, ...more }));

/** The CloudEvents of an export. */
async function exported(log, format) {
  const text = await exportText(log, { format, instance: 'a' });
  return format === 'cloudevents' ? text.trimEnd().split('\n').map(JSON.parse) : JSON.parse(text);
}

for (const [format, textOf] of Object.entries(FORMATS)) {
  test(`${format}: what is imported is what is exported again`, async (t) => {
    const log = await openLog(t);
    await imported(t, log, [textOf(valid)], { format, instance: 'a' });
    t.deepEqual(await exported(log, format), valid);
    const other = format === 'cloudevents' ? 'cloudevents-batch' : 'cloudevents';
    t.deepEqual(await exported(log, other), valid);
  });

  test(`${format}: attributes that are null are not set`, async (t) => {
    const log = await openLog(t);
    const nothing = { ...MINIMAL, subject: null, time: null, ext: null, data_base64: null };
    await imported(t, log, [textOf([nothing])], { format, instance: 'a' });
    t.deepEqual(await exported(log, format), [MINIMAL]);
  });

  test(`${format}: what is no CloudEvent is refused, and nothing of it is stored`, async (t) => {
    const log = await openLog(t);
    for (const [more, pattern] of INVALID) {
      const bad = { ...MINIMAL, ...more };
      const options = { format, instance: 'a' };
      await refused(t, log, [textOf([bad])], 'INVALID_ARGUMENT', pattern, options);
    }
    const { data } = await log.getInstanceStats('a');
    t.is(data?.eventCount ?? 0, 0);
  });
}

test('an empty batch is one', async (t) => {
  const log = await openLog(t);
  const options = { format: 'cloudevents-batch', instance: 'a' };
  const { events } = await imported(t, log, ['[]'], options);
  t.is(events, 0);
});

test('names that no attribute can have come back from an export', async (t) => {
  const log = await openLog(t);
  const params = { instanceId: 'a', autoCreateInstance: true };
  await appended(t, log, { ...params, eventType: 't\n', streamId: 'a\tb' });
  for (const format of Object.keys(FORMATS)) {
    const text = await exportText(log, { format, instance: 'a' });
    const copy = await openLog(t);
    await imported(t, copy, [text], { format, instance: 'a' });
    const eventsOf = async (of) => (await exportText(of)).split('\n').slice(2, 3);
    t.deepEqual(await eventsOf(copy), await eventsOf(log));
  }
});
