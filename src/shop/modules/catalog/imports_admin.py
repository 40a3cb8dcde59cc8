"""Imports and the export in the back office: a file goes up, is checked and shown, then imported by a worker; what was
wrong comes down as CSV, and so does the whole catalogue."""

import asyncio
import csv
import io
import re
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, TextIO
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect, Stream

from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.db import read, snapshot, write
from shop.kernel.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, Unavailable
from shop.kernel.formulas import escaped
from shop.kernel.http.access import staff
from shop.kernel.http.bounds import LONG
from shop.kernel.http.sessions import Connection, principal_of, session_of
from shop.kernel.http.templating import HTMLPage, admin_page
from shop.kernel.ids import new_id
from shop.kernel.manifest import AdminLink
from shop.modules.catalog.exporting.export import export_products
from shop.modules.catalog.import_runs import uploads
from shop.modules.catalog.import_runs.told_report import PreviewedProduct, read_report
from shop.modules.catalog.importing.mapping import MappingError, parse_mapping, presets
from shop.modules.catalog.importing.report import Outcome
from shop.modules.catalog.repository import import_runs
from shop.modules.catalog.repository.import_runs import ImportRun

LINKS: Final = (AdminLink("Import and export", "/admin/imports", "refresh", "products.edit", 21),)
SHOWN_RUNS: Final = 20
SHOWN_ISSUES: Final = 100
MAX_MAPPING: Final = 100_000
"""Characters."""
DETECT, OWN = "detect", "own"
PRESET_TITLES: Final = {
    "shop": "This shop's own format",
    "shopify": "Shopify product export",
    "spree": "Spree Commerce product export",
    "icecat": "Icecat open catalogue",
}
KINDS: Final = {"queued": "info", "running": "info", "done": "success", "failed": "danger", "interrupted": "warning"}
OUTCOMES: Final[dict[str, tuple[tuple[Outcome, str], ...]]] = {
    "check": (("created", "New"), ("updated", "To update"), ("unchanged", "As they are"), ("refused", "Refused")),
    "import": (("created", "Created"), ("updated", "Updated"), ("unchanged", "Unchanged"), ("refused", "Refused")),
}
SILENCE: Final = timedelta(seconds=5)
"""After which a worker that tells its row every second is taken for dead."""
_CHUNK: Final = 2**18

ShopRequest = Request[Any, Any, Any]
UTF_8_MARK: Final = "\ufeff"
"""Without it Excel takes a CSV for the country's old code page, and saves what it made of the umlauts."""


class RunNotFound(NotFound):
    code = "import_not_found"
    title = "There is no such import"


class NotReady(Conflict):
    code = "import_not_ready"
    title = "This import is at another point by now; please look at it again"


async def before_the_body(connection: Connection, _handler: BaseRouteHandler) -> None:
    """Refuses an upload by its head: who may not import, or sends too much, sends it in vain. Raises HTTPException."""
    principal = await principal_of(connection)
    if principal is not None and not principal.may("products.edit"):
        raise Forbidden
    length = connection.headers.get("content-length", "")
    if not length.isascii() or not length.isdigit():
        raise HTTPException(status_code=411, detail="How long the upload is must be said in Content-Length")
    most = settings().upload_megabytes
    if int(length) > most * 2**20:
        raise HTTPException(
            status_code=413,
            detail=f"The files have {int(length) // 2**20:,} MB together; at most {most:,} MB can be uploaded"
            " (SHOP_UPLOAD_MEGABYTES). Pack them, or use `shop import products` on the server",
        )


@get("/admin/imports", guards=[staff("products.edit")], include_in_schema=False)
async def imports_page(request: ShopRequest) -> HTMLPage:
    return await _imports_page(request)


@post(
    "/admin/imports",
    guards=[before_the_body, staff("products.edit")],
    request_max_body_size=None,
    opt={"seconds": LONG},
    include_in_schema=False,
)
async def upload(request: ShopRequest) -> HTMLPage | Redirect:
    form = await request.form()
    texts = {name: value.strip() for name, value in form.multi_items() if isinstance(value, str)}
    principal = (await session_of(request)).principal
    assert principal is not None  # noqa: S101  # the guard saw to it
    try:
        wanted = _wanted(texts)
        goods, images = _file(form, "file"), _file(form, "images")
        if goods is None:
            raise Invalid.field("file", "Choose a file with products")
    except Invalid as refusal:
        return await _imports_page(request, texts, refusal.errors)
    if await read(import_runs.find_run, wanted.id) is None:
        name = _shown_name(goods.filename)
        try:
            size = await asyncio.to_thread(
                uploads.keep_upload, wanted.id, name, goods.file, images.file if images else None
            )
        except OSError as error:
            raise Unavailable(f"The file can't be kept: {error.strerror}") from None
        await write(
            import_runs.add_run,
            wanted.id,
            principal.account_id,
            file_name=name,
            file_size=size,
            images_name=_shown_name(images.filename) if images else None,
            preset=wanted.preset,
            mapping=wanted.mapping,
        )
    return Redirect(f"/admin/imports/{wanted.id}", status_code=303)


