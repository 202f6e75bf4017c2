// Before the first paint, so that a dark screen never flashes white.
(function () {
  var theme = null;
  try {
    theme = localStorage.getItem('penstock.theme');
  } catch (denied) {
    // storage is off: the system's theme it is
  }
  if (theme === 'light' || theme === 'dark') {
    document.documentElement.dataset.theme = theme;
  }
})();
