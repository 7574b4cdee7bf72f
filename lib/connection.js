'use strict';

// A log as it is open: the native one, and the calls that are made of it. Several objects of a program may share one.

const { isTimed, tellTimed } = require('./diagnostics.js');
const { CallSite, Refusal, asFailure, failure, told } = require('./failure.js');
const { JSON, Promise } = require('./intrinsics.js');
const { MadeCall } = require('./made-call.js');
const { CLOSE, DUE_RETENTION, OPEN } = require('./methods.js');
const { nativeOf } = require('./native-of.js');
const { logPath, timeOf } = require('./opening.js');
const { Pause } = require('./pause.js');
const { encode } = require('./wire/arguments.js');
const { ChangeOrder } = require('./wire/change-order.js');
const wire = require('./wire/calls.js');

const { drainIfEnding, expect, handOverCollected, nextTurn, realmOf, refusal, settle } = wire;

/** What a closed log answers. */
const CLOSED = { code: 'CLOSED', error: 'the log was closed: open it again with EventLog.open' };

/** How long a log is open before rules of retention are looked for: most processes that open one are over by then. */
const FIRST_LOOK_MS = 1_000;

/** How long it is to the next time where there are none. */
const NEXT_LOOK_MS = 60_000;

class Connection {
  #locate;
  #openingAt;
  /** The addon that serves the log, once that is known. What belongs to one of its calls is of no use to another one. */
  #addon;
  #native;
  #opening;
  #closed = false;
  /** Whether it was closed, and no change waits any more that was called before. */
  #isOver = false;
  /** A clock that the program has given in the place of the system's. */
  #clock;
  /** Whether an append makes an instance that is not there, if it does not say so itself. */
  #createsInstances;
  /** What the program has declared of its types of events, once that is known. */
  #eventTypes;
  /** Where the program has said that the keys of subjects are. */
  #keyring;
  /** Called with `true` once the log is open, and with `false` once it is closed. */
  #tellOpen;
  /** Called when the log is closed, with what it answers from then on. */
  #closeListeners = new Set();
  #changes = new ChangeOrder();
  /** The subscriptions that are open, once there was one. */
  #followers;
  /** The calls that are made once something else is done. */
  #coming = new Set();
  /** Whether it is open to write. */
  #isWritable = false;
  /** What looks for events that are over rules of retention, once that is needed. */
  #retention;
  /** The time until that is. */
  #firstLook;

  /**
   * `locate()` gives the path of the log when that is to be known, and `openingAt(path)` what it is opened with, as
   * `openingOf` does.
   */
  constructor(locate, openingAt, tellOpen) {
    this.#locate = locate;
    this.#openingAt = openingAt;
    this.#tellOpen = tellOpen;
  }

  /** The addon that serves the log. */
  get addon() {
    this.#addon ??= nativeOf(logPath(this.#locate()));
    return this.#addon;
  }

  /** Where the log is: the path of a file, or the URL of a server. */
  get path() {
    return logPath(this.#locate());
  }

  /** Where its keyring is, if that is not beside it. Known once a call was answered. */
  get keyring() {
    return this.#keyring;
  }

  /** Known once a call was answered. */
  get createsInstances() {
    return this.#createsInstances;
  }

  /** What the program has declared of its types of events as it opened the log. */
  get eventTypes() {
    return this.#eventTypes;
  }

  /** The time by the clock that the program has given; `undefined` if it has given none. */
  get ownTime() {
    return this.#clock === undefined ? undefined : timeOf(this.#clock);
  }

  /** What looks for events that are over rules of retention; `undefined` if the log is not open to write. */
  get retention() {
    if (this.#isWritable && !this.#closed && this.#retention === undefined) {
      // Where a test of Jest is over, nothing can be loaded any more.
      const { RetentionWatch } = require('./retention/watch.js') ?? {};
      if (RetentionWatch !== undefined) this.#retention = new RetentionWatch(this);
    }
    return this.#retention;
  }

  /** The response that says how many rules of retention there are. */
  #rules() {
    const { type, number, parameters } = DUE_RETENTION;
    return this.respond(type, (made) => {
      const text = encode(parameters, [{ now: this.ownTime }]);
      made.handOver((opened) => opened.call(settle, made.expect(), number, text, false));
    });
  }

