// Exports and imports in a context of Jest's, whose classes are not those of Node.js itself.

const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { Readable } = require('node:stream');

const { EventLog } = require('../../index.js');

let folder;
let log;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'codebolt-eventlog-jest-'));
  log = await EventLog.open(join(folder, 'log.redb'));
  const event = { instanceId: 'i', eventType: 't', payload: { a: [1] }, autoCreateInstance: true };
  await log.appendEvent(event);
});

afterAll(async () => {
  await log.close();
  rmSync(folder, { recursive: true, force: true });
});

async function exportText(source) {
  let text = '';
  for await (const chunk of source.exportEvents()) text += chunk;
  return text;
}

test('what is exported is imported, as text, as bytes of this context, and as a stream', async () => {
  const text = await exportText(log);
  const sources = [() => [text], () => [new TextEncoder().encode(text)], () => Readable.from(text)];
  for (const [index, source] of sources.entries()) {
    const copy = await EventLog.open(join(folder, `copy ${index}.redb`));
    const response = copy.importEvents(source());
    expect(response).toBeInstanceOf(Promise);
    expect(await response).toEqual({
      type: 'eventLog.importEvents',
      success: true,
      data: { instances: 1, events: 1, skippedInstances: 0, skippedEvents: 0 },
      timestamp: expect.any(String),
      requestId: expect.any(String),
    });
    expect(await exportText(copy)).toBe(text);
    await copy.close();
  }
});

test('what goes wrong destroys the stream with an error of this context', async () => {
  const controller = new AbortController();
  const stream = log.exportEvents({ signal: controller.signal });
  expect(stream).toBeInstanceOf(Readable);
  controller.abort();
  const error = await exportText({ exportEvents: () => stream }).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(Error);
  expect(error.code).toBe('ABORTED');
  const { code } = await log.importEvents(['{}'], { signal: controller.signal });
  expect(code).toBe('ABORTED');
});
