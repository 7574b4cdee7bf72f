// Lines of the text format of Prometheus, version 0.0.4.

/** What all names begin with. */
export const PREFIX = 'codebolt_eventlog';

/** The lines before the samples of a metric. */
export function header(name, type, help) {
  return [`# HELP ${PREFIX}_${name} ${help}`, `# TYPE ${PREFIX}_${name} ${type}`];
}

/** A counter, by its labels. */
export function counter(name, help, values) {
  const samples = [...values].map(([labels, count]) => `${PREFIX}_${name}{${labels}} ${count}`);
  return [...header(name, 'counter', help), ...samples];
}

/** A gauge without labels. */
export function gauge(name, help, value) {
  return [...header(name, 'gauge', help), `${PREFIX}_${name} ${value}`];
}
