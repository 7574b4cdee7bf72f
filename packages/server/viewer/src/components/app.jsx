// The whole page.

import { instances, instancesFailure, remark, session } from '../view/current.js';
import { scope, view } from '../view/view.js';
import { EventsPanel } from './events-panel.jsx';
import { FilterBar } from './filter-bar.jsx';
import { KeyboardHelp } from './keyboard-help.jsx';
import { Notice } from './notice.jsx';
import { StreamsPanel } from './streams-panel.jsx';
import { ConsumersPanel } from './consumers-panel.jsx';
import { ChartsPanel } from './charts-panel.jsx';
import { TopBar } from './top-bar.jsx';
import { useShortcuts } from './use-shortcuts.js';

const PANELS = {
  events: EventsPanel,
  streams: StreamsPanel,
  charts: ChartsPanel,
  consumers: ConsumersPanel,
};

export function App() {
  useShortcuts();
  const { instance, panel } = view.value;
  const Panel = PANELS[panel];
  const filters = panel === 'events' || panel === 'charts';
  return (
    <div class="page">
      <TopBar />
      {instancesFailure.value && <Notice kind="error">{instancesFailure.value}</Notice>}
      {instance !== undefined && filters && <FilterBar />}
      <Faults />
      <main class="panel" id="panel">
        {instance === undefined ? <NoInstance /> : <Panel key={`${instance} ${panel}`} />}
      </main>
      <KeyboardHelp />
    </div>
  );
}

/** What cannot be asked, or was not answered. What is wrong with a condition is said beside it. */
function Faults() {
  const { fault } = scope.value;
  const failure = session.value?.failure.value;
  return (
    <>
      {fault && <Notice kind="error">{fault}</Notice>}
      {failure && !remark.value && <Notice kind="error">{failure.message}</Notice>}
    </>
  );
}

function NoInstance() {
  if (instances.value === undefined) return <p class="empty">Loading…</p>;
  return (
    <p class="empty">
      {instances.value.length === 0 ? 'This log has no instances yet.' : 'Choose an instance.'}
    </p>
  );
}
