/** Light or dark: what was chosen here, else what the system prefers. */

const KEY = "theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

export const theme = () => localStorage.getItem(KEY) ?? (dark.matches ? "dark" : "light");

/** @returns {string} the theme in force afterwards */
export function toggleTheme() {
  localStorage.setItem(KEY, theme() === "dark" ? "light" : "dark");
  return show();
}

function show() {
  document.documentElement.dataset.theme = theme();
  return theme();
}

dark.addEventListener("change", show);
show();
