"""The page itself: its picture, the boxes of a span, figures; whose they are, and that they go with their document."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from benchmarks.made.files import flate, paragraph, pdf, pdf_objects, serialise
from documents_app.extraction import sandbox
from documents_app.models import Document, DocumentFigure, PagePicture
from documents_app.services import pictures
from documents_app.services.maintenance import pictures_sweep
from tests.support.fixtures import client_for
from tutor_project.common import runtime

pytestmark = pytest.mark.django_db

LINES = ["The membrane lets small molecules pass.", "Its proteins carry the larger ones through it."]


@pytest.fixture(autouse=True, scope="module")
def _child() -> Iterator[None]:
    yield
    sandbox.close()


@pytest.fixture
def read_file(api: Any, run_jobs: Callable[[], int]) -> Callable[..., str]:
    """Upload a file and have it read; returns the document's id."""

    def read(data: bytes, name: str = "a.pdf", client: Any = None) -> str:
        client = client or api
        session = client.post("/api/v1/sessions", {}).json()["id"]
        files = {"files": [SimpleUploadedFile(name, data)]}
        answer = client.post(f"/api/v1/sessions/{session}/documents", files, format="multipart")
        run_jobs()
        return str(answer.json()["documents"][0]["id"])

    return read


def two_pages(**options: Any) -> bytes:
    return pdf([paragraph(LINES, top=500), paragraph(["A second page about enzymes."], top=500)], **options)


def with_image() -> bytes:
    """A page with a red picture of 40 by 20 pixels, 200 points wide, and its caption."""
    content = b"q 200 0 0 100 72 500 cm /Im Do Q\nBT /F1 10 Tf 72 480 Td (Figure 1: A red square of paint.) Tj ET\n"
    objects = pdf_objects([content])
    objects[4] = objects[4].replace(b"/Resources << ", b"/Resources << /XObject << /Im 7 0 R >> ")
    head = "/Type /XObject /Subtype /Image /Width 40 /Height 20 /ColorSpace /DeviceRGB /BitsPerComponent 8 "
    image = flate(b"\xff\x00\x00" * 800)
    return serialise([*objects, image.replace(b"/Filter", head.encode() + b"/Filter")])


def image_of(response: Any) -> Image.Image:
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "image/webp"
    return Image.open(io.BytesIO(response.content)).convert("RGB")


def ink(image: Image.Image, box: list[float]) -> float:
    """The share of dark pixels in a box of fractions."""
    x0, y0, x1, y1 = box
    part = image.convert("L").crop(
        (round(x0 * image.width), round(y0 * image.height), round(x1 * image.width), round(y1 * image.height))
    )
    return sum(value < 128 for value in part.get_flattened_data()) / (part.width * part.height)


def text_of(api: Any, document: str) -> str:
    return str(api.get(f"/api/v1/documents/{document}/content?type=text_only").json()["text"])


def boxes_of(api: Any, document: str, page: int, words: str) -> dict[str, Any]:
    start = text_of(api, document).index(words)
    url = f"/api/v1/documents/{document}/pages/{page}/boxes?char_start={start}&char_end={start + len(words)}"
    response = api.get(url)
    assert response.status_code == 200, response.json()
    return dict(response.json())


def test_a_page_is_a_picture_of_the_width_asked_for(api: Any, read_file: Callable[..., str]) -> None:
    url = f"/api/v1/documents/{read_file(two_pages())}/pages/1/image"
    assert image_of(api.get(url)).size == (1000, 1294)
    assert image_of(api.get(url + "?width=306")).size == (306, 396)
    assert ink(image_of(api.get(url)), [0.1, 0.35, 0.9, 0.4]) > 0.01


