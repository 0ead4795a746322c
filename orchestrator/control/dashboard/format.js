// Quantities as the terminal shows them (orchestrator/quantities.cpp): three significant digits, a unit that fits,
// no trailing zeros. Nothing known is "-".

const durationUnits = ['ns', 'us', 'ms', 's'];
const byteUnits = ['B', 'KB', 'MB', 'GB', 'TB'];

/** Like printf, which rounds a tie to the even digit where toFixed() rounds it up. */
function fixed(number, decimals) {
  const text = number.toFixed(decimals);
  const exact = number.toFixed(Math.min(decimals + 30, 100));
  const isTie = /^50*$/.test(exact.slice(exact.indexOf('.') + 1 + decimals));
  if (!isTie || Number(text.at(-1)) % 2 === 0) return text;
  return ((Math.round(Number(text) * 10 ** decimals) - 1) / 10 ** decimals).toFixed(decimals);
}

function withoutTrailingZeros(text) {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function decimalsOf(number) {
  if (number < 10) return 2;
  return number < 100 ? 1 : 0;
}

function inBestUnit(number, units) {
  let unit = 0;
  for (; unit + 1 < units.length && number >= 999.5; ++unit) number /= 1000;
  return `${withoutTrailingZeros(fixed(number, decimalsOf(number)))} ${units[unit]}`;
}

export function isKnown(value) {
  return value !== null && value !== undefined;
}

/** "83 us", "1.24 ms", "2.1 s"; from 1,000 s on as elapsed() has it. */
export function duration(ns) {
  if (!isKnown(ns)) return '-';
  if (ns === 0) return '0 s';
  if (ns < 0) return `-${duration(-ns)}`;
  return ns >= 1000e9 ? elapsed(ns / 1e9) : inBestUnit(ns, durationUnits);
}

/** "512 B", "1.24 KB", "83 MB"; a KB is 1,000 bytes. */
export function bytes(count) {
  return isKnown(count) ? inBestUnit(count, byteUnits) : '-';
}

/** "12,345": cut, as the terminal cuts rates. */
export function count(number) {
  return isKnown(number) ? String(Math.trunc(number)).replace(/\B(?=(\d{3})+$)/g, ',') : '-';
}

/** "12 %" of 0.12: CPU seconds a second. */
export function share(ratio) {
  return isKnown(ratio) ? `${fixed(ratio * 100, 0)} %` : '-';
}

/** "0:00:05", "12:34:56"; cut, not rounded. */
export function elapsed(seconds) {
  if (!isKnown(seconds)) return '-';
  const total = Math.max(Math.floor(seconds), 0);
  const two = (number) => String(number).padStart(2, '0');
  return `${Math.floor(total / 3600)}:${two(Math.floor(total / 60) % 60)}:${two(total % 60)}`;
}

/** "5 s", "1:05", "1:02:03": for labels that are short of room. */
export function shortElapsed(seconds) {
  if (seconds < 60) return `${Math.max(Math.floor(seconds), 0)} s`;
  return elapsed(seconds).replace(/^0:0?/, '');
}

/** "2026-11-23 00:41" in the reader's time zone, of seconds since 1970. */
export function moment(seconds) {
  if (!isKnown(seconds)) return '-';
  const date = new Date(seconds * 1000);
  const two = (number) => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** "warm_up" as people write it. */
export function words(name) {
  return name.replaceAll('_', ' ').replace('warm up', 'warm-up');
}
