/* The theme, chosen in our own words. Streamlit offers no other way to change it without losing the
page's state than its own menu, which shell.css hides: a choice here is a choice there.

data.name    what is chosen
data.themes  [[name in Streamlit's menu, what it is called], ...]
*/

const MENU = "[data-testid=stMainMenuButton]";
const item = (theme) => `[data-testid="stMainMenuItem-theme-${theme}"]`;

/* Streamlit keeps the choice under a key that begins so; nothing is kept for the system's theme. */
const kept = () => {
  const key = Object.keys(localStorage).find((name) => name.startsWith("stActiveTheme-"));
  return key ? JSON.parse(localStorage.getItem(key)) : "System";
};

function choose(theme, done) {
  document.querySelector(MENU)?.click();
  const end = performance.now() + 2000;
  const look = () => {
    const found = document.querySelector(item(theme));
    if (found) {
      found.click();
      requestAnimationFrame(done);
    } else if (performance.now() < end) requestAnimationFrame(look);
  };
  look();
}

export default function ({ data: [data], parentElement }) {
  const group = parentElement.querySelector(".themes");
  group.ariaLabel = data.name;
  const mark = (chosen) =>
    [...group.children].forEach((button) => (button.ariaPressed = button.value === chosen));
  group.replaceChildren(
    ...data.themes.map(([theme, words]) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", value: theme, textContent: words });
      button.addEventListener("click", () => choose(theme, () => mark(theme)));
      return button;
    }),
  );
  mark(kept());
}
