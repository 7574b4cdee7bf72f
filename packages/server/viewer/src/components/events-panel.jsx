// Events: over time, as a list, and one of them whole.

import { session } from '../view/current.js';
import { scope, view } from '../view/view.js';
import { countText } from '../view/words.js';
import { EventDetail } from './event-detail.jsx';
import { EventList } from './event-list.jsx';
import { ExportMenu } from './export-menu.jsx';
import { Histogram } from './histogram.jsx';
import { LiveButton } from './live-button.jsx';

export function EventsPanel() {
  const current = session.value;
  if (current === undefined) return null;
  const state = current.state.value;
  return (
    <div class={`events${view.value.event === undefined ? '' : ' has-detail'}`}>
      <div class="events-main">
        <Histogram session={current} />
        <div class="events-bar">
          <p class="total" role="status">
            {state === 'counting' && 'Counting…'}
            {state === 'ready' && countText(current.total.value, 'event')}
          </p>
          {state !== 'failed' && <LiveButton session={current} />}
          {state !== 'failed' && <ExportMenu session={current} />}
        </div>
        {state === 'ready' && <EventList key={scope.value.key} session={current} />}
      </div>
      {view.value.event !== undefined && <EventDetail position={view.value.event} />}
    </div>
  );
}
