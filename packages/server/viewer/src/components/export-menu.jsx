// Saves the events of the view as a file.

import { useEffect, useRef, useState } from 'preact/hooks';

import { exportList, FORMATS } from '../events/export.js';
import { isAborted } from '../log/call.js';
import { view } from '../view/view.js';
import { countText, numberText } from '../view/words.js';

/** @param {{ session: import('../view/session.js').Session }} props - What is looked at. */
export function ExportMenu({ session }) {
  const [text, setText] = useState('');
  const abort = useRef(undefined);
  useEffect(() => () => abort.current?.abort(), [session]);

  const save = async (format) => {
    abort.current?.abort();
    abort.current = new AbortController();
    const { signal } = abort.current;
    const progress = (done, total) => setText(`${numberText(done)} of ${numberText(total)}`);
    try {
      progress(0, session.total.value);
      const file = await exportList(session.list, format, progress, signal);
      offer(file, `${fileName(view.value.instance)}.${FORMATS[format].extension}`);
      setText('Saved');
    } catch (error) {
      setText(isAborted(error) ? 'Stopped' : error.message);
    } finally {
      abort.current = undefined;
    }
  };
  return (
    <details class="menu export-menu">
      <summary>Export</summary>
      <div class="menu-body">
        <p class="hint">{countText(session.total.value, 'event')} of this view</p>
        <div class="row">
          {Object.entries(FORMATS).map(([format, { name }]) => (
            <button key={format} type="button" onClick={() => save(format)}>
              {name}
            </button>
          ))}
        </div>
        <p role="status">{text}</p>
        {abort.current !== undefined && (
          <button type="button" onClick={() => abort.current.abort()}>
            Stop
          </button>
        )}
      </div>
    </details>
  );
}

function offer(file, name) {
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser has begun with it by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

function fileName(text) {
  return text.replace(/[^\w.-]+/g, '-');
}
