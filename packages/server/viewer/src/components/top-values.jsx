// The most frequent values of a field.

import { topValues } from '../events/top-values.js';
import { narrow, scope, show, view } from '../view/view.js';
import { numberText } from '../view/words.js';
import { FieldChoice } from './field-choice.jsx';
import { Notice } from './notice.jsx';
import { TableHead } from './table-head.jsx';
import { useAnswer } from './use-answer.js';
import { useThrottled } from './use-throttled.js';

/** How many values are shown. */
const VALUES = 15;

/** How often it is counted again while events come, in milliseconds. */
const REFRESH_MS = 2_000;

/** The columns after the values. */
const COUNTED = [
  { name: 'Events', class: 'number' },
  { name: 'Share', class: 'number' },
  { name: <span class="hidden">Beside the most frequent</span>, class: 'wide' },
];

/** @param {{ session: import('../view/session.js').Session }} props - What is looked at. */
export function TopValues({ session }) {
  const { top: field } = view.value;
  const { scope: looked, key } = scope.value;
  const moment = useThrottled(session.lastPosition.value, REFRESH_MS);
  // A filter that the log refuses is said to be wrong where it is, and not here.
  const isReady = session.state.value === 'ready';
  const { answer, error, isWaiting } = useAnswer(
    async (signal) => {
      if (!field || looked === undefined || !isReady) return undefined;
      return { field, ...(await topValues(looked, field, VALUES, signal)) };
    },
    [key, field, moment, isReady],
  );
  return (
    <section class="card" aria-labelledby="chart-top">
      <h2 id="chart-top">Most frequent values of a field</h2>
      <FieldChoice label="Field" value={field} onChange={(top) => show({ top })} />
      {error && <Notice kind="error">{error.message}</Notice>}
      {field && answer === undefined && isWaiting && <p class="hint">Counting…</p>}
      {answer && <Values {...answer} />}
    </section>
  );
}

function Values({ field, rows, total }) {
  if (rows.length === 0) return <p class="empty">No events match.</p>;
  const most = rows[0].count;
  return (
    <table class="top-values">
      <TableHead columns={[{ name: field }, ...COUNTED]} />
      <tbody>
        {rows.map(({ value, count }) => (
          <tr key={JSON.stringify(value)}>
            <td>
              <button
                type="button"
                class="link"
                title="Only events with this value"
                onClick={() => narrow({ field, operator: 'eq', value })}
              >
                {value === null ? 'null or missing' : JSON.stringify(value)}
              </button>
            </td>
            <td class="number">{numberText(count)}</td>
            <td class="number">{((100 * count) / total).toFixed(1)} %</td>
            <td class="wide">
              <meter max={most} value={count} aria-label={`${numberText(count)} events`} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