@get("/admin/imports/{run_id:uuid}", guards=[staff("products.edit")], include_in_schema=False)
async def run_page(request: ShopRequest, run_id: FromPath[UUID]) -> HTMLPage:
    return await _run_page(request, await _run(run_id))


@post("/admin/imports/{run_id:uuid}/mapping", guards=[staff("products.edit")], include_in_schema=False)
async def check_again(request: ShopRequest, run_id: FromPath[UUID]) -> HTMLPage | Redirect:
    run = await _run(run_id)
    text = str((await request.form()).get("mapping") or "").replace("\r\n", "\n")
    try:
        _check_mapping(text)
    except Invalid as refusal:
        return await _run_page(request, run, text, refusal.errors)
    if not await write(import_runs.queue, run_id, "check", ["done", "failed", "interrupted"], text):
        raise NotReady
    return Redirect(f"/admin/imports/{run_id}", status_code=303)


@post("/admin/imports/{run_id:uuid}/start", guards=[staff("products.edit")], include_in_schema=False)
async def start_import(run_id: FromPath[UUID]) -> Redirect:
    """A second click finds the import begun."""
    run = await _run(run_id)
    if not await write(import_runs.queue, run_id, "import", ["done"], None) and run.stage == "check":
        raise NotReady
    return Redirect(f"/admin/imports/{run_id}", status_code=303)


@post("/admin/imports/{run_id:uuid}/discard", guards=[staff("products.edit")], include_in_schema=False)
async def discard(request: ShopRequest, run_id: FromPath[UUID]) -> Redirect:
    await _run(run_id)
    if not await write(import_runs.discard, run_id):
        raise NotReady
    await asyncio.to_thread(uploads.forget, run_id)
    (await session_of(request)).flash("success", "The upload is deleted; nothing was imported")
    return Redirect("/admin/imports", status_code=303)


@get("/admin/imports/{run_id:uuid}/problems", guards=[staff("products.edit")], include_in_schema=False)
async def problems(run_id: FromPath[UUID]) -> Response[str]:
    """As CSV, for whoever mends the file."""
    out = io.StringIO()
    out.write(UTF_8_MARK)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["row", "column", "kind", "problem"])
    for issue in read_report((await _run(run_id)).report).issues:
        kind = "warning" if issue.warning else "refused"
        writer.writerow([issue.row, escaped(issue.column), kind, escaped(issue.message)])
    return _download(Response(out.getvalue(), media_type="text/csv"), f"problems-{run_id}.csv")


@get("/admin/products/export", guards=[staff("products.edit")], include_in_schema=False)
async def export() -> Response[Any]:
    """Written whole before it is sent: a slow reader must not hold a transaction open, nor get half a catalogue."""
    folder = settings().data_dir
    folder.mkdir(parents=True, exist_ok=True)
    file = tempfile.TemporaryFile("w+", encoding="utf-8", newline="", dir=folder)  # noqa: SIM115  # closed when sent
    try:
        await snapshot(export_products, file, "csv")
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return _download(Stream(_sent(file), media_type="text/csv"), f"products-{clock.now():%Y-%m-%d}.csv")


async def _sent(file: TextIO) -> AsyncIterator[str]:
    with file:
        yield UTF_8_MARK
        while chunk := await asyncio.to_thread(file.read, _CHUNK):
            yield chunk


def _download(response: Response[Any], name: str) -> Response[Any]:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


class _Wanted(msgspec.Struct, frozen=True):
    """Neither a preset nor a mapping: to be found out."""

    id: UUID
    preset: str | None
    mapping: str | None


def _wanted(form: Mapping[str, str]) -> _Wanted:
    """Raises Invalid."""
    how, text = form.get("how", DETECT), form.get("mapping", "").replace("\r\n", "\n")
    try:
        run_id = UUID(form.get("id", ""))
    except ValueError:
        raise Invalid.field("id", "Reload the page and choose the file again") from None
    if how not in {DETECT, OWN, *presets()}:
        raise Invalid.field("how", "Choose one of the ways in the list")
    if how == OWN:
        _check_mapping(text)
    return _Wanted(run_id, None if how in {DETECT, OWN} else how, text if how == OWN else None)


