// Charts of the events of the view: how many, a number's percentiles, and the most frequent values of a field.

import { session } from '../view/current.js';
import { Histogram } from './histogram.jsx';
import { PercentilesChart } from './percentiles-chart.jsx';
import { TopValues } from './top-values.jsx';

export function ChartsPanel() {
  const current = session.value;
  if (current === undefined) return null;
  return (
    <section class="sheet charts" aria-label="Charts">
      <section class="card" aria-labelledby="chart-count">
        <h2 id="chart-count">Events by type over time</h2>
        <Histogram session={current} height={180} />
      </section>
      <PercentilesChart session={current} />
      <TopValues session={current} />
    </section>
  );
}
