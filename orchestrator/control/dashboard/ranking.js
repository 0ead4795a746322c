// Rows of a ranked table: of a job's contestants as they end, and of a finished run's results.json.

const keeps = 0.999;

/**
 * A row: {rank: number|null, isShared, contestant, p50, p95, p99, p999, max (ns), isLost (a quantile that is null
 * fell among lost messages), sent, received, lost, rate, rss, cpu, lag, outcome, note}.
 */

/** Whether the job ranks by messages/s: in a closed loop. */
export function isClosedLoop(job) {
  return job.load.startsWith('closed');
}

/**
 * The contestants that have ended a turn, ranked as orchestrator/ranking.cpp does a single round: those that held
 * the load first, by p99 or by messages/s. Of several rounds only the latest is known here, hence provisional.
 */
export function rowsOfJob(job) {
  const tried = job.contestants.filter((contestant) => contestant.result || hasNoResult(contestant));
  const rows = tried.map(rowOfContestant);
  const value = isClosedLoop(job) ? (row) => -row.rate : (row) => row.p99 ?? Infinity;
  const better = (a, b) => value(a) - value(b);
  const ranked = rows.filter((row) => row.isRanked).sort((a, b) => b.holds - a.holds || better(a, b) || 0);
  ranked.forEach((row, index) => {
    row.rank = index + 1;
  });
  return [...ranked, ...rows.filter((row) => !row.isRanked)];
}

/** Whether it has been tried in vain. One that was cancelled or skipped is no row: nothing is known of it. */
function hasNoResult(contestant) {
  return contestant.state === 'failed' || contestant.state === 'not_installed';
}

function isOver(contestant) {
  return hasNoResult(contestant) || contestant.state === 'cancelled' || contestant.state === 'skipped';
}

function rowOfContestant(contestant) {
  const result = contestant.result ?? {};
  const isValid = result.valid === true && !isOver(contestant);
  return {
    contestant: contestant.name,
    rank: null,
    isShared: false,
    isRanked: isValid,
    holds: Number(result.established >= keeps * result.requested && result.received >= keeps * result.sent),
    p50: result.p50_ns,
    p95: result.p95_ns,
    p99: result.p99_ns,
    p999: result.p999_ns,
    max: result.max_ns,
    isLost: result.lost > 0,
    sent: result.sent,
    received: result.received,
    lost: result.lost,
    rate: result.message_rate,
    rss: result.rss_peak_bytes,
    cpu: result.cpu_share,
    lag: result.client_lag_p99_ns,
    established: result.established,
    requested: result.requested,
    outcome: outcomeOf(contestant, isValid),
    note: contestant.error,
  };
}

function outcomeOf(contestant, isValid) {
  if (isOver(contestant)) return contestant.state;
  return isValid ? 'completed' : 'invalid';
}

/** The rows of results.json (orchestrator/results_file.cpp), which are in the order of their ranks. */
export function rowsOfResults(results) {
  const sharing = new Map();
  for (const {rank} of results.ranking) sharing.set(rank, (sharing.get(rank) ?? 0) + 1);
  return results.ranking.map((standing) => {
    const isMeasured = standing.requested > 0;
    const measured = (value) => (isMeasured ? value : null);
    return {
      contestant: standing.contestant,
      rank: standing.rank,
      isShared: standing.rank !== null && sharing.get(standing.rank) > 1,
      p50: standing.latency_p50_ns,
      p95: standing.latency_p95_ns,
      p99: standing.latency_p99_ns,
      p999: standing.latency_p999_ns,
      max: standing.latency_max_ns,
      isLost: standing.lost > 0,
      sent: measured(standing.sent),
      received: measured(standing.received),
      lost: measured(standing.lost),
      rate: measured(standing.message_rate),
      rss: standing.rss_peak_bytes,
      cpu: standing.cpu_share,
      lag: standing.client_lag_p99_ns,
      established: measured(standing.established),
      requested: measured(standing.requested),
      outcome: standing.state === 'completed' && standing.rank === null ? 'invalid' : standing.state,
      note: standing.note,
    };
  });
}
