// The end of the daemon's log: follows what comes, unless the reader has scrolled up.

import {byId, element, setText} from './dom.js';

const nearEnd = 24;
let shown = [];
let isFollowing = true;

export function startLog() {
  const list = byId('log');
  list.addEventListener('scroll', () => {
    follow(list.scrollHeight - list.scrollTop - list.clientHeight < nearEnd);
  }, {passive: true});
  byId('log-follow').addEventListener('click', () => {
    follow(!isFollowing);
    if (isFollowing) list.scrollTop = list.scrollHeight;
  });
}

function follow(value) {
  isFollowing = value;
  const button = byId('log-follow');
  button.setAttribute('aria-pressed', String(value));
  setText(button, value ? 'Following' : 'Follow');
}

export function renderLog(state) {
  if (state.log === shown) return;
  const list = byId('log');
  const fresh = linesAfter(shown, state.log);
  if (fresh === null) list.replaceChildren(...state.log.map(line));
  else list.append(...fresh.map(line));
  while (list.childElementCount > state.log.length) list.firstElementChild.remove();
  shown = state.log;
  if (isFollowing) list.scrollTop = list.scrollHeight;
}

/** What `now` has beyond `before` when it goes on from it; null when it is another text. */
function linesAfter(before, now) {
  if (before.length === 0) return now;
  const last = now.lastIndexOf(before.at(-1));
  if (last < 0) return null;
  const overlap = Math.min(last + 1, before.length);
  for (let i = 0; i < overlap; ++i) if (now[last - i] !== before[before.length - 1 - i]) return null;
  return now.slice(last + 1);
}

function line(text) {
  const isWarning = /\b(warn(ing)?|error|failed|invalid|critical)\b/i.test(text);
  return element('li', isWarning ? {class: 'warning'} : {}, text);
}
