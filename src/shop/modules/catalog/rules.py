"""Rules of the catalogue: slugs, folding for search, what a product must have, what its card shows. Pure."""

import re
import unicodedata
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from html import unescape
from typing import Final, TypeVar
from urllib.parse import quote

import nh3

from shop.modules.catalog.schemas import AttributeType, AttributeValue, CategoryPath, ProductDraft, VariantDraft

T = TypeVar("T", bound=Hashable)

MAX_TITLE: Final = 200
MAX_SLUG: Final = 120
MAX_SEO_TEXT: Final = 400
MAX_NAME: Final = 100
"""Of a category or an option's value."""
MAX_SKU: Final = 80
MAX_DESCRIPTION: Final = 100_000
MAX_ATTRIBUTE: Final = 2000
MAX_FACET_VALUE: Final = 60
"""A longer text is a description, not a filter."""
MAX_QUERY_WORDS: Final = 12
ATTRIBUTE_CODE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
SLUG: Final = re.compile(r"[^\W_]+(?:-[^\W_]+)*")

_NOT_IN_A_LINE = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_NOT_WORD = re.compile(r"[\W_]+")
_TAGS: Final = {
    *(
        "p",
        "br",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "strong",
        "em",
        "b",
        "i",
        "u",
        "s",
        "sub",
        "sup",
        "h2",
        "h3",
        "h4",
    ),
    *("hr", "blockquote", "pre", "code", "a", "table", "caption", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES: Final = {"a": {"href", "title"}, "th": {"colspan", "rowspan", "scope"}, "td": {"colspan", "rowspan"}}


def fold(text: str) -> str:
    """Without case and accents: "Crème BRÛLÉE" and "creme brulee" are one to whoever searches."""
    if text.isascii():
        return _CONTROL.sub("", text).casefold()
    decomposed = unicodedata.normalize("NFKD", _CONTROL.sub("", text).casefold())
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))


def slugify(text: str) -> str:
    """A URL part of letters, digits and hyphens; empty when `text` has none."""
    return _NOT_WORD.sub("-", fold(text)).strip("-")[:MAX_SLUG].strip("-")


def category_slug(path: CategoryPath) -> str:
    return "/".join(slugify(part) for part in path)


def attribute_code(label: str) -> str:
    """How filters name the attribute or option with this label; empty when it has no letters or digits."""
    ascii_label = fold(label).encode("ascii", "ignore").decode()
    return _NOT_WORD.sub("_", ascii_label).strip("_")[:60] or slugify(label).encode("punycode").decode().strip("-")[:60]


def product_url(slug: str) -> str:
    return f"/p/{quote(slug)}"


def category_url(slug: str) -> str:
    return f"/c/{quote(slug)}"


def search_words(text: str) -> str:
    """Folded words only, so that the index and a query are cut alike and no operator of a query language survives."""
    return _NOT_WORD.sub(" ", fold(text)).strip()


def sku_words(skus: Iterable[str]) -> str:
    """Each SKU as its parts and as one word: "AB-12" is found as ab-12, ab 12 and ab12."""
    words: list[str] = []
    for sku in skus:
        parts = search_words(sku)
        words += [parts, parts.replace(" ", "")]
    return " ".join(words)


def prefix_query(words: str, *, weights: str = "") -> str:
    """A tsquery that all words must meet, each as a beginning where it is long enough or still being typed. `weights` say
    where to look, everywhere without: A the name and SKUs, B categories, C attributes and options, D the description."""
    terms = [word[:60] for word in words.split()[:MAX_QUERY_WORDS]]
    last = len(terms) - 1
    marks = [("*" if len(word) > 2 or place == last else "") + weights for place, word in enumerate(terms)]
    return " & ".join(f"'{word}':{mark}" if mark else f"'{word}'" for word, mark in zip(terms, marks, strict=True))


def sanitised(html: str) -> str:
    """What a shop may show of a description from anywhere: text structure and links, no scripts, styles or pictures."""
    return nh3.clean(
        _CONTROL.sub("", html[:MAX_DESCRIPTION]),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener",
    )


def plain_text(html: str) -> str:
    """The words of sanitised HTML, not escaped; tags part words."""
    return unescape(nh3.clean(html.replace("<", " <"), tags=set()))


def draft_problems(draft: ProductDraft) -> list[str]:
    """Everything that keeps a draft from being a product; empty when nothing does."""
    return [*_own_problems(draft), *_variant_problems(draft), *_reference_problems(draft)]


