// Light, dark, or as the system says. Runs before the page is drawn, so that nothing flashes.

const THEMES = ["system", "light", "dark"];

window.laternaTheme = {
  all: THEMES,
  get() {
    try {
      const kept = localStorage.getItem("laterna.theme");
      return THEMES.includes(kept) ? kept : "system";
    } catch {
      return "system"; // a browser that keeps nothing
    }
  },
  set(theme) {
    document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem("laterna.theme", theme);
    } catch {
      // It holds until the page is closed.
    }
  },
};

document.documentElement.dataset.theme = window.laternaTheme.get();
