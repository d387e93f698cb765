/* What a tab knows of its list: the token that takes it over after a reload.

While the page is on the screen the token is in its memory alone, so that a copy of the tab has none.
It goes into the tab's own storage when the page is left or hidden, and is taken out again after.

data.session  the server's session that is speaking; left out where only the notes are told
data.token    of the list that this session holds; empty where it holds none
data.asks     whether leaving would lose what was not saved
*/

const NAME = "reading-room-list";
const PLACE = Symbol.for(NAME);

export default function ({ data, setTriggerValue }) {
  const tab = (window[PLACE] ??= begin());
  tab.asks = data.asks;
  if (data.session === undefined) return;
  if (tab.session !== data.session) {
    tab.session = data.session;
    const known = tab.token || stored();
    if (known && !data.token) return setTriggerValue("left", known);
  }
  tab.token = data.token;
}

function begin() {
  const tab = { token: "", session: undefined, asks: false };
  const leave = () => tab.token && store(tab.token);
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", (event) => event.persisted && stored());
  document.addEventListener("visibilitychange", () => (document.hidden ? leave() : stored()));
  window.addEventListener("beforeunload", (event) => {
    if (!tab.asks) return;
    event.preventDefault();
    event.returnValue = true; // browsers before 2023 ask by this alone
  });
  return tab;
}

/* A browser may keep its storage closed: then a reload loses the list, as it did. */

function store(token) {
  try {
    sessionStorage.setItem(NAME, token);
  } catch {}
}

function stored() {
  try {
    const token = sessionStorage.getItem(NAME);
    sessionStorage.removeItem(NAME);
    return token;
  } catch {}
}
