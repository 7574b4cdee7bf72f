// event-storage, the package of node-event-storage.

import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Loads the package, without opening anything. */
export function load() {
  return require('event-storage');
}

/** Opens a store in a folder. `streams` is how many there are going to be. */
export async function open(folder, { streams }) {
  const { EventStore } = load();
  const serializer = new KeepingSerializer();
  const store = new EventStore('events', {
    storageDirectory: folder,
    storageConfig: {
      serializer,
      partitioner: () => '',
      syncOnFlush: true,
      // An event that does not fit is written without a sync, and a full buffer is one sync more.
      writeBufferSize: 64 * 1024 * 1024,
      // An event that does not fit ends the reading of a stream without an error.
      readBufferSize: 1024 * 1024,
      // A sync of the index of every stream would be a thousand syncs.
      indexOptions: { syncOnFlush: false, flushDelay: 1000 },
    },
  });
  await new Promise((resolve) => store.once('ready', resolve));
  // A stream that is made later is looked for in every event that is there.
  for (let i = 0; i < streams; i += 1) {
    const stream = `user-${i}`;
    if (!(stream in store.streams)) store.createEventStream(stream, { stream });
  }

  /** The events are written to the buffer at once; the promise waits for the sync. */
  async function commit(stream, events) {
    const committed = new Promise((resolve) =>
      store.commit(stream, events.map(bodyOf), (result) => resolve(result.streamVersion)),
    );
    const texts = serializer.takeTexts();
    const version = await committed;
    return texts.map((text, i) => answer(stream, JSON.parse(text).payload, version + i + 1));
  }

  return {
    async append(event) {
      const [stored] = await commit(event.streamId, [event]);
      return stored;
    },
    async appendBatch(events) {
      // A commit is of one stream. All those of one turn of the event loop share a sync.
      const commits = [...byStream(events)].map(([stream, some]) => commit(stream, some));
      return (await Promise.all(commits)).flat();
    },
    async readStream(stream, from, limit) {
      const last = Math.min(from + limit - 1, store.getStreamVersion(stream));
      const { events } = store.getEventStream(stream, from - 1, last - 1);
      return events.map((body, i) => answer(stream, body, from + i));
    },
    close: () => store.close(),
  };
}

/** Keeps the texts that it writes, so that an answer is made without writing them again. */
class KeepingSerializer {
  #texts = [];

  serialize(document) {
    const text = JSON.stringify(document);
    this.#texts.push(text);
    return text;
  }

  deserialize(text) {
    return JSON.parse(text);
  }

  takeTexts() {
    const texts = this.#texts;
    this.#texts = [];
    return texts;
  }
}

function byStream(events) {
  const groups = new Map();
  for (const event of events) {
    if (groups.has(event.streamId)) groups.get(event.streamId).push(event);
    else groups.set(event.streamId, [event]);
  }
  return groups;
}

function bodyOf({ eventType, payload, metadata }) {
  const timestamp = new Date().toISOString();
  return { id: randomUUID(), event_type: eventType, payload, metadata, timestamp };
}

function answer(stream, body, sequence) {
  return { ...body, stream_id: stream, sequence_number: sequence };
}