  /**
   * Has rules of retention be looked for now and then, as long as there are none. A log that nobody has any more is not kept by
   * it, and it loads nothing.
   */
  static async #lookForRules(pause, connection) {
    let ms = FIRST_LOOK_MS;
    while (await pause.for(ms)) {
      const open = connection.deref();
      if (open === undefined || open.#retention !== undefined) return;
      const { success, data } = await open.#rules();
      if (success && data.policies > 0) {
        open.retention?.lookSoon();
        return;
      }
      ms = NEXT_LOOK_MS;
    }
  }

  /** Waits for the log to be open. One that cannot be opened tries again at the next call. */
  async open(site) {
    if (this.#closed) throw failure(CLOSED, site);
    let opening;
    try {
      opening = this.#opening ?? this.#start();
    } catch (error) {
      throw site.in(asFailure(error));
    }
    const response = await opening;
    if (!response.success) throw failure(response, site);
  }

  /** What the engine has done since the file was opened in this process, once it is open. */
  async counts() {
    const site = new CallSite();
    await this.open(site);
    handOverCollected();
    const counts = this.#native?.counts() ?? null;
    if (counts === null) throw failure(CLOSED, site);
    return JSON.parse(counts);
  }

  /**
   * Takes no more calls, and resolves once the earlier ones are answered and the file is released. What a program has
   * promised is not waited for any more.
   */
  close() {
    const site = new CallSite();
    return new Promise((resolve, reject) => {
      this.#closed = true;
      this.#tellOpen(false);
      for (const listener of this.#closeListeners) listener(CLOSED);
      this.#firstLook?.end();
      const stopped = this.#retention?.stop();
      void this.#endWaits();
      // Changes that wait for their turn were called before.
      this.#changes.whenNoneWaits(async () => {
        if (this.#coming.size > 0) await Promise.all(this.#coming);
        this.#isOver = true;
        if (this.#native === undefined) {
          resolve(undefined);
          return;
        }
        handOverCollected();
        const closed = async (response) => {
          // It may have files of its own.
          if (stopped !== undefined) await stopped;
          if (response.success) resolve(undefined);
          else reject(failure(response, site));
        };
        this.#native.close(settle, expect(CLOSE.type, closed));
      });
    });
  }

  /** Ends the waits of changes, but for what has settled by the end of this turn of the event loop. */
  async #endWaits() {
    if (this.#changes.isWaiting) await nextTurn();
    this.#changes.endWaits(new Refusal(CLOSED.code, CLOSED.error));
  }

  /** Has `listener` called with what a closed log answers once this one is closed. Returns what takes that back. */
  onClose(listener) {
    if (this.#closed) listener(CLOSED);
    else this.#closeListeners.add(listener);
    return () => this.#closeListeners.delete(listener);
  }

  /**
   * Makes a call that is more than its arguments, such as a step of an export: the addon's of that name. It is made once
   * `ready` has settled, if that is given, which does not reject. Closing the log waits for that.
   */
  step({ type }, name, given, ready) {
    return this.respond(type, (made) => {
      const call = () => made.handOver((opened) => opened[name](settle, made.expect(), ...given));
      if (ready === undefined) call();
      else this.#after(ready, call, (error) => made.resolve(refusal(type, told(error))));
    });
  }

  async #after(ready, call, refuse) {
    const handedOver = ready.then(call).catch(refuse);
    this.#coming.add(handedOver);
    await handedOver;
    this.#coming.delete(handedOver);
  }

  /** Makes such a call that changes the log. `until` listens to what ends the wait for its turn. */
  change({ type }, name, given, until) {
    return this.respond(type, (made) => {
      const call = (opened) => opened[name](settle, made.expect(), ...given);
      made.handOverInTurn(call, undefined, undefined, until);
    });
  }

  /**
   * The response of that type to what `call(made)` calls for: it hands the call over, or resolves it. What it throws is
   * the response as well.
   */
  respond(type, call) {
    return new Promise((resolve) => {
      if (this.#closed) {
        resolve(refusal(type, CLOSED));
        return;
      }
      // The number stays taken: it is not known whether an answer comes under it.
      try {
        const now = this.#clock === undefined ? undefined : timeOf(this.#clock);
        call(new MadeCall(this, type, now, resolve));
      } catch (error) {
        resolve(refusal(type, told(error)));
      }
    });
  }

  /** Whether a change that is called for now is handed over at once, as of now, and nobody is told of what it does. */
  get isDirect() {
    return (
      this.#native !== undefined &&
      !this.#closed &&
      this.#clock === undefined &&
      !this.#changes.areWaiting &&
      !isTimed() &&
      !wire.isEnding()
    );
  }

  /**
   * The response of that type to a call of a method with the JSON text of its arguments, which is handed over with others, while
   * the log {@link isDirect}. `given` is kept for it.
   */
  collect(type, method, { text, given }) {
    return new Promise((resolve) => {
      const number = expect(type, resolve, this);
      try {
        wire.callTogether(this.#addon, this.#native, number, method, text, given);
      } catch (error) {
        resolve(refusal(type, told(error)));
      }
    });
  }

  /** Has `make` call the native log, with `given`, as of the time `now` by the program's own clock. */
  handOver(make, given, now) {
    // Code of the program that the call itself has run, such as a getter or a clock, may have closed it.
    if (this.#isOver) throw new Refusal(CLOSED.code, CLOSED.error);
    // The call itself is answered with the reason if the log cannot be opened.
    if (this.#native === undefined) this.#start();
    handOverCollected();
    if (now !== undefined) this.#native.setTime(now);
    // What is made from now on is told of.
    this.tellTimed();
    make(this.#native, given);
    drainIfEnding();
  }

  /** The subscriptions that are open. */
  get followers() {
    if (this.#followers === undefined) {
      // Few programs have any.
      const { Followers } = require('./reading/followers.js');
      this.#followers = new Followers();
    }
    return this.#followers;
  }

  /** The changes that wait, in the order of their calls. */
  get changes() {
    return this.#changes;
  }

  /** Tells those who listen of the commits and checkpoints that were made. */
  tellTimed() {
    if (isTimed() && this.#native !== undefined) tellTimed(this.#native.takeTimed());
  }

  /** Begins to open the log. Returns the response to that. */
  #start() {
    let resolve;
    const opening = new Promise((settled) => (resolve = settled));
    const opened = (response) => {
      if (response.success) {
        if (!this.#closed) {
          this.#tellOpen(true);
          this.#isWritable = !isReadOnly;
          this.#firstLook = new Pause();
          void Connection.#lookForRules(this.#firstLook, new WeakRef(this));
        }
      } else {
        this.#opening = undefined;
        this.#native = undefined;
      }
      resolve(response);
    };
    const path = this.#locate();
    const { given, clock, createsInstances, eventTypes, queuedBytesMax, isReadOnly } =
      this.#openingAt(path);
    this.#addon ??= nativeOf(given[0]);
    const text = encode(OPEN.parameters, given);
    this.#changes.bytesMax = queuedBytesMax;
    this.#clock = clock;
    this.#createsInstances = createsInstances;
    this.#eventTypes = eventTypes;
    this.#keyring = given[1]?.keyring;
    this.#native = this.#addon.EventLog.open(
      realmOf(this.#addon),
      settle,
      expect(OPEN.type, opened),
      text,
    );
    this.#opening = opening;
    return opening;
  }
}

module.exports = { Connection };
