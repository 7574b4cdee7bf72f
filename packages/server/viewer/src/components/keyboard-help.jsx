// Which keys do what.

import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

/** Whether it is open. */
export const helpIsOpen = signal(false);

const KEYS = [
  ['↓ ↑ or j k', 'Next or previous event'],
  ['Page Down, Page Up', 'A page of events further'],
  ['Home, End or g, G', 'The oldest or the newest event'],
  ['Enter', 'Open the event'],
  ['Esc', 'Close it, or what is open'],
  ['p', 'Pause new events, or go on'],
  ['/', 'Add a condition'],
  ['x', 'Clear all conditions'],
  ['1 2 3 4', 'Events, streams, charts, consumers'],
  ['?', 'This help'],
];

export function KeyboardHelp() {
  const dialog = useRef(null);
  const isOpen = helpIsOpen.value;
  useEffect(() => {
    if (isOpen) dialog.current.showModal();
    else dialog.current.close();
  }, [isOpen]);
  return (
    <dialog
      ref={dialog}
      class="help"
      aria-labelledby="help-title"
      onClose={() => (helpIsOpen.value = false)}
    >
      <h2 id="help-title">Keyboard</h2>
      <dl>
        {KEYS.map(([keys, meaning]) => (
          <div key={keys}>
            <dt>{keys}</dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <button type="button" onClick={() => (helpIsOpen.value = false)}>
        Close
      </button>
    </dialog>
  );
}
