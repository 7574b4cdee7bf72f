// Imports that come to an end before their time, and what others do to the log meanwhile.

import { open, readFile, writeFile } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import test from 'ava';

import { addon, run, start } from './support/child.mjs';
import { appended, succeeded } from './support/response.mjs';
import { openAt, openLog, temporaryFolder, temporaryPath } from './support/temporary.mjs';
import {
  exportText,
  imported,
  linesOf,
  longExport,
  refused,
  smallExport,
  withLine,
} from './support/transfer.mjs';

test('batches before a failure stay, and the import is run again once its cause is gone', async (t) => {
  const text = await longExport(t);
  const lines = linesOf(text);
  const broken = withLine(text, 4000, lines[3999].replace('"metadata":{}', '"metadata":7'));
  const log = await openLog(t);
  const error = await refused(
    t,
    log,
    [broken],
    'INVALID_ARGUMENT',
    /^line 4000: metadata: expected/,
  );
  const stored = Number(/; all that stands up to line (\d+) is stored$/.exec(error)[1]);
  t.true(stored > 1000 && stored < 4000);
  t.deepEqual(linesOf(await exportText(log)).slice(1, -1), lines.slice(1, stored));
  const { events, skippedEvents } = await imported(t, log, [text]);
  t.deepEqual([skippedEvents, events], [stored - 2, 5000 + 2 - stored]);
  t.is(await exportText(log), text);
});

test('it is called off by its signal: before, while it waits, and between batches', async (t) => {
  const text = await longExport(t);
  const log = await openLog(t);
  const pattern = /^the import was called off by its signal: enough; nothing was stored$/;
  await refused(t, log, [text], 'ABORTED', pattern, { signal: AbortSignal.abort('enough') });

  // Sources that never go on. Each is let go.
  const waiting = new AbortController();
  const stream = new Readable({ read() {} });
  const silent = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) };
  const imports = [stream, silent].map((source) =>
    refused(t, log, source, 'ABORTED', pattern, { signal: waiting.signal }),
  );
  waiting.abort('enough');
  await Promise.all(imports);
  t.true(stream.destroyed);

  const between = new AbortController();
  const onProgress = () => between.abort('enough');
  const source = Readable.from([text]);
  const error = await refused(
    t,
    log,
    source,
    'ABORTED',
    /; all that stands up to line \d+ is stored$/,
    {
      signal: between.signal,
      onProgress,
    },
  );
  t.true(source.destroyed);
  const stored = Number(/line (\d+)/.exec(error)[1]);
  t.is(linesOf(await exportText(log)).length, stored + 1);
  const { skippedEvents } = await imported(t, log, [text]);
  t.is(skippedEvents, stored - 2);
  t.true((await exportText(log)) === text);
});

test('a source that fails in between, and progress that throws, end the import', async (t) => {
  const text = await longExport(t);
  const log = await openLog(t);
  async function* fails() {
    yield text.slice(0, 3_000_000);
    throw new Error('the wire was cut');
  }
  const stored =
    /^source: it failed: the wire was cut; all that stands up to line \d{4} is stored$/;
  await refused(t, log, fails(), 'INVALID_ARGUMENT', stored);
  const threw = /^options\.onProgress: it threw: no; all that stands up to line \d{3} is stored$/;
  await refused(t, log, [text], 'INVALID_ARGUMENT', threw, {
    onProgress() {
      throw new Error('no');
    },
  });
  await imported(t, log, [text]);
  t.true((await exportText(log)) === text);
});

test('a log that is closed or only read imports nothing', async (t) => {
  const small = await smallExport(t);
  const path = await temporaryPath(t);
  const log = await openAt(t, path);
  await log.close();
  await refused(t, log, [small], 'CLOSED', /^the log was closed.*; nothing was stored$/);
  const reader = await openAt(t, path, { readOnly: true });
  await refused(t, reader, [small], 'INVALID_ARGUMENT', /readOnly/);
});

test('closing the log between batches ends the import', async (t) => {
  const text = await longExport(t);
  const log = await openLog(t);
  const onProgress = () => void log.close();
  const stored = /^the log was closed.*; all that stands up to line \d+ is stored$/;
  await refused(t, log, [text], 'CLOSED', stored, { onProgress });
});

test('closing the log ends the wait for a source that gives nothing', async (t) => {
  const log = await openLog(t);
  const silent = {
    [Symbol.asyncIterator]: () => ({
      next() {
        log.close();
        return new Promise(() => {});
      },
    }),
  };
  await refused(t, log, silent, 'CLOSED', /^the log was closed.*; nothing was stored$/);
});

