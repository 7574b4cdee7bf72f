// The health and the metrics of a server.

import test from 'ava';

import { fill, post, start } from './support/server.js';

test('health is that of the log', async (t) => {
  const { log, url } = await start(t);
  const healthy = await fetch(`${url}healthz`);
  t.deepEqual([healthy.status, await healthy.json()], [200, { success: true }]);
  await log.close();
  const closed = await fetch(`${url}healthz`);
  t.is(closed.status, 503);
  t.is((await closed.json()).code, 'CLOSED');
});

test('metrics count what was answered, in the format of Prometheus', async (t) => {
  const { log, url } = await start(t);
  await fill(log, 'a', 3);
  await post(url, 'getInstance', { instanceId: 'a' });
  await post(url, 'getInstance', { instanceId: 'none' });
  await post(url, 'explode', {});
  await (
    await fetch(`${url}eventlog/readAll`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"instance":"a"}',
    })
  ).text();
  const response = await fetch(`${url}metrics`);
  t.regex(response.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  const samples = new Map();
  for (const line of text.trimEnd().split('\n')) {
    t.regex(
      line,
      /^(?:# (?:HELP|TYPE) \w+ .+|\w+(?:\{\w+="[^"]*"(?:,\w+="[^"]*")*\})? [\d.e+-]+)$/,
    );
    const [, name, value] = /^([^#].*) (\S+)$/.exec(line) ?? [];
    if (name !== undefined) samples.set(name, Number(value));
  }
  const sample = (name) => samples.get(`codebolt_eventlog_${name}`);
  t.is(sample('requests_total{method="getInstance",code="OK"}'), 1);
  t.is(sample('requests_total{method="getInstance",code="INSTANCE_NOT_FOUND"}'), 1);
  t.is(sample('requests_total{method="readAll",code="OK"}'), 1);
  t.is(sample('refused_total{code="UNKNOWN_METHOD"}'), 1);
  t.is(sample('request_duration_seconds_count{method="getInstance"}'), 2);
  t.is(sample('request_duration_seconds_bucket{method="getInstance",le="+Inf"}'), 2);
  t.is(sample('events_read_total'), 3);
  t.is(sample('requests_under_way'), 0);
  t.true(sample('connections') >= 1);
  // The numbers of the log itself.
  t.is(sample('log_open'), 1);
  t.is(sample('events_appended_total'), 3);
  t.is(sample('committed_calls_total'), sample('calls_per_commit_sum'));
  t.is(sample('commit_duration_seconds_count'), sample('commits_total'));
  t.is(sample('commit_duration_seconds_bucket{le="+Inf"}'), sample('commits_total'));
  t.is(sample('queued_calls'), 0);
  t.is(sample('followers'), 0);
  t.deepEqual([sample('retention_events_total'), sample('retention_failures_total')], [0, 0]);
  t.is(sample('summary_lookups_total{result="miss"}'), 0);
  await log.close();
  t.regex(await (await fetch(`${url}metrics`)).text(), /^codebolt_eventlog_log_open 0$/m);
});

test('the numbers of a log are not told to those who may see some instances only', async (t) => {
  const { log, url } = await start(t, { instances: ['a'] });
  await fill(log, 'b', 3);
  const text = await (await fetch(`${url}metrics`)).text();
  t.regex(text, /codebolt_eventlog_requests_under_way/);
  t.notRegex(text, /events_appended|log_open/);
});
