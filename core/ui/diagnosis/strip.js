/* The filmstrip: one Tab stop, arrow keys from film to film, Enter or a click opens.

data.name   what it is
data.films  [{number, picture (data address), standing, mark, name, open}]
*/

export default function ({ data: [data], parentElement, setTriggerValue }) {
  const strip = parentElement.querySelector(".strip");
  const focused = parentElement.activeElement?.dataset?.number;
  strip.ariaLabel = data.name;
  const drawn = new Map([...strip.children].map((button) => [button.dataset.number, button]));
  const films = data.films.map((film) => {
    const button = drawn.get(String(film.number)) ?? blank(film.number);
    const [picture, mark] = button.children;
    Object.assign(button, { title: film.name, ariaLabel: film.name, className: film.standing });
    button.ariaSelected = film.open;
    button.tabIndex = -1;
    if (film.picture && picture.getAttribute("src") !== film.picture) picture.src = film.picture;
    mark.textContent = film.mark;
    button.onclick = () => setTriggerValue("open", film.number);
    return button;
  });
  // A button that stays is left alone, or a press on it that has begun would be lost.
  if (films.length !== drawn.size || films.some((button, at) => strip.children[at] !== button)) {
    strip.replaceChildren(...films);
  }
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

function blank(number) {
  const button = document.createElement("button");
  const picture = document.createElement("img");
  button.type = "button";
  button.setAttribute("role", "option");
  button.dataset.number = number;
  picture.alt = "";
  button.append(picture, document.createElement("span"));
  return button;
}
