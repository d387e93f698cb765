/* The filmstrip: one Tab stop, arrow keys from film to film, Enter or a click opens.

data.name   what it is
data.films  [{number, picture (data address), standing, mark, name, open}]
*/

export default function ({ data, parentElement, setTriggerValue }) {
  const strip = parentElement.querySelector(".strip");
  const focused = parentElement.activeElement?.dataset?.number;
  strip.ariaLabel = data.name;
  const films = data.films.map((film) => {
    const button = document.createElement("button");
    const picture = document.createElement("img");
    const mark = document.createElement("span");
    Object.assign(button, { type: "button", title: film.name, ariaLabel: film.name, className: film.standing });
    button.setAttribute("role", "option");
    button.ariaSelected = film.open;
    button.dataset.number = film.number;
    button.tabIndex = -1;
    picture.alt = "";
    if (film.picture) picture.src = film.picture;
    mark.textContent = film.mark;
    button.append(picture, mark);
    button.addEventListener("click", () => setTriggerValue("open", film.number));
    return button;
  });
  strip.replaceChildren(...films);
  const open = films.find((film) => film.ariaSelected === "true") ?? films[0];
  if (open) {
    open.tabIndex = 0;
    strip.scrollTo({ left: open.offsetLeft - strip.clientWidth / 2 });
  }
  films.find((film) => film.dataset.number === focused)?.focus();
  strip.onkeydown = ({ key }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    const at = films.indexOf(parentElement.activeElement ?? document.activeElement);
    if (step) films[at + step]?.focus();
  };
}
