// The live feed: a WebSocket that comes back by itself, also after a laptop's sleep.

const firstDelay = 500;
const longestDelay = 10000;
const helloLimit = 10000;
const silenceLimit = 45000;

/** What a Feed needs of the browser; a test brings its own. */
const browser = {
  open: (url) => new WebSocket(url),
  now: () => Date.now(),
  random: () => Math.random(),
  later: (call, ms) => setTimeout(call, ms),
  forget: (timer) => clearTimeout(timer),
};

/**
 * Calls `onMessage(message)` with every parsed message and `onState(state)` when the connection changes:
 * {name: 'connecting'}, {name: 'open'}, {name: 'waiting', until: ms}.
 *
 * A connection counts once its hello has come. One that has been silent for long may be dead without the browser
 * knowing (after a sleep): a second is opened beside it, and takes over when its own hello comes, so that a feed
 * that only had nothing to say goes on without a gap.
 */
export class Feed {
  #url;
  #onMessage;
  #onState;
  #world;
  #current = null;
  #candidate = null;
  #timer = null;
  #failures = 0;
  #heard = 0;   // when the current one spoke last
  #opened = 0;  // when the candidate was opened

  constructor(url, onMessage, onState, world = browser) {
    this.#url = url;
    this.#onMessage = onMessage;
    this.#onState = onState;
    this.#world = world;
  }

  start() {
    this.#onState({name: 'connecting'});
    this.#open();
  }

  /** The machine has woken or the network has come back: look at once. */
  wake() {
    if (this.#candidate) return;
    if (!this.#current) {
      this.#onState({name: 'connecting'});
      this.#open();
    } else if (this.#world.now() - this.#heard >= silenceLimit) {
      this.#open();
    }
  }

  /** The network has changed: what was open may be dead. */
  renew() {
    if (!this.#candidate && this.#current) this.#open();
    else this.wake();
  }

  #open() {
    this.#schedule(() => this.#drop(this.#candidate), helloLimit);
    const socket = this.#world.open(this.#url);
    this.#candidate = socket;
    this.#opened = this.#world.now();
    socket.onmessage = (event) => this.#receive(socket, event.data);
    socket.onclose = () => this.#drop(socket);
  }

  #receive(socket, text) {
    if (socket === this.#candidate) {
      const old = this.#current;
      this.#current = socket;
      this.#candidate = null;
      this.#failures = 0;
      if (old) close(old);
      this.#onState({name: 'open'});
    }
    if (socket !== this.#current) return;
    this.#heard = this.#world.now();
    if (!this.#candidate) this.#watch();
    this.#onMessage(JSON.parse(text));
  }

  #drop(socket) {
    if (socket !== this.#current && socket !== this.#candidate) return;
    close(socket);
    if (socket === this.#current) {
      this.#current = null;
      if (this.#candidate) return;
    } else {
      this.#candidate = null;
      if (this.#current && this.#heard > this.#opened) {
        this.#watch();
        return;
      }
      // The current one has been silent, and now nobody answers: it is dead too.
      if (this.#current) close(this.#current);
      this.#current = null;
    }
    const delay = Math.min(firstDelay * 2 ** this.#failures, longestDelay) * (0.8 + 0.2 * this.#world.random());
    this.#failures += 1;
    this.#onState({name: 'waiting', until: this.#world.now() + delay});
    this.#schedule(() => this.wake(), delay);
  }

  #watch() {
    this.#schedule(() => this.#open(), silenceLimit);
  }

  #schedule(call, ms) {
    if (this.#timer !== null) this.#world.forget(this.#timer);
    this.#timer = this.#world.later(call, ms);
  }
}

function close(socket) {
  socket.onmessage = null;
  socket.onclose = null;
  socket.close();
}
