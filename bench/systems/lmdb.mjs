// lmdb: lmdb-js.
//
// Of what was tried, this is the fastest that keeps the promise:
//
// - Events in the order of their positions, with an index from streams to positions. Events in the
//   order of (stream, number) rewrite a page of 4 KiB for almost every event, and are slower from
//   256 in flight on. An index with several values for a key has smaller pages to rewrite than one
//   with a key for each (stream, number).
// - Many calls in one asynchronous batch, whose writes lmdb-js makes in a thread of its own; few calls
//   in a synchronous transaction, which saves the way there and back. A transaction for each call,
//   which lmdb-js collects by itself, is slower than either.
// - JSON text, which is faster than msgpack, since the answer is made of the same text.
// - `overlappingSync` as it is by default. Without it, commits wait for the disk by themselves, which
//   was not faster.

import { createRequire } from 'node:module';
import { join } from 'node:path';

import { GroupQueue } from './group-queue.mjs';
import { recordText } from './record.mjs';

const require = createRequire(import.meta.url);

/** So many events and more are worth the way to the writing thread. */
const asynchronousFrom = 256;

/** Loads the package, without opening anything. */
export function load() {
  return require('lmdb');
}

/** Opens an environment in a folder. */
export async function open(folder, { variant, hasOtherWriters }) {
  const environment = load().open({ path: join(folder, 'lmdb'), compression: false });
  const layout = layouts[variant](environment);
  let last = layout.lastPosition();

  function put(events, operations, heads) {
    const texts = [];
    for (const event of events) {
      const head = heads.get(event.streamId) ?? layout.readHead(event.streamId);
      const next = { sequence: head.sequence + 1, position: (last += 1) };
      const text = recordText(event, next.sequence);
      heads.set(event.streamId, next);
      layout.putEvent(operations, event.streamId, next, head, text);
      texts.push(text);
    }
    return texts;
  }

  /** The last numbers of streams are kept in memory where nobody else writes. */
  const keptHeads = new Map();

  async function appendBatch(events) {
    try {
      const texts = await write(events);
      await environment.flushed;
      return texts.map((text) => JSON.parse(text));
    } catch (error) {
      // The numbers were not used: they are read again.
      keptHeads.clear();
      last = layout.lastPosition();
      throw error;
    }
  }

  async function write(events) {
    if (hasOtherWriters) {
      return environment.transactionSync(() => {
        last = layout.lastPosition();
        const heads = new Map();
        const texts = put(events, synchronous, heads);
        layout.putHeads(synchronous, heads, heads.keys());
        return texts;
      });
    }
    const streams = new Set(events.map(({ streamId }) => streamId));
    const putAll = (operations) => {
      const texts = put(events, operations, keptHeads);
      layout.putHeads(operations, keptHeads, streams);
      return texts;
    };
    if (events.length < asynchronousFrom) {
      return environment.transactionSync(() => putAll(synchronous));
    }
    let texts;
    await environment.batch(() => {
      texts = putAll(asynchronous);
    });
    return texts;
  }

  const queue = new GroupQueue(appendBatch);
  return {
    append: (event) => queue.add(event),
    appendBatch,
    readStream: (stream, from, limit) => layout.readStream(stream, from, limit),
    close: () => environment.close(),
  };
}

const synchronous = { put: (table, ...parameters) => table.putSync(...parameters) };
const asynchronous = { put: (table, ...parameters) => table.put(...parameters) };

const layouts = { indexed, linked };

/** Events by position, and the positions of each stream. */
function indexed(environment) {
  const { events, lastPosition } = eventTable(environment);
  const positions = environment.openDB({
    name: 'positions',
    dupSort: true,
    encoding: 'ordered-binary',
  });
  const sequences = environment.openDB({ name: 'sequences', encoding: 'ordered-binary' });
  return {
    lastPosition,
    readHead: (stream) => ({ sequence: sequences.get(stream) ?? 0 }),
    putEvent(operations, stream, { position }, _head, text) {
      operations.put(events, position, text);
      operations.put(positions, stream, position);
    },
    putHeads(operations, heads, streams) {
      for (const stream of streams) {
        operations.put(sequences, stream, heads.get(stream).sequence);
      }
    },
    readStream: (stream, from, limit) =>
      positions
        .getValues(stream, { offset: from - 1, limit })
        .map((position) => JSON.parse(events.get(position))).asArray,
  };
}

/** Events by position, each with the position of the one before it in its stream. */
function linked(environment) {
  const { events, lastPosition } = eventTable(environment);
  const heads = environment.openDB({ name: 'heads', encoding: 'ordered-binary' });
  const none = { sequence: 0, position: 0 };
  const readHead = (stream) => {
    const head = heads.get(stream);
    return head === undefined ? none : { sequence: head[0], position: head[1] };
  };
  return {
    lastPosition,
    readHead,
    putEvent(operations, _stream, { position }, head, text) {
      operations.put(events, position, `${head.position} ${text}`);
    },
    putHeads(operations, changed, streams) {
      for (const stream of streams) {
        const { sequence, position } = changed.get(stream);
        operations.put(heads, stream, [sequence, position]);
      }
    },
    readStream(stream, from, limit) {
      const found = [];
      let { sequence, position } = readHead(stream);
      for (; sequence >= from; sequence -= 1) {
        const record = events.get(position);
        const space = record.indexOf(' ');
        if (sequence < from + limit) found.push(JSON.parse(record.slice(space + 1)));
        position = Number(record.slice(0, space));
      }
      return found.reverse();
    },
  };
}

function eventTable(environment) {
  const events = environment.openDB({ name: 'events', encoding: 'string', keyEncoding: 'uint32' });
  const lastPosition = () => [...events.getKeys({ reverse: true, limit: 1 })][0] ?? 0;
  return { events, lastPosition };
}