def test_who_has_the_picture_is_told_so_and_nothing_is_drawn(
    api: Any, read_file: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"/api/v1/documents/{read_file(two_pages())}/pages/1/image?width=200"
    first = api.get(url)
    assert api.get(url, headers={"if-none-match": '"another"'}).status_code == 200
    monkeypatch.setattr(sandbox, "ask", lambda *arguments, **options: pytest.fail("drawn again"))
    assert api.get(url).content == first.content
    answer = api.get(url, headers={"if-none-match": first["ETag"]})
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", first["ETag"])


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("upright", [True, False])
def test_boxes_cover_the_words_of_the_span_and_nothing_else(
    api: Any, read_file: Callable[..., str], rotate: int, upright: bool
) -> None:
    document = read_file(two_pages(rotate=rotate, upright=upright))
    image = image_of(api.get(f"/api/v1/documents/{document}/pages/1/image?width=1200"))
    found = boxes_of(api, document, 1, "small molecules")
    sideways = rotate in (90, 270)
    assert (found["width"], found["height"]) == ((792, 612) if sideways else (612, 792))
    (box,) = found["boxes"]
    assert ink(image, box) > 0.1
    # The words before and after stand outside: the space on either side is as white as the margin.
    along = 1 if sideways and not upright else 0
    margin = 2.5 / (found["height"] if along else found["width"])
    for side in (along, along + 2):
        strip = list(box)
        strip[side - 2 if side > along else side + 2] = (
            box[side] - margin / 4 if side == along else box[side] + margin / 4
        )
        strip[side] = box[side] - margin if side == along else box[side] + margin
        strip = [min(strip[0], strip[2]), min(strip[1], strip[3]), max(strip[0], strip[2]), max(strip[1], strip[3])]
        assert ink(image, strip) == 0, (side, strip)


def test_a_span_over_two_lines_has_a_box_for_each_and_only_what_is_on_the_page(
    api: Any, read_file: Callable[..., str]
) -> None:
    document = read_file(two_pages())
    boxes = boxes_of(api, document, 1, "molecules pass.\nIts proteins")["boxes"]
    assert len(boxes) == 2
    assert boxes[0][1] < boxes[1][1]
    length = len(text_of(api, document))
    second = api.get(f"/api/v1/documents/{document}/pages/2/boxes?char_start=0&char_end={length}").json()
    assert (second["page"], len(second["boxes"])) == (2, 1)


def test_columns_and_repeated_words_are_found_where_they_stand(api: Any, read_file: Callable[..., str]) -> None:
    left = [f"left column line {n} of the text" for n in range(12)]
    right = [f"right column line {n} of the text" for n in range(12)]
    by_rows = [run for pair in zip(paragraph(left), paragraph(right, x=330), strict=True) for run in pair]
    document = read_file(pdf([by_rows]))
    text = text_of(api, document)
    start = text.index("line 7", text.index("right"))
    url = f"/api/v1/documents/{document}/pages/1/boxes?char_start={start}&char_end={start + 6}"
    (box,) = api.get(url).json()["boxes"]
    assert box[0] > 330 / 612
    assert box[3] == pytest.approx(1 - (720 - 7 * 12) / 792, abs=0.01)


@pytest.mark.parametrize(
    "query", ["", "char_start=1", "char_start=-1&char_end=4", "char_start=4&char_end=4", "char_start=a&char_end=b"]
)
def test_a_malformed_span_is_400(api: Any, read_file: Callable[..., str], query: str) -> None:
    document = read_file(two_pages())
    assert api.get(f"/api/v1/documents/{document}/pages/1/boxes?{query}").status_code == 400


def test_what_cannot_be_shown_is_refused_with_its_code(api: Any, read_file: Callable[..., str]) -> None:
    base = f"/api/v1/documents/{read_file(two_pages())}"
    notes = f"/api/v1/documents/{read_file(b'# Cells', 'a.md')}"
    for url, status, code in (
        (f"{base}/pages/3/image", 404, "page_not_found"),
        (f"{base}/pages/0/image", 404, "page_not_found"),
        (f"{base}/pages/99999999999/boxes?char_start=0&char_end=1", 404, "page_not_found"),
        (f"{base}/pages/1/image?width=2001", 400, "max_value"),
        (f"{base}/pages/1/image?width=wide", 400, "invalid"),
        (f"{base}/pages/1/boxes?char_start=0&char_end=9999", 400, "span_outside_text"),
        (f"{base}/figures/1", 404, "figure_not_found"),
        (f"{notes}/pages/1/image", 404, "no_page_image"),
        (f"{notes}/pages/1/boxes?char_start=0&char_end=1", 404, "no_page_image"),
    ):
        answer = api.get(url)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code), url


