/* The tools beside the film. What is chosen here is drawn at once: nothing goes to the server.

What is drawn (heat, lines, lungs, both films, opacity, colours) stays for all films until the page
is closed; window and level start anew with another film. */

const chosen = { heat: true, lines: false, lungs: true, beside: false, opacity: 50, colours: "" };
const SWITCHES = { heat: "local_fire_department", lines: "waves", lungs: "pulmonology", beside: "compare" };
const ACTIONS = { zoom_in: "zoom_in", zoom_out: "zoom_out", fit: "fit_screen", full_screen: "fullscreen" };
const RANGES = { centre: [0, 100], width: [1, 200] };

const made = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

class Tools {
  constructor(root, viewer) {
    this.viewer = viewer;
    this.bar = root.querySelector(".tools");
    this.box = root.querySelector(".box");
    this.window = { centre: 50, width: 100, inverted: false };
    this.buttons = {};
    for (const [name, icon] of Object.entries(SWITCHES)) this.button(name, icon, () => this.flip(name));
    this.opacity = made("input", { type: "range", min: 0, max: 100, step: 5, className: "opacity" });
    this.opacity.addEventListener("input", () => this.set({ opacity: Number(this.opacity.value) }));
    this.legend = made("div", { className: "legend", role: "img" });
    this.bar.append(this.opacity, this.legend);
    this.button("window", "contrast", () => this.open(this.box.hidden));
    this.button("invert", "invert_colors", () => this.look({ inverted: !this.window.inverted }));
    for (const [name, icon] of Object.entries(ACTIONS)) this.button(name, icon, () => viewer[name]());
    this.box.addEventListener("keydown", (event) => event.key === "Escape" && this.open(false));
  }

  button(name, icon, act) {
    const button = made("button", { type: "button", className: `icon ${name}`, textContent: icon });
    button.addEventListener("click", act);
    this.buttons[name] = button;
    this.bar.append(button);
  }

  open(is) {
    this.box.hidden = !is;
    this.buttons.window.ariaExpanded = is;
    (is ? this.box.querySelector("button") : this.buttons.window).focus();
  }

  /* Another film, or other words: labels, presets and colours anew. */
  show(data, isAnother) {
    const { words, presets } = data;
    if (isAnother) this.window = { ...presets[0], inverted: false };
    if (!data.heat.tables[chosen.colours]) chosen.colours = Object.keys(data.heat.tables)[0];
    this.presets = presets;
    this.words = words;
    this.bar.ariaLabel = words.tools;
    for (const [name, button] of Object.entries(this.buttons)) button.title = button.ariaLabel = words[name];
    this.opacity.title = this.opacity.ariaLabel = words.opacity;
    this.legend.ariaLabel = words.legend;
    this.legend.replaceChildren(made("span", { textContent: words.hot }), made("i"), made("span", { textContent: words.cold }));
    this.bar.classList.toggle("without-heat", data.hidden);
    this.fill(data);
    this.mark();
  }

  fill({ words, presets, heat }) {
    const chooser = (name, options, act) =>
      made("div", { role: "group", className: `choice ${name}`, ariaLabel: words[name] },
        ...options.map(([value, label]) => {
          const button = made("button", { type: "button", value, textContent: label });
          button.addEventListener("click", () => act(value));
          return button;
        }));
    const slider = (name) => {
      const [min, max] = RANGES[name];
      const input = made("input", { type: "range", min, max, className: name });
      input.addEventListener("input", () => this.look({ [name]: Number(input.value) }));
      return made("label", {}, words[name], input);
    };
    this.box.ariaLabel = words.window;
    this.box.replaceChildren(
      chooser("presets", presets.map(({ name, label }) => [name, label]), (name) =>
        this.look(presets.find((preset) => preset.name === name))),
      slider("centre"),
      slider("width"),
      made("p", { textContent: words.only_seen }),
      chooser("colours", Object.keys(heat.tables).map((name) => [name, name]), (name) => this.set({ colours: name })),
    );
  }

  flip(name) {
    this.set({ [name]: !chosen[name] });
  }

  set(change) {
    Object.assign(chosen, change);
    this.mark();
    this.viewer.refresh();
  }

  look({ centre = this.window.centre, width = this.window.width, inverted = this.window.inverted }) {
    this.window = { centre: Math.round(clamp(centre, ...RANGES.centre)), width: Math.round(clamp(width, ...RANGES.width)), inverted };
    this.mark();
    this.viewer.refresh();
  }

  /* Window and level by dragging: to the right wider, down brighter. */
  dragBy(right, down) {
    this.look({ centre: this.window.centre - down / 4, width: this.window.width + right / 2 });
  }

  mark() {
    const { centre, width, inverted } = this.window;
    for (const name of Object.keys(SWITCHES)) this.buttons[name].ariaPressed = chosen[name];
    this.buttons.invert.ariaPressed = inverted;
    this.opacity.value = chosen.opacity;
    this.opacity.disabled = !chosen.heat;
    for (const [name, value] of Object.entries({ centre, width })) this.box.querySelector(`.${name}`).value = value;
    for (const button of this.box.querySelectorAll(".presets button")) {
      const preset = this.presets.find(({ name }) => name === button.value);
      button.ariaPressed = preset.centre === centre && preset.width === width;
    }
    for (const button of this.box.querySelectorAll(".colours button")) button.ariaPressed = button.value === chosen.colours;
  }

  /* What a film's window is called; nothing where it is the film's own range. */
  get told() {
    const { centre, width, inverted } = this.window;
    const window = centre === 50 && width === 100 ? "" : this.words.told.replace("{centre}", centre).replace("{width}", width);
    return [window, inverted ? this.words.inverted : ""].filter(Boolean).join(" · ");
  }
}
