// What Streamlit lacks: its own texts in the reader's language, the language of the page itself,
// and the way of the keyboard. Runs before the app; knows nothing of what
// pages show. __VALUES__ is filled in by language.py.
(() => {
  "use strict";
  const { dictionary, tags, cookie } = __VALUES__;
  // What pages write is in the right language already.
  const OWN =
    "[data-testid=stMarkdownContainer], [data-testid=stCode], [data-testid=stTable], pre, svg, canvas";
  const ATTRIBUTES = ["aria-label", "aria-valuetext", "placeholder", "title", "alt"];
  const SCROLLING = "[data-testid=stTable] > div";
  // Streamlit shows the focus of a link as it shows the page one is on.
  const FOCUS = `[data-testid=stPageLink-NavLink]:focus-visible, ${SCROLLING}:focus-visible
    { outline: 2px solid currentColor; outline-offset: -2px; }`;
  // Names of cards are buttons, whose text Streamlit centres when it takes two lines.
  const NAMES = `[class*=st-key-open_] button { align-items: flex-start; }
    [class*=st-key-open_] button * { text-align: left; }`;
  // Names take one line or three: the figures of a row of cards stand below the longest.
  const CARD = "[class*=st-key-card_]";
  const CELL = "[data-testid=stGridCell]";
  const CARDS = `${CELL}:has(> div > div > div > ${CARD}),
    ${CELL} > div > div > div:has(> ${CARD}), ${CELL} > div > div > div > ${CARD}
    { display: grid; grid-template: subgrid / minmax(0, 1fr); grid-row: span 2; }`;
  // A sidebar that has had something in it stays when a sign-in ends and nothing is left in it.
  const NOTHING = "[data-testid=stSidebarUserContent] > div > [data-testid=stVerticalBlock]:empty";
  const SIDEBAR = `[data-testid=stSidebar]:has(${NOTHING}),
    body:has(${NOTHING}) [data-testid=stExpandSidebarButton] { display: none; }`;
  // Chinese breaks after any sign: a narrow table would make columns of one sign's width.
  const TABLES = "[data-testid=stTable] :is(th, td:first-child) { min-width: 7em; }";
  const served = document.documentElement.lang.slice(0, 2);
  const originals = new WeakMap();
  const exact = new Map();
  const patterns = [];
  for (const [english, chinese] of Object.entries(dictionary)) {
    if (!english.includes("{")) {
      exact.set(english, chinese);
      continue;
    }
    const escaped = english.replace(/[.*+?^$()|[\]\\]/g, "\\$&");
    patterns.push([new RegExp(`^${escaped.replace(/\{\w+\}/g, "(.+)")}$`), chinese]);
  }
  const monthName = new Intl.DateTimeFormat("en", { month: "long" });
  for (let month = 0; month < 12; month++) {
    const name = monthName.format(new Date(2026, month, 1));
    patterns.push([new RegExp(`^\\d+ – ${name}$`), `${month + 1}月`]);
  }

  const current = () => {
    const wanted = new URLSearchParams(location.search).get("lang");
    return wanted in tags ? wanted : served;
  };

  // A part of a text that is itself one of the texts, or a day.
  const part = (text) => {
    if (/^[A-Z][a-z]+ \d{1,2}, \d{4}$/.test(text)) {
      return new Intl.DateTimeFormat(tags.zh, { dateStyle: "long" }).format(new Date(text));
    }
    return translated(text, "aria-label") ?? text;
  };

  const translated = (text, slot) => {
    const key = text.trim();
    // Single words in small letters are kinds of columns, said in titles; elsewhere data.
    if (!slot && /^[a-z]+$/.test(key)) return null;
    if (exact.has(key)) return exact.get(key);
    for (const [pattern, chinese] of patterns) {
      const found = key.match(pattern);
      if (found) {
        let place = 0;
        return chinese.replace(/\{\w+\}/g, () => part(found[++place]));
      }
    }
    // A tool of a chart or table is called "Show data: <what it shows>".
    const [tool, ...shown] = key.split(": ");
    return exact.has(tool) ? `${exact.get(tool)}：${shown.join(": ")}` : null;
  };

  // `slot` is an attribute's name, or "" for the text of a node.
  const read = (node, slot) => (slot ? node.getAttribute(slot) : node.nodeValue);
  const write = (node, slot, text) => {
    if (slot) node.setAttribute(slot, text);
    else node.nodeValue = text;
  };

  const visit = (node, slot, language) => {
    const text = read(node, slot);
    if (!text) return;
    const known = originals.get(node) ?? {};
    if (language === "zh") {
      const chinese = translated(text, slot);
      if (chinese === null || chinese === text) return;
      originals.set(node, { ...known, [slot]: [text, chinese] });
      write(node, slot, chinese);
    } else if (known[slot] && known[slot][1] === text) {
      write(node, slot, known[slot][0]);
    }
  };

  const walk = (root, language) => {
    if (root.nodeType === Node.TEXT_NODE) {
      if (root.parentElement && !root.parentElement.closest(OWN)) visit(root, "", language);
      return;
    }
    if (root.nodeType !== Node.ELEMENT_NODE) return;
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = root; node; node = walker.nextNode()) {
      if (node.nodeType === Node.TEXT_NODE) {
        if (!node.parentElement.closest(OWN)) visit(node, "", language);
      } else {
        for (const name of ATTRIBUTES) if (node.hasAttribute(name)) visit(node, name, language);
        if (node.matches(SCROLLING)) node.tabIndex = 0;
      }
    }
  };

  let language = current();
  // Calendars and number formats of the app follow the browser's language: let it be the page's.
  Object.defineProperty(navigator, "language", { get: () => tags[language] });
  Object.defineProperty(navigator, "languages", { get: () => [tags[language]] });

  const settle = () => {
    document.documentElement.lang = tags[language];
    if (new URLSearchParams(location.search).has("lang")) {
      document.cookie = `${cookie}=${language}; path=/; max-age=31536000; samesite=lax`;
    }
  };
  settle();
  const sheet = new CSSStyleSheet();
  sheet.replaceSync([FOCUS, NAMES, CARDS, SIDEBAR, TABLES].join("\n"));
  document.adoptedStyleSheets.push(sheet);

  new MutationObserver((mutations) => {
    const now = current();
    if (now !== language) {
      language = now;
      settle();
      window.dispatchEvent(new Event("languagechange"));
      walk(document.documentElement, language);
      return;
    }
    for (const mutation of mutations) {
      if (mutation.type === "childList") {
        for (const node of mutation.addedNodes) walk(node, language);
      } else if (mutation.type === "characterData") {
        walk(mutation.target, language);
      } else {
        visit(mutation.target, mutation.attributeName, language);
      }
    }
  }).observe(document.documentElement, {
    subtree: true,
    childList: true,
    characterData: true,
    attributes: true,
    attributeFilter: ATTRIBUTES,
  });
})();
