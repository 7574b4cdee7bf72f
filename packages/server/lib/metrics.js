// What the server counts, in the text format of Prometheus (version 0.0.4). Its labels are names of this package, which
// need no escapes.

import { PREFIX, counter, gauge, header } from './prometheus.js';

/** The upper bounds of the times of requests, in seconds. */
const BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** Counters of one server. */
export class Metrics {
  /** How many requests there were, by method and code. */
  #requests = new Map();
  #durations = new Map();
  #refused = new Map();
  #events = 0;
  #underWay = 0;
  #readings = 0;
  #gauges = new Map();

  /** Has a gauge read whenever somebody asks. */
  addGauge(name, help, read) {
    this.#gauges.set(name, { help, read });
  }

  /**
   * Notes that a request has begun.
   *
   * @param {string} method - The method of the log.
   * @returns {(code?: string) => void} To be called when it was answered, with the code of the answer; without one if
   *   nothing has come of it.
   */
  began(method) {
    this.#underWay += 1;
    const start = performance.now();
    return (code) => {
      this.#underWay -= 1;
      if (code === undefined) return;
      const seconds = (performance.now() - start) / 1000;
      this.#count(method, code);
      this.#observe(method, seconds);
    };
  }

  /** Notes that a reading has begun. Returns what is to be called when it has ended, with a code. */
  beganReading(method) {
    this.#readings += 1;
    return (code) => {
      this.#readings -= 1;
      this.#count(method, code);
    };
  }

  /** Notes that events were handed out by a reader or a subscription. */
  handedOut(count) {
    this.#events += count;
  }

  /** Notes a request or a connection that was refused before it reached a method. */
  refused(code) {
    this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1);
  }

  #count(method, code) {
    let codes = this.#requests.get(method);
    if (codes === undefined) this.#requests.set(method, (codes = new Map()));
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }

  #observe(method, seconds) {
    let times = this.#durations.get(method);
    if (times === undefined) {
      times = { counts: new Array(BOUNDS.length).fill(0), sum: 0, count: 0 };
      this.#durations.set(method, times);
    }
    times.sum += seconds;
    times.count += 1;
    const place = BOUNDS.findIndex((bound) => seconds <= bound);
    if (place !== -1) times.counts[place] += 1;
  }

  /** All of it, in the text format of Prometheus. */
  text() {
    const lines = [
      ...counter('requests_total', 'Requests answered, by method and code.', this.#answered()),
      ...this.#durationLines(),
      ...counter(
        'refused_total',
        'Requests and connections refused before a method was called, by code.',
        new Map([...this.#refused].map(([code, count]) => [`code="${code}"`, count])),
      ),
      ...header('events_read_total', 'counter', 'Events given out by readers and subscriptions.'),
      `${PREFIX}_events_read_total ${this.#events}`,
      ...gauge('requests_under_way', 'Requests that are being answered.', this.#underWay),
      ...gauge('readings', 'Open readers and subscriptions.', this.#readings),
    ];
    for (const [name, { help, read }] of this.#gauges) lines.push(...gauge(name, help, read()));
    return `${lines.join('\n')}\n`;
  }

  /** How many requests were answered, by labels. */
  #answered() {
    const labelled = [...this.#requests].flatMap(([method, codes]) =>
      [...codes].map(([code, count]) => [`method="${method}",code="${code}"`, count]),
    );
    return new Map(labelled);
  }

  #durationLines() {
    const name = `${PREFIX}_request_duration_seconds`;
    const lines = header('request_duration_seconds', 'histogram', 'How long requests took.');
    for (const [method, { counts, sum, count }] of this.#durations) {
      let below = 0;
      for (const [place, bound] of BOUNDS.entries()) {
        below += counts[place];
        lines.push(`${name}_bucket{method="${method}",le="${bound}"} ${below}`);
      }
      lines.push(`${name}_bucket{method="${method}",le="+Inf"} ${count}`);
      lines.push(`${name}_sum{method="${method}"} ${sum}`);
      lines.push(`${name}_count{method="${method}"} ${count}`);
    }
    return lines;
  }
}
