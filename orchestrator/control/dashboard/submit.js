// The form for a new suite. What the server finds wrong with it stands below it, a line each.

import {submitSuite} from './actions.js';
import {byId, element, setText} from './dom.js';

const largestFile = 1 << 20;  // what the server takes

export function startSubmit() {
  const dialog = byId('submit');
  byId('new-suite').addEventListener('click', () => {
    if (byId('submit-config').value === '') fillExample();
    showProblems('', []);
    dialog.showModal();
    byId('submit-name').focus();
  });
  byId('submit-close').addEventListener('click', () => dialog.close());
  byId('submit-file').addEventListener('change', takeFile);
  byId('submit-form').addEventListener('submit', (event) => {
    event.preventDefault();
    send();
  });
}

/** Shows the button where suites are taken: a foreground run takes none. */
export function renderSubmit(state) {
  byId('new-suite').hidden = state.status?.mode !== 'daemon';
}

function fillExample() {
  const example = {host: '127.0.0.1', db_root: 'runs', clients: 100, seconds: 10};
  byId('submit-config').value = JSON.stringify(example, null, 2);
}

async function takeFile(event) {
  const [file] = event.target.files;
  if (!file) return;
  if (file.size > largestFile) {
    showProblems(`${file.name} is larger than 1 MiB: no suite file is.`, []);
    return;
  }
  byId('submit-config').value = await file.text();
  if (byId('submit-name').value === '') byId('submit-name').value = file.name.replace(/\.json$/, '');
  showProblems('', []);
}

/** {overrides: [[key, value]], wrong: [line]} of a `key=value` a line. */
export function parseOverrides(text) {
  const overrides = [];
  const wrong = [];
  text.split('\n').map((line) => line.trim()).forEach((line, index) => {
    if (line === '') return;
    const equals = line.indexOf('=');
    if (equals < 1) wrong.push(`overrides, line ${index + 1}: "${line}" is not key=value`);
    else overrides.push([line.slice(0, equals).trim(), line.slice(equals + 1).trim()]);
  });
  return {overrides, wrong};
}

async function send() {
  const name = byId('submit-name').value.trim();
  const {overrides, wrong} = parseOverrides(byId('submit-overrides').value);
  if (name === '') wrong.unshift('a name is needed: the suite is called by it');
  if (wrong.length > 0) {
    showProblems('', wrong);
    return;
  }
  const button = byId('submit-send');
  button.disabled = true;
  const answer = await submitSuite({
    name, config: byId('submit-config').value, overrides, local: byId('submit-local').checked,
  });
  button.disabled = false;
  if (answer.ok) byId('submit').close();
  else showProblems(answer.message, answer.findings);
}

function showProblems(message, findings) {
  const problem = byId('submit-problem');
  problem.hidden = message === '' && findings.length === 0;
  // A list of findings says it all; the message would only repeat that there are some.
  setText(problem, findings.length === 0 ? message : '');
  if (findings.length > 0) problem.append(element('ul', {}, ...findings.map((line) => element('li', {}, line))));
}
