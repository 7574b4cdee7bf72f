// A lower bound: what any log has to do at least, which is to write the JSON text and to wait for the
// disk.

import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { recordText } from './record.mjs';

/** There is nothing to load. */
export function load() {}

/** Opens a file in a folder. */
export function open(folder) {
  const file = openSync(join(folder, 'events.jsonl'), 'a');
  return {
    appendBatch(events) {
      let text = '';
      for (const event of events) text += `${recordText(event, 0)}\n`;
      const written = writeSync(file, text);
      if (written !== Buffer.byteLength(text)) throw new Error(`write: ${written} bytes only`);
      fdatasyncSync(file);
      return events;
    },
    close: () => closeSync(file),
  };
}
