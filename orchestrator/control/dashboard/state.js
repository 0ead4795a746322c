// What the page knows: plain data, changed only by receive().

const longestLog = 500;
const longestLoad = 3600;
const activeStates = new Set(['starting', 'probing', 'warm_up', 'measuring', 'stopping']);
const endedStates = new Set(['completed', 'failed', 'not_installed', 'cancelled', 'skipped']);

export function createState() {
  return {
    connection: {name: 'connecting'},
    status: null,      // STATUS of docs/control.md
    clockOffset: 0,    // server's clock minus ours, seconds
    load: null,        // LIVE of the load that runs or ran last, with all its points
    isLoading: false,  // whether it still runs
    log: [],
    heard: null,       // when the last message came, seconds of our clock
  };
}

/** Takes in a message of the feed; `now` is our clock in seconds. */
export function receive(state, message, now) {
  state.heard = now;
  switch (message.type) {
    case 'hello':
      state.log = message.log.slice(-longestLog);
      takeStatus(state, message.status, now);
      break;
    case 'status':
      takeStatus(state, message.status, now);
      break;
    case 'point':
      takePoint(state, message);
      break;
    case 'log':
      state.log = [...state.log, ...message.lines].slice(-longestLog);
      break;
    default:  // of a newer server
  }
}

function takeStatus(state, status, now) {
  state.status = status;
  state.clockOffset = status.now - now;
  state.isLoading = status.live !== null;
  if (!status.live) return;
  const points = status.live.points ?? (isSameLoad(state.load, status.live) ? state.load.points : []);
  state.load = {...status.live, points};
}

function takePoint(state, {point, ...load}) {
  delete load.type;
  const known = isSameLoad(state.load, load) ? state.load : {points: []};
  // After a reconnection a point may come that the hello had already.
  const points = known.points.filter((old) => old.t < point.t).concat(point).slice(-longestLoad);
  state.load = {...known, ...load, points};
  state.isLoading = true;
}

function isSameLoad(a, b) {
  return a !== null && a.group === b.group && a.contestant === b.contestant && a.round === b.round;
}

export function isActive(contestant) {
  return activeStates.has(contestant.state);
}

export function hasEnded(contestant) {
  return endedStates.has(contestant.state);
}

export function isWaiting(job) {
  return job.state === 'queued';
}

export function isRunning(job) {
  return job.state === 'running';
}

/** The job that runs, else the one that ended last, else null: what the page is about. */
export function shownJob(state) {
  const jobs = state.status?.jobs ?? [];
  return jobs.find(isRunning) ?? jobs.find((job) => !isWaiting(job)) ?? null;
}

export function currentContestant(job) {
  return job.contestants.find(isActive) ?? null;
}

/** The server's clock, seconds since 1970. */
export function serverNow(state, now) {
  return now + state.clockOffset;
}
