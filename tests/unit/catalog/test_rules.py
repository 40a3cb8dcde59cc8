"""Rules of the catalogue, without a database."""

import pytest

from shop.modules.catalog.rules import (
    attribute_code,
    card_terms,
    category_slug,
    draft_problems,
    facet_value,
    fold,
    plain_text,
    prefix_query,
    product_url,
    sanitised,
    search_words,
    sku_words,
    slugify,
    value_problem,
)
from shop.modules.catalog.schemas import ImageDraft, ProductDraft, VariantDraft


def draft(**fields):
    return ProductDraft(**{"slug": "mug", "title": "Mug", "variants": (VariantDraft("M-1"),), **fields})


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Coffee  Machines & more", "coffee-machines-more"),
        ("Crème BRÛLÉE", "creme-brulee"),
        ("Straße", "strasse"),
        ("咖啡 机", "咖啡-机"),
        ("../../etc/passwd", "etc-passwd"),
        ("🫖", ""),
    ],
)
def test_a_slug_holds_letters_digits_and_hyphens(text, slug):
    assert slugify(text) == slug


def test_a_category_slug_is_the_whole_path():
    assert category_slug(("Kitchen", "Coffee machines")) == "kitchen/coffee-machines"


def test_case_accents_and_width_make_no_difference_to_a_search():
    assert fold("Ｃｒème") == fold("CREME") == "creme"


def test_attribute_codes_are_made_of_any_label():
    assert attribute_code("Dish-washer safe?") == "dish_washer_safe"
    assert attribute_code("颜色") != ""
    assert attribute_code("!!!") == ""


def test_a_product_address_is_safe_to_print():
    assert product_url("咖啡") == "/p/%E5%92%96%E5%95%A1"


@pytest.mark.parametrize("text", ["'); drop table card; --", "a & !b | (c:*)", "<-> :A 'x", "\x00\x1b[31m", "a\\'b:*"])
def test_no_operator_of_a_query_language_survives(text):
    assert all(word.isalnum() for word in search_words(text).split())


def test_the_last_word_and_longer_ones_match_beginnings():
    assert prefix_query("xl red mu") == "'xl' & 'red':* & 'mu':*"
    assert prefix_query("xl mu", weights="AB") == "'xl':AB & 'mu':*AB"


def test_a_query_of_a_thousand_words_is_cut():
    assert prefix_query("word " * 1000).count("word") == 12


def test_an_sku_is_found_in_parts_and_as_one_word():
    assert sku_words(["AB-12.x"]) == "ab 12 x ab12x"


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ("<p>Good <b>mug</b></p>", "<p>Good <b>mug</b></p>"),
        ("<script>alert(1)</script>Mug", "Mug"),
        ('<p onclick="x()" style="color:red" class="c">Mug</p>', "<p>Mug</p>"),
        ('<a href="javascript:x()">Mug</a>', '<a rel="nofollow noopener">Mug</a>'),
        ('<a href="https://x.example/">Mug</a>', '<a href="https://x.example/" rel="nofollow noopener">Mug</a>'),
        ('<img src=x onerror="x()"><svg/onload=x()>Mug', "Mug"),
        ("<style>body{}</style><iframe src=//x></iframe>Mug", "Mug"),
        ("<h1>Mug</h1>", "Mug"),
        ("Mug\x00\x1b", "Mug"),
        ("5 < 6 & 7", "5 &lt; 6 &amp; 7"),
    ],
)
def test_descriptions_keep_structure_and_lose_everything_active(html, kept):
    assert sanitised(html) == kept


def test_tags_part_words_in_plain_text():
    assert plain_text("<p>red</p><p>mug &amp; lid</p>").split() == ["red", "mug", "&", "lid"]


def test_a_good_draft_has_no_problems():
    assert draft_problems(draft(images=(ImageDraft("x.webp", 10, 10),), categories=(("Kitchen",),))) == []


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "a\nb"}, "title"),
        ({"slug": "Red Mug"}, "slug"),
        ({"slug": "../x"}, "slug"),
        ({"variants": ()}, "at least one"),
        ({"variants": (VariantDraft("A"), VariantDraft("A", {}))}, "twice"),
        ({"variants": (VariantDraft("A"), VariantDraft("B"))}, "two variants have no options"),
        ({"variants": (VariantDraft("A", {"Size": "S"}), VariantDraft("B", {"Colour": "Red"}))}, "a value for each"),
        ({"variants": (VariantDraft("A\x00"),)}, "sku"),
        ({"variants": (VariantDraft("A", weight_grams=-1),)}, "weight"),
        ({"variants": (VariantDraft("A", image="x.webp"),)}, "image"),
        ({"images": (ImageDraft("x.webp", 0, 10),)}, "width"),
        ({"categories": (("Kitchen", "🫖"),)}, "category"),
        ({"attributes": {"Bad code": 1}}, "attribute"),
        ({"attributes": {"material": ""}}, "attribute"),
    ],
)
def test_a_draft_that_breaks_a_rule_says_which(fields, word):
    problems = draft_problems(draft(**fields))
    assert any(word in problem for problem in problems), problems


@pytest.mark.parametrize(
    ("kind", "value", "fits"),
    [
        ("text", 12, True),
        ("number", 1.5, True),
        ("number", "1.5", False),
        ("number", True, False),
        ("number", float("nan"), False),
        ("bool", True, True),
        ("bool", 1, False),
    ],
)
def test_an_attribute_keeps_to_its_type(kind, value, fits):
    assert (value_problem(kind, value) is None) is fits


def test_facet_values_are_written_one_way():
    assert [facet_value(each) for each in (2.0, 2.5, 3, True, " Steel ")] == ["2", "2.5", "3", "true", "Steel"]


def test_a_card_is_filtered_by_facets_and_options_only():
    terms = card_terms(
        {"material": "Steel", "story": "x" * 61, "secret": "no"},
        frozenset({"material", "story"}),
        [("Color", "Red"), ("Color", "Red"), ("Color", "Blue")],
    )
    assert terms == ["color=Blue", "color=Red", "material=Steel"]
