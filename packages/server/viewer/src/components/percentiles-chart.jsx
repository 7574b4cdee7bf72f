// Percentiles of a number over time.

import { PERCENTILES, percentilesOverTime } from '../events/percentiles.js';
import { ownTimeZone } from '../events/spans.js';
import { scope, show, view } from '../view/view.js';
import { measureText, timeText } from '../view/words.js';
import { Chart } from './chart.jsx';
import { FieldChoice } from './field-choice.jsx';
import { Notice } from './notice.jsx';
import { useAnswer } from './use-answer.js';
import { useRange } from './use-range.js';

/** About how many points there are at most. */
const POINTS = 60;

/** @param {{ session: import('../view/session.js').Session }} props - What is looked at. */
export function PercentilesChart({ session }) {
  const { number: field } = view.value;
  const { range, moment } = useRange(session);
  const { timeless, key } = scope.value;
  const { answer, error, isWaiting } = useAnswer(
    async (signal) => {
      if (!field || range === undefined || timeless === undefined) return undefined;
      const zone = ownTimeZone();
      const found = await percentilesOverTime(timeless, field, range, POINTS, zone, signal);
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

function Lines({ field, range, length, starts, lines, isExact }) {
  const hasNumbers = lines.some((line) => line.some(isNumber));
  if (!hasNumbers) return <p class="empty">{field} is no number in any of these events.</p>;
  const names = PERCENTILES.map((percent) => `p${percent}`);
  return (
    <figure class="histogram">
      <Chart
        kind="lines"
        height={180}
        label={`${names.join(', ')} of ${field} from ${timeText(range.from)} to ${timeText(range.until)}`}
        range={range}
        width={length.ms}
        starts={starts}
        series={lines.map((values, n) => ({ name: names[n], colour: `percentile-${n}`, values }))}
        onRange={(from, until) => show({ from, until })}
      />
      <figcaption class="legend">
        {names.map((name, n) => (
          <span key={name} class="legend-entry">
            <span class={`dot percentile-${n}`} aria-hidden="true" />
            {name} <span class="hint">last {measureText(lines[n].findLast(isNumber))}</span>
          </span>
        ))}
        <span class="hint">{length.name} a point</span>
        {!isExact && <span class="hint">within 0.5 %</span>}
      </figcaption>
    </figure>
  );
}

function isNumber(value) {
  return value !== null;
}
