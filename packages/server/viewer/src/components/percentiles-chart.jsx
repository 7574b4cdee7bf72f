// Percentiles of a number over time.

import { PERCENTILES, percentilesOverTime } from '../events/percentiles.js';
import { scope, show, view } from '../view/view.js';
import { timeText, widthText } from '../view/words.js';
import { Chart } from './chart.jsx';
import { FieldChoice } from './field-choice.jsx';
import { Notice } from './notice.jsx';
import { useAnswer } from './use-answer.js';
import { useRange } from './use-range.js';

/** How many points there are at most. Each takes four queries. */
const POINTS = 30;

/** @param {{ session: import('../view/session.js').Session }} props - What is looked at. */
export function PercentilesChart({ session }) {
  const { number: field } = view.value;
  const { range, moment } = useRange(session);
  const { timeless, key } = scope.value;
  const { answer, error, isWaiting } = useAnswer(
    async (signal) => {
      if (!field || range === undefined || timeless === undefined) return undefined;
      const found = await percentilesOverTime(timeless, field, range, POINTS, signal);
      return { ...found, range, field };
    },
    [key, field, range?.from, range?.until, moment],
  );
  return (
    <section class="card" aria-labelledby="chart-percentiles">
      <h2 id="chart-percentiles">Percentiles of a number over time</h2>
      <FieldChoice
        label="Number"
        type="number"
        value={field}
        onChange={(number) => show({ number })}
      />
      {error && <Notice kind="error">{error.message}</Notice>}
      {field && answer === undefined && isWaiting && <p class="hint">Computing…</p>}
      {answer && <Lines {...answer} />}
    </section>
  );
}

function Lines({ field, range, width, starts, lines }) {
  const hasNumbers = lines.some((line) => line.some((value) => value !== null));
  if (!hasNumbers) return <p class="empty">{field} is no number in any of these events.</p>;
  const names = PERCENTILES.map((percent) => `p${percent}`);
  return (
    <figure class="histogram">
      <Chart
        kind="lines"
        height={180}
        label={`${names.join(', ')} of ${field} from ${timeText(range.from)} to ${timeText(range.until)}`}
        range={range}
        width={width}
        starts={starts}
        series={lines.map((values, n) => ({ name: names[n], colour: `percentile-${n}`, values }))}
        onRange={(from, until) => show({ from, until })}
      />
      <figcaption class="legend">
        {names.map((name, n) => (
          <span key={name} class="legend-entry">
            <span class={`dot percentile-${n}`} aria-hidden="true" />
            {name} <span class="hint">last {lines[n].findLast((value) => value !== null)}</span>
          </span>
        ))}
        <span class="hint">{widthText(width)} a point</span>
      </figcaption>
    </figure>
  );
}