def _check_mapping(text: str) -> None:
    """Raises Invalid."""
    if not text.strip():
        raise Invalid.field("mapping", "Write the mapping, in TOML")
    if len(text) > MAX_MAPPING:
        raise Invalid.field("mapping", f"At most {MAX_MAPPING:,} characters")
    try:
        parse_mapping(text.encode(errors="replace"), "The mapping")
    except MappingError as error:
        raise Invalid.field("mapping", str(error)) from None


def _file(form: Any, name: str) -> UploadFile | None:
    """None where none was chosen: browsers send an empty one without a name."""
    found = form.get(name)
    return found if isinstance(found, UploadFile) and found.filename else None


def _shown_name(name: str) -> str:
    return re.sub(r"[^\w.() -]+", "_", name.replace("\\", "/").rsplit("/", 1)[-1])[-120:].strip() or "file"


async def _run(run_id: UUID) -> ImportRun:
    """Raises RunNotFound."""
    run = await read(import_runs.find_run, run_id)
    if run is None:
        raise RunNotFound
    return run


async def _imports_page(
    request: ShopRequest, form: Mapping[str, str] | None = None, errors: Sequence[FieldError] = ()
) -> HTMLPage:
    ways = [{"value": DETECT, "label": "Find out from the file"}]
    ways += [{"value": name, "label": PRESET_TITLES.get(name, name.capitalize())} for name in presets()]
    ways.append({"value": OWN, "label": "My own mapping, below"})
    context = {
        "runs": [_line(run) for run in await read(import_runs.latest_runs, SHOWN_RUNS)],
        "ways": ways,
        "form": {"how": DETECT, "mapping": ""} | dict(form or {}) | {"id": str(new_id())},
        "errors": errors,
        "error_of": {error.field: error.message for error in errors},
        "most_megabytes": settings().upload_megabytes,
    }
    return await admin_page(request, "catalog/admin_imports.html", context, status=422 if errors else 200)


async def _run_page(
    request: ShopRequest, run: ImportRun, mapping: str | None = None, errors: Sequence[FieldError] = ()
) -> HTMLPage:
    report = read_report(run.report)
    worst_first = sorted(report.issues, key=lambda issue: issue.warning)[:SHOWN_ISSUES]
    context = {
        **_line(run),
        "report": report,
        "rate": [(label, report.products.get(word, 0)) for word, label in OUTCOMES[run.stage]],
        "preview": msgspec.convert(run.preview or [], list[PreviewedProduct]),
        "issues": sorted(worst_first, key=lambda issue: issue.row),
        "more_issues": max(len(report.issues) - SHOWN_ISSUES, 0) + report.unlisted_issues,
        "mapping": mapping if mapping is not None else run.mapping or "",
        "preset_title": PRESET_TITLES.get(run.preset or "", run.preset),
        "errors": errors,
        "error_of": {error.field: error.message for error in errors},
    }
    return await admin_page(request, "catalog/admin_import.html", context, status=422 if errors else 200)


def _line(run: ImportRun) -> dict[str, Any]:
    """What a list says of a run."""
    busy = run.state in {"queued", "running"}
    counts = read_report(run.report)
    return {
        "run": run,
        "busy": busy,
        "silent": run.state == "running" and clock.now() - run.updated_at > SILENCE,
        "words": _words(run),
        "kind": "neutral" if run.stage == "check" and run.state == "done" else KINDS[run.state],
        "percent": round(100 * run.position / run.size) if run.size else None,
        "done_products": counts.done,
        "summary": ", ".join(_counts(counts.products)) or "nothing yet",
    }


def _counts(products: Mapping[Any, int]) -> Iterator[str]:
    for word in ("created", "updated", "unchanged", "refused"):
        if products.get(word):
            yield f"{products[word]:,} {word}"


def _words(run: ImportRun) -> str:
    checking = run.stage == "check"
    return {
        "queued": "Waiting",
        "running": "Being checked" if checking else "Importing",
        "done": "Ready to import" if checking else "Imported",
        "failed": "Can't be imported" if checking else "Failed",
        "interrupted": "Interrupted",
    }[run.state]


HANDLERS: Final = (imports_page, upload, run_page, check_again, start_import, discard, problems, export)
