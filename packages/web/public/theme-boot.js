// Applies a chosen theme before the first paint; a separate file because the page's policy forbids inline scripts.
try {
  const theme = localStorage.getItem('bellwether.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be blocked: the system's preference then decides.
}
