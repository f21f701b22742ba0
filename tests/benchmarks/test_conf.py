import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hydra.errors import ConfigCompositionException
from omegaconf.errors import OmegaConfBaseException

from benchmarks.command_line import CONF
from benchmarks.config import (
    Autocast,
    CellConfig,
    Layout,
    ScoreConfig,
    SheetConfig,
    SpeedConfig,
    to_config,
    to_model_config,
)
from benchmarks.errors import InputError
from evaluators import ScoringProtocol
from xmem import MemoryConfig

Compose = Callable[..., Any]

OPTIONS = sorted(path.relative_to(CONF).with_suffix("") for path in CONF.glob("*/*.yaml"))
GROUPS = sorted({option.parent.name for option in OPTIONS})


# What each entry point is made of, and the values that only its user can give.
ENTRY_POINTS: dict[str, tuple[type, list[str]]] = {
    "run": (CellConfig, []),
    "score": (ScoreConfig, ["masks=somewhere"]),
    "sheet": (SheetConfig, ["run=somewhere"]),
    "speed": (SpeedConfig, []),
}


def test_conf_holds_nothing_but_entry_points_and_groups_of_options() -> None:
    files = {path.relative_to(CONF) for path in CONF.rglob("*") if path.is_file()}
    entry_points = {Path(f"{name}.yaml") for name in ENTRY_POINTS}
    assert files == {option.with_suffix(".yaml") for option in OPTIONS} | entry_points
    assert {path.name for path in CONF.iterdir() if path.is_dir()} == set(GROUPS)
    assert [name for name in ENTRY_POINTS if not (CONF.parent / "benchmarks" / f"{name}.py").exists()] == []


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_every_entry_point_composes_with_its_defaults(compose: Compose, name: str) -> None:
    kind, required = ENTRY_POINTS[name]
    config = to_config(compose(name, *required), kind)
    assert type(config) is kind
    for override in required:
        with pytest.raises(OmegaConfBaseException, match=f"Missing mandatory value: {override.split('=')[0]}"):
            to_config(compose(name), kind)


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_every_group_of_an_entry_point_takes_all_of_its_options(compose: Compose, name: str) -> None:
    kind, required = ENTRY_POINTS[name]
    for option in OPTIONS:
        if option.parent.name in kind.__dataclass_fields__:
            config = to_config(compose(name, *required, f"{option.parent}={option.name}"), kind)
            assert getattr(getattr(config, option.parent.name), "name", option.name) == option.name


def test_every_group_is_a_part_of_a_cell(compose: Compose) -> None:
    parts = to_config(compose("run"), CellConfig)
    assert [group for group in GROUPS if not hasattr(parts, group)] == []


@pytest.mark.parametrize("option", OPTIONS, ids=str)
def test_every_option_composes_into_a_cell(compose: Compose, option: Path) -> None:
    config = to_config(compose("run", f"{option.parent}={option.name}"), CellConfig)
    part = getattr(config, option.parent.name)
    # Its name, where it has one, stands in tables and run folders: it must be the one that is typed.
    assert getattr(part, "name", option.name) == option.name
    if option.parent.name == "variant" and part.untrained is not None:
        to_model_config(part.untrained)


def test_the_default_cell_is_the_published_one(compose: Compose) -> None:
    config = to_config(compose("run"), CellConfig)
    assert (config.variant.name, config.variant.checkpoint) == ("xmem", "XMem.pth")
    assert (config.dataset.layout, config.dataset.scoring) == (Layout.DAVIS_2017, ScoringProtocol.DAVIS_2017)
    assert (config.precision.autocast, config.precision.tf32) == (None, False)
    assert config.resolution.size == 480
    assert config.memory == MemoryConfig()
    assert config.sequences is None


@pytest.mark.parametrize(
    ("overrides", "read", "expected"),
    [
        (["precision=amp"], lambda c: c.precision.autocast, Autocast.FLOAT16),
        (["precision=bf16"], lambda c: c.precision.autocast, Autocast.BFLOAT16),
        (["resolution=native"], lambda c: c.resolution.size, None),
        (["memory=no_long_term"], lambda c: c.memory.long_term, False),
        (["memory.deep_update_every=3"], lambda c: c.memory.deep_update_every, 3),
        (["sequences=[dog,cow]"], lambda c: c.sequences, ("dog", "cow")),
        (["dataset=davis16_val"], lambda c: c.dataset.scoring, ScoringProtocol.DAVIS_2016),
        (["dataset=folder"], lambda c: c.dataset.scoring, ScoringProtocol.FIRST_APPEARANCE),
    ],
)
def test_what_is_chosen_arrives(
    compose: Compose, overrides: list[str], read: Callable[[CellConfig], object], expected: object
) -> None:
    assert read(to_config(compose("run", *overrides), CellConfig)) == expected


@pytest.mark.parametrize("option", OPTIONS, ids=str)
def test_a_mistyped_key_in_any_option_file_fails_as_it_is_composed(
    compose: Compose, tmp_path: Path, option: Path
) -> None:
    conf = tmp_path / "conf"
    shutil.copytree(CONF, conf)
    with (conf / option).with_suffix(".yaml").open("a") as file:
        file.write("\nnmae: typo\n")
    with pytest.raises((ConfigCompositionException, OmegaConfBaseException), match="nmae"):
        compose("run", f"{option.parent}={option.name}", folder=conf)


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_a_mistyped_key_in_an_entry_points_file_fails_as_it_is_composed(
    compose: Compose, tmp_path: Path, name: str
) -> None:
    conf = tmp_path / "conf"
    shutil.copytree(CONF, conf)
    file = conf / f"{name}.yaml"
    file.write_text(file.read_text() + "\nthredas: 3\n")
    with pytest.raises((ConfigCompositionException, OmegaConfBaseException), match="thredas"):
        compose(name, folder=conf)


@pytest.mark.parametrize("key", ["colour", "variant.colour", "memory.colour"])
def test_a_key_that_was_forced_past_the_schema_is_refused_all_the_same(compose: Compose, key: str) -> None:
    with pytest.raises(InputError, match=f"expected keys of CellConfig, found {key}$"):
        to_config(compose("run", f"+{key}=3"), CellConfig)


def test_sizes_of_an_untrained_network_are_free_in_number_but_not_in_name_or_range() -> None:
    assert to_model_config({"key_dim": 8}).key_dim == 8
    with pytest.raises(InputError, match=r"variant\.untrained, found \['key_dmi'\]"):
        to_model_config({"key_dmi": 8})
    with pytest.raises(InputError, match=r"variant\.untrained: Expected `int`, got `str`"):
        to_model_config({"key_dim": "8"})
    with pytest.raises(InputError, match="expected every width"):
        to_model_config({"key_dim": 0})
