// The consumers of the instance, and how far behind they are.

import { call } from '../log/call.js';
import { session } from '../view/current.js';
import { view } from '../view/view.js';
import { agoText, numberText, timeText } from '../view/words.js';
import { Notice } from './notice.jsx';
import { TableHead } from './table-head.jsx';
import { useAnswer } from './use-answer.js';
import { useTicks } from './use-ticks.js';

/** How often it is asked again while the panel is open, in milliseconds. */
const REFRESH_MS = 2_000;

const COLUMNS = [
  { name: 'Consumer' },
  { name: 'Behind', class: 'number' },
  { name: 'Progress', class: 'wide' },
  { name: 'Position', class: 'number wide' },
  { name: 'Parked', class: 'number' },
  { name: 'Moved' },
];

export function ConsumersPanel() {
  const { instance } = view.value;
  const ticks = useTicks(REFRESH_MS);
  const { answer, error } = useAnswer(
    (signal) => call('listConsumers', { instance }, signal),
    [instance, ticks],
  );
  const last = session.value?.newest.value ?? 0;
  return (
    <section class="sheet" aria-label="Consumers">
      {error && <Notice kind="error">{error.message}</Notice>}
      {answer && (
        <table>
          <TableHead columns={COLUMNS} />
          <tbody>
            {answer.consumers.map((consumer) => (
              <ConsumerRow key={consumer.consumer} {...consumer} last={last} />
            ))}
          </tbody>
        </table>
      )}
      {answer?.consumers.length === 0 && <p class="empty">No consumers.</p>}
      {answer?.hasMore && <p class="hint">There are more consumers than these.</p>}
    </section>
  );
}

function ConsumerRow({ consumer, position, behind, parked, timestamp, last }) {
  return (
    <tr>
      <td>{consumer}</td>
      <td class={`number${behind > 0 ? ' warns' : ''}`}>{numberText(behind)}</td>
      <td class="wide">
        <progress
          max={Math.max(last, position, 1)}
          value={position}
          aria-label={`How far ${consumer} is`}
        />
      </td>
      <td class="number wide">{numberText(position)}</td>
      <td class={`number${parked > 0 ? ' warns' : ''}`}>{numberText(parked)}</td>
      <td title={timeText(timestamp)}>{agoText(timestamp)}</td>
    </tr>
  );
}