test('an instance that is deleted meanwhile is not mixed up with its successor', async (t) => {
  const text = await longExport(t);
  for (const again of [false, true]) {
    const log = await openLog(t);
    const lines = linesOf(text);
    async function* deleting() {
      yield text.slice(0, 3_000_000);
      succeeded(t, await log.deleteInstance('long'), 'deleteInstance');
      if (again) {
        const whole = [...lines.slice(0, 2), '{"end":{"instances":1,"events":0}}'];
        await imported(t, log, [whole.join('\n')]);
      }
      yield text.slice(3_000_000);
    }
    const pattern = /^line \d+: the instance with the id ".*" was deleted while it was imported; /;
    await refused(t, log, deleting(), 'INSTANCE_NOT_FOUND', pattern);
  }
});

test('appends beside an import go on, and into its own instance they are a conflict', async (t) => {
  const text = await longExport(t);
  const log = await openLog(t);
  async function* beside() {
    for (let at = 0; at < text.length; at += 1_500_000) {
      await appended(t, log, { instanceId: 'other', eventType: 't', autoCreateInstance: true });
      yield text.slice(at, at + 1_500_000);
    }
  }
  await imported(t, log, beside());
  const { id } = (await log.getInstance('long')).data.instance;
  t.true((await exportText(log, { instance: id })).includes(linesOf(text).at(-2)));

  const second = await openLog(t);
  async function* within() {
    yield text.slice(0, 3_000_000);
    await appended(t, second, { instanceId: 'long', eventType: 't' });
    yield text.slice(3_000_000);
  }
  const pattern =
    /^line \d+: instance ".*", stream ".*", sequence \d+: .* found another event; all/;
  await refused(t, second, within(), 'IMPORT_CONFLICT', pattern);
});

test('imports of the same lines at once, by this process and another one, end in one log', async (t) => {
  const text = await longExport(t);
  const folder = await temporaryFolder(t);
  const [path, file] = [await temporaryPath(t), join(folder, 'events.jsonl')];
  await writeFile(file, text);
  const log = await openAt(t, path);
  const source = `
    import { createReadStream } from 'node:fs';
    import { EventLog } from '${addon}';
    const [path, file] = process.argv.slice(-2);
    const log = await EventLog.open(path);
    const { success, data, error } = await log.importEvents(createReadStream(file));
    console.log(success ? data.events + data.skippedEvents : error);`;
  const other = run(t, source, { args: [path, file] });
  const own = [imported(t, log, [text]), imported(t, log, createReadStream(file))];
  for (const { events, skippedEvents } of await Promise.all(own))
    t.is(events + skippedEvents, 5000);
  const { stdout, stderr } = await other;
  t.is(stdout, '5000\n', stderr);
  t.true((await exportText(log)) === text);
});

test('an import whose process is killed is run again, and ends with the same log', async (t) => {
  const text = await longExport(t, 10_000);
  const folder = await temporaryFolder(t);
  const [path, file] = [await temporaryPath(t), join(folder, 'events.jsonl')];
  await writeFile(file, text);
  const source = `
    import { createReadStream } from 'node:fs';
    import { EventLog } from '${addon}';
    const [path, file] = process.argv.slice(-2);
    const log = await EventLog.open(path);
    // A listener keeps the process alive.
    process.on('message', () => {});
    async function* batches() {
      let bytes = 0;
      for await (const chunk of createReadStream(file)) {
        yield chunk;
        const before = bytes >> 20;
        bytes += chunk.length;
        if (bytes >> 20 > before) process.send(bytes >> 20);
        // However late the kill comes, the import is not done by then.
        if (bytes >> 20 === 10) await new Promise(() => {});
      }
    }
    await log.importEvents(batches());`;
  // At each start what is there is passed over first, so that the kill comes later and later.
  for (const mebibytes of [2, 4, 7]) {
    const { child, message, ended } = start(t, source, { args: [path, file] });
    while ((await message()) < mebibytes);
    child.kill('SIGKILL');
    t.is((await ended).signal, 'SIGKILL');
  }
  const log = await openAt(t, path);
  const before = await exportText(log);
  t.true(before.length > 3_000_000 && before.length < text.length);
  const { skippedEvents, events } = await imported(t, log, createReadStream(file));
  t.is(skippedEvents, linesOf(before).length - 3);
  t.is(events, 10_000 - skippedEvents);
  t.true((await exportText(log)) === (await readFile(file, 'utf8')));
  const handle = await open(file);
  t.deepEqual(await imported(t, log, handle.createReadStream()), {
    instances: 0,
    events: 0,
    skippedInstances: 1,
    skippedEvents: 10_000,
  });
});