def _own_problems(draft: ProductDraft) -> Iterable[str]:
    if not _is_line(draft.title, MAX_TITLE):
        yield f"title: one line of 1 to {MAX_TITLE} characters is needed"
    if not SLUG.fullmatch(draft.slug) or len(draft.slug) > MAX_TITLE:
        yield "slug: letters, digits and single hyphens, such as red-mug"
    for label, text in (("seo_title", draft.seo_title), ("seo_description", draft.seo_description)):
        if text is not None and not _is_line(text, MAX_SEO_TEXT):
            yield f"{label}: one line of at most {MAX_SEO_TEXT} characters"
    for code, value in draft.attributes.items():
        if not ATTRIBUTE_CODE.fullmatch(code):
            yield f"attribute {code!r}: a code is lower-case letters, digits and underscores"
        if isinstance(value, str) and (not value.strip() or _CONTROL.search(value) or len(value) > MAX_ATTRIBUTE):
            yield f"attribute {code}: text of 1 to {MAX_ATTRIBUTE} characters is needed"


def _variant_problems(draft: ProductDraft) -> Iterable[str]:
    if not draft.variants:
        yield "variants: at least one is needed"
    names = option_names(draft)
    if len(names) != len(set(names)) or not all(_is_line(name, 60) for name in names):
        yield "options: each needs a name of its own, of at most 60 characters"
    for variant in draft.variants:
        if not _is_line(variant.sku, MAX_SKU):
            yield f"sku {variant.sku!r}: one line of 1 to {MAX_SKU} characters is needed"
        if set(variant.options) != set(names):
            yield f"sku {variant.sku}: needs a value for each of {', '.join(names) or 'no options'}"
        if not all(_is_line(value, MAX_NAME) for value in variant.options.values()):
            yield f"sku {variant.sku}: option values are lines of 1 to {MAX_NAME} characters"
        if not 0 <= variant.weight_grams <= 10_000_000:
            yield f"sku {variant.sku}: a weight of {variant.weight_grams} g can't be"
    for sku in _doubled(variant.sku for variant in draft.variants):
        yield f"sku {sku}: is there twice"
    for combination in _doubled(tuple(sorted(variant.options.items())) for variant in draft.variants):
        words = ", ".join(f"{name} {value}" for name, value in combination) or "no options"
        yield f"two variants have {words}"


def _reference_problems(draft: ProductDraft) -> Iterable[str]:
    names = {image.name for image in draft.images}
    if len(names) != len(draft.images):
        yield "images: one is there twice"
    if any(image.width <= 0 or image.height <= 0 or _CONTROL.search(image.alt) for image in draft.images):
        yield "images: each needs a width and a height in pixels, and a plain text as alt"
    for variant in draft.variants:
        if variant.image is not None and variant.image not in names:
            yield f"sku {variant.sku}: its image is not among the product's"
    for path in draft.categories:
        if not path or not all(_is_line(part, MAX_NAME) and slugify(part) for part in path):
            yield f"category {' > '.join(path)!r}: each part needs a name of at most {MAX_NAME} characters"


def value_problem(kind: AttributeType, value: AttributeValue) -> str | None:
    """Why `value` is none for an attribute of type `kind`."""
    if kind == "bool" and not isinstance(value, bool):
        return "yes or no is expected"
    if kind == "number" and (isinstance(value, (bool, str)) or value != value or abs(value) == float("inf")):  # noqa: PLR0124  # NaN
        return "a number is expected"
    return None


def type_of(value: AttributeValue) -> AttributeType:
    if isinstance(value, bool):
        return "bool"
    return "text" if isinstance(value, str) else "number"


def stored_value(kind: AttributeType, value: AttributeValue) -> AttributeValue:
    """`value` as an attribute of type `kind` keeps it."""
    return facet_value(value) if kind == "text" else value


def facet_value(value: AttributeValue) -> str:
    """As filters and pages write it: numbers without an idle fraction, yes and no as words of JSON."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def option_names(draft: ProductDraft) -> tuple[str, ...]:
    return draft.option_names or tuple(draft.variants[0].options if draft.variants else ())


def ordered_options(variant: VariantDraft, names: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, variant.options[name]) for name in names]


def card_terms(
    attributes: Mapping[str, AttributeValue], facets: frozenset[str], options: Iterable[tuple[str, str]]
) -> list[str]:
    """`code=value` of everything a card can be filtered by: facet attributes, and options of its variants."""
    terms = {
        f"{code}={word}"
        for code, value in attributes.items()
        if code in facets and len(word := facet_value(value)) <= MAX_FACET_VALUE
    }
    terms |= {
        f"{attribute_code(name)}={value}"
        for name, value in options
        if len(value) <= MAX_FACET_VALUE and attribute_code(name)
    }
    return sorted(terms)


def _is_line(text: str, longest: int) -> bool:
    return len(text) <= longest and bool(text.strip()) and not _NOT_IN_A_LINE.search(text)


def _doubled(values: Iterable[T]) -> list[T]:
    return [value for value, count in Counter(values).items() if count > 1]
