"""A portal's words in other languages stand beside it, and none is missing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.services.manifest_words import localised, texts
from gateway.portals import load_portal

_MANIFESTS = sorted((Path(__file__).parents[2] / "resources" / "manifests").glob("*.toml"))


def _figures(text: str) -> list[str]:
    return sorted(re.findall(r"\d+", re.sub(r"(?<=\d)[.,](?=\d{3})", "", text)))


@pytest.mark.parametrize("path", _MANIFESTS, ids=lambda path: path.stem)
def test_every_text_of_a_shipped_portal_is_there_in_german(path: Path) -> None:
    manifest = load_portal(path)
    words, said = manifest.words.get("de", {}), set(texts(manifest))
    assert sorted(said - set(words)) == []
    if path.stem == "partner":
        assert sorted(set(words) - said) == [], "said nowhere any more"
    figures = {text for text in said if _figures(text) != _figures(words[text])}
    assert sorted(figures) == [], "says another figure"


def test_a_portal_in_another_language_keeps_its_names_and_rules() -> None:
    manifest = load_portal(_MANIFESTS[-1].with_name("partner.toml"))
    german = localised(manifest, "de")
    deal, said = manifest.entity("deal_registration"), german.entity("deal_registration")
    assert deal is not None
    assert said is not None
    assert (said.label, said.plural) == ("Registrierung", "Registrierungen")
    assert [spec.name for spec in said.fields] == [spec.name for spec in deal.fields]
    assert said.by_name["amount"].label == "Betrag"
    assert said.by_name["amount"].rules == deal.by_name["amount"].rules
    assert said.lifecycle is not None
    assert deal.lifecycle is not None
    assert [state.name for state in said.lifecycle.states] == [state.name for state in deal.lifecycle.states]
    assert localised(manifest, "en") is manifest


def test_words_that_are_no_words_are_refused(tmp_path: Path) -> None:
    portal = tmp_path / "partner.toml"
    portal.write_bytes(_MANIFESTS[-1].with_name("partner.toml").read_bytes())
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "partner.de.toml").write_text('[words]\nOpen = { de = "Offen" }\n', "utf-8")
    with pytest.raises(ValueError, match=r"partner\.de\.toml"):
        load_portal(portal)
