"""What a web page is about is told from what stands around it on every page of its site."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from knowledge.converting.elements import Element, name_of
from knowledge.converting.html_blocks import NEVER_SHOWN

# Names, as common themes, generators of sites and consent tools give them to what is not content.
# One of them is the whole of a class or id but for words that say where it is or how it is built:
# "post-navigation" and "cookie-banner-wrapper" are such, "job-search-tips" is not.
_PLACES = (
    "site|page|post|posts|main|global|top|bottom|primary|secondary|left|right|header|footer|mobile"
    "|desktop|entry|article|single|wp|block|app|js|sub|local|section|widget|theme|md|govuk|usa|c|l|o"
)
_BOILERPLATE = (
    "nav|navbar|navbox|navigation|menu|topbar|breadcrumbs?|sidebar|footer|masthead|cookies?"
    "|cookie[-_]?(?:law|consent|notice|banner|bar)|consent|gdpr|onetrust|skip[-_]?links?|skip-to-content"
    "|share|sharing|sharedaddy|social|social[-_]?(?:media|share|sharing|icons|links)|newsletter"
    "|subscribe|signup|related|related[-_]?(?:posts|articles|links|content)|recommended|comments?"
    "|disqus|respond|adverts?|advertisement|ads|adsbygoogle|sponsored|pagination|pager|prev[-_]?next"
    "|popup|modal|overlay|toolbar|search|login|language[-_]?(?:switcher|selector)|sr-only"
    "|visually[-_]?hidden|screen-reader-text|mw-editsection|headerlink|edit-this-page|back-to-top"
)
_BUILDS = (
    "wrapper|wrap|container|bar|box|area|content|inner|outer|list|links?|block|section|widget|panel"
    "|buttons?|form|banner|notice|popup|text|icons?|toggle|items?|primary|secondary|left|right|main"
    "|top|bottom|fixed|sticky|menu|sdk|thread|overlay|header|title|row|col|group|desktop|mobile"
)
_NAME_OF_BOILERPLATE = re.compile(
    rf"(?:(?:{_PLACES})[-_]+)*(?:{_BOILERPLATE})"
    rf"(?:[-_]+(?:{_BOILERPLATE}|{_BUILDS}|\d+))*",
    re.IGNORECASE,
)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LONGEST_NAME = 60
_MOST_SHARE_OF_NAMED = 0.5
"""A larger share of the words is no boilerplate, whatever it is called."""
_ROLES_OF_BOILERPLATE = frozenset(
    "navigation banner contentinfo search complementary dialog alertdialog menu menubar toolbar"
    " tablist".split()
)
_ELEMENTS_OF_BOILERPLATE = frozenset({"nav", "aside", "dialog", "search"})
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HEADINGS = frozenset({"h1", "h2", "h3"})
_ROWS = frozenset({"ul", "ol", "div", "table"})
_LEAST_SHARE_KEPT = 0.3
_LEAST_SHARE_OF_MAIN = 0.4
_MOST_SHARE_OF_LINKS = 0.75
_LEAST_LINKS = 4
_MAX_WORDS_OF_LINK = 5


def is_hidden(element: Element) -> bool:
    """Return whether a reader of the page never sees an element."""
    return (
        name_of(element) in NEVER_SHOWN
        or element.get("hidden") is not None
        or (element.get("aria-hidden") or "").strip().lower() == "true"
        or _HIDING.search(element.get("style") or "") is not None
    )


def find_content(page: Element) -> tuple[Element, Callable[[Element], bool]]:
    """Return the element that holds what a page is about, and what within it to leave out.

    Where leaving out would leave too little, the page is taken to be nothing but content, and only
    what is hidden is left out.
    """
    body = next((element for element in page.iter() if name_of(element) == "body"), page)
    everything = _count_words(body, is_hidden)
    root = _find_main(body, everything)
    boilerplate = set(_boilerplate_within(root, is_page=root is body))

    def is_left_out(element: Element) -> bool:
        return element in boilerplate or is_hidden(element)

    kept = _count_words(root, is_left_out)
    if kept < _LEAST_SHARE_KEPT * _count_words(root, is_hidden):
        return root, is_hidden
    return root, is_left_out


def _find_main(body: Element, everything: int) -> Element:
    """Return the one element that is said to be the main one, where it holds enough words."""
    mains = [
        element
        for element in body.iter()
        if name_of(element) == "main" or (element.get("role") or "").strip() == "main"
    ]
    if not mains:
        articles = [element for element in body.iter() if name_of(element) == "article"]
        mains = articles if len(articles) == 1 else []
    outer = [main for main in mains if not is_hidden(main)]
    if len(outer) == 1 and _count_words(outer[0], is_hidden) >= _LEAST_SHARE_OF_MAIN * everything:
        return outer[0]
    return body


@dataclass(slots=True)
class _Survey:
    """What is within an element."""

    words: int = 0
    words_of_links: int = 0
    links: int = 0
    leads_elsewhere: bool = False
    holds_blocks: bool = False
    holds_content: bool = False


def _boilerplate_within(root: Element, *, is_page: bool) -> Iterator[Element]:
    surveys = _survey(root)
    most_of_named = _MOST_SHARE_OF_NAMED * surveys[root].words
    within_article = set()
    # Links in a row are navigation above the page's headings; below they may be further reading.
    is_before_headings = is_page and any(name_of(part) in _HEADINGS for part in surveys)
    for element in root.iterdescendants():
        name = name_of(element)
        is_before_headings &= name not in _HEADINGS
        parent = element.getparent()
        if parent in within_article or name_of(parent) in {"article", "blockquote"}:
            within_article.add(element)
        if not name or name in {"body", "main", "article"}:
            continue
        survey = surveys[element]
        role = (element.get("role") or "").strip().lower()
        names = f"{element.get('class') or ''} {element.get('id') or ''}".split()
        if (
            name in _ELEMENTS_OF_BOILERPLATE
            or role in _ROLES_OF_BOILERPLATE
            or (name == "footer" and element not in within_article)
            or (name == "header" and is_page and not survey.holds_content)
            or (
                not survey.holds_content
                and survey.words <= most_of_named
                and any(map(_names_boilerplate, names))
            )
            or (is_before_headings and name in _ROWS and _is_row_of_links(survey))
        ):
            yield element


def _names_boilerplate(name: str) -> bool:
    # Longer names are made by machines, and would take the expression long.
    return len(name) <= _LONGEST_NAME and (
        _NAME_OF_BOILERPLATE.fullmatch(_HUMP.sub("-", name)) is not None
    )


def _survey(root: Element) -> dict[Element, _Survey]:
    """Survey each element; what is within stands behind it, and so is surveyed before it."""
    elements = [root, *root.iterdescendants()]
    surveys = {element: _Survey() for element in elements}
    for element in reversed(elements):
        name, survey = name_of(element), surveys[element]
        if not name or (element is not root and is_hidden(element)):
            surveys[element] = survey = _Survey()
        else:
            survey.words += len((element.text or "").split())
        if name == "a":
            survey.links = 1
            survey.words_of_links = survey.words
            survey.leads_elsewhere = not (element.get("href") or "").startswith("#")
        survey.holds_blocks |= name in {"p", "h1", "h2", "h3", "dl"}
        survey.holds_content |= name in {"main", "article", "h1"}
        if element is root:
            break
        outer = surveys[element.getparent()]
        outer.words += survey.words + len((element.tail or "").split())
        outer.words_of_links += survey.words_of_links
        outer.links += survey.links
        outer.leads_elsewhere |= survey.leads_elsewhere
        outer.holds_blocks |= survey.holds_blocks
        outer.holds_content |= survey.holds_content
    return surveys


def _is_row_of_links(survey: _Survey) -> bool:
    """Return whether an element holds short links and hardly a word besides."""
    return (
        survey.links >= _LEAST_LINKS
        and survey.leads_elsewhere
        and not survey.holds_blocks
        and survey.words_of_links >= _MOST_SHARE_OF_LINKS * survey.words
        and survey.words_of_links <= _MAX_WORDS_OF_LINK * survey.links
    )


def _count_words(root: Element, is_left_out: Callable[[Element], bool]) -> int:
    from lxml import etree

    count = 0
    walker = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    left_out: set[Element] = set()
    for event, element in walker:
        text = element.tail if event != "start" and element is not root else None
        if event == "start":
            if element is not root and is_left_out(element):
                left_out.add(element)
                walker.skip_subtree()
            else:
                text = element.text
        count += len(text.split()) if text else 0
    return count
