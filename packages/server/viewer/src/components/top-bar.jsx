// What is looked at: the instance and the panel. Beside them what concerns the page as a whole.

import { instances, loadInstances } from '../view/current.js';
import { nextTheme, theme } from '../view/theme.js';
import { PANELS } from '../view/address.js';
import { addressWith, show, showInstance, view } from '../view/view.js';
import { helpIsOpen } from './keyboard-help.jsx';
import { SavedViews } from './saved-views.jsx';

const PANEL_NAMES = {
  events: 'Events',
  streams: 'Streams',
  charts: 'Charts',
  consumers: 'Consumers',
};

export function TopBar() {
  return (
    <header class="top-bar">
      <h1 class="brand">Event log</h1>
      <InstanceChoice />
      <Panels />
      <div class="top-actions">
        <SavedViews />
        <ThemeButton />
        <button
          type="button"
          class="plain"
          aria-label="Keyboard shortcuts"
          title="Keyboard shortcuts (?)"
          onClick={() => (helpIsOpen.value = true)}
        >
          ?
        </button>
      </div>
    </header>
  );
}

function InstanceChoice() {
  const { instance } = view.value;
  const known = instances.value ?? [];
  const isListed = known.some(({ id, name }) => id === instance || name === instance);
  return (
    <label class="instance-choice">
      <span class="hidden">Instance</span>
      <select
        value={nameOf(known, instance)}
        onFocus={loadInstances}
        onChange={({ currentTarget }) => showInstance(currentTarget.value)}
      >
        {!isListed && <option value={instance ?? ''}>{instance ?? 'Choose an instance'}</option>}
        {known.map(({ id, name, description }) => (
          <option key={id} value={name} title={description}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function nameOf(known, instance) {
  return known.find(({ id }) => id === instance)?.name ?? instance ?? '';
}

function Panels() {
  const { panel } = view.value;
  return (
    <nav class="panels" aria-label="Panels">
      {PANELS.map((name) => (
        <a
          key={name}
          href={addressWith({ panel: name })}
          aria-current={name === panel ? 'page' : undefined}
          onClick={(click) => {
            if (click.metaKey || click.ctrlKey || click.shiftKey) return;
            click.preventDefault();
            show({ panel: name });
          }}
        >
          {PANEL_NAMES[name]}
        </a>
      ))}
    </nav>
  );
}

function ThemeButton() {
  const chosen = theme.value;
  const sign = { system: '◐', light: '☀', dark: '☾' }[chosen];
  return (
    <button
      type="button"
      class="plain"
      aria-label={`Colours: ${chosen}`}
      title={`Colours: ${chosen}`}
      onClick={nextTheme}
    >
      <span aria-hidden="true">{sign}</span>
    </button>
  );
}
