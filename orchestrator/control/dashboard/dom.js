// Small helpers over the DOM. Whatever is shown goes through textContent: contestants' output is never trusted.

/** An element with attributes (a function: an event listener of that name) and children: nodes or texts. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name, value);
    else setAttribute(made, name, value === true ? '' : value);
  }
  made.append(...children);
  return made;
}

const svgSpace = 'http://www.w3.org/2000/svg';

export function svgElement(tag, attributes = {}, ...children) {
  const made = document.createElementNS(svgSpace, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function byId(id) {
  return document.getElementById(id);
}

/** Changes the text only when it is another: an unchanged page costs no layout. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

/**
 * Makes the children of `container` those of `items`, in their order, and keeps the element of an item that stays
 * (so that focus, scrolling and selections do). `create(item)` makes an element, `update(element, item)` fills it.
 */
export function reconcile(container, items, keyOf, create, update) {
  const old = new Map([...container.children].map((child) => [child.dataset.key, child]));
  const keys = new Set(items.map((item) => String(keyOf(item))));
  for (const [key, child] of old) if (!keys.has(key)) child.remove();
  let place = container.firstElementChild;
  for (const item of items) {
    const key = String(keyOf(item));
    const child = old.get(key) ?? create(item);
    child.dataset.key = key;
    update(child, item);
    if (child === place) place = place.nextElementSibling;
    else container.insertBefore(child, place);
  }
}

/** Calls `draw` once in the next animation frame, however often it is asked; never while the page is hidden. */
export function oncePerFrame(draw) {
  let isAsked = false;
  const ask = () => {
    if (isAsked || document.hidden) return;
    isAsked = true;
    requestAnimationFrame(() => {
      isAsked = false;
      draw();
    });
  };
  document.addEventListener('visibilitychange', ask);
  return ask;
}
