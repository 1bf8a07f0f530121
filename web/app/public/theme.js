// Runs before the first paint, so that a chosen theme does not flash. A file, since the site allows no inline script.
(() => {
  try {
    const theme = localStorage.getItem('sluice.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch {
    // Storage may be forbidden; the system's theme is fine.
  }
})();
