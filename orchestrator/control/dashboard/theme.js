// A classic script, so that a theme that was chosen holds before anything is drawn.
try {
  const chosen = localStorage.getItem('theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
  // A browser that keeps nothing for sites: the system's theme holds.
}
