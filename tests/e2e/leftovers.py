"""English words in a Chinese page: in its text, and in the names that screen readers say."""

import re
from collections.abc import Iterable

from playwright.sync_api import Page

# Names that are not translated: standards, identifiers, queues, the other language's button.
_NAMES = re.compile(
    r"English|consult|complaint|scxy|SERVQUAL|NPS|SLA|UCI|Boston|Technion|SFO|APP|App|IT|ID|GX"
    r"|CSV|XLSX|PNG|SVG|SQL|SELECT|EXPLAIN|Python|Ctrl|Esc|(?:ticket|call|response):|scxy"
    r"|P\d+|n(?= ?=)"
    r"|[a-z]+_[a-z_0-9]+|[0-9a-f]{8}|\w+:\w+|\w+\.\w+"
)
# Icons are words of a font; what a chart draws, a table holds or a query says is data.
_READ = """() => {
  const found = [];
  const isShown = (element) => element.checkVisibility({ visibilityProperty: true });
  const apart = 'script, style, noscript, canvas, svg, textarea, [data-testid=stIconMaterial]';
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    if (!node.parentElement.closest(apart) && isShown(node.parentElement))
      found.push(node.nodeValue);
  for (const element of document.querySelectorAll('body *:not(svg *)'))
    for (const name of ['aria-label', 'aria-valuetext', 'placeholder', 'title', 'alt'])
      if (element.hasAttribute(name)) found.push(element.getAttribute(name));
  return found;
}"""


def english_words(page: Page, also_names: Iterable[str] = ()) -> list[str]:
    """English in the page that is no name; `also_names` are names of this page alone."""
    found = []
    for text in page.evaluate(_READ):
        for name in sorted(also_names, key=len, reverse=True):
            text = text.replace(name, "")
        if re.search(r"[A-Za-z]{2,}", _NAMES.sub("", text)):
            found.append(text)
    return found