def test_what_belongs_to_another_does_not_exist(api: Any, make_user: Any, read_file: Callable[..., str]) -> None:
    base = f"/api/v1/documents/{read_file(with_image())}"
    other = client_for(make_user("other"))
    for path in ("pages/1/image", "pages/1/boxes?char_start=0&char_end=3", "figures/1"):
        assert api.get(f"{base}/{path}").status_code == 200, path
        assert other.get(f"{base}/{path}").status_code == 404, path


def test_who_comes_while_pages_are_drawn_is_told_when_to_come_again(
    api: Any, read_file: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    document = read_file(two_pages())
    monkeypatch.setattr(pictures, "_places", threading.BoundedSemaphore(1))
    with pictures._place():
        answer = api.get(f"/api/v1/documents/{document}/pages/1/image")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (503, "page_image_busy")
    assert int(answer["Retry-After"]) > 0
    assert api.get(f"/api/v1/documents/{document}/pages/1/image").status_code == 200


@pytest.mark.parametrize(("bound", "rectangles"), [(0.3, 200_000), (120.0, 600_000)])
def test_a_page_that_takes_too_long_is_stopped_and_not_tried_again_at_once(
    api: Any, read_file: Callable[..., str], monkeypatch: pytest.MonkeyPatch, bound: float, rectangles: int
) -> None:
    content = b"BT /F1 10 Tf 72 700 Td (Words of a heavy page.) Tj ET\n0.9 g\n" + b"0 0 612 792 re f\n" * rectangles
    objects = pdf_objects([paragraph(LINES), content])
    objects[7] = flate(content)
    monkeypatch.setattr(pictures, "LIMITS", replace(pictures.LIMITS, wall_seconds=bound, cpu_seconds=1))
    document = read_file(serialise(objects))
    url = f"/api/v1/documents/{document}/pages/2/image"
    answer = api.get(url)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (503, "page_image_timeout")
    assert int(answer["Retry-After"]) > 0
    assert api.get(f"/api/v1/documents/{document}/pages/1/image").status_code == 200
    monkeypatch.setattr(sandbox, "ask", lambda *arguments, **options: pytest.fail("tried again"))
    assert api.get(url).json()["errors"][0]["code"] == "page_image_timeout"


def test_pictures_stay_within_their_budget_the_least_seen_go_first(
    api: Any, read_file: Callable[..., str], settings: Any
) -> None:
    base = f"/api/v1/documents/{read_file(two_pages())}/pages"
    sizes = [len(api.get(f"{base}/{page}/image?width=300").content) for page in (1, 2)]
    PagePicture.objects.filter(page=1).update(used_at="2026-01-01T00:00:00Z")
    path = PagePicture.objects.get(page=1).path
    assert pictures.page_pictures_trim(budget=sum(sizes)) == 0
    assert pictures.page_pictures_trim(budget=sum(sizes) - 1) == 1
    pictures.files_discard(paths=[path])  # what the commit does
    assert list(PagePicture.objects.values_list("page", flat=True)) == [2]
    assert api.get(f"{base}/1/image?width=300").status_code == 200
    declared = settings.RUNTIME_SETTINGS
    settings.RUNTIME_SETTINGS = {**declared, "PAGE_PICTURES_MB": replace(declared["PAGE_PICTURES_MB"], default=0)}
    runtime.invalidate()
    assert api.get(f"{base}/1/image?width=301").status_code == 200
    assert not PagePicture.objects.filter(width=301).exists()


def test_a_page_of_extreme_shape_is_bounded(api: Any, read_file: Callable[..., str]) -> None:
    data = two_pages().replace(b"/MediaBox [0 0 612 792]", b"/MediaBox [0 0 61 14400]")
    image = image_of(api.get(f"/api/v1/documents/{read_file(data)}/pages/1/image?width=2000"))
    assert image.width * image.height <= 12_500_000
    assert image.height <= 16_000


def test_figures_are_listed_with_their_captions_and_served(api: Any, read_file: Callable[..., str]) -> None:
    document = read_file(with_image())
    (figure,) = api.get(f"/api/v1/documents/{document}/content?type=structured").json()["figures"]
    assert (figure["n"], figure["page"], figure["caption"]) == (1, 1, "Figure 1: A red square of paint.")
    image = image_of(api.get(f"/api/v1/documents/{document}/figures/1"))
    assert image.size == (figure["width"], figure["height"]) == (200, 100)
    red, green, blue = image.getpixel((100, 50))  # type: ignore[misc]
    assert red > 240 > 20 > max(green, blue)
    assert DocumentFigure.objects.get().size is not None
    assert api.get(f"/api/v1/documents/{document}/figures/1").status_code == 200


def test_pictures_go_with_their_document(
    api: Any, read_file: Callable[..., str], django_capture_on_commit_callbacks: Any
) -> None:
    document = read_file(with_image())
    for path in ("pages/1/image", "figures/1"):
        assert api.get(f"/api/v1/documents/{document}/{path}").status_code == 200
    stray = f"pages/{document}/1-7"  # written by a transaction that did not commit
    default_storage.save(stray, io.BytesIO(b"x"))
    paths = [stray, PagePicture.objects.get().path, DocumentFigure.objects.get().path]
    assert all(map(default_storage.exists, paths))
    row = Document.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        assert api.delete(f"/api/v1/documents/{document}").status_code == 204
    assert not any(map(default_storage.exists, paths))
    assert not PagePicture.objects.exists()
    assert not DocumentFigure.objects.exists()
    # Who drew while it was deleted keeps nothing.
    pictures.page_picture_keep(document_id=row.pk, page=1, width=200, data=b"x")
    assert not PagePicture.objects.exists()


def test_pictures_of_documents_that_are_no_more_are_swept(api: Any, read_file: Callable[..., str]) -> None:
    document = read_file(with_image())
    api.get(f"/api/v1/documents/{document}/pages/1/image")
    kept = PagePicture.objects.get().path
    orphan = "figures/01890000-0000-7000-8000-000000000000/1"
    default_storage.save(orphan, io.BytesIO(b"x"))
    assert pictures_sweep() == 1
    assert (default_storage.exists(orphan), default_storage.exists(kept)) == (False, True)


def test_figures_are_part_of_what_a_person_takes_along(
    api: Any, learner: Any, read_file: Callable[..., str], tmp_path: Path
) -> None:
    from documents_app.services.privacy import export

    document = read_file(with_image())
    picture = api.get(f"/api/v1/documents/{document}/figures/1").content
    exported = dict(export(learner.pk))
    assert exported[f"figures/{document}/1"] == picture
    assert [row["caption"] for row in exported["figures.jsonl"]] == ["Figure 1: A red square of paint."]  # type: ignore[union-attr]


def test_the_pictures_of_an_office_file_are_served_as_they_were_embedded(
    api: Any, read_file: Callable[..., str]
) -> None:
    from docx import Document as WordDocument

    drawn = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 10, 10)).save(drawn, "PNG")
    made, saved = WordDocument(), io.BytesIO()
    made.add_paragraph("A cell has a membrane.")
    made.add_picture(io.BytesIO(drawn.getvalue()))
    made.add_paragraph("Figure 1: A red square.", style="Caption")
    made.save(saved)
    document = read_file(saved.getvalue(), "a.docx")
    content = api.get(f"/api/v1/documents/{document}/content?type=structured").json()
    assert content["figures"] == [{"n": 1, "page": 1, "caption": "Figure 1: A red square.", "width": 64, "height": 48}]
    picture = api.get(f"/api/v1/documents/{document}/figures/1")
    assert (picture["Content-Type"], picture.content) == ("image/png", drawn.getvalue())
