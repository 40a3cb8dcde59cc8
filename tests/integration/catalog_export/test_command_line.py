"""`shop export products` as a merchant runs it."""

from tests.factories.catalog import make_product
from tests.integration.catalog_import.test_command_line import shop


async def test_a_file_is_written_whole_and_said_to_be(tmp_path):
    await make_product(slug="mug")
    target = tmp_path / "goods.csv"
    target.write_text("before")
    run = shop("export", "products", target, "--images", tmp_path / "images")
    assert run.returncode == 0, run.stderr
    assert "1 products exported in 1 rows, 0 images copied." in run.stderr
    assert target.read_text().splitlines()[1].startswith("mug,")
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "data") == ["goods.csv", "images"]


async def test_without_a_file_it_goes_to_stdout_and_what_is_lost_to_stderr():
    await make_product(slug="free", price=None)
    run = shop("export", "products", "--format", "jsonl")
    assert run.returncode == 1
    assert run.stdout.startswith('{"slug":"free",')
    assert "free: FREE-1: no price" in run.stderr


async def test_a_folder_that_is_not_there_is_one_line(tmp_path):
    run = shop("export", "products", tmp_path / "nowhere" / "goods.csv")
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert "No such file or directory" in run.stderr
