// From when to when: by typing, where the histogram goes by dragging.

import { show, view } from '../view/view.js';

const AGO = [
  ['15 min', 900_000],
  ['1 h', 3_600_000],
  ['24 h', 86_400_000],
  ['7 d', 604_800_000],
];

export function TimeRange() {
  const { from, until } = view.value;
  const isLimited = from !== undefined || until !== undefined;
  return (
    <details class="menu time-range">
      <summary>{isLimited ? 'Time: limited' : 'Time: all'}</summary>
      <div class="menu-body">
        <Moment label="From" value={from} onChange={(time) => show({ from: time })} />
        <Moment label="Until" value={until} onChange={(time) => show({ until: time })} />
        <div class="row">
          {AGO.map(([name, ms]) => (
            <button
              key={name}
              type="button"
              onClick={() => show({ from: Date.now() - ms, until: undefined })}
            >
              Last {name}
            </button>
          ))}
        </div>
        <button
          type="button"
          disabled={!isLimited}
          onClick={() => show({ from: undefined, until: undefined })}
        >
          All times
        </button>
      </div>
    </details>
  );
}

function Moment({ label, value, onChange }) {
  return (
    <label class="moment">
      {label}
      <input
        type="datetime-local"
        step="0.001"
        value={value === undefined ? '' : localText(value)}
        onChange={({ currentTarget }) => {
          const time = new Date(currentTarget.value).getTime();
          onChange(Number.isNaN(time) ? undefined : time);
        }}
      />
    </label>
  );
}

/** A time as such an input writes it, in the person's own zone. */
function localText(time) {
  const offset = new Date(time).getTimezoneOffset() * 60_000;
  return new Date(time - offset).toISOString().slice(0, -1);
}
