"""What shops call their columns, in several languages and by the habits of several systems; folded, without signs."""

import re
from typing import Final

from shop.modules.catalog.rules import fold
from shop.modules.catalog.schemas import ProductStatus


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


FIELDS: Final[dict[str, str]] = {
    "slug": "slug handle urlhandle urlkey permalink urlslug productslug productkey",
    "parent": "parent parentsku parentid parenthandle parentslug parentproduct variantof parentcode mastersku elternartikel"
    " vaterartikel skuparent padre",
    "group": "itemgroupid groupid productgroup productgroupid productid modelid masterid styleid stylecode model"
    " artikelgruppe familyid",
    "sku": "sku variantsku skucode articlenumber articleno article artikelnummer artikelnr artnr artno itemnumber itemno"
    " itemcode productcode partnumber reference referencia riferimento codice codigo stockcode mpn bestellnummer numeroarticle"
    " artikelcode kod varenummer",
    "id": "id productid itemid uid uuid guid nr",
    "title": "title name productname producttitle itemname productnaam bezeichnung artikelbezeichnung artikelname produktname"
    " titel nom nomproduit libelle designation nombre titulo nome titolo prodotto naam nazwa namn navn headline",
    "description": "description bodyhtml body descriptionhtml longdescription productdescription details text beschreibung"
    " langtext artikelbeschreibung descripcion descrizione descricao omschrijving opis beskrivning shortdescription"
    " kurzbeschreibung summary",
    "status": "status state published active enabled visible availability publishedononlinestore isactive aktiv sichtbar"
    " estado stato visibilityincatalog",
    "published": "publishedat published availableon datereleased releasedate releasedat createdat datecreated launchdate"
    " publicationdate dateadded created veroffentlicht erscheinungsdatum",
    "seo_title": "seotitle metatitle pagetitle",
    "seo_description": "seodescription metadescription",
    "tax_class": "taxclass taxcategory taxcode taxrate steuerklasse steuersatz vatclass vat mwst tva iva",
    "price": "price variantprice saleprice sellingprice unitprice currentprice regularprice amount preis vkpreis verkaufspreis"
    " bruttopreis prix prixttc prixdevente precio preco prezzo prijs pris cena pricecents priceminor pricevalue priceamount",
    "compare_at": "compareatprice variantcompareatprice compareat listprice msrp rrp uvp oldprice wasprice originalprice"
    " formerprice retailprice streichpreis prixbarre ancienprix precioanterior prezzopieno",
    "currency": "currency currencycode pricecurrency wahrung waehrung devise moneda valuta moeda",
    "stock": "stock inventory quantity qty inventoryqty variantinventoryqty inventoryquantity inventorycount stockquantity"
    " stocklevel onhand available instock lagerbestand bestand menge quantite existencias giacenza voorraad lager saldo count",
    "weight": "weight variantgrams grams weightgrams weightkg weightlb weightlbs weightoz weightg gewicht poids peso vikt"
    " weightvaluegrams gewichtkg gewichtg poidskg shippingweight weightvalue",
    "weight_unit": "weightunit unitofweight gewichtseinheit unitepoids variantweightunit",
    "categories": "categories category producttype productcategory type categorypath categoryname department collection"
    " kategorie kategorien warengruppe categorie categoria rubrique collections taxonomy category1 category2 category3"
    " subcategory googleproductcategory",
    "image_position": "imageposition position",
    "image_alt": "imagealttext imagealt alttext alt",
    "variant_image": "variantimage variantimageurl",
}
IMAGES: Final = re.compile(
    r"(images?|pictures?|photos?|imgs?|bild(er)?|foto|thumbnail)(url|src|link|file|high|\d)*(src|url)?"
)
SIZES: Final = re.compile(r"(high|low|small|medium|large|thumb(nail)?|\d+x\d+|full|original)$")
"""Columns with the same picture in several sizes end so."""
ATTRIBUTES: Final = _set(
    "vendor brand manufacturer supplier marke hersteller marque fabricant marca produttore merk color colour farbe couleur"
    " size grosse groesse taille talla taglia maat material materiau materiale matiere gender geschlecht genre pattern style"
    " season ean gtin upc barcode isbn author country countryoforigin origin warranty tags keywords"
    " capacity power voltage wattage"
)
OPTIONS: Final = _set(
    "color colour farbe couleur size grosse groesse taille talla taglia maat material scent flavor flavour length width"
    " style pattern finish capacity volume"
)
NOT_FACETS: Final = _set("tags keywords ean gtin upc barcode isbn")
PRICE_WORDS: Final = _set(f"{FIELDS['price']} {FIELDS['compare_at']}")
PACKED: Final = _set("attributes specs specifications properties features eigenschaften attribute")
KEYS: Final = _set(f"{FIELDS['slug']} {FIELDS['group']} {FIELDS['id']}")
NESTED: Final = _set("variants skus children variations models")
STATUSES: Final[dict[ProductStatus, frozenset[str]]] = {
    "active": _set("active published enabled true 1 yes live on available visible online aktiv ja publish oui si"),
    "draft": _set(
        "draft unpublished inactive disabled false 0 no hidden paused offline off unlisted inaktiv nein private"
    ),
    "archived": _set("archived discontinued deleted retired obsolete trash"),
}
MEANT: Final = _set(" ".join(FIELDS.values())) | ATTRIBUTES | OPTIONS
"""Whatever is in such a column, its name says what it is."""
UNITS: Final = {"kg": "kg", "grams": "g", "gram": "g", "lb": "lb", "lbs": "lb", "oz": "oz", "mg": "mg", "g": "g"}


def folded(name: str) -> str:
    """`Body (HTML)` and `body_html` alike."""
    return re.sub(r"[\W_]+", "", fold(name))


def without_remark(name: str) -> str:
    """`Preis (brutto)` as `preis`."""
    return folded(re.sub(r"\(.*?\)|\[.*?\]", "", name))


def words(name: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+|(?<=[a-z])(?=[A-Z])", name) if word]
