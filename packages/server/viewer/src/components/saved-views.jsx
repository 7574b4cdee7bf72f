// Views that were given a name. A view is an address: this keeps a list of them in the browser.

import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';

import { formatAddress } from '../view/address.js';
import { view } from '../view/view.js';
import { CopyButton } from './copy-button.jsx';

const KEY = 'codebolt-eventlog-views';

const saved = signal(read());

export function SavedViews() {
  return (
    <details class="menu">
      <summary>Views</summary>
      <div class="menu-body">
        <SaveForm />
        <ul class="saved-views">
          {saved.value.map(({ name, address }) => (
            <li key={name}>
              <a
                href={address}
                onClick={({ currentTarget }) => (currentTarget.closest('details').open = false)}
              >
                {name}
              </a>
              <button
                type="button"
                class="plain"
                aria-label={`Forget ${name}`}
                title="Forget"
                onClick={() => keep(saved.value.filter((each) => each.name !== name))}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
        {saved.value.length === 0 && <p class="hint">No views are saved in this browser.</p>}
        <CopyButton label="Copy link to this view" text={() => location.href} />
      </div>
    </details>
  );
}

function SaveForm() {
  const [name, setName] = useState('');
  const save = (event) => {
    event.preventDefault();
    const trimmed = name.trim();
    if (trimmed === '') return;
    const others = saved.value.filter((each) => each.name !== trimmed);
    keep([...others, { name: trimmed, address: formatAddress(view.value) }]);
    setName('');
  };
  return (
    <form class="row" onSubmit={save}>
      <input
        aria-label="Name of this view"
        placeholder="Name of this view"
        value={name}
        onInput={({ currentTarget }) => setName(currentTarget.value)}
      />
      <button type="submit">Save</button>
    </form>
  );
}

function keep(views) {
  saved.value = views;
  try {
    localStorage.setItem(KEY, JSON.stringify(views));
  } catch {
    // A browser that keeps nothing has them until the page is closed.
  }
}

function read() {
  try {
    const views = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return views.filter(({ name, address }) => typeof name === 'string' && /^#/.test(address));
  } catch {
    return [];
  }
}
