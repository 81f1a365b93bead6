"""Tables beside a bundle: proved when written, checked when read, built again when anything is amiss."""

from __future__ import annotations

import dataclasses
import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from tests.unit.model.generated_forests import generated
from tests.unit.model.handoffs import features, handoffs

from salesworthy.domain.errors import GateRefused
from salesworthy.model.bundle import PROOF, read_bundle, write_bundle
from salesworthy.model.conversion import ConversionModel
from salesworthy.model.reason_tables.proof import Proof, prove
from salesworthy.model.reason_tables.store import KeptTables, place_of, read_tables, write_tables
from salesworthy.model.trees import Trees


@pytest.fixture(scope="module")
def trees():
    return generated("plain", seed=5, rows=500, trees=8).trees


def tampered(tables):
    """Tables in which one cell is off by a thousandth."""
    shares = tables.shares.copy()
    shares[: tables.cell_start[1]] += np.int32(0.001 / tables.unit)
    return dataclasses.replace(tables, shares=shares)


def test_the_same_model_gives_the_same_tables_and_bytes(trees, tmp_path):
    again = Trees(trees.text).tables
    assert again.sha256 == trees.tables.sha256 != tampered(again).sha256
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir()
    written = [write_tables(each, tmp_path / name) for each, name in ((trees.tables, "a"), (again, "b"))]
    assert written[0].name == written[1].name
    assert written[0].read_bytes() == written[1].read_bytes()
    assert read_tables(tmp_path / "a", again.sha256).sha256 == again.sha256


def test_a_proof_says_how_far_off_the_tables_are(trees):
    proof = prove(trees, generated("plain", seed=5).rows)
    assert (proof.sha256, proof.rows, proof.why_none) == (trees.tables.sha256, 600, "")
    assert 0 <= proof.largest_error < 1e-7


def test_tables_that_are_off_are_refused(trees):
    off = Trees(trees.text, lambda each: tampered(trees.tables))
    with pytest.raises(GateRefused, match="more than 1e-05"):
        prove(off)


def test_without_trees_or_tables_the_proof_says_why(trees):
    assert prove(None).to_json()["why_none"] == "the model has no trees"
    several = Trees(trees.text.replace("num_tree_per_iteration=1", "num_tree_per_iteration=3"))
    assert prove(several) == Proof(why_none="it has several trees per step")


@pytest.mark.parametrize("damage", ["absent", "cut short", "a bit", "a pickle", "other tables"])
def test_damaged_tables_are_built_again(trees, tmp_path, damage, caplog):
    sha256 = trees.tables.sha256
    place = write_tables(trees.tables, tmp_path)
    content = place.read_bytes()
    if damage == "absent":
        place.unlink()
    elif damage == "cut short":
        place.write_bytes(content[: len(content) // 2])
    elif damage == "a bit":
        place.write_bytes(
            content[: len(content) // 2] + bytes([content[len(content) // 2] ^ 1]) + content[len(content) // 2 + 1 :]
        )
    elif damage == "a pickle":
        with place.open("wb") as file:
            np.savez(file, **{**trees.tables.arrays(), "shares": np.array([object()])})
    else:
        with place.open("wb") as file:
            np.savez(file, **tampered(trees.tables).arrays())
    with caplog.at_level(logging.WARNING):
        found = Trees(trees.text, KeptTables(tmp_path, {"sha256": sha256})).tables
    assert found.sha256 == sha256
    assert place.read_bytes() == content
    assert ("built again" in caplog.text) == (damage != "absent")


def test_tables_built_otherwise_than_at_registration_are_proved_again(trees, tmp_path):
    found = Trees(trees.text, KeptTables(tmp_path, {"sha256": "0" * 64})).tables
    assert found.sha256 == trees.tables.sha256
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_does_not_matter(trees, tmp_path):
    absent = tmp_path / "gone"
    found = Trees(trees.text, KeptTables(absent, {"sha256": trees.tables.sha256})).tables
    assert found.sha256 == trees.tables.sha256


@pytest.fixture(scope="module")
def registered(tmp_path_factory):
    """A model, and its bundle with proved tables."""
    rows = handoffs(6_000)
    rows = rows.take(rows.judged)
    fitted = ConversionModel(seed=1).fit(rows.features, rows.label, times=rows.handed_at).fitted_
    assert fitted.trees is not None, "this sample should need trees; change it"
    proof = prove(fitted.trees, fitted.encoded(rows.features.slice(0, 300)).trees)
    folder = tmp_path_factory.mktemp("models") / "v1"
    return fitted, folder, write_bundle(fitted, folder, metadata={PROOF: proof.to_json()})


def test_a_bundle_names_its_tables_and_keeps_them(registered):
    fitted, folder, sha256 = registered
    bundle = read_bundle(folder, expected_sha256=sha256)
    assert place_of(folder, bundle.metadata[PROOF]["sha256"]).is_file()
    table = features(100, 3)
    assert np.array_equal(bundle.model.explain(table).contributions, fitted.explain(table).contributions)


def test_words_as_a_dictionary_give_the_same_figures(registered):
    fitted = registered[0]
    table = features(200, 4)
    coded = table.set_column(
        3,
        "role",
        pa.chunked_array(
            [
                each.dictionary_encode()
                for each in (table["role"].chunk(0).slice(0, 50), table["role"].chunk(0).slice(50))
            ]
        ),
    )
    assert np.array_equal(fitted.explain(coded).contributions, fitted.explain(table).contributions)


def test_scoring_loads_neither_lightgbm_nor_what_training_needs(registered):
    script = """
import sys
import pyarrow as pa
from salesworthy.model.bundle import read_bundle
model = read_bundle(sys.argv[1]).model
row = pa.table({"visits": [2], "days_since_visit": [3.5], "attended": [True], "role": ["nurse"]})
told = model.explain(row)
heavy = {"lightgbm", "sklearn", "scipy", "mlflow", "shap", "numba"} & set(sys.modules)
print(float(told.log_odds[0]), *sorted(heavy))
"""
    command = [sys.executable, "-c", script, str(registered[1])]
    told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path.cwd()).stdout.split()
    row = pa.table({"visits": [2], "days_since_visit": [3.5], "attended": [True], "role": ["nurse"]})
    assert told == [str(float(registered[0].explain(row).log_odds[0]))]
